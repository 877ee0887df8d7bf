// The comparison operators, as conditions use them.
#pragma once

#include "planner/logical.h"

namespace sundog::planner {

enum class Comparison : uint8_t {
  kNone,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
};

// kNone if the call is no operator with two arguments, or none of these.
Comparison ComparisonOf(const binder::BoundFunction& call);
// b op a for a op b.
Comparison Swap(Comparison comparison);

// Without the casts that change nothing but the type's name.
const binder::BoundExpression& SkipRelabels(const binder::BoundExpression& expression);

}  // namespace sundog::planner
