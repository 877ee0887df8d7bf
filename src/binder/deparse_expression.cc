// Bound expressions back to text, as ruleutils' get_rule_expr prints them.
#include <algorithm>

#include "binder/deparser.h"
#include "binder/name_lookup.h"
#include "binder/type_facts.h"
#include "catalog/stored_sql.h"
#include "runtime/stack.h"
#include "types/identifier.h"

namespace sundog::binder {

namespace {

constexpr int kIndentVar = 4;

bool IsImplicit(CallForm form) { return form == CallForm::kImplicitCast; }

bool IsCast(const BoundExpression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kRelabel:
    case ExpressionKind::kCoerceViaIo:
    case ExpressionKind::kArrayCoerce:
    case ExpressionKind::kRowCoerce:
    case ExpressionKind::kDomainCheck: return true;
    default: return false;
  }
}

bool IsCollate(const BoundExpression& expression) {
  return expression.kind == ExpressionKind::kRelabel && expression.collation != kInvalidOid;
}

bool IsOperator(const BoundExpression& expression) {
  return expression.kind == ExpressionKind::kFunction &&
         expression.As<BoundFunction>().operator_oid != kInvalidOid;
}

// The name of a binary operator of one character.
char SimpleOperator(const catalog::Catalog& catalog, const BoundExpression& expression) {
  if (!IsOperator(expression)) return '\0';
  const auto& call = expression.As<BoundFunction>();
  const functions::OperatorInfo* op = catalog.FindOperator(call.operator_oid);
  bool simple = op != nullptr && call.arguments.size() == 2 && op->name.size() == 1;
  return simple ? op->name[0] : '\0';
}

// Kinds that a child of a cast or operator must be put in parentheses for, unless the parent's own
// syntax delimits it.
bool ParentDelimits(const BoundExpression& parent) {
  switch (parent.kind) {
    case ExpressionKind::kFunction:
      return !IsOperator(parent) && parent.As<BoundFunction>().form == CallForm::kCall;
    case ExpressionKind::kSubscript:
    case ExpressionKind::kArray:
    case ExpressionKind::kRow:
    case ExpressionKind::kCoalesce:
    case ExpressionKind::kMinMax:
    case ExpressionKind::kNullIf:
    case ExpressionKind::kAggregate:
    case ExpressionKind::kGrouping:
    case ExpressionKind::kWindow:
    case ExpressionKind::kCase: return true;
    default: return false;
  }
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace

bool Deparser::IsSimple(const BoundExpression& expression, const BoundExpression& parent) const {
  switch (expression.kind) {
    case ExpressionKind::kFieldSelect: return parent.kind != ExpressionKind::kFieldSelect;
    case ExpressionKind::kFunction: break;
    case ExpressionKind::kSubquery:
    case ExpressionKind::kNullTest:
    case ExpressionKind::kBooleanTest:
      return parent.kind == ExpressionKind::kBoolean || ParentDelimits(parent);
    case ExpressionKind::kDistinctTest:
      return !expression.As<BoundDistinctTest>().negated &&
             (parent.kind == ExpressionKind::kBoolean || ParentDelimits(parent));
    case ExpressionKind::kBoolean: {
      if (parent.kind != ExpressionKind::kBoolean) return ParentDelimits(parent);
      BooleanOperator op = expression.As<BoundBoolean>().op;
      BooleanOperator outer = parent.As<BoundBoolean>().op;
      if (op == BooleanOperator::kOr) return outer == BooleanOperator::kOr;
      return outer != BooleanOperator::kNot;
    }
    case ExpressionKind::kScalarArray:
    case ExpressionKind::kRowCompare:
    case ExpressionKind::kSubscriptAssign: return false;
    default:
      if (IsCollate(expression)) return false;
      if (IsCast(expression)) {
        return IsSimple(*expression.As<BoundConversion>().argument, expression);
      }
      return true;
  }
  if (!IsOperator(expression)) return true;
  if (!IsOperator(parent)) {
    return parent.kind == ExpressionKind::kBoolean || ParentDelimits(parent);
  }
  char op = SimpleOperator(*options_.catalog, expression);
  char outer = SimpleOperator(*options_.catalog, parent);
  auto in = [](char c, std::string_view set) { return c != '\0' && set.find(c) != set.npos; };
  if (!in(op, "+-*/%") || !in(outer, "+-*/%")) return false;
  bool high = in(op, "*/%");
  bool outer_high = in(outer, "*/%");
  if (high != outer_high) return high;
  return parent.As<BoundFunction>().arguments[0].get() == &expression;
}

void Deparser::Open() {
  if (!options_.pretty_parentheses) text += "(";
}

void Deparser::Close() {
  if (!options_.pretty_parentheses) text += ")";
}

void Deparser::Paren(const BoundExpression& expression, bool show_implicit,
                     const BoundExpression& parent) {
  bool needed = options_.pretty_parentheses && !IsSimple(expression, parent);
  if (needed) text += "(";
  Expression(expression, show_implicit);
  if (needed) text += ")";
}

void Deparser::TopLevel(const BoundExpression& expression, bool show_implicit) {
  if (expression.kind == ExpressionKind::kRow && expression.As<BoundRow>().whole_row_of >= 0) {
    return WholeRow(expression.As<BoundRow>(), true);
  }
  Expression(expression, show_implicit);
}

void Deparser::List(const BoundExpressions& expressions, bool show_implicit) {
  bool first = true;
  for (const BoundExpressionPtr& one : expressions) {
    if (!first) text += ", ";
    first = false;
    Expression(*one, show_implicit);
  }
}

void Deparser::Parameter(const BoundParameter& parameter) {
  auto index = static_cast<size_t>(parameter.index);
  bool named = index < options_.parameter_names.size() && !options_.parameter_names[index].empty();
  if (!named) {
    text += "$" + std::to_string(index + 1);
    return;
  }
  // Where there are columns, one of them could be called the same.
  if (!relations_.empty()) text += types::QuoteIdentifier(options_.parameter_qualifier) + ".";
  text += types::QuoteIdentifier(options_.parameter_names[index]);
}

void Deparser::Expression(const BoundExpression& expression, bool show_implicit) {
  runtime::CheckStackDepth();
  switch (expression.kind) {
    case ExpressionKind::kConstant: return Constant(expression.As<BoundConstant>(), 0);
    case ExpressionKind::kParameter: return Parameter(expression.As<BoundParameter>());
    case ExpressionKind::kColumn: Column(expression.As<BoundColumn>()); return;
    case ExpressionKind::kFunction:
      if (IsOperator(expression)) return Operator(expression.As<BoundFunction>());
      return Function(expression.As<BoundFunction>(), show_implicit);
    case ExpressionKind::kAggregate: return Aggregate(expression.As<BoundAggregate>());
    case ExpressionKind::kWindow: return Window(expression.As<BoundWindow>());
    case ExpressionKind::kSubquery: return Subquery(expression.As<BoundSubquery>());
    case ExpressionKind::kBoolean: return Boolean(expression.As<BoundBoolean>());
    case ExpressionKind::kCase: return Case(expression.As<BoundCase>());
    case ExpressionKind::kScalarArray: return ScalarArray(expression.As<BoundScalarArray>());
    case ExpressionKind::kArray: return Array(expression.As<BoundArray>());
    case ExpressionKind::kRow: return Row(expression.As<BoundRow>(), show_implicit);
    case ExpressionKind::kRowCompare: return RowCompare(expression.As<BoundRowCompare>());
    case ExpressionKind::kFieldSelect: return Field(expression.As<BoundFieldSelect>());
    case ExpressionKind::kSubscript:
      return Subscript(expression.As<BoundSubscript>(), show_implicit);
    case ExpressionKind::kDomainValue: text += "VALUE"; return;
    case ExpressionKind::kCoalesce:
      text += "COALESCE(";
      List(expression.As<BoundCoalesce>().arguments, true);
      text += ")";
      return;
    case ExpressionKind::kMinMax:
      text += expression.As<BoundMinMax>().greatest ? "GREATEST(" : "LEAST(";
      List(expression.As<BoundMinMax>().arguments, true);
      text += ")";
      return;
    case ExpressionKind::kNullIf:
      text += "NULLIF(";
      List(expression.As<BoundNullIf>().equality->arguments, true);
      text += ")";
      return;
    case ExpressionKind::kGrouping: {
      text += "GROUPING(";
      bool first = true;
      for (int index : expression.As<BoundGrouping>().group_indexes) {
        if (!first) text += ", ";
        first = false;
        Expression(*query_->group_by[index], true);
      }
      text += ")";
      return;
    }
    case ExpressionKind::kNullTest:
    case ExpressionKind::kBooleanTest:
    case ExpressionKind::kDistinctTest: return Test(expression);
    case ExpressionKind::kInputSlot:
    case ExpressionKind::kOuterSlot:
    case ExpressionKind::kSubplan:
      text += options_.plan_leaf ? options_.plan_leaf(expression) : "?";
      return;
    default:
      if (IsCast(expression)) {
        return Conversion(expression.As<BoundConversion>(), show_implicit);
      }
      text += "?";
  }
}

// --- columns, constants ---

// Writes it; returns the bare name as a reader sees it.
std::string Deparser::Column(const BoundColumn& column) {
  auto at = relations_.find(column.relation);
  if (at == relations_.end()) {
    text += "?column?";
    return "?column?";
  }
  const RelationNames& names = at->second;
  bool self = options_.table != nullptr && column.relation == options_.relation;
  // In a policy's subquery its own table has a prefix, which follows the table's name.
  if (prefix_) {
    text += self && options_.marks ? catalog::RelationMark(options_.table->oid) : names.qualifier;
    text += ".";
  }
  if (column.ordinal < 0) {
    for (const char* name : {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"}) {
      if (FindSystemColumn(name)->attnum != column.ordinal) continue;
      text += name;
      return name;
    }
  }
  text += names.columns[column.ordinal];
  if (options_.marks && (self || names.table >= types::kFirstUserOid)) {
    Refer(catalog::classes::kClass, self ? 0 : names.table, column.ordinal + 1);
  }
  return names.plain[column.ordinal];
}

void Deparser::WholeRow(const BoundRow& row, bool top_level) {
  auto at = relations_.find(row.whole_row_of);
  text += (at == relations_.end() ? "?" : at->second.qualifier) + ".*";
  if (top_level) text += "::" + TypeText(row.type);
}

void Deparser::Row(const BoundRow& row, bool show_implicit) {
  if (row.whole_row_of >= 0) return WholeRow(row, false);
  static_cast<void>(show_implicit);
  text += "ROW(";
  bool first = true;
  for (const BoundExpressionPtr& field : row.fields) {
    if (!first) text += ", ";
    first = false;
    TopLevel(*field, true);
  }
  text += ")";
}

void Deparser::ConstantValue(const BoundConstant& constant, bool& needs_label) {
  if (constant.type.oid == types::oids::kRegclass) {
    Oid relation = constant.value.As<uint32_t>();
    if (options_.catalog->FindRelation(relation) != nullptr) {
      if (options_.marks && relation >= types::kFirstUserOid) {
        Refer(catalog::classes::kClass, relation);
        text += "'" + catalog::QuotedRelationMark(relation) + "'";
      } else {
        text += Quoted(RelationText(relation));
      }
      return;
    }
  }
  std::string value;
  if (options_.marks && constant.type.oid >= types::kFirstUserOid) {
    if (catalog::HasEnumLabels(*options_.catalog, constant.type.oid)) {
      needs_label = true;
      text += catalog::ValueMark(options_.catalog->GetType(constant.type.oid), constant.value);
      return;
    }
  }
  if (constant.type.oid == types::oids::kUnknown) {
    value = constant.value.As<std::string_view>();
  } else {
    types::OutputText(options_.io, options_.catalog->GetType(constant.type.oid), constant.value,
                      value);
  }
  switch (constant.type.oid) {
    case types::oids::kInt4:
      if (value[0] == '-') {
        text += "'" + value + "'";
        needs_label = true;
      } else {
        text += value;
      }
      return;
    case types::oids::kNumeric:
      if (value[0] >= '0' && value[0] <= '9' &&
          value.find_first_of("eE.") != std::string::npos) {
        text += value;
      } else {
        text += "'" + value + "'";
        needs_label = true;
      }
      return;
    case types::oids::kBool: text += value == "t" ? "true" : "false"; return;
    default: text += Quoted(value);
  }
}

// `show_type`: -1 never, 0 where the text alone would be read as another type, 1 always.
void Deparser::Constant(const BoundConstant& constant, int show_type) {
  if (constant.value.is_null()) {
    text += "NULL";
    if (show_type >= 0) text += "::" + TypeText(constant.type);
    return;
  }
  bool needs_label = false;
  ConstantValue(constant, needs_label);
  if (show_type < 0) return;
  switch (constant.type.oid) {
    case types::oids::kBool:
    case types::oids::kUnknown: needs_label = false; break;
    case types::oids::kInt4: break;
    case types::oids::kNumeric: needs_label = needs_label || constant.type.typmod >= 0; break;
    default: needs_label = true;
  }
  if (needs_label || show_type > 0) text += "::" + TypeText(constant.type);
}

// --- casts ---

void Deparser::Coercion(const BoundExpression& argument, SqlType type,
                        const BoundExpression& parent) {
  bool literal = argument.kind == ExpressionKind::kConstant && argument.type.oid == type.oid &&
                 argument.type.typmod == -1;
  if (literal) {
    Constant(argument.As<BoundConstant>(), -1);
  } else {
    Open();
    Paren(argument, false, parent);
    Close();
  }
  text += "::" + TypeText(type);
}

void Deparser::Conversion(const BoundConversion& conversion, bool show_implicit) {
  if (IsCollate(conversion)) {
    Open();
    Paren(*conversion.argument, show_implicit, conversion);
    struct Row {
      Oid oid;
      std::string_view name;
    };
    static constexpr Row kNames[] = {{100, "\"default\""}, {950, "\"C\""}, {951, "\"POSIX\""},
                                     {12340, "ucs_basic"}, {12341, "\"C.utf8\""}};
    for (const Row& row : kNames) {
      if (row.oid == conversion.collation) text += " COLLATE " + std::string(row.name);
    }
    Close();
    return;
  }
  if (IsImplicit(conversion.form) && !show_implicit) {
    if (conversion.kind == ExpressionKind::kDomainCheck) {
      return Expression(*conversion.argument, false);
    }
    return Paren(*conversion.argument, false, conversion);
  }
  bool no_typmod = conversion.kind == ExpressionKind::kCoerceViaIo;
  SqlType type{conversion.type.oid, no_typmod ? -1 : conversion.type.typmod};
  // ROW(…)::type
  if (conversion.kind == ExpressionKind::kRelabel &&
      conversion.argument->kind == ExpressionKind::kRow &&
      conversion.argument->type.oid == conversion.type.oid &&
      conversion.argument->As<BoundRow>().whole_row_of < 0) {
    Expression(*conversion.argument, show_implicit);
    text += "::" + TypeText(type);
    return;
  }
  Coercion(*conversion.argument, type, conversion);
}

// --- operators and calls ---

void Deparser::Operator(const BoundFunction& call) {
  Open();
  if (call.arguments.size() == 2) {
    Paren(*call.arguments[0], true, call);
    text += " " + OperatorText(call.operator_oid) + " ";
    Paren(*call.arguments[1], true, call);
  } else {
    text += OperatorText(call.operator_oid) + " ";
    Paren(*call.arguments[0], true, call);
  }
  Close();
}

void Deparser::Function(const BoundFunction& call, bool show_implicit) {
  if (IsImplicit(call.form) && !show_implicit) return Paren(*call.arguments[0], false, call);
  if (IsImplicit(call.form) || call.form == CallForm::kExplicitCast) {
    return Coercion(*call.arguments[0], call.type, call);
  }
  if (call.form == CallForm::kSqlSyntax && (SqlValue(call) || SqlSyntax(call))) return;
  text += FunctionText(*call.proc) + "(";
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (i > 0) text += ", ";
    if (call.variadic && i + 1 == call.arguments.size()) text += "VARIADIC ";
    Expression(*call.arguments[i], true);
  }
  text += ")";
}

void Deparser::Aggregate(const BoundAggregate& aggregate) {
  text += FunctionText(*aggregate.proc) + "(" + (aggregate.distinct ? "DISTINCT " : "");
  const functions::AggregateInfo* info = options_.catalog->FindAggregate(aggregate.proc->oid);
  if (info != nullptr && info->kind != 'n') {
    List(aggregate.direct_arguments, true);
    text += ") WITHIN GROUP (ORDER BY ";
    SortKeys(aggregate.order_by);
  } else {
    if (aggregate.star) text += "*";
    List(aggregate.arguments, true);
    if (!aggregate.order_by.empty()) {
      text += " ORDER BY ";
      SortKeys(aggregate.order_by);
    }
  }
  if (aggregate.filter != nullptr) {
    text += ") FILTER (WHERE ";
    Expression(*aggregate.filter, false);
  }
  text += ")";
}

void Deparser::Window(const BoundWindow& window) {
  text += FunctionText(*window.proc) + "(";
  if (window.star) text += "*";
  List(window.arguments, true);
  if (window.filter != nullptr) {
    text += ") FILTER (WHERE ";
    Expression(*window.filter, false);
  }
  text += ") OVER ";
  if (!window.window.name.empty()) {
    text += types::QuoteIdentifier(window.window.name);
  } else {
    WindowSpec(window.window);
  }
}

void Deparser::SortExpression(const BoundExpression& expression) {
  if (expression.kind == ExpressionKind::kConstant) {
    return Constant(expression.As<BoundConstant>(), 1);
  }
  bool column = expression.kind == ExpressionKind::kColumn;
  bool call = expression.kind == ExpressionKind::kAggregate ||
              expression.kind == ExpressionKind::kWindow ||
              (expression.kind == ExpressionKind::kFunction && !IsOperator(expression));
  bool needed = !column && (options_.pretty_parentheses || call);
  if (needed) text += "(";
  Expression(expression, true);
  if (needed) text += ")";
}

void Deparser::SortSuffix(bool descending, bool nulls_first, Oid sort_operator) {
  if (sort_operator != kInvalidOid) {
    text += " USING " + OperatorText(sort_operator) +
            (nulls_first ? " NULLS FIRST" : " NULLS LAST");
    return;
  }
  if (descending) text += " DESC";
  if (nulls_first != descending) text += nulls_first ? " NULLS FIRST" : " NULLS LAST";
}

void Deparser::SortKeys(const std::vector<BoundSortKey>& keys) {
  bool first = true;
  for (const BoundSortKey& key : keys) {
    if (!first) text += ", ";
    first = false;
    SortExpression(*key.expression);
    SortSuffix(key.descending, key.nulls_first, key.sort_operator);
  }
}

// --- conditionals and tests ---

void Deparser::Case(const BoundCase& expression) {
  auto space = [&] {
    if (!options_.pretty_indent) text += " ";
  };
  Keyword("CASE", 0, kIndentVar, 0);
  if (expression.operand != nullptr) {
    text += " ";
    Expression(*expression.operand, true);
  }
  for (const BoundCase::Branch& branch : expression.branches) {
    space();
    Keyword("WHEN ", 0, 0, 0);
    const BoundExpression* condition = branch.condition.get();
    if (expression.operand != nullptr && IsOperator(*condition)) {
      condition = condition->As<BoundFunction>().arguments.back().get();
    }
    Expression(*condition, false);
    text += " THEN ";
    Expression(*branch.result, true);
  }
  space();
  Keyword("ELSE ", 0, 0, 0);
  if (expression.otherwise != nullptr) {
    Expression(*expression.otherwise, true);
  } else {
    text += "NULL::" + TypeText({expression.type.oid, -1});
  }
  space();
  Keyword("END", -kIndentVar, 0, 0);
}

void Deparser::Boolean(const BoundBoolean& expression) {
  Open();
  if (expression.op == BooleanOperator::kNot) {
    text += "NOT ";
    Paren(*expression.arguments[0], false, expression);
  } else {
    bool first = true;
    for (const BoundExpressionPtr& argument : expression.arguments) {
      if (!first) text += expression.op == BooleanOperator::kAnd ? " AND " : " OR ";
      first = false;
      Paren(*argument, false, expression);
    }
  }
  Close();
}

void Deparser::Test(const BoundExpression& expression) {
  Open();
  if (expression.kind == ExpressionKind::kNullTest) {
    const auto& test = expression.As<BoundNullTest>();
    Paren(*test.argument, true, expression);
    static const catalog::SearchPath kNoPath;
    TypeFacts facts(*options_.catalog, kNoPath);
    bool plain = test.of_row || !facts.IsRow(test.argument->type.oid);
    if (plain) {
      text += test.negated ? " IS NOT NULL" : " IS NULL";
    } else {
      text += test.negated ? " IS DISTINCT FROM NULL" : " IS NOT DISTINCT FROM NULL";
    }
  } else if (expression.kind == ExpressionKind::kBooleanTest) {
    static constexpr const char* kTests[] = {" IS TRUE",      " IS NOT TRUE", " IS FALSE",
                                             " IS NOT FALSE", " IS UNKNOWN",  " IS NOT UNKNOWN"};
    const auto& test = expression.As<BoundBooleanTest>();
    Paren(*test.argument, false, expression);
    text += kTests[static_cast<int>(test.test)];
  } else {
    const auto& test = expression.As<BoundDistinctTest>();
    if (test.negated) {
      text += options_.pretty_parentheses ? "NOT " : "NOT (";
    }
    Paren(*test.equality->arguments[0], true, expression);
    text += " IS DISTINCT FROM ";
    Paren(*test.equality->arguments[1], true, expression);
    if (test.negated) Close();
  }
  Close();
}

void Deparser::ScalarArray(const BoundScalarArray& expression) {
  const BoundFunction& comparison = *expression.comparison;
  Open();
  Paren(*comparison.arguments[0], true, expression);
  text += " " + OperatorText(comparison.operator_oid) + (expression.any ? " ANY (" : " ALL (");
  const BoundExpression& array = *comparison.arguments[1];
  Paren(array, true, expression);
  if (array.kind == ExpressionKind::kSubquery) text += "::" + TypeText(array.type);
  text += ")";
  Close();
}

void Deparser::RowCompare(const BoundRowCompare& expression) {
  text += "(ROW(";
  for (size_t side = 0; side < 2; ++side) {
    if (side == 1) text += ") " + expression.op + " ROW(";
    bool first = true;
    for (const auto& pair : expression.less) {
      if (!first) text += ", ";
      first = false;
      TopLevel(*pair->arguments[side], true);
    }
  }
  text += "))";
}

// --- containers ---

void Deparser::Array(const BoundArray& array) {
  text += "ARRAY[";
  List(array.elements, true);
  text += "]";
  if (array.elements.empty()) text += "::" + TypeText({array.type.oid, -1});
}

void Deparser::Subscript(const BoundSubscript& subscript, bool show_implicit) {
  bool plain = subscript.container->kind == ExpressionKind::kColumn ||
               subscript.container->kind == ExpressionKind::kFieldSelect;
  if (!plain) text += "(";
  Expression(*subscript.container, show_implicit);
  if (!plain) text += ")";
  for (const BoundSubscriptIndex& index : subscript.indexes) {
    text += "[";
    if (index.lower != nullptr) Expression(*index.lower, false);
    if (subscript.is_slice) text += ":";
    if (index.upper != nullptr) Expression(*index.upper, false);
    text += "]";
  }
}

std::string FieldName(const BoundFieldSelect& field) { return field.name; }

void Deparser::Field(const BoundFieldSelect& field) {
  bool plain = field.argument->kind == ExpressionKind::kSubscript ||
               field.argument->kind == ExpressionKind::kFieldSelect;
  if (!plain) text += "(";
  Expression(*field.argument, true);
  if (!plain) text += ")";
  text += "." + types::QuoteIdentifier(FieldName(field));
}

void Deparser::Subquery(const BoundSubquery& subquery) {
  text += subquery.subquery == SubqueryKind::kArray ? "ARRAY(" : "(";
  bool tested = !subquery.comparisons.empty();
  if (tested) {
    bool several = subquery.comparisons.size() > 1;
    if (several) text += "(";
    bool first = true;
    for (const BoundExpressionPtr& comparison : subquery.comparisons) {
      if (!first) text += ", ";
      first = false;
      Expression(*comparison->As<BoundFunction>().arguments[0], true);
    }
    if (several) text += ")";
  }
  bool wrapped = true;
  switch (subquery.subquery) {
    case SubqueryKind::kExists: text += "EXISTS "; break;
    case SubqueryKind::kAny:
      text += subquery.operator_name == "=" ? " IN " : " " + subquery.operator_name + " ANY ";
      break;
    case SubqueryKind::kAll: text += " " + subquery.operator_name + " ALL "; break;
    case SubqueryKind::kRow: text += " " + subquery.operator_name + " "; break;
    default: wrapped = false;
  }
  if (wrapped) text += "(";
  Query(*subquery.query, nullptr, false);
  text += wrapped ? "))" : ")";
}

}  // namespace sundog::binder
