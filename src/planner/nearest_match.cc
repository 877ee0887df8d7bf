#include "planner/nearest_match.h"

#include <algorithm>

#include "catalog/vector_index.h"
#include "planner/access_path.h"
#include "planner/expressions.h"
#include "planner/index_match.h"

namespace sundog::planner {

using binder::BoundExpression;
using binder::BoundFunction;
using binder::ExpressionKind;

namespace {

// Walking a graph to where the probe lies, or ranking the lists.
constexpr double kNearestStartCost = 10;

bool IsFree(const BoundExpression& expression, RelationId relation) {
  return !RelationsOf(expression).contains(relation) && !IsVolatile(expression);
}

// Which argument is the index's key, the other one being free of the table.
std::optional<size_t> KeyArgument(const BoundFunction& call, const catalog::IndexDescriptor& index,
                                  const binder::BoundTableRules::Index* rule,
                                  RelationId relation) {
  if (call.arguments.size() != 2) return std::nullopt;
  for (size_t i : {size_t{0}, size_t{1}}) {
    bool matches = IsIndexKey(*call.arguments[i], index, rule, 0, relation) &&
                   IsFree(*call.arguments[1 - i], relation);
    if (matches) return i;
  }
  return std::nullopt;
}

}  // namespace

std::optional<NearestMatch> MatchNearest(const LogicalScan& scan,
                                         const catalog::IndexDescriptor& index,
                                         const Demand& demand, const NearestTable& table,
                                         IndexRules& rules, const PlannerContext& context) {
  // Rows without a distance come last: where no index has them.
  bool ordinary = demand.order.size() == 1 && !demand.order[0].descending &&
                  !demand.order[0].nulls_first && demand.row_goal > 0;
  if (!ordinary || !IsUsable(scan, index, rules, context)) return std::nullopt;
  const BoundExpression& distance = *demand.order[0].expression;
  if (distance.kind != ExpressionKind::kFunction) return std::nullopt;
  const auto& call = distance.As<BoundFunction>();
  if (call.operator_oid != catalog::DistanceOperator(index.keys[0].opclass)) return std::nullopt;
  std::optional<size_t> key =
      KeyArgument(call, index, rules.Find(*scan.table, index, scan.relation), scan.relation);
  if (!key) return std::nullopt;

  double looked_at = demand.row_goal * table.index_rows / table.matching_rows;
  double patience = table.rows * kRowCost / kFetchCost;
  if (context.settings.enable_table_scan) {
    if (looked_at > patience) return std::nullopt;
  } else {
    patience = table.rows;
  }
  NearestMatch match;
  match.path.index = index.oid;
  match.path.ordered = true;
  NearestOrder& nearest = match.path.nearest.emplace();
  nearest.distance = distance.Clone();
  nearest.probe = call.arguments[1 - *key]->Clone();
  nearest.key_argument = *key;
  nearest.patience = patience;
  double a_row =
      kFetchCost + kOperatorCost * static_cast<double>(scan.conjuncts.size() + 1);
  match.cost.startup = kSeekCost + kNearestStartCost;
  match.cost.total = match.cost.startup + table.index_rows * a_row;
  return match;
}

}  // namespace sundog::planner
