// How much Aurora DSQL lets one cluster define, and put into one row.
#pragma once

#include <cstddef>

#include "catalog/catalog.h"

namespace sundog::catalog::ddl {

// Of what a definition adds to `before`. 54000, 54011 with DSQL's texts.
void CheckDsqlLimits(const Catalog& before, const Catalog& after);

// In bytes: a value's are its own, a row's those of all its values, a key's those of its columns
// and of the primary key behind them. 0: no limit.
struct RowLimits {
  size_t value = 0;
  size_t row = 0;
  size_t key = 0;
};
inline constexpr RowLimits kDsqlRowLimits = {size_t{1} << 20, size_t{2} << 20, 1981};

}  // namespace sundog::catalog::ddl
