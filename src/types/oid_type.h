// Object identifiers and their kin: oid, the reg* types, xid, xid8, cid, tid, pg_lsn, and void.
//
// tid, physically an int64_t, is block << 16 | offset. xid8 and pg_lsn are unsigned: compared as
// uint64_t.
#pragma once

#include <span>
#include <string_view>

#include "types/families.h"

namespace sundog::types {

// Throws 22P02, 22003 as oidin does.
Oid ParseOid(std::string_view text);

// "{hex}/{hex}"; throws 22P02.
uint64_t ParseLsn(std::string_view text);

std::span<const TypeOpsEntry> OidTypeOps();

}  // namespace sundog::types
