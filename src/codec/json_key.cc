#include "codec/json_key.h"

#include "base/bytes.h"
#include "codec/numeric_key.h"
#include "types/jsonb.h"

namespace sundog::codec {
namespace {

using types::Jsonb;
using types::JsonbTag;

enum Root : char { kEmptyArray = 0, kScalar = 1, kContainer = 2 };

enum Part : char {
  kNull = 1,
  kString = 2,
  kNumber = 3,
  kBoolean = 4,
  kArray = 5,
  kObject = 6,
};

constexpr size_t kCountBytes = 4;

void AppendValue(Jsonb value, std::string& to) {
  switch (value.tag()) {
    case JsonbTag::kNull:
      to.push_back(kNull);
      return;
    case JsonbTag::kString:
      to.push_back(kString);
      return AppendEscaped(value.string(), to);
    case JsonbTag::kNumber:
      to.push_back(kNumber);
      return AppendNumericKey(value.number(), to);
    case JsonbTag::kFalse:
    case JsonbTag::kTrue:
      to.push_back(kBoolean);
      to.push_back(value.boolean() ? 1 : 0);
      return;
    case JsonbTag::kArray:
      to.push_back(kArray);
      base::AppendBigEndian(to, static_cast<uint32_t>(value.count()));
      for (int i = 0; i < value.count(); ++i) AppendValue(value.Element(i), to);
      return;
    case JsonbTag::kObject:
      to.push_back(kObject);
      base::AppendBigEndian(to, static_cast<uint32_t>(value.count()));
      for (int i = 0; i < value.count(); ++i) {
        AppendEscaped(value.Key(i), to);
        AppendValue(value.Value(i), to);
      }
      return;
  }
}

size_t ValueWidth(std::string_view key, uint8_t flip) {
  char part = static_cast<char>(static_cast<uint8_t>(key[0]) ^ flip);
  std::string_view rest = key.substr(1);
  switch (part) {
    case kNull: return 1;
    case kString: return 1 + EscapedWidth(rest, flip);
    case kNumber: return 1 + NumericKeyWidth(rest, flip);
    case kBoolean: return 2;
    default: break;
  }
  uint32_t count = base::LoadBigEndian<uint32_t>(rest.data()) ^ (flip ? UINT32_MAX : 0);
  size_t at = 1 + kCountBytes;
  for (uint32_t i = 0; i < count; ++i) {
    if (part == kObject) at += EscapedWidth(key.substr(at), flip);
    at += ValueWidth(key.substr(at), flip);
  }
  return at;
}

}  // namespace

void AppendEscaped(std::string_view bytes, std::string& to) {
  for (char c : bytes) {
    to.push_back(c);
    if (c == '\0') to.push_back('\xff');
  }
  to.append("\0\x01", 2);
}

size_t EscapedWidth(std::string_view key, uint8_t flip) {
  for (size_t i = 0;; ++i) {
    if ((static_cast<uint8_t>(key[i]) ^ flip) != 0) continue;
    if ((static_cast<uint8_t>(key[++i]) ^ flip) == 1) return i + 1;
  }
}

void AppendJsonKey(std::string_view bytes, std::string& to) {
  Jsonb value(bytes);
  if (value.is_array() && value.count() == 0) {
    to.push_back(kEmptyArray);
    return;
  }
  to.push_back(value.is_scalar() ? kScalar : kContainer);
  AppendValue(value, to);
}

size_t JsonKeyWidth(std::string_view key, uint8_t flip) {
  char root = static_cast<char>(static_cast<uint8_t>(key[0]) ^ flip);
  return root == kEmptyArray ? 1 : 1 + ValueWidth(key.substr(1), flip);
}

}  // namespace sundog::codec
