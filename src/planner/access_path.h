// How a table scan reaches its rows: a part of the rows in their own order, or of an index.
//
// A part is named key column by key column: some that equal something, then one that is bounded.
// Once the plan is built, all expressions are over outer slots and parameters alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "binder/bound_expression.h"

namespace sundog::planner {

// The rows come in the order of their distance from a probe: of an index of vectors.
struct NearestOrder {
  // Free of the table's columns. Its value is put into outer slot `slot` before all else.
  binder::BoundExpressionPtr probe;
  int slot = -1;
  // What is sorted by, over the table's columns and `slot`.
  binder::BoundExpressionPtr distance;
  // The same over the vector of an index entry, as input slot 0.
  binder::BoundExpressionPtr entry_distance;
  // Which argument of the distance is the index's key.
  size_t key_argument = 0;
  // When so many candidates were not enough, reading the whole table costs less than looking on.
  double patience = 0;
};

struct AccessPath {
  // 0: the rows in their own order; else the index's OID.
  types::Oid index = types::kInvalidOid;

  // Leading key columns that equal these, where null values find nothing. A null pointer means IS
  // NULL.
  binder::BoundExpressions equal;
  // At this place of `equal` stands an array, any of whose elements will do; −1: nowhere.
  int array_position = -1;

  // The key column after `equal` lies between these.
  binder::BoundExpressionPtr lower;
  binder::BoundExpressionPtr upper;
  bool lower_inclusive = true;
  bool upper_inclusive = true;
  // Or it is not null.
  bool not_null = false;
  // Or it is a text that starts as this LIKE pattern does (`prefix_is_pattern`), or with it. The
  // condition itself is still to be tested.
  binder::BoundExpressionPtr prefix;
  bool prefix_is_pattern = false;
  // Or it and those after it, as a row, are above (`row_is_lower`) or below these, or equal. The
  // comparison itself is still to be tested.
  binder::BoundExpressions row;
  bool row_is_lower = false;

  // Instead of all that: the whole index, nearest first.
  std::optional<NearestOrder> nearest;

  bool reverse = false;
  // `equal` covers all columns of a unique key: at most one row.
  bool unique = false;
  // The plan relies on the index's order.
  bool ordered = false;
  // The index has all columns that are asked for.
  bool index_only = false;
  // What the part was made of, for EXPLAIN: InputSlots in these are attnum - 1 of the table.
  binder::BoundExpressions conditions;

  bool full() const {
    return equal.empty() && !lower && !upper && !not_null && !prefix && row.empty();
  }
};

// The text that all matches of a LIKE pattern start with; `exact` if the pattern is nothing else.
std::string LikePrefix(std::string_view pattern, bool* exact = nullptr);

}  // namespace sundog::planner
