// Function calls of all kinds: plain, aggregate, window, procedure, and types used as functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "binder/bind_expression.h"

namespace sundog::binder {

BoundExpressionPtr BindFunctionCall(Scope& scope, const FuncCall* call);
BoundExpressionPtr BindGroupingCall(Scope& scope, const GroupingFunc* call);
// CALL: null FuncCall members beyond arguments are ignored. Output arguments are among the
// arguments.
std::unique_ptr<BoundFunction> BindProcedureCall(Scope& scope, const FuncCall* call);

// row.name where row has no such field: name(row). Null if there is no such function.
BoundExpressionPtr CallFieldFunction(Scope& scope, const std::string& name, BoundExpressionPtr row,
                                     int location);

// The columns of a function that returns record, from its output arguments.
std::optional<std::vector<RowField>> FunctionOutputFields(Scope& scope, const BoundFunction& call);

// What a call is made of once its function is found.
struct ResolvedCall {
  const FuncCall* raw = nullptr;
  FoundFunction found;
  BoundExpressions arguments;
  std::vector<Oid> declared;
  Oid result = kInvalidOid;
  bool variadic = false;
  LastSet last_set;  // before the arguments
  int location = -1;
};

BoundExpressionPtr MakeAggregate(Scope& scope, ResolvedCall call, BoundExpressionPtr filter);
BoundExpressionPtr MakeWindow(Scope& scope, ResolvedCall call, BoundExpressionPtr filter);
// The rules of ordered-set aggregates about their argument counts; unifies hypothetical arguments.
void CheckOrderedSet(Scope& scope, ResolvedCall& call, std::vector<Oid>& actual);

// GROUPING(…) calls wait for their GROUP BY: BoundGrouping::group_indexes is {-1 - k} until
// FinishGrouping gives call k its indexes.
struct PendingGrouping {
  BoundExpressions arguments;
  int depth = 0;
  int location = -1;
};

}  // namespace sundog::binder
