// The facts of PostgreSQL 15 embedded in this folder (builtin/*.tsv) and in the ones below.
#pragma once

#include "base/tsv.h"

namespace sundog::catalog::embedded {

base::Tsv AccessMethod();
base::Tsv Aggregates();
base::Tsv Amop();
base::Tsv Amproc();
base::Tsv Casts();
base::Tsv Collation();
base::Tsv Columns();
base::Tsv Conversion();
base::Tsv Indexes();
base::Tsv Keywords();
base::Tsv Language();
base::Tsv Namespace();
base::Tsv Opclass();
base::Tsv Operators();
base::Tsv Opfamily();
base::Tsv Procs();
base::Tsv Ranges();
base::Tsv Relations();
base::Tsv Role();
base::Tsv Settings();
base::Tsv SysColumns();
base::Tsv SysRelations();
base::Tsv Tablespace();
base::Tsv TimeZoneAbbreviations();
base::Tsv TsConfig();
base::Tsv TsDict();
base::Tsv TsParser();
base::Tsv TsTemplate();
base::Tsv Types();

}  // namespace sundog::catalog::embedded
