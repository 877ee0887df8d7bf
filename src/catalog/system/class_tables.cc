// pg_namespace, and what pg_class and its parts show of relations.
#include "catalog/acl.h"
#include "catalog/builtin_objects.h"
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

namespace {

struct NamespaceRow {
  const SchemaDescriptor* schema;
};

void ListNamespaces(const VirtualContext& context, std::vector<NamespaceRow>& rows) {
  for (const SchemaDescriptor* schema : context.catalog->AllSchemas()) rows.push_back({schema});
}

constexpr ColumnGetter<NamespaceRow> kNamespaceColumns[] = {
    {"oid", [](const NamespaceRow& row, Cell& cell) { cell.Oid(row.schema->oid); }},
    {"nspname", [](const NamespaceRow& row, Cell& cell) { cell.Text(row.schema->name); }},
    {"nspowner", [](const NamespaceRow& row, Cell& cell) { cell.Oid(row.schema->owner); }},
    {"nspacl", [](const NamespaceRow& row, Cell& cell) { cell.AclOrNull(row.schema->acl); }},
};

std::unique_ptr<DefinedTable> PgNamespace() {
  return MakeTable<NamespaceRow>(ListNamespaces, kNamespaceColumns);
}

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_namespace", PgNamespace},
};

}  // namespace

std::span<const TableDefinition> ClassTables() { return kTables; }

}  // namespace sundog::catalog::system
