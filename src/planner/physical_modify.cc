// INSERT, UPDATE, DELETE.
#include "base/check.h"
#include "planner/expressions.h"
#include "planner/physical_builder.h"

namespace sundog::planner {

namespace {

// The table's live columns in order, as columns of `relation`.
Layout LiveLayout(const catalog::TableDescriptor& table, RelationId relation) {
  Layout layout;
  layout.tables[relation] = table.oid;
  for (int16_t attnum : table.LiveAttnums()) layout.columns.push_back({relation, attnum - 1});
  return layout;
}

int LivePosition(const catalog::TableDescriptor& table, int attnum) {
  std::vector<int16_t> live = table.LiveAttnums();
  for (size_t i = 0; i < live.size(); ++i) {
    if (live[i] == attnum) return static_cast<int>(i);
  }
  return -1;
}

std::vector<int> LiveSlots(const catalog::TableDescriptor& table, RelationId relation,
                           const Layout& input) {
  std::vector<int> slots;
  for (int16_t attnum : table.LiveAttnums()) {
    slots.push_back(input.SlotOf({relation, attnum - 1}));
    CHECK_GE(slots.back(), 0);
  }
  return slots;
}

Layout Append(Layout first, const Layout& second) {
  first.columns.insert(first.columns.end(), second.columns.begin(), second.columns.end());
  first.tables.insert(second.tables.begin(), second.tables.end());
  return first;
}

}  // namespace

PhysicalBuilder::Built PhysicalBuilder::BuildModify(LogicalModify& node,
                                                    const Required& /*required*/) {
  binder::BoundModify& statement = *node.statement;
  Required below;
  ForEachExpression(statement, [&](BoundExpressionPtr& e) { CollectColumns(*e, below); });
  if (node.kind != LogicalKind::kInsert) {
    below.insert({statement.relation, kRowKeyOrdinal});
    for (int16_t attnum : statement.table->LiveAttnums()) {
      below.insert({statement.relation, attnum - 1});
    }
  }
  Built child = Build(*node.children[0], below);
  std::shared_ptr<PhysicalModify> physical;
  if (node.kind == LogicalKind::kInsert) {
    auto insert = std::make_shared<PhysicalInsert>();
    FillInsert(statement.As<binder::BoundInsert>(), *insert, child.layout);
    physical = insert;
  } else if (node.kind == LogicalKind::kUpdate) {
    auto update = std::make_shared<PhysicalUpdate>();
    FillUpdate(statement.As<binder::BoundUpdate>(), *update, child.layout);
    physical = update;
  } else {
    auto erase = std::make_shared<PhysicalDelete>();
    FillDelete(statement.As<binder::BoundDelete>(), *erase, child.layout);
    physical = erase;
  }
  FillModify(node, *physical, child.layout);
  physical->children.push_back(child.node);
  Layout layout;
  std::vector<SqlType> types;
  for (size_t i = 0; i < physical->returning.size(); ++i) {
    layout.columns.push_back({node.relation, static_cast<int>(i)});
    types.push_back(physical->returning[i]->type);
  }
  SetTypes(*physical, types);
  return {physical, layout};
}

void PhysicalBuilder::FillModify(LogicalModify& node, PhysicalModify& physical,
                                 const Layout& input) {
  binder::BoundModify& statement = *node.statement;
  physical.rules = ResolveRules(statement.table, statement.rules);
  physical.alias = statement.alias;
  // RETURNING sees the new row (of DELETE, the old one) as the target's, then the source's columns.
  Layout returning = Append(LiveLayout(*statement.table, statement.relation), input);
  if (node.kind == LogicalKind::kInsert) {
    returning.columns.push_back({statement.relation, binder::kXmaxOrdinal});
  }
  for (binder::BoundTarget& target : statement.returning) {
    physical.returning.push_back(Resolve(target.expression->Clone(), returning));
  }
}

std::shared_ptr<const PhysicalTableRules> PhysicalBuilder::ResolveRules(
    std::shared_ptr<const catalog::TableDescriptor> table, binder::BoundTableRules& rules) {
  auto physical = std::make_shared<PhysicalTableRules>();
  physical->table = std::move(table);
  Layout row = LiveLayout(*physical->table, rules.relation);
  for (auto& check : rules.checks) {
    physical->checks.push_back({check.constraint, Resolve(std::move(check.condition), row)});
  }
  auto resolve_checks = [&](auto& from, auto& to) {
    for (auto& check : from) {
      to.push_back({std::move(check.policy), Resolve(std::move(check.condition), row)});
    }
  };
  resolve_checks(rules.insert_checks, physical->insert_checks);
  resolve_checks(rules.update_checks, physical->update_checks);
  resolve_checks(rules.conflict_checks, physical->conflict_checks);
  physical->written = rules.written;
  physical->generated.resize(row.columns.size());
  for (auto& generated : rules.generated) {
    int position = LivePosition(*physical->table, generated.attnum);
    physical->generated[position] = Resolve(std::move(generated.expression), row);
  }
  for (auto& index : rules.indexes) {
    physical->indexes.push_back({index.index, ResolveAll(std::move(index.expressions), row),
                                 Resolve(std::move(index.predicate), row)});
  }
  if (!rules.defaults.empty()) {
    for (int16_t attnum : physical->table->LiveAttnums()) {
      physical->defaults.push_back(Resolve(std::move(rules.defaults[attnum - 1]), Layout{}));
    }
  }
  return physical;
}

void PhysicalBuilder::FillInsert(binder::BoundInsert& insert, PhysicalInsert& physical,
                                 const Layout& input) {
  for (int16_t attnum : insert.table->LiveAttnums()) {
    physical.values.push_back(Resolve(std::move(insert.values[attnum - 1]), input));
  }
  if (insert.on_conflict == nullptr) return;
  binder::BoundOnConflict& bound = *insert.on_conflict;
  PhysicalInsert::OnConflict& conflict = physical.on_conflict.emplace();
  conflict.update = bound.update;
  conflict.arbiters = bound.arbiters;
  Layout both = Append(LiveLayout(*insert.table, insert.relation),
                       LiveLayout(*insert.table, bound.excluded));
  conflict.assignments.resize(insert.table->LiveAttnums().size());
  for (binder::BoundAssignment& assignment : bound.assignments) {
    int position = LivePosition(*insert.table, assignment.attnum);
    conflict.assignments[position] = Resolve(std::move(assignment.value), both);
  }
  conflict.where = Resolve(std::move(bound.where), both);
}

void PhysicalBuilder::FillUpdate(binder::BoundUpdate& update, PhysicalUpdate& physical,
                                 const Layout& input) {
  physical.row_key_slot = input.SlotOf({update.relation, kRowKeyOrdinal});
  physical.old_slots = LiveSlots(*update.table, update.relation, input);
  std::vector<int16_t> live = update.table->LiveAttnums();
  for (size_t i = 0; i < live.size(); ++i) {
    physical.values.push_back(std::make_unique<InputSlot>(
        update.table->columns[live[i] - 1].type, physical.old_slots[i]));
  }
  for (binder::BoundAssignment& assignment : update.assignments) {
    int position = LivePosition(*update.table, assignment.attnum);
    physical.values[position] = Resolve(std::move(assignment.value), input);
    physical.assigned.push_back(static_cast<int16_t>(assignment.attnum));
  }
}

void PhysicalBuilder::FillDelete(binder::BoundDelete& statement, PhysicalDelete& physical,
                                 const Layout& input) {
  physical.row_key_slot = input.SlotOf({statement.relation, kRowKeyOrdinal});
  physical.old_slots = LiveSlots(*statement.table, statement.relation, input);
}

}  // namespace sundog::planner
