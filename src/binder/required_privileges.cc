#include "binder/required_privileges.h"

#include <algorithm>
#include <functional>

#include "binder/bound_utility.h"
#include "catalog/acl.h"

namespace sundog::binder {

namespace {

using Visit = std::function<void(BoundExpressionPtr&)>;

// Visits expressions and all below them, but the containers that SET a[1] = … changes in place:
// these are written, not read.
void VisitReads(BoundExpressionPtr& expression, const Visit& visit) {
  if (expression == nullptr) return;
  visit(expression);
  bool assigns = expression->kind == ExpressionKind::kSubscriptAssign;
  ForEachChild(*expression, [&](BoundExpressionPtr& child) {
    bool container = assigns && &child == &expression->As<BoundSubscriptAssign>().container;
    if (container && child->kind == ExpressionKind::kColumn) return;
    VisitReads(child, visit);
  });
  if (expression->kind == ExpressionKind::kSubquery) {
    ForEachExpression(*expression->As<BoundSubquery>().query,
                      [&](BoundExpressionPtr& inner) { VisitReads(inner, visit); });
  }
}

void VisitReads(BoundStatement& statement, const Visit& visit);

void VisitReads(BoundQuery& query, const Visit& visit) {
  ForEachExpression(query, [&](BoundExpressionPtr& one) { VisitReads(one, visit); });
  for (BoundCte& cte : query.ctes) {
    if (cte.statement != nullptr) VisitReads(*cte.statement, visit);
  }
}

void VisitReads(std::vector<BoundCte>& ctes, const Visit& visit) {
  for (BoundCte& cte : ctes) {
    if (cte.query != nullptr) VisitReads(*cte.query, visit);
    if (cte.statement != nullptr) VisitReads(*cte.statement, visit);
  }
}

void VisitReads(std::vector<BoundTableRefPtr>& refs, const Visit& visit) {
  for (BoundTableRefPtr& ref : refs) {
    ForEachExpression(*ref, [&](BoundExpressionPtr& one) { VisitReads(one, visit); });
  }
}

void VisitReads(std::vector<BoundAssignment>& assignments, const Visit& visit) {
  for (BoundAssignment& assignment : assignments) VisitReads(assignment.value, visit);
}

void VisitModify(BoundModify& modify, const Visit& visit) {
  VisitReads(modify.ctes, visit);
  for (BoundExpressionPtr& one : modify.security) VisitReads(one, visit);
  for (auto* checks : {&modify.rules.insert_checks, &modify.rules.update_checks,
                       &modify.rules.conflict_checks}) {
    for (BoundTableRules::RowCheck& check : *checks) VisitReads(check.condition, visit);
  }
  for (BoundTarget& target : modify.returning) VisitReads(target.expression, visit);
  if (modify.kind == StatementKind::kInsert) {
    auto& insert = modify.As<BoundInsert>();
    if (insert.source != nullptr) VisitReads(*insert.source, visit);
    for (BoundExpressionPtr& value : insert.values) VisitReads(value, visit);
    if (insert.on_conflict == nullptr) return;
    VisitReads(insert.on_conflict->assignments, visit);
    VisitReads(insert.on_conflict->where, visit);
  } else if (modify.kind == StatementKind::kUpdate) {
    auto& update = modify.As<BoundUpdate>();
    VisitReads(update.from, visit);
    VisitReads(update.where, visit);
    VisitReads(update.assignments, visit);
  } else {
    auto& erase = modify.As<BoundDelete>();
    VisitReads(erase.using_tables, visit);
    VisitReads(erase.where, visit);
  }
}

void VisitUtility(BoundUtility& utility, const Visit& visit) {
  if (utility.utility == UtilityKind::kExplain) {
    VisitReads(*utility.As<BoundExplain>().statement, visit);
  } else if (utility.utility == UtilityKind::kCreateTableAs) {
    VisitReads(*utility.As<BoundCreateTableAs>().query, visit);
  } else if (utility.utility == UtilityKind::kCopy) {
    auto& copy = utility.As<BoundCopy>();
    if (copy.query != nullptr) VisitReads(*copy.query, visit);
    if (copy.insert != nullptr) VisitReads(*copy.insert, visit);
    VisitReads(copy.where, visit);
  }
}

void VisitReads(BoundStatement& statement, const Visit& visit) {
  switch (statement.kind) {
    case StatementKind::kQuery:
      return VisitReads(*statement.As<BoundQueryStatement>().query, visit);
    case StatementKind::kInsert:
    case StatementKind::kUpdate:
    case StatementKind::kDelete: return VisitModify(statement.As<BoundModify>(), visit);
    case StatementKind::kUtility: return VisitUtility(statement.As<BoundUtility>(), visit);
    case StatementKind::kMerge: return;
  }
}

void AddOnce(std::vector<int16_t>& attnums, int attnum) {
  if (std::find(attnums.begin(), attnums.end(), attnum) != attnums.end()) return;
  attnums.push_back(static_cast<int16_t>(attnum));
}

}  // namespace

catalog::RequiredPrivilege& PrivilegeCollector::AddRelation(RelationId reference, int depth,
                                                            Oid relation, uint32_t privileges) {
  Entry& entry = entries_.emplace_back(Entry{reference, depth, {}});
  entry.required.relation = relation;
  entry.required.privileges = privileges;
  entry.required.role = view_owner_;
  return entry.required;
}

void PrivilegeCollector::AddFunction(const catalog::Catalog& catalog,
                                     const functions::ProcInfo& proc) {
  if (ignores_functions_) return;
  bool built_in = proc.oid < types::kFirstUserOid;
  if (built_in && catalog::FunctionAcl(catalog, proc.oid).is_default) return;
  if (std::find(functions_.begin(), functions_.end(), proc.oid) != functions_.end()) return;
  functions_.push_back(proc.oid);
}

PrivilegeCollector::Entry* PrivilegeCollector::Find(RelationId reference) {
  for (Entry& entry : entries_) {
    if (reference >= 0 && entry.reference == reference) return &entry;
  }
  return nullptr;
}

void PrivilegeCollector::Require(RelationId reference, uint32_t privileges) {
  if (Entry* entry = Find(reference)) entry->required.privileges |= privileges;
}

void PrivilegeCollector::RequireColumn(RelationId reference, uint32_t privilege, int attnum) {
  Entry* entry = Find(reference);
  if (entry == nullptr) return;
  entry->required.privileges |= privilege;
  if (privilege == catalog::kSelect) AddOnce(entry->required.selected, attnum);
  if (privilege == catalog::kInsert) AddOnce(entry->required.inserted, attnum);
  if (privilege == catalog::kUpdate) AddOnce(entry->required.updated, attnum);
}

bool PrivilegeCollector::ReadsTarget(BoundModify& statement) {
  const Entry* entry = Find(statement.relation);
  if (entry != nullptr && (entry->required.privileges & catalog::kSelect) != 0) return true;
  bool reads = false;
  VisitModify(statement, [&](BoundExpressionPtr& node) {
    if (node->kind != ExpressionKind::kColumn) return;
    const auto& column = node->As<BoundColumn>();
    reads = reads || (column.relation == statement.relation && !column.by_policy);
  });
  return reads;
}

catalog::RequiredPrivileges PrivilegeCollector::Finish(BoundStatement& statement,
                                                       const catalog::Catalog& catalog,
                                                       Oid role) {
  bool columns_matter = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    Oid who = entry.required.role != types::kInvalidOid ? entry.required.role : role;
    return !catalog::HoldsRelation(catalog, entry.required.relation, who,
                                   entry.required.privileges | catalog::kSelect);
  });
  if (columns_matter) {
    VisitReads(statement, [&](BoundExpressionPtr& node) {
      if (node->kind != ExpressionKind::kColumn) return;
      const auto& column = node->As<BoundColumn>();
      if (column.by_policy) return;
      // System columns have their attribute number; the others count from 0.
      int attnum = column.ordinal < 0 ? column.ordinal : column.ordinal + 1;
      RequireColumn(column.relation, catalog::kSelect, attnum);
    });
  }
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.depth < b.depth; });
  catalog::RequiredPrivileges required;
  for (Entry& entry : entries_) required.relations.push_back(std::move(entry.required));
  required.functions = std::move(functions_);
  return required;
}

}  // namespace sundog::binder
