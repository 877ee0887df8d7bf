// GROUP BY with its grouping sets, and DISTINCT.
#include <algorithm>

#include "binder/bind_select.h"
#include "binder/bind_sort.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

constexpr size_t kMaxGroupingSets = 4096;
using GroupSet = std::vector<int>;
using GroupSets = std::vector<GroupSet>;

class GroupByBinder {
 public:
  GroupByBinder(Scope& scope, BoundQuery& query, int visible_count)
      : scope_(scope), query_(query), visible_count_(visible_count) {}

  void Bind(const List* list, bool distinct) {
    bool has_sets = false;
    std::vector<GroupingItem> items;
    for (const Node* node : parser::Each<Node>(list)) {
      if (TagOf(node) == T_GroupingSet) has_sets = true;
      AddItems(node, items);
    }
    if (!has_sets) return;
    int location = parser::NodeLocation(parser::At(list, 0));
    GroupSets sets = {{}};
    for (const GroupingItem& item : items) {
      GroupSets part = Expand(item);
      if (sets.size() * part.size() > kMaxGroupingSets) ThrowTooMany(location);
      GroupSets product;
      for (const GroupSet& a : sets) {
        for (const GroupSet& b : part) product.push_back(Union(a, b));
      }
      sets = std::move(product);
    }
    std::stable_sort(sets.begin(), sets.end(),
                     [](const GroupSet& a, const GroupSet& b) { return a.size() < b.size(); });
    if (distinct) RemoveDuplicates(sets);
    query_.grouping_sets = std::move(sets);
    query_.grouping_items = std::move(items);
    query_.grouping_distinct = distinct;
  }

 private:
  [[noreturn]] static void ThrowTooMany(int location) {
    throw SqlError(sqlstate::kStatementTooComplex, "too many grouping sets present (maximum 4096)")
        .At(location);
  }

  static GroupSet Union(const GroupSet& a, const GroupSet& b) {
    GroupSet result = a;
    for (int key : b) {
      if (std::find(result.begin(), result.end(), key) == result.end()) result.push_back(key);
    }
    return result;
  }

  static void RemoveDuplicates(GroupSets& sets) {
    for (GroupSet& set : sets) std::sort(set.begin(), set.end());
    GroupSets unique;
    for (GroupSet& set : sets) {
      if (std::find(unique.begin(), unique.end(), set) == unique.end()) {
        unique.push_back(std::move(set));
      }
    }
    sets = std::move(unique);
  }

  // The index into group_by of the expression, new or not.
  int Key(const Node* node) {
    int target = FindTarget(scope_, node, query_.targets, visible_count_, ExpressionRole::kGroupBy);
    BoundExpressionPtr& expression = query_.targets[target].expression;
    ResolveUnknown(scope_.state, expression);
    for (size_t i = 0; i < query_.group_by.size(); ++i) {
      if (Equal(*query_.group_by[i], *expression)) return static_cast<int>(i);
    }
    CheckGroupable(scope_, *expression, parser::NodeLocation(node));
    query_.group_by.push_back(expression->Clone());
    return static_cast<int>(query_.group_by.size()) - 1;
  }

  // (a, b), as one element.
  GroupSet Keys(const Node* node) {
    GroupSet keys;
    if (TagOf(node) == T_RowExpr && As<RowExpr>(node)->row_format == COERCE_IMPLICIT_CAST) {
      for (const Node* part : parser::Each<Node>(As<RowExpr>(node)->args)) {
        keys = Union(keys, Keys(part));
      }
      return keys;
    }
    keys.push_back(Key(node));
    return keys;
  }

  // Of the list itself, and of GROUPING SETS in GROUPING SETS, the parts stand for themselves.
  void AddItems(const Node* node, std::vector<GroupingItem>& items, bool nested = false) {
    if (TagOf(node) == T_GroupingSet) {
      const auto* set = As<GroupingSet>(node);
      if (nested && set->kind == GROUPING_SET_SETS) {
        for (const Node* part : parser::Each<Node>(set->content)) AddItems(part, items, true);
      } else {
        items.push_back(Item(set));
      }
      return;
    }
    GroupSet keys = Keys(node);
    if (nested) {
      items.push_back({.keys = std::move(keys)});
    } else {
      for (int key : keys) items.push_back({.keys = {key}});
    }
  }

