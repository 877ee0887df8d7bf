#include "types/families.h"

#include "types/array_text.h"
#include "types/bit_string.h"
#include "types/bool_type.h"
#include "types/bytea_type.h"
#include "types/dense_vector.h"
#include "types/enum_type.h"
#include "types/float_type.h"
#include "types/integer_type.h"
#include "types/interval.h"
#include "types/json_text.h"
#include "types/money_type.h"
#include "types/numeric_type.h"
#include "types/jsonb.h"
#include "types/jsonpath.h"
#include "types/oid_type.h"
#include "types/record.h"
#include "types/range.h"
#include "types/sparse_vector.h"
#include "types/text_type.h"
#include "types/time_of_day.h"
#include "types/timestamp.h"
#include "types/uuid_type.h"

namespace sundog::types {

namespace {

constexpr TypeOps kNoOps;

std::span<const TypeOpsEntry> (*const kFamilies[])() = {
    MoneyTypeOps,
    BitStringTypeOps,
    UuidTypeOps,
    ByteaTypeOps,
    BoolTypeOps,
    FloatTypeOps,
    IntegerTypeOps,
    IntervalTypeOps,
    NumericTypeOps,
    OidTypeOps,
    RangeTypeOps,
    TextTypeOps,
    TimeOfDayTypeOps,
    TimestampTypeOps,
    VectorTypes,
    JsonTypes,
    JsonbTypes,
    JsonPathTypes,
    DenseVectorTypeOps,
    SparseVectorTypeOps,
};

}  // namespace

const TypeOps* FindTypeOps(Oid oid, char typtype, bool is_array) {
  for (auto family : kFamilies) {
    for (const TypeOpsEntry& entry : family()) {
      if (entry.type == oid) return entry.ops;
    }
  }
  if (is_array || oid == oids::kAnyarray) return &kArrayOps;
  if (typtype == 'c' || oid == oids::kRecord) return &kRecordOps;
  if (typtype == 'e') return &kEnumOps;
  return &kNoOps;
}

}  // namespace sundog::types
