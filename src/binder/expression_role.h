// Where in a statement an expression stands. PostgreSQL's rules about aggregates, window functions,
// subqueries and set-returning functions, and their error texts, depend on it.
#pragma once

#include <cstdint>
#include <string_view>

namespace sundog::binder {

enum class ExpressionRole : uint8_t {
  kNone,
  kOther,
  kJoinOn,
  kJoinUsing,
  kFromSubselect,
  kFromFunction,
  kWhere,
  kHaving,
  kFilter,
  kWindowPartition,
  kWindowOrder,
  kWindowFrameRange,
  kWindowFrameRows,
  kWindowFrameGroups,
  kSelectTarget,
  kInsertTarget,
  kUpdateSource,
  kUpdateTarget,
  kMergeWhen,
  kGroupBy,
  kOrderBy,
  kDistinctOn,
  kLimit,
  kOffset,
  kReturning,
  kValues,
  kValuesSingle,
  kCheckConstraint,
  kDomainCheck,
  kColumnDefault,
  kFunctionDefault,
  kIndexExpression,
  kIndexPredicate,
  kAlterColumnTransform,
  kExecuteParameter,
  kCallArgument,
  kCopyWhere,
  kGeneratedColumn,
  kPolicy,
};

// What PostgreSQL says of the role: whether the construct may stand there, and if not, how the
// error names the place.
struct RoleRule {
  ExpressionRole role;
  // As in "… are not allowed in WHERE".
  std::string_view name;
  // The end of "aggregate functions are not allowed in …"; empty: allowed.
  std::string_view no_aggregates;
  std::string_view no_windows;
  // The end of "set-returning functions are not allowed in …".
  std::string_view no_sets;
  // The end of "cannot use subquery in …".
  std::string_view no_subqueries;
};

const RoleRule& RuleOf(ExpressionRole role);

}  // namespace sundog::binder
