// 23505 as PostgreSQL words it.
#pragma once

#include <string>
#include <string_view>

#include "base/sql_error.h"
#include "storage/table_layout.h"

namespace sundog::storage {

// `key` is `Key (a)=(1)`, or empty: no detail.
SqlError DuplicateKeyError(const TableLayout& layout, const IndexLayout& index,
                           std::string_view schema_name, const std::string& key);

}  // namespace sundog::storage
