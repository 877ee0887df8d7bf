// CREATE, ALTER, DROP.
#include "base/sql_error.h"
#include "session/engine/utility_plan.h"

namespace sundog::session {

void RunDdl(UtilityRun& run) { base::ThrowNotSupported(std::string(run.parsed.command_tag)); }

}  // namespace sundog::session
