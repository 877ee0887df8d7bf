// WITH RECURSIVE, on raw trees: in which order the queries can be bound, and whether recursive ones
// have the form that can be computed.
#pragma once

#include <vector>

#include "binder/scope.h"

namespace sundog::binder {

struct OrderedCte {
  const CommonTableExpr* cte = nullptr;
  bool recursive = false;
};

// Those without unbound dependencies first. Throws 0A000 for mutual recursion, 42P19 for ill-formed
// recursive queries.
std::vector<OrderedCte> OrderRecursiveCtes(const WithClause* with);

}  // namespace sundog::binder
