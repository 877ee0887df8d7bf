#include "binder/expression_role.h"

#include "base/check.h"

namespace sundog::binder {

namespace {

using R = ExpressionRole;

constexpr std::string_view kOk;
constexpr std::string_view kChecks = "check constraints";
constexpr std::string_view kDefaults = "DEFAULT expressions";
constexpr std::string_view kOwnFrom = "FROM clause of their own query level";

constexpr RoleRule kRules[] = {
    {R::kNone, "invalid expression context", kOk, kOk, kOk, kOk},
    {R::kOther, "extension expression", kOk, kOk, kOk, kOk},
    {R::kJoinOn, "JOIN/ON", "JOIN conditions", "JOIN conditions", "JOIN conditions", kOk},
    {R::kJoinUsing, "JOIN/USING", "JOIN conditions", "JOIN conditions", "JOIN conditions", kOk},
    {R::kFromSubselect, "sub-SELECT in FROM", kOwnFrom, "sub-SELECT in FROM", "sub-SELECT in FROM",
     kOk},
    {R::kFromFunction, "function in FROM", "functions in FROM", "functions in FROM", kOk, kOk},
    {R::kWhere, "WHERE", "WHERE", "WHERE", "WHERE", kOk},
    {R::kHaving, "HAVING", kOk, "HAVING", "HAVING", kOk},
    {R::kFilter, "FILTER", "FILTER", "FILTER", "FILTER", kOk},
    {R::kWindowPartition, "window PARTITION BY", kOk, "window definitions", kOk, kOk},
    {R::kWindowOrder, "window ORDER BY", kOk, "window definitions", kOk, kOk},
    {R::kWindowFrameRange, "window RANGE", "window RANGE", "window definitions",
     "window definitions", kOk},
    {R::kWindowFrameRows, "window ROWS", "window ROWS", "window definitions", "window definitions",
     kOk},
    {R::kWindowFrameGroups, "window GROUPS", "window GROUPS", "window definitions",
     "window definitions", kOk},
    {R::kSelectTarget, "SELECT", kOk, kOk, kOk, kOk},
    {R::kInsertTarget, "INSERT", "INSERT", "INSERT", kOk, kOk},
    {R::kUpdateSource, "UPDATE", "UPDATE", "UPDATE", "UPDATE", kOk},
    {R::kUpdateTarget, "UPDATE", "UPDATE", "UPDATE", "UPDATE", kOk},
    {R::kMergeWhen, "MERGE WHEN", "MERGE WHEN conditions", "MERGE WHEN conditions",
     "MERGE WHEN conditions", kOk},
    {R::kGroupBy, "GROUP BY", "GROUP BY", "GROUP BY", kOk, kOk},
    {R::kOrderBy, "ORDER BY", kOk, kOk, kOk, kOk},
    {R::kDistinctOn, "DISTINCT ON", kOk, kOk, kOk, kOk},
    {R::kLimit, "LIMIT", "LIMIT", "LIMIT", "LIMIT", kOk},
    {R::kOffset, "OFFSET", "OFFSET", "OFFSET", "OFFSET", kOk},
    {R::kReturning, "RETURNING", "RETURNING", "RETURNING", "RETURNING", kOk},
    {R::kValues, "VALUES", "VALUES", "VALUES", "VALUES", kOk},
    {R::kValuesSingle, "VALUES", "VALUES", "VALUES", kOk, kOk},
    {R::kCheckConstraint, "CHECK", kChecks, kChecks, kChecks, "check constraint"},
    {R::kDomainCheck, "CHECK", kChecks, kChecks, kChecks, "check constraint"},
    {R::kColumnDefault, "DEFAULT", kDefaults, kDefaults, kDefaults, "DEFAULT expression"},
    {R::kFunctionDefault, "DEFAULT", kDefaults, kDefaults, kDefaults, "DEFAULT expression"},
    {R::kIndexExpression, "index expression", "index expressions", "index expressions",
     "index expressions", "index expression"},
    {R::kIndexPredicate, "index predicate", "index predicates", "index predicates",
     "index predicates", "index predicate"},
    {R::kAlterColumnTransform, "USING", "transform expressions", "transform expressions",
     "transform expressions", "transform expression"},
    {R::kExecuteParameter, "EXECUTE", "EXECUTE parameters", "EXECUTE parameters",
     "EXECUTE parameters", "EXECUTE parameter"},
    {R::kCallArgument, "CALL", "CALL arguments", "CALL arguments", "CALL arguments",
     "CALL argument"},
    {R::kCopyWhere, "WHERE", "COPY FROM WHERE conditions", "COPY FROM WHERE conditions",
     "COPY FROM WHERE conditions", "COPY FROM WHERE condition"},
    {R::kGeneratedColumn, "GENERATED AS", "column generation expressions",
     "column generation expressions", "column generation expressions",
     "column generation expression"},
    {R::kPolicy, "POLICY", "policy expressions", "policy expressions", "policy expressions", kOk},
};

}  // namespace

const RoleRule& RuleOf(ExpressionRole role) {
  const RoleRule& rule = kRules[static_cast<size_t>(role)];
  CHECK(rule.role == role);
  return rule;
}

}  // namespace sundog::binder
