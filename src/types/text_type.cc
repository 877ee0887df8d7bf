#include "types/text_type.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/fixed_ops.h"
#include "types/integer_type.h"
#include "types/utf8.h"

namespace sundog::types {

namespace {

Datum InputText(const IoContext&, const TypeInfo&, std::string_view text, int32_t,
                base::Arena& arena) {
  return Datum::From(arena.Copy(text));
}

void OutputText(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += value.As<std::string_view>();
}

Datum ReceiveText(const IoContext& io, const TypeInfo& type, std::string_view bytes,
                  int32_t typmod, base::Arena& arena) {
  ValidateUtf8(bytes);
  return type.ops->input(io, type, bytes, typmod, arena);
}

int CompareTextDatums(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareText(a.As<std::string_view>(), b.As<std::string_view>());
}

uint64_t HashText(const TypeLookup&, const TypeInfo&, const Datum& value) {
  return HashBytes(value.As<std::string_view>());
}

Datum InputVarchar(const IoContext&, const TypeInfo&, std::string_view text, int32_t typmod,
                   base::Arena& arena) {
  return Datum::From(arena.Copy(CoerceVarchar(text, typmod, false)));
}

Datum InputBpchar(const IoContext&, const TypeInfo&, std::string_view text, int32_t typmod,
                  base::Arena& arena) {
  return Datum::From(arena.Copy(CoerceBpchar(text, typmod, false, arena)));
}

int CompareBpchar(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareText(TrimBlanksRight(a.As<std::string_view>()),
                     TrimBlanksRight(b.As<std::string_view>()));
}

uint64_t HashBpchar(const TypeLookup&, const TypeInfo&, const Datum& value) {
  return HashBytes(TrimBlanksRight(value.As<std::string_view>()));
}

Datum InputName(const IoContext&, const TypeInfo&, std::string_view text, int32_t,
                base::Arena& arena) {
  return Datum::From(arena.Copy(CoerceName(text)));
}

Datum ReceiveName(const IoContext& io, const TypeInfo& type, std::string_view bytes, int32_t,
                  base::Arena& arena) {
  if (bytes.size() > kNameMaxBytes) {
    throw SqlError(sqlstate::kNameTooLong, "identifier too long")
        .Detail("Identifier must be less than 64 characters.");
  }
  return ReceiveText(io, type, bytes, -1, arena);
}

Datum InputChar(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  return Datum::From<char>(ParseCharInternal(text));
}

void OutputChar(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  AppendCharInternal(value.As<char>(), to);
}

Datum ReceiveChar(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t,
                  base::Arena&) {
  WireReader reader(bytes);
  char value = static_cast<char>(reader.Read<int8_t>());
  reader.Finish();
  return Datum::From<char>(value);
}

void SendChar(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += value.As<char>();
}

int CompareChar(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareValues(static_cast<uint8_t>(a.As<char>()), static_cast<uint8_t>(b.As<char>()));
}

int32_t LengthTypmod(std::string_view type, std::span<const std::string_view> arguments) {
  if (arguments.size() != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid type modifier");
  }
  int32_t length = ParseInt32(arguments[0]);
  if (length < 1) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("length for type {} must be at least 1", type));
  }
  constexpr int32_t kMaxLength = 10485760;
  if (length > kMaxLength) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("length for type {} cannot exceed {}", type, kMaxLength));
  }
  return length + 4;
}

int32_t VarcharTypmodIn(std::span<const std::string_view> arguments) {
  return LengthTypmod("varchar", arguments);
}

int32_t BpcharTypmodIn(std::span<const std::string_view> arguments) {
  return LengthTypmod("char", arguments);
}

std::string LengthTypmodOut(int32_t typmod) {
  return typmod > 4 ? fmt::format("({})", typmod - 4) : "";
}

constexpr TypeOps kTextOps = {.input = InputText,
                              .output = OutputText,
                              .receive = ReceiveText,
                              .send = OutputText,
                              .compare = CompareTextDatums,
                              .hash = HashText};

