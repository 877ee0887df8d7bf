// Window function calls and window definitions: OVER (…), WINDOW w AS (…), frames.
#include "binder/bind_window.h"

#include "binder/bind_function_call.h"
#include "binder/bind_sort.h"
#include "binder/expression_levels.h"
#include "binder/operator_classes.h"

namespace sundog::binder {

namespace {

const WindowDef* FindWindow(const Scope& scope, const char* name, const WindowDef* before) {
  for (const WindowDef* window : scope.window_definitions) {
    if (window == before) break;
    if (window->name != nullptr && std::string_view(window->name) == name) return window;
  }
  return nullptr;
}

[[noreturn]] void ThrowNoWindow(const WindowDef* window, const char* name) {
  throw SqlError(sqlstate::kUndefinedObject, std::string("window \"") + name + "\" does not exist")
      .At(window->location);
}

struct FrameRow {
  int option;
  FrameBound bound;
};

FrameBound FrameBoundOf(int options, const FrameRow (&rows)[5], FrameBound otherwise) {
  for (const FrameRow& row : rows) {
    if ((options & row.option) != 0) return row.bound;
  }
  return otherwise;
}

void SetFrame(int options, BoundWindowSpec& spec) {
  static constexpr FrameRow kStarts[] = {
      {FRAMEOPTION_START_UNBOUNDED_PRECEDING, FrameBound::kUnboundedPreceding},
      {FRAMEOPTION_START_UNBOUNDED_FOLLOWING, FrameBound::kUnboundedFollowing},
      {FRAMEOPTION_START_CURRENT_ROW, FrameBound::kCurrentRow},
      {FRAMEOPTION_START_OFFSET_PRECEDING, FrameBound::kOffsetPreceding},
      {FRAMEOPTION_START_OFFSET_FOLLOWING, FrameBound::kOffsetFollowing},
  };
  static constexpr FrameRow kEnds[] = {
      {FRAMEOPTION_END_UNBOUNDED_PRECEDING, FrameBound::kUnboundedPreceding},
      {FRAMEOPTION_END_UNBOUNDED_FOLLOWING, FrameBound::kUnboundedFollowing},
      {FRAMEOPTION_END_CURRENT_ROW, FrameBound::kCurrentRow},
      {FRAMEOPTION_END_OFFSET_PRECEDING, FrameBound::kOffsetPreceding},
      {FRAMEOPTION_END_OFFSET_FOLLOWING, FrameBound::kOffsetFollowing},
  };
  spec.mode = (options & FRAMEOPTION_ROWS) != 0     ? FrameMode::kRows
              : (options & FRAMEOPTION_GROUPS) != 0 ? FrameMode::kGroups
                                                    : FrameMode::kRange;
  spec.frame_written = (options & FRAMEOPTION_NONDEFAULT) != 0;
  spec.frame_between = (options & FRAMEOPTION_BETWEEN) != 0;
  spec.start = FrameBoundOf(options, kStarts, FrameBound::kUnboundedPreceding);
  spec.end = FrameBoundOf(options, kEnds, FrameBound::kCurrentRow);
  spec.exclusion = (options & FRAMEOPTION_EXCLUDE_CURRENT_ROW) != 0 ? FrameExclusion::kCurrentRow
                   : (options & FRAMEOPTION_EXCLUDE_GROUP) != 0     ? FrameExclusion::kGroup
                   : (options & FRAMEOPTION_EXCLUDE_TIES) != 0      ? FrameExclusion::kTies
                                                                    : FrameExclusion::kNone;
}

void CheckNoColumns(Scope& scope, const BoundExpression& expression, std::string_view construct) {
  int location = LocateColumnOfDepth(scope.state, expression, scope.depth);
  if (location == -2) return;
  throw SqlError(sqlstate::kInvalidColumnReference,
                 "argument of " + std::string(construct) + " must not contain variables")
      .At(location);
}

// RANGE n PRECEDING: the in_range function for the sort column's type and the offset's.
BoundExpressionPtr BindRangeOffset(Scope& scope, const Node* raw, const BoundWindowSpec& spec,
                                   Oid& function) {
  BoundExpressionPtr offset = BindExpression(scope, raw, ExpressionRole::kWindowFrameRange);
  const OperatorClasses& classes = OperatorClasses::Get();
  auto operators = classes.OperatorsOf(scope.catalog(), spec.order_by[0].expression->type.oid);
  Oid offset_type = offset->type.oid;
  Oid preferred = offset_type != oids::kUnknown ? offset_type : operators.input_type;
  Oid selected = kInvalidOid;
  int match_count = 0;
  auto candidates = classes.InRangeFunctions(operators.family, operators.input_type);
  for (const InRangeFunction& candidate : candidates) {
    if (!CanCoerce(scope.state, offset_type, candidate.offset_type, Coercion::kImplicit)) continue;
    ++match_count;
    if (selected == preferred) continue;
    selected = candidate.offset_type;
    function = candidate.function;
  }
  std::string column = scope.types().Name(operators.input_type);
  std::string both = column + " and offset type " + scope.types().Name(offset_type);
  std::string text = "RANGE with offset PRECEDING/FOLLOWING ";
  if (candidates.empty()) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   text + "is not supported for column type " + column)
        .At(offset->location);
  }
  if (match_count == 0) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   text + "is not supported for column type " + both)
        .Hint("Cast the offset value to an appropriate type.")
        .At(offset->location);
  }
  if (match_count != 1 && selected != preferred) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   text + "has multiple interpretations for column type " + both)
        .Hint("Cast the offset value to the exact intended type.")
        .At(offset->location);
  }
  return CoerceToSpecific(scope.state, std::move(offset), {selected, -1}, "RANGE");
}

