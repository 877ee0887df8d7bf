#include "binder/row_security.h"

#include <algorithm>

#include "binder/bind_stored.h"
#include "catalog/row_security.h"

namespace sundog::binder {

namespace {

using catalog::PolicyDescriptor;
using catalog::RolePolicies;
using RowChecks = std::vector<BoundTableRules::RowCheck>;

// Commands as policies name them.
constexpr char kSelects = 'r';
constexpr char kInserts = 'a';
constexpr char kUpdates = 'w';
constexpr char kDeletes = 'd';

Oid ReadingRole(const BindState& state) {
  Oid owner = state.privileges.view_owner();
  return owner != kInvalidOid ? owner : state.context.role;
}

BoundExpressionPtr Never() {
  return std::make_unique<BoundConstant>(SqlType{oids::kBool}, types::Datum::From(false),
                                         types::PhysicalKind::kBool);
}

BoundExpressionPtr AnyOf(BoundExpressions conditions) {
  if (conditions.empty()) return Never();
  if (conditions.size() == 1) return std::move(conditions[0]);
  return std::make_unique<BoundBoolean>(BooleanOperator::kOr, std::move(conditions));
}

// Policies of one table over one relation of the statement.
class PolicyBinder {
 public:
  PolicyBinder(BindState& state, const catalog::TableDescriptor& table, RelationId relation)
      : state_(state), table_(table), relation_(relation) {
    auto& tables = state.policy_tables;
    if (std::find(tables.begin(), tables.end(), table.oid) != tables.end()) {
      throw SqlError(
          sqlstate::kInvalidObjectDefinition,
          "infinite recursion detected in policy for relation \"" + table.name + "\"");
    }
    tables.push_back(table.oid);
  }
  ~PolicyBinder() { state_.policy_tables.pop_back(); }
  PolicyBinder(const PolicyBinder&) = delete;
  PolicyBinder& operator=(const PolicyBinder&) = delete;

  // USING of the command's policies: each restrictive one, and one of the permissive.
  void AddVisible(char command, BoundExpressions& conditions) {
    RolePolicies policies = PoliciesOf(command);
    BoundExpressions permissive;
    for (const PolicyDescriptor* policy : policies.permissive) {
      if (policy->visible) permissive.push_back(Bind(*policy->visible));
    }
    if (!permissive.empty()) {
      for (const PolicyDescriptor* policy : policies.restrictive) {
        if (policy->visible) AddOnce(Bind(*policy->visible), conditions);
      }
    }
    AddOnce(AnyOf(std::move(permissive)), conditions);
  }

  // WITH CHECK, or USING where there is none; with `using_only`, USING.
  void AddChecks(char command, bool using_only, RowChecks& checks) {
    RolePolicies policies = PoliciesOf(command);
    auto condition = [&](const PolicyDescriptor& policy) -> BoundExpressionPtr {
      if (!using_only && policy.writable) return Bind(*policy.writable);
      return policy.visible ? Bind(*policy.visible) : nullptr;
    };
    BoundExpressions permissive;
    for (const PolicyDescriptor* policy : policies.permissive) {
      if (BoundExpressionPtr one = condition(*policy)) permissive.push_back(std::move(one));
    }
    bool any = !permissive.empty();
    checks.push_back({"", AnyOf(std::move(permissive))});
    if (!any) return;
    for (const PolicyDescriptor* policy : policies.restrictive) {
      if (BoundExpressionPtr one = condition(*policy)) {
        checks.push_back({policy->name, std::move(one)});
      }
    }
  }

 private:
  RolePolicies PoliciesOf(char command) const {
    return catalog::PoliciesFor(state_.catalog, table_, command, ReadingRole(state_));
  }

  BoundExpressionPtr Bind(const catalog::StoredExpression& stored) {
    BoundExpressionPtr condition =
        BindStored(state_, stored, &table_, relation_, ExpressionRole::kPolicy);
    VisitDeep(condition, [&](BoundExpressionPtr& node) {
      if (node->kind != ExpressionKind::kColumn) return;
      auto& column = node->As<BoundColumn>();
      column.by_policy = column.by_policy || column.relation == relation_;
    });
    return condition;
  }

  static void AddOnce(BoundExpressionPtr condition, BoundExpressions& conditions) {
    bool known = std::any_of(conditions.begin(), conditions.end(),
                             [&](const auto& other) { return Equal(*other, *condition); });
    if (!known) conditions.push_back(std::move(condition));
  }

  BindState& state_;
  const catalog::TableDescriptor& table_;
  RelationId relation_;
};

}  // namespace

bool HasPolicies(const BindState& state, const catalog::TableDescriptor& table) {
  if (state.context.row_security == RowSecurity::kIgnored) return false;
  Oid role = ReadingRole(state);
  if (!catalog::PoliciesHoldFor(state.catalog, table, role)) return false;
  if (state.context.row_security == RowSecurity::kApplied) return true;
  SqlError error(sqlstate::kInsufficientPrivilege,
                 "query would be affected by row-level security policy for table \"" + table.name +
                     "\"");
  if (state.catalog.HasPrivilegesOf(role, table.owner)) {
    error.Hint("To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL "
               "SECURITY.");
  }
  throw error;
}

BoundExpressions BindVisibleRows(BindState& state, const catalog::TableDescriptor& table,
                                 RelationId relation, bool locked) {
  BoundExpressions conditions;
  if (!HasPolicies(state, table)) return conditions;
  PolicyBinder binder(state, table, relation);
  if (locked) binder.AddVisible(kUpdates, conditions);
  binder.AddVisible(kSelects, conditions);
  return conditions;
}

void BindRowSecurity(BindState& state, BoundModify& statement) {
  const catalog::TableDescriptor& table = *statement.table;
  if (!HasPolicies(state, table)) return;
  bool reads = state.privileges.ReadsTarget(statement);
  if (statement.kind != StatementKind::kInsert) {
    PolicyBinder rows(state, table, statement.relation);
    bool updates = statement.kind == StatementKind::kUpdate;
    rows.AddVisible(updates ? kUpdates : kDeletes, statement.security);
    if (reads) rows.AddVisible(kSelects, statement.security);
    if (!updates) return;
  }
  BoundTableRules& rules = statement.rules;
  PolicyBinder binder(state, table, rules.relation);
  if (statement.kind == StatementKind::kUpdate) {
    binder.AddChecks(kUpdates, false, rules.update_checks);
    if (reads) binder.AddChecks(kSelects, true, rules.update_checks);
    return;
  }
  binder.AddChecks(kInserts, false, rules.insert_checks);
  if (reads) binder.AddChecks(kSelects, true, rules.insert_checks);
  const auto& conflict = statement.As<BoundInsert>().on_conflict;
  if (conflict == nullptr || !conflict->update) return;
  binder.AddChecks(kUpdates, true, rules.conflict_checks);
  if (reads) binder.AddChecks(kSelects, true, rules.conflict_checks);
  binder.AddChecks(kUpdates, false, rules.update_checks);
  if (reads) binder.AddChecks(kSelects, true, rules.update_checks);
}

}  // namespace sundog::binder
