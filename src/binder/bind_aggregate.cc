// Aggregate calls and GROUPING(): their arguments, their query level, and where they may stand.
#include <algorithm>

#include "binder/bind_function_call.h"
#include "binder/bind_sort.h"
#include "binder/expression_levels.h"

namespace sundog::binder {

namespace {

[[noreturn]] void ThrowWrongDirectCount(Scope& scope, const ResolvedCall& call,
                                        const std::vector<Oid>& actual, const std::string& hint) {
  throw SqlError(sqlstate::kUndefinedFunction,
                 "function " +
                     FunctionSignature(scope.state, DottedName(call.raw->funcname), actual, {}) +
                     " does not exist")
      .Hint(hint)
      .At(call.location);
}

std::string Arguments(int count) {
  return std::to_string(count) + " direct argument" + (count == 1 ? "" : "s");
}

// unify_hypothetical_args: each direct argument and its ordering column get one type.
void UnifyHypothetical(Scope& scope, ResolvedCall& call, std::vector<Oid>& actual, int ordered) {
  BindState& state = scope.state;
  int direct = static_cast<int>(call.arguments.size()) - ordered;
  for (int i = direct - ordered; i < direct; ++i) {
    int at = direct + (i - (direct - ordered));
    if (call.found.declared[i] != oids::kAny) continue;
    std::vector<const BoundExpression*> pair = {call.arguments[at].get(), call.arguments[i].get()};
    Oid common = SelectCommonType(state, pair, "WITHIN GROUP");
    int32_t typmod = SelectCommonTypmod(pair, common);
    for (int which : {i, at}) {
      call.arguments[which] = CoerceType(state, std::move(call.arguments[which]), {common, typmod},
                                         Coercion::kImplicit, CallForm::kImplicitCast, -1);
      actual[which] = common;
    }
  }
}

}  // namespace

void CheckOrderedSet(Scope& scope, ResolvedCall& call, std::vector<Oid>& actual) {
  const functions::AggregateInfo* info = scope.catalog().FindAggregate(call.found.proc->oid);
  std::string name = DottedName(call.raw->funcname);
  bool ordered_set = info != nullptr && info->kind != 'n';
  if (!ordered_set) {
    if (!call.raw->agg_within_group) return;
    throw SqlError(sqlstate::kWrongObjectType,
                   name + " is not an ordered-set aggregate, so it cannot have WITHIN GROUP")
        .At(call.location);
  }
  if (!call.raw->agg_within_group) {
    throw SqlError(sqlstate::kWrongObjectType,
                   "WITHIN GROUP is required for ordered-set aggregate " + name)
        .At(call.location);
  }
  if (call.raw->over != nullptr) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "OVER is not supported for ordered-set aggregate " + name)
        .At(call.location);
  }
  int given = static_cast<int>(call.arguments.size());
  int ordered = parser::Length(call.raw->agg_order);
  int direct = given - ordered;
  int declared_direct = info->direct_argument_count;
  int variadic = call.found.variadic_count;
  int declared_count = variadic > 1 ? given - (variadic - 1) : given;
  bool exact = call.found.variadic == kInvalidOid || declared_direct < declared_count;
  std::string hint = "There is an ordered-set aggregate " + name + ", but it requires ";
  if (exact && direct != declared_direct) {
    ThrowWrongDirectCount(
        scope, call, actual,
        hint + Arguments(declared_direct) + ", not " + std::to_string(direct) + ".");
  }
  if (!exact && info->kind == 'h' && variadic != 2 * ordered) {
    ThrowWrongDirectCount(scope, call, actual,
                          "To use the hypothetical-set aggregate " + name +
                              ", the number of hypothetical direct arguments (here " +
                              std::to_string(variadic - ordered) +
                              ") must match the number of ordering columns (here " +
                              std::to_string(ordered) + ").");
  }
  if (!exact && info->kind == 'o' && variadic <= ordered) {
    ThrowWrongDirectCount(scope, call, actual,
                          hint + "at least " + Arguments(declared_direct) + ".");
  }
  if (info->kind == 'h') UnifyHypothetical(scope, call, actual, ordered);
}

