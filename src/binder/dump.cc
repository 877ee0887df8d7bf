#include "binder/dump.h"

#include <map>

#include "binder/bound_utility.h"
#include "catalog/table_descriptor.h"
#include "catalog/virtual_table.h"
#include "types/io_settings.h"
#include "types/type_info.h"

namespace sundog::binder {

namespace {

std::string TypeText(SqlType type) {
  const types::TypeInfo* info = types::BuiltinTypes::Get().FindType(type.oid);
  std::string text = info != nullptr ? info->name : "#" + std::to_string(type.oid);
  if (type.typmod >= 0) text += "(" + std::to_string(type.typmod) + ")";
  return text;
}

class Dumper {
 public:
  std::string text;
  bool names = true;

  void Query(const BoundQuery& query, int indent);
  void Expression(const BoundExpression& expression);
  void Statement(const BoundStatement& statement);

 private:
  void Line(int indent) { text += "\n" + std::string(indent * 2, ' '); }
  int Relation(RelationId relation) {
    return relations_.try_emplace(relation, static_cast<int>(relations_.size())).first->second;
  }
  void List(const BoundExpressions& expressions) {
    for (const BoundExpressionPtr& one : expressions) {
      text += " ";
      Maybe(one);
    }
  }
  void Maybe(const BoundExpressionPtr& expression) {
    if (expression == nullptr) {
      text += "-";
    } else {
      Expression(*expression);
    }
  }
  void Open(std::string_view name, const BoundExpression& expression) {
    text += "(" + std::string(name) + ":" + TypeText(expression.type);
  }
  void SortKeys(const std::vector<BoundSortKey>& keys);
  void Targets(const std::vector<BoundTarget>& targets, int indent);
  void Constant(const BoundConstant& constant);
  void Aggregate(const BoundAggregate& aggregate);
  void Window(const BoundWindow& window);
  void Subquery(const BoundSubquery& subquery);
  void Conversion(const BoundConversion& conversion, std::string_view name);
  void Subscripts(const std::vector<BoundSubscriptIndex>& indexes, bool slice);
  bool Simple(const BoundExpression& expression);
  void Composite(const BoundExpression& expression);
  void Ref(const BoundTableRef& ref, int indent);
  void Ctes(const std::vector<BoundCte>& ctes, int indent);
  void Modify(const BoundModify& modify, int indent);
  void Assignments(const std::vector<BoundAssignment>& assignments, int indent);
  void Field(std::string_view name, const BoundExpressionPtr& expression, int indent);

