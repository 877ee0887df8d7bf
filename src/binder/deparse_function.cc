// Calls that have a syntax of their own: EXTRACT, AT TIME ZONE, CURRENT_DATE, …; functions in FROM.
#include "binder/deparser.h"

namespace sundog::binder {

namespace {

std::string ConstantText(const BoundExpression& expression) {
  const auto& constant = expression.As<BoundConstant>();
  return constant.value.is_null() ? "" : std::string(constant.value.As<std::string_view>());
}

bool IsCall(const BoundExpression& expression, std::string_view name) {
  return expression.kind == ExpressionKind::kFunction &&
         expression.As<BoundFunction>().form == CallForm::kSqlSyntax &&
         expression.As<BoundFunction>().proc->name == name;
}

}  // namespace

// CURRENT_DATE and its kin are bound as calls around now().
bool Deparser::SqlValue(const BoundFunction& call) {
  struct Row {
    std::string_view function;  // written, or over now()
    std::string_view text;
    bool over_now;
  };
  static constexpr Row kValues[] = {
      {"now", "CURRENT_TIMESTAMP", false},
      {"date", "CURRENT_DATE", true},
      {"timetz", "CURRENT_TIME", true},
      {"time", "LOCALTIME", true},
      {"timestamp", "LOCALTIMESTAMP", true},
      {"current_user", "CURRENT_USER", false},
      {"session_user", "SESSION_USER", false},
      {"current_database", "CURRENT_CATALOG", false},
      {"current_schema", "CURRENT_SCHEMA", false},
  };
  for (const Row& row : kValues) {
    if (call.proc->name != row.function) continue;
    bool fits = row.over_now ? call.arguments.size() == 1 && IsCall(*call.arguments[0], "now")
                             : call.arguments.empty();
    if (fits) {
      text += row.text;
      return true;
    }
  }
  // With a precision: the length coercion of one of them.
  bool scaled = call.arguments.size() == 2 &&
                call.arguments[0]->kind == ExpressionKind::kFunction &&
                call.arguments[1]->kind == ExpressionKind::kConstant &&
                call.arguments[1]->type.oid == types::oids::kInt4;
  if (!scaled || call.arguments[0]->As<BoundFunction>().form != CallForm::kSqlSyntax) return false;
  if (!SqlValue(call.arguments[0]->As<BoundFunction>())) return false;
  int32_t precision = call.arguments[1]->As<BoundConstant>().value.As<int32_t>();
  text += "(" + std::to_string(precision) + ")";
  return true;
}

bool Deparser::SqlSyntax(const BoundFunction& call) {
  const std::string& name = call.proc->name;
  const BoundExpressions& arguments = call.arguments;
  auto argument = [&](size_t i) { Expression(*arguments[i], false); };
  // Parts: text before each argument, in the order they are written.
  struct Part {
    std::string_view before;
    size_t index;
  };
  auto write = [&](std::initializer_list<Part> parts, std::string_view end) {
    for (const Part& part : parts) {
      if (part.index >= arguments.size()) break;
      text += part.before;
      argument(part.index);
    }
    text += end;
  };
  if (name == "timezone" && arguments.size() == 2) {
    text += "(";
    Paren(*arguments[1], false, call);
    text += " AT TIME ZONE ";
    Paren(*arguments[0], false, call);
    text += ")";
  } else if (name == "overlaps") {
    write({{"((", 0}, {", ", 1}, {") OVERLAPS (", 2}, {", ", 3}}, "))");
  } else if (name == "extract") {
    text += "EXTRACT(" + ConstantText(*arguments[0]) + " FROM ";
    argument(1);
    text += ")";
  } else if (name == "overlay") {
    write({{"OVERLAY(", 0}, {" PLACING ", 1}, {" FROM ", 2}, {" FOR ", 3}}, ")");
  } else if (name == "position") {
    write({{"POSITION((", 1}, {") IN (", 0}}, "))");
  } else if (name == "substring") {
    bool similar = arguments.size() == 3 && arguments[1]->type.oid == types::oids::kText;
    write({{"SUBSTRING(", 0},
           {similar ? " SIMILAR " : " FROM ", 1},
           {similar ? " ESCAPE " : " FOR ", 2}},
          ")");
  } else if (name == "btrim" || name == "ltrim" || name == "rtrim") {
    text += name == "btrim" ? "TRIM(BOTH" : name == "ltrim" ? "TRIM(LEADING" : "TRIM(TRAILING";
    if (arguments.size() == 2) {
      text += " ";
      argument(1);
    }
    text += " FROM ";
    argument(0);
    text += ")";
  } else if (name == "pg_collation_for") {
    write({{"COLLATION FOR (", 0}}, ")");
  } else if (name == "normalize") {
    text += "NORMALIZE(";
    argument(0);
    if (arguments.size() == 2) text += ", " + ConstantText(*arguments[1]);
    text += ")";
  } else if (name == "is_normalized") {
    text += "(";
    Paren(*arguments[0], false, call);
    text += " IS";
    if (arguments.size() == 2) text += " " + ConstantText(*arguments[1]);
    text += " NORMALIZED)";
  } else {
    return false;
  }
  return true;
}

// A function in FROM must look like one.
void Deparser::FunctionCall(const BoundExpression& expression) {
  bool looks = false;
  switch (expression.kind) {
    case ExpressionKind::kFunction: {
      CallForm form = expression.As<BoundFunction>().form;
      looks = form == CallForm::kCall || form == CallForm::kSqlSyntax;
      break;
    }
    case ExpressionKind::kNullIf:
    case ExpressionKind::kCoalesce:
    case ExpressionKind::kMinMax: looks = true; break;
    default: break;
  }
  if (looks) return Expression(expression, true);
  text += "CAST(";
  Expression(expression, false);
  text += " AS " + TypeText(expression.type) + ")";
}

}  // namespace sundog::binder