namespace {

// The levels of what an aggregate's arguments hold, counted outward from the aggregate: -1 for
// none.
struct ArgumentLevels {
  int column = -1;
  int aggregate = -1;
};

void Lower(int& least, int level) {
  if (level >= 0 && (least < 0 || level < least)) least = level;
}

void CollectLevels(Scope& scope, const BoundExpression& expression, ArgumentLevels& levels) {
  VisitLevels(expression, [&](const BoundExpression& node, int inner) {
    if (node.kind == ExpressionKind::kColumn) {
      int depth = scope.state.DepthOf(node.As<BoundColumn>().relation);
      if (depth <= scope.depth) Lower(levels.column, scope.depth - depth);
    } else if (node.kind == ExpressionKind::kAggregate) {
      Lower(levels.aggregate, node.As<BoundAggregate>().level - inner);
    } else if (node.kind == ExpressionKind::kGrouping) {
      const PendingGrouping* pending = scope.state.FindPending(node.As<BoundGrouping>());
      if (pending != nullptr && pending->depth <= scope.depth) {
        Lower(levels.aggregate, scope.depth - pending->depth);
      }
    } else if (inner == 0 && node.kind == ExpressionKind::kFunction &&
               node.As<BoundFunction>().proc->returns_set) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "aggregate function calls cannot contain set-returning function calls")
          .Hint("You might be able to move the set-returning function into a LATERAL FROM item.")
          .At(node.location);
    } else if (inner == 0 && node.kind == ExpressionKind::kWindow) {
      throw SqlError(sqlstate::kGroupingError,
                     "aggregate function calls cannot contain window function calls")
          .At(node.location);
    }
    return true;
  });
}

[[noreturn]] void ThrowNested(int location) {
  throw SqlError(sqlstate::kGroupingError, "aggregate function calls cannot be nested")
      .At(location);
}

int LocateAggregateIn(const std::vector<const BoundExpression*>& expressions, int level) {
  for (const BoundExpression* expression : expressions) {
    int location = LocateAggregate(*expression, level);
    if (location != -2) return location;
  }
  return -1;
}

// The level the call belongs to: the innermost query that any of its columns is of.
int LevelOfCall(Scope& scope, const std::vector<const BoundExpression*>& arguments,
                const BoundExpressions& direct) {
  ArgumentLevels levels;
  for (const BoundExpression* argument : arguments) CollectLevels(scope, *argument, levels);
  int level = levels.column;
  if (level < 0) {
    level = std::max(levels.aggregate, 0);
  } else if (levels.aggregate >= 0) {
    level = std::min(level, levels.aggregate);
  }
  if (level == levels.aggregate) ThrowNested(LocateAggregateIn(arguments, level));
  ArgumentLevels outer;
  for (const BoundExpressionPtr& argument : direct) CollectLevels(scope, *argument, outer);
  if (outer.column >= 0 && outer.column < level) {
    int location = -1;
    for (const BoundExpressionPtr& argument : direct) {
      int found = LocateColumnOfDepth(scope.state, *argument, scope.depth - outer.column);
      if (found != -2) location = found;
    }
    throw SqlError(sqlstate::kGroupingError,
                   "outer-level aggregate cannot contain a lower-level variable in its direct "
                   "arguments")
        .At(location);
  }
  if (outer.aggregate >= 0 && outer.aggregate <= level) {
    ThrowNested(LocateAggregateIn(Pointers(direct), outer.aggregate));
  }
  return level;
}

// Marks the query the call belongs to, and refuses it where that query does not allow one.
Scope& OwnerOfCall(Scope& scope, int level, bool aggregate, int location) {
  Scope* owner = &scope;
  for (int i = 0; i < level; ++i) owner = owner->parent;
  owner->has_aggregates = true;
  std::string_view place = RuleOf(owner->role).no_aggregates;
  if (place.empty()) return *owner;
  throw SqlError(sqlstate::kGroupingError,
                 std::string(aggregate ? "aggregate functions" : "grouping operations") +
                     " are not allowed in " + std::string(place))
      .At(location);
}

void BindOrderedSetArguments(Scope& scope, const FuncCall* raw, BoundExpressions arguments,
                             BoundAggregate& result) {
  int ordered = parser::Length(raw->agg_order);
  size_t direct = arguments.size() - ordered;
  for (int i = 0; i < ordered; ++i) {
    const SortBy* sort = parser::At<SortBy>(raw->agg_order, i);
    result.order_by.push_back(MakeSortKey(scope, std::move(arguments[direct + i]), sort));
  }
  arguments.resize(direct);
  result.direct_arguments = std::move(arguments);
}

