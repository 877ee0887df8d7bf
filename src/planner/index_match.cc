// Matching conjuncts with key columns, one column after the other:
//
// 1. As long as a conjunct says what the column equals (=, IS NULL, a boolean column by itself, one
//    IN list or OR of equalities), it joins `equal`.
// 2. On the next column a row comparison, a LIKE pattern, a range or IS NOT NULL closes the part.
#include "planner/index_match.h"

#include <algorithm>

#include "catalog/vector_index.h"
#include "planner/comparison.h"
#include "planner/expressions.h"
#include "planner/predicate_implication.h"

namespace sundog::planner {

using binder::BoundColumn;
using binder::BoundExpression;
using binder::BoundFunction;
using binder::ExpressionKind;

namespace {

bool IsInteger(Oid type) {
  return type == types::oids::kInt2 || type == types::oids::kInt4 || type == types::oids::kInt8;
}

bool IsText(Oid type) { return type == types::oids::kText || type == types::oids::kVarchar; }

// Whether a key of type `column` finds what compares equal to a value of type `value`: the key
// encodings agree, or the executor converts (integers).
bool KeyTypesAgree(Oid column, Oid value) {
  return column == value || (IsInteger(column) && IsInteger(value)) ||
         (IsText(column) && IsText(value));
}

// What a condition says of a key column; the value is free of the scan's own columns.
struct Bound {
  Comparison comparison = Comparison::kNone;
  BoundExpressionPtr value;  // of kEqual: null means IS NULL
  bool in_array = false;
};

BoundExpressionPtr TrueConstant(bool value) {
  return std::make_unique<binder::BoundConstant>(SqlType{types::oids::kBool},
                                                 types::Datum::From(value),
                                                 types::PhysicalKind::kBool);
}

class Matcher {
 public:
  Matcher(const catalog::IndexDescriptor& index, const binder::BoundTableRules::Index* rule,
          RelationId relation, const BoundExpressions& conjuncts, const PlannerContext& context)
      : index_(index),
        rule_(rule),
        relation_(relation),
        conjuncts_(conjuncts),
        types_(*context.catalog) {}

  IndexMatch Match() {
    path().index = index_.oid;
    size_t position = 0;
    while (position < index_.keys.size() && AddEquality(position)) ++position;
    if (position == index_.keys.size()) return std::move(match_);
    bool closed = AddRow(position) || AddPrefix(position) || AddRange(position);
    if (!closed) AddNotNull(position);
    return std::move(match_);
  }

 private:
  AccessPath& path() { return match_.path; }

  bool IsUsed(size_t conjunct) const {
    return std::find(match_.used.begin(), match_.used.end(), conjunct) != match_.used.end();
  }
  void Use(size_t conjunct, bool exact) {
    match_.used.push_back(conjunct);
    if (exact) match_.exact.push_back(conjunct);
  }

  bool IsKey(const BoundExpression& expression, size_t position) const {
    return IsIndexKey(expression, index_, rule_, position, relation_);
  }
  bool IsFree(const BoundExpression& expression) const {
    return !RelationsOf(expression).contains(relation_) && !ContainsSubquery(expression) &&
           !IsVolatile(expression);
  }
  Oid KeyType(size_t position) const {
    Oid oid = index_.keys[position].type.oid;
    const types::TypeInfo* type = types_.FindType(oid);
    while (type != nullptr && type->kind_code == 'd') {
      oid = type->base_type;
      type = types_.FindType(oid);
    }
    return oid;
  }
  bool TypesAgree(size_t position, Oid value) const {
    Oid declared = index_.keys[position].type.oid;
    Oid key = KeyType(position);
    // The executor converts to the declared type: domains take their base type alone.
    return declared == key ? KeyTypesAgree(key, value) : key == value;
  }

  Bound MatchCall(const BoundFunction& call, size_t position) const {
    Comparison comparison = ComparisonOf(call);
    if (comparison == Comparison::kNone || comparison == Comparison::kNotEqual) return {};
    const BoundExpression& left = *call.arguments[0];
    const BoundExpression& right = *call.arguments[1];
    if (IsKey(left, position) && IsFree(right) && TypesAgree(position, right.type.oid)) {
      return {comparison, right.Clone()};
    }
    if (IsKey(right, position) && IsFree(left) && TypesAgree(position, left.type.oid)) {
      return {Swap(comparison), left.Clone()};
    }
    return {};
  }

  Bound MatchArray(const binder::BoundScalarArray& node, size_t position) const {
    const BoundFunction& call = *node.comparison;
    if (!node.any || ComparisonOf(call) != Comparison::kEqual) return {};
    if (!IsKey(*call.arguments[0], position) || !IsFree(*call.arguments[1])) return {};
    const types::TypeInfo* array = types_.FindType(call.arguments[1]->type.oid);
    if (array == nullptr || !array->is_array() || !TypesAgree(position, array->element)) return {};
    return {Comparison::kEqual, call.arguments[1]->Clone(), true};
  }

