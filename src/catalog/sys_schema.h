// Schema sys has what PostgreSQL does not have: sys_*.tsv in builtin/, sys_procs.tsv in functions.
#pragma once

#include "catalog/object_address.h"

namespace sundog::catalog {

// Its OIDs are of the range that PostgreSQL leaves to initdb, above those it uses. It is found by
// name, in every profile, and not listed: tools that list schemas and system objects know
// PostgreSQL's.
inline constexpr Oid kSysSchema = 15000;

}  // namespace sundog::catalog
