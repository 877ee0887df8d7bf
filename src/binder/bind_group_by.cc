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
    std::vector<GroupSets> parts;  // of which the product is taken
    for (const Node* node : parser::Each<Node>(list)) {
      if (TagOf(node) == T_GroupingSet) has_sets_ = true;
      parts.push_back(ExpandItem(node));
    }
    if (!has_sets_) return;
    int location = parser::NodeLocation(parser::At(list, 0));
    GroupSets sets = {{}};
    for (const GroupSets& part : parts) {
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

  // The grouping sets that one item of the list stands for.
  GroupSets ExpandItem(const Node* node) {
    if (TagOf(node) != T_GroupingSet) return {Keys(node)};
    const auto* set = As<GroupingSet>(node);
    switch (set->kind) {
      case GROUPING_SET_EMPTY: return {{}};
      case GROUPING_SET_SETS: {
        GroupSets sets;
        for (const Node* part : parser::Each<Node>(set->content)) {
          GroupSets expanded = ExpandItem(part);
          sets.insert(sets.end(), expanded.begin(), expanded.end());
        }
        return sets;
      }
      case GROUPING_SET_ROLLUP: return ExpandRollup(set);
      default: return ExpandCube(set);
    }
  }

  std::vector<GroupSet> Elements(const GroupingSet* set) {
    std::vector<GroupSet> elements;
    for (const Node* part : parser::Each<Node>(set->content)) elements.push_back(Keys(part));
    return elements;
  }

  GroupSets ExpandRollup(const GroupingSet* set) {
    std::vector<GroupSet> elements = Elements(set);
    GroupSets sets;
    for (size_t count = elements.size(); count > 0; --count) {
      GroupSet one;
      for (size_t i = 0; i < count; ++i) one = Union(one, elements[i]);
      sets.push_back(std::move(one));
    }
    sets.emplace_back();
    return sets;
  }

  GroupSets ExpandCube(const GroupingSet* set) {
    constexpr size_t kMaxCube = 12;
    std::vector<GroupSet> elements = Elements(set);
    if (elements.size() > kMaxCube) {
      throw SqlError(sqlstate::kTooManyColumns, "CUBE is limited to 12 elements").At(set->location);
    }
    GroupSets sets;
    for (uint32_t mask = 0; mask < (1u << elements.size()); ++mask) {
      GroupSet one;
      for (size_t i = 0; i < elements.size(); ++i) {
        if ((mask >> i & 1) != 0) one = Union(one, elements[i]);
      }
      sets.push_back(std::move(one));
    }
    return sets;
  }

  Scope& scope_;
  BoundQuery& query_;
  const int visible_count_;
  bool has_sets_ = false;
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
