// Recorded tables: access methods and operator classes, operators, casts, ranges, collations,
// conversions, tablespaces and text search.
#include "catalog/embedded.h"
#include "catalog/system/recorded_table.h"

namespace sundog::catalog::system {

namespace {

constexpr ColumnConstant kCollation[] = {{"collowner", "10"}};
constexpr ColumnConstant kConversion[] = {{"conowner", "10"}};
constexpr ColumnConstant kOpclass[] = {{"opcowner", "10"}};
constexpr ColumnConstant kOpfamily[] = {{"opfowner", "10"}};
constexpr ColumnConstant kOperator[] = {{"oprnamespace", "11"}, {"oprowner", "10"}};
constexpr ColumnConstant kTablespace[] = {{"spcowner", "10"}};
constexpr ColumnConstant kTsConfig[] = {{"cfgowner", "10"}};
constexpr ColumnConstant kTsDict[] = {{"dictowner", "10"}};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_am", [] { return MakeRecordedTable(embedded::AccessMethod); }},
    {kPgCatalogSchema, "pg_amop", [] { return MakeRecordedTable(embedded::Amop); }},
    {kPgCatalogSchema, "pg_amproc", [] { return MakeRecordedTable(embedded::Amproc); }},
    {kPgCatalogSchema, "pg_cast", [] { return MakeRecordedTable(embedded::Casts); }},
    {kPgCatalogSchema, "pg_range", [] { return MakeRecordedTable(embedded::Ranges); }},
    {kPgCatalogSchema, "pg_aggregate", [] { return MakeRecordedTable(embedded::Aggregates); }},
    {kPgCatalogSchema, "pg_collation",
     [] { return MakeRecordedTable(embedded::Collation, kCollation); }},
    {kPgCatalogSchema, "pg_conversion",
     [] { return MakeRecordedTable(embedded::Conversion, kConversion); }},
    {kPgCatalogSchema, "pg_opclass", [] { return MakeRecordedTable(embedded::Opclass, kOpclass); }},
    {kPgCatalogSchema, "pg_opfamily",
     [] { return MakeRecordedTable(embedded::Opfamily, kOpfamily); }},
    {kPgCatalogSchema, "pg_operator",
     [] { return MakeRecordedTable(embedded::Operators, kOperator); }},
    {kPgCatalogSchema, "pg_tablespace",
     [] { return MakeRecordedTable(embedded::Tablespace, kTablespace); }},
    {kPgCatalogSchema, "pg_ts_config",
     [] { return MakeRecordedTable(embedded::TsConfig, kTsConfig); }},
    {kPgCatalogSchema, "pg_ts_dict", [] { return MakeRecordedTable(embedded::TsDict, kTsDict); }},
    {kPgCatalogSchema, "pg_ts_parser", [] { return MakeRecordedTable(embedded::TsParser); }},
    {kPgCatalogSchema, "pg_ts_template", [] { return MakeRecordedTable(embedded::TsTemplate); }},
    {kPgCatalogSchema, "pg_timezone_abbrevs",
     [] { return MakeRecordedTable(embedded::TimeZoneAbbreviations); }},
};

}  // namespace

std::span<const TableDefinition> IndexingTables() { return kTables; }

}  // namespace sundog::catalog::system
