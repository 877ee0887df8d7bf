// pg_policy and pg_policies.
#include <algorithm>

#include "catalog/definitions.h"
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

namespace {

struct PolicyRow {
  const TableDescriptor* table;
  const PolicyDescriptor* policy;
};

void ListPolicies(const VirtualContext& context, std::vector<PolicyRow>& rows) {
  for (const auto& table : context.catalog->contents().tables) {
    for (const PolicyDescriptor& policy : table->policies) rows.push_back({table.get(), &policy});
  }
}

void StoredText(const std::optional<StoredExpression>& expression, Cell& cell) {
  expression ? cell.Text(expression->sql) : cell.Null();
}

constexpr ColumnGetter<PolicyRow> kPolicyColumns[] = {
    {"oid", [](const PolicyRow& row, Cell& cell) { cell.Oid(row.policy->oid); }},
    {"polname", [](const PolicyRow& row, Cell& cell) { cell.Text(row.policy->name); }},
    {"polrelid", [](const PolicyRow& row, Cell& cell) { cell.Oid(row.table->oid); }},
    {"polcmd", [](const PolicyRow& row, Cell& cell) { cell.Char(row.policy->command); }},
    {"polpermissive", [](const PolicyRow& row, Cell& cell) { cell.Bool(row.policy->permissive); }},
    {"polroles", [](const PolicyRow& row, Cell& cell) { cell.OidArray(row.policy->roles); }},
    {"polqual", [](const PolicyRow& row, Cell& cell) { StoredText(row.policy->visible, cell); }},
    {"polwithcheck",
     [](const PolicyRow& row, Cell& cell) { StoredText(row.policy->writable, cell); }},
};

std::string_view CommandName(char command) {
  switch (command) {
    case 'r': return "SELECT";
    case 'a': return "INSERT";
    case 'w': return "UPDATE";
    case 'd': return "DELETE";
    default: return "ALL";
  }
}

void RoleNames(const PolicyRow& row, Cell& cell) {
  std::vector<std::string> names;
  for (Oid role : row.policy->roles) {
    const RoleDescriptor* found = cell.catalog().FindRole(role);
    names.push_back(role == kInvalidOid ? "public" : found != nullptr ? found->name : "");
  }
  std::sort(names.begin(), names.end());
  cell.NameArray(names);
}

void PrintedText(const PolicyRow& row, const std::optional<StoredExpression>& expression,
                 Cell& cell) {
  if (!expression) return cell.Null();
  cell.Text(DefinitionPrinter(cell.services()).Expression(expression->sql, row.table->oid, false));
}

constexpr ColumnGetter<PolicyRow> kPoliciesColumns[] = {
    {"schemaname",
     [](const PolicyRow& row, Cell& cell) {
       cell.Text(cell.catalog().FindSchema(row.table->schema)->name);
     }},
    {"tablename", [](const PolicyRow& row, Cell& cell) { cell.Text(row.table->name); }},
    {"policyname", [](const PolicyRow& row, Cell& cell) { cell.Text(row.policy->name); }},
    {"permissive",
     [](const PolicyRow& row, Cell& cell) {
       cell.Text(row.policy->permissive ? "PERMISSIVE" : "RESTRICTIVE");
     }},
    {"roles", RoleNames},
    {"cmd",
     [](const PolicyRow& row, Cell& cell) { cell.Text(CommandName(row.policy->command)); }},
    {"qual",
     [](const PolicyRow& row, Cell& cell) { PrintedText(row, row.policy->visible, cell); }},
    {"with_check",
     [](const PolicyRow& row, Cell& cell) { PrintedText(row, row.policy->writable, cell); }},
};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_policy",
     [] { return MakeTable<PolicyRow>(ListPolicies, kPolicyColumns); }},
    {kPgCatalogSchema, "pg_policies",
     [] { return MakeTable<PolicyRow>(ListPolicies, kPoliciesColumns); }},
};

}  // namespace

std::span<const TableDefinition> PolicyTables() { return kTables; }

}  // namespace sundog::catalog::system