BoundExpressionPtr BindFrameOffset(Scope& scope, const Node* raw, const BoundWindowSpec& spec,
                                   Oid& function) {
  if (raw == nullptr) return nullptr;
  BoundExpressionPtr offset;
  std::string_view construct = "RANGE";
  if (spec.mode == FrameMode::kRange) {
    offset = BindRangeOffset(scope, raw, spec, function);
  } else {
    bool rows = spec.mode == FrameMode::kRows;
    construct = rows ? "ROWS" : "GROUPS";
    offset = BindExpression(
        scope, raw, rows ? ExpressionRole::kWindowFrameRows : ExpressionRole::kWindowFrameGroups);
    offset = CoerceToSpecific(scope.state, std::move(offset), {oids::kInt8}, construct);
  }
  CheckNoColumns(scope, *offset, construct);
  return offset;
}

// Takes PARTITION BY, and ORDER BY if there is none, from the window that is copied.
void CopyWindow(const WindowDef* window, const WindowDef* copied, const BoundWindowSpec& from,
                BoundWindowSpec& spec) {
  auto fail = [&](const std::string& text) {
    throw SqlError(sqlstate::kWindowingError, text).At(window->location);
  };
  std::string name = std::string("window \"") + window->refname + "\"";
  if (!spec.partition_by.empty()) fail("cannot override PARTITION BY clause of " + name);
  spec.partition_by = CloneAll(from.partition_by);
  if (!spec.order_by.empty() && !from.order_by.empty()) {
    fail("cannot override ORDER BY clause of " + name);
  }
  bool has_order = !spec.order_by.empty();
  if (!has_order) {
    for (const BoundSortKey& key : from.order_by) spec.order_by.push_back(key.Clone());
  }
  if (copied->frameOptions == FRAMEOPTION_DEFAULTS) return;
  SqlError error(sqlstate::kWindowingError,
                 "cannot copy " + name + " because it has a frame clause");
  bool plain =
      window->name == nullptr && !has_order && window->frameOptions == FRAMEOPTION_DEFAULTS;
  if (plain) error.Hint("Omit the parentheses in this OVER clause.");
  throw error.At(window->location);
}

}  // namespace

