// Which operator is meant, and the expressions made of operators.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "binder/coerce.h"
#include "binder/resolve_function.h"

namespace sundog::binder {

// An operator's name as written: OPERATOR(schema.+) or +.
struct OperatorName {
  std::vector<std::string> parts;

  explicit OperatorName(const List* names) : parts(NameParts(names)) {}
  explicit OperatorName(std::string name) : parts{std::move(name)} {}
  const std::string& bare() const { return parts.back(); }
  std::string text() const { return JoinDotted(parts); }
};

// Throws 42883 `operator does not exist: a + b`, 42725. `left` is kInvalidOid for prefix operators.
const functions::OperatorInfo& ResolveOperator(const BindState& state, const OperatorName& name,
                                               Oid left, Oid right, int location);
// Null if none fits (or several do).
const functions::OperatorInfo* FindOperatorFor(const BindState& state, const OperatorName& name,
                                               Oid left, Oid right);
// The one declared for exactly these types; null.
const functions::OperatorInfo* FindExactOperator(const BindState& state, const OperatorName& name,
                                                 Oid left, Oid right);
// compatible_oper: no run-time coercion needed. Throws 42883.
const functions::OperatorInfo& ResolveCompatibleOperator(const BindState& state,
                                                         const OperatorName& name, Oid left,
                                                         Oid right, int location);

// make_op: `left` null for prefix operators.
std::unique_ptr<BoundFunction> MakeOperator(Scope& scope, const OperatorName& name,
                                            BoundExpressionPtr left, BoundExpressionPtr right,
                                            const LastSet& last_set, int location);
// make_scalar_array_op: left op ANY/ALL (array).
BoundExpressionPtr MakeScalarArray(Scope& scope, const OperatorName& name, bool any, bool is_in,
                                   BoundExpressionPtr left, BoundExpressionPtr array, int location);

// Coerces arguments to the resolved types.
void CoerceArguments(BindState& state, BoundExpressions& arguments,
                     const std::vector<Oid>& declared);

// Throws 0A000 where a set-returning call may not stand; marks the scope's query.
void CheckSetPlacement(Scope& scope, const LastSet& last_set, int location);

}  // namespace sundog::binder