// A cast that nobody wrote is not in the way: string_agg(DISTINCT v, ',' ORDER BY v) of a varchar.
const BoundExpression& WithoutImplicitCasts(const BoundExpression& expression) {
  if (expression.kind == ExpressionKind::kRelabel) {
    const auto& relabel = expression.As<BoundConversion>();
    if (relabel.form == CallForm::kImplicitCast) return WithoutImplicitCasts(*relabel.argument);
  }
  if (expression.kind == ExpressionKind::kFunction) {
    const auto& call = expression.As<BoundFunction>();
    if (call.form == CallForm::kImplicitCast) return WithoutImplicitCasts(*call.arguments[0]);
  }
  return expression;
}

void CheckDistinctAggregate(Scope& scope, const BoundAggregate& aggregate) {
  for (const BoundSortKey& key : aggregate.order_by) {
    bool found = std::any_of(aggregate.arguments.begin(), aggregate.arguments.end(),
                             [&](const auto& one) {
                               return Equal(WithoutImplicitCasts(*one), *key.expression);
                             });
    if (found) continue;
    throw SqlError(sqlstate::kInvalidColumnReference,
                   "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument "
                   "list")
        .At(key.expression->location);
  }
  if (aggregate.arguments.empty()) {
    throw SqlError(sqlstate::kSyntaxError,
                   "an aggregate with DISTINCT must have at least one argument");
  }
  for (const BoundExpressionPtr& argument : aggregate.arguments) {
    CheckGroupable(scope, *argument, argument->location);
    if (HasOrdering(scope, argument->type.oid)) continue;
    throw SqlError(sqlstate::kUndefinedFunction,
                   "could not identify an ordering operator for type " +
                       scope.types().Name(argument->type.oid))
        .Detail("Aggregates with DISTINCT must be able to sort their inputs.")
        .At(argument->location);
  }
}

}  // namespace

BoundExpressionPtr MakeAggregate(Scope& scope, ResolvedCall call, BoundExpressionPtr filter) {
  const FuncCall* raw = call.raw;
  if (call.arguments.empty() && !raw->agg_star && !raw->agg_within_group) {
    throw SqlError(
        sqlstate::kWrongObjectType,
        DottedName(raw->funcname) + "(*) must be used to call a parameterless aggregate function")
        .At(call.location);
  }
  // The embedded row, which lives for ever: the catalog's copy of an extension's member does not.
  const functions::ProcInfo* proc = functions::BuiltinProcs::Get().FindProc(call.found.proc->oid);
  auto result = std::make_unique<BoundAggregate>(SqlType{call.result, -1}, proc);
  result->location = call.location;
  result->star = raw->agg_star;
  result->distinct = raw->agg_distinct;
  result->filter = std::move(filter);
  if (raw->agg_within_group) {
    BindOrderedSetArguments(scope, raw, std::move(call.arguments), *result);
  } else {
    result->arguments = std::move(call.arguments);
    for (BoundExpressionPtr& argument : result->arguments) ResolveUnknown(scope.state, argument);
    for (const SortBy* sort : parser::Each<SortBy>(raw->agg_order)) {
      BoundExpressionPtr key = BindExpression(scope, sort->node, ExpressionRole::kOrderBy);
      result->order_by.push_back(MakeSortKey(scope, std::move(key), sort));
    }
    if (result->distinct) CheckDistinctAggregate(scope, *result);
  }
  std::vector<const BoundExpression*> arguments = Pointers(result->arguments);
  for (const BoundSortKey& key : result->order_by) arguments.push_back(key.expression.get());
  if (result->filter != nullptr) arguments.push_back(result->filter.get());
  result->level = LevelOfCall(scope, arguments, result->direct_arguments);
  OwnerOfCall(scope, result->level, true, result->location);
  return result;
}

BoundExpressionPtr BindGroupingCall(Scope& scope, const GroupingFunc* call) {
  constexpr int kMaxArguments = 31;
  if (parser::Length(call->args) > kMaxArguments) {
    throw SqlError(sqlstate::kTooManyArguments, "GROUPING must have fewer than 32 arguments")
        .At(call->location);
  }
  PendingGrouping pending;
  for (const Node* argument : parser::Each<Node>(call->args)) {
    pending.arguments.push_back(BindNode(scope, argument));
  }
  int level = LevelOfCall(scope, Pointers(pending.arguments), {});
  Scope& owner = OwnerOfCall(scope, level, false, call->location);
  pending.depth = owner.depth;
  pending.location = call->location;
  auto result =
      std::make_unique<BoundGrouping>(std::vector<int>{scope.state.AddPending(std::move(pending))});
  result->location = call->location;
  return result;
}

}  // namespace sundog::binder
