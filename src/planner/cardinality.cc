#include "planner/cardinality.h"

#include <algorithm>
#include <cmath>

#include "planner/access_path.h"
#include "planner/comparison.h"
#include "planner/expressions.h"
#include "planner/join_cardinality.h"
#include "runtime/stack.h"

namespace sundog::planner {

using binder::BoundColumn;
using binder::BoundExpression;
using binder::BoundFunction;
using binder::ExpressionKind;

namespace {

// PostgreSQL's guesses (selfuncs.h).
constexpr double kDefaultEquality = 0.005;
constexpr double kDefaultRange = 0.3333;
constexpr double kDefaultMatch = 0.02;
constexpr double kDefaultPrefixMatch = 0.005;
constexpr double kDefaultCondition = 0.25;
constexpr double kDefaultRows = 1000;

double EqualitySelectivity(const BoundColumn& column, const LogicalNode& input,
                           const PlannerContext& context) {
  if (input.kind != LogicalKind::kScan || column.ordinal < 0) return kDefaultEquality;
  const auto& scan = input.As<LogicalScan>();
  double rows = std::max(1.0, context.statistics->RowCount(*scan.table));
  if (IsUniqueColumn(*scan.table, column.ordinal)) return 1 / rows;
  double distinct = context.statistics->Column(*scan.table, column.ordinal + 1).distinct_count;
  if (distinct > 0) return 1 / distinct;
  return std::max(kDefaultEquality, 1 / rows);
}

// LIKE: a pattern that begins with something fixed lets fewer rows pass.
double MatchSelectivity(const BoundExpression& pattern) {
  const BoundExpression& bare = SkipRelabels(pattern);
  if (bare.kind != ExpressionKind::kConstant) return kDefaultPrefixMatch;
  const types::Datum& text = bare.As<binder::BoundConstant>().value;
  bool fixed = text.is_null() || !LikePrefix(text.As<std::string_view>()).empty();
  return fixed ? kDefaultPrefixMatch : kDefaultMatch;
}

double CallSelectivity(const BoundFunction& call, const LogicalNode& input,
                       const PlannerContext& context) {
  const functions::OperatorInfo* op = context.catalog->FindOperator(call.operator_oid);
  if (op == nullptr) return kDefaultCondition;
  if (op->restrict_estimator == "eqsel") {
    std::set<RelationId> relations;
    CollectRelations(input, relations);
    const BoundColumn* column = EqualityColumn(call, relations);
    return column != nullptr ? EqualitySelectivity(*column, input, context) : kDefaultEquality;
  }
  if (op->restrict_estimator == "neqsel") return 1 - kDefaultEquality;
  if (op->name == "~~" || op->name == "^@") return MatchSelectivity(*call.arguments[1]);
  if (op->restrict_estimator.starts_with("scalar")) return kDefaultRange;
  return kDefaultMatch;
}

double BooleanSelectivity(const binder::BoundBoolean& node, const LogicalNode& input,
                          const PlannerContext& context) {
  if (node.op == binder::BooleanOperator::kNot) {
    return std::max(0.01, 1 - Selectivity(*node.arguments[0], input, context));
  }
  bool is_and = node.op == binder::BooleanOperator::kAnd;
  double pass = 1;
  for (const auto& argument : node.arguments) {
    double one = Selectivity(*argument, input, context);
    pass *= is_and ? one : 1 - one;
  }
  return std::max(1e-9, is_and ? pass : 1 - pass);
}

double Reduce(double rows, const BoundExpressions& conjuncts, const LogicalNode& input,
              const PlannerContext& context) {
  for (const auto& conjunct : conjuncts) rows *= Selectivity(*conjunct, input, context);
  return std::max(rows, 1.0);
}

// The part of the left rows that a semi-join with `right` rows keeps.
double MatchedPart(const LogicalJoin& join, double right, const PlannerContext& context) {
  double part = 0.5;
  std::set<RelationId> left_relations;
  CollectRelations(*join.children[0], left_relations);
  for (const auto& conjunct : join.conjuncts) {
    const BoundColumn* column = EqualityColumn(*conjunct, left_relations);
    if (column == nullptr) continue;
    ColumnId id{column->relation, column->ordinal};
    double values = FiguresOf(*join.children[0], id, context).values;
    if (values > 0) part = std::min(part, right / values);
  }
  return part;
}

double EstimateJoin(const LogicalJoin& join, const PlannerContext& context) {
  double left = EstimateRows(*join.children[0], context);
  double right = EstimateRows(*join.children[1], context);
  if (join.type == LogicalJoinType::kSemi || join.type == LogicalJoinType::kAnti) {
    double matched = left * MatchedPart(join, right, context);
    return std::max(1.0, join.type == LogicalJoinType::kSemi ? matched : left - matched);
  }
  std::vector<const BoundExpression*> conditions;
  for (const auto& conjunct : join.conjuncts) conditions.push_back(conjunct.get());
  double rows = EstimatePairs({join.children[0].get(), left}, {join.children[1].get(), right},
                              conditions, context);
  if (join.type == LogicalJoinType::kLeft) rows = std::max(rows, left);
  if (join.type == LogicalJoinType::kRight) rows = std::max(rows, right);
  if (join.type == LogicalJoinType::kFull) rows = std::max(rows, left + right);
  return std::max(1.0, rows);
}

double EstimateLimit(const LogicalLimit& limit, double rows) {
  std::optional<double> count = ConstantCount(limit.limit.get());
  return count.has_value() ? std::min(rows, *count) : rows;
}

double EstimateRowsAnew(const LogicalNode& node, const PlannerContext& context) {
  runtime::CheckStackDepth();
  switch (node.kind) {
    case LogicalKind::kEmpty: return 1;
    case LogicalKind::kScan: {
      const auto& scan = node.As<LogicalScan>();
      return Reduce(context.statistics->RowCount(*scan.table), scan.conjuncts, node, context);
    }
    case LogicalKind::kVirtualScan: return kDefaultRows;
    case LogicalKind::kFunctionScan: return kDefaultRows;
    case LogicalKind::kCteScan: return kDefaultRows;
    case LogicalKind::kValues: return static_cast<double>(node.As<LogicalValues>().rows.size());
    case LogicalKind::kFilter:
      return Reduce(EstimateRows(*node.children[0], context), node.As<LogicalFilter>().conjuncts,
                    *node.children[0], context);
    case LogicalKind::kJoin: return EstimateJoin(node.As<LogicalJoin>(), context);
    case LogicalKind::kAggregate:
      if (node.As<LogicalAggregate>().groups.empty()) return 1;
      return std::max(1.0, EstimateRows(*node.children[0], context) * 0.1);
    case LogicalKind::kDistinct:
      return std::max(1.0, EstimateRows(*node.children[0], context) * 0.5);
    case LogicalKind::kLimit:
      return EstimateLimit(node.As<LogicalLimit>(), EstimateRows(*node.children[0], context));
    case LogicalKind::kSetOperation:
      return EstimateRows(*node.children[0], context) + EstimateRows(*node.children[1], context);
    case LogicalKind::kRecursiveUnion: return 10 * EstimateRows(*node.children[0], context);
    case LogicalKind::kProjectSet: return 10 * EstimateRows(*node.children[0], context);
    default:
      return node.children.empty() ? 1 : EstimateRows(*node.children[0], context);
  }
}

}  // namespace

bool IsUniqueKey(const catalog::IndexDescriptor& index) {
  return index.unique && index.state == catalog::IndexState::kReady &&
         !index.predicate.has_value() &&
         std::all_of(index.keys.begin(), index.keys.end(),
                     [](const catalog::IndexKey& key) { return key.attnum > 0; });
}

bool IsUniqueColumn(const catalog::TableDescriptor& table, int ordinal) {
  return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const auto& index) {
    return index.keys.size() == 1 && index.keys[0].attnum == ordinal + 1 && IsUniqueKey(index);
  });
}

