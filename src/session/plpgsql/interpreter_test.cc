// The interpreter over a host that evaluates a toy language: integers, strings, variables, + - * /,
// comparisons, ||, `t` (true), and SQL of the forms `rows <n>`, `insert <n>`, `fail <sqlstate>`.
#include "session/plpgsql/interpreter.h"

#include <gtest/gtest.h>

#include <sstream>

#include "session/plpgsql/lexer.h"
#include "session/plpgsql/parser.h"
#include "types/oids.h"
#include "types/vector.h"

namespace sundog::session::plpgsql {
namespace {

using types::Datum;
using types::PhysicalKind;
using types::SqlType;

constexpr SqlType kInt{types::oids::kInt4, -1};
constexpr SqlType kBoolean{types::oids::kBool, -1};
constexpr SqlType kString{types::oids::kText, -1};

Value IntValue(int32_t value) { return Value::Of(kInt, PhysicalKind::kInt32, Datum::From(value)); }
Value TextValue(std::string_view value) {
  return Value::Of(kString, PhysicalKind::kVarlen, Datum::From(value));
}
Value BoolValue(bool value) {
  return Value::Of(kBoolean, PhysicalKind::kBool, Datum::From(value));
}

class ToySql : public PreparedSql {
 public:
  std::string text;
  bool expression = false;
  std::vector<Token> tokens;
  std::vector<int> parameter_at;  // by token; -1: none
};

class ToyHost : public Host {
 public:
  std::vector<std::string> notices;
  std::vector<std::string> events;
  std::vector<std::vector<Value>> returned;

  VariableType ResolveType(std::string_view text) override {
    if (text.starts_with("int")) return TypeOf(kInt);
    if (text.starts_with("bool")) return TypeOf(kBoolean);
    VariableType type = TypeOf(kString);
    type.is_record = text == "record";
    return type;
  }
  VariableType TypeOf(SqlType type) override {
    VariableType made;
    made.type = type;
    made.kind = type == kInt ? PhysicalKind::kInt32
                : type == kBoolean ? PhysicalKind::kBool
                : type.oid == types::oids::kInt8 ? PhysicalKind::kInt64
                                                 : PhysicalKind::kVarlen;
    return made;
  }

  std::unique_ptr<PreparedSql> Prepare(std::string_view sql, bool expression,
                                       const NameLookup& names) override {
    auto made = std::make_unique<ToySql>();
    made->text = sql;
    made->expression = expression;
    made->tokens = Tokenize(sql);
    for (size_t i = 0; i < made->tokens.size(); ++i) {
      std::optional<VariableUse> use;
      if (made->tokens[i].kind == TokenKind::kWord) {
        std::vector<std::string> parts{made->tokens[i].text};
        if (made->tokens[i + 1].IsSymbol(".")) parts.push_back(made->tokens[i + 2].text);
        use = names.Find(parts);
        if (use && parts.size() > 1) made->tokens.erase(made->tokens.begin() + i + 1,
                                                        made->tokens.begin() + i + 3);
      }
      made->parameter_at.push_back(use ? static_cast<int>(made->parameters.size()) : -1);
      if (use) made->parameters.push_back(*use);
    }
    made->simple = expression && sql.find('(') == std::string_view::npos;
    Describe(*made);
    return made;
  }
  std::unique_ptr<PreparedSql> PrepareDynamic(std::string_view sql,
                                              std::span<const Value>) override {
    class NoNames : public NameLookup {
      std::optional<VariableUse> Find(std::span<const std::string>) const override {
        return std::nullopt;
      }
    };
    return Prepare(sql, false, NoNames());
  }
  bool IsCurrent(const PreparedSql&) override { return true; }

