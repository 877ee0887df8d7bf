// Generic traversal and comparison of bound expressions.
#include <typeinfo>

#include "binder/bound_expression.h"
#include "binder/bound_query.h"

namespace sundog::binder {

namespace {

using Visit = std::function<void(BoundExpressionPtr&)>;

void VisitOne(BoundExpressionPtr& child, const Visit& visit) {
  if (child != nullptr) visit(child);
}

void VisitAll(BoundExpressions& children, const Visit& visit) {
  for (BoundExpressionPtr& child : children) VisitOne(child, visit);
}

void VisitKeys(std::vector<BoundSortKey>& keys, const Visit& visit) {
  for (BoundSortKey& key : keys) VisitOne(key.expression, visit);
}

// The operands of an embedded operator call: the call itself stays.
void VisitOperands(std::unique_ptr<BoundFunction>& call, const Visit& visit) {
  if (call != nullptr) VisitAll(call->arguments, visit);
}

void VisitIndexes(std::vector<BoundSubscriptIndex>& indexes, const Visit& visit) {
  for (BoundSubscriptIndex& index : indexes) {
    VisitOne(index.lower, visit);
    VisitOne(index.upper, visit);
  }
}

void VisitAggregate(BoundAggregate& aggregate, const Visit& visit) {
  VisitAll(aggregate.direct_arguments, visit);
  VisitAll(aggregate.arguments, visit);
  VisitKeys(aggregate.order_by, visit);
  VisitOne(aggregate.filter, visit);
}

void VisitWindow(BoundWindow& window, const Visit& visit) {
  VisitAll(window.arguments, visit);
  VisitOne(window.filter, visit);
  VisitAll(window.window.partition_by, visit);
  VisitKeys(window.window.order_by, visit);
  VisitOne(window.window.start_offset, visit);
  VisitOne(window.window.end_offset, visit);
}

void VisitCase(BoundCase& node, const Visit& visit) {
  VisitOne(node.operand, visit);
  for (BoundCase::Branch& branch : node.branches) {
    VisitOne(branch.condition, visit);
    VisitOne(branch.result, visit);
  }
  VisitOne(node.otherwise, visit);
}

void VisitConversion(BoundConversion& node, const Visit& visit) {
  VisitOne(node.argument, visit);
  VisitOne(node.element, visit);
  for (BoundConversion::DomainCheck& check : node.checks) VisitOne(check.condition, visit);
}

void VisitRowCompare(BoundRowCompare& node, const Visit& visit) {
  for (auto& call : node.less) VisitOperands(call, visit);
  for (auto& call : node.equal) VisitOperands(call, visit);
}

void VisitSubscriptAssign(BoundSubscriptAssign& node, const Visit& visit) {
  VisitOne(node.container, visit);
  VisitIndexes(node.indexes, visit);
  VisitOne(node.value, visit);
}

}  // namespace

void ForEachChild(BoundExpression& node, const Visit& visit) {
  switch (node.kind) {
    case ExpressionKind::kFunction: return VisitAll(node.As<BoundFunction>().arguments, visit);
    case ExpressionKind::kAggregate: return VisitAggregate(node.As<BoundAggregate>(), visit);
    case ExpressionKind::kWindow: return VisitWindow(node.As<BoundWindow>(), visit);
    case ExpressionKind::kSubquery: return VisitAll(node.As<BoundSubquery>().comparisons, visit);
    case ExpressionKind::kBoolean: return VisitAll(node.As<BoundBoolean>().arguments, visit);
    case ExpressionKind::kCase: return VisitCase(node.As<BoundCase>(), visit);
    case ExpressionKind::kCoalesce: return VisitAll(node.As<BoundCoalesce>().arguments, visit);
    case ExpressionKind::kMinMax: return VisitAll(node.As<BoundMinMax>().arguments, visit);
    case ExpressionKind::kNullIf: return VisitOperands(node.As<BoundNullIf>().equality, visit);
    case ExpressionKind::kDistinctTest:
      return VisitOperands(node.As<BoundDistinctTest>().equality, visit);
    case ExpressionKind::kNullTest: return VisitOne(node.As<BoundNullTest>().argument, visit);
    case ExpressionKind::kBooleanTest:
      return VisitOne(node.As<BoundBooleanTest>().argument, visit);
    case ExpressionKind::kScalarArray:
      return VisitOperands(node.As<BoundScalarArray>().comparison, visit);
    case ExpressionKind::kArray: return VisitAll(node.As<BoundArray>().elements, visit);
    case ExpressionKind::kRow: return VisitAll(node.As<BoundRow>().fields, visit);
    case ExpressionKind::kRowCompare: return VisitRowCompare(node.As<BoundRowCompare>(), visit);
    case ExpressionKind::kFieldSelect:
      return VisitOne(node.As<BoundFieldSelect>().argument, visit);
    case ExpressionKind::kSubscript:
      VisitOne(node.As<BoundSubscript>().container, visit);
      return VisitIndexes(node.As<BoundSubscript>().indexes, visit);
    case ExpressionKind::kSubscriptAssign:
      return VisitSubscriptAssign(node.As<BoundSubscriptAssign>(), visit);
    case ExpressionKind::kRelabel:
    case ExpressionKind::kCoerceViaIo:
    case ExpressionKind::kArrayCoerce:
    case ExpressionKind::kRowCoerce:
    case ExpressionKind::kDomainCheck: return VisitConversion(node.As<BoundConversion>(), visit);
    case ExpressionKind::kConstant:
    case ExpressionKind::kParameter:
    case ExpressionKind::kColumn:
    case ExpressionKind::kGrouping:
    case ExpressionKind::kDomainValue:
    case ExpressionKind::kCaseValue:
    case ExpressionKind::kInputSlot:
    case ExpressionKind::kOuterSlot:
    case ExpressionKind::kSubplan: return;
  }
}

namespace {

std::vector<const BoundExpression*> Children(const BoundExpression& node) {
  std::vector<const BoundExpression*> children;
  // ForEachChild hands out references for rewriting; this visit changes nothing.
  ForEachChild(const_cast<BoundExpression&>(node),
               [&](BoundExpressionPtr& child) { children.push_back(child.get()); });
  return children;
}

bool SameConstant(const BoundConstant& a, const BoundConstant& b) {
  if (a.value.is_null() != b.value.is_null()) return false;
  if (a.value.is_null()) return true;
  if ((a.bytes == nullptr) != (b.bytes == nullptr)) return false;
  if (a.bytes != nullptr) return *a.bytes == *b.bytes;
  return std::memcmp(a.value.payload(), b.value.payload(), 16) == 0;
}

bool SameKeys(const std::vector<BoundSortKey>& a, const std::vector<BoundSortKey>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].descending != b[i].descending || a[i].nulls_first != b[i].nulls_first ||
        a[i].sort_operator != b[i].sort_operator) {
      return false;
    }
  }
  return true;
}

