#include "catalog/ddl/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/stored_sql.h"

namespace sundog::catalog::ddl {

namespace {

void CheckNameFree(const TableDescriptor& table, std::string_view name) {
  if (table.FindPolicy(name) == nullptr) return;
  throw SqlError(sqlstate::kDuplicateObject,
                 fmt::format("policy \"{}\" for table \"{}\" already exists", name, table.name));
}

void Bind(PolicyDescriptor& policy, Oid table) {
  if (policy.visible) BindToTable(*policy.visible, table);
  if (policy.writable) BindToTable(*policy.writable, table);
}

}  // namespace

Oid CreatePolicy(CatalogWriter& writer, Oid table_oid, PolicyDescriptor policy) {
  TableDescriptor table = *writer.catalog().FindTable(table_oid);
  CheckNameFree(table, policy.name);
  Bind(policy, table_oid);
  policy.oid = writer.NewOid(table.schema);
  Oid oid = policy.oid;
  table.policies.push_back(std::move(policy));
  writer.Put(std::move(table));
  return oid;
}

void ChangePolicy(CatalogWriter& writer, Oid table_oid, PolicyDescriptor policy) {
  TableDescriptor table = *writer.catalog().FindTable(table_oid);
  Bind(policy, table_oid);
  auto same = [&](const PolicyDescriptor& other) { return other.oid == policy.oid; };
  auto at = std::find_if(table.policies.begin(), table.policies.end(), same);
  CHECK(at != table.policies.end());
  *at = std::move(policy);
  writer.Put(std::move(table));
}

void RenamePolicy(CatalogWriter& writer, Oid table_oid, std::string_view from,
                  std::string_view to) {
  TableDescriptor table = *writer.catalog().FindTable(table_oid);
  CheckNameFree(table, to);
  const PolicyDescriptor* found = table.FindPolicy(from);
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("policy \"{}\" for table \"{}\" does not exist", from, table.name));
  }
  PolicyDescriptor renamed = *found;
  renamed.name = to;
  ChangePolicy(writer, table_oid, std::move(renamed));
}

void SetRowSecurity(CatalogWriter& writer, Oid table_oid, std::optional<bool> enabled,
                    std::optional<bool> forced) {
  TableDescriptor table = *writer.catalog().FindTable(table_oid);
  table.row_security = enabled.value_or(table.row_security);
  table.force_row_security = forced.value_or(table.force_row_security);
  writer.Put(std::move(table));
}

}  // namespace sundog::catalog::ddl
