// A SQL type as expressions and columns carry it.
#pragma once

#include "types/oids.h"

namespace sundog::types {

struct SqlType {
  Oid oid = kInvalidOid;
  // Type modifier in PostgreSQL's encoding (varchar(n): n + 4; numeric(p,s): ((p << 16) | s) + 4;
  // timestamp(p): p); -1 for none.
  int32_t typmod = -1;

  friend bool operator==(const SqlType&, const SqlType&) = default;
};

}  // namespace sundog::types