  // a = 1 OR a = 2, as an array of 1 and 2.
  Bound MatchOr(const binder::BoundBoolean& node, size_t position) const {
    if (node.op != binder::BooleanOperator::kOr) return {};
    BoundExpressions elements;
    for (const auto& argument : node.arguments) {
      if (argument->kind != ExpressionKind::kFunction) return {};
      Bound bound = MatchCall(argument->As<BoundFunction>(), position);
      if (bound.comparison != Comparison::kEqual) return {};
      if (!elements.empty() && elements[0]->type.oid != bound.value->type.oid) return {};
      elements.push_back(std::move(bound.value));
    }
    Oid array = types_.GetType(elements[0]->type.oid).array;
    if (array == types::kInvalidOid || types_.GetType(elements[0]->type.oid).is_array()) return {};
    return {Comparison::kEqual,
            std::make_unique<binder::BoundArray>(SqlType{array}, std::move(elements), false), true};
  }

  Bound MatchBooleanKey(const BoundExpression& condition, size_t position) const {
    if (KeyType(position) != types::oids::kBool) return {};
    if (IsKey(condition, position)) return {Comparison::kEqual, TrueConstant(true)};
    if (condition.kind != ExpressionKind::kBoolean) return {};
    const auto& node = condition.As<binder::BoundBoolean>();
    if (node.op != binder::BooleanOperator::kNot || !IsKey(*node.arguments[0], position)) return {};
    return {Comparison::kEqual, TrueConstant(false)};
  }

  Bound MatchCondition(const BoundExpression& condition, size_t position) const {
    Bound boolean = MatchBooleanKey(condition, position);
    if (boolean.comparison != Comparison::kNone) return boolean;
    switch (condition.kind) {
      case ExpressionKind::kFunction:
        return MatchCall(condition.As<BoundFunction>(), position);
      case ExpressionKind::kScalarArray:
        return MatchArray(condition.As<binder::BoundScalarArray>(), position);
      case ExpressionKind::kBoolean:
        return MatchOr(condition.As<binder::BoundBoolean>(), position);
      case ExpressionKind::kNullTest: {
        const auto& test = condition.As<binder::BoundNullTest>();
        if (test.of_row || test.negated || !IsKey(*test.argument, position)) return {};
        return {Comparison::kEqual, nullptr};
      }
      default: return {};
    }
  }

  bool AddEquality(size_t position) {
    // One value is better than several.
    for (bool arrays : {false, true}) {
      if (arrays && path().array_position >= 0) return false;
      for (size_t i = 0; i < conjuncts_.size(); ++i) {
        if (conjuncts_[i] == nullptr) continue;
        Bound bound = MatchCondition(*conjuncts_[i], position);
        if (bound.comparison != Comparison::kEqual || bound.in_array != arrays) continue;
        if (arrays) path().array_position = static_cast<int>(path().equal.size());
        path().equal.push_back(std::move(bound.value));
        Use(i, true);
        return true;
      }
    }
    return false;
  }

  bool AddRange(size_t position) {
    for (size_t i = 0; i < conjuncts_.size(); ++i) {
      if (conjuncts_[i] == nullptr || IsUsed(i)) continue;
      if (conjuncts_[i]->kind != ExpressionKind::kFunction) continue;
      Bound bound = MatchCall(conjuncts_[i]->As<BoundFunction>(), position);
      bool lower = bound.comparison == Comparison::kGreater ||
                   bound.comparison == Comparison::kGreaterEqual;
      bool upper =
          bound.comparison == Comparison::kLess || bound.comparison == Comparison::kLessEqual;
      if (lower && path().lower == nullptr) {
        path().lower = std::move(bound.value);
        path().lower_inclusive = bound.comparison == Comparison::kGreaterEqual;
        Use(i, true);
      } else if (upper && path().upper == nullptr) {
        path().upper = std::move(bound.value);
        path().upper_inclusive = bound.comparison == Comparison::kLessEqual;
        Use(i, true);
      }
    }
    return path().lower != nullptr || path().upper != nullptr;
  }

  bool AddPrefix(size_t position) {
    if (!IsText(KeyType(position))) return false;
    for (size_t i = 0; i < conjuncts_.size(); ++i) {
      if (conjuncts_[i] == nullptr || conjuncts_[i]->kind != ExpressionKind::kFunction) continue;
      const auto& call = conjuncts_[i]->As<BoundFunction>();
      const functions::OperatorInfo* op =
          functions::BuiltinProcs::Get().FindOperator(call.operator_oid);
      bool pattern = op != nullptr && op->name == "~~" && IsText(op->left);
      bool prefix = op != nullptr && op->name == "^@";
      if (!pattern && !prefix) continue;
      if (!IsKey(*call.arguments[0], position) || !IsFree(*call.arguments[1])) continue;
      const BoundExpression& value = SkipRelabels(*call.arguments[1]);
      if (value.kind == ExpressionKind::kConstant && pattern) {
        const types::Datum& text = value.As<binder::BoundConstant>().value;
        if (!text.is_null() && LikePrefix(text.As<std::string_view>()).empty()) continue;
      }
      path().prefix = call.arguments[1]->Clone();
      path().prefix_is_pattern = pattern;
      Use(i, false);
      return true;
    }
    return false;
  }

