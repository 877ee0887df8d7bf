// WITH: common table expressions, recursive ones and those that change data.
#include <algorithm>

#include "binder/bind_from.h"
#include "binder/bind_modify.h"
#include "binder/bind_select.h"
#include "binder/operator_classes.h"
#include "binder/recursion.h"
#include "binder/search_cycle.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

void CheckNames(const WithClause* with) {
  for (int i = 0; i < parser::Length(with->ctes); ++i) {
    const auto* cte = parser::At<CommonTableExpr>(with->ctes, i);
    if (TagOf(cte->ctequery) == T_MergeStmt) {
      throw SqlError(sqlstate::kFeatureNotSupported, "MERGE not supported in WITH query")
          .At(cte->location);
    }
    for (int j = i + 1; j < parser::Length(with->ctes); ++j) {
      const auto* other = parser::At<CommonTableExpr>(with->ctes, j);
      if (std::string_view(cte->ctename) != other->ctename) continue;
      throw SqlError(sqlstate::kDuplicateAlias, std::string("WITH query name \"") + other->ctename +
                                                    "\" specified more than once")
          .At(other->location);
    }
  }
}

// The columns of the WITH query, from its targets and its column list.
void SetColumns(Scope& scope, BoundCteEntry& entry, const std::vector<BoundTarget>& targets,
                int count) {
  const CommonTableExpr* raw = entry.raw;
  std::vector<std::string> names = NameParts(raw->aliascolnames);
  if (static_cast<int>(names.size()) > count) {
    throw SqlError(sqlstate::kInvalidColumnReference,
                   std::string("WITH query \"") + raw->ctename + "\" has " + std::to_string(count) +
                       " columns available but " + std::to_string(names.size()) +
                       " columns specified")
        .At(raw->location);
  }
  entry.cte->columns = names;
  entry.cte->types.clear();
  entry.origins.clear();
  for (int i = 0; i < count; ++i) {
    const BoundTarget& target = targets[i];
    if (i >= static_cast<int>(names.size())) entry.cte->columns.push_back(target.name);
    SqlType type = target.expression->type;
    if (type.oid == oids::kUnknown) type = {oids::kText, -1};
    entry.cte->types.push_back(type);
    NameColumn origin;
    origin.source_table = target.source_table;
    origin.source_column = target.source_column;
    if (type.oid == oids::kRecord) {
      auto fields = RowFields(scope, *target.expression);
      if (fields.has_value()) {
        origin.row_fields = std::make_shared<const std::vector<RowField>>(std::move(*fields));
      }
    }
    entry.origins.push_back(std::move(origin));
  }
}

void CheckRecursiveTypes(Scope& scope, const BoundCte& cte) {
  for (size_t i = 0; i < cte.types.size(); ++i) {
    const BoundExpression& overall = *cte.query->targets[i].expression;
    if (overall.type == cte.types[i]) continue;
    throw SqlError(sqlstate::kDatatypeMismatch, "recursive query \"" + cte.name + "\" column " +
                                                    std::to_string(i + 1) + " has type " +
                                                    scope.types().Name(cte.types[i]) +
                                                    " in non-recursive term but type " +
                                                    scope.types().Name(overall.type) + " overall")
        .Hint("Cast the output of the non-recursive term to the correct type.")
        .At(overall.location);
  }
}

// The columns without those that SEARCH and CYCLE add: of the left side, bound for its names alone.
std::vector<std::string> OwnColumns(Scope& scope, BoundCteEntry& entry, const SelectStmt* query) {
  if (query->withClause != nullptr) {
    base::ThrowNotSupported("SEARCH or CYCLE of a query with WITH queries of its own",
                            entry.raw->location);
  }
  std::unique_ptr<BoundQuery> left =
      BindSubquery(scope, reinterpret_cast<const Node*>(query->larg), false, true);
  SetColumns(scope, entry, left->targets, left->visible_target_count());
  return entry.cte->columns;
}

