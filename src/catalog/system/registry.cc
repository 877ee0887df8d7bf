// Joins PostgreSQL's list of system relations and columns with the tables that are filled here.
#include <algorithm>
#include <map>

#include "catalog/embedded.h"
#include "catalog/sys_schema.h"
#include "catalog/system/rows.h"
#include "catalog/system/schema_views.h"

namespace sundog::catalog {

using system::TableDefinition;

namespace {

// A relation of PostgreSQL's for which Sundog has no objects: it has no rows.
class EmptyTable final : public system::DefinedTable {
 public:
  void BindColumns() override {}
  std::unique_ptr<VirtualScan> Open(const VirtualContext&, std::span<const int>) const override {
    class Scan final : public VirtualScan {
     public:
      size_t Next(std::span<types::Vector* const>, size_t) override { return 0; }
    };
    return std::make_unique<Scan>();
  }
};

constexpr std::span<const TableDefinition> (*kLists[])() = {
    system::ClassTables,
    system::ConstraintTables, system::TypeTables,       system::FunctionTables,
    system::IndexingTables,   system::DependencyTables, system::RoleTables,
    system::PolicyTables,
    system::ListingViews,     system::SessionViews,     system::StatisticsViews,
    system::SchemaColumnViews, system::SchemaTableViews, system::SchemaConstraintViews,
    system::SchemaPrivilegeViews, system::SchemaRoutineViews, system::SysViews,
};

std::unique_ptr<system::DefinedTable> NewEmptyTable() { return std::make_unique<EmptyTable>(); }

Oid SchemaNamed(std::string_view name) {
  if (name == "sys") return kSysSchema;
  return name == "pg_catalog" ? kPgCatalogSchema : kInformationSchema;
}

system::TableDefinitions Definitions() {
  system::TableDefinitions found;
  for (auto list : kLists) {
    for (const TableDefinition& definition : list()) {
      bool fresh = found.emplace(std::pair(definition.schema, definition.name), &definition).second;
      CHECK(fresh);
    }
  }
  return found;
}

std::map<Oid, std::vector<VirtualColumn>> Columns(const base::Tsv& rows) {
  std::map<Oid, std::vector<VirtualColumn>> columns;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    VirtualColumn column;
    column.attnum = static_cast<int16_t>(rows.Number(i, "attnum"));
    column.name = rows.Text(i, "attname");
    column.type = {static_cast<Oid>(rows.Number(i, "atttypid")),
                   static_cast<int32_t>(rows.Number(i, "atttypmod"))};
    column.not_null = rows.Flag(i, "attnotnull");
    column.dimensions = static_cast<int16_t>(rows.Number(i, "attndims"));
    column.collation = static_cast<Oid>(rows.Number(i, "attcollation"));
    columns[static_cast<Oid>(rows.Number(i, "attrelid"))].push_back(std::move(column));
  }
  return columns;
}

}  // namespace

const VirtualColumn* VirtualTable::FindColumn(std::string_view column) const {
  for (const VirtualColumn& candidate : columns_) {
    if (candidate.name == column) return &candidate;
  }
  return nullptr;
}

SystemTables::SystemTables() {
  auto definitions = Definitions();
  Load(embedded::Relations(), embedded::Columns(), definitions);
  listed_count_ = all_.size();
  Load(embedded::SysRelations(), embedded::SysColumns(), definitions);
  CHECK(definitions.empty());  // each names a relation of PostgreSQL's or of schema sys
  std::sort(all_.begin(), all_.end(), [](auto* a, auto* b) { return a->oid() < b->oid(); });
  CHECK(std::all_of(all_.begin(), all_.begin() + static_cast<ptrdiff_t>(listed_count_),
                    [](auto* table) { return table->schema() != kSysSchema; }));
}

void SystemTables::Load(const base::Tsv& rows, const base::Tsv& column_rows,
                        system::TableDefinitions& definitions) {
  auto columns = Columns(column_rows);
  for (size_t i = 0; i < rows.row_count(); ++i) {
    std::string name = rows.Text(i, "relname");
    Oid schema = SchemaNamed(rows.Text(i, "nspname"));
    auto definition = definitions.find({schema, name});
    std::unique_ptr<system::DefinedTable> table =
        definition != definitions.end() ? definition->second->make() : NewEmptyTable();
    table->oid_ = static_cast<Oid>(rows.Number(i, "oid"));
    table->schema_ = schema;
    table->name_ = std::move(name);
    table->kind_ = rows.Text(i, "relkind")[0];
    table->row_type_ = static_cast<Oid>(rows.Number(i, "reltype"));
    table->row_array_type_ = static_cast<Oid>(rows.Number(i, "typarray"));
    table->row_array_name_ = rows.Text(i, "arrayname");
    table->shared_ = rows.Flag(i, "relisshared");
    table->columns_ = std::move(columns[table->oid_]);
    table->BindColumns();
    if (definition != definitions.end()) definitions.erase(definition);
    all_.push_back(table.get());
    owned_.push_back(std::move(table));
  }
}

const SystemTables& SystemTables::Get() {
  static const SystemTables tables;
  return tables;
}

const VirtualTable* SystemTables::Find(Oid oid) const {
  auto at = std::lower_bound(all_.begin(), all_.end(), oid,
                             [](const VirtualTable* table, Oid wanted) {
                               return table->oid() < wanted;
                             });
  return at != all_.end() && (*at)->oid() == oid ? *at : nullptr;
}

const VirtualTable* SystemTables::Find(Oid schema, std::string_view name) const {
  for (const VirtualTable* table : all_) {
    if (table->schema() == schema && table->name() == name) return table;
  }
  return nullptr;
}

}  // namespace sundog::catalog
