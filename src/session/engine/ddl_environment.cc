#include "session/engine/ddl_environment.h"

#include "catalog/ddl/drop.h"
#include "codec/key_space.h"
#include "session/engine/engine.h"
#include "storage/table_writer.h"

namespace sundog::session {

DdlSupport::DdlSupport(Engine& engine, EngineSession& session)
    : identifiers_(engine.transactions().sequences(), session.tenant()),
      random_(base::SecureSeed()) {
  environment_.role = session.current_role();
  environment_.session_role = session.session_role();
  environment_.database_name = session.context().identity().database;
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

void RunOnCommitActions(EngineSession& session, EngineTransaction& transaction) {
  catalog::CatalogPtr before = transaction.Catalog();
  if (before->temp_schema() == types::kInvalidOid) return;
  txn::Transaction& txn = transaction.txn();
  std::vector<catalog::ObjectAddress> dropped;
  std::vector<std::shared_ptr<const catalog::TableDescriptor>> emptied;
  for (const auto& table : before->contents().tables) {
    if (table->schema != before->temp_schema()) continue;
    if (table->on_commit == 'D') dropped.push_back({catalog::classes::kClass, table->oid, 0});
    if (table->on_commit != 'd') continue;
    kv::KeyRange rows = kv::PrefixRange(codec::StoragePrefix(txn.tenant(), table->storage_id));
    if (!txn.LatestView().Scan(rows)->Next(1).empty()) emptied.push_back(table);
  }
  if (dropped.empty() && emptied.empty()) return;
  session.UseCatalog(before, &transaction);
  DdlSupport support(session.engine(), session);
  catalog::DdlEnvironment environment = support.environment();
  environment.notice = nullptr;
  catalog::CatalogWriter writer(before, environment);
  for (const auto& table : emptied) {
    catalog::TableDescriptor empty = *table;
    empty.storage_id = writer.NewStorageId(table->schema);
    writer.Put(std::move(empty));
    storage::DropStorage(txn, table->storage_id);
  }
  catalog::ddl::DropObjects(writer, dropped, catalog::ddl::DropBehavior::kCascade);
  transaction.ApplyCatalog(before, writer.Finish());
}

}  // namespace sundog::session
