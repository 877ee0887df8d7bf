#include "binder/resolve_operator.h"

#include "binder/build_coercion.h"
#include "binder/polymorphic.h"

namespace sundog::binder {

namespace {

std::string OperatorSignature(const BindState& state, const OperatorName& name, Oid left,
                              Oid right) {
  std::string text = left == kInvalidOid ? "" : state.types.Name(left) + " ";
  return text + name.text() + " " + state.types.Name(right);
}

// The operators of the name that are visible, of the kind ('b' infix, 'l' prefix).
template <typename Visit>
void ForEachOperator(const BindState& state, const OperatorName& name, char kind, Visit&& visit) {
  Oid schema = kInvalidOid;
  if (name.parts.size() > 1) schema = SchemaOid(state, name.parts[name.parts.size() - 2]);
  for (const functions::OperatorInfo* op : state.catalog.OperatorsNamed(name.bare())) {
    if (op->kind != kind) continue;
    if (schema != kInvalidOid ? op->schema != schema : SearchPathPosition(state, op->schema) < 0) {
      continue;
    }
    visit(*op);
  }
}

const functions::OperatorInfo* BestOperator(const BindState& state, const OperatorName& name,
                                            Oid left, Oid right, bool& ambiguous) {
  ambiguous = false;
  if (const auto* exact = FindExactOperator(state, name, left, right)) return exact;
  bool prefix = left == kInvalidOid;
  Candidates candidates;
  ForEachOperator(state, name, prefix ? 'l' : 'b', [&](const functions::OperatorInfo& op) {
    Candidate candidate;
    candidate.op = &op;
    if (!prefix) candidate.arguments.push_back(op.left);
    candidate.arguments.push_back(op.right);
    candidates.push_back(std::move(candidate));
  });
  if (candidates.empty()) return nullptr;
  std::vector<Oid> types;
  if (!prefix) types.push_back(left);
  types.push_back(right);
  Candidates matching = MatchCandidates(state, types, candidates);
  if (matching.empty()) return nullptr;
  if (matching.size() == 1) return matching[0].op;
  const Candidate* best = SelectCandidate(state, types, matching);
  ambiguous = best == nullptr;
  return best == nullptr ? nullptr : best->op;
}

}  // namespace

const functions::OperatorInfo* FindExactOperator(const BindState& state, const OperatorName& name,
                                                 Oid left, Oid right) {
  char kind = left == kInvalidOid ? 'l' : 'b';
  auto find = [&](Oid a, Oid b) {
    const functions::OperatorInfo* found = nullptr;
    ForEachOperator(state, name, kind, [&](const functions::OperatorInfo& op) {
      if (op.left == a && op.right == b) found = &op;
    });
    return found;
  };
  bool was_unknown = false;
  if (kind == 'b' && left == oids::kUnknown) {
    left = right;
    was_unknown = true;
  } else if (kind == 'b' && right == oids::kUnknown) {
    right = left;
    was_unknown = true;
  }
  if (const auto* found = find(left, right)) return found;
  if (!was_unknown) return nullptr;
  Oid base = state.types.BaseType(left);
  return base == left ? nullptr : find(base, base);
}

const functions::OperatorInfo* FindOperatorFor(const BindState& state, const OperatorName& name,
                                               Oid left, Oid right) {
  bool ambiguous = false;
  return BestOperator(state, name, left, right, ambiguous);
}

const functions::OperatorInfo& ResolveOperator(const BindState& state, const OperatorName& name,
                                               Oid left, Oid right, int location) {
  bool ambiguous = false;
  const functions::OperatorInfo* op =
      AtLocation(location, [&] { return BestOperator(state, name, left, right, ambiguous); });
  if (op != nullptr) return *op;
  std::string signature = OperatorSignature(state, name, left, right);
  if (ambiguous) {
    throw SqlError(sqlstate::kAmbiguousFunction, "operator is not unique: " + signature)
        .Hint(
            "Could not choose a best candidate operator. "
            "You might need to add explicit type casts.")
        .At(location);
  }
  throw SqlError(sqlstate::kUndefinedFunction, "operator does not exist: " + signature)
      .Hint(left == kInvalidOid ? "No operator matches the given name and argument type. "
                                  "You might need to add an explicit type cast."
                                : "No operator matches the given name and argument types. "
                                  "You might need to add explicit type casts.")
      .At(location);
}

const functions::OperatorInfo& ResolveCompatibleOperator(const BindState& state,
                                                         const OperatorName& name, Oid left,
                                                         Oid right, int location) {
  const functions::OperatorInfo& op = ResolveOperator(state, name, left, right, location);
  if (IsBinaryCoercible(state, left, op.left) && IsBinaryCoercible(state, right, op.right)) {
    return op;
  }
  throw SqlError(sqlstate::kUndefinedFunction, "operator requires run-time type coercion: " +
                                                   OperatorSignature(state, name, left, right))
      .At(location);
}

void CoerceArguments(BindState& state, BoundExpressions& arguments,
                     const std::vector<Oid>& declared) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i]->type.oid == declared[i]) continue;
    arguments[i] = CoerceType(state, std::move(arguments[i]), {declared[i], -1},
                              Coercion::kImplicit, CallForm::kImplicitCast, -1);
  }
}

