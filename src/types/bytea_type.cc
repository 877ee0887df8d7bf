#include "types/bytea_type.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/hash.h"
#include "types/io_settings.h"
#include "types/text_type.h"
#include "types/utf8.h"

namespace sundog::types {

namespace {

int HexDigit(std::string_view rest) {
  int value = HexDigitValue(rest[0]);
  if (value < 0) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("invalid hexadecimal digit: \"{}\"",
                               rest.substr(0, Utf8Length(rest[0]))));
  }
  return value;
}

Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t,
            base::Arena& arena) {
  std::string bytes;
  if (text.starts_with("\\x")) {
    DecodeHex(text.substr(2), bytes);
  } else {
    DecodeEscaped(text, bytes);
  }
  return Datum::From(arena.Copy(bytes));
}

void Output(const IoContext& io, const TypeInfo&, const Datum& value, std::string& to) {
  std::string_view bytes = value.As<std::string_view>();
  if (io.settings->bytea_output == ByteaOutput::kEscape) return AppendEscaped(bytes, to);
  to += "\\x";
  AppendHex(bytes, to);
}

Datum Receive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t,
              base::Arena& arena) {
  return Datum::From(arena.Copy(bytes));
}

void Send(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += value.As<std::string_view>();
}

int Compare(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareText(a.As<std::string_view>(), b.As<std::string_view>());
}

uint64_t Hash(const TypeLookup&, const TypeInfo&, const Datum& value) {
  return HashBytes(value.As<std::string_view>());
}

constexpr TypeOps kByteaOps = {.input = Input,
                               .output = Output,
                               .receive = Receive,
                               .send = Send,
                               .compare = Compare,
                               .hash = Hash};

constexpr TypeOpsEntry kOps[] = {{oids::kBytea, &kByteaOps}};

}  // namespace

void AppendHex(std::string_view bytes, std::string& to) {
  constexpr char kDigits[] = "0123456789abcdef";
  to.reserve(to.size() + 2 * bytes.size());
  for (char c : bytes) {
    to += kDigits[static_cast<uint8_t>(c) >> 4];
    to += kDigits[static_cast<uint8_t>(c) & 15];
  }
}

void DecodeHex(std::string_view text, std::string& to) {
  while (!text.empty()) {
    if (text[0] == ' ' || text[0] == '\n' || text[0] == '\t' || text[0] == '\r') {
      text.remove_prefix(1);
      continue;
    }
    int high = HexDigit(text);
    if (text.size() < 2) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     "invalid hexadecimal data: odd number of digits");
    }
    to += static_cast<char>(high * 16 + HexDigit(text.substr(1)));
    text.remove_prefix(2);
  }
}

void AppendEscaped(std::string_view bytes, std::string& to) {
  for (char c : bytes) {
    uint8_t byte = static_cast<uint8_t>(c);
    if (byte == 0 || byte >= 0x80) {
      to += '\\';
      to += static_cast<char>('0' + (byte >> 6));
      to += static_cast<char>('0' + (byte >> 3 & 7));
      to += static_cast<char>('0' + (byte & 7));
    } else {
      if (c == '\\') to += '\\';
      to += c;
    }
  }
}

void DecodeEscaped(std::string_view text, std::string& to) {
  auto octal = [&](size_t i, char max) {
    return i < text.size() && text[i] >= '0' && text[i] <= max;
  };
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      to += text[i++];
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      to += '\\';
      i += 2;
    } else if (octal(i + 1, '3') && octal(i + 2, '7') && octal(i + 3, '7')) {
      to += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                              (text[i + 3] - '0'));
      i += 4;
    } else {
      throw SqlError(sqlstate::kInvalidTextRepresentation, "invalid input syntax for type bytea");
    }
  }
}

std::span<const TypeOpsEntry> ByteaTypeOps() { return kOps; }

}  // namespace sundog::types
