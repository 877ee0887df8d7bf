// information_schema: table_constraints, key_column_usage, referential_constraints,
// constraint_column_usage, constraint_table_usage, check_constraints, domain_constraints.
#include <fmt/format.h>

#include <set>

#include "catalog/definitions.h"
#include "catalog/system/schema_access.h"
#include "catalog/system/schema_types.h"
#include "catalog/system/schema_views.h"

namespace sundog::catalog::system {

namespace {

// A constraint, or NOT NULL of a column, which counts as a check.
struct ConstraintRow {
  std::shared_ptr<const TableDescriptor> table;
  const ConstraintDescriptor* constraint = nullptr;
  const ColumnDescriptor* not_null = nullptr;
  std::shared_ptr<const DomainDescriptor> domain;
  const DomainConstraintDescriptor* domain_constraint = nullptr;
};

std::string NameOf(const ConstraintRow& row) {
  if (row.constraint != nullptr) return row.constraint->name;
  if (row.domain_constraint != nullptr) return row.domain_constraint->name;
  return fmt::format("{}_{}_{}_not_null", row.table->schema, row.table->oid, row.not_null->attnum);
}

Oid SchemaOf(const ConstraintRow& row) {
  return row.table != nullptr ? row.table->schema : row.domain->schema;
}

void AddNotNulls(const std::shared_ptr<const TableDescriptor>& table,
                 std::vector<ConstraintRow>& rows) {
  for (const ColumnDescriptor& column : table->columns) {
    if (column.not_null && !column.dropped) rows.push_back({table, nullptr, &column, {}, nullptr});
  }
}

// --- table_constraints ---

void ListConstraints(const VirtualContext& context, std::vector<ConstraintRow>& rows) {
  auto visible = [&](const TableDescriptor& table) {
    return MayChange(context, *context.catalog->FindRelation(table.oid));
  };
  for (const auto& table : context.catalog->contents().tables) {
    if (!visible(*table)) continue;
    for (const ConstraintDescriptor& constraint : table->constraints) {
      rows.push_back({table, &constraint, nullptr, {}, nullptr});
    }
  }
  for (const auto& table : context.catalog->contents().tables) {
    if (visible(*table)) AddNotNulls(table, rows);
  }
}

std::string_view KindText(const ConstraintRow& row) {
  if (row.constraint == nullptr) return "CHECK";
  switch (row.constraint->kind) {
    case ConstraintKind::kCheck: return "CHECK";
    case ConstraintKind::kForeignKey: return "FOREIGN KEY";
    case ConstraintKind::kPrimaryKey: return "PRIMARY KEY";
    case ConstraintKind::kUnique: return "UNIQUE";
  }
  return "";
}

void ConstraintCatalog(const ConstraintRow&, Cell& cell) { DatabaseName(cell); }
void ConstraintSchema(const ConstraintRow& row, Cell& cell) { SchemaName(SchemaOf(row), cell); }
void ConstraintName(const ConstraintRow& row, Cell& cell) { cell.Text(NameOf(row)); }

constexpr ColumnGetter<ConstraintRow> kConstraintColumns[] = {
    {"constraint_catalog", ConstraintCatalog},
    {"constraint_schema", ConstraintSchema},
    {"constraint_name", ConstraintName},
    {"table_catalog", ConstraintCatalog},
    {"table_schema", ConstraintSchema},
    {"table_name", [](const ConstraintRow& row, Cell& cell) { cell.Text(row.table->name); }},
    {"constraint_type", [](const ConstraintRow& row, Cell& cell) { cell.Text(KindText(row)); }},
    {"is_deferrable",
     [](const ConstraintRow& row, Cell& cell) {
       cell.YesNo(row.constraint != nullptr && row.constraint->deferrable);
     }},
    {"initially_deferred",
     [](const ConstraintRow& row, Cell& cell) {
       cell.YesNo(row.constraint != nullptr && row.constraint->initially_deferred);
     }},
    {"enforced", [](const ConstraintRow&, Cell& cell) { cell.YesNo(true); }},
    {"nulls_distinct",
     [](const ConstraintRow& row, Cell& cell) {
       if (row.constraint == nullptr || row.constraint->kind != ConstraintKind::kUnique) {
         return cell.Null();
       }
       const IndexDescriptor* index = row.table->FindIndex(row.constraint->index);
       cell.YesNo(index == nullptr || !index->nulls_not_distinct);
     }},
};

// --- check_constraints and domain_constraints ---

void ListChecks(const VirtualContext& context, std::vector<ConstraintRow>& rows) {
  const CatalogContents& contents = context.catalog->contents();
  for (const auto& table : contents.tables) {
    if (!IsOwnedBy(context, table->owner)) continue;
    for (const ConstraintDescriptor& constraint : table->constraints) {
      if (constraint.kind == ConstraintKind::kCheck) {
        rows.push_back({table, &constraint, nullptr, {}, nullptr});
      }
    }
  }
  for (const auto& domain : contents.domains) {
    if (!IsOwnedBy(context, domain->owner)) continue;
    for (const DomainConstraintDescriptor& constraint : domain->constraints) {
      rows.push_back({nullptr, nullptr, nullptr, domain, &constraint});
    }
  }
  for (const auto& table : contents.tables) {
    if (IsOwnedBy(context, table->owner)) AddNotNulls(table, rows);
  }
}

void CheckClause(const ConstraintRow& row, Cell& cell) {
  if (row.not_null != nullptr) return cell.Text(row.not_null->name + " IS NOT NULL");
  ConstraintPlace place{row.table, row.constraint, row.domain, row.domain_constraint};
  std::string definition = DefinitionPrinter(cell.services()).Constraint(place, false);
  cell.Text(definition.substr(std::string_view("CHECK ").size()));
}

constexpr ColumnGetter<ConstraintRow> kCheckColumns[] = {
    {"constraint_catalog", ConstraintCatalog},
    {"constraint_schema", ConstraintSchema},
    {"constraint_name", ConstraintName},
    {"check_clause", CheckClause},
};

void ListDomainConstraints(const VirtualContext& context, std::vector<ConstraintRow>& rows) {
  for (const auto& domain : context.catalog->contents().domains) {
    for (const DomainConstraintDescriptor& constraint : domain->constraints) {
      rows.push_back({nullptr, nullptr, nullptr, domain, &constraint});
    }
  }
}

constexpr ColumnGetter<ConstraintRow> kDomainConstraintColumns[] = {
    {"constraint_catalog", ConstraintCatalog},
    {"constraint_schema", ConstraintSchema},
    {"constraint_name", ConstraintName},
    {"domain_catalog", ConstraintCatalog},
    {"domain_schema", ConstraintSchema},
    {"domain_name", [](const ConstraintRow& row, Cell& cell) { cell.Text(row.domain->name); }},
    {"is_deferrable", [](const ConstraintRow&, Cell& cell) { cell.YesNo(false); }},
    {"initially_deferred", [](const ConstraintRow&, Cell& cell) { cell.YesNo(false); }},
};

// --- key_column_usage ---

struct KeyColumnRow {
  const TableDescriptor* table;
  const ConstraintDescriptor* constraint;
  size_t place;
};

void ListKeyColumns(const VirtualContext& context, std::vector<KeyColumnRow>& rows) {
  for (const auto& table : context.catalog->contents().tables) {
    const Relation& relation = *context.catalog->FindRelation(table->oid);
    for (const ConstraintDescriptor& constraint : table->constraints) {
      if (constraint.kind == ConstraintKind::kCheck) continue;
      for (size_t i = 0; i < constraint.columns.size(); ++i) {
        if (!MayAccessColumn(context, relation, table->FindColumn(constraint.columns[i]))) continue;
        rows.push_back({table.get(), &constraint, i});
      }
    }
  }
}

// Where the referenced column stands in the referenced key's index.
void UniquePosition(const KeyColumnRow& row, Cell& cell) {
  if (row.constraint->kind != ConstraintKind::kForeignKey) return cell.Null();
  auto referenced = cell.catalog().FindTable(row.constraint->referenced_table);
  const IndexDescriptor* index =
      referenced != nullptr ? referenced->FindIndex(row.constraint->index) : nullptr;
  if (index == nullptr) return cell.Null();
  for (size_t i = 0; i < index->keys.size(); ++i) {
    if (index->keys[i].attnum == row.constraint->referenced_columns[row.place]) {
      return cell.Int4(static_cast<int32_t>(i + 1));
    }
  }
  cell.Null();
}

constexpr ColumnGetter<KeyColumnRow> kKeyColumnColumns[] = {
    {"constraint_catalog", [](const KeyColumnRow&, Cell& cell) { DatabaseName(cell); }},
    {"constraint_schema",
     [](const KeyColumnRow& row, Cell& cell) { SchemaName(row.table->schema, cell); }},
    {"constraint_name",
     [](const KeyColumnRow& row, Cell& cell) { cell.Text(row.constraint->name); }},
    {"table_catalog", [](const KeyColumnRow&, Cell& cell) { DatabaseName(cell); }},
    {"table_schema",
     [](const KeyColumnRow& row, Cell& cell) { SchemaName(row.table->schema, cell); }},
    {"table_name", [](const KeyColumnRow& row, Cell& cell) { cell.Text(row.table->name); }},
    {"column_name",
     [](const KeyColumnRow& row, Cell& cell) {
       cell.Text(row.table->FindColumn(row.constraint->columns[row.place])->name);
     }},
    {"ordinal_position",
     [](const KeyColumnRow& row, Cell& cell) { cell.Int4(static_cast<int32_t>(row.place + 1)); }},
    {"position_in_unique_constraint", UniquePosition},
};

// --- referential_constraints ---

void ListForeignKeys(const VirtualContext& context, std::vector<ConstraintRow>& rows) {
  for (const auto& table : context.catalog->contents().tables) {
    if (!MayChange(context, *context.catalog->FindRelation(table->oid))) continue;
    for (const ConstraintDescriptor& constraint : table->constraints) {
      if (constraint.kind == ConstraintKind::kForeignKey) {
        rows.push_back({table, &constraint, nullptr, {}, nullptr});
      }
    }
  }
}

// The constraint of the referenced index; null where that is a plain unique index.
const ConstraintDescriptor* ReferencedConstraint(const ConstraintRow& row, const Cell& cell) {
  auto referenced = cell.catalog().FindTable(row.constraint->referenced_table);
  const IndexDescriptor* index =
      referenced != nullptr ? referenced->FindIndex(row.constraint->index) : nullptr;
  return index != nullptr ? referenced->FindConstraint(index->constraint) : nullptr;
}

std::string_view RuleText(ReferentialAction action) {
  switch (action) {
    case ReferentialAction::kNoAction: return "NO ACTION";
    case ReferentialAction::kRestrict: return "RESTRICT";
    case ReferentialAction::kCascade: return "CASCADE";
    case ReferentialAction::kSetNull: return "SET NULL";
    case ReferentialAction::kSetDefault: return "SET DEFAULT";
  }
  return "";
}

constexpr ColumnGetter<ConstraintRow> kReferentialColumns[] = {
    {"constraint_catalog", ConstraintCatalog},
    {"constraint_schema", ConstraintSchema},
    {"constraint_name", ConstraintName},
    {"unique_constraint_catalog",
     [](const ConstraintRow& row, Cell& cell) {
       ReferencedConstraint(row, cell) != nullptr ? DatabaseName(cell) : cell.Null();
     }},
    {"unique_constraint_schema",
     [](const ConstraintRow& row, Cell& cell) {
       if (ReferencedConstraint(row, cell) == nullptr) return cell.Null();
       SchemaName(cell.catalog().FindTable(row.constraint->referenced_table)->schema, cell);
     }},
    {"unique_constraint_name",
     [](const ConstraintRow& row, Cell& cell) {
       const ConstraintDescriptor* referenced = ReferencedConstraint(row, cell);
       referenced != nullptr ? cell.Text(referenced->name) : cell.Null();
     }},
    {"match_option",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Text(row.constraint->match == MatchKind::kFull ? "FULL" : "NONE");
     }},
    {"update_rule",
     [](const ConstraintRow& row, Cell& cell) { cell.Text(RuleText(row.constraint->on_update)); }},
    {"delete_rule",
     [](const ConstraintRow& row, Cell& cell) { cell.Text(RuleText(row.constraint->on_delete)); }},
};

// --- constraint_column_usage and constraint_table_usage: of a foreign key what it refers to ---

struct UsageRow {
  std::shared_ptr<const TableDescriptor> table;  // the used one
  const ColumnDescriptor* column;
  Oid constraint_schema;
  const ConstraintDescriptor* constraint;
};

void ListColumnUsage(const VirtualContext& context, std::vector<UsageRow>& rows) {
  for (const auto& table : context.catalog->contents().tables) {
    for (const ConstraintDescriptor& constraint : table->constraints) {
      bool foreign = constraint.kind == ConstraintKind::kForeignKey;
      auto used = foreign ? context.catalog->FindTable(constraint.referenced_table) : table;
      if (used == nullptr || !IsOwnedBy(context, used->owner)) continue;
      for (int16_t attnum : foreign ? constraint.referenced_columns : constraint.columns) {
        rows.push_back({used, used->FindColumn(attnum), table->schema, &constraint});
      }
    }
  }
}

void ListTableUsage(const VirtualContext& context, std::vector<UsageRow>& rows) {
  std::vector<UsageRow> columns;
  ListColumnUsage(context, columns);
  std::set<Oid> seen;
  for (UsageRow& row : columns) {
    if (row.constraint->kind == ConstraintKind::kCheck) continue;
    if (seen.insert(row.constraint->oid).second) rows.push_back(std::move(row));
  }
}

void UsedCatalog(const UsageRow&, Cell& cell) { DatabaseName(cell); }
void UsedSchema(const UsageRow& row, Cell& cell) { SchemaName(row.table->schema, cell); }
void UsedTable(const UsageRow& row, Cell& cell) { cell.Text(row.table->name); }
void UsingSchema(const UsageRow& row, Cell& cell) { SchemaName(row.constraint_schema, cell); }
void UsingName(const UsageRow& row, Cell& cell) { cell.Text(row.constraint->name); }

constexpr ColumnGetter<UsageRow> kColumnUsageColumns[] = {
    {"table_catalog", UsedCatalog},
    {"table_schema", UsedSchema},
    {"table_name", UsedTable},
    {"column_name", [](const UsageRow& row, Cell& cell) { cell.Text(row.column->name); }},
    {"constraint_catalog", UsedCatalog},
    {"constraint_schema", UsingSchema},
    {"constraint_name", UsingName},
};

constexpr ColumnGetter<UsageRow> kTableUsageColumns[] = {
    {"table_catalog", UsedCatalog},      {"table_schema", UsedSchema},
    {"table_name", UsedTable},           {"constraint_catalog", UsedCatalog},
    {"constraint_schema", UsingSchema},  {"constraint_name", UsingName},
};

constexpr TableDefinition kTables[] = {
    {kInformationSchema, "table_constraints",
     [] { return MakeTable<ConstraintRow>(ListConstraints, kConstraintColumns); }},
    {kInformationSchema, "check_constraints",
     [] { return MakeTable<ConstraintRow>(ListChecks, kCheckColumns); }},
    {kInformationSchema, "domain_constraints",
     [] { return MakeTable<ConstraintRow>(ListDomainConstraints, kDomainConstraintColumns); }},
    {kInformationSchema, "key_column_usage",
     [] { return MakeTable<KeyColumnRow>(ListKeyColumns, kKeyColumnColumns); }},
    {kInformationSchema, "referential_constraints",
     [] { return MakeTable<ConstraintRow>(ListForeignKeys, kReferentialColumns); }},
    {kInformationSchema, "constraint_column_usage",
     [] { return MakeTable<UsageRow>(ListColumnUsage, kColumnUsageColumns); }},
    {kInformationSchema, "constraint_table_usage",
     [] { return MakeTable<UsageRow>(ListTableUsage, kTableUsageColumns); }},
};

}  // namespace

std::span<const TableDefinition> SchemaConstraintViews() { return kTables; }

}  // namespace sundog::catalog::system
