// A_Expr: operators, ANY/ALL, IN, BETWEEN, IS DISTINCT FROM, NULLIF, and comparisons of rows.
#include <algorithm>

#include "binder/bind_expression.h"
#include "binder/expression_levels.h"
#include "binder/operator_classes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

bool IsNullLiteral(const Node* node) {
  return node != nullptr && TagOf(node) == T_A_Const && As<A_Const>(node)->isnull;
}

bool IsTag(const Node* node, NodeTag tag) { return node != nullptr && TagOf(node) == tag; }

BoundExpressions TakeFields(BoundExpressionPtr row) {
  return std::move(row->As<BoundRow>().fields);
}

// a op b, with the special treatment of rows.
BoundExpressionPtr BindBinary(Scope& scope, const OperatorName& name, const Node* left,
                              const Node* right, int location) {
  if (IsTag(left, T_RowExpr) && IsTag(right, T_SubLink) &&
      As<SubLink>(right)->subLinkType == EXPR_SUBLINK) {
    return BindRowSubquery(scope, name, left, As<SubLink>(right), location);
  }
  if (IsTag(left, T_RowExpr) && IsTag(right, T_RowExpr)) {
    BoundExpressions left_fields = TakeFields(BindNode(scope, left));
    BoundExpressions right_fields = TakeFields(BindNode(scope, right));
    return CompareRows(scope, name, std::move(left_fields), std::move(right_fields), location);
  }
  LastSet last_set = scope.last_set;
  BoundExpressionPtr a = BindNode(scope, left);
  BoundExpressionPtr b = BindNode(scope, right);
  return MakeOperator(scope, name, std::move(a), std::move(b), last_set, location);
}

BoundExpressionPtr BindAnyAll(Scope& scope, const A_Expr* node, bool any) {
  BoundExpressionPtr left = BindNode(scope, node->lexpr);
  BoundExpressionPtr right = BindNode(scope, node->rexpr);
  return MakeScalarArray(scope, OperatorName(node->name), any, false, std::move(left),
                         std::move(right), node->location);
}

std::unique_ptr<BoundFunction> MakeEquality(Scope& scope, const OperatorName& name,
                                            BoundExpressionPtr left, BoundExpressionPtr right,
                                            std::string_view construct, int location) {
  auto equality =
      MakeOperator(scope, name, std::move(left), std::move(right), scope.last_set, location);
  if (equality->type.oid != oids::kBool) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   std::string(construct) + " requires = operator to yield boolean")
        .At(location);
  }
  if (equality->proc->returns_set) {
    throw SqlError(sqlstate::kDatatypeMismatch, std::string(construct) + " must not return a set")
        .At(location);
  }
  return equality;
}

BoundExpressionPtr MakeDistinct(Scope& scope, const OperatorName& name, BoundExpressionPtr left,
                                BoundExpressionPtr right, int location) {
  auto equality =
      MakeEquality(scope, name, std::move(left), std::move(right), "IS DISTINCT FROM", location);
  int leftmost = equality->location;
  auto test = std::make_unique<BoundDistinctTest>(std::move(equality), false);
  test->location = leftmost;
  return test;
}

BoundExpressionPtr DistinctRows(Scope& scope, const OperatorName& name, BoundExpressions left,
                                BoundExpressions right, int location) {
  if (left.size() != right.size()) {
    throw SqlError(sqlstate::kSyntaxError, "unequal number of entries in row expressions")
        .At(location);
  }
  BoundExpressionPtr result;
  for (size_t i = 0; i < left.size(); ++i) {
    BoundExpressionPtr test =
        MakeDistinct(scope, name, std::move(left[i]), std::move(right[i]), location);
    result = result == nullptr
                 ? std::move(test)
                 : MakeBoolean(BooleanOperator::kOr, std::move(result), std::move(test), location);
  }
  return result != nullptr ? std::move(result) : MakeBool(scope.state, false);
}