  std::map<RelationId, int> relations_;
};

void Dumper::Constant(const BoundConstant& constant) {
  Open("const", constant);
  if (constant.value.is_null()) {
    text += " null)";
    return;
  }
  types::IoContext io;
  io.types = &types::BuiltinTypes::Get();
  const types::TypeInfo* info = io.types->FindType(constant.type.oid);
  std::string value;
  if (constant.type.oid == types::oids::kUnknown) {
    value = constant.value.As<std::string_view>();
  } else if (info != nullptr && info->ops->output != nullptr) {
    static const types::IoSettings settings;
    io.settings = &settings;
    types::OutputText(io, *info, constant.value, value);
  } else {
    value = "?";
  }
  text += " '" + value + "')";
}

void Dumper::SortKeys(const std::vector<BoundSortKey>& keys) {
  for (const BoundSortKey& key : keys) {
    text += key.descending ? " desc " : " asc ";
    if (key.nulls_first != key.descending) text += key.nulls_first ? "nf " : "nl ";
    Expression(*key.expression);
  }
}

void Dumper::Aggregate(const BoundAggregate& aggregate) {
  Open("agg " + aggregate.proc->name, aggregate);
  if (aggregate.level > 0) text += " level=" + std::to_string(aggregate.level);
  if (aggregate.distinct) text += " distinct";
  if (aggregate.star) text += " *";
  List(aggregate.direct_arguments);
  List(aggregate.arguments);
  if (!aggregate.order_by.empty()) {
    text += " order";
    SortKeys(aggregate.order_by);
  }
  if (aggregate.filter != nullptr) {
    text += " filter ";
    Expression(*aggregate.filter);
  }
  text += ")";
}

void Dumper::Window(const BoundWindow& window) {
  Open("window " + window.proc->name, window);
  if (window.star) text += " *";
  List(window.arguments);
  const BoundWindowSpec& spec = window.window;
  text += " partition";
  List(spec.partition_by);
  text += " order";
  SortKeys(spec.order_by);
  text += " frame " + std::to_string(static_cast<int>(spec.mode)) +
          std::to_string(static_cast<int>(spec.start)) +
          std::to_string(static_cast<int>(spec.end)) +
          std::to_string(static_cast<int>(spec.exclusion));
  for (const BoundExpressionPtr* offset : {&spec.start_offset, &spec.end_offset}) {
    if (*offset == nullptr) continue;
    text += " ";
    Expression(**offset);
  }
  if (window.filter != nullptr) {
    text += " filter ";
    Expression(*window.filter);
  }
  text += ")";
}

void Dumper::Subquery(const BoundSubquery& subquery) {
  static constexpr const char* kNames[] = {"scalar", "exists", "any",  "all",
                                           "array",  "row",    "multi"};
  Open(std::string("subquery ") + kNames[static_cast<int>(subquery.subquery)], subquery);
  if (!subquery.operator_name.empty()) text += " " + subquery.operator_name;
  List(subquery.comparisons);
  Query(*subquery.query, 2);
  text += ")";
}

void Dumper::Conversion(const BoundConversion& conversion, std::string_view name) {
  Open(name, conversion);
  if (conversion.collation != 0) text += " collate " + std::to_string(conversion.collation);
  text += " ";
  Expression(*conversion.argument);
  if (conversion.element != nullptr) {
    text += " each ";
    Expression(*conversion.element);
  }
  if (conversion.not_null) text += " not-null";
  for (const auto& check : conversion.checks) {
    text += " check " + check.constraint + " ";
    Expression(*check.condition);
  }
  text += ")";
}

void Dumper::Subscripts(const std::vector<BoundSubscriptIndex>& indexes, bool slice) {
  for (const BoundSubscriptIndex& index : indexes) {
    text += " [";
    if (index.lower != nullptr) Expression(*index.lower);
    if (slice) text += ":";
    if (index.upper != nullptr) Expression(*index.upper);
    text += "]";
  }
}

// Kinds with a line of their own; false if it is none of them.
bool Dumper::Simple(const BoundExpression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kConstant: Constant(expression.As<BoundConstant>()); return true;
    case ExpressionKind::kParameter:
      text += "$" + std::to_string(expression.As<BoundParameter>().index + 1) + ":" +
              TypeText(expression.type);
      return true;
    case ExpressionKind::kColumn: {
      const auto& column = expression.As<BoundColumn>();
      text += "r" + std::to_string(Relation(column.relation)) + "." +
              std::to_string(column.ordinal) + ":" + TypeText(expression.type);
      return true;
    }
    case ExpressionKind::kAggregate: Aggregate(expression.As<BoundAggregate>()); return true;
    case ExpressionKind::kWindow: Window(expression.As<BoundWindow>()); return true;
    case ExpressionKind::kSubquery: Subquery(expression.As<BoundSubquery>()); return true;
    case ExpressionKind::kRelabel:
      Conversion(expression.As<BoundConversion>(), "relabel");
      return true;
    case ExpressionKind::kCoerceViaIo:
      Conversion(expression.As<BoundConversion>(), "via-io");
      return true;
    case ExpressionKind::kArrayCoerce:
      Conversion(expression.As<BoundConversion>(), "array-coerce");
      return true;
    case ExpressionKind::kRowCoerce:
      Conversion(expression.As<BoundConversion>(), "row-coerce");
      return true;
    case ExpressionKind::kDomainCheck:
      Conversion(expression.As<BoundConversion>(), "domain");
      return true;
    case ExpressionKind::kCaseValue: text += "case-value:" + TypeText(expression.type); return true;
    case ExpressionKind::kDomainValue: text += "value:" + TypeText(expression.type); return true;
    default: return false;
  }
}

// The kinds whose children say all.
std::string NodeName(const BoundExpression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kFunction: {
      const auto& call = expression.As<BoundFunction>();
      std::string name = call.proc->name;
      if (call.operator_oid != 0) name += "#" + std::to_string(call.operator_oid);
      if (call.variadic) name += " variadic";
      return name;
    }
    case ExpressionKind::kGrouping: {
      std::string name = "grouping";
      for (int index : expression.As<BoundGrouping>().group_indexes) {
        name += " " + std::to_string(index);
      }
      return name;
    }
    case ExpressionKind::kBoolean: {
      static constexpr const char* kNames[] = {"and", "or", "not"};
      return kNames[static_cast<int>(expression.As<BoundBoolean>().op)];
    }
    case ExpressionKind::kCase: return "case";
    case ExpressionKind::kCoalesce: return "coalesce";
    case ExpressionKind::kMinMax:
      return expression.As<BoundMinMax>().greatest ? "greatest" : "least";
    case ExpressionKind::kNullIf: return "nullif";
    case ExpressionKind::kNullTest: {
      const auto& test = expression.As<BoundNullTest>();
      return std::string(test.negated ? "not-null" : "is-null") + (test.of_row ? " row" : "");
    }
    case ExpressionKind::kBooleanTest:
      return "is-" + std::to_string(static_cast<int>(expression.As<BoundBooleanTest>().test));
    case ExpressionKind::kDistinctTest:
      return expression.As<BoundDistinctTest>().negated ? "not-distinct" : "distinct";
    case ExpressionKind::kScalarArray:
      return expression.As<BoundScalarArray>().any ? "any-of" : "all-of";
    case ExpressionKind::kArray: return expression.As<BoundArray>().nested ? "arrays" : "array";
    case ExpressionKind::kRow: {
      std::string name = "row";
      for (const std::string& field : expression.As<BoundRow>().names) name += " " + field;
      return name;
    }
    case ExpressionKind::kRowCompare: return "compare-rows " + expression.As<BoundRowCompare>().op;
    case ExpressionKind::kFieldSelect: return "field " + expression.As<BoundFieldSelect>().name;
    default: return "?";
  }
}

