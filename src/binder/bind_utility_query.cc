// Utility statements around a query: EXPLAIN, DECLARE, PREPARE, EXECUTE, CREATE TABLE AS.
#include <algorithm>
#include <utility>

#include "binder/bind_expression.h"
#include "binder/bind_select.h"
#include "binder/bind_utility.h"
#include "binder/resolve_type.h"
#include "parser/parse.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

ExplainFormat FormatOf(const DefElem* option) {
  std::string text = OptionText(option);
  if (text == "text") return ExplainFormat::kText;
  if (text == "xml") return ExplainFormat::kXml;
  if (text == "json") return ExplainFormat::kJson;
  if (text == "yaml") return ExplainFormat::kYaml;
  throw SqlError(sqlstate::kInvalidParameterValue,
                 "unrecognized value for EXPLAIN option \"format\": \"" + text + "\"")
      .At(option->location);
}

void SetExplainOption(const DefElem* option, BoundExplain& explain, bool& timing_set,
                      bool& summary_set) {
  struct Row {
    std::string_view name;
    bool BoundExplain::*flag;
  };
  static constexpr Row kFlags[] = {
      {"analyze", &BoundExplain::analyze}, {"verbose", &BoundExplain::verbose},
      {"costs", &BoundExplain::costs},     {"settings", &BoundExplain::settings},
      {"buffers", &BoundExplain::buffers}, {"wal", &BoundExplain::wal},
      {"timing", &BoundExplain::timing},   {"summary", &BoundExplain::summary},
  };
  std::string_view name = option->defname;
  for (const Row& row : kFlags) {
    if (row.name != name) continue;
    explain.*row.flag = OptionFlag(option);
    timing_set = timing_set || name == "timing";
    summary_set = summary_set || name == "summary";
    return;
  }
  if (name == "format") {
    explain.format = FormatOf(option);
    return;
  }
  throw SqlError(sqlstate::kSyntaxError,
                 "unrecognized EXPLAIN option \"" + std::string(name) + "\"")
      .At(option->location);
}

bool HasModifyingCte(const BoundStatement& statement) {
  if (statement.kind != StatementKind::kQuery) return false;
  const BoundQuery& query = *statement.As<BoundQueryStatement>().query;
  return std::any_of(query.ctes.begin(), query.ctes.end(),
                     [](const BoundCte& cte) { return cte.statement != nullptr; });
}

std::string_view LockOf(const BoundStatement& statement) {
  const BoundQuery& query = *statement.As<BoundQueryStatement>().query;
  if (query.locks.empty()) return "";
  switch (query.locks[0].strength) {
    case LockStrength::kKeyShare: return "FOR KEY SHARE";
    case LockStrength::kShare: return "FOR SHARE";
    case LockStrength::kNoKeyUpdate: return "FOR NO KEY UPDATE";
    default: return "FOR UPDATE";
  }
}

}  // namespace

BoundStatementPtr BindExplain(Scope& scope, const parser::RawStatement& raw,
                              const ExplainStmt* node) {
  auto explain = std::make_unique<BoundExplain>();
  bool timing_set = false;
  bool summary_set = false;
  for (const DefElem* option : parser::Each<DefElem>(node->options)) {
    SetExplainOption(option, *explain, timing_set, summary_set);
  }
  auto refuse = [](const char* text) { throw SqlError(sqlstate::kInvalidParameterValue, text); };
  if (explain->wal && !explain->analyze) refuse("EXPLAIN option WAL requires ANALYZE");
  if (!timing_set) explain->timing = explain->analyze;
  if (explain->timing && !explain->analyze) refuse("EXPLAIN option TIMING requires ANALYZE");
  if (!summary_set) explain->summary = explain->analyze;
  explain->statement = BindStatementNode(scope, raw, node->query);
  return explain;
}

void CheckCursorQuery(const parser::RawStatement& declare, const BoundStatement& query) {
  int options = As<DeclareCursorStmt>(declare.tree)->options;
  auto conflict = [&](int a, int b, const char* text) {
    if ((options & a) == 0 || (options & b) == 0) return;
    throw SqlError(sqlstate::kInvalidCursorDefinition, text);
  };
  conflict(CURSOR_OPT_SCROLL, CURSOR_OPT_NO_SCROLL, "cannot specify both SCROLL and NO SCROLL");
  conflict(CURSOR_OPT_ASENSITIVE, CURSOR_OPT_INSENSITIVE,
           "cannot specify both ASENSITIVE and INSENSITIVE");
  if (HasModifyingCte(query)) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "DECLARE CURSOR must not contain data-modifying statements in WITH");
  }
  std::string lock(LockOf(query));
  if (lock.empty()) return;
  if ((options & CURSOR_OPT_HOLD) != 0) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "DECLARE CURSOR WITH HOLD ... " + lock + " is not supported")
        .Detail("Holdable cursors must be READ ONLY.");
  }
  if ((options & CURSOR_OPT_SCROLL) != 0) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "DECLARE SCROLL CURSOR ... " + lock + " is not supported")
        .Detail("Scrollable cursors must be READ ONLY.");
  }
  if ((options & CURSOR_OPT_INSENSITIVE) != 0) {
    throw SqlError(sqlstate::kInvalidCursorDefinition,
                   "DECLARE INSENSITIVE CURSOR ... " + lock + " is not valid")
        .Detail("Insensitive cursors must be READ ONLY.");
  }
}