  // Takes as many columns of a row comparison as the key has in one direction.
  bool AddRow(size_t position) {
    for (size_t i = 0; i < conjuncts_.size(); ++i) {
      if (conjuncts_[i] == nullptr || conjuncts_[i]->kind != ExpressionKind::kRowCompare) continue;
      const auto& compare = conjuncts_[i]->As<binder::BoundRowCompare>();
      bool keys_left = IsKey(*compare.less[0]->arguments[0], position);
      BoundExpressions values;
      for (size_t k = 0; k < compare.less.size(); ++k) {
        size_t at = position + k;
        if (at >= index_.keys.size()) break;
        if (index_.keys[at].descending != index_.keys[position].descending) break;
        const BoundExpression& key = *compare.less[k]->arguments[keys_left ? 0 : 1];
        const BoundExpression& value = *compare.less[k]->arguments[keys_left ? 1 : 0];
        if (!IsKey(key, at) || !IsFree(value) || !TypesAgree(at, value.type.oid)) break;
        values.push_back(value.Clone());
      }
      if (values.empty()) continue;
      bool greater = compare.op[0] == '>';
      path().row = std::move(values);
      path().row_is_lower = greater == keys_left;
      Use(i, false);
      return true;
    }
    return false;
  }

  void AddNotNull(size_t position) {
    for (size_t i = 0; i < conjuncts_.size(); ++i) {
      if (conjuncts_[i] == nullptr || conjuncts_[i]->kind != ExpressionKind::kNullTest) continue;
      const auto& test = conjuncts_[i]->As<binder::BoundNullTest>();
      if (!test.negated || test.of_row || !IsKey(*test.argument, position)) continue;
      path().not_null = true;
      Use(i, true);
      return;
    }
  }

  const catalog::IndexDescriptor& index_;
  const binder::BoundTableRules::Index* rule_;
  RelationId relation_;
  const BoundExpressions& conjuncts_;
  const types::TypeLookup& types_;
  IndexMatch match_;
};

bool IsUniqueMatch(const catalog::TableDescriptor& table, const catalog::IndexDescriptor& index,
                   const AccessPath& path) {
  if (!index.unique || path.equal.size() != index.keys.size() || path.array_position >= 0) {
    return false;
  }
  const catalog::ConstraintDescriptor* constraint = table.FindConstraint(index.constraint);
  if (constraint != nullptr && constraint->deferrable) return false;
  return std::all_of(path.equal.begin(), path.equal.end(),
                     [](const auto& value) { return value != nullptr; });
}

}  // namespace

bool IsIndexKey(const BoundExpression& expression, const catalog::IndexDescriptor& index,
                const binder::BoundTableRules::Index* rule, size_t position, RelationId relation) {
  const BoundExpression& bare = SkipRelabels(expression);
  const catalog::IndexKey& key = index.keys[position];
  if (key.attnum == 0) {
    return rule != nullptr && Equal(bare, SkipRelabels(*rule->expressions[position]));
  }
  return bare.kind == ExpressionKind::kColumn && bare.As<BoundColumn>().relation == relation &&
         bare.As<BoundColumn>().ordinal == key.attnum - 1;
}

bool IsUsable(const LogicalScan& scan, const catalog::IndexDescriptor& index, IndexRules& rules,
              const PlannerContext& context) {
  if (index.state != catalog::IndexState::kReady) return false;
  if (!index.predicate.has_value()) return true;
  const binder::BoundTableRules::Index* rule = rules.Find(*scan.table, index, scan.relation);
  return rule != nullptr && Implies(scan.conjuncts, *rule->predicate, context);
}

std::optional<IndexMatch> MatchIndex(const LogicalScan& scan,
                                     const catalog::IndexDescriptor& index, IndexRules& rules,
                                     const PlannerContext& context) {
  if (catalog::IsVectorMethod(index.access_method)) return std::nullopt;
  if (!IsUsable(scan, index, rules, context)) return std::nullopt;
  const BoundExpressions& conjuncts = scan.conjuncts;
  const binder::BoundTableRules::Index* rule = rules.Find(*scan.table, index, scan.relation);
  IndexMatch match = Matcher(index, rule, scan.relation, conjuncts, context).Match();
  match.path.unique = IsUniqueMatch(*scan.table, index, match.path);
  if (index.predicate.has_value()) {
    BoundExpressions parts;
    SplitConjuncts(rule->predicate->Clone(), parts);
    for (size_t i = 0; i < conjuncts.size(); ++i) {
      bool said = std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
        return conjuncts[i] != nullptr && Equal(*part, *conjuncts[i]);
      });
      if (said) match.in_predicate.push_back(i);
    }
  }
  return match;
}

}  // namespace sundog::planner