void Dumper::Composite(const BoundExpression& expression) {
  if (expression.kind == ExpressionKind::kSubscript) {
    const auto& subscript = expression.As<BoundSubscript>();
    Open("subscript", expression);
    text += " ";
    Maybe(subscript.container);
    Subscripts(subscript.indexes, subscript.is_slice);
    text += ")";
    return;
  }
  if (expression.kind == ExpressionKind::kSubscriptAssign) {
    const auto& assign = expression.As<BoundSubscriptAssign>();
    Open("assign", expression);
    if (assign.field_index >= 0) text += " field " + std::to_string(assign.field_index);
    text += " ";
    Maybe(assign.container);
    Subscripts(assign.indexes, assign.is_slice);
    text += " := ";
    Expression(*assign.value);
    text += ")";
    return;
  }
  Open(NodeName(expression), expression);
  ForEachChild(const_cast<BoundExpression&>(expression), [&](BoundExpressionPtr& child) {
    text += " ";
    Maybe(child);
  });
  text += ")";
}

void Dumper::Expression(const BoundExpression& expression) {
  if (!Simple(expression)) Composite(expression);
}

void Dumper::Targets(const std::vector<BoundTarget>& targets, int indent) {
  for (const BoundTarget& target : targets) {
    Line(indent);
    text += "target ";
    if (names) text += target.name + " ";
    Expression(*target.expression);
  }
}

void Dumper::Field(std::string_view name, const BoundExpressionPtr& expression, int indent) {
  if (expression == nullptr) return;
  Line(indent);
  text += std::string(name) + " ";
  Expression(*expression);
}

void Dumper::Ref(const BoundTableRef& ref, int indent) {
  static constexpr const char* kNames[] = {"table",  "system", "subquery", "function",
                                           "values", "cte",    "join"};
  Line(indent);
  text += std::string("from ") + kNames[static_cast<int>(ref.kind)];
  if (ref.relation >= 0) text += " r" + std::to_string(Relation(ref.relation));
  if (names && !ref.alias.empty()) text += " " + ref.alias;
  switch (ref.kind) {
    case TableRefKind::kTable: text += " = " + ref.As<BoundBaseTable>().table->name; return;
    case TableRefKind::kVirtual: text += " = " + ref.As<BoundVirtualTable>().table->name(); return;
    case TableRefKind::kSubquery: Query(*ref.As<BoundSubqueryRef>().query, indent + 1); return;
    case TableRefKind::kFunction:
      for (const auto& call : ref.As<BoundFunctionRef>().calls) {
        Line(indent + 1);
        Expression(*call.call);
        for (const auto& column : call.columns) {
          text += " " + column.name + ":" + TypeText(column.type);
        }
      }
      return;
    case TableRefKind::kValues:
      for (const BoundExpressions& row : ref.As<BoundValues>().rows) {
        Line(indent + 1);
        text += "row";
        List(row);
      }
      return;
    case TableRefKind::kCte: text += " #" + std::to_string(ref.As<BoundCteRef>().cte_id); return;
    case TableRefKind::kJoin: {
      static constexpr const char* kJoins[] = {"inner", "left", "right", "full", "cross"};
      const auto& join = ref.As<BoundJoin>();
      text += std::string(" ") + kJoins[static_cast<int>(join.type)];
      Ref(*join.left, indent + 1);
      Ref(*join.right, indent + 1);
      Field("on", join.condition, indent + 1);
      return;
    }
  }
}

void Dumper::Ctes(const std::vector<BoundCte>& ctes, int indent) {
  for (const BoundCte& cte : ctes) {
    Line(indent);
    text +=
        "with #" + std::to_string(cte.id) + " " + cte.name + (cte.recursive ? " recursive" : "");
    if (cte.query != nullptr) Query(*cte.query, indent + 1);
    if (cte.statement != nullptr) Modify(cte.statement->As<BoundModify>(), indent + 1);
  }
}

