#include "session/engine/ddl_environment.h"

#include "session/engine/engine.h"

namespace sundog::session {

DdlSupport::DdlSupport(Engine& engine, EngineSession& session)
    : identifiers_(engine.transactions().sequences(), session.tenant()),
      random_(base::SecureSeed()) {
  environment_.role = session.current_role();
  environment_.search_path = session.search_path();
  environment_.identifiers = &identifiers_;
  environment_.random = &random_;
  environment_.notice = [&session](const base::ErrorFields& fields) {
    session.context().Notice(fields);
  };
  environment_.backend_id = session.context().identity().process_id;
  environment_.next_temporary_oid = session.catalog_view().next_temporary_oid();
}

}  // namespace sundog::session
