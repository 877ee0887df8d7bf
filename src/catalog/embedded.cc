#include "catalog/embedded.h"

extern "C" const char sundog_catalog_am[], sundog_catalog_am_end[];
extern "C" const char sundog_catalog_amop[], sundog_catalog_amop_end[];
extern "C" const char sundog_catalog_amproc[], sundog_catalog_amproc_end[];
extern "C" const char sundog_catalog_collation[], sundog_catalog_collation_end[];
extern "C" const char sundog_catalog_columns[], sundog_catalog_columns_end[];
extern "C" const char sundog_catalog_conversion[], sundog_catalog_conversion_end[];
extern "C" const char sundog_catalog_indexes[], sundog_catalog_indexes_end[];
extern "C" const char sundog_catalog_keywords[], sundog_catalog_keywords_end[];
extern "C" const char sundog_catalog_language[], sundog_catalog_language_end[];
extern "C" const char sundog_catalog_namespace[], sundog_catalog_namespace_end[];
extern "C" const char sundog_catalog_opclass[], sundog_catalog_opclass_end[];
extern "C" const char sundog_catalog_opfamily[], sundog_catalog_opfamily_end[];
extern "C" const char sundog_catalog_relations[], sundog_catalog_relations_end[];
extern "C" const char sundog_catalog_role[], sundog_catalog_role_end[];
extern "C" const char sundog_catalog_settings[], sundog_catalog_settings_end[];
extern "C" const char sundog_catalog_sys_columns[], sundog_catalog_sys_columns_end[];
extern "C" const char sundog_catalog_sys_relations[], sundog_catalog_sys_relations_end[];
extern "C" const char sundog_catalog_tablespace[], sundog_catalog_tablespace_end[];
extern "C" const char sundog_catalog_timezone_abbrevs[], sundog_catalog_timezone_abbrevs_end[];
extern "C" const char sundog_catalog_ts_config[], sundog_catalog_ts_config_end[];
extern "C" const char sundog_catalog_ts_dict[], sundog_catalog_ts_dict_end[];
extern "C" const char sundog_catalog_ts_parser[], sundog_catalog_ts_parser_end[];
extern "C" const char sundog_catalog_ts_template[], sundog_catalog_ts_template_end[];
extern "C" const char sundog_builtin_aggregates[], sundog_builtin_aggregates_end[];
extern "C" const char sundog_builtin_casts[], sundog_builtin_casts_end[];
extern "C" const char sundog_builtin_operators[], sundog_builtin_operators_end[];
extern "C" const char sundog_builtin_procs[], sundog_builtin_procs_end[];
extern "C" const char sundog_builtin_types[], sundog_builtin_types_end[];
extern "C" const char sundog_catalog_ranges[], sundog_catalog_ranges_end[];

namespace sundog::catalog::embedded {

namespace {

base::Tsv Table(const char* begin, const char* end) {
  return base::Tsv({begin, static_cast<size_t>(end - begin)});
}

}  // namespace

base::Tsv AccessMethod() {
  return Table(sundog_catalog_am, sundog_catalog_am_end);
}
base::Tsv Amop() {
  return Table(sundog_catalog_amop, sundog_catalog_amop_end);
}
base::Tsv Amproc() {
  return Table(sundog_catalog_amproc, sundog_catalog_amproc_end);
}
base::Tsv Collation() {
  return Table(sundog_catalog_collation, sundog_catalog_collation_end);
}
base::Tsv Columns() {
  return Table(sundog_catalog_columns, sundog_catalog_columns_end);
}
base::Tsv Conversion() {
  return Table(sundog_catalog_conversion, sundog_catalog_conversion_end);
}
base::Tsv Indexes() {
  return Table(sundog_catalog_indexes, sundog_catalog_indexes_end);
}
base::Tsv Keywords() {
  return Table(sundog_catalog_keywords, sundog_catalog_keywords_end);
}
base::Tsv Language() {
  return Table(sundog_catalog_language, sundog_catalog_language_end);
}
base::Tsv Namespace() {
  return Table(sundog_catalog_namespace, sundog_catalog_namespace_end);
}
base::Tsv Opclass() {
  return Table(sundog_catalog_opclass, sundog_catalog_opclass_end);
}
base::Tsv Opfamily() {
  return Table(sundog_catalog_opfamily, sundog_catalog_opfamily_end);
}
base::Tsv Relations() {
  return Table(sundog_catalog_relations, sundog_catalog_relations_end);
}
base::Tsv Role() {
  return Table(sundog_catalog_role, sundog_catalog_role_end);
}
base::Tsv Settings() {
  return Table(sundog_catalog_settings, sundog_catalog_settings_end);
}
base::Tsv SysColumns() {
  return Table(sundog_catalog_sys_columns, sundog_catalog_sys_columns_end);
}
base::Tsv SysRelations() {
  return Table(sundog_catalog_sys_relations, sundog_catalog_sys_relations_end);
}
base::Tsv Tablespace() {
  return Table(sundog_catalog_tablespace, sundog_catalog_tablespace_end);
}
base::Tsv TimeZoneAbbreviations() {
  return Table(sundog_catalog_timezone_abbrevs, sundog_catalog_timezone_abbrevs_end);
}
base::Tsv TsConfig() {
  return Table(sundog_catalog_ts_config, sundog_catalog_ts_config_end);
}
base::Tsv TsDict() {
  return Table(sundog_catalog_ts_dict, sundog_catalog_ts_dict_end);
}
base::Tsv TsParser() {
  return Table(sundog_catalog_ts_parser, sundog_catalog_ts_parser_end);
}
base::Tsv TsTemplate() {
  return Table(sundog_catalog_ts_template, sundog_catalog_ts_template_end);
}
base::Tsv Aggregates() {
  return Table(sundog_builtin_aggregates, sundog_builtin_aggregates_end);
}
base::Tsv Casts() {
  return Table(sundog_builtin_casts, sundog_builtin_casts_end);
}
base::Tsv Operators() {
  return Table(sundog_builtin_operators, sundog_builtin_operators_end);
}
base::Tsv Procs() {
  return Table(sundog_builtin_procs, sundog_builtin_procs_end);
}
base::Tsv Types() {
  return Table(sundog_builtin_types, sundog_builtin_types_end);
}
base::Tsv Ranges() {
  return Table(sundog_catalog_ranges, sundog_catalog_ranges_end);
}

}  // namespace sundog::catalog::embedded