  int64_t Execute(PreparedSql& prepared, std::span<const Value> parameters,
                  RowSink* sink) override {
    auto& sql = static_cast<ToySql&>(prepared);
    const std::string& verb = sql.tokens[0].text;
    if (verb == "fail") {
      throw SqlError(base::SqlState(sql.tokens[1].text), "failed as asked").Detail("the detail");
    }
    if (verb == "insert") return std::stoll(sql.tokens[1].text);
    if (verb == "rows") return Rows(std::stoi(sql.tokens[1].text), sink);
    sql_ = &sql;
    parameters_ = parameters;
    at_ = verb == "select" ? 1 : 0;
    Value value = Comparison();
    if (sink != nullptr) {
      // The type shows only now.
      sql.columns[0].type = value.type();
      sql.columns[0].kind = value.kind();
      types::ChunkBuffer buffer({value.kind()});
      buffer.Reset();
      value.is_null() ? buffer.column(0).SetNull(0) : buffer.column(0).SetDatum(0, value.datum());
      sink->Take(buffer.Finish(1), 0);
    }
    return 1;
  }

  Value Convert(const Value& value, const VariableType& to) override {
    if (value.is_null()) return Value::Null(to.type, to.kind);
    if (value.type() == to.type) return value;
    return FromText(ToText(value), to);
  }
  std::string ToText(const Value& value) override {
    if (value.type() == kInt) return std::to_string(value.As<int32_t>());
    if (value.kind() == PhysicalKind::kInt64) return std::to_string(value.As<int64_t>());
    if (value.type() == kBoolean) return value.As<bool>() ? "t" : "f";
    return std::string(value.As<std::string_view>());
  }
  Value FromText(std::string_view text, const VariableType& type) override {
    if (type.type == kInt) {
      if (text.find_first_not_of("-0123456789") != std::string_view::npos) {
        throw SqlError(sqlstate::kInvalidTextRepresentation, "invalid input syntax");
      }
      return IntValue(std::stoi(std::string(text)));
    }
    if (type.type == kBoolean) return BoolValue(text == "t");
    return TextValue(text);
  }
  Value Compose(const Record& record, const VariableType&) override {
    std::string text = "(";
    for (const RecordField& field : record.fields) {
      text += (text.size() > 1 ? "," : "") + (field.value.is_null() ? "" : ToText(field.value));
    }
    return TextValue(text + ")");
  }
  Record Decompose(const Value&) override { return {}; }
  Value AssignElement(const Value& array, std::span<const int32_t> subscripts,
                      const Value& element) override {
    return TextValue((array.is_null() ? "" : ToText(array)) + "[" +
                     std::to_string(subscripts[0]) + "]=" + ToText(element));
  }
  std::vector<Value> ArrayElements(const Value& array) override {
    std::vector<Value> elements;
    for (char c : ToText(array)) elements.push_back(TextValue(std::string(1, c)));
    return elements;
  }
  void BeginSubtransaction() override { events.push_back("begin"); }
  void ReleaseSubtransaction() override { events.push_back("release"); }
  void RollbackSubtransaction() override { events.push_back("rollback"); }
  void EndTransaction(bool commit, bool) override {
    events.push_back(commit ? "commit" : "abort");
  }
  void Notice(const base::ErrorFields& fields) override { notices.push_back(fields.message); }
  void ReturnRecord(const Value& record) override { ReturnRow({&record, 1}); }
  void ReturnRow(std::span<const Value> row) override {
    returned.emplace_back(row.begin(), row.end());
  }
  std::string OpenCursor(std::string_view name, PreparedSql&, std::span<const Value>) override {
    return std::string(name);
  }
  std::vector<SqlColumn> CursorColumns(std::string_view) override { return {}; }
  int64_t FetchCursor(std::string_view, std::string_view, RowSink*) override { return 0; }
  void CloseCursor(std::string_view) override {}

 private:
  static void Describe(ToySql& sql) {
    const std::string& verb = sql.tokens[0].text;
    sql.changes_data = verb == "insert";
    sql.returns_rows = sql.expression || verb == "rows" || verb == "select";
    if (verb == "rows") {
      sql.columns = {{"k", kInt, PhysicalKind::kInt32}, {"name", kString, PhysicalKind::kVarlen}};
    } else if (sql.returns_rows) {
      sql.columns = {{"?column?", kInt, PhysicalKind::kInt32}};
    }
  }