bool SameAggregate(const BoundAggregate& a, const BoundAggregate& b) {
  return a.proc == b.proc && a.distinct == b.distinct && a.star == b.star && a.level == b.level &&
         (a.filter == nullptr) == (b.filter == nullptr) && SameKeys(a.order_by, b.order_by) &&
         a.direct_arguments.size() == b.direct_arguments.size();
}

bool SameWindow(const BoundWindow& a, const BoundWindow& b) {
  const BoundWindowSpec& v = a.window;
  const BoundWindowSpec& w = b.window;
  return a.proc == b.proc && a.star == b.star && (a.filter == nullptr) == (b.filter == nullptr) &&
         v.mode == w.mode && v.start == w.start && v.end == w.end && v.exclusion == w.exclusion &&
         v.partition_by.size() == w.partition_by.size() && SameKeys(v.order_by, w.order_by);
}

// What the node itself says, children apart.
bool SameNode(const BoundExpression& a, const BoundExpression& b) {
  switch (a.kind) {
    case ExpressionKind::kConstant:
      return SameConstant(a.As<BoundConstant>(), b.As<BoundConstant>());
    case ExpressionKind::kParameter:
      return a.As<BoundParameter>().index == b.As<BoundParameter>().index;
    case ExpressionKind::kColumn:
      return a.As<BoundColumn>().relation == b.As<BoundColumn>().relation &&
             a.As<BoundColumn>().ordinal == b.As<BoundColumn>().ordinal;
    case ExpressionKind::kFunction: return a.As<BoundFunction>().proc == b.As<BoundFunction>().proc;
    case ExpressionKind::kAggregate:
      return SameAggregate(a.As<BoundAggregate>(), b.As<BoundAggregate>());
    case ExpressionKind::kWindow: return SameWindow(a.As<BoundWindow>(), b.As<BoundWindow>());
    case ExpressionKind::kGrouping:
      return a.As<BoundGrouping>().group_indexes == b.As<BoundGrouping>().group_indexes;
    case ExpressionKind::kSubquery: return false;  // two evaluations may differ
    case ExpressionKind::kBoolean: return a.As<BoundBoolean>().op == b.As<BoundBoolean>().op;
    case ExpressionKind::kMinMax:
      return a.As<BoundMinMax>().greatest == b.As<BoundMinMax>().greatest;
    case ExpressionKind::kNullTest:
      return a.As<BoundNullTest>().negated == b.As<BoundNullTest>().negated &&
             a.As<BoundNullTest>().of_row == b.As<BoundNullTest>().of_row;
    case ExpressionKind::kBooleanTest:
      return a.As<BoundBooleanTest>().test == b.As<BoundBooleanTest>().test;
    case ExpressionKind::kDistinctTest:
      return a.As<BoundDistinctTest>().negated == b.As<BoundDistinctTest>().negated &&
             a.As<BoundDistinctTest>().equality->proc == b.As<BoundDistinctTest>().equality->proc;
    case ExpressionKind::kNullIf:
      return a.As<BoundNullIf>().equality->proc == b.As<BoundNullIf>().equality->proc;
    case ExpressionKind::kScalarArray:
      return a.As<BoundScalarArray>().any == b.As<BoundScalarArray>().any &&
             a.As<BoundScalarArray>().comparison->proc == b.As<BoundScalarArray>().comparison->proc;
    case ExpressionKind::kRowCompare:
      return a.As<BoundRowCompare>().op == b.As<BoundRowCompare>().op;
    case ExpressionKind::kFieldSelect:
      return a.As<BoundFieldSelect>().index == b.As<BoundFieldSelect>().index;
    case ExpressionKind::kSubscript: {
      const auto& x = a.As<BoundSubscript>().indexes;
      const auto& y = b.As<BoundSubscript>().indexes;
      bool same = x.size() == y.size() &&
                  a.As<BoundSubscript>().is_slice == b.As<BoundSubscript>().is_slice;
      for (size_t i = 0; same && i < x.size(); ++i) {
        same = (x[i].lower == nullptr) == (y[i].lower == nullptr) &&
               (x[i].upper == nullptr) == (y[i].upper == nullptr);
      }
      return same;
    }
    case ExpressionKind::kCase:
      return (a.As<BoundCase>().operand == nullptr) == (b.As<BoundCase>().operand == nullptr) &&
             a.As<BoundCase>().branches.size() == b.As<BoundCase>().branches.size();
    default: return true;
  }
}

}  // namespace

bool Equal(const BoundExpression& a, const BoundExpression& b) {
  if (a.kind != b.kind || !(a.type == b.type) || !SameNode(a, b)) return false;
  std::vector<const BoundExpression*> left = Children(a);
  std::vector<const BoundExpression*> right = Children(b);
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (!Equal(*left[i], *right[i])) return false;
  }
  return true;
}

}  // namespace sundog::binder
