// DO.
#include "base/sql_error.h"
#include "catalog/required_privilege.h"
#include "session/engine/utility_plan.h"

namespace sundog::session {

void RunDo(UtilityRun& run) {
  const auto& block = static_cast<const binder::BoundDo&>(run.statement);
  catalog::CheckMayUseLanguage(*run.catalog, block.language, run.session.current_role());
  if (block.language == "plpgsql") {
    run.session.user_functions().RunBlock(block.body);
    return;
  }
  if (block.language == "sql") {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "language \"sql\" does not support inline code execution");
  }
  throw SqlError(sqlstate::kUndefinedObject,
                 "language \"" + block.language + "\" does not exist");
}

}  // namespace sundog::session
