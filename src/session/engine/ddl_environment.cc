#include "session/engine/ddl_environment.h"

#include "catalog/ddl/drop.h"
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

void DropTemporaryObjects(EngineSession& session, EngineTransaction& transaction) {
  catalog::CatalogPtr before = transaction.Catalog();
  if (before->temp_schema() == types::kInvalidOid) return;
  session.UseCatalog(before, &transaction);
  DdlSupport support(session.engine(), session);
  catalog::DdlEnvironment environment = support.environment();
  environment.notice = nullptr;
  catalog::CatalogWriter writer(before, environment);
  catalog::ObjectAddress schema{catalog::classes::kNamespace, before->temp_schema(), 0};
  catalog::ddl::DropObjects(writer, {&schema, 1}, catalog::ddl::DropBehavior::kCascade);
  transaction.ApplyCatalog(before, writer.Finish());
}

}  // namespace sundog::session
