// A catalog for tests, made from CREATE statements without a store: columns, keys, checks,
// defaults, views, enums, domains, composite types and SQL functions, as far as binding looks at
// them.
#pragma once

#include <string_view>

#include "catalog/catalog.h"

namespace sundog::binder {

// Throws SqlError where a statement is wrong; CHECKs for what it does not know.
catalog::CatalogPtr MakeFixtureCatalog(std::string_view ddl);

// The tables that tests/binder/compare.py makes in PostgreSQL too.
extern const std::string_view kFixtureDdl;

}  // namespace sundog::binder