std::optional<double> ConstantCount(const BoundExpression* expression) {
  if (expression == nullptr) return std::nullopt;
  // LIMIT 10 is int8(10).
  if (expression->kind == ExpressionKind::kFunction) {
    const auto& call = expression->As<BoundFunction>();
    bool cast = call.form == binder::CallForm::kImplicitCast && call.arguments.size() == 1;
    return cast ? ConstantCount(call.arguments[0].get()) : std::nullopt;
  }
  if (expression->kind != ExpressionKind::kConstant) return std::nullopt;
  const types::Datum& value = expression->As<binder::BoundConstant>().value;
  if (value.is_null()) return std::nullopt;
  int64_t count = 0;
  switch (expression->type.oid) {
    case types::oids::kInt2: count = value.As<int16_t>(); break;
    case types::oids::kInt4: count = value.As<int32_t>(); break;
    case types::oids::kInt8: count = value.As<int64_t>(); break;
    default: return std::nullopt;
  }
  return std::max(0.0, static_cast<double>(count));
}

const BoundColumn* EqualityColumn(const BoundExpression& condition,
                                  const std::set<RelationId>& relations) {
  if (condition.kind != ExpressionKind::kFunction) return nullptr;
  const auto& call = condition.As<BoundFunction>();
  if (call.arguments.size() != 2 || call.operator_oid == types::kInvalidOid) return nullptr;
  const functions::OperatorInfo* op =
      functions::BuiltinProcs::Get().FindOperator(call.operator_oid);
  if (op == nullptr || op->name != "=") return nullptr;
  for (const auto& argument : call.arguments) {
    const BoundExpression& bare = SkipRelabels(*argument);
    if (bare.kind != ExpressionKind::kColumn) continue;
    const auto& column = bare.As<BoundColumn>();
    if (relations.contains(column.relation)) return &column;
  }
  return nullptr;
}

double Selectivity(const BoundExpression& condition, const LogicalNode& input,
                   const PlannerContext& context) {
  switch (condition.kind) {
    case ExpressionKind::kFunction:
      return CallSelectivity(condition.As<BoundFunction>(), input, context);
    case ExpressionKind::kBoolean:
      return BooleanSelectivity(condition.As<binder::BoundBoolean>(), input, context);
    case ExpressionKind::kNullTest:
      return condition.As<binder::BoundNullTest>().negated ? 0.995 : kDefaultEquality;
    case ExpressionKind::kScalarArray: return kDefaultMatch;
    default: return kDefaultCondition;
  }
}

double EstimateRows(const LogicalNode& node, const PlannerContext& context) {
  if (context.keeps_estimates && node.known_rows >= 0) return node.known_rows;
  double rows = EstimateRowsAnew(node, context);
  if (context.keeps_estimates) node.known_rows = rows;
  return rows;
}

}  // namespace sundog::planner
