// pg_stat_*_tables and pg_stat_*_indexes: which there are, and how many rows they have. Scans and
// changes are not counted.
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

namespace {

struct TableRow {
  const TableDescriptor* table;
};

void ListTables(const VirtualContext& context, std::vector<TableRow>& rows) {
  for (const auto& table : context.catalog->contents().tables) rows.push_back({table.get()});
}

void SchemaName(const TableDescriptor& table, Cell& cell) {
  cell.Text(cell.catalog().FindSchema(table.schema)->name);
}

template <int64_t kValue>
void Count(const TableRow&, Cell& cell) {
  cell.Int8(kValue);
}

constexpr ColumnGetter<TableRow> kTableColumns[] = {
    {"relid", [](const TableRow& row, Cell& cell) { cell.Oid(row.table->oid); }},
    {"schemaname", [](const TableRow& row, Cell& cell) { SchemaName(*row.table, cell); }},
    {"relname", [](const TableRow& row, Cell& cell) { cell.Text(row.table->name); }},
    {"seq_scan", Count<0>},
    {"seq_tup_read", Count<0>},
    {"n_tup_ins", Count<0>},
    {"n_tup_upd", Count<0>},
    {"n_tup_del", Count<0>},
    {"n_tup_hot_upd", Count<0>},
    {"n_live_tup",
     [](const TableRow& row, Cell& cell) {
       double rows = cell.services().RowEstimate(row.table->oid);
       cell.Int8(rows < 0 ? 0 : static_cast<int64_t>(rows));
     }},
    {"n_dead_tup", Count<0>},
    {"n_mod_since_analyze", Count<0>},
    {"n_ins_since_vacuum", Count<0>},
    {"vacuum_count", Count<0>},
    {"autovacuum_count", Count<0>},
    {"analyze_count", Count<0>},
    {"autoanalyze_count", Count<0>},
};

struct IndexRow {
  const TableDescriptor* table;
  const IndexDescriptor* index;
};

void ListIndexes(const VirtualContext& context, std::vector<IndexRow>& rows) {
  for (const auto& table : context.catalog->contents().tables) {
    for (const IndexDescriptor& index : table->indexes) rows.push_back({table.get(), &index});
  }
}

constexpr ColumnGetter<IndexRow> kIndexColumns[] = {
    {"relid", [](const IndexRow& row, Cell& cell) { cell.Oid(row.table->oid); }},
    {"indexrelid", [](const IndexRow& row, Cell& cell) { cell.Oid(row.index->oid); }},
    {"schemaname", [](const IndexRow& row, Cell& cell) { SchemaName(*row.table, cell); }},
    {"relname", [](const IndexRow& row, Cell& cell) { cell.Text(row.table->name); }},
    {"indexrelname", [](const IndexRow& row, Cell& cell) { cell.Text(row.index->name); }},
    {"idx_scan", [](const IndexRow&, Cell& cell) { cell.Int8(0); }},
    {"idx_tup_read", [](const IndexRow&, Cell& cell) { cell.Int8(0); }},
    {"idx_tup_fetch", [](const IndexRow&, Cell& cell) { cell.Int8(0); }},
};

std::unique_ptr<DefinedTable> Tables() { return MakeTable<TableRow>(ListTables, kTableColumns); }
std::unique_ptr<DefinedTable> Indexes() { return MakeTable<IndexRow>(ListIndexes, kIndexColumns); }

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_stat_all_tables", Tables},
    {kPgCatalogSchema, "pg_stat_user_tables", Tables},
    {kPgCatalogSchema, "pg_stat_all_indexes", Indexes},
    {kPgCatalogSchema, "pg_stat_user_indexes", Indexes},
};

}  // namespace

std::span<const TableDefinition> StatisticsViews() { return kTables; }

}  // namespace sundog::catalog::system