void CheckHashable(Scope& scope, const BoundCte& cte) {
  for (SqlType type : cte.types) {
    if (OperatorClasses::Get().OperatorsOf(scope.catalog(), type.oid).hashable) continue;
    throw SqlError(sqlstate::kFeatureNotSupported, "could not implement recursive UNION")
        .Detail("All column datatypes must be hashable.");
  }
}

void BindRecursiveCte(Scope& scope, BoundCteEntry& entry) {
  entry.cte->recursive = true;
  entry.in_progress = true;
  Scope inner(scope.state, &scope);
  auto on_left = [&](BoundQuery& left) {
    SetColumns(scope, entry, left.targets, left.visible_target_count());
  };
  const auto* query = As<SelectStmt>(entry.raw->ctequery);
  std::optional<SearchCycleRewrite> rewrite;
  std::vector<std::string> own;
  if (AddedColumnCount(*entry.raw) > 0) {
    own = OwnColumns(scope, entry, query);
    rewrite.emplace(*entry.raw, own);
    query = rewrite->query();
  }
  entry.cte->query = BindSetOperation(inner, query, on_left);
  entry.in_progress = false;
  CheckRecursiveTypes(scope, *entry.cte);
  if (!entry.cte->query->set_all) CheckHashable(scope, *entry.cte);
}

void BindModifyingCte(Scope& scope, BoundCteEntry& entry) {
  if (scope.parent != nullptr) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "WITH clause containing a data-modifying statement must be at the top level")
        .At(entry.raw->location);
  }
  Scope inner(scope.state, &scope);
  std::unique_ptr<BoundModify> statement = BindModify(inner, entry.raw->ctequery);
  entry.has_returning = !statement->returning.empty();
  SetColumns(scope, entry, statement->returning, static_cast<int>(statement->returning.size()));
  entry.cte->statement = std::move(statement);
}

void BindCte(Scope& scope, BoundCteEntry& entry, bool recursive) {
  const CommonTableExpr* raw = entry.raw;
  entry.cte->name = raw->ctename;
  if (raw->ctematerialized != CTEMaterializeDefault) {
    entry.cte->materialized = raw->ctematerialized == CTEMaterializeAlways;
  }
  if (AddedColumnCount(*raw) > 0 && !recursive) {
    throw SqlError(sqlstate::kSyntaxError, "WITH query is not recursive").At(raw->location);
  }
  if (TagOf(raw->ctequery) != T_SelectStmt) return BindModifyingCte(scope, entry);
  if (recursive) return BindRecursiveCte(scope, entry);
  entry.cte->query = BindSubquery(scope, raw->ctequery, false, true);
  SetColumns(scope, entry, entry.cte->query->targets, entry.cte->query->visible_target_count());
}

}  // namespace

void BindWith(Scope& scope, const WithClause* with, std::vector<BoundCte>& ctes) {
  CheckNames(with);
  std::vector<OrderedCte> order;
  if (with->recursive) {
    order = OrderRecursiveCtes(with);
  } else {
    for (const auto* cte : parser::Each<CommonTableExpr>(with->ctes)) {
      order.push_back({cte, false});
      scope.future_ctes.push_back(cte);
    }
  }
  ctes.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    ctes[i].id = scope.state.next_cte++;
    auto entry = std::make_unique<BoundCteEntry>();
    entry->raw = order[i].cte;
    entry->cte = &ctes[i];
    entry->depth = scope.depth;
    BoundCteEntry* added = entry.get();
    // A recursive query sees itself; the others are seen by those after them.
    if (order[i].recursive) scope.ctes.push_back(std::move(entry));
    BindCte(scope, *added, order[i].recursive);
    if (entry != nullptr) scope.ctes.push_back(std::move(entry));
    if (!with->recursive) scope.future_ctes.erase(scope.future_ctes.begin());
  }
}

}  // namespace sundog::binder
