#include "session/engine/domain_checks.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "catalog/names.h"
#include "session/engine/catalog_scope.h"
#include "session/engine/engine_session.h"
#include "session/engine/function_sql.h"
#include "session/transaction_block.h"

namespace sundog::session {

namespace {

// What a check needs of the session, which may be between two statements: a client's parameters
// come in before theirs begins.
class CheckScope {
 public:
  explicit CheckScope(EngineSession& session) : catalog_(session) {
    TransactionBlock* block = session.context().transaction_block;
    if (block == nullptr) return;
    statement_.emplace(*block);
    auto& transaction = static_cast<EngineTransaction&>(block->Ensure());
    session.UseCatalog(session.catalog(), &transaction);
  }

 private:
  CatalogScope catalog_;
  std::optional<TransactionBlock::StatementScope> statement_;
};

bool HasConstraints(const catalog::Catalog& catalog, types::Oid type) {
  const catalog::DomainDescriptor* domain = catalog.contents().domains.Get(type);
  if (domain == nullptr) return false;
  return domain->not_null || !domain->constraints.empty() ||
         HasConstraints(catalog, domain->base.oid);
}

}  // namespace

DomainChecks::DomainChecks(EngineSession& session) : session_(session) {}

DomainChecks::~DomainChecks() = default;

void DomainChecks::Check(const types::TypeInfo& domain, const types::Datum& value) {
  if (!HasConstraints(*session_.catalog(), domain.oid)) return;
  CheckScope scope(session_);
  std::shared_ptr<FunctionSql> cast = CastTo(domain);
  ParameterValues parameters;
  parameters.types.push_back({session_.catalog()->GetBaseType(domain.oid).oid, -1});
  parameters.values.push_back(value);
  FunctionStatements(session_, FunctionLanguage::kPlpgsql, false).Run(*cast, parameters, nullptr);
}

std::shared_ptr<FunctionSql> DomainChecks::CastTo(const types::TypeInfo& domain) {
  FunctionStatements statements(session_, FunctionLanguage::kPlpgsql, false);
  std::shared_ptr<FunctionSql>& cast = casts_[domain.oid];
  if (cast != nullptr && statements.IsCurrent(*cast)) return cast;
  std::string text = fmt::format(
      "SELECT $1::{}", catalog::TypeName(*session_.catalog(), nullptr, {domain.oid, -1}));
  types::Oid base = session_.catalog()->GetBaseType(domain.oid).oid;
  auto parsed = session_.engine().Parse(text);
  binder::BindContext context = statements.Context({&base, 1});
  return casts_[domain.oid] = statements.Prepare(std::move(parsed.at(0)), context);
}

}  // namespace sundog::session
