// OIDs of the objects that extensions bring. They are fixed, of the range that PostgreSQL leaves to
// initdb, so that code can name a type; a catalog knows them between CREATE EXTENSION and DROP
// EXTENSION only (src/catalog/README.md).
#pragma once

#include "types/oids.h"

namespace sundog::types {

inline constexpr Oid kFirstExtensionOid = 15500;

constexpr bool IsExtensionMember(Oid oid) {
  return oid >= kFirstExtensionOid && oid < kFirstUserOid;
}

namespace oids {
inline constexpr Oid kVector = 15500;
inline constexpr Oid kVectorArray = 15501;
inline constexpr Oid kHalfvec = 15502;
inline constexpr Oid kHalfvecArray = 15503;
inline constexpr Oid kSparsevec = 15504;
inline constexpr Oid kSparsevecArray = 15505;
}  // namespace oids

}  // namespace sundog::types
