// Type names of the grammar to types.
#pragma once

#include "binder/name_lookup.h"

namespace sundog::binder {

// Throws 42704 `type "x" does not exist` at the name; typmods through the type's typmod_in.
SqlType ResolveType(const BindState& state, const ::TypeName* name);
// As format_type would not: the name as written, for errors.
std::string TypeNameText(const BindState& state, const ::TypeName* name);
// kInvalidOid if there is none.
Oid FindTypeByName(const BindState& state, const List* names);

// The collation of that name: 100 default, 950 "C", … Those that order bytewise are known; other
// existing ones are 0A000, unknown ones 42704.
Oid ResolveCollation(const BindState& state, const List* names, int location);

}  // namespace sundog::binder
