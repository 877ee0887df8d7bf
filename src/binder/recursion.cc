#include "binder/recursion.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "runtime/stack.h"

extern "C" bool raw_expression_tree_walker(Node* node, bool (*walker)(Node*, void*), void* context);

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// PostgreSQL's walker is C code that exceptions must not cross: an error waits in the walker's
// state, and ends the walk.

const WithClause* WithOf(const Node* node) {
  switch (TagOf(node)) {
    case T_SelectStmt: return As<SelectStmt>(node)->withClause;
    case T_InsertStmt: return As<InsertStmt>(node)->withClause;
    case T_UpdateStmt: return As<UpdateStmt>(node)->withClause;
    case T_DeleteStmt: return As<DeleteStmt>(node)->withClause;
    default: return nullptr;
  }
}

// Names of inner WITH queries, which hide outer ones.
class InnerNames {
 public:
  bool Hide(const char* name) const {
    for (const auto& level : levels_) {
      if (std::find(level.begin(), level.end(), std::string_view(name)) != level.end()) return true;
    }
    return false;
  }

  // Walks the WITH queries of an inner statement, then `rest`, with their names in force.
  template <typename Walk, typename Rest>
  void Enter(const WithClause* with, Walk&& walk, Rest&& rest) {
    levels_.emplace_back();
    if (with->recursive) {
      for (const auto* cte : parser::Each<CommonTableExpr>(with->ctes)) {
        levels_.back().push_back(cte->ctename);
      }
    }
    for (const auto* cte : parser::Each<CommonTableExpr>(with->ctes)) {
      walk(cte->ctequery);
      if (!with->recursive) levels_.back().push_back(cte->ctename);
    }
    rest();
    levels_.pop_back();
  }

 private:
  std::vector<std::vector<std::string_view>> levels_;
};

// Too deep nesting, as a value: it has to come out through the library's C code.
std::optional<SqlError> DepthError() {
  try {
    runtime::CheckStackDepth();
  } catch (const SqlError& error) {
    return error;
  }
  return std::nullopt;
}

// Which of the queries a query refers to.
struct DependencyWalk {
  const std::vector<OrderedCte>* items;
  std::set<const CommonTableExpr*> found;
  std::optional<SqlError> error;
  InnerNames inner;

  static bool Visit(Node* node, void* context) {
    return static_cast<DependencyWalk*>(context)->Walk(node);
  }

  bool Walk(Node* node) {
    if (node == nullptr || error.has_value()) return false;
    error = DepthError();
    if (error.has_value()) return true;
    if (TagOf(node) == T_RangeVar) {
      const auto* range = As<RangeVar>(node);
      if (range->schemaname != nullptr || inner.Hide(range->relname)) return false;
      for (const OrderedCte& item : *items) {
        if (std::string_view(item.cte->ctename) == range->relname) found.insert(item.cte);
      }
      return false;
    }
    if (TagOf(node) == T_WithClause) return false;
    if (const WithClause* with = WithOf(node)) {
      inner.Enter(
          with, [&](Node* query) { Walk(query); },
          [&] { raw_expression_tree_walker(node, &Visit, this); });
      return false;
    }
    return raw_expression_tree_walker(node, &Visit, this);
  }
};

enum class Place { kOk, kNonRecursiveTerm, kSubquery, kOuterJoin, kIntersect, kExcept };

std::string_view PlaceName(Place place) {
  switch (place) {
    case Place::kNonRecursiveTerm: return "its non-recursive term";
    case Place::kSubquery: return "a subquery";
    case Place::kOuterJoin: return "an outer join";
    case Place::kIntersect: return "INTERSECT";
    default: return "EXCEPT";
  }
}

// Where a recursive query refers to itself.
struct SelfReferenceWalk {
  std::string name;
  Place place = Place::kOk;
  int count = 0;
  std::optional<SqlError> error;
  InnerNames inner;

  static bool Visit(Node* node, void* context) {
    return static_cast<SelfReferenceWalk*>(context)->Walk(node);
  }

  void In(Place there, Node* node) {
    Place saved = std::exchange(place, there);
    Walk(node);
    place = saved;
  }

  bool Walk(Node* node) {
    if (node == nullptr || error.has_value()) return false;
    error = DepthError();
    if (error.has_value()) return true;
    switch (TagOf(node)) {
      case T_RangeVar: VisitReference(As<RangeVar>(node)); return false;
      case T_WithClause: return false;
      case T_SelectStmt: WalkSelect(node); return false;
      case T_JoinExpr: WalkJoin(As<JoinExpr>(node)); return false;
      case T_SubLink:
        In(Place::kSubquery, As<SubLink>(node)->subselect);
        Walk(As<SubLink>(node)->testexpr);
        return false;
      default: return raw_expression_tree_walker(node, &Visit, this);
    }
  }

