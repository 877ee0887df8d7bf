// That a grouped query's columns are grouped or aggregated, as PostgreSQL's parseCheckAggregates.
#include <algorithm>
#include <set>

#include "binder/bind_function_call.h"
#include "binder/bind_select.h"
#include "binder/expression_levels.h"

namespace sundog::binder {

namespace {

class GroupingChecker {
 public:
  GroupingChecker(Scope& scope, BoundQuery& query) : scope_(scope), query_(query) {
    for (const BoundExpressionPtr& key : query.group_by) {
      if (key->kind != ExpressionKind::kColumn) has_expressions_ = true;
    }
  }

  void Check(BoundExpressionPtr& expression) {
    if (expression == nullptr) return;
    FinishGroupings(*expression);
    VisitLevels(*expression,
                [&](const BoundExpression& node, int level) { return Visit(node, level); });
  }

 private:
  // Gives the GROUPING() calls of this query the indexes of their arguments.
  void FinishGroupings(BoundExpression& expression) {
    VisitLevels(expression, [&](const BoundExpression& node, int) {
      if (node.kind != ExpressionKind::kGrouping) return true;
      auto& grouping = const_cast<BoundGrouping&>(node.As<BoundGrouping>());
      PendingGrouping* pending = scope_.state.FindPending(grouping);
      if (pending == nullptr || pending->depth != scope_.depth) return true;
      std::vector<int> indexes;
      for (const BoundExpressionPtr& argument : pending->arguments) {
        indexes.push_back(IndexOfKey(*argument));
      }
      grouping.group_indexes = std::move(indexes);
      return true;
    });
  }

  int IndexOfKey(const BoundExpression& argument) {
    for (size_t i = 0; i < query_.group_by.size(); ++i) {
      if (Equal(*query_.group_by[i], argument)) return static_cast<int>(i);
    }
    throw SqlError(sqlstate::kGroupingError,
                   "arguments to GROUPING must be grouping expressions of the associated query "
                   "level")
        .At(argument.location);
  }

  bool Visit(const BoundExpression& node, int level) {
    if (node.kind == ExpressionKind::kAggregate) {
      const auto& aggregate = node.As<BoundAggregate>();
      if (aggregate.level == level) {
        in_direct_arguments_ = true;
        for (const BoundExpressionPtr& argument : aggregate.direct_arguments) {
          VisitLevels(*argument, [&](const BoundExpression& inner, int deeper) {
            return Visit(inner, level + deeper);
          });
        }
        in_direct_arguments_ = false;
        return false;
      }
      if (aggregate.level > level) return false;
    }
    if (node.kind == ExpressionKind::kGrouping) return false;
    if (has_expressions_ && level == 0 && IsKey(node)) return false;
    if (node.kind == ExpressionKind::kColumn) CheckColumn(node.As<BoundColumn>(), level);
    return true;
  }

  bool IsKey(const BoundExpression& node) const {
    return std::any_of(query_.group_by.begin(), query_.group_by.end(),
                       [&](const BoundExpressionPtr& key) { return Equal(*key, node); });
  }

  void CheckColumn(const BoundColumn& column, int level) {
    if (scope_.state.DepthOf(column.relation) != scope_.depth) return;
    if (IsKey(column) || DependsOnKeys(column.relation)) return;
    NameItem* item = FindItemOfRelation(scope_, column.relation);
    if (item == nullptr) return;
    std::string name = item->name + ".";
    if (column.ordinal >= 0) {
      name += item->columns[column.ordinal].name;
    } else {
      name += column.ordinal == kTableOidOrdinal ? "tableoid" : "ctid";
    }
    if (level > 0) {
      throw SqlError(sqlstate::kGroupingError,
                     "subquery uses ungrouped column \"" + name + "\" from outer query")
          .At(column.location);
    }
    SqlError error(sqlstate::kGroupingError,
                   "column \"" + name +
                       "\" must appear in the GROUP BY clause or be used in an aggregate function");
    if (in_direct_arguments_) {
      error.Detail("Direct arguments of an ordered-set aggregate must use only grouped columns.");
    }
    throw error.At(column.location);
  }

  // True if the primary key of the relation is among the keys that all grouping sets have.
  bool DependsOnKeys(RelationId relation) {
    if (dependent_.contains(relation)) return true;
    NameItem* item = FindItemOfRelation(scope_, relation);
    if (item == nullptr || item->kind != NameItemKind::kTable) return false;
    auto table = scope_.catalog().FindTable(item->table);
    if (table == nullptr) return false;
    for (const catalog::ConstraintDescriptor& constraint : table->constraints) {
      if (constraint.kind != catalog::ConstraintKind::kPrimaryKey || constraint.deferrable) {
        continue;
      }
      bool all = std::all_of(constraint.columns.begin(), constraint.columns.end(),
                             [&](int16_t attnum) { return IsCommonKey(relation, attnum - 1); });
      if (!all) return false;
      dependent_.insert(relation);
      return true;
    }
    return false;
  }

  bool IsCommonKey(RelationId relation, int ordinal) const {
    for (size_t i = 0; i < query_.group_by.size(); ++i) {
      const BoundExpression& key = *query_.group_by[i];
      if (key.kind != ExpressionKind::kColumn) continue;
      const auto& column = key.As<BoundColumn>();
      if (column.relation != relation || column.ordinal != ordinal) continue;
      int index = static_cast<int>(i);
      return std::all_of(query_.grouping_sets.begin(), query_.grouping_sets.end(),
                         [&](const std::vector<int>& set) {
                           return std::find(set.begin(), set.end(), index) != set.end();
                         });
    }
    return false;
  }

  Scope& scope_;
  BoundQuery& query_;
  bool has_expressions_ = false;
  bool in_direct_arguments_ = false;
  std::set<RelationId> dependent_;
};

void CheckNoRecursion(Scope& scope, const BoundQuery& query) {
  bool recursive = std::any_of(scope.all_items.begin(), scope.all_items.end(),
                               [](const auto& item) { return item->recursive_self; });
  if (!recursive || !scope.has_aggregates) return;
  int location = -1;
  for (const BoundTarget& target : query.targets) {
    int found = LocateAggregate(*target.expression);
    if (found != -2) location = found;
  }
  throw SqlError(sqlstate::kInvalidRecursion,
                 "aggregate functions are not allowed in a recursive query's recursive term")
      .At(location);
}

}  // namespace

void CheckGrouping(Scope& scope, BoundQuery& query) {
  GroupingChecker checker(scope, query);
  for (BoundTarget& target : query.targets) checker.Check(target.expression);
  checker.Check(query.having);
  CheckNoRecursion(scope, query);
}

}  // namespace sundog::binder
