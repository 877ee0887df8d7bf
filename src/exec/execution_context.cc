#include "exec/execution_context.h"

#include "catalog/statement_services.h"

namespace sundog::exec {

Oid ExecutionContext::current_role() const { return environment.services->current_role(); }

}  // namespace sundog::exec
