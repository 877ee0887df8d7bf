// Functions over the catalog and the session: pg_get_constraintdef, current_schema, nextval, ….
#pragma once

namespace sundog::catalog {

// Adds them to functions::Implementations, once a process. To be called before
// functions::BuiltinProcs is first used.
void RegisterSystemFunctions();

}  // namespace sundog::catalog
