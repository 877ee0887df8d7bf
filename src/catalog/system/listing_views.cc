// Views that list objects by name: pg_tables, pg_views, pg_indexes, pg_sequences,
// pg_available_extensions.
#include "catalog/acl.h"
#include "catalog/definitions.h"
#include "catalog/extensions.h"
#include "catalog/system/relations.h"
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

namespace {

struct RelationRow {
  const Relation* relation = nullptr;
  const TableDescriptor* table = nullptr;  // of an index: its table
};

std::string_view SchemaName(const Cell& cell, Oid schema) {
  const SchemaDescriptor* found = cell.catalog().FindSchema(schema);
  return found != nullptr ? std::string_view(found->name) : std::string_view();
}

std::string_view RoleName(const Cell& cell, Oid role) {
  const RoleDescriptor* found = cell.catalog().FindRole(role);
  return found != nullptr ? std::string_view(found->name) : std::string_view();
}

void Schema(const RelationRow& row, Cell& cell) {
  cell.Text(SchemaName(cell, row.relation->schema));
}
void Name(const RelationRow& row, Cell& cell) { cell.Text(row.relation->name); }
void Owner(const RelationRow& row, Cell& cell) {
  cell.Text(RoleName(cell, row.relation->owner()));
}

void List(const VirtualContext& context, char kind, std::vector<RelationRow>& rows) {
  for (const VirtualTable* table : SystemTables::Get().listed()) {
    if (table->kind() == kind) rows.push_back({context.catalog->FindRelation(table->oid())});
  }
  for (const Relation* relation : context.catalog->AllRelations()) {
    if (relation->kind == kind) rows.push_back({relation, relation->table.get()});
  }
}

// --- pg_tables ---

void ListTables(const VirtualContext& context, std::vector<RelationRow>& rows) {
  List(context, 'r', rows);
}

bool HasTriggers(const Catalog& catalog, const RelationRow& row) {
  if (row.table == nullptr) return false;
  for (const ConstraintDescriptor& constraint : row.table->constraints) {
    if (constraint.kind == ConstraintKind::kForeignKey) return true;
  }
  return !catalog.IncomingForeignKeys(row.table->oid).empty();
}

constexpr ColumnGetter<RelationRow> kTableColumns[] = {
    {"schemaname", Schema},
    {"tablename", Name},
    {"tableowner", Owner},
    {"hasindexes",
     [](const RelationRow& row, Cell& cell) {
       cell.Bool(row.table == nullptr || !row.table->indexes.empty());
     }},
    {"hasrules", [](const RelationRow&, Cell& cell) { cell.Bool(false); }},
    {"hastriggers",
     [](const RelationRow& row, Cell& cell) { cell.Bool(HasTriggers(cell.catalog(), row)); }},
    {"rowsecurity",
     [](const RelationRow& row, Cell& cell) {
       cell.Bool(row.table != nullptr && row.table->row_security);
     }},
};

// --- pg_views: of system views only the names are known ---

void ListViews(const VirtualContext& context, std::vector<RelationRow>& rows) {
  List(context, 'v', rows);
}

constexpr ColumnGetter<RelationRow> kViewColumns[] = {
    {"schemaname", Schema},
    {"viewname", Name},
    {"viewowner", Owner},
    {"definition",
     [](const RelationRow& row, Cell& cell) {
       row.relation->view != nullptr
           ? cell.Text(cell.services().ViewDefinition(*row.relation->view, false))
           : cell.Null();
     }},
};

// --- pg_indexes ---

struct IndexRow {
  const TableDescriptor* table = nullptr;
  const IndexDescriptor* index = nullptr;
  const SystemIndex* system = nullptr;
};

void ListIndexes(const VirtualContext& context, std::vector<IndexRow>& rows) {
  for (const SystemIndex& index : SystemIndexes()) rows.push_back({nullptr, nullptr, &index});
  for (const auto& table : context.catalog->contents().tables) {
    for (const IndexDescriptor& index : table->indexes) {
      rows.push_back({table.get(), &index, nullptr});
    }
  }
}

constexpr ColumnGetter<IndexRow> kIndexColumns[] = {
    {"schemaname",
     [](const IndexRow& row, Cell& cell) {
       cell.Text(SchemaName(cell, row.table != nullptr ? row.table->schema : kPgCatalogSchema));
     }},
    {"tablename",
     [](const IndexRow& row, Cell& cell) {
       if (row.table != nullptr) return cell.Text(row.table->name);
       const VirtualTable* table = SystemTables::Get().Find(row.system->table);
       cell.TextOrNull(table != nullptr ? std::string_view(table->name()) : std::string_view());
     }},
    {"indexname",
     [](const IndexRow& row, Cell& cell) {
       cell.Text(row.index != nullptr ? row.index->name : row.system->name);
     }},
    {"indexdef",
     [](const IndexRow& row, Cell& cell) {
       if (row.index == nullptr) return cell.Null();
       cell.Text(DefinitionPrinter(cell.services()).Index(*row.table, *row.index, false));
     }},
};

// --- pg_sequences ---

struct SequenceRow {
  const SequenceDescriptor* sequence;
};

void ListSequences(const VirtualContext& context, std::vector<SequenceRow>& rows) {
  for (const auto& sequence : context.catalog->contents().sequences) {
    rows.push_back({sequence.get()});
  }
}

void LastValue(const SequenceRow& row, Cell& cell) {
  if (!HasAnyPrivilege(cell.catalog(), row.sequence->acl, AclObject::kSequence,
                       row.sequence->owner, cell.services().current_role(), kSelect | kUsage)) {
    return cell.Null();
  }
  auto [value, is_called] = cell.services().SequenceState(row.sequence->oid);
  is_called ? cell.Int8(value) : cell.Null();
}

constexpr ColumnGetter<SequenceRow> kSequenceColumns[] = {
    {"schemaname",
     [](const SequenceRow& row, Cell& cell) { cell.Text(SchemaName(cell, row.sequence->schema)); }},
    {"sequencename", [](const SequenceRow& row, Cell& cell) { cell.Text(row.sequence->name); }},
    {"sequenceowner",
     [](const SequenceRow& row, Cell& cell) { cell.Text(RoleName(cell, row.sequence->owner)); }},
    {"data_type", [](const SequenceRow& row, Cell& cell) { cell.Oid(row.sequence->type); }},
    {"start_value", [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->start); }},
    {"min_value", [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->min_value); }},
    {"max_value", [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->max_value); }},
    {"increment_by",
     [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->increment); }},
    {"cycle", [](const SequenceRow& row, Cell& cell) { cell.Bool(row.sequence->cycle); }},
    {"cache_size", [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->cache); }},
    {"last_value", LastValue},
};