void Dumper::Query(const BoundQuery& query, int indent) {
  Line(indent);
  text += "select";
  ++indent;
  Ctes(query.ctes, indent);
  for (const BoundTableRefPtr& ref : query.from) Ref(*ref, indent);
  Field("where", query.where, indent);
  if (query.set_operator.has_value()) {
    static constexpr const char* kNames[] = {"union", "intersect", "except"};
    Line(indent);
    text += std::string(kNames[static_cast<int>(*query.set_operator)]) +
            (query.set_all ? " all" : "") + " r" + std::to_string(Relation(query.set_relation));
    Query(*query.left, indent + 1);
    Query(*query.right, indent + 1);
  }
  for (const BoundExpressionPtr& key : query.group_by) Field("group", key, indent);
  for (const std::vector<int>& set : query.grouping_sets) {
    Line(indent);
    text += "set";
    for (int key : set) text += " " + std::to_string(key);
  }
  Field("having", query.having, indent);
  Targets(query.targets, indent);
  if (query.hidden_target_count > 0) {
    text += " hidden=" + std::to_string(query.hidden_target_count);
  }
  if (query.distinct != DistinctKind::kNone) {
    Line(indent);
    text += "distinct";
    for (int target : query.distinct_on) text += " " + std::to_string(target);
  }
  for (const BoundQuery::OrderBy& order : query.order_by) {
    Line(indent);
    text += "order " + std::to_string(order.target) + (order.descending ? " desc" : "") +
            (order.nulls_first != order.descending ? " nulls" : "");
  }
  Field("limit", query.limit, indent);
  Field("offset", query.offset, indent);
  for (const BoundRowLock& lock : query.locks) {
    Line(indent);
    text += "lock " + std::to_string(static_cast<int>(lock.strength));
    for (RelationId relation : lock.relations) text += " r" + std::to_string(Relation(relation));
  }
}

void Dumper::Assignments(const std::vector<BoundAssignment>& assignments, int indent) {
  for (const BoundAssignment& one : assignments) {
    Field("set " + std::to_string(one.attnum), one.value, indent);
  }
}

void Dumper::Modify(const BoundModify& modify, int indent) {
  static constexpr const char* kNames[] = {"query", "insert", "update", "delete"};
  Line(indent);
  text += std::string(kNames[static_cast<int>(modify.kind)]) + " r" +
          std::to_string(Relation(modify.relation)) + " " + modify.alias + " = " +
          modify.table->name;
  ++indent;
  Ctes(modify.ctes, indent);
  if (modify.kind == StatementKind::kInsert) {
    const auto& insert = modify.As<BoundInsert>();
    if (insert.source != nullptr) {
      Line(indent);
      text += "source r" + std::to_string(Relation(insert.source_relation));
      Query(*insert.source, indent + 1);
    }
    for (size_t i = 0; i < insert.values.size(); ++i) {
      Field("value " + std::to_string(i + 1), insert.values[i], indent);
    }
    if (insert.on_conflict != nullptr) {
      Line(indent);
      text += insert.on_conflict->update ? "on conflict update" : "on conflict nothing";
      text += " arbiters=" + std::to_string(insert.on_conflict->arbiters.size());
      Assignments(insert.on_conflict->assignments, indent + 1);
      Field("where", insert.on_conflict->where, indent + 1);
    }
  } else if (modify.kind == StatementKind::kUpdate) {
    const auto& update = modify.As<BoundUpdate>();
    for (const BoundTableRefPtr& ref : update.from) Ref(*ref, indent);
    Assignments(update.assignments, indent);
    Field("where", update.where, indent);
  } else {
    const auto& erase = modify.As<BoundDelete>();
    for (const BoundTableRefPtr& ref : erase.using_tables) Ref(*ref, indent);
    Field("where", erase.where, indent);
  }
  Targets(modify.returning, indent);
}

void Dumper::Statement(const BoundStatement& statement) {
  if (statement.kind == StatementKind::kQuery) {
    Query(*statement.As<BoundQueryStatement>().query, 0);
  } else if (statement.kind == StatementKind::kUtility) {
    text += "\nutility " + std::to_string(static_cast<int>(statement.As<BoundUtility>().utility));
  } else {
    Modify(statement.As<BoundModify>(), 0);
  }
}

}  // namespace

std::string Dump(const BoundExpression& expression) {
  Dumper dumper;
  dumper.Expression(expression);
  return dumper.text;
}

std::string Dump(const BoundQuery& query) {
  Dumper dumper;
  dumper.Query(query, 0);
  return dumper.text.substr(1) + "\n";
}

std::string Dump(const BoundStatement& statement) {
  Dumper dumper;
  dumper.Statement(statement);
  return dumper.text.substr(1) + "\n";
}

std::string DumpShape(const BoundStatement& statement) {
  Dumper dumper;
  dumper.names = false;
  dumper.Statement(statement);
  return dumper.text.substr(1) + "\n";
}

}  // namespace sundog::binder
