#include "planner/join_cardinality.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "planner/cardinality.h"
#include "planner/comparison.h"
#include "planner/expressions.h"
#include "planner/join_conditions.h"
#include "runtime/stack.h"

namespace sundog::planner {

using binder::BoundColumn;
using binder::BoundExpression;
using binder::BoundFunction;
using binder::ExpressionKind;

namespace {

// A condition of which nothing is known; PostgreSQL's guess for an inequality.
constexpr double kAnyCondition = 0.3333;
// PostgreSQL's guess at how many values a column has.
constexpr double kDefaultValues = 200;

// left = right; a side that is no column is null.
struct Equality {
  const BoundColumn* left = nullptr;
  const BoundColumn* right = nullptr;
};

const BoundColumn* AsColumn(const BoundExpression& expression) {
  const BoundExpression& bare = SkipRelabels(expression);
  return bare.kind == ExpressionKind::kColumn ? &bare.As<BoundColumn>() : nullptr;
}

std::optional<Equality> AsEquality(const BoundExpression& condition,
                                   const std::set<RelationId>& left,
                                   const std::set<RelationId>& right) {
  if (condition.kind != ExpressionKind::kFunction) return std::nullopt;
  const auto& call = condition.As<BoundFunction>();
  if (ComparisonOf(call) != Comparison::kEqual) return std::nullopt;
  for (size_t i : {size_t{0}, size_t{1}}) {
    const BoundExpression& a = *call.arguments[i];
    const BoundExpression& b = *call.arguments[1 - i];
    if (UsesOnly(a, left, right) && UsesOnly(b, right, left)) {
      return Equality{AsColumn(a), AsColumn(b)};
    }
  }
  return std::nullopt;
}

void CollectScans(const LogicalNode& node, std::vector<const LogicalScan*>& scans) {
  if (node.kind == LogicalKind::kScan) scans.push_back(&node.As<LogicalScan>());
  if (node.kind != LogicalKind::kJoin && node.kind != LogicalKind::kFilter) return;
  for (const LogicalPtr& child : node.children) CollectScans(*child, scans);
}

// A unique key of several columns that the join equates, but for those that a condition of the scan
// fixes.
struct EquatedKey {
  std::vector<size_t> equalities;
  double values = 0;
};

class PairEstimate {
 public:
  PairEstimate(const JoinInput& left, const JoinInput& right, const PlannerContext& context)
      : left_(left),
        right_(right),
        context_(context),
        left_relations_(left.relations != nullptr ? *left.relations : own_left_),
        right_relations_(right.relations != nullptr ? *right.relations : own_right_) {
    if (left.relations == nullptr) CollectRelations(*left.plan, own_left_);
    if (right.relations == nullptr) CollectRelations(*right.plan, own_right_);
  }

  double Rows(const std::vector<const BoundExpression*>& conditions) {
    double rows = left_.rows * right_.rows;
    for (const BoundExpression* condition : conditions) {
      std::optional<Equality> equality = AsEquality(*condition, left_relations_, right_relations_);
      if (equality.has_value()) {
        equalities_.push_back(*equality);
      } else {
        rows *= PartOf(*condition);
      }
    }
    rows *= PartOfKeys();
    for (const Equality& equality : equalities_) rows *= PartOf(equality);
    return rows;
  }

 private:
  double PartOf(const BoundExpression& condition) const {
    for (const JoinInput* side : {&left_, &right_}) {
      const auto& own = side == &left_ ? left_relations_ : right_relations_;
      const auto& other = side == &left_ ? right_relations_ : left_relations_;
      if (UsesOnly(condition, own, other)) {
        return Selectivity(condition, *side->plan, context_);
      }
    }
    return condition.kind == ExpressionKind::kConstant ? 1 : kAnyCondition;
  }

  double PartOf(const Equality& equality) const {
    ColumnFigures left = Figures(left_, equality.left);
    ColumnFigures right = Figures(right_, equality.right);
    double values = std::max(left.values, right.values);
    if (values <= 0) {
      // As if the larger side had as many values as rows.
      values = std::max(left_.rows, right_.rows);
    } else if (!left.unique && !right.unique) {
      if (left.values <= 0) values = std::max(values, std::min(left_.rows, kDefaultValues));
      if (right.values <= 0) values = std::max(values, std::min(right_.rows, kDefaultValues));
    }
    return (1 - left.null_fraction) * (1 - right.null_fraction) / std::max(values, 1.0);
  }

  ColumnFigures Figures(const JoinInput& side, const BoundColumn* column) const {
    if (column == nullptr) return {};
    return FiguresOf(*side.plan, {column->relation, column->ordinal}, context_);
  }

  // Takes the equalities of whole keys out.
  double PartOfKeys() {
    double part = 1;
    if (equalities_.empty()) return part;
    std::vector<EquatedKey> keys;
    CollectKeys(left_, &Equality::left, keys);
    CollectKeys(right_, &Equality::right, keys);
    // Of two keys that share an equality, the one with more values.
    std::sort(keys.begin(), keys.end(),
              [](const EquatedKey& a, const EquatedKey& b) { return a.values > b.values; });
    std::set<size_t> taken;
    for (const EquatedKey& key : keys) {
      bool free = std::none_of(key.equalities.begin(), key.equalities.end(),
                               [&](size_t i) { return taken.contains(i); });
      if (!free) continue;
      taken.insert(key.equalities.begin(), key.equalities.end());
      part /= std::max(key.values, 1.0);
    }
    for (auto at = taken.rbegin(); at != taken.rend(); ++at) {
      equalities_.erase(equalities_.begin() + static_cast<ptrdiff_t>(*at));
    }
    return part;
  }

