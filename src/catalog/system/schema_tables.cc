// information_schema: schemata, tables, views, sequences, domains, types and what uses them.
#include <set>

#include "catalog/builtin_objects.h"
#include "catalog/names.h"
#include "catalog/stored_sql.h"
#include "catalog/system/relations.h"
#include "catalog/system/schema_access.h"
#include "catalog/system/schema_types.h"
#include "catalog/system/schema_views.h"

namespace sundog::catalog::system {

namespace {

// --- information_schema_catalog_name ---

struct OneRow {};

void ListOne(const VirtualContext&, std::vector<OneRow>& rows) { rows.push_back({}); }

constexpr ColumnGetter<OneRow> kCatalogNameColumns[] = {
    {"catalog_name", [](const OneRow&, Cell& cell) { DatabaseName(cell); }},
};

constexpr ColumnGetter<OneRow> kCharacterSetColumns[] = {
    {"character_set_name", [](const OneRow&, Cell& cell) { cell.Text("UTF8"); }},
    {"character_repertoire", [](const OneRow&, Cell& cell) { cell.Text("UCS"); }},
    {"form_of_use", [](const OneRow&, Cell& cell) { cell.Text("UTF8"); }},
    {"default_collate_catalog", [](const OneRow&, Cell& cell) { DatabaseName(cell); }},
    {"default_collate_schema", [](const OneRow&, Cell& cell) { cell.Text("pg_catalog"); }},
    {"default_collate_name", [](const OneRow&, Cell& cell) { cell.Text("C.utf8"); }},
};

// --- schemata ---

struct SchemaRow {
  const SchemaDescriptor* schema;
};

void ListSchemas(const VirtualContext& context, std::vector<SchemaRow>& rows) {
  for (const SchemaDescriptor* schema : context.catalog->AllSchemas()) {
    if (IsOwnedBy(context, schema->owner) ||
        HasAnyPrivilege(*context.catalog, schema->acl, AclObject::kSchema, schema->owner,
                        context.services->current_role(), kCreate | kUsage)) {
      rows.push_back({schema});
    }
  }
}

constexpr ColumnGetter<SchemaRow> kSchemaColumns[] = {
    {"catalog_name", [](const SchemaRow&, Cell& cell) { DatabaseName(cell); }},
    {"schema_name", [](const SchemaRow& row, Cell& cell) { cell.Text(row.schema->name); }},
    {"schema_owner",
     [](const SchemaRow& row, Cell& cell) {
       cell.Text(cell.catalog().FindRole(row.schema->owner)->name);
     }},
};

// --- tables and views ---

struct TableRow {
  const Relation* relation;
};

void List(const VirtualContext& context, std::string_view kinds, std::vector<TableRow>& rows) {
  constexpr uint32_t kAny =
      kSelect | kInsert | kUpdate | kDelete | kTruncate | kReferences | kTrigger;
  for (const ClassEntry& entry : AllClasses(*context.catalog)) {
    if (entry.relation == nullptr || kinds.find(entry.relation->kind) == kinds.npos) continue;
    if (MayAccess(context, *entry.relation, kAny)) rows.push_back({entry.relation});
  }
}
void ListTables(const VirtualContext& context, std::vector<TableRow>& rows) {
  List(context, "rv", rows);
}
void ListViews(const VirtualContext& context, std::vector<TableRow>& rows) {
  List(context, "v", rows);
}

constexpr ColumnGetter<TableRow> kTableColumns[] = {
    {"table_catalog", [](const TableRow&, Cell& cell) { DatabaseName(cell); }},
    {"table_schema",
     [](const TableRow& row, Cell& cell) { SchemaName(row.relation->schema, cell); }},
    {"table_name", [](const TableRow& row, Cell& cell) { cell.Text(row.relation->name); }},
    {"table_type",
     [](const TableRow& row, Cell& cell) {
       if (IsTemporaryOid(row.relation->oid)) return cell.Text("LOCAL TEMPORARY");
       cell.Text(row.relation->kind == 'r' ? "BASE TABLE" : "VIEW");
     }},
    {"is_insertable_into",
     [](const TableRow& row, Cell& cell) { cell.YesNo(row.relation->kind == 'r'); }},
    {"is_typed", [](const TableRow&, Cell& cell) { cell.YesNo(false); }},
};

std::string_view CheckOption(const Relation& relation) {
  if (relation.view == nullptr) return "NONE";
  for (const std::string& option : relation.view->options) {
    if (option == "check_option=cascaded") return "CASCADED";
    if (option == "check_option=local") return "LOCAL";
  }
  return "NONE";
}

constexpr ColumnGetter<TableRow> kViewColumns[] = {
    {"table_catalog", [](const TableRow&, Cell& cell) { DatabaseName(cell); }},
    {"table_schema",
     [](const TableRow& row, Cell& cell) { SchemaName(row.relation->schema, cell); }},
    {"table_name", [](const TableRow& row, Cell& cell) { cell.Text(row.relation->name); }},
    {"view_definition",
     [](const TableRow& row, Cell& cell) {
       bool shown = row.relation->view != nullptr &&
                    IsOwnedBy(cell.context(), row.relation->owner());
       shown ? cell.Text(cell.services().ViewDefinition(*row.relation->view, false)) : cell.Null();
     }},
    {"check_option",
     [](const TableRow& row, Cell& cell) { cell.Text(CheckOption(*row.relation)); }},
    {"is_updatable", [](const TableRow&, Cell& cell) { cell.YesNo(false); }},
    {"is_insertable_into", [](const TableRow&, Cell& cell) { cell.YesNo(false); }},
    {"is_trigger_updatable", [](const TableRow&, Cell& cell) { cell.YesNo(false); }},
    {"is_trigger_deletable", [](const TableRow&, Cell& cell) { cell.YesNo(false); }},
    {"is_trigger_insertable_into", [](const TableRow&, Cell& cell) { cell.YesNo(false); }},
};

// --- view_table_usage and view_column_usage ---

struct ViewUsageRow {
  const ViewDescriptor* view;
  const Relation* relation;
  int32_t attnum;
};

void ListViewUsage(const VirtualContext& context, bool columns, std::vector<ViewUsageRow>& rows) {
  for (const auto& view : context.catalog->contents().views) {
    std::set<std::pair<Oid, int32_t>> seen;
    for (const ObjectAddress& reference : view->definition.references) {
      if (reference.class_oid != classes::kClass || reference.object == view->oid) continue;
      const Relation* relation = context.catalog->FindRelation(reference.object);
      if (relation == nullptr || (relation->kind != 'r' && relation->kind != 'v')) continue;
      if (columns && reference.sub_object == 0) continue;
      if (!IsOwnedBy(context, relation->owner())) continue;
      int32_t attnum = columns ? reference.sub_object : 0;
      if (!seen.emplace(relation->oid, attnum).second) continue;
      rows.push_back({view.get(), relation, attnum});
    }
  }
}
void ListViewTables(const VirtualContext& context, std::vector<ViewUsageRow>& rows) {
  ListViewUsage(context, false, rows);
}
void ListViewColumns(const VirtualContext& context, std::vector<ViewUsageRow>& rows) {
  ListViewUsage(context, true, rows);
}

std::string_view UsedColumn(const ViewUsageRow& row) {
  auto place = static_cast<size_t>(row.attnum - 1);
  if (row.relation->table != nullptr) return row.relation->table->columns.at(place).name;
  if (row.relation->view != nullptr) return row.relation->view->columns.at(place).name;
  return row.relation->system->columns()[place].name;
}

constexpr ColumnGetter<ViewUsageRow> kViewTableColumns[] = {
    {"view_catalog", [](const ViewUsageRow&, Cell& cell) { DatabaseName(cell); }},
    {"view_schema",
     [](const ViewUsageRow& row, Cell& cell) { SchemaName(row.view->schema, cell); }},
    {"view_name", [](const ViewUsageRow& row, Cell& cell) { cell.Text(row.view->name); }},
    {"table_catalog", [](const ViewUsageRow&, Cell& cell) { DatabaseName(cell); }},
    {"table_schema",
     [](const ViewUsageRow& row, Cell& cell) { SchemaName(row.relation->schema, cell); }},
    {"table_name", [](const ViewUsageRow& row, Cell& cell) { cell.Text(row.relation->name); }},
};

constexpr ColumnGetter<ViewUsageRow> kViewColumnColumns[] = {
    {"view_catalog", [](const ViewUsageRow&, Cell& cell) { DatabaseName(cell); }},
    {"view_schema",
     [](const ViewUsageRow& row, Cell& cell) { SchemaName(row.view->schema, cell); }},
    {"view_name", [](const ViewUsageRow& row, Cell& cell) { cell.Text(row.view->name); }},
    {"table_catalog", [](const ViewUsageRow&, Cell& cell) { DatabaseName(cell); }},
    {"table_schema",
     [](const ViewUsageRow& row, Cell& cell) { SchemaName(row.relation->schema, cell); }},
    {"table_name", [](const ViewUsageRow& row, Cell& cell) { cell.Text(row.relation->name); }},
    {"column_name", [](const ViewUsageRow& row, Cell& cell) { cell.Text(UsedColumn(row)); }},
};

// --- sequences: those of IDENTITY columns are left out ---

struct SequenceRow {
  const SequenceDescriptor* sequence;
};

void ListSequences(const VirtualContext& context, std::vector<SequenceRow>& rows) {
  for (const auto& sequence : context.catalog->contents().sequences) {
    const Relation* relation = context.catalog->FindRelation(sequence->oid);
    if (sequence->identity || !MayAccess(context, *relation, kSelect | kUpdate | kUsage)) continue;
    rows.push_back({sequence.get()});
  }
}

constexpr ColumnGetter<SequenceRow> kSequenceColumns[] = {
    {"sequence_catalog", [](const SequenceRow&, Cell& cell) { DatabaseName(cell); }},
    {"sequence_schema",
     [](const SequenceRow& row, Cell& cell) { SchemaName(row.sequence->schema, cell); }},
    {"sequence_name", [](const SequenceRow& row, Cell& cell) { cell.Text(row.sequence->name); }},
    {"data_type",
     [](const SequenceRow& row, Cell& cell) {
       cell.Text(types::FormatType(cell.catalog(), {row.sequence->type, -1}));
     }},
    {"numeric_precision",
     [](const SequenceRow& row, Cell& cell) {
       OptionalInt4(NumericPrecision({row.sequence->type, -1}), cell);
     }},
    {"numeric_precision_radix", [](const SequenceRow&, Cell& cell) { cell.Int4(2); }},
    {"numeric_scale", [](const SequenceRow&, Cell& cell) { cell.Int4(0); }},
    {"start_value",
     [](const SequenceRow& row, Cell& cell) { cell.Text(std::to_string(row.sequence->start)); }},
    {"minimum_value",
     [](const SequenceRow& row, Cell& cell) {
       cell.Text(std::to_string(row.sequence->min_value));
     }},
    {"maximum_value",
     [](const SequenceRow& row, Cell& cell) {
       cell.Text(std::to_string(row.sequence->max_value));
     }},
    {"increment",
     [](const SequenceRow& row, Cell& cell) {
       cell.Text(std::to_string(row.sequence->increment));
     }},
    {"cycle_option", [](const SequenceRow& row, Cell& cell) { cell.YesNo(row.sequence->cycle); }},
};

// --- domains ---

struct DomainRow {
  const DomainDescriptor* domain;
};

void ListDomains(const VirtualContext& context, std::vector<DomainRow>& rows) {
  for (const auto& domain : context.catalog->contents().domains) {
    if (HasAnyPrivilege(*context.catalog, domain->acl, AclObject::kType, domain->owner,
                        context.services->current_role(), kUsage)) {
      rows.push_back({domain.get()});
    }
  }
}

constexpr ColumnGetter<DomainRow> kDomainColumns[] = {
    {"domain_catalog", [](const DomainRow&, Cell& cell) { DatabaseName(cell); }},
    {"domain_schema",
     [](const DomainRow& row, Cell& cell) { SchemaName(row.domain->schema, cell); }},
    {"domain_name", [](const DomainRow& row, Cell& cell) { cell.Text(row.domain->name); }},
    {"data_type",
     [](const DomainRow& row, Cell& cell) {
       cell.Text(DataTypeName(cell.catalog(), row.domain->base.oid));
     }},
    {"character_maximum_length",
     [](const DomainRow& row, Cell& cell) {
       OptionalInt4(CharacterMaximumLength(row.domain->base), cell);
     }},
    {"character_octet_length",
     [](const DomainRow& row, Cell& cell) {
       OptionalInt4(CharacterOctetLength(row.domain->base), cell);
     }},
    {"numeric_precision",
     [](const DomainRow& row, Cell& cell) {
       OptionalInt4(NumericPrecision(row.domain->base), cell);
     }},
    {"numeric_precision_radix",
     [](const DomainRow& row, Cell& cell) {
       OptionalInt4(NumericPrecisionRadix(row.domain->base), cell);
     }},
    {"numeric_scale",
     [](const DomainRow& row, Cell& cell) { OptionalInt4(NumericScale(row.domain->base), cell); }},
    {"datetime_precision",
     [](const DomainRow& row, Cell& cell) {
       OptionalInt4(DatetimePrecision(row.domain->base), cell);
     }},
    {"domain_default",
     [](const DomainRow& row, Cell& cell) {
       row.domain->default_value
           ? cell.Text(ExpandMarks(cell.catalog(), &cell.services().search_path(),
                                   row.domain->default_value->sql))
           : cell.Null();
     }},
    {"udt_catalog", [](const DomainRow&, Cell& cell) { DatabaseName(cell); }},
    {"udt_schema",
     [](const DomainRow& row, Cell& cell) {
       SchemaName(cell.catalog().GetType(row.domain->base.oid).schema, cell);
     }},
    {"udt_name",
     [](const DomainRow& row, Cell& cell) {
       cell.Text(cell.catalog().GetType(row.domain->base.oid).name);
     }},
    {"dtd_identifier", [](const DomainRow&, Cell& cell) { cell.Text("1"); }},
};

// --- user_defined_types: composite types ---

struct CompositeRow {
  const CompositeDescriptor* type;
};

void ListComposites(const VirtualContext& context, std::vector<CompositeRow>& rows) {
  for (const auto& type : context.catalog->contents().composites) rows.push_back({type.get()});
}

constexpr ColumnGetter<CompositeRow> kCompositeColumns[] = {
    {"user_defined_type_catalog", [](const CompositeRow&, Cell& cell) { DatabaseName(cell); }},
    {"user_defined_type_schema",
     [](const CompositeRow& row, Cell& cell) { SchemaName(row.type->schema, cell); }},
    {"user_defined_type_name",
     [](const CompositeRow& row, Cell& cell) { cell.Text(row.type->name); }},
    {"user_defined_type_category",
     [](const CompositeRow&, Cell& cell) { cell.Text("STRUCTURED"); }},
    {"is_instantiable", [](const CompositeRow&, Cell& cell) { cell.YesNo(true); }},
};

// --- collations ---

struct CollationRow {
  const CollationInfo* collation;
};

void ListCollations(const VirtualContext&, std::vector<CollationRow>& rows) {
  for (const CollationInfo& collation : BuiltinObjects::Get().collations()) {
    rows.push_back({&collation});
  }
}

constexpr ColumnGetter<CollationRow> kCollationColumns[] = {
    {"collation_catalog", [](const CollationRow&, Cell& cell) { DatabaseName(cell); }},
    {"collation_schema", [](const CollationRow&, Cell& cell) { cell.Text("pg_catalog"); }},
    {"collation_name",
     [](const CollationRow& row, Cell& cell) { cell.Text(row.collation->name); }},
    {"pad_attribute", [](const CollationRow&, Cell& cell) { cell.Text("NO PAD"); }},
};

constexpr TableDefinition kTables[] = {
    {kInformationSchema, "information_schema_catalog_name",
     [] { return MakeTable<OneRow>(ListOne, kCatalogNameColumns); }},
    {kInformationSchema, "character_sets",
     [] { return MakeTable<OneRow>(ListOne, kCharacterSetColumns); }},
    {kInformationSchema, "schemata",
     [] { return MakeTable<SchemaRow>(ListSchemas, kSchemaColumns); }},
    {kInformationSchema, "tables", [] { return MakeTable<TableRow>(ListTables, kTableColumns); }},
    {kInformationSchema, "views", [] { return MakeTable<TableRow>(ListViews, kViewColumns); }},
    {kInformationSchema, "view_table_usage",
     [] { return MakeTable<ViewUsageRow>(ListViewTables, kViewTableColumns); }},
    {kInformationSchema, "view_column_usage",
     [] { return MakeTable<ViewUsageRow>(ListViewColumns, kViewColumnColumns); }},
    {kInformationSchema, "sequences",
     [] { return MakeTable<SequenceRow>(ListSequences, kSequenceColumns); }},
    {kInformationSchema, "domains",
     [] { return MakeTable<DomainRow>(ListDomains, kDomainColumns); }},
    {kInformationSchema, "user_defined_types",
     [] { return MakeTable<CompositeRow>(ListComposites, kCompositeColumns); }},
    {kInformationSchema, "collations",
     [] { return MakeTable<CollationRow>(ListCollations, kCollationColumns); }},
};

}  // namespace

std::span<const TableDefinition> SchemaTableViews() { return kTables; }

}  // namespace sundog::catalog::system
