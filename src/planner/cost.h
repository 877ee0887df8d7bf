// What work costs, in units of about 10 µs: ten thousand rows read in order cost 100. PostgreSQL's
// cpu_tuple_cost is as many, so that its users find numbers of the size they know.
#pragma once

#include <algorithm>
#include <cmath>

namespace sundog::planner {

struct Cost {
  double startup = 0;  // before the first row
  double total = 0;
};

// A row of a table or an entry of an index, read in order; one found by its key; the start of a
// range.
inline constexpr double kRowCost = 0.01;
inline constexpr double kEntryCost = 0.012;
inline constexpr double kFetchCost = 0.25;
inline constexpr double kSeekCost = 0.3;
// A condition or expression evaluated on a row.
inline constexpr double kOperatorCost = 0.0025;
// Rows put into a hash table, and looked for in one; an operator's rows handed on.
inline constexpr double kHashBuildCost = 0.02;
inline constexpr double kHashProbeCost = 0.01;
inline constexpr double kHandOnCost = 0.002;
// Running a lookup path anew with other values.
inline constexpr double kRescanCost = 0.1;

// Of `rows` rows; `wanted` > 0: only the first of them.
inline double SortCost(double rows, double wanted) {
  double kept = wanted > 0 ? std::min(wanted, rows) : rows;
  return rows * 0.005 * std::log2(std::max(kept, 2.0)) + rows * kHandOnCost;
}

// The part of a cost that goes into the first `wanted` of `rows` rows.
inline double PartialCost(const Cost& cost, double rows, double wanted) {
  if (wanted <= 0 || wanted >= rows) return cost.total;
  return cost.startup + (cost.total - cost.startup) * wanted / std::max(rows, 1.0);
}

}  // namespace sundog::planner