std::vector<Oid> DeclaredParameterTypes(const parser::RawStatement& prepare,
                                        BindContext& context) {
  BindState state(context, prepare.script_text);
  std::vector<Oid> types;
  for (const ::TypeName* type :
       parser::Each<::TypeName>(As<PrepareStmt>(prepare.tree)->argtypes)) {
    types.push_back(ResolveType(state, type).oid);
  }
  return types;
}

BoundStatementPtr BindExecute(Scope& scope, const ExecuteStmt* node) {
  auto statement = std::make_unique<BoundExecute>();
  statement->name = node->name;
  // EXECUTE by itself is told of them.
  if (!scope.state.context.prepared_types) base::ThrowNotSupported("EXPLAIN EXECUTE");
  const std::vector<SqlType>* types = scope.state.context.prepared_types(statement->name);
  if (types == nullptr) {
    throw SqlError(sqlstate::kInvalidSqlStatementName,
                   "prepared statement \"" + statement->name + "\" does not exist");
  }
  int given = parser::Length(node->params);
  if (given != static_cast<int>(types->size())) {
    throw SqlError(sqlstate::kSyntaxError,
                   "wrong number of parameters for prepared statement \"" + statement->name + "\"")
        .Detail("Expected " + std::to_string(types->size()) + " parameters but got " +
                std::to_string(given) + ".");
  }
  for (int i = 0; i < given; ++i) {
    BoundExpressionPtr value =
        BindExpression(scope, parser::At(node->params, i), ExpressionRole::kExecuteParameter);
    Oid source = value->type.oid;
    SqlType target = (*types)[i];
    if (!CoerceToTarget(scope.state, value, {target.oid, -1}, Coercion::kAssignment,
                        CallForm::kImplicitCast, -1)) {
      throw SqlError(sqlstate::kDatatypeMismatch, "parameter $" + std::to_string(i + 1) +
                                                      " of type " + scope.types().Name(source) +
                                                      " cannot be coerced to the expected type " +
                                                      scope.types().Name(target.oid))
          .Hint("You will need to rewrite or cast the expression.")
          .At(value->location);
    }
    statement->arguments.push_back(std::move(value));
  }
  return statement;
}

namespace {

void DescribeInto(const IntoClause* into, BoundCreateTableAs& statement) {
  statement.schema = parser::TextOrEmpty(into->rel->schemaname);
  statement.table = into->rel->relname;
  statement.persistence = into->rel->relpersistence;
  statement.column_names = NameParts(into->colNames);
  statement.with_data = !into->skipData;
  statement.on_commit = into->onCommit == ONCOMMIT_DROP          ? 'D'
                        : into->onCommit == ONCOMMIT_DELETE_ROWS ? 'd'
                                                                 : 'p';
}

}  // namespace

BoundStatementPtr BindCreateTableAs(Scope& scope, const parser::RawStatement& raw,
                                    const Node* node) {
  auto statement = std::make_unique<BoundCreateTableAs>();
  statement->tree = node;
  if (TagOf(node) == T_CreateTableAsStmt) {
    const auto* create = As<CreateTableAsStmt>(node);
    if (create->objtype == OBJECT_MATVIEW) base::ThrowNotSupported("CREATE MATERIALIZED VIEW");
    if (TagOf(create->query) == T_ExecuteStmt) base::ThrowNotSupported("CREATE TABLE AS EXECUTE");
    DescribeInto(create->into, *statement);
    statement->if_not_exists = create->if_not_exists;
    statement->query = BindStatementNode(scope, raw, create->query);
    return statement;
  }
  // SELECT … INTO: the clause is taken out of the tree while its query is bound.
  statement->is_select_into = true;
  auto* leftmost = const_cast<SelectStmt*>(As<SelectStmt>(node));
  while (leftmost->op != SETOP_NONE) leftmost = leftmost->larg;
  IntoClause* into = std::exchange(leftmost->intoClause, nullptr);
  DescribeInto(into, *statement);
  try {
    statement->query = BindStatementNode(scope, raw, node);
  } catch (const SqlError&) {
    leftmost->intoClause = into;
    throw;
  }
  leftmost->intoClause = into;
  return statement;
}

}  // namespace sundog::binder
