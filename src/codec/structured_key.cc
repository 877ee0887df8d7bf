#include "codec/structured_key.h"

#include "base/bytes.h"
#include "base/check.h"
#include "codec/json_key.h"
#include "codec/key_codec.h"
#include "types/bit_string.h"
#include "types/range.h"
#include "types/record.h"

namespace sundog::codec {

namespace {

constexpr char kField = '\x01';
constexpr char kNullField = '\x02';
constexpr char kRecordEnd = '\x03';

void AppendRange(const KeyColumn& subtype, const types::Range& range, std::string& to) {
  to.push_back('\x01');
  to.push_back(range.lower.infinite ? '\x00' : '\x01');
  if (!range.lower.infinite) {
    AppendKey(subtype, range.lower.value, to);
    to.push_back(range.lower.inclusive ? '\x00' : '\x01');
  }
  to.push_back(range.upper.infinite ? '\x02' : '\x01');
  if (!range.upper.infinite) {
    AppendKey(subtype, range.upper.value, to);
    to.push_back(range.upper.inclusive ? '\x01' : '\x00');
  }
}

}  // namespace

void AppendRecordKey(const types::TypeLookup& types, std::string_view record, std::string& to) {
  types::RecordReader reader(record);
  // A stored row of a composite type lacks the fields that the type got later: those are null.
  int size = reader.size();
  while (size > 0 && reader.IsNull(size - 1)) --size;
  std::string key;
  for (int i = 0; i < size; ++i) {
    if (reader.IsNull(i)) {
      key.push_back(kNullField);
      continue;
    }
    key.push_back(kField);
    AppendKey(MakeKeyColumn(types, reader.field_type(i), false, false, false), reader.At(i), key);
  }
  key.push_back(kRecordEnd);
  AppendEscaped(key, to);
}

void AppendRangeKey(const types::TypeLookup& types, types::Oid type, std::string_view bytes,
                    std::string& to) {
  const types::RangeInfo* info = types::FindRange(type);
  CHECK(info != nullptr);
  types::RangeAlgebra algebra(types, *info);
  KeyColumn subtype = MakeKeyColumn(types, info->subtype, false, false, false);
  bool multi = type == info->multirange;
  types::RangeSet set = multi ? algebra.DecodeMulti(bytes) : algebra.Decode(bytes);
  std::string key;
  for (const types::Range& range : set) AppendRange(subtype, range, key);
  if (multi || set.empty()) key.push_back('\x00');
  AppendEscaped(key, to);
}

void AppendBitsKey(std::string_view bits, std::string& to) {
  types::BitView view(bits);
  std::string key;
  AppendEscaped(view.packed(), key);
  base::AppendBigEndian(key, static_cast<uint32_t>(view.size()));
  AppendEscaped(key, to);
}

}  // namespace sundog::codec
