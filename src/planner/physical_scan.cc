// Table scans.
#include "planner/physical_builder.h"

namespace sundog::planner {

namespace {

int16_t AttnumOf(int ordinal) {
  // storage::kRowKeyColumn; planner does not see storage.
  if (ordinal == kRowKeyOrdinal) return -101;
  return static_cast<int16_t>(ordinal >= 0 ? ordinal + 1 : ordinal);
}

SqlType ColumnType(const catalog::TableDescriptor& table, int ordinal) {
  if (ordinal >= 0) return table.columns[ordinal].type;
  switch (ordinal) {
    case kRowKeyOrdinal: return {types::oids::kBytea};
    case binder::kCtidOrdinal: return {types::oids::kTid};
    case binder::kTableOidOrdinal: return {types::oids::kOid};
    default: return {types::oids::kXid};
  }
}

// All columns of the table, by attnum - 1.
Layout TableLayout(const LogicalScan& scan) {
  Layout layout;
  for (size_t i = 0; i < scan.table->columns.size(); ++i) {
    layout.columns.push_back({scan.relation, static_cast<int>(i)});
  }
  return layout;
}

bool HasPlan(const binder::BoundExpression& expression) {
  if (expression.kind == binder::ExpressionKind::kSubquery) return true;
  bool found = false;
  ForEachChild(const_cast<binder::BoundExpression&>(expression),
               [&](BoundExpressionPtr& child) { found = found || HasPlan(*child); });
  return found;
}

}  // namespace

AccessPath PhysicalBuilder::ResolvePath(const LogicalScan& node, AccessPath path,
                                        const std::vector<size_t>& used) {
  Layout none;
  path.equal = ResolveAll(std::move(path.equal), none);
  path.lower = Resolve(std::move(path.lower), none);
  path.upper = Resolve(std::move(path.upper), none);
  path.prefix = Resolve(std::move(path.prefix), none);
  path.row = ResolveAll(std::move(path.row), none);
  if (!used.empty()) {
    Layout table = TableLayout(node);
    for (size_t i : used) {
      if (HasPlan(*node.conjuncts[i])) continue;  // one plan of it is enough
      path.conditions.push_back(Resolve(node.conjuncts[i]->Clone(), table));
    }
  }
  return path;
}

void PhysicalBuilder::ResolveProbe(NearestOrder& nearest) {
  auto& call = nearest.distance->As<binder::BoundFunction>();
  nearest.probe = Resolve(std::move(nearest.probe), Layout{});
  nearest.slot = next_outer_slot_++;
  call.arguments[1 - nearest.key_argument] =
      std::make_unique<OuterSlot>(nearest.probe->type, nearest.slot);
  nearest.entry_distance = nearest.distance->Clone();
  BoundExpressionPtr& key =
      nearest.entry_distance->As<binder::BoundFunction>().arguments[nearest.key_argument];
  key = std::make_unique<InputSlot>(key->type, 0);
}

PhysicalBuilder::Built PhysicalBuilder::BuildScan(LogicalScan& node, const Required& required,
                                                  const Demand& demand) {
  auto physical = std::make_shared<PhysicalTableScan>();
  physical->table = node.table;
  physical->alias = node.alias;
  physical->sample_fraction = node.sample_fraction;
  bool ordered = demand.order.empty();
  if (node.sample_fraction < 0) {
    ScanChoice choice = ChooseScan(node, required, demand, index_rules_, context_);
    ordered = choice.ordered;
    physical->cost = choice.cost;
    physical->path = ResolvePath(node, std::move(choice.path), choice.used);
    for (size_t i : choice.settled) node.conjuncts[i].reset();
    std::erase(node.conjuncts, nullptr);
  }
  Required columns = required;
  Require(node.conjuncts, columns);
  std::optional<NearestOrder>& nearest = physical->path.nearest;
  if (nearest.has_value()) {
    ResolveProbe(*nearest);
    Require(*nearest->distance, columns);
  }
  Layout layout;
  std::vector<SqlType> types;
  for (const ColumnId& column : columns) {
    if (column.relation != node.relation) continue;
    layout.columns.push_back(column);
    physical->attnums.push_back(AttnumOf(column.ordinal));
    types.push_back(ColumnType(*node.table, column.ordinal));
  }
  physical->conjuncts = ResolveAll(std::move(node.conjuncts), layout);
  if (nearest.has_value()) nearest->distance = Resolve(std::move(nearest->distance), layout);
  SetTypes(*physical, types);
  return {physical, layout, ordered};
}

}  // namespace sundog::planner