BoundExpressionPtr BindDistinct(Scope& scope, const A_Expr* node) {
  bool negated = node->kind == AEXPR_NOT_DISTINCT;
  if (IsNullLiteral(node->rexpr) || IsNullLiteral(node->lexpr)) {
    const Node* tested = IsNullLiteral(node->rexpr) ? node->lexpr : node->rexpr;
    BoundExpressionPtr argument = BindNode(scope, tested);
    int location = argument->location;
    auto test = std::make_unique<BoundNullTest>(std::move(argument), !negated, false);
    test->location = location;
    return test;
  }
  OperatorName name(node->name);
  BoundExpressionPtr left = BindNode(scope, node->lexpr);
  BoundExpressionPtr right = BindNode(scope, node->rexpr);
  auto is_row = [](const BoundExpressionPtr& e) {
    return e->kind == ExpressionKind::kRow && e->type.oid == oids::kRecord &&
           e->As<BoundRow>().whole_row_of < 0;
  };
  BoundExpressionPtr result;
  if (is_row(left) && is_row(right)) {
    result = DistinctRows(scope, name, TakeFields(std::move(left)), TakeFields(std::move(right)),
                          node->location);
  } else {
    result = MakeDistinct(scope, name, std::move(left), std::move(right), node->location);
  }
  if (!negated) return result;
  if (result->kind == ExpressionKind::kDistinctTest) {
    result->As<BoundDistinctTest>().negated = true;
    return result;
  }
  BoundExpressions arguments;
  arguments.push_back(std::move(result));
  return MakeBoolean(BooleanOperator::kNot, std::move(arguments), node->location);
}

BoundExpressionPtr BindNullIf(Scope& scope, const A_Expr* node) {
  BoundExpressionPtr left = BindNode(scope, node->lexpr);
  BoundExpressionPtr right = BindNode(scope, node->rexpr);
  auto equality = MakeEquality(scope, OperatorName(node->name), std::move(left), std::move(right),
                               "NULLIF", node->location);
  int location = equality->location;
  SqlType type = equality->arguments[0]->type;
  auto result = std::make_unique<BoundNullIf>(type, std::move(equality));
  result->location = location;
  return result;
}

// --- IN ---

bool IsPlainRow(const BoundExpression& expression) {
  return expression.kind == ExpressionKind::kRow && expression.As<BoundRow>().whole_row_of < 0;
}

BoundExpressionPtr CompareInItem(Scope& scope, const OperatorName& name,
                                 const BoundExpression& left, BoundExpressionPtr right,
                                 int location) {
  BoundExpressionPtr comparison;
  if (IsPlainRow(left) && IsPlainRow(*right)) {
    comparison = CompareRows(scope, name, CloneAll(left.As<BoundRow>().fields),
                             TakeFields(std::move(right)), location);
  } else {
    comparison =
        MakeOperator(scope, name, left.Clone(), std::move(right), scope.last_set, location);
  }
  return CoerceToBoolean(scope.state, std::move(comparison), "IN");
}

struct InItem {
  BoundExpressionPtr expression;
  bool has_columns;
};

// x IN (a, b, …): those items that have no columns as x = ANY (ARRAY[a, b, …]), if the types allow
// it. Takes them from `items` then.
BoundExpressionPtr BindInArray(Scope& scope, const OperatorName& name, bool any,
                               const BoundExpression& left, std::vector<InItem>& items,
                               int location) {
  std::vector<const BoundExpression*> all = {&left};
  for (const InItem& item : items) {
    if (!item.has_columns) all.push_back(item.expression.get());
  }
  if (all.size() <= 2) return nullptr;
  BindState& state = scope.state;
  Oid element = SelectCommonType(state, all, "");
  if (element == kInvalidOid || !VerifyCommonType(state, element, all) ||
      element == oids::kRecord) {
    return nullptr;
  }
  Oid array = state.types.ArrayType(element);
  if (array == kInvalidOid) return nullptr;
  BoundExpressions elements;
  std::vector<InItem> rest;
  for (InItem& item : items) {
    if (item.has_columns) {
      rest.push_back(std::move(item));
    } else {
      elements.push_back(CoerceToCommon(state, std::move(item.expression), element, "IN"));
    }
  }
  items = std::move(rest);
  auto list = std::make_unique<BoundArray>(SqlType{array, -1}, std::move(elements), false);
  return MakeScalarArray(scope, name, any, true, left.Clone(), std::move(list), location);
}

