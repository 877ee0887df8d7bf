// Constants, casts, COLLATE and the functions that SQL writes without parentheses.
#include "binder/bind_expression.h"
#include "binder/build_coercion.h"
#include "binder/resolve_type.h"
#include "parser/refused_parameters.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

BoundExpressionPtr LiteralOfType(Scope& scope, std::string_view text, Oid type, int location) {
  base::Arena arena;
  types::Datum value = ConvertLiteral(scope.state, text, {type, -1}, location, arena);
  return MakeConstant(scope.state, {type, -1}, value);
}

// A number too long for int4, or with a point or exponent: int8 if it is a whole number that fits.
BoundExpressionPtr NumberLiteral(Scope& scope, const std::string& text, int location) {
  bool whole = !text.empty() && text.find_first_not_of("+-0123456789") == std::string::npos;
  if (whole) {
    errno = 0;
    int64_t value = std::strtoll(text.c_str(), nullptr, 10);
    if (errno == 0) {
      if (value >= INT32_MIN && value <= INT32_MAX) {
        return MakeInt4(scope.state, static_cast<int32_t>(value));
      }
      return MakeConstant(scope.state, {oids::kInt8}, types::Datum::From(value));
    }
  }
  return LiteralOfType(scope, text, oids::kNumeric, location);
}

}  // namespace

BoundExpressionPtr BindConstant(Scope& scope, const A_Const* constant) {
  BoundExpressionPtr result;
  if (constant->isnull) {
    result = MakeConstant(scope.state, {oids::kUnknown}, types::Datum());
  } else {
    switch (TagOf(&constant->val)) {
      case T_Integer: result = MakeInt4(scope.state, constant->val.ival.ival); break;
      case T_Float:
        result = NumberLiteral(scope, constant->val.fval.fval, constant->location);
        break;
      case T_Boolean: result = MakeBool(scope.state, constant->val.boolval.boolval); break;
      case T_String:
        result = MakeUnknown(scope.state, constant->val.sval.sval, constant->location);
        break;
      default:
        result = LiteralOfType(scope, constant->val.bsval.bsval, oids::kBit, constant->location);
        break;
    }
  }
  result->location = constant->location;
  return result;
}

BoundExpressionPtr BindTypeCast(Scope& scope, const TypeCast* cast) {
  // Not :: and not CAST, but type 'literal' with a parameter for the literal.
  if (cast->location < 0 && TagOf(cast->arg) == T_ParamRef) {
    parser::ThrowAtParameter(As<ParamRef>(cast->arg));
  }
  SqlType target = ResolveType(scope.state, cast->typeName);
  BoundExpressionPtr argument;
  SqlType base = scope.types().BaseType(target);
  if (TagOf(cast->arg) == T_A_ArrayExpr && scope.types().IsArray(base.oid)) {
    argument = BindArray(scope, As<A_ArrayExpr>(cast->arg), base);
  } else {
    argument = BindNode(scope, cast->arg);
  }
  int location = cast->location >= 0 ? cast->location : cast->typeName->location;
  return Cast(scope.state, std::move(argument), target, location);
}

BoundExpressionPtr BindCollate(Scope& scope, const CollateClause* clause) {
  BoundExpressionPtr argument = BindNode(scope, clause->arg);
  Oid type = argument->type.oid;
  if (type != oids::kUnknown && !scope.types().IsCollatable(type)) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   "collations are not supported by type " + scope.types().Name(type))
        .At(clause->location);
  }
  Oid collation = ResolveCollation(scope.state, clause->collname, clause->location);
  ResolveUnknown(scope.state, argument);
  SqlType result = argument->type;
  int location = argument->location;
  auto relabel = std::make_unique<BoundConversion>(ExpressionKind::kRelabel, result,
                                                   std::move(argument), CallForm::kSqlSyntax);
  relabel->collation = collation;
  relabel->location = location;
  return relabel;
}

