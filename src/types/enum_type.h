// Enum types. A value is the OID of its label; the order is that of the labels' sort_order.
#pragma once

#include "types/type_info.h"

namespace sundog::types {

// Null if `type` has no such label.
const EnumLabel* FindEnumLabel(const TypeInfo& type, Oid label);
const EnumLabel* FindEnumLabel(const TypeInfo& type, std::string_view label);

int CompareEnum(const TypeInfo& type, Oid a, Oid b);

// The labels by sort_order.
std::vector<const EnumLabel*> OrderedEnumLabels(const TypeInfo& type);

extern const TypeOps kEnumOps;

}  // namespace sundog::types