BoundExpressionPtr BindIn(Scope& scope, const A_Expr* node) {
  OperatorName name(node->name);
  bool any = name.bare() != "<>";
  BoundExpressionPtr left = BindNode(scope, node->lexpr);
  std::vector<InItem> items;
  for (const Node* raw : parser::Each<Node>(reinterpret_cast<const List*>(node->rexpr))) {
    BoundExpressionPtr item = BindNode(scope, raw);
    bool has_columns = HasColumnsOfDepth(scope.state, *item, scope.depth);
    items.push_back({std::move(item), has_columns});
  }
  BoundExpressionPtr result = BindInArray(scope, name, any, *left, items, node->location);
  for (InItem& item : items) {
    BoundExpressionPtr comparison =
        CompareInItem(scope, name, *left, std::move(item.expression), node->location);
    result = result == nullptr
                 ? std::move(comparison)
                 : MakeBoolean(any ? BooleanOperator::kOr : BooleanOperator::kAnd,
                               std::move(result), std::move(comparison), node->location);
  }
  return result;
}

// --- BETWEEN ---

BoundExpressionPtr BindRange(Scope& scope, const A_Expr* node, const Node* low, const Node* high,
                             bool negated) {
  auto compare = [&](const char* op, const Node* bound) {
    BoundExpressionPtr comparison =
        BindBinary(scope, OperatorName(std::string(op)), node->lexpr, bound, node->location);
    return CoerceToBoolean(scope.state, std::move(comparison), negated ? "OR" : "AND");
  };
  BoundExpressionPtr first = compare(negated ? "<" : ">=", low);
  BoundExpressionPtr second = compare(negated ? ">" : "<=", high);
  return MakeBoolean(negated ? BooleanOperator::kOr : BooleanOperator::kAnd, std::move(first),
                     std::move(second), node->location);
}

BoundExpressionPtr BindBetween(Scope& scope, const A_Expr* node) {
  const List* bounds = reinterpret_cast<const List*>(node->rexpr);
  const Node* low = parser::At(bounds, 0);
  const Node* high = parser::At(bounds, 1);
  bool negated = node->kind == AEXPR_NOT_BETWEEN || node->kind == AEXPR_NOT_BETWEEN_SYM;
  bool symmetric = node->kind == AEXPR_BETWEEN_SYM || node->kind == AEXPR_NOT_BETWEEN_SYM;
  BoundExpressionPtr result = BindRange(scope, node, low, high, negated);
  if (!symmetric) return result;
  BoundExpressionPtr swapped = BindRange(scope, node, high, low, negated);
  return MakeBoolean(negated ? BooleanOperator::kAnd : BooleanOperator::kOr, std::move(result),
                     std::move(swapped), node->location);
}

}  // namespace

BoundExpressionPtr BindOperatorNode(Scope& scope, const A_Expr* node) {
  switch (node->kind) {
    case AEXPR_OP:
    case AEXPR_LIKE:
    case AEXPR_ILIKE:
    case AEXPR_SIMILAR:
      return BindBinary(scope, OperatorName(node->name), node->lexpr, node->rexpr, node->location);
    case AEXPR_OP_ANY: return BindAnyAll(scope, node, true);
    case AEXPR_OP_ALL: return BindAnyAll(scope, node, false);
    case AEXPR_DISTINCT:
    case AEXPR_NOT_DISTINCT: return BindDistinct(scope, node);
    case AEXPR_NULLIF: return BindNullIf(scope, node);
    case AEXPR_IN: return BindIn(scope, node);
    default: return BindBetween(scope, node);
  }
}

// --- rows ---