  static int64_t Rows(int count, RowSink* sink) {
    types::ChunkBuffer buffer({PhysicalKind::kInt32, PhysicalKind::kVarlen});
    for (int i = 1; i <= count; ++i) {
      buffer.Reset();
      buffer.column(0).Set<int32_t>(0, i);
      buffer.column(1).Set<std::string_view>(0,
                                             buffer.column(1).CopyBytes("n" + std::to_string(i)));
      if (sink != nullptr && !sink->Take(buffer.Finish(1), 0)) return i;
    }
    return count;
  }

  // --- the toy language ---
  const Token& Now() const { return sql_->tokens[at_]; }
  bool Try(std::string_view symbol) {
    if (!Now().IsSymbol(symbol)) return false;
    ++at_;
    return true;
  }
  Value Comparison() {
    Value left = Sum();
    if (Try("=")) return BoolValue(ToText(left) == ToText(Sum()));
    if (Try("<")) return BoolValue(left.As<int32_t>() < Sum().As<int32_t>());
    if (Try(">")) return BoolValue(left.As<int32_t>() > Sum().As<int32_t>());
    if (Now().IsWord("in")) {
      ++at_;
      Try("(");
      bool found = false;
      do {
        found |= ToText(left) == ToText(Sum());
      } while (Try(","));
      return BoolValue(found);
    }
    return left;
  }
  Value Sum() {
    Value left = Product();
    while (true) {
      if (Try("+")) {
        left = IntValue(left.As<int32_t>() + Product().As<int32_t>());
      } else if (Try("-")) {
        left = IntValue(left.As<int32_t>() - Product().As<int32_t>());
      } else if (Try("|")) {
        Try("|");
        left = TextValue(ToText(left) + ToText(Product()));
      } else {
        return left;
      }
    }
  }
  Value Product() {
    Value left = Leaf();
    while (true) {
      if (Try("*")) {
        left = IntValue(left.As<int32_t>() * Leaf().As<int32_t>());
      } else if (Try("/")) {
        Value right = Leaf();
        if (right.As<int32_t>() == 0) {
          throw SqlError(sqlstate::kDivisionByZero, "division by zero");
        }
        left = IntValue(left.As<int32_t>() / right.As<int32_t>());
      } else {
        return left;
      }
    }
  }
  Value Leaf() {
    int parameter = at_ < sql_->parameter_at.size() ? sql_->parameter_at[at_] : -1;
    const Token& token = sql_->tokens[at_++];
    if (parameter >= 0) return parameters_[static_cast<size_t>(parameter)];
    if (token.kind == TokenKind::kNumber) return IntValue(std::stoi(token.text));
    if (token.kind == TokenKind::kString) return TextValue(token.text);
    if (token.IsWord("null")) return Value::Null(kString, PhysicalKind::kVarlen);
    if (token.IsWord("true") || token.IsWord("false")) return BoolValue(token.text == "true");
    if (token.IsSymbol("(")) {
      Value inner = Comparison();
      Try(")");
      return inner;
    }
    throw SqlError(sqlstate::kUndefinedColumn, "column \"" + token.text + "\" does not exist")
        .At(static_cast<int>(token.begin));
  }

  const ToySql* sql_ = nullptr;
  std::span<const Value> parameters_;
  size_t at_ = 0;
};

class PlpgsqlTest : public ::testing::Test {
 protected:
  // Runs a body of a function f(a int) returning text; the result, or the error.
  std::string Run(std::string_view body, int32_t a = 0) {
    Declaration declaration;
    declaration.name = "f";
    declaration.parameters = {{"a", types::oids::kInt4, -1}};
    declaration.returns_set = returns_set_;
    CallOptions options;
    options.signature = "f(integer)";
    options.result = host_.TypeOf(kString);
    options.returns_set = returns_set_;
    error_.reset();
    try {
      auto function = ParseFunction(declaration, body);
      ExpressionCache cache;
      Interpreter interpreter(*function, options, host_, cache);
      std::vector<Value> arguments{IntValue(a)};
      CallResult result = interpreter.Run(arguments);
      if (result.values.empty()) return "nothing";
      return result.values[0].is_null() ? "null" : host_.ToText(result.values[0]);
    } catch (const SqlError& error) {
      error_ = error;
      return std::string(error.state().code()) + " " + error.what();
    }
  }
  std::string context() const { return error_->fields().context; }