BoundWindowSpec BindWindowSpec(Scope& scope, const WindowDef* window) {
  auto fail = [&](const std::string& text) {
    throw SqlError(sqlstate::kWindowingError, text).At(window->location);
  };
  BoundWindowSpec spec;
  if (window->name != nullptr) spec.name = window->name;
  if (window->name != nullptr && FindWindow(scope, window->name, window) != nullptr) {
    fail(std::string("window \"") + window->name + "\" is already defined");
  }
  const WindowDef* copied = nullptr;
  if (window->refname != nullptr) {
    copied = FindWindow(scope, window->refname, window);
    if (copied == nullptr) ThrowNoWindow(window, window->refname);
  }
  for (const SortBy* sort : parser::Each<SortBy>(window->orderClause)) {
    BoundExpressionPtr key = BindExpression(scope, sort->node, ExpressionRole::kWindowOrder);
    spec.order_by.push_back(MakeSortKey(scope, std::move(key), sort));
  }
  for (const Node* raw : parser::Each<Node>(window->partitionClause)) {
    BoundExpressionPtr key = BindExpression(scope, raw, ExpressionRole::kWindowPartition);
    ResolveUnknown(scope.state, key);
    CheckGroupable(scope, *key, parser::NodeLocation(raw));
    spec.partition_by.push_back(std::move(key));
  }
  if (copied != nullptr) CopyWindow(window, copied, BindWindowSpec(scope, copied), spec);
  SetFrame(window->frameOptions, spec);
  bool offsets = (window->frameOptions & (FRAMEOPTION_START_OFFSET | FRAMEOPTION_END_OFFSET)) != 0;
  if (spec.mode == FrameMode::kRange && offsets && spec.order_by.size() != 1) {
    fail("RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
  }
  if (spec.mode == FrameMode::kGroups && spec.order_by.empty()) {
    fail("GROUPS mode requires an ORDER BY clause");
  }
  spec.start_offset = BindFrameOffset(scope, window->startOffset, spec, spec.start_in_range);
  spec.end_offset = BindFrameOffset(scope, window->endOffset, spec, spec.end_in_range);
  return spec;
}

namespace {

void CheckWindowAllowed(Scope& scope, const BoundWindow& call) {
  for (const BoundExpressionPtr& argument : call.arguments) {
    int nested = LocateWindow(*argument);
    if (nested == -2) continue;
    throw SqlError(sqlstate::kWindowingError, "window function calls cannot be nested").At(nested);
  }
  std::string_view place = RuleOf(scope.role).no_windows;
  if (place.empty()) return;
  throw SqlError(sqlstate::kWindowingError,
                 "window functions are not allowed in " + std::string(place))
      .At(call.location);
}

}  // namespace

BoundExpressionPtr MakeWindow(Scope& scope, ResolvedCall call, BoundExpressionPtr filter) {
  const FuncCall* raw = call.raw;
  auto fail = [&](base::SqlState state, const std::string& text) {
    throw SqlError(state, text).At(call.location);
  };
  bool aggregate = call.found.meaning == FunctionMeaning::kAggregate;
  if (raw->agg_distinct) {
    fail(sqlstate::kFeatureNotSupported, "DISTINCT is not implemented for window functions");
  }
  if (aggregate && call.arguments.empty() && !raw->agg_star) {
    fail(sqlstate::kWrongObjectType,
         DottedName(raw->funcname) + "(*) must be used to call a parameterless aggregate function");
  }
  if (raw->agg_order != nullptr) {
    fail(sqlstate::kFeatureNotSupported,
         "aggregate ORDER BY is not implemented for window functions");
  }
  if (!aggregate && raw->agg_filter != nullptr) {
    fail(sqlstate::kFeatureNotSupported,
         "FILTER is not implemented for non-aggregate window functions");
  }
  if (!(scope.last_set == call.last_set)) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "window function calls cannot contain set-returning function calls")
        .Hint("You might be able to move the set-returning function into a LATERAL FROM item.")
        .At(scope.last_set.location);
  }
  // The embedded row, which lives for ever: the catalog's copy of an extension's member does not.
  const functions::ProcInfo* proc = functions::BuiltinProcs::Get().FindProc(call.found.proc->oid);
  auto result = std::make_unique<BoundWindow>(SqlType{call.result, -1}, proc);
  result->location = call.location;
  result->arguments = std::move(call.arguments);
  for (BoundExpressionPtr& argument : result->arguments) ResolveUnknown(scope.state, argument);
  result->filter = std::move(filter);
  result->star = raw->agg_star;
  CheckWindowAllowed(scope, *result);
  const WindowDef* window = raw->over;
  if (window->name != nullptr) {
    window = FindWindow(scope, raw->over->name, nullptr);
    if (window == nullptr) ThrowNoWindow(raw->over, raw->over->name);
  }
  result->window = BindWindowSpec(scope, window);
  scope.has_windows = true;
  return result;
}

}  // namespace sundog::binder
