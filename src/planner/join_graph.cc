#include "planner/join_graph.h"

#include <algorithm>

#include "base/check.h"
#include "planner/cardinality.h"
#include "planner/expressions.h"
#include "planner/join_cardinality.h"
#include "planner/logical_builder.h"
#include "runtime/interrupt.h"

namespace sundog::planner {

namespace {

bool Subset(const std::set<RelationId>& part, const std::set<RelationId>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

// Of more items than these, the first ones are looked at for the next place: else the work would
// grow with their number's cube.
constexpr size_t kMostCandidates = 64;

struct Edge {
  BoundExpressionPtr condition;
  std::set<RelationId> relations;  // of the graph's items
};

class Ordering {
 public:
  Ordering(std::vector<JoinItem> items, BoundExpressions conjuncts, const PlannerContext& context)
      : items_(std::move(items)), context_(context) {
    std::set<RelationId> all;
    for (const JoinItem& item : items_) all.insert(item.relations.begin(), item.relations.end());
    for (BoundExpressionPtr& conjunct : conjuncts) {
      std::set<RelationId> relations = RelationsOf(*conjunct);
      std::erase_if(relations, [&](RelationId r) { return !all.contains(r); });
      edges_.push_back({std::move(conjunct), std::move(relations)});
    }
    for (const JoinItem& item : items_) rows_.push_back(EstimateRows(*item.plan, context_));
  }

  LogicalPtr Run() {
    Start(Pick(/*first=*/true));
    while (!items_.empty()) Add(Pick(/*first=*/false));
    BoundExpressions rest;
    for (Edge& edge : edges_) rest.push_back(std::move(edge.condition));
    return MakeFilter(std::move(plan_), std::move(rest));
  }

 private:
  // Whether the joined ones and the item have all of the edge's relations.
  bool Covers(const JoinItem& item, const Edge& edge) const {
    return std::all_of(edge.relations.begin(), edge.relations.end(), [&](RelationId relation) {
      return joined_.contains(relation) || item.relations.contains(relation);
    });
  }

  bool Connected(const JoinItem& item) const {
    return std::any_of(edges_.begin(), edges_.end(), [&](const Edge& edge) {
      return Covers(item, edge) && !Subset(edge.relations, joined_) &&
             !Subset(edge.relations, item.relations);
    });
  }

  double JoinedRows(size_t i) const {
    runtime::CheckInterrupts();
    std::vector<const binder::BoundExpression*> conditions;
    for (const Edge& edge : edges_) {
      if (Covers(items_[i], edge)) conditions.push_back(edge.condition.get());
    }
    double rows = EstimatePairs({plan_.get(), joined_rows_, &joined_},
                                {items_[i].plan.get(), rows_[i], &items_[i].relations},
                                conditions, context_);
    return std::max(1.0, rows);
  }

  size_t Pick(bool first) const {
    if (!context_.settings.enable_join_reorder) {
      for (size_t i = 0; i < items_.size(); ++i) {
        if (Subset(items_[i].depends_on, joined_)) return i;
      }
    }
    size_t best = items_.size();
    double best_rows = 0;
    bool best_connected = false;
    size_t seen = 0;
    for (size_t i = 0; i < items_.size() && seen < kMostCandidates; ++i) {
      if (!Subset(items_[i].depends_on, joined_)) continue;
      ++seen;
      bool connected = first || Connected(items_[i]);
      double rows = first ? rows_[i] : JoinedRows(i);
      bool better = best == items_.size() || (connected && !best_connected) ||
                    (connected == best_connected && rows < best_rows);
      if (!better) continue;
      best = i;
      best_rows = rows;
      best_connected = connected;
    }
    CHECK_LT(best, items_.size());
    return best;
  }

  void Start(size_t i) {
    plan_ = std::move(items_[i].plan);
    joined_ = items_[i].relations;
    joined_rows_ = rows_[i];
    Remove(i);
    plan_ = MakeFilter(std::move(plan_), TakeEdges());
  }

  void Add(size_t i) {
    double rows = JoinedRows(i);
    auto join = std::make_unique<LogicalJoin>();
    join->lateral = !items_[i].depends_on.empty();
    join->children.push_back(std::move(plan_));
    join->children.push_back(std::move(items_[i].plan));
    joined_.insert(items_[i].relations.begin(), items_[i].relations.end());
    joined_rows_ = rows;
    Remove(i);
    join->conjuncts = TakeEdges();
    plan_ = std::move(join);
  }

  BoundExpressions TakeEdges() {
    BoundExpressions taken;
    for (Edge& edge : edges_) {
      if (Subset(edge.relations, joined_)) taken.push_back(std::move(edge.condition));
    }
    std::erase_if(edges_, [](const Edge& edge) { return edge.condition == nullptr; });
    return taken;
  }

  void Remove(size_t i) {
    items_.erase(items_.begin() + static_cast<ptrdiff_t>(i));
    rows_.erase(rows_.begin() + static_cast<ptrdiff_t>(i));
  }

  std::vector<JoinItem> items_;
  std::vector<double> rows_;
  std::vector<Edge> edges_;
  const PlannerContext& context_;
  LogicalPtr plan_;
  std::set<RelationId> joined_;
  double joined_rows_ = 1;
};

void CollectDefined(const LogicalNode& plan, std::set<RelationId>& relations) {
  CollectRelations(plan, relations);
  for (const LogicalPtr& child : plan.children) CollectDefined(*child, relations);
  ForEachExpression(const_cast<LogicalNode&>(plan), [&](BoundExpressionPtr& expression) {
    binder::VisitDeep(expression, [&](BoundExpressionPtr& node) {
      if (node->kind != binder::ExpressionKind::kSubquery) return;
      relations.insert(node->As<binder::BoundSubquery>().output_relation);
      relations.merge(DefinedRelations(*node->As<binder::BoundSubquery>().query));
    });
  });
}

}  // namespace

LogicalPtr OrderJoins(std::vector<JoinItem> items, BoundExpressions conjuncts,
                      const PlannerContext& context) {
  return Ordering(std::move(items), std::move(conjuncts), context).Run();
}

std::set<RelationId> FreeRelations(const LogicalNode& plan) {
  std::set<ColumnId> columns;
  CollectColumns(plan, columns);
  std::set<RelationId> defined;
  CollectDefined(plan, defined);
  std::set<RelationId> free;
  for (const ColumnId& column : columns) {
    if (!defined.contains(column.relation)) free.insert(column.relation);
  }
  return free;
}

}  // namespace sundog::planner
