// What DDL needs of the session: role, search path, fresh numbers, where notices go.
#pragma once

#include "base/random.h"
#include "catalog/catalog_writer.h"
#include "session/engine/engine_session.h"
#include "session/engine/engine_transaction.h"

namespace sundog::session {

class DdlSupport {
 public:
  DdlSupport(Engine& engine, EngineSession& session);
  catalog::DdlEnvironment environment() const { return environment_; }

 private:
  catalog::StoredIdentifiers identifiers_;
  base::Random random_;
  catalog::DdlEnvironment environment_;
};

// DISCARD TEMP, and the session's end: drops everything in its temporary schema.
void DropTemporaryObjects(EngineSession& session, EngineTransaction& transaction);

// Before a commit: drops the temporary tables made ON COMMIT DROP, empties those of ON COMMIT
// DELETE ROWS.
void RunOnCommitActions(EngineSession& session, EngineTransaction& transaction);

}  // namespace sundog::session
