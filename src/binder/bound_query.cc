#include "binder/bound_query.h"

#include "base/check.h"

namespace sundog::binder {

namespace {

template <typename T>
BoundTableRefPtr WithBase(const BoundTableRef& from, std::unique_ptr<T> to) {
  to->relation = from.relation;
  to->alias = from.alias;
  to->column_aliases = from.column_aliases;
  return to;
}

}  // namespace

BoundTableRefPtr BoundBaseTable::Clone() const {
  auto clone = std::make_unique<BoundBaseTable>();
  clone->table = table;
  clone->sample_fraction = sample_fraction;
  clone->sample_system = sample_system;
  clone->security = CloneAll(security);
  return WithBase(*this, std::move(clone));
}

BoundTableRefPtr BoundVirtualTable::Clone() const {
  auto clone = std::make_unique<BoundVirtualTable>();
  clone->table = table;
  return WithBase(*this, std::move(clone));
}

BoundSubqueryRef::BoundSubqueryRef() : BoundTableRef(TableRefKind::kSubquery) {}
BoundSubqueryRef::~BoundSubqueryRef() = default;

BoundTableRefPtr BoundSubqueryRef::Clone() const {
  auto clone = std::make_unique<BoundSubqueryRef>();
  clone->query = query->Clone();
  clone->lateral = lateral;
  clone->view = view;
  clone->barrier = barrier;
  return WithBase(*this, std::move(clone));
}

BoundTableRefPtr BoundFunctionRef::Clone() const {
  auto clone = std::make_unique<BoundFunctionRef>();
  for (const Call& call : calls) {
    clone->calls.push_back(
        {call.call->Clone(), call.columns, call.composite, call.has_column_list});
  }
  clone->ordinality = ordinality;
  clone->rows_from = rows_from;
  return WithBase(*this, std::move(clone));
}

BoundTableRefPtr BoundValues::Clone() const {
  auto clone = std::make_unique<BoundValues>();
  for (const BoundExpressions& row : rows) clone->rows.push_back(CloneAll(row));
  clone->types = types;
  return WithBase(*this, std::move(clone));
}

BoundTableRefPtr BoundCteRef::Clone() const {
  auto clone = std::make_unique<BoundCteRef>();
  clone->cte_id = cte_id;
  clone->recursive_self = recursive_self;
  clone->types = types;
  return WithBase(*this, std::move(clone));
}

BoundTableRefPtr BoundJoin::Clone() const {
  auto clone = std::make_unique<BoundJoin>();
  clone->type = type;
  clone->left = left->Clone();
  clone->right = right->Clone();
  clone->condition = CloneOrNull(condition);
  clone->using_columns = using_columns;
  clone->natural = natural;
  return WithBase(*this, std::move(clone));
}

BoundTarget BoundTarget::Clone() const {
  return {CloneOrNull(expression), name, source_table, source_column};
}

BoundCte::BoundCte() = default;
BoundCte::BoundCte(BoundCte&&) noexcept = default;
BoundCte& BoundCte::operator=(BoundCte&&) noexcept = default;
BoundCte::~BoundCte() = default;

BoundCte BoundCte::Clone() const {
  // Only queries are cloned, and PostgreSQL allows data-changing CTEs at the top level alone.
  CHECK(statement == nullptr);
  BoundCte clone;
  clone.id = id;
  clone.name = name;
  clone.columns = columns;
  clone.types = types;
  clone.query = query->Clone();
  clone.recursive = recursive;
  clone.materialized = materialized;
  clone.reference_count = reference_count;
  return clone;
}

std::unique_ptr<BoundQuery> BoundQuery::Clone() const {
  auto clone = std::make_unique<BoundQuery>();
  for (const BoundCte& cte : ctes) clone->ctes.push_back(cte.Clone());
  for (const auto& ref : from) clone->from.push_back(ref->Clone());
  clone->where = CloneOrNull(where);
  clone->group_by = CloneAll(group_by);
  clone->grouping_sets = grouping_sets;
  clone->grouping_items = grouping_items;
  clone->grouping_distinct = grouping_distinct;
  clone->has_aggregates = has_aggregates;
  clone->has_windows = has_windows;
  clone->has_set_functions = has_set_functions;
  clone->having = CloneOrNull(having);
  clone->set_operator = set_operator;
  clone->set_all = set_all;
  if (left != nullptr) clone->left = left->Clone();
  if (right != nullptr) clone->right = right->Clone();
  clone->set_relation = set_relation;
  for (const BoundTarget& target : targets) clone->targets.push_back(target.Clone());
  clone->hidden_target_count = hidden_target_count;
  clone->distinct = distinct;
  clone->distinct_on = distinct_on;
  clone->order_by = order_by;
  clone->limit = CloneOrNull(limit);
  clone->offset = CloneOrNull(offset);
  clone->with_ties = with_ties;
  clone->locks = locks;
  return clone;
}

}  // namespace sundog::binder
