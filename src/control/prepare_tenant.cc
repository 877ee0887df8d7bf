#include "control/prepare_tenant.h"

#include "auth/connect_token.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "catalog/acl.h"
#include "catalog/catalog_rows.h"
#include "catalog/catalog_writer.h"
#include "session/engine/engine.h"
#include "txn/transaction.h"

namespace sundog::control {

namespace {

catalog::RoleDescriptor AdminRole(const std::string& verifier) {
  catalog::RoleDescriptor role;
  role.oid = kAdminRole;
  role.name = auth::kAdminUser;
  role.login = true;
  role.create_role = true;
  role.password = verifier;
  return role;
}

catalog::SchemaDescriptor PublicSchema(const catalog::Catalog& catalog) {
  catalog::SchemaDescriptor schema = *catalog.FindSchema(catalog::kPublicSchema);
  schema.owner = kAdminRole;
  schema.acl = {false,
                {{kAdminRole, kAdminRole, catalog::kUsage | catalog::kCreate, 0},
                 {catalog::kInvalidOid, kAdminRole, catalog::kUsage, 0}}};
  return schema;
}

catalog::Acl DatabaseAcl() {
  catalog::Acl acl{false, catalog::DefaultAcl(catalog::AclObject::kDatabase,
                                              catalog::kSuperuserRole)};
  acl.items.push_back({kAdminRole, catalog::kSuperuserRole,
                       catalog::kCreate | catalog::kConnect | catalog::kTemporary, 0});
  return acl;
}

catalog::CatalogPtr WithAdmin(const catalog::CatalogPtr& before, const std::string& verifier) {
  base::Random random(base::SecureSeed());
  catalog::DdlEnvironment environment;
  environment.random = &random;
  catalog::CatalogWriter writer(before, environment);
  writer.Put(AdminRole(verifier));
  writer.Put(PublicSchema(*before));
  writer.SetAcl({catalog::classes::kDatabase, catalog::kPostgresDatabase, 0}, DatabaseAcl());
  return writer.Finish();
}

}  // namespace

std::vector<StoredRow> FirstRows(session::Engine& engine, uint32_t tenant,
                                 const std::string& verifier) {
  txn::LockBackend backend;
  backend.tenant = tenant;
  txn::Transaction transaction(engine.transactions(), backend);
  transaction.Begin({.concurrency = txn::Concurrency::kOptimistic});
  transaction.BeginStatement();
  catalog::CatalogPtr empty = catalog::Catalog::Empty();
  catalog::WriteCatalogChanges(transaction, tenant, *empty, *WithAdmin(empty, verifier));
  std::vector<StoredRow> rows;
  const txn::WriteSet& writes = transaction.writes();
  for (const auto* node = writes.first(); node != nullptr; node = txn::WriteSet::After(*node)) {
    rows.push_back({std::string(node->key), std::string(node->newest->value.value())});
  }
  transaction.Rollback();
  return rows;
}

void PrepareTenant(session::Engine& engine, uint32_t tenant) {
  if (engine.NewestCatalog(tenant)->FindRole(auth::kAdminUser) != nullptr) return;
  session::LoadedTenants::Use use(engine.loaded_tenants(), tenant);
  txn::LockBackend backend;
  backend.tenant = tenant;
  txn::Transaction transaction(engine.transactions(), backend);
  transaction.Begin({.isolation = txn::Isolation::kRepeatableRead,
                     .concurrency = txn::Concurrency::kOptimistic});
  transaction.BeginStatement();
  catalog::CatalogPtr before = engine.catalogs().Find(transaction.View(), tenant);
  catalog::SessionCatalog(engine.catalogs(), tenant)
      .Apply(transaction, before, WithAdmin(before, {}));
  engine.NoteCatalogChange();
  txn::CommitResult result = transaction.Commit();
  if (!result.committed()) throw txn::CommitError(result);
}

}  // namespace sundog::control
