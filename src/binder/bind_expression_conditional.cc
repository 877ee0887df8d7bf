// AND, OR, NOT, CASE, COALESCE, GREATEST, LEAST, IS NULL, IS TRUE.
#include "binder/bind_expression.h"
#include "binder/build_coercion.h"

namespace sundog::binder {

namespace {

int FirstLocation(const BoundExpressions& expressions) {
  for (const BoundExpressionPtr& expression : expressions) {
    if (expression->location >= 0) return expression->location;
  }
  return -1;
}

// Set-returning calls may not stand where evaluation is conditional.
void CheckNoSets(const Scope& scope, const LastSet& before, std::string_view construct) {
  if (scope.last_set == before) return;
  throw SqlError(sqlstate::kFeatureNotSupported,
                 "set-returning functions are not allowed in " + std::string(construct))
      .Hint("You might be able to move the set-returning function into a LATERAL FROM item.")
      .At(scope.last_set.location);
}

BoundExpressions BindAll(Scope& scope, const List* list) {
  BoundExpressions bound;
  for (const Node* node : parser::Each<Node>(list)) bound.push_back(BindNode(scope, node));
  return bound;
}

}  // namespace

BoundExpressionPtr MakeBoolean(BooleanOperator op, BoundExpressions arguments, int location) {
  int first = FirstLocation(arguments);
  auto result = std::make_unique<BoundBoolean>(op, std::move(arguments));
  result->location = LeftmostLocation(location, first);
  return result;
}

BoundExpressionPtr MakeBoolean(BooleanOperator op, BoundExpressionPtr a, BoundExpressionPtr b,
                               int location) {
  BoundExpressions arguments;
  arguments.push_back(std::move(a));
  arguments.push_back(std::move(b));
  return MakeBoolean(op, std::move(arguments), location);
}

BoundExpressionPtr BindBoolean(Scope& scope, const BoolExpr* node) {
  struct Row {
    BooleanOperator op;
    std::string_view name;
  };
  Row row = node->boolop == AND_EXPR  ? Row{BooleanOperator::kAnd, "AND"}
            : node->boolop == OR_EXPR ? Row{BooleanOperator::kOr, "OR"}
                                      : Row{BooleanOperator::kNot, "NOT"};
  BoundExpressions arguments;
  for (const Node* argument : parser::Each<Node>(node->args)) {
    arguments.push_back(CoerceToBoolean(scope.state, BindNode(scope, argument), row.name));
  }
  return MakeBoolean(row.op, std::move(arguments), node->location);
}

BoundExpressionPtr BindCase(Scope& scope, const CaseExpr* node) {
  BindState& state = scope.state;
  LastSet before = scope.last_set;
  BoundExpressionPtr operand = BindNode(scope, reinterpret_cast<const Node*>(node->arg));
  if (operand != nullptr && operand->type.oid == oids::kUnknown) {
    operand = CoerceToCommon(state, std::move(operand), oids::kText, "CASE");
  }
  std::vector<BoundCase::Branch> branches;
  for (const CaseWhen* when : parser::Each<CaseWhen>(node->args)) {
    BoundCase::Branch branch;
    BoundExpressionPtr condition = BindNode(scope, reinterpret_cast<const Node*>(when->expr));
    if (operand != nullptr) {
      condition = MakeOperator(scope, OperatorName(std::string("=")),
                               std::make_unique<BoundCaseValue>(operand->type),
                               std::move(condition), scope.last_set, when->location);
    }
    branch.condition = CoerceToBoolean(state, std::move(condition), "CASE/WHEN");
    branch.result = BindNode(scope, reinterpret_cast<const Node*>(when->result));
    branches.push_back(std::move(branch));
  }
  BoundExpressionPtr otherwise = BindNode(scope, reinterpret_cast<const Node*>(node->defresult));
  bool has_otherwise = otherwise != nullptr;
  if (!has_otherwise) otherwise = MakeConstant(state, {oids::kUnknown}, types::Datum());

  std::vector<const BoundExpression*> results = {otherwise.get()};
  for (const BoundCase::Branch& branch : branches) results.push_back(branch.result.get());
  Oid type = SelectCommonType(state, results, "CASE");
  auto result = std::make_unique<BoundCase>(SqlType{type, -1});
  result->operand = std::move(operand);
  otherwise = CoerceToCommon(state, std::move(otherwise), type, "CASE/ELSE");
  bool same_typmod = true;
  int32_t typmod = otherwise->type.typmod;
  for (BoundCase::Branch& branch : branches) {
    branch.result = CoerceToCommon(state, std::move(branch.result), type, "CASE/WHEN");
    same_typmod = same_typmod && branch.result->type.typmod == typmod;
  }
  if (has_otherwise && same_typmod) result->type.typmod = typmod;
  if (has_otherwise) result->otherwise = std::move(otherwise);
  result->branches = std::move(branches);
  result->location = node->location;
  CheckNoSets(scope, before, "CASE");
  return result;
}

namespace {

// The typmod of COALESCE, GREATEST and the like: that of all arguments, if they agree.
int32_t AgreedTypmod(const BoundExpressions& arguments) {
  int32_t typmod = arguments[0]->type.typmod;
  for (const BoundExpressionPtr& argument : arguments) {
    if (argument->type.typmod != typmod) return -1;
  }
  return typmod;
}

BoundExpressions CoerceAllToCommon(Scope& scope, BoundExpressions arguments,
                                   std::string_view construct, SqlType& type) {
  type.oid = SelectCommonType(scope.state, Pointers(arguments), construct);
  for (BoundExpressionPtr& argument : arguments) {
    argument = CoerceToCommon(scope.state, std::move(argument), type.oid, construct);
  }
  type.typmod = AgreedTypmod(arguments);
  return arguments;
}

}  // namespace

BoundExpressionPtr BindCoalesce(Scope& scope, const CoalesceExpr* node) {
  LastSet before = scope.last_set;
  SqlType type;
  BoundExpressions arguments =
      CoerceAllToCommon(scope, BindAll(scope, node->args), "COALESCE", type);
  CheckNoSets(scope, before, "COALESCE");
  auto result = std::make_unique<BoundCoalesce>(type, std::move(arguments));
  result->location = node->location;
  return result;
}

BoundExpressionPtr BindMinMax(Scope& scope, const MinMaxExpr* node) {
  bool greatest = node->op == IS_GREATEST;
  SqlType type;
  BoundExpressions arguments =
      CoerceAllToCommon(scope, BindAll(scope, node->args), greatest ? "GREATEST" : "LEAST", type);
  auto result = std::make_unique<BoundMinMax>(type, greatest, std::move(arguments));
  result->location = node->location;
  return result;
}

BoundExpressionPtr BindNullTest(Scope& scope, const NullTest* node) {
  BoundExpressionPtr argument = BindNode(scope, reinterpret_cast<const Node*>(node->arg));
  ResolveUnknown(scope.state, argument);
  bool of_row = scope.types().IsRow(argument->type.oid);
  int location = LeftmostLocation(node->location, argument->location);
  auto result = std::make_unique<BoundNullTest>(std::move(argument),
                                                node->nulltesttype == IS_NOT_NULL, of_row);
  result->location = location;
  return result;
}

BoundExpressionPtr BindBooleanTest(Scope& scope, const ::BooleanTest* node) {
  struct Row {
    BoolTestType raw;
    BooleanTest test;
    std::string_view name;
  };
  static constexpr Row kTests[] = {
      {IS_TRUE, BooleanTest::kTrue, "IS TRUE"},
      {IS_NOT_TRUE, BooleanTest::kNotTrue, "IS NOT TRUE"},
      {IS_FALSE, BooleanTest::kFalse, "IS FALSE"},
      {IS_NOT_FALSE, BooleanTest::kNotFalse, "IS NOT FALSE"},
      {IS_UNKNOWN, BooleanTest::kUnknown, "IS UNKNOWN"},
      {IS_NOT_UNKNOWN, BooleanTest::kNotUnknown, "IS NOT UNKNOWN"},
  };
  const Row& row = kTests[node->booltesttype];
  BoundExpressionPtr argument = CoerceToBoolean(
      scope.state, BindNode(scope, reinterpret_cast<const Node*>(node->arg)), row.name);
  int location = LeftmostLocation(node->location, argument->location);
  auto result = std::make_unique<BoundBooleanTest>(row.test, std::move(argument));
  result->location = location;
  return result;
}

}  // namespace sundog::binder
