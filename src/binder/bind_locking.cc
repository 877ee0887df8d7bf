// FOR UPDATE, FOR SHARE and their kin.
#include <algorithm>

#include "binder/bind_select.h"

namespace sundog::binder {

std::string_view LockName(LockClauseStrength strength) {
  switch (strength) {
    case LCS_FORKEYSHARE: return "FOR KEY SHARE";
    case LCS_FORSHARE: return "FOR SHARE";
    case LCS_FORNOKEYUPDATE: return "FOR NO KEY UPDATE";
    default: return "FOR UPDATE";
  }
}

namespace {

LockStrength StrengthOf(LockClauseStrength strength) {
  switch (strength) {
    case LCS_FORKEYSHARE: return LockStrength::kKeyShare;
    case LCS_FORSHARE: return LockStrength::kShare;
    case LCS_FORNOKEYUPDATE: return LockStrength::kNoKeyUpdate;
    default: return LockStrength::kUpdate;
  }
}

LockWait WaitOf(::LockWaitPolicy policy) {
  return policy == LockWaitSkip    ? LockWait::kSkipLocked
         : policy == LockWaitError ? LockWait::kNoWait
                                   : LockWait::kWait;
}

void CheckLockable(const BoundQuery& query, bool has_aggregates, std::string_view lock) {
  auto refuse = [&](bool present, std::string_view what) {
    if (!present) return;
    throw SqlError(sqlstate::kFeatureNotSupported,
                   std::string(lock) + " is not allowed with " + std::string(what));
  };
  refuse(query.set_operator.has_value(), "UNION/INTERSECT/EXCEPT");
  refuse(query.distinct != DistinctKind::kNone, "DISTINCT clause");
  refuse(!query.group_by.empty() || !query.grouping_sets.empty(), "GROUP BY clause");
  refuse(query.having != nullptr, "HAVING clause");
  refuse(has_aggregates, "aggregate functions");
  refuse(query.has_windows, "window functions");
  refuse(query.has_set_functions, "set-returning functions in the target list");
}

// The lock of a clause on one FROM item: a table, or those of a subquery, which are locked there.
void LockRef(BindState& state, BoundTableRef& ref, const BoundRowLock& lock,
             std::vector<RelationId>& relations, std::string_view name);

void LockAll(BindState& state, BoundQuery& query, BoundRowLock lock, std::string_view name) {
  CheckLockable(query, query.has_aggregates, name);
  lock.relations.clear();
  for (BoundTableRefPtr& ref : query.from) LockRef(state, *ref, lock, lock.relations, name);
  if (!lock.relations.empty()) query.locks.push_back(std::move(lock));
}

// Whoever locks rows of a table or a view needs UPDATE on it.
void LockRef(BindState& state, BoundTableRef& ref, const BoundRowLock& lock,
             std::vector<RelationId>& relations, std::string_view name) {
  state.privileges.Require(ref.relation, catalog::kUpdate);
  switch (ref.kind) {
    case TableRefKind::kTable: relations.push_back(ref.relation); return;
    case TableRefKind::kSubquery:
      return LockAll(state, *ref.As<BoundSubqueryRef>().query, lock, name);
    case TableRefKind::kJoin:
      LockRef(state, *ref.As<BoundJoin>().left, lock, relations, name);
      LockRef(state, *ref.As<BoundJoin>().right, lock, relations, name);
      return;
    default: return;
  }
}

bool IsLocked(const BoundTableRef& ref, const std::vector<RelationId>& relations) {
  return std::find(relations.begin(), relations.end(), ref.relation) != relations.end();
}

// A row that an outer join may leave away is not there to be locked.
void RefuseNullable(const BoundTableRef& ref, bool nullable,
                    const std::vector<RelationId>& relations, std::string_view name) {
  if (ref.kind != TableRefKind::kJoin) {
    if (!nullable || !IsLocked(ref, relations)) return;
    throw SqlError(sqlstate::kFeatureNotSupported,
                   std::string(name) + " cannot be applied to the nullable side of an outer join");
  }
  const auto& join = ref.As<BoundJoin>();
  bool left = join.type == JoinType::kRight || join.type == JoinType::kFull;
  bool right = join.type == JoinType::kLeft || join.type == JoinType::kFull;
  RefuseNullable(*join.left, nullable || left, relations, name);
  RefuseNullable(*join.right, nullable || right, relations, name);
}

BoundTableRef* FindRef(BoundTableRef& ref, const std::string& name) {
  if (ref.alias == name && (ref.kind != TableRefKind::kJoin || !ref.alias.empty())) return &ref;
  if (ref.kind != TableRefKind::kJoin) return nullptr;
  auto& join = ref.As<BoundJoin>();
  if (BoundTableRef* found = FindRef(*join.left, name)) return found;
  return FindRef(*join.right, name);
}

std::string_view UnlockableNoun(TableRefKind kind) {
  switch (kind) {
    case TableRefKind::kJoin: return "a join";
    case TableRefKind::kFunction: return "a function";
    case TableRefKind::kValues: return "VALUES";
    default: return "a WITH query";
  }
}

void LockNamed(BindState& state, BoundQuery& query, const RangeVar* range, BoundRowLock& lock,
               std::string_view name) {
  if (range->schemaname != nullptr || range->catalogname != nullptr) {
    throw SqlError(sqlstate::kSyntaxError,
                   std::string(name) + " must specify unqualified relation names")
        .At(range->location);
  }
  for (BoundTableRefPtr& ref : query.from) {
    BoundTableRef* found = FindRef(*ref, range->relname);
    if (found == nullptr) continue;
    bool lockable = found->kind == TableRefKind::kTable || found->kind == TableRefKind::kVirtual ||
                    found->kind == TableRefKind::kSubquery;
    if (!lockable) {
      throw SqlError(sqlstate::kFeatureNotSupported, std::string(name) + " cannot be applied to " +
                                                         std::string(UnlockableNoun(found->kind)))
          .At(range->location);
    }
    LockRef(state, *found, lock, lock.relations, name);
    return;
  }
  throw SqlError(sqlstate::kUndefinedTable, std::string("relation \"") + range->relname + "\" in " +
                                                std::string(name) +
                                                " clause not found in FROM clause")
      .At(range->location);
}

}  // namespace

void BindLocking(Scope& scope, const SelectStmt* select, BoundQuery& query) {
  for (const LockingClause* clause : parser::Each<LockingClause>(select->lockingClause)) {
    std::string_view name = LockName(clause->strength);
    CheckLockable(query, scope.has_aggregates, name);
    BoundRowLock lock;
    lock.strength = StrengthOf(clause->strength);
    lock.wait = WaitOf(clause->waitPolicy);
    if (clause->lockedRels == nullptr) {
      for (BoundTableRefPtr& ref : query.from) {
        LockRef(scope.state, *ref, lock, lock.relations, name);
      }
    }
    for (const RangeVar* range : parser::Each<RangeVar>(clause->lockedRels)) {
      LockNamed(scope.state, query, range, lock, name);
    }
    for (const BoundTableRefPtr& ref : query.from) {
      RefuseNullable(*ref, false, lock.relations, name);
    }
    if (!lock.relations.empty()) query.locks.push_back(std::move(lock));
  }
}

}  // namespace sundog::binder