namespace {

[[noreturn]] void ThrowNoInterpretation(const OperatorName& name, int location, bool several) {
  SqlError error(sqlstate::kFeatureNotSupported,
                 "could not determine interpretation of row comparison operator " + name.bare());
  if (several) {
    error.Detail("There are multiple equally-plausible candidates.");
  } else {
    error.Hint("Row comparison operators must be associated with btree operator families.");
  }
  throw error.At(location);
}

// The strategy that all the operators have; the first of several.
int CommonStrategy(const std::vector<std::vector<OperatorMeaning>>& meanings) {
  for (int strategy = kLess; strategy <= kNotEqual; ++strategy) {
    bool all = std::all_of(meanings.begin(), meanings.end(), [&](const auto& one) {
      return std::any_of(one.begin(), one.end(), [&](const OperatorMeaning& meaning) {
        return meaning.strategy == strategy;
      });
    });
    if (all) return strategy;
  }
  return 0;
}

std::unique_ptr<BoundFunction> SameFamilyOperator(Scope& scope, const BoundFunction& comparison,
                                                  const OperatorMeaning& meaning, int strategy) {
  Oid op =
      OperatorClasses::Get().FamilyMember(meaning.family, meaning.left, meaning.right, strategy);
  const functions::OperatorInfo* info = scope.catalog().FindOperator(op);
  auto result = std::make_unique<BoundFunction>(SqlType{oids::kBool, -1},
                                                scope.catalog().FindProc(info->function),
                                                CloneAll(comparison.arguments));
  result->operator_oid = op;
  result->form = CallForm::kOperator;
  result->location = comparison.location;
  return result;
}

BoundExpressionPtr LexicographicCompare(
    Scope& scope, const OperatorName& name, int strategy,
    const std::vector<std::unique_ptr<BoundFunction>>& comparisons,
    const std::vector<std::vector<OperatorMeaning>>& meanings, int location) {
  static constexpr const char* kNames[] = {"", "<", "<=", "=", ">=", ">"};
  auto result = std::make_unique<BoundRowCompare>(kNames[strategy]);
  for (size_t i = 0; i < comparisons.size(); ++i) {
    auto meaning = std::find_if(meanings[i].begin(), meanings[i].end(),
                                [&](const auto& one) { return one.strategy == strategy; });
    if (meaning == meanings[i].end()) ThrowNoInterpretation(name, location, true);
    result->less.push_back(SameFamilyOperator(scope, *comparisons[i], *meaning, kLess));
    result->equal.push_back(SameFamilyOperator(scope, *comparisons[i], *meaning, kEqual));
  }
  result->location = comparisons[0]->location;
  return result;
}

}  // namespace

BoundExpressionPtr CompareRows(Scope& scope, const OperatorName& name, BoundExpressions left,
                               BoundExpressions right, int location) {
  if (left.size() != right.size()) {
    throw SqlError(sqlstate::kSyntaxError, "unequal number of entries in row expressions")
        .At(location);
  }
  if (left.empty()) {
    throw SqlError(sqlstate::kFeatureNotSupported, "cannot compare rows of zero length")
        .At(location);
  }
  std::vector<std::unique_ptr<BoundFunction>> comparisons;
  for (size_t i = 0; i < left.size(); ++i) {
    auto comparison = MakeOperator(scope, name, std::move(left[i]), std::move(right[i]),
                                   scope.last_set, location);
    if (comparison->type.oid != oids::kBool) {
      throw SqlError(sqlstate::kDatatypeMismatch,
                     "row comparison operator must yield type boolean, not type " +
                         scope.types().Name(comparison->type.oid))
          .At(location);
    }
    if (ReturnsSet(*comparison)) {
      throw SqlError(sqlstate::kDatatypeMismatch, "row comparison operator must not return a set")
          .At(location);
    }
    comparisons.push_back(std::move(comparison));
  }
  if (comparisons.size() == 1) return std::move(comparisons[0]);
  std::vector<std::vector<OperatorMeaning>> meanings;
  for (const auto& comparison : comparisons) {
    meanings.push_back(OperatorClasses::Get().MeaningsOf(comparison->operator_oid));
  }
  int strategy = CommonStrategy(meanings);
  if (strategy == 0) ThrowNoInterpretation(name, location, false);
  if (strategy == kEqual || strategy == kNotEqual) {
    BoundExpressions arguments;
    for (auto& comparison : comparisons) arguments.push_back(std::move(comparison));
    return MakeBoolean(strategy == kEqual ? BooleanOperator::kAnd : BooleanOperator::kOr,
                       std::move(arguments), location);
  }
  return LexicographicCompare(scope, name, strategy, comparisons, meanings, location);
}

}  // namespace sundog::binder
