#include "codec/key_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "codec/json_key.h"
#include "codec/numeric_key.h"
#include "codec/structured_key.h"
#include "codec/vector_key.h"
#include "types/array.h"
#include "types/extension_oids.h"
#include "types/oids.h"

namespace sundog::codec {
namespace {

using base::AppendBigEndian;
using types::Datum;
using types::PhysicalKind;
using types::TypeInfo;

constexpr char kNullFirst = '\x00';
constexpr char kNotNull = '\x01';
constexpr char kNullLast = '\x02';

constexpr char kArrayEnd = '\x01';
constexpr char kArrayElement = '\x02';
constexpr char kArrayNull = '\x03';

KeyEncoding EncodingOfVarlen(const TypeInfo& type) {
  switch (type.oid) {
    case types::oids::kText:
    case types::oids::kVarchar:
    case types::oids::kName:
      return KeyEncoding::kText;
    case types::oids::kBpchar:
      return KeyEncoding::kBpchar;
    case types::oids::kBytea:
      return KeyEncoding::kBytes;
    case types::oids::kNumeric:
      return KeyEncoding::kNumeric;
    case types::oids::kJsonb:
      return KeyEncoding::kJsonb;
    case types::oids::kBit:
    case types::oids::kVarbit:
      return KeyEncoding::kBits;
    case types::oids::kRecord:
      return KeyEncoding::kRecord;
    case types::oids::kVector:
    case types::oids::kHalfvec:
    case types::oids::kSparsevec:
      return KeyEncoding::kVector;
    default:
      break;
  }
  if (type.kind_code == 'c') return KeyEncoding::kRecord;
  if (type.kind_code == 'r' || type.kind_code == 'm') return KeyEncoding::kRange;
  return type.is_array() ? KeyEncoding::kArray : KeyEncoding::kNone;
}

KeyEncoding EncodingOf(const TypeInfo& type) {
  if (type.kind_code == 'e') return KeyEncoding::kEnum;
  switch (type.physical) {
    case PhysicalKind::kBool: return KeyEncoding::kBool;
    case PhysicalKind::kChar: return KeyEncoding::kChar;
    case PhysicalKind::kInt16: return KeyEncoding::kInt16;
    case PhysicalKind::kInt32: return KeyEncoding::kInt32;
    case PhysicalKind::kUint32: return KeyEncoding::kUint32;
    case PhysicalKind::kInt64: return KeyEncoding::kInt64;
    case PhysicalKind::kFloat32: return KeyEncoding::kFloat32;
    case PhysicalKind::kFloat64: return KeyEncoding::kFloat64;
    case PhysicalKind::kInterval: return KeyEncoding::kInterval;
    case PhysicalKind::kUuid: return KeyEncoding::kUuid;
    case PhysicalKind::kTimeTz: return KeyEncoding::kTimeTz;
    case PhysicalKind::kVarlen: return EncodingOfVarlen(type);
  }
  return KeyEncoding::kNone;
}

bool IsExact(KeyEncoding encoding) {
  switch (encoding) {
    case KeyEncoding::kFloat32:
    case KeyEncoding::kFloat64:
    case KeyEncoding::kNumeric:
    case KeyEncoding::kBpchar:
    case KeyEncoding::kInterval:
    case KeyEncoding::kArray:
    case KeyEncoding::kJsonb:
    case KeyEncoding::kRecord:
    case KeyEncoding::kRange:
    case KeyEncoding::kBits:
    case KeyEncoding::kVector:
      return false;
    default:
      return true;
  }
}

template <typename Signed>
void AppendSigned(std::string& to, Signed value) {
  using Unsigned = std::make_unsigned_t<Signed>;
  constexpr Unsigned kSignBit = Unsigned{1} << (sizeof(Unsigned) * 8 - 1);
  AppendBigEndian(to, static_cast<Unsigned>(static_cast<Unsigned>(value) ^ kSignBit));
}

template <typename Float, typename Bits>
void AppendFloat(std::string& to, Float value) {
  constexpr Bits kSignBit = Bits{1} << (sizeof(Bits) * 8 - 1);
  if (std::isnan(value)) {
    AppendBigEndian(to, static_cast<Bits>(~Bits{0}));
    return;
  }
  Bits bits = std::bit_cast<Bits>(value == 0 ? Float{0} : value);
  AppendBigEndian(to, static_cast<Bits>(bits & kSignBit ? ~bits : bits ^ kSignBit));
}

void AppendText(std::string& to, std::string_view text) {
  to.append(text);
  to.push_back('\0');
}

void AppendInterval(std::string& to, const types::Interval& value) {
  constexpr int64_t kMicrosPerDay = 86'400'000'000;
  __int128 days = __int128{value.months} * 30 + value.days;
  __int128 total = days * kMicrosPerDay + value.micros;
  AppendSigned(to, static_cast<int64_t>(total >> 64));
  AppendBigEndian(to, static_cast<uint64_t>(total));
}

const types::EnumLabel& LabelOf(const TypeInfo& type, types::Oid oid) {
  auto it = std::lower_bound(
      type.enum_labels.begin(), type.enum_labels.end(), oid,
      [](const types::EnumLabel& label, types::Oid wanted) { return label.oid < wanted; });
  CHECK(it != type.enum_labels.end() && it->oid == oid);
  return *it;
}

void AppendArray(const KeyColumn& column, std::string_view bytes, std::string& to) {
  types::ArrayReader array(bytes);
  for (int32_t i = 0; i < array.size(); ++i) {
    if (array.IsNull(i)) {
      to.push_back(kArrayNull);
    } else {
      to.push_back(kArrayElement);
      AppendKey(*column.element, array.At(i), to);
    }
  }
  to.push_back(kArrayEnd);
  to.push_back(static_cast<char>(array.dimensions()));
  for (int d = 0; d < array.dimensions(); ++d) AppendSigned(to, array.shape().lengths[d]);
  for (int d = 0; d < array.dimensions(); ++d) AppendSigned(to, array.shape().lower_bounds[d]);
}

void AppendValue(const KeyColumn& column, const Datum& value, std::string& to) {
  switch (column.encoding) {
    case KeyEncoding::kBool: to.push_back(value.As<bool>() ? 1 : 0); return;
    case KeyEncoding::kChar: to.push_back(value.As<char>()); return;
    case KeyEncoding::kInt16: AppendSigned(to, value.As<int16_t>()); return;
    case KeyEncoding::kInt32: AppendSigned(to, value.As<int32_t>()); return;
    case KeyEncoding::kInt64: AppendSigned(to, value.As<int64_t>()); return;
    case KeyEncoding::kUint32: AppendBigEndian(to, value.As<uint32_t>()); return;
    case KeyEncoding::kFloat32: AppendFloat<float, uint32_t>(to, value.As<float>()); return;
    case KeyEncoding::kFloat64: AppendFloat<double, uint64_t>(to, value.As<double>()); return;
    case KeyEncoding::kNumeric: AppendNumericKey(value.As<std::string_view>(), to); return;
    case KeyEncoding::kText: AppendText(to, value.As<std::string_view>()); return;
    case KeyEncoding::kBpchar: {
      std::string_view text = value.As<std::string_view>();
      AppendText(to, text.substr(0, text.find_last_not_of(' ') + 1));
      return;
    }
    case KeyEncoding::kBytes: AppendEscaped(value.As<std::string_view>(), to); return;
    case KeyEncoding::kUuid: {
      types::Uuid uuid = value.As<types::Uuid>();
      to.append(reinterpret_cast<const char*>(uuid.bytes), sizeof uuid.bytes);
      return;
    }
    case KeyEncoding::kInterval: AppendInterval(to, value.As<types::Interval>()); return;
    case KeyEncoding::kTimeTz: {
      types::TimeTz time = value.As<types::TimeTz>();
      AppendSigned(to, time.micros + int64_t{time.zone} * 1'000'000);
      AppendSigned(to, time.zone);
      return;
    }
    case KeyEncoding::kEnum: {
      const types::EnumLabel& label = LabelOf(*column.type, value.As<uint32_t>());
      AppendFloat<float, uint32_t>(to, label.sort_order);
      AppendBigEndian(to, label.oid);
      return;
    }
    case KeyEncoding::kArray: AppendArray(column, value.As<std::string_view>(), to); return;
    case KeyEncoding::kJsonb: AppendJsonKey(value.As<std::string_view>(), to); return;
    case KeyEncoding::kRecord:
      return AppendRecordKey(*column.types, value.As<std::string_view>(), to);
    case KeyEncoding::kRange:
      return AppendRangeKey(*column.types, column.type->oid, value.As<std::string_view>(), to);
    case KeyEncoding::kBits: return AppendBitsKey(value.As<std::string_view>(), to);
    case KeyEncoding::kVector:
      return AppendVectorKey(column.type->oid, value.As<std::string_view>(), to);
    case KeyEncoding::kNone: break;
  }
  CHECK(false);
}

// Bytes of a value of fixed width; 0 for the others.
size_t ValueWidth(KeyEncoding encoding) {
  switch (encoding) {
    case KeyEncoding::kBool:
    case KeyEncoding::kChar: return 1;
    case KeyEncoding::kInt16: return 2;
    case KeyEncoding::kInt32:
    case KeyEncoding::kUint32:
    case KeyEncoding::kFloat32: return 4;
    case KeyEncoding::kInt64:
    case KeyEncoding::kFloat64:
    case KeyEncoding::kEnum: return 8;
    case KeyEncoding::kTimeTz: return 12;
    case KeyEncoding::kUuid:
    case KeyEncoding::kInterval: return 16;
    default: return 0;
  }
}

// Where a value of varying width ends. `flip` is FF in descending columns, where all is inverted.
size_t VaryingWidth(const KeyColumn& column, std::string_view key, uint8_t flip) {
  auto at = [&](size_t i) { return static_cast<uint8_t>(key[i]) ^ flip; };
  switch (column.encoding) {
    case KeyEncoding::kText:
    case KeyEncoding::kBpchar: return key.find(static_cast<char>(flip)) + 1;
    case KeyEncoding::kBytes:
    case KeyEncoding::kRecord:
    case KeyEncoding::kRange:
    case KeyEncoding::kBits: return EscapedWidth(key, flip);
    case KeyEncoding::kVector: return VectorKeyWidth(column.type->oid, key, flip);
    case KeyEncoding::kJsonb: return JsonKeyWidth(key, flip);
    case KeyEncoding::kNumeric: return NumericKeyWidth(key, flip);
    case KeyEncoding::kArray: {
      size_t i = 0;
      while (at(i) != kArrayEnd) {
        bool is_null = at(i++) == kArrayNull;
        if (is_null) continue;
        size_t width = ValueWidth(column.element->encoding);
        i += width != 0 ? width : VaryingWidth(*column.element, key.substr(i), flip);
      }
      return i + 2 + static_cast<size_t>(at(i + 1)) * 8;
    }
    default: break;
  }
  CHECK(false);
}

size_t WidthOf(const KeyColumn& column, std::string_view key) {
  size_t fixed = ValueWidth(column.encoding);
  return fixed != 0 ? fixed : VaryingWidth(column, key, column.descending ? 0xff : 0);
}

template <typename Signed>
Signed ReadSigned(const char* from) {
  using Unsigned = std::make_unsigned_t<Signed>;
  constexpr Unsigned kSignBit = Unsigned{1} << (sizeof(Unsigned) * 8 - 1);
  return static_cast<Signed>(base::LoadBigEndian<Unsigned>(from) ^ kSignBit);
}

std::string_view Unescape(std::string_view bytes, base::Arena& arena) {
  bytes.remove_suffix(2);
  if (bytes.find('\0') == std::string_view::npos) return bytes;
  char* to = arena.AllocateBytes(bytes.size());
  size_t size = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    to[size++] = bytes[i];
    if (bytes[i] == '\0') ++i;
  }
  return {to, size};
}

// `bytes` are those of one value, ascending.
Datum ReadValue(const KeyColumn& column, std::string_view bytes, base::Arena& arena) {
  const char* at = bytes.data();
  switch (column.encoding) {
    case KeyEncoding::kBool: return Datum::From(*at != 0);
    case KeyEncoding::kChar: return Datum::From(*at);
    case KeyEncoding::kInt16: return Datum::From(ReadSigned<int16_t>(at));
    case KeyEncoding::kInt32: return Datum::From(ReadSigned<int32_t>(at));
    case KeyEncoding::kInt64: return Datum::From(ReadSigned<int64_t>(at));
    case KeyEncoding::kUint32: return Datum::From(base::LoadBigEndian<uint32_t>(at));
    case KeyEncoding::kEnum: return Datum::From(base::LoadBigEndian<uint32_t>(at + 4));
    case KeyEncoding::kText: return Datum::From(bytes.substr(0, bytes.size() - 1));
    case KeyEncoding::kBytes: return Datum::From(Unescape(bytes, arena));
    case KeyEncoding::kUuid: {
      types::Uuid uuid;
      std::memcpy(uuid.bytes, at, sizeof uuid.bytes);
      return Datum::From(uuid);
    }
    case KeyEncoding::kTimeTz: {
      types::TimeTz time;
      time.zone = ReadSigned<int32_t>(at + 8);
      time.micros = ReadSigned<int64_t>(at) - int64_t{time.zone} * 1'000'000;
      return Datum::From(time);
    }
    default: break;
  }
  CHECK(column.exact);
  return Datum();
}

}  // namespace

