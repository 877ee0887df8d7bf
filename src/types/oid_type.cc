#include "types/oid_type.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/fixed_ops.h"
#include "types/integer_type.h"

namespace sundog::types {

namespace {

[[noreturn]] void ThrowSyntax(std::string_view type, std::string_view text) {
  throw SqlError(sqlstate::kInvalidTextRepresentation,
                 fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
}

[[noreturn]] void ThrowRange(std::string_view type, std::string_view text) {
  throw SqlError(sqlstate::kNumericValueOutOfRange,
                 fmt::format("value \"{}\" is out of range for type {}", text, type));
}

Datum InputOid(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  return Datum::From<uint32_t>(ParseOid(text));
}

void OutputOid(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  AppendInteger(value.As<uint32_t>(), to);
}

// xid and cid take what strtoul makes of the text, without complaint.
Datum InputXid(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  std::string copy(text);
  return Datum::From<uint32_t>(static_cast<uint32_t>(std::strtoul(copy.c_str(), nullptr, 0)));
}

Datum InputXid8(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  std::string copy(text);
  return Datum::From<int64_t>(static_cast<int64_t>(std::strtoull(copy.c_str(), nullptr, 0)));
}

void OutputUnsigned64(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += fmt::format("{}", static_cast<uint64_t>(value.As<int64_t>()));
}

int CompareUnsigned64(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareValues(static_cast<uint64_t>(a.As<int64_t>()),
                       static_cast<uint64_t>(b.As<int64_t>()));
}

Datum InputLsn(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  return Datum::From<int64_t>(static_cast<int64_t>(ParseLsn(text)));
}

void OutputLsn(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  uint64_t lsn = static_cast<uint64_t>(value.As<int64_t>());
  to += fmt::format("{:X}/{:X}", lsn >> 32, lsn & 0xffffffff);
}

// One decimal number that ends at `end`, moved past together with it; false if malformed.
bool TakeTidPart(std::string_view* rest, char end, uint64_t max, uint64_t* value) {
  size_t at = rest->find(end);
  if (at == std::string_view::npos || at == 0 || at > 20) return false;
  std::string part(rest->substr(0, at));
  char* stop = nullptr;
  errno = 0;
  *value = std::strtoul(part.c_str(), &stop, 10);
  rest->remove_prefix(at + 1);
  if (errno != 0 || *stop != '\0') return false;
  // A negative block number is taken as the unsigned one of the same 32 bits.
  bool wraps = *value == static_cast<uint64_t>(static_cast<int32_t>(*value));
  if (*value > max && max == 0xffffffff && wraps) *value &= max;
  return *value <= max;
}

Datum InputTid(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  std::string_view rest = text.substr(std::min(text.find('('), text.size()));
  uint64_t block = 0;
  uint64_t offset = 0;
  if (!rest.empty()) rest.remove_prefix(1);
  if (!TakeTidPart(&rest, ',', 0xffffffff, &block) || !TakeTidPart(&rest, ')', 0xffff, &offset)) {
    ThrowSyntax("tid", text);
  }
  return Datum::From<int64_t>(static_cast<int64_t>(block << 16 | offset));
}

void OutputTid(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  uint64_t tid = static_cast<uint64_t>(value.As<int64_t>());
  to += fmt::format("({},{})", tid >> 16, tid & 0xffff);
}

Datum ReceiveTid(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t,
                 base::Arena&) {
  WireReader reader(bytes);
  int64_t block = static_cast<uint32_t>(reader.Read<int32_t>());
  int64_t offset = static_cast<uint16_t>(reader.Read<int16_t>());
  reader.Finish();
  return Datum::From<int64_t>(block << 16 | offset);
}

void SendTid(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  int64_t tid = value.As<int64_t>();
  base::AppendBigEndian<uint32_t>(to, static_cast<uint32_t>(tid >> 16));
  base::AppendBigEndian<uint16_t>(to, static_cast<uint16_t>(tid));
}

bool AllDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Datum InputReg(const IoContext& io, const TypeInfo& type, std::string_view text, int32_t,
               base::Arena&) {
  if (text == "-") return Datum::From<uint32_t>(kInvalidOid);
  if (AllDigits(text)) return Datum::From<uint32_t>(ParseOid(text));
  if (io.names == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("{} \"{}\" does not exist", type.name, text));
  }
  return Datum::From<uint32_t>(io.names->Resolve(type.oid, text));
}

void OutputReg(const IoContext& io, const TypeInfo& type, const Datum& value, std::string& to) {
  Oid object = value.As<uint32_t>();
  if (object == kInvalidOid) {
    to += type.oid == oids::kRegoper || type.oid == oids::kRegoperator ? "0" : "-";
    return;
  }
  std::string name = io.names != nullptr ? io.names->NameOf(type.oid, object) : "";
  if (name.empty() && type.oid == oids::kRegtype && io.types->FindType(object) != nullptr) {
    name = FormatType(*io.types, {object, -1});
  }
  if (name.empty()) name = fmt::format("{}", object);
  to += name;
}

Datum InputVoid(const IoContext&, const TypeInfo&, std::string_view, int32_t, base::Arena&) {
  return Datum::From<bool>(false);
}

void OutputVoid(const IoContext&, const TypeInfo&, const Datum&, std::string&) {}

constexpr TypeOps kOidOps = {.input = InputOid,
                             .output = OutputOid,
                             .receive = ReceiveFixed<uint32_t>,
                             .send = SendFixed<uint32_t>,
                             .compare = CompareFixed<uint32_t>,
                             .hash = HashFixed<uint32_t>};

constexpr TypeOps kXidOps = {.input = InputXid,
                             .output = OutputOid,
                             .receive = ReceiveFixed<uint32_t>,
                             .send = SendFixed<uint32_t>,
                             .compare = CompareFixed<uint32_t>,
                             .hash = HashFixed<uint32_t>};

constexpr TypeOps kXid8Ops = {.input = InputXid8,
                              .output = OutputUnsigned64,
                              .receive = ReceiveFixed<int64_t>,
                              .send = SendFixed<int64_t>,
                              .compare = CompareUnsigned64,
                              .hash = HashFixed<int64_t>};

constexpr TypeOps kLsnOps = {.input = InputLsn,
                             .output = OutputLsn,
                             .receive = ReceiveFixed<int64_t>,
                             .send = SendFixed<int64_t>,
                             .compare = CompareUnsigned64,
                             .hash = HashFixed<int64_t>};

constexpr TypeOps kTidOps = {.input = InputTid,
                             .output = OutputTid,
                             .receive = ReceiveTid,
                             .send = SendTid,
                             .compare = CompareFixed<int64_t>,
                             .hash = HashFixed<int64_t>};

constexpr TypeOps kRegOps = {.input = InputReg,
                             .output = OutputReg,
                             .receive = ReceiveFixed<uint32_t>,
                             .send = SendFixed<uint32_t>,
                             .compare = CompareFixed<uint32_t>,
                             .hash = HashFixed<uint32_t>};

constexpr TypeOps kVoidOps = {
    .input = InputVoid, .output = OutputVoid, .receive = nullptr, .send = OutputVoid};

constexpr TypeOpsEntry kOps[] = {
    {oids::kOid, &kOidOps},
    {oids::kXid, &kXidOps},
    {oids::kCid, &kXidOps},
    {oids::kXid8, &kXid8Ops},
    {oids::kPgLsn, &kLsnOps},
    {oids::kTid, &kTidOps},
    {oids::kVoid, &kVoidOps},
    {oids::kRegproc, &kRegOps},
    {oids::kRegprocedure, &kRegOps},
    {oids::kRegoper, &kRegOps},
    {oids::kRegoperator, &kRegOps},
    {oids::kRegclass, &kRegOps},
    {oids::kRegtype, &kRegOps},
    {oids::kRegrole, &kRegOps},
    {oids::kRegnamespace, &kRegOps},
    {oids::kRegcollation, &kRegOps},
    {oids::kRegconfig, &kRegOps},
    {oids::kRegdictionary, &kRegOps},
};

}  // namespace

// Takes signed and unsigned 32-bit values: "-1" is 4294967295.
Oid ParseOid(std::string_view text) {
  std::string copy(text);
  char* end = nullptr;
  errno = 0;
  unsigned long value = std::strtoul(copy.c_str(), &end, 10);
  if (end == copy.c_str()) ThrowSyntax("oid", text);
  if (errno == ERANGE) ThrowRange("oid", text);
  if (!TrimSpaceLeft(end).empty()) ThrowSyntax("oid", text);
  Oid oid = static_cast<Oid>(value);
  if (value != oid && value != static_cast<unsigned long>(static_cast<int32_t>(oid))) {
    ThrowRange("oid", text);
  }
  return oid;
}

uint64_t ParseLsn(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  size_t slash = std::min(text.find_first_not_of(kHex), text.size());
  std::string_view rest = text.substr(std::min(slash + 1, text.size()));
  if (slash < 1 || slash > 8 || slash == text.size() || text[slash] != '/' || rest.empty() ||
      rest.size() > 8 || rest.find_first_not_of(kHex) != std::string_view::npos) {
    ThrowSyntax("pg_lsn", text);
  }
  std::string high(text.substr(0, slash));
  std::string low(rest);
  return std::strtoull(high.c_str(), nullptr, 16) << 32 | std::strtoull(low.c_str(), nullptr, 16);
}

std::span<const TypeOpsEntry> OidTypeOps() { return kOps; }

}  // namespace sundog::types