// --- pg_available_extensions ---

struct ExtensionRow {
  const ExtensionInfo* available;
  const ExtensionDescriptor* installed;  // may be null
};

void ListExtensions(const VirtualContext& context, std::vector<ExtensionRow>& rows) {
  for (const ExtensionInfo& available : KnownExtensions()) {
    rows.push_back({&available, nullptr});
    for (const auto& installed : context.catalog->contents().extensions) {
      if (installed->name == available.name) rows.back().installed = installed.get();
    }
  }
}

constexpr ColumnGetter<ExtensionRow> kExtensionColumns[] = {
    {"name", [](const ExtensionRow& row, Cell& cell) { cell.Text(row.available->name); }},
    {"default_version",
     [](const ExtensionRow& row, Cell& cell) { cell.Text(row.available->version); }},
    {"installed_version",
     [](const ExtensionRow& row, Cell& cell) {
       row.installed != nullptr ? cell.Text(row.installed->version) : cell.Null();
     }},
    {"comment", [](const ExtensionRow& row, Cell& cell) { cell.Text(row.available->comment); }},
};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_tables",
     [] { return MakeTable<RelationRow>(ListTables, kTableColumns); }},
    {kPgCatalogSchema, "pg_views", [] { return MakeTable<RelationRow>(ListViews, kViewColumns); }},
    {kPgCatalogSchema, "pg_indexes",
     [] { return MakeTable<IndexRow>(ListIndexes, kIndexColumns); }},
    {kPgCatalogSchema, "pg_sequences",
     [] { return MakeTable<SequenceRow>(ListSequences, kSequenceColumns); }},
    {kPgCatalogSchema, "pg_available_extensions",
     [] { return MakeTable<ExtensionRow>(ListExtensions, kExtensionColumns); }},
};

}  // namespace

std::span<const TableDefinition> ListingViews() { return kTables; }

}  // namespace sundog::catalog::system
