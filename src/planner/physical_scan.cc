// How a table scan reaches its rows: which index, which part of it.
#include <algorithm>

#include "planner/cardinality.h"
#include "planner/expressions.h"
#include "planner/physical_builder.h"

namespace sundog::planner {

using binder::BoundColumn;
using binder::BoundExpression;
using binder::BoundFunction;
using binder::ExpressionKind;

namespace {

// Rough costs in microseconds: a row read in order, an index entry, a row fetched by key.
constexpr double kRowCost = 0.3;
constexpr double kEntryCost = 0.4;
constexpr double kFetchCost = 3;
constexpr double kSeekCost = 3;

enum class Comparison { kNone, kEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

Comparison ComparisonOf(std::string_view name) {
  if (name == "=") return Comparison::kEqual;
  if (name == "<") return Comparison::kLess;
  if (name == "<=") return Comparison::kLessEqual;
  if (name == ">") return Comparison::kGreater;
  if (name == ">=") return Comparison::kGreaterEqual;
  return Comparison::kNone;
}

Comparison Swap(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess: return Comparison::kGreater;
    case Comparison::kLessEqual: return Comparison::kGreaterEqual;
    case Comparison::kGreater: return Comparison::kLess;
    case Comparison::kGreaterEqual: return Comparison::kLessEqual;
    default: return comparison;
  }
}

bool IsInteger(Oid type) {
  return type == types::oids::kInt2 || type == types::oids::kInt4 || type == types::oids::kInt8;
}

bool IsText(Oid type) { return type == types::oids::kText || type == types::oids::kVarchar; }

// Whether a key of type `column` finds what compares equal to a value of type `value` by an
// operator on (`column` or alike, `value`): the key encodings agree, or the executor converts
// (integers).
bool KeyTypesAgree(Oid column, Oid value) {
  return column == value || (IsInteger(column) && IsInteger(value)) ||
         (IsText(column) && IsText(value));
}

const BoundExpression& SkipRelabels(const BoundExpression& node) {
  if (node.kind != ExpressionKind::kRelabel) return node;
  return SkipRelabels(*node.As<binder::BoundConversion>().argument);
}

// A condition `column op value` over the scan, with the value free of the scan's columns.
struct Bound {
  Comparison comparison = Comparison::kNone;
  bool in_array = false;
  const BoundExpression* value = nullptr;
};

bool IsKeyColumn(const BoundExpression& node, RelationId relation, int attnum) {
  const BoundExpression& bare = SkipRelabels(node);
  return bare.kind == ExpressionKind::kColumn && bare.As<BoundColumn>().relation == relation &&
         bare.As<BoundColumn>().ordinal == attnum - 1;
}

bool IsFreeOf(const BoundExpression& node, RelationId relation) {
  return !RelationsOf(node).contains(relation) && !ContainsSubquery(node) && !IsVolatile(node);
}

Bound MatchCall(const BoundFunction& call, RelationId relation, int attnum, Oid key_type) {
  if (call.arguments.size() != 2) return {};
  const functions::OperatorInfo* op =
      functions::BuiltinProcs::Get().FindOperator(call.operator_oid);
  if (op == nullptr) return {};
  Comparison comparison = ComparisonOf(op->name);
  if (comparison == Comparison::kNone) return {};
  const BoundExpression& left = *call.arguments[0];
  const BoundExpression& right = *call.arguments[1];
  if (IsKeyColumn(left, relation, attnum) && IsFreeOf(right, relation) &&
      KeyTypesAgree(key_type, op->left) && KeyTypesAgree(key_type, op->right)) {
    return {comparison, false, &right};
  }
  if (IsKeyColumn(right, relation, attnum) && IsFreeOf(left, relation) &&
      KeyTypesAgree(key_type, op->left) && KeyTypesAgree(key_type, op->right)) {
    return {Swap(comparison), false, &left};
  }
  return {};
}

Bound MatchCondition(const BoundExpression& condition, RelationId relation, int attnum,
                     Oid key_type) {
  if (condition.kind == ExpressionKind::kFunction) {
    return MatchCall(condition.As<BoundFunction>(), relation, attnum, key_type);
  }
  if (condition.kind != ExpressionKind::kScalarArray) return {};
  const auto& node = condition.As<binder::BoundScalarArray>();
  const BoundFunction& call = *node.comparison;
  const functions::OperatorInfo* op =
      functions::BuiltinProcs::Get().FindOperator(call.operator_oid);
  if (!node.any || op == nullptr || op->name != "=") return {};
  if (!IsKeyColumn(*call.arguments[0], relation, attnum)) return {};
  if (!IsFreeOf(*call.arguments[1], relation)) return {};
  if (!KeyTypesAgree(key_type, op->left) || !KeyTypesAgree(key_type, op->right)) return {};
  return {Comparison::kEqual, true, call.arguments[1].get()};
}

// What of the conjuncts an index can use, and which they are.
struct Candidate {
  const catalog::IndexDescriptor* index = nullptr;
  AccessPath path;
  std::vector<size_t> used;
};

bool Used(const Candidate& candidate, size_t conjunct) {
  return std::find(candidate.used.begin(), candidate.used.end(), conjunct) != candidate.used.end();
}

bool AddEquality(Candidate& candidate, const BoundExpressions& conjuncts, RelationId relation,
                 const catalog::IndexKey& key, bool allow_array) {
  for (size_t i = 0; i < conjuncts.size(); ++i) {
    Bound bound = MatchCondition(*conjuncts[i], relation, key.attnum, key.type.oid);
    if (bound.comparison != Comparison::kEqual || bound.in_array != allow_array) continue;
    if (allow_array) {
      candidate.path.in_array = bound.value->Clone();
    } else {
      candidate.path.equal.push_back(bound.value->Clone());
    }
    candidate.used.push_back(i);
    return true;
  }
  return false;
}

void AddRange(Candidate& candidate, const BoundExpressions& conjuncts, RelationId relation,
              const catalog::IndexKey& key) {
  AccessPath& path = candidate.path;
  for (size_t i = 0; i < conjuncts.size(); ++i) {
    if (Used(candidate, i)) continue;
    Bound bound = MatchCondition(*conjuncts[i], relation, key.attnum, key.type.oid);
    bool lower = bound.comparison == Comparison::kGreater ||
                 bound.comparison == Comparison::kGreaterEqual;
    bool upper = bound.comparison == Comparison::kLess ||
                 bound.comparison == Comparison::kLessEqual;
    if (lower && path.lower == nullptr) {
      path.lower = bound.value->Clone();
      path.lower_inclusive = bound.comparison == Comparison::kGreaterEqual;
      candidate.used.push_back(i);
    } else if (upper && path.upper == nullptr) {
      path.upper = bound.value->Clone();
      path.upper_inclusive = bound.comparison == Comparison::kLessEqual;
      candidate.used.push_back(i);
    }
  }
}

Candidate MatchIndex(const catalog::IndexDescriptor& index, RelationId relation,
                     const BoundExpressions& conjuncts) {
  Candidate candidate;
  candidate.index = &index;
  candidate.path.index = index.oid;
  size_t position = 0;
  for (; position < index.keys.size(); ++position) {
    const catalog::IndexKey& key = index.keys[position];
    if (key.attnum == 0 || !AddEquality(candidate, conjuncts, relation, key, false)) break;
  }
  candidate.path.unique = index.unique && position == index.keys.size();
  if (position == index.keys.size() || index.keys[position].attnum == 0) return candidate;
  const catalog::IndexKey& next = index.keys[position];
  if (!AddEquality(candidate, conjuncts, relation, next, true)) {
    AddRange(candidate, conjuncts, relation, next);
  }
  return candidate;
}

bool Usable(const catalog::IndexDescriptor& index) {
  return index.state == catalog::IndexState::kReady && !index.predicate.has_value();
}

int16_t AttnumOf(int ordinal) {
  // storage::kRowKeyColumn; planner does not see storage.
  if (ordinal == kRowKeyOrdinal) return -101;
  return static_cast<int16_t>(ordinal >= 0 ? ordinal + 1 : ordinal);
}

}  // namespace

double PhysicalBuilder::PathCost(const LogicalScan& node, const AccessPath& path) const {
  double rows = std::max(1.0, context_.statistics->RowCount(*node.table));
  double found = rows;
  for (const auto& condition : path.conditions) {
    LogicalScan bare;
    bare.table = node.table;
    bare.relation = node.relation;
    found *= Selectivity(*condition, bare, context_);
  }
  if (path.unique) found = 1;
  bool is_rows = path.index == node.table->row_key_index;
  return kSeekCost + found * (is_rows ? kRowCost : kEntryCost + kFetchCost);
}

AccessPath PhysicalBuilder::ChoosePath(const LogicalScan& node, BoundExpressions& conjuncts) {
  Candidate best;
  double rows = std::max(1.0, context_.statistics->RowCount(*node.table));
  double best_cost = kSeekCost + rows * kRowCost;
  if (!context_.settings.enable_index_scan) return {};
  for (const catalog::IndexDescriptor& index : node.table->indexes) {
    if (!Usable(index)) continue;
    Candidate candidate = MatchIndex(index, node.relation, conjuncts);
    if (candidate.path.full()) continue;
    for (size_t i : candidate.used) candidate.path.conditions.push_back(conjuncts[i]->Clone());
    double cost = PathCost(node, candidate.path);
    if (candidate.path.unique) cost = std::min(cost, best_cost * 0.5);
    if (cost >= best_cost) continue;
    best_cost = cost;
    best = std::move(candidate);
  }
  for (size_t i : best.used) conjuncts[i].reset();
  std::erase(conjuncts, nullptr);
  return std::move(best.path);
}

PhysicalBuilder::Built PhysicalBuilder::BuildScan(LogicalScan& node, const Required& required) {
  auto physical = std::make_shared<PhysicalTableScan>();
  physical->table = node.table;
  physical->alias = node.alias;
  physical->sample_fraction = node.sample_fraction;
  AccessPath path;
  if (node.sample_fraction < 0) path = ChoosePath(node, node.conjuncts);
  Required columns = required;
  Require(node.conjuncts, columns);
  Layout layout;
  std::vector<SqlType> types;
  for (const ColumnId& column : columns) {
    if (column.relation != node.relation) continue;
    layout.columns.push_back(column);
    physical->attnums.push_back(AttnumOf(column.ordinal));
    types.push_back(column.ordinal >= 0 ? node.table->columns[column.ordinal].type
                    : column.ordinal == kRowKeyOrdinal ? SqlType{types::oids::kBytea}
                    : column.ordinal == binder::kCtidOrdinal ? SqlType{types::oids::kTid}
                    : column.ordinal == binder::kTableOidOrdinal ? SqlType{types::oids::kOid}
                                                                 : SqlType{types::oids::kXid});
  }
  Layout none;
  path.equal = ResolveAll(std::move(path.equal), none);
  path.in_array = Resolve(std::move(path.in_array), none);
  path.lower = Resolve(std::move(path.lower), none);
  path.upper = Resolve(std::move(path.upper), none);
  physical->path = std::move(path);
  physical->path.conditions.clear();
  physical->conjuncts = ResolveAll(std::move(node.conjuncts), layout);
  SetTypes(*physical, types);
  return {physical, layout};
}

}  // namespace sundog::planner