  void CollectKeys(const JoinInput& side, const BoundColumn* Equality::*column,
                   std::vector<EquatedKey>& keys) const {
    std::vector<const LogicalScan*> scans;
    CollectScans(*side.plan, scans);
    for (const LogicalScan* scan : scans) {
      for (const catalog::IndexDescriptor& index : scan->table->indexes) {
        if (index.keys.size() < 2 || !IsUniqueKey(index)) continue;
        if (std::optional<EquatedKey> key = Equated(*scan, index, column)) keys.push_back(*key);
      }
    }
  }

  std::optional<EquatedKey> Equated(const LogicalScan& scan,
                                    const catalog::IndexDescriptor& index,
                                    const BoundColumn* Equality::*column) const {
    EquatedKey equated;
    std::vector<const BoundExpression*> fixing;
    for (const catalog::IndexKey& key : index.keys) {
      ColumnId id{scan.relation, key.attnum - 1};
      auto at = std::find_if(equalities_.begin(), equalities_.end(), [&](const Equality& equality) {
        const BoundColumn* own = equality.*column;
        return own != nullptr && ColumnId{own->relation, own->ordinal} == id;
      });
      if (at != equalities_.end()) {
        equated.equalities.push_back(static_cast<size_t>(at - equalities_.begin()));
        continue;
      }
      const BoundExpression* fixed = Fixing(scan, id);
      if (fixed == nullptr) return std::nullopt;
      fixing.push_back(fixed);
    }
    if (equated.equalities.empty()) return std::nullopt;
    equated.values = context_.statistics->RowCount(*scan.table);
    for (const BoundExpression* one : fixing) equated.values *= Selectivity(*one, scan, context_);
    return equated;
  }

  static const BoundExpression* Fixing(const LogicalScan& scan, const ColumnId& id) {
    for (const auto& conjunct : scan.conjuncts) {
      const BoundColumn* column = EqualityColumn(*conjunct, {scan.relation});
      if (column != nullptr && column->ordinal == id.ordinal) return conjunct.get();
    }
    return nullptr;
  }

  const JoinInput& left_;
  const JoinInput& right_;
  const PlannerContext& context_;
  std::set<RelationId> own_left_;
  std::set<RelationId> own_right_;
  const std::set<RelationId>& left_relations_;
  const std::set<RelationId>& right_relations_;
  std::vector<Equality> equalities_;
};

ColumnFigures FiguresOfExpression(const LogicalNode& input, const BoundExpression& expression,
                                  const PlannerContext& context) {
  const BoundColumn* column = AsColumn(expression);
  if (column == nullptr) return {};
  return FiguresOf(input, {column->relation, column->ordinal}, context);
}

// The node that makes the relation's columns, of those that something is known of; null: none.
const LogicalNode* OriginOf(const LogicalNode& node, RelationId relation) {
  runtime::CheckStackDepth();
  switch (node.kind) {
    case LogicalKind::kScan:
      return node.As<LogicalScan>().relation == relation ? &node : nullptr;
    case LogicalKind::kProject:
      return node.As<LogicalProject>().relation == relation ? &node : nullptr;
    case LogicalKind::kAggregate:
      return node.As<LogicalAggregate>().relation == relation ? &node : nullptr;
    case LogicalKind::kJoin:
    case LogicalKind::kFilter:
    case LogicalKind::kSort:
    case LogicalKind::kLimit:
    case LogicalKind::kDistinct:
      for (const LogicalPtr& child : node.children) {
        if (const LogicalNode* origin = OriginOf(*child, relation)) return origin;
      }
      return nullptr;
    default: return nullptr;
  }
}

ColumnFigures FiguresOfGroup(const LogicalAggregate& node, const ColumnId& column,
                             const PlannerContext& context) {
  if (column.ordinal < 0 || static_cast<size_t>(column.ordinal) >= node.groups.size()) return {};
  if (node.groups.size() == 1 && node.grouping_sets.empty()) {
    return {EstimateRows(node, context), 0, true};
  }
  return FiguresOfExpression(*node.children[0], *node.groups[column.ordinal], context);
}

}  // namespace

double EstimatePairs(const JoinInput& left, const JoinInput& right,
                     const std::vector<const BoundExpression*>& conditions,
                     const PlannerContext& context) {
  return PairEstimate(left, right, context).Rows(conditions);
}

ColumnFigures FiguresOf(const LogicalNode& node, const ColumnId& column,
                        const PlannerContext& context) {
  const LogicalNode* origin = OriginOf(node, column.relation);
  if (origin == nullptr) return {};
  switch (origin->kind) {
    case LogicalKind::kScan: {
      const auto& scan = origin->As<LogicalScan>();
      if (column.ordinal < 0) return {};
      ColumnStatistics known = context.statistics->Column(*scan.table, column.ordinal + 1);
      bool unique = IsUniqueColumn(*scan.table, column.ordinal);
      double values =
          unique ? context.statistics->RowCount(*scan.table) : known.distinct_count;
      return {values, known.null_fraction, unique};
    }
    case LogicalKind::kProject: {
      const auto& project = origin->As<LogicalProject>();
      if (column.ordinal < 0) return {};
      return FiguresOfExpression(*project.children[0], *project.expressions[column.ordinal],
                                 context);
    }
    case LogicalKind::kAggregate:
      return FiguresOfGroup(origin->As<LogicalAggregate>(), column, context);
    default: return {};
  }
}

}  // namespace sundog::planner