// A text without a binary form.
constexpr TypeOps kAclitemOps = {.input = kTextOps.input,
                                 .output = kTextOps.output,
                                 .compare = kTextOps.compare,
                                 .hash = kTextOps.hash};

constexpr TypeOps kVarcharOps = {.input = InputVarchar,
                                 .output = OutputText,
                                 .receive = ReceiveText,
                                 .send = OutputText,
                                 .compare = CompareTextDatums,
                                 .hash = HashText,
                                 .typmod_in = VarcharTypmodIn,
                                 .typmod_out = LengthTypmodOut};

constexpr TypeOps kBpcharOps = {.input = InputBpchar,
                                .output = OutputText,
                                .receive = ReceiveText,
                                .send = OutputText,
                                .compare = CompareBpchar,
                                .hash = HashBpchar,
                                .typmod_in = BpcharTypmodIn,
                                .typmod_out = LengthTypmodOut};

constexpr TypeOps kNameOps = {.input = InputName,
                              .output = OutputText,
                              .receive = ReceiveName,
                              .send = OutputText,
                              .compare = CompareTextDatums,
                              .hash = HashText};

constexpr TypeOps kCharOps = {.input = InputChar,
                              .output = OutputChar,
                              .receive = ReceiveChar,
                              .send = SendChar,
                              .compare = CompareChar,
                              .hash = HashFixed<char>};

constexpr TypeOpsEntry kOps[] = {
    {oids::kText, &kTextOps},       {oids::kVarchar, &kVarcharOps}, {oids::kBpchar, &kBpcharOps},
    {oids::kName, &kNameOps},       {oids::kUnknown, &kTextOps},    {oids::kCstring, &kTextOps},
    {oids::kCharInternal, &kCharOps},
    // Their text is their value.
    {oids::kAclitem, &kAclitemOps}, {oids::kPgNodeTree, &kTextOps}, {oids::kRefcursor, &kTextOps}};

// The byte length of the first `max_characters` characters if `text` has more of them. Throws
// unless what follows is blank or the cast is explicit.
size_t FitLength(std::string_view type, std::string_view text, size_t max_characters,
                 bool explicit_cast) {
  if (text.size() <= max_characters) return text.size();
  size_t end = CharacterOffset(text, max_characters);
  if (!explicit_cast && text.find_first_not_of(' ', end) != std::string_view::npos) {
    throw SqlError(sqlstate::kStringDataRightTruncation,
                   fmt::format("value too long for type {}({})", type, max_characters));
  }
  return end;
}

}  // namespace

std::string_view CoerceVarchar(std::string_view text, int32_t typmod, bool explicit_cast) {
  if (typmod < 4) return text;
  return text.substr(0, FitLength("character varying", text, static_cast<size_t>(typmod - 4),
                                  explicit_cast));
}

std::string_view CoerceBpchar(std::string_view text, int32_t typmod, bool explicit_cast,
                              base::Arena& arena) {
  if (typmod < 4) return text;
  size_t length = static_cast<size_t>(typmod - 4);
  text = text.substr(0, FitLength("character", text, length, explicit_cast));
  size_t characters = CountCharacters(text);
  if (characters >= length) return text;
  size_t size = text.size() + length - characters;
  char* padded = arena.AllocateBytes(size);
  text.copy(padded, text.size());
  std::fill(padded + text.size(), padded + size, ' ');
  return {padded, size};
}

std::string_view CoerceName(std::string_view text) { return ClipToBytes(text, kNameMaxBytes); }

char ParseCharInternal(std::string_view text) {
  auto octal = [&](size_t i) { return text[i] >= '0' && text[i] <= '7'; };
  if (text.size() == 4 && text[0] == '\\' && octal(1) && octal(2) && octal(3)) {
    return static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
  }
  return text.empty() ? '\0' : text[0];
}

void AppendCharInternal(char value, std::string& to) {
  uint8_t byte = static_cast<uint8_t>(value);
  if (byte >= 0x80) {
    to += fmt::format("\\{:03o}", byte);
  } else if (byte != 0) {
    to += value;
  }
}

std::span<const TypeOpsEntry> TextTypeOps() { return kOps; }

}  // namespace sundog::types