  void VisitReference(const RangeVar* range) {
    if (range->schemaname != nullptr || name != range->relname || inner.Hide(range->relname)) {
      return;
    }
    std::string text = "recursive reference to query \"" + name + "\" must not appear ";
    if (place != Place::kOk) {
      error =
          SqlError(sqlstate::kInvalidRecursion, text + "within " + std::string(PlaceName(place)))
              .At(range->location);
    } else if (++count > 1) {
      error = SqlError(sqlstate::kInvalidRecursion, text + "more than once").At(range->location);
    }
  }

  void WalkSelect(Node* node) {
    if (const WithClause* with = WithOf(node)) {
      inner.Enter(
          with, [&](Node* query) { Walk(query); }, [&] { WalkSelectBody(node); });
    } else {
      WalkSelectBody(node);
    }
  }

  void WalkSelectBody(Node* node) {
    auto* select = As<SelectStmt>(node);
    bool set = select->op == SETOP_INTERSECT || select->op == SETOP_EXCEPT;
    if (place != Place::kOk || !set) {
      raw_expression_tree_walker(node, &Visit, this);
      return;
    }
    bool except = select->op == SETOP_EXCEPT;
    Place there = except ? Place::kExcept : Place::kIntersect;
    Place all = select->all ? there : Place::kOk;
    In(all, reinterpret_cast<Node*>(select->larg));
    In(except ? there : all, reinterpret_cast<Node*>(select->rarg));
  }

  void WalkJoin(JoinExpr* join) {
    Place outer = place == Place::kOk ? Place::kOuterJoin : place;
    bool left = join->jointype == JOIN_FULL || join->jointype == JOIN_RIGHT;
    bool right = join->jointype == JOIN_FULL || join->jointype == JOIN_LEFT;
    In(left ? outer : place, join->larg);
    In(right ? outer : place, join->rarg);
    Walk(join->quals);
  }
};

void CheckSelfReferences(const CommonTableExpr* cte, Place place, Node* node) {
  SelfReferenceWalk walk;
  walk.name = cte->ctename;
  walk.place = place;
  walk.Walk(node);
  if (walk.error.has_value()) throw *walk.error;
}

void RefuseClause(const void* clause, std::string_view what) {
  if (clause == nullptr) return;
  throw SqlError(sqlstate::kFeatureNotSupported,
                 std::string(what) + " in a recursive query is not implemented")
      .At(parser::NodeLocation(static_cast<const Node*>(clause)));
}

void CheckWellFormed(const CommonTableExpr* cte) {
  std::string subject = std::string("recursive query \"") + cte->ctename + "\"";
  if (TagOf(cte->ctequery) != T_SelectStmt) {
    throw SqlError(sqlstate::kInvalidRecursion,
                   subject + " must not contain data-modifying statements")
        .At(cte->location);
  }
  const auto* select = As<SelectStmt>(cte->ctequery);
  if (select->op != SETOP_UNION) {
    throw SqlError(
        sqlstate::kInvalidRecursion,
        subject + " does not have the form non-recursive-term UNION [ALL] recursive-term")
        .At(cte->location);
  }
  if (select->withClause != nullptr) {
    for (const auto* inner : parser::Each<CommonTableExpr>(select->withClause->ctes)) {
      CheckSelfReferences(cte, Place::kSubquery, inner->ctequery);
    }
  }
  RefuseClause(select->sortClause, "ORDER BY");
  RefuseClause(select->limitOffset, "OFFSET");
  RefuseClause(select->limitCount, "LIMIT");
  RefuseClause(select->lockingClause, "FOR UPDATE/SHARE");
  CheckSelfReferences(cte, Place::kNonRecursiveTerm, reinterpret_cast<Node*>(select->larg));
  CheckSelfReferences(cte, Place::kOk, reinterpret_cast<Node*>(select->rarg));
}

}  // namespace

std::vector<OrderedCte> OrderRecursiveCtes(const WithClause* with) {
  std::vector<OrderedCte> items;
  for (const auto* cte : parser::Each<CommonTableExpr>(with->ctes)) items.push_back({cte, false});
  std::vector<std::set<const CommonTableExpr*>> depends;
  for (OrderedCte& item : items) {
    DependencyWalk walk{&items, {}, {}, {}};
    walk.Walk(item.cte->ctequery);
    if (walk.error.has_value()) throw *walk.error;
    item.recursive = walk.found.erase(item.cte) > 0;
    depends.push_back(std::move(walk.found));
  }
  for (size_t i = 0; i < items.size(); ++i) {
    size_t j = i;
    while (j < items.size() && !depends[j].empty()) ++j;
    if (j == items.size()) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "mutual recursion between WITH items is not implemented")
          .At(items[i].cte->location);
    }
    std::swap(items[i], items[j]);
    std::swap(depends[i], depends[j]);
    for (size_t k = i + 1; k < items.size(); ++k) depends[k].erase(items[i].cte);
  }
  for (const OrderedCte& item : items) {
    if (item.recursive) CheckWellFormed(item.cte);
  }
  return items;
}

}  // namespace sundog::binder
