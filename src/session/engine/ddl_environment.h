// What DDL needs of the session: role, search path, fresh numbers, where notices go.
#pragma once

#include "base/random.h"
#include "catalog/catalog_writer.h"
#include "session/engine/engine_session.h"

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

}  // namespace sundog::session
