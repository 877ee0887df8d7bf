// What the nodes above would like of a node's rows: an order, or only the first few of them. A node
// that does not hand its input's rows up one for one asks its children for nothing.
#pragma once

#include <algorithm>

#include "planner/expressions.h"
#include "planner/logical.h"

namespace sundog::planner {

struct Demand {
  struct Key {
    BoundExpressionPtr expression;
    bool descending = false;
    bool nulls_first = false;
  };
  // Empty: none.
  std::vector<Key> order;
  // An order that the input cannot even express.
  bool impossible = false;
  // Sorted by more keys above, among rows that are equal by these: an order that leaves many rows
  // equal is of no use.
  bool more_keys = false;
  // 0: all rows.
  double row_goal = 0;

  // Whether the order is by something of these relations.
  bool Mentions(const std::set<RelationId>& relations) const {
    return std::any_of(order.begin(), order.end(), [&](const Key& key) {
      std::set<RelationId> mentioned = RelationsOf(*key.expression);
      return std::any_of(mentioned.begin(), mentioned.end(),
                         [&](RelationId relation) { return relations.contains(relation); });
    });
  }
  bool none() const { return order.empty() && row_goal == 0; }
  Demand Clone() const {
    Demand clone;
    for (const Key& key : order) {
      clone.order.push_back({key.expression->Clone(), key.descending, key.nulls_first});
    }
    clone.more_keys = more_keys;
    clone.row_goal = row_goal;
    clone.impossible = impossible;
    return clone;
  }
  // For an input of `input_rows` of which `output_rows` come out.
  Demand Below(double input_rows, double output_rows) const {
    Demand below = Clone();
    if (row_goal > 0) {
      below.row_goal = std::min(input_rows, row_goal * input_rows / std::max(output_rows, 1.0));
      below.row_goal = std::max(below.row_goal, 1.0);
    }
    return below;
  }
};

}  // namespace sundog::planner