bool CanBeKey(const types::TypeLookup& lookup, types::Oid oid) {
  const TypeInfo& type = lookup.GetBaseType(oid);
  KeyEncoding encoding = EncodingOf(type);
  if (encoding == KeyEncoding::kArray) return CanBeKey(lookup, type.element);
  return encoding != KeyEncoding::kNone;
}

KeyColumn MakeKeyColumn(const types::TypeLookup& lookup, types::Oid oid, bool nullable,
                        bool descending, bool nulls_first) {
  const TypeInfo* type = &lookup.GetBaseType(oid);
  KeyColumn column;
  column.encoding = EncodingOf(*type);
  if (!CanBeKey(lookup, oid)) {
    base::ThrowNotSupported("an index on a column of type " + type->name);
  }
  column.nullable = nullable;
  column.descending = descending;
  column.nulls_first = nulls_first;
  column.exact = IsExact(column.encoding);
  column.kind = type->physical;
  column.type = type;
  column.types = &lookup;
  if (column.encoding == KeyEncoding::kArray) {
    column.element = std::make_shared<const KeyColumn>(
        MakeKeyColumn(lookup, type->element, /*nullable=*/false, false, false));
  }
  return column;
}

void AppendKey(const KeyColumn& column, const Datum& value, std::string& to) {
  if (value.is_null()) {
    CHECK(column.nullable);
    to.push_back(column.nulls_first ? kNullFirst : kNullLast);
    return;
  }
  if (column.nullable) to.push_back(kNotNull);
  size_t start = to.size();
  AppendValue(column, value, to);
  if (column.descending) {
    for (size_t i = start; i < to.size(); ++i) to[i] = static_cast<char>(~to[i]);
  }
}

size_t FixedKeyWidth(const KeyColumn& column) {
  return column.nullable ? 0 : ValueWidth(column.encoding);
}

bool ReadNullMarker(const KeyColumn& column, std::string_view& key) {
  if (!column.nullable) return false;
  char marker = key.front();
  key.remove_prefix(1);
  return marker != kNotNull;
}

void SkipKey(const KeyColumn& column, std::string_view& key) {
  if (!ReadNullMarker(column, key)) key.remove_prefix(WidthOf(column, key));
}

Datum ReadKey(const KeyColumn& column, std::string_view& key, base::Arena& arena) {
  if (ReadNullMarker(column, key)) return Datum();
  size_t width = WidthOf(column, key);
  CHECK_LE(width, key.size());
  std::string_view bytes = key.substr(0, width);
  key.remove_prefix(width);
  if (!column.descending) return ReadValue(column, bytes, arena);
  char* inverted = arena.AllocateBytes(width);
  for (size_t i = 0; i < width; ++i) inverted[i] = static_cast<char>(~bytes[i]);
  return ReadValue(column, {inverted, width}, arena);
}

}  // namespace sundog::codec
