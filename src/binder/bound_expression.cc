#include "binder/bound_expression.h"

#include "binder/bound_query.h"

namespace sundog::binder {

namespace {

// Copies what every expression has.
template <typename T>
BoundExpressionPtr WithBase(const BoundExpression& from, std::unique_ptr<T> to) {
  to->collation = from.collation;
  to->location = from.location;
  return to;
}

std::unique_ptr<BoundFunction> CloneFunction(const std::unique_ptr<BoundFunction>& function) {
  if (function == nullptr) return nullptr;
  return std::unique_ptr<BoundFunction>(static_cast<BoundFunction*>(function->Clone().release()));
}

std::vector<std::unique_ptr<BoundFunction>> CloneFunctions(
    const std::vector<std::unique_ptr<BoundFunction>>& functions) {
  std::vector<std::unique_ptr<BoundFunction>> clones;
  for (const auto& function : functions) clones.push_back(CloneFunction(function));
  return clones;
}

std::vector<BoundSortKey> CloneKeys(const std::vector<BoundSortKey>& keys) {
  std::vector<BoundSortKey> clones;
  for (const BoundSortKey& key : keys) clones.push_back(key.Clone());
  return clones;
}

std::vector<BoundSubscriptIndex> CloneIndexes(const std::vector<BoundSubscriptIndex>& indexes) {
  std::vector<BoundSubscriptIndex> clones;
  for (const BoundSubscriptIndex& index : indexes) {
    clones.push_back({CloneOrNull(index.lower), CloneOrNull(index.upper)});
  }
  return clones;
}

}  // namespace

BoundExpressions CloneAll(const BoundExpressions& expressions) {
  BoundExpressions clones;
  clones.reserve(expressions.size());
  for (const auto& expression : expressions) clones.push_back(CloneOrNull(expression));
  return clones;
}

BoundConstant::BoundConstant(SqlType type, types::Datum value, types::PhysicalKind kind)
    : BoundExpression(ExpressionKind::kConstant, type), value(value) {
  if (!value.is_null() && kind == types::PhysicalKind::kVarlen) {
    bytes = std::make_shared<const std::string>(value.As<std::string_view>());
    this->value = types::Datum::From(std::string_view(*bytes));
  }
}

BoundExpressionPtr BoundConstant::Clone() const {
  auto clone = std::make_unique<BoundConstant>(type, types::Datum(), types::PhysicalKind::kBool);
  clone->value = value;
  clone->bytes = bytes;
  return WithBase(*this, std::move(clone));
}

BoundExpressionPtr BoundParameter::Clone() const {
  return WithBase(*this, std::make_unique<BoundParameter>(type, index));
}

BoundExpressionPtr BoundColumn::Clone() const {
  auto clone = std::make_unique<BoundColumn>(type, relation, ordinal);
  clone->by_policy = by_policy;
  return WithBase(*this, std::move(clone));
}

BoundExpressionPtr BoundFunction::Clone() const {
  auto clone = std::make_unique<BoundFunction>(type, proc, CloneAll(arguments));
  clone->proc_owner = proc_owner;
  clone->operator_oid = operator_oid;
  clone->form = form;
  clone->variadic = variadic;
  return WithBase(*this, std::move(clone));
}

BoundSortKey BoundSortKey::Clone() const {
  return {CloneOrNull(expression), descending, nulls_first, sort_operator};
}

BoundExpressionPtr BoundAggregate::Clone() const {
  auto clone = std::make_unique<BoundAggregate>(type, proc);
  clone->direct_arguments = CloneAll(direct_arguments);
  clone->arguments = CloneAll(arguments);
  clone->order_by = CloneKeys(order_by);
  clone->distinct = distinct;
  clone->star = star;
  clone->filter = CloneOrNull(filter);
  clone->level = level;
  return WithBase(*this, std::move(clone));
}

BoundExpressionPtr BoundGrouping::Clone() const {
  return WithBase(*this, std::make_unique<BoundGrouping>(group_indexes));
}

BoundWindowSpec BoundWindowSpec::Clone() const {
  BoundWindowSpec clone;
  clone.name = name;
  clone.partition_by = CloneAll(partition_by);
  clone.order_by = CloneKeys(order_by);
  clone.mode = mode;
  clone.start = start;
  clone.end = end;
  clone.exclusion = exclusion;
  clone.frame_written = frame_written;
  clone.frame_between = frame_between;
  clone.start_offset = CloneOrNull(start_offset);
  clone.end_offset = CloneOrNull(end_offset);
  clone.start_in_range = start_in_range;
  clone.end_in_range = end_in_range;
  return clone;
}

BoundExpressionPtr BoundWindow::Clone() const {
  auto clone = std::make_unique<BoundWindow>(type, proc);
  clone->arguments = CloneAll(arguments);
  clone->filter = CloneOrNull(filter);
  clone->star = star;
  clone->window = window.Clone();
  return WithBase(*this, std::move(clone));
}

BoundSubquery::BoundSubquery(SqlType type, SubqueryKind subquery,
                             std::unique_ptr<BoundQuery> query)
    : BoundExpression(ExpressionKind::kSubquery, type),
      subquery(subquery),
      query(std::move(query)) {}

BoundSubquery::~BoundSubquery() = default;

BoundExpressionPtr BoundSubquery::Clone() const {
  auto clone = std::make_unique<BoundSubquery>(type, subquery, query->Clone());
  clone->comparisons = CloneAll(comparisons);
  clone->operator_name = operator_name;
  clone->is_in = is_in;
  clone->output_relation = output_relation;
  return WithBase(*this, std::move(clone));
}

BoundExpressionPtr BoundBoolean::Clone() const {
  return WithBase(*this, std::make_unique<BoundBoolean>(op, CloneAll(arguments)));
}

BoundExpressionPtr BoundCase::Clone() const {
  auto clone = std::make_unique<BoundCase>(type);
  clone->operand = CloneOrNull(operand);
  for (const Branch& branch : branches) {
    clone->branches.push_back({branch.condition->Clone(), branch.result->Clone()});
  }
  clone->otherwise = CloneOrNull(otherwise);
  return WithBase(*this, std::move(clone));
}

BoundExpressionPtr BoundCaseValue::Clone() const {
  return WithBase(*this, std::make_unique<BoundCaseValue>(type));
}

BoundExpressionPtr BoundCoalesce::Clone() const {
  return WithBase(*this, std::make_unique<BoundCoalesce>(type, CloneAll(arguments)));
}

BoundExpressionPtr BoundMinMax::Clone() const {
  return WithBase(*this, std::make_unique<BoundMinMax>(type, greatest, CloneAll(arguments)));
}

BoundExpressionPtr BoundNullIf::Clone() const {
  return WithBase(*this, std::make_unique<BoundNullIf>(type, CloneFunction(equality)));
}

BoundExpressionPtr BoundDistinctTest::Clone() const {
  return WithBase(*this, std::make_unique<BoundDistinctTest>(CloneFunction(equality), negated));
}

BoundExpressionPtr BoundNullTest::Clone() const {
  return WithBase(*this, std::make_unique<BoundNullTest>(argument->Clone(), negated, of_row));
}

BoundExpressionPtr BoundBooleanTest::Clone() const {
  return WithBase(*this, std::make_unique<BoundBooleanTest>(test, argument->Clone()));
}

BoundExpressionPtr BoundScalarArray::Clone() const {
  return WithBase(*this,
                  std::make_unique<BoundScalarArray>(CloneFunction(comparison), any, is_in));
}

BoundExpressionPtr BoundArray::Clone() const {
  return WithBase(*this, std::make_unique<BoundArray>(type, CloneAll(elements), nested));
}

BoundExpressionPtr BoundRow::Clone() const {
  auto clone = std::make_unique<BoundRow>(type, CloneAll(fields), names);
  clone->whole_row_of = whole_row_of;
  return WithBase(*this, std::move(clone));
}

BoundExpressionPtr BoundRowCompare::Clone() const {
  auto clone = std::make_unique<BoundRowCompare>(op);
  clone->less = CloneFunctions(less);
  clone->equal = CloneFunctions(equal);
  return WithBase(*this, std::move(clone));
}

BoundExpressionPtr BoundFieldSelect::Clone() const {
  return WithBase(*this,
                  std::make_unique<BoundFieldSelect>(type, argument->Clone(), index, name));
}

BoundExpressionPtr BoundSubscript::Clone() const {
  return WithBase(*this, std::make_unique<BoundSubscript>(type, container->Clone(),
                                                          CloneIndexes(indexes), is_slice));
}

BoundExpressionPtr BoundSubscriptAssign::Clone() const {
  auto clone = std::make_unique<BoundSubscriptAssign>(
      type, container->Clone(), CloneIndexes(indexes), is_slice, value->Clone());
  clone->field_index = field_index;
  return WithBase(*this, std::move(clone));
}

BoundExpressionPtr BoundConversion::Clone() const {
  auto clone = std::make_unique<BoundConversion>(kind, type, argument->Clone(), form);
  clone->element = CloneOrNull(element);
  for (const DomainCheck& check : checks) {
    clone->checks.push_back({check.constraint, check.condition->Clone()});
  }
  clone->not_null = not_null;
  return WithBase(*this, std::move(clone));
}

BoundExpressionPtr BoundDomainValue::Clone() const {
  return WithBase(*this, std::make_unique<BoundDomainValue>(type));
}

}  // namespace sundog::binder