namespace {

// The functions behind CURRENT_DATE and its kin, as pg_proc OIDs.
constexpr Oid kNow = 1299;
constexpr Oid kTimestamptzToDate = 1178;
constexpr Oid kTimestamptzToTimetz = 1388;
constexpr Oid kTimestamptzToTime = 2019;
constexpr Oid kTimestamptzToTimestamp = 2027;
constexpr Oid kTimestamptzScale = 1967;
constexpr Oid kTimestampScale = 1961;
constexpr Oid kTimeScale = 1968;
constexpr Oid kTimetzScale = 1969;
constexpr Oid kCurrentUser = 745;
constexpr Oid kSessionUser = 746;
constexpr Oid kCurrentDatabase = 861;
constexpr Oid kCurrentSchema = 1402;

struct SqlValue {
  SQLValueFunctionOp op;
  Oid type;
  Oid function;  // alone, or over now()
  bool over_now;
  Oid scale;  // with a precision: the length coercion
};

constexpr SqlValue kSqlValues[] = {
    {SVFOP_CURRENT_DATE, oids::kDate, kTimestamptzToDate, true, 0},
    {SVFOP_CURRENT_TIME, oids::kTimetz, kTimestamptzToTimetz, true, 0},
    {SVFOP_CURRENT_TIME_N, oids::kTimetz, kTimestamptzToTimetz, true, kTimetzScale},
    {SVFOP_CURRENT_TIMESTAMP, oids::kTimestamptz, kNow, false, 0},
    {SVFOP_CURRENT_TIMESTAMP_N, oids::kTimestamptz, kNow, false, kTimestamptzScale},
    {SVFOP_LOCALTIME, oids::kTime, kTimestamptzToTime, true, 0},
    {SVFOP_LOCALTIME_N, oids::kTime, kTimestamptzToTime, true, kTimeScale},
    {SVFOP_LOCALTIMESTAMP, oids::kTimestamp, kTimestamptzToTimestamp, true, 0},
    {SVFOP_LOCALTIMESTAMP_N, oids::kTimestamp, kTimestamptzToTimestamp, true, kTimestampScale},
    {SVFOP_CURRENT_ROLE, oids::kName, kCurrentUser, false, 0},
    {SVFOP_CURRENT_USER, oids::kName, kCurrentUser, false, 0},
    {SVFOP_USER, oids::kName, kCurrentUser, false, 0},
    {SVFOP_SESSION_USER, oids::kName, kSessionUser, false, 0},
    {SVFOP_CURRENT_CATALOG, oids::kName, kCurrentDatabase, false, 0},
    {SVFOP_CURRENT_SCHEMA, oids::kName, kCurrentSchema, false, 0},
};

constexpr int kMaxTimePrecision = 6;

// anytime_typmod_check: too much is reduced, with a warning.
int32_t TimePrecision(Scope& scope, const SQLValueFunction* function, Oid type) {
  if (function->typmod <= kMaxTimePrecision) return function->typmod;
  bool zoned = type == oids::kTimestamptz || type == oids::kTimetz;
  bool stamp = type == oids::kTimestamptz || type == oids::kTimestamp;
  base::ErrorFields warning;
  warning.severity = base::Severity::kWarning;
  warning.state = sqlstate::kInvalidParameterValue;
  warning.message = std::string(stamp ? "TIMESTAMP(" : "TIME(") + std::to_string(function->typmod) +
                    ")" + (zoned ? " WITH TIME ZONE" : "") +
                    " precision reduced to maximum allowed, 6";
  scope.state.Notice(std::move(warning));
  return kMaxTimePrecision;
}

}  // namespace

BoundExpressionPtr BindSqlValue(Scope& scope, const SQLValueFunction* function) {
  const SqlValue* row = nullptr;
  for (const SqlValue& candidate : kSqlValues) {
    if (candidate.op == function->op) row = &candidate;
  }
  BindState& state = scope.state;
  BoundExpressions arguments;
  if (row->over_now) {
    arguments.push_back(MakeFunction(state, kNow, {oids::kTimestamptz}, {}, CallForm::kSqlSyntax,
                                     function->location));
  }
  BoundExpressionPtr value = MakeFunction(state, row->function, {row->type}, std::move(arguments),
                                          CallForm::kSqlSyntax, function->location);
  if (row->scale == 0) return value;
  int32_t precision = TimePrecision(scope, function, row->type);
  BoundExpressions scaled;
  scaled.push_back(std::move(value));
  scaled.push_back(MakeInt4(state, precision));
  return MakeFunction(state, row->scale, {row->type, precision}, std::move(scaled),
                      CallForm::kSqlSyntax, function->location);
}

}  // namespace sundog::binder