std::unique_ptr<BoundFunction> MakeOperator(Scope& scope, const OperatorName& name,
                                            BoundExpressionPtr left, BoundExpressionPtr right,
                                            const LastSet& last_set, int location) {
  BindState& state = scope.state;
  if (right == nullptr) {
    throw SqlError(sqlstate::kSyntaxError, "postfix operators are not supported");
  }
  Oid left_type = left == nullptr ? kInvalidOid : left->type.oid;
  const functions::OperatorInfo& op =
      ResolveOperator(state, name, left_type, right->type.oid, location);
  BoundExpressions arguments;
  std::vector<Oid> actual;
  std::vector<Oid> declared;
  if (left != nullptr) {
    actual.push_back(left_type);
    declared.push_back(op.left);
    arguments.push_back(std::move(left));
  }
  actual.push_back(right->type.oid);
  declared.push_back(op.right);
  arguments.push_back(std::move(right));
  Oid result = ResolvePolymorphic(state, actual, declared, op.result);
  CoerceArguments(state, arguments, declared);
  auto call = MakeFunction(state, op.function, {result, -1}, std::move(arguments),
                           CallForm::kOperator, location);
  call->operator_oid = op.oid;
  if (call->proc->returns_set) {
    CheckSetPlacement(scope, last_set, location);
    scope.last_set = {call.get(), call->location};
  }
  return call;
}

BoundExpressionPtr MakeScalarArray(Scope& scope, const OperatorName& name, bool any, bool is_in,
                                   BoundExpressionPtr left, BoundExpressionPtr array,
                                   int location) {
  BindState& state = scope.state;
  Oid array_type = array->type.oid;
  Oid element = oids::kUnknown;
  if (array_type != oids::kUnknown) {
    element = state.types.BaseElementType(array_type);
    if (element == kInvalidOid) {
      throw SqlError(sqlstate::kWrongObjectType, "op ANY/ALL (array) requires array on right side")
          .At(location);
    }
  }
  const functions::OperatorInfo& op =
      ResolveOperator(state, name, left->type.oid, element, location);
  std::vector<Oid> actual = {left->type.oid, element};
  std::vector<Oid> declared = {op.left, op.right};
  Oid result = ResolvePolymorphic(state, actual, declared, op.result);
  if (result != oids::kBool) {
    throw SqlError(sqlstate::kWrongObjectType,
                   "op ANY/ALL (array) requires operator to yield boolean")
        .At(location);
  }
  Oid needed = array_type;
  if (!IsPolymorphic(declared[1])) {
    needed = state.types.ArrayType(declared[1]);
    if (needed == kInvalidOid) {
      throw SqlError(sqlstate::kUndefinedObject,
                     "could not find array type for data type " + state.types.Name(declared[1]))
          .At(location);
    }
  }
  declared[1] = needed;
  BoundExpressions arguments;
  arguments.push_back(std::move(left));
  arguments.push_back(std::move(array));
  CoerceArguments(state, arguments, declared);
  auto comparison = MakeFunction(state, op.function, {oids::kBool}, std::move(arguments),
                                 CallForm::kOperator, location);
  comparison->operator_oid = op.oid;
  int leftmost = comparison->location;
  auto test = std::make_unique<BoundScalarArray>(std::move(comparison), any, is_in);
  test->location = leftmost;
  return test;
}

void CheckSetPlacement(Scope& scope, const LastSet& last_set, int location) {
  switch (scope.role) {
    case ExpressionRole::kNone:
    case ExpressionRole::kOther: return;
    case ExpressionRole::kFromFunction:
      // Directly in FROM, not inside another set-returning call's arguments.
      if (!(scope.last_set == last_set)) {
        throw SqlError(sqlstate::kFeatureNotSupported,
                       "set-returning functions must appear at top level of FROM")
            .At(scope.last_set.location);
      }
      return;
    default: break;
  }
  std::string_view place = RuleOf(scope.role).no_sets;
  if (place.empty()) {
    scope.has_set_functions = true;
    return;
  }
  throw SqlError(sqlstate::kFeatureNotSupported,
                 "set-returning functions are not allowed in " + std::string(place))
      .At(location);
}

}  // namespace sundog::binder
