#include "types/uuid_type.h"

#include <fmt/format.h>

#include <cstring>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/hash.h"
#include "types/wire_reader.h"

namespace sundog::types {

namespace {

bool Scan(std::string_view text, Uuid* uuid) {
  bool braces = text.starts_with('{');
  if (braces) text.remove_prefix(1);
  for (size_t i = 0; i < sizeof(uuid->bytes); ++i) {
    if (text.size() < 2) return false;
    int high = HexDigitValue(text[0]);
    int low = HexDigitValue(text[1]);
    if (high < 0 || low < 0) return false;
    uuid->bytes[i] = static_cast<uint8_t>(high * 16 + low);
    text.remove_prefix(2);
    if (text.starts_with('-') && i % 2 == 1 && i + 1 < sizeof(uuid->bytes)) text.remove_prefix(1);
  }
  return text == (braces ? "}" : "");
}

Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  return Datum::From<Uuid>(ParseUuid(text));
}

void Output(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  AppendUuid(value.As<Uuid>(), to);
}

Datum Receive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t, base::Arena&) {
  WireReader reader(bytes);
  Uuid uuid;
  std::memcpy(uuid.bytes, reader.ReadBytes(sizeof(uuid.bytes)).data(), sizeof(uuid.bytes));
  reader.Finish();
  return Datum::From<Uuid>(uuid);
}

void Send(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  Uuid uuid = value.As<Uuid>();
  to.append(reinterpret_cast<const char*>(uuid.bytes), sizeof(uuid.bytes));
}

int Compare(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return std::memcmp(a.payload(), b.payload(), sizeof(Uuid));
}

uint64_t Hash(const TypeLookup&, const TypeInfo&, const Datum& value) {
  uint64_t halves[2];
  std::memcpy(halves, value.payload(), sizeof(halves));
  return CombineHashes(HashInteger(halves[0]), halves[1]);
}

constexpr TypeOps kUuidOps = {.input = Input,
                              .output = Output,
                              .receive = Receive,
                              .send = Send,
                              .compare = Compare,
                              .hash = Hash};

constexpr TypeOpsEntry kOps[] = {{oids::kUuid, &kUuidOps}};

}  // namespace

Uuid ParseUuid(std::string_view text) {
  Uuid uuid;
  if (!Scan(text, &uuid)) {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("invalid input syntax for type uuid: \"{}\"", text));
  }
  return uuid;
}

void AppendUuid(const Uuid& uuid, std::string& to) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < sizeof(uuid.bytes); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) to += '-';
    to += kDigits[uuid.bytes[i] >> 4];
    to += kDigits[uuid.bytes[i] & 15];
  }
}

std::span<const TypeOpsEntry> UuidTypeOps() { return kOps; }

}  // namespace sundog::types