  ToyHost host_;
  bool returns_set_ = false;
  std::optional<SqlError> error_;
};

TEST_F(PlpgsqlTest, ExpressionsVariablesAndReturn) {
  EXPECT_EQ(Run("begin return a + 1; end", 41), "42");
  EXPECT_EQ(Run("declare x int := a * 2; y text := 'v' || x; begin return y; end", 4), "v8");
  EXPECT_EQ(Run("declare x int; begin return x; end"), "null");
  EXPECT_EQ(Run("<<o>> declare x int := 1; begin declare x int := 2; begin return o.x || x || f.a; "
                "end; end", 3), "123");
  EXPECT_EQ(Run("declare x a%type := '5'; y x%TYPE; begin y := x + 1; return y; end"), "6");
  EXPECT_EQ(Run("begin end"), "2F005 control reached end of function without RETURN");
  EXPECT_EQ(Run("declare x int not null := 1; begin x := null; end").substr(0, 5), "22004");
  EXPECT_EQ(Run("declare v text; begin v[3] := 5; return v; end"), "[3]=5");
}

TEST_F(PlpgsqlTest, BranchesAndLoops) {
  EXPECT_EQ(Run("begin if a > 1 then return 'many'; elsif a = 1 then return 'one'; else return "
                "'none'; end if; end", 1), "one");
  EXPECT_EQ(Run("begin case a when 1, 2 then return 'few'; else return 'other'; end case; end", 2),
            "few");
  EXPECT_EQ(Run("begin case a when 1 then return 'x'; end case; end", 2), "20000 case not found");
  EXPECT_EQ(Run("declare s text := ''; begin for i in 1..a loop s := s || i; end loop; return s; "
                "end", 4), "1234");
  EXPECT_EQ(Run("declare s text := ''; begin for i in reverse 9..1 by 3 loop s := s || i; end "
                "loop; return s; end"), "963");
  EXPECT_EQ(Run("declare i int := 0; begin while i < 10 loop i := i + 1; exit when i = 7; end "
                "loop; return i; end"), "7");
  EXPECT_EQ(Run("declare n int := 0; begin <<o>> for i in 1..3 loop for j in 1..3 loop continue o "
                "when j = 2; n := n + 1; end loop; end loop; return n; end"), "3");
  EXPECT_EQ(Run("declare s text := ''; r record; begin for r in rows 3 loop s := s || r.name; end "
                "loop; return s || found; end"), "n1n2n3t");
  EXPECT_EQ(Run("declare s text := ''; x text; begin foreach x in array 'abc' loop s := x || s; "
                "end loop; return s; end"), "cba");
  EXPECT_EQ(Run("begin <<b>> begin exit b; end; return 'after'; end"), "after");
}

TEST_F(PlpgsqlTest, SqlIntoAndFound) {
  EXPECT_EQ(Run("declare k int; n text; begin rows 2 into k, n; return k || n || found; end"),
            "1n1t");
  EXPECT_EQ(Run("declare r record; begin rows 1 into r; r.name := 'x'; return r; end"), "(1,x)");
  EXPECT_EQ(Run("declare k int; begin rows 0 into k; return found; end"), "f");
  EXPECT_EQ(Run("declare k int; begin rows 0 into strict k; end"), "P0002 query returned no rows");
  EXPECT_EQ(Run("declare k int; begin rows 2 into strict k; end"),
            "P0003 query returned more than one row");
  EXPECT_EQ(Run("begin rows 2; end"), "42601 query has no destination for result data");
  EXPECT_EQ(Run("declare n int; begin insert 3; get diagnostics n = row_count; return n || found; "
                "end"), "3t");
  EXPECT_EQ(Run("declare k int; begin execute 'rows ' || a into k; return k; end", 2), "1");
  EXPECT_EQ(Run("begin execute null; end"), "22004 query string argument of EXECUTE is null");
  EXPECT_EQ(Run("declare r record; begin return r.x; end"),
            "55000 record \"r\" is not assigned yet");
}

TEST_F(PlpgsqlTest, HandlersRollBackTheirBlock) {
  EXPECT_EQ(Run("begin begin fail '23505'; exception when unique_violation then return sqlstate "
                "|| ' ' || sqlerrm; end; end"), "23505 failed as asked");
  EXPECT_EQ(host_.events, (std::vector<std::string>{"begin", "rollback"}));
  EXPECT_EQ(Run("begin begin return 1 / a; exception when others then return 'caught'; end; end"),
            "caught");
  EXPECT_EQ(Run("begin begin fail '23503'; exception when unique_violation then null; end; end"),
            "23503 failed as asked");
  EXPECT_EQ(Run("begin begin fail '23503'; exception when integrity_constraint_violation then "
                "return 'class'; end; end"), "class");
  EXPECT_EQ(Run("begin begin fail '57014'; exception when others then return 'x'; end; end"),
            "57014 failed as asked");
  EXPECT_EQ(Run("declare d text; begin begin fail '23505'; exception when others then get stacked "
                "diagnostics d = pg_exception_detail; end; return d; end"), "the detail");
  EXPECT_EQ(Run("begin begin fail '23505'; exception when others then raise; end; end"),
            "23505 failed as asked");
  EXPECT_EQ(Run("begin raise; end").substr(0, 5), "0Z002");
  host_.events.clear();
  EXPECT_EQ(Run("begin begin null; exception when others then null; end; return 1; end"), "1");
  EXPECT_EQ(host_.events, (std::vector<std::string>{"begin", "release"}));
}

TEST_F(PlpgsqlTest, Raise) {
  EXPECT_EQ(Run("begin raise notice 'a is % (100%%), %', a, null; return 1; end", 5), "1");
  EXPECT_EQ(host_.notices, (std::vector<std::string>{"a is 5 (100%), <NULL>"}));
  EXPECT_EQ(Run("begin raise exception 'bad %', a; end", 7), "P0001 bad 7");
  EXPECT_EQ(Run("begin raise division_by_zero; end"), "22012 division_by_zero");
  EXPECT_EQ(Run("begin raise sqlstate '99ABC' using message = 'm' || a, hint = 'h'; end", 1),
            "99ABC m1");
  EXPECT_EQ(error_->fields().hint, "h");
  EXPECT_EQ(Run("begin raise exception using errcode = 'unique_violation', table = 't'; end"),
            "23505 unique_violation");
  EXPECT_EQ(error_->fields().table, "t");
  EXPECT_EQ(Run("begin assert a > 1, 'too small'; end", 1), "P0004 too small");
}

TEST_F(PlpgsqlTest, ErrorsSayWhere) {
  Run("begin\n  return 1 / a;\nend");
  EXPECT_EQ(context(), "PL/pgSQL function f(integer) line 2 at RETURN");
  Run("begin\n  a := (1 / a);\nend");
  EXPECT_EQ(context(),
            "PL/pgSQL assignment \"a := (1 / a)\"\nPL/pgSQL function f(integer) line 2 at "
            "assignment");
  Run("begin\n  perform 1 / a;\nend");
  EXPECT_EQ(context(),
            "SQL statement \"SELECT 1 / a\"\nPL/pgSQL function f(integer) line 2 at PERFORM");
  Run("declare\n  x int := 1 / a;\nbegin\nend");
  EXPECT_EQ(context(),
            "PL/pgSQL function f(integer) line 3 during statement block local variable "
            "initialization");
  Run("begin\n  a := nosuch;\nend");
  EXPECT_EQ(error_->fields().internal_query, "a := nosuch");
  EXPECT_EQ(error_->fields().internal_location, 5);
  EXPECT_EQ(context(), "PL/pgSQL function f(integer) line 2 at assignment");
}

TEST_F(PlpgsqlTest, SetsAreReturnedRowByRow) {
  returns_set_ = true;
  EXPECT_EQ(Run("begin for i in 1..2 loop return next i; end loop; return query rows 1; return; "
                "end"), "nothing");
  ASSERT_EQ(host_.returned.size(), 3u);
  EXPECT_EQ(host_.ToText(host_.returned[1][0]), "2");
  EXPECT_EQ(host_.ToText(host_.returned[2][1]), "n1");
}

}  // namespace
}  // namespace sundog::session::plpgsql
