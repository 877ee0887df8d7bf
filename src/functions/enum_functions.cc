// Enum types: comparison by the labels' order, enum_first() and kin. And uuid's generator.
#include "base/random.h"
#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/array.h"
#include "types/enum_type.h"

namespace sundog::functions {

namespace {

int Order(CallContext& call, Oid a, Oid b) {
  return types::CompareEnum(call.argument_type_info(0), a, b);
}

bool Equal(uint32_t a, uint32_t b) { return a == b; }
bool NotEqual(uint32_t a, uint32_t b) { return a != b; }
bool Less(CallContext& call, uint32_t a, uint32_t b) { return Order(call, a, b) < 0; }
bool LessOrEqual(CallContext& call, uint32_t a, uint32_t b) { return Order(call, a, b) <= 0; }
bool Greater(CallContext& call, uint32_t a, uint32_t b) { return Order(call, a, b) > 0; }
bool GreaterOrEqual(CallContext& call, uint32_t a, uint32_t b) { return Order(call, a, b) >= 0; }
int32_t Compare(CallContext& call, uint32_t a, uint32_t b) { return Order(call, a, b); }
uint32_t Larger(CallContext& call, uint32_t a, uint32_t b) { return Order(call, a, b) > 0 ? a : b; }
uint32_t Smaller(CallContext& call, uint32_t a, uint32_t b) {
  return Order(call, a, b) < 0 ? a : b;
}

std::vector<const types::EnumLabel*> Labels(CallContext& call) {
  const types::TypeInfo& type = call.argument_type_info(0);
  std::vector<const types::EnumLabel*> labels = types::OrderedEnumLabels(type);
  if (labels.empty()) {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   "enum " + types::FormatType(call.types(), {type.oid}) + " contains no values");
  }
  return labels;
}

// The argument only says which type is meant; null will do.
uint32_t First(CallContext& call, Nullable<uint32_t>) { return Labels(call).front()->oid; }
uint32_t Last(CallContext& call, Nullable<uint32_t>) { return Labels(call).back()->oid; }

// The labels between two, both included; null bounds are open.
std::string_view Range(CallContext& call, Nullable<uint32_t> low, Nullable<uint32_t> high) {
  const types::TypeInfo& type = call.argument_type_info(0);
  types::ArrayBuilder builder(type.oid, type.physical);
  for (const types::EnumLabel* label : types::OrderedEnumLabels(type)) {
    if (!low.is_null && Order(call, label->oid, low.value) < 0) continue;
    if (!high.is_null && Order(call, label->oid, high.value) > 0) continue;
    builder.Append(Datum::From<uint32_t>(label->oid));
  }
  return builder.Finish(call.arena());
}

std::string_view RangeOfAll(CallContext& call, Nullable<uint32_t>) {
  return Range(call, {0, true}, {0, true});
}

// Version 4: 122 random bits.
types::Uuid GenerateUuid(CallContext&) {
  types::Uuid uuid;
  base::FillSecureRandom(uuid.bytes, sizeof(uuid.bytes));
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

constexpr ScalarEntry kEntries[] = {
    {"enum_eq", Kernel<Equal>},
    {"enum_ne", Kernel<NotEqual>},
    {"enum_lt", Kernel<Less>},
    {"enum_le", Kernel<LessOrEqual>},
    {"enum_gt", Kernel<Greater>},
    {"enum_ge", Kernel<GreaterOrEqual>},
    {"enum_cmp", Kernel<Compare>},
    {"enum_larger", Kernel<Larger>},
    {"enum_smaller", Kernel<Smaller>},
    {"enum_first", Kernel<First>},
    {"enum_last", Kernel<Last>},
    {"enum_range_bounds", Kernel<Range>},
    {"enum_range_all", Kernel<RangeOfAll>},
    {"gen_random_uuid", Kernel<GenerateUuid>},
};

}  // namespace

void RegisterEnumFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