  GroupingItem Item(const GroupingSet* set) {
    constexpr size_t kMaxCube = 12;
    GroupingItem item;
    if (set->kind == GROUPING_SET_EMPTY) return item;
    item.kind = set->kind == GROUPING_SET_SETS     ? GroupingKind::kSets
                : set->kind == GROUPING_SET_ROLLUP ? GroupingKind::kRollup
                                                   : GroupingKind::kCube;
    for (const Node* part : parser::Each<Node>(set->content)) AddItems(part, item.parts, true);
    if (item.kind == GroupingKind::kCube && item.parts.size() > kMaxCube) {
      throw SqlError(sqlstate::kTooManyColumns, "CUBE is limited to 12 elements").At(set->location);
    }
    return item;
  }

  // The grouping sets that an item stands for.
  static GroupSets Expand(const GroupingItem& item) {
    GroupSets sets;
    const std::vector<GroupingItem>& parts = item.parts;
    switch (item.kind) {
      case GroupingKind::kKeys: return {item.keys};
      case GroupingKind::kSets:
        for (const GroupingItem& part : parts) {
          GroupSets expanded = Expand(part);
          sets.insert(sets.end(), expanded.begin(), expanded.end());
        }
        return sets;
      case GroupingKind::kRollup:
        for (size_t count = parts.size(); count > 0; --count) {
          GroupSet one;
          for (size_t i = 0; i < count; ++i) one = Union(one, parts[i].keys);
          sets.push_back(std::move(one));
        }
        sets.emplace_back();
        return sets;
      case GroupingKind::kCube:
        for (uint32_t mask = 0; mask < (1u << parts.size()); ++mask) {
          GroupSet one;
          for (size_t i = 0; i < parts.size(); ++i) {
            if ((mask >> i & 1) != 0) one = Union(one, parts[i].keys);
          }
          sets.push_back(std::move(one));
        }
        return sets;
    }
    return sets;
  }

  Scope& scope_;
  BoundQuery& query_;
  const int visible_count_;
};

}  // namespace

void BindGroupBy(Scope& scope, const SelectStmt* select, BoundQuery& query, int visible_count) {
  GroupByBinder(scope, query, visible_count).Bind(select->groupClause, select->groupDistinct);
}

namespace {

void BindDistinctAll(Scope& scope, BoundQuery& query, int visible_count) {
  query.distinct = DistinctKind::kAll;
  for (const BoundQuery::OrderBy& order : query.order_by) {
    if (order.target < visible_count) continue;
    throw SqlError(sqlstate::kInvalidColumnReference,
                   "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
        .At(query.targets[order.target].expression->location);
  }
  if (visible_count == 0) {
    throw SqlError(sqlstate::kSyntaxError, "SELECT DISTINCT must have at least one column");
  }
  for (int i = 0; i < visible_count; ++i) {
    BoundTarget& target = query.targets[i];
    ResolveUnknown(scope.state, target.expression);
    CheckGroupable(scope, *target.expression, target.expression->location);
  }
}

[[noreturn]] void ThrowDistinctOnOrder(int location) {
  throw SqlError(sqlstate::kInvalidColumnReference,
                 "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
      .At(location);
}

void BindDistinctOn(Scope& scope, const List* list, BoundQuery& query, int visible_count) {
  query.distinct = DistinctKind::kOn;
  std::vector<int> wanted;
  std::vector<int> locations;
  for (const Node* node : parser::Each<Node>(list)) {
    wanted.push_back(
        FindTarget(scope, node, query.targets, visible_count, ExpressionRole::kDistinctOn));
    locations.push_back(parser::NodeLocation(node));
  }
  bool skipped = false;
  for (const BoundQuery::OrderBy& order : query.order_by) {
    auto at = std::find(wanted.begin(), wanted.end(), order.target);
    if (at == wanted.end()) {
      skipped = true;
    } else if (skipped) {
      ThrowDistinctOnOrder(locations[at - wanted.begin()]);
    } else {
      query.distinct_on.push_back(order.target);
    }
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    const std::vector<int>& have = query.distinct_on;
    if (std::find(have.begin(), have.end(), wanted[i]) != have.end()) continue;
    if (skipped) ThrowDistinctOnOrder(locations[i]);
    BoundTarget& target = query.targets[wanted[i]];
    ResolveUnknown(scope.state, target.expression);
    CheckGroupable(scope, *target.expression, locations[i]);
    query.distinct_on.push_back(wanted[i]);
  }
}

}  // namespace

void BindDistinct(Scope& scope, const SelectStmt* select, BoundQuery& query, int visible_count) {
  if (select->distinctClause == nullptr) return;
  // SELECT DISTINCT is a list with one null.
  if (parser::At<Node>(select->distinctClause, 0) == nullptr) {
    return BindDistinctAll(scope, query, visible_count);
  }
  BindDistinctOn(scope, select->distinctClause, query, visible_count);
}

}  // namespace sundog::binder
