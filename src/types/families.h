// The table of type families: which operations belong to which built-in type. To add a type, write
// its operations in its family's file pair and add a row to the family's table; to add a family,
// declare its table here and list it in families.cc.
#pragma once

#include <span>

#include "types/type_info.h"

namespace sundog::types {

struct TypeOpsEntry {
  Oid type;
  const TypeOps* ops;
};

// Null for a type without operations of its own (arrays, enums, composites and domains get their
// family's by kind).
const TypeOps* FindTypeOps(Oid oid, char typtype, bool is_array);

}  // namespace sundog::types
