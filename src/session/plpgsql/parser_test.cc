#include "session/plpgsql/parser.h"

#include <gtest/gtest.h>

#include "base/sql_error.h"

namespace sundog::session::plpgsql {
namespace {

std::shared_ptr<const Function> ParseBody(std::string_view body, Declaration declaration = {}) {
  declaration.name = "f";
  if (declaration.parameters.empty()) {
    declaration.parameters = {{"a", 23, -1}, {"b", 25, -1}};
  }
  return ParseFunction(declaration, body);
}

std::string FailureOf(std::string_view body) {
  try {
    ParseBody(body);
  } catch (const SqlError& error) {
    return std::string(error.state().code()) + " " + error.what();
  }
  return "no error";
}

template <typename T>
const T& Nth(const Body& body, size_t index) {
  const T* statement = dynamic_cast<const T*>(body.at(index).get());
  EXPECT_NE(statement, nullptr);
  return *statement;
}

TEST(PlpgsqlParser, SequelizesFindOrCreate) {
  Declaration declaration;
  declaration.parameters = {{"response", 16400, -1}, {"sequelize_caught_exception", 25, -1}};
  declaration.has_out_parameters = true;
  auto function = ParseBody(
      "BEGIN INSERT INTO \"users\" (\"id\",\"name\") VALUES (DEFAULT,'x') RETURNING * INTO "
      "response; "
      "EXCEPTION WHEN unique_violation THEN GET STACKED DIAGNOSTICS sequelize_caught_exception = "
      "PG_EXCEPTION_DETAIL; END ",
      declaration);
  const auto& insert = Nth<Sql>(function->body->body, 0);
  EXPECT_EQ(insert.sql.sql,
            "INSERT INTO \"users\" (\"id\",\"name\") VALUES (DEFAULT,'x') RETURNING * ");
  EXPECT_TRUE(insert.into);
  EXPECT_EQ(insert.targets.at(0).variable, 0);
  ASSERT_EQ(function->body->handlers.size(), 1u);
  EXPECT_EQ(function->body->handlers[0].conditions.at(0).state, sqlstate::kUniqueViolation);
  const auto& get = Nth<Diagnostics>(function->body->handlers[0].body, 0);
  EXPECT_TRUE(get.stacked);
  EXPECT_EQ(get.items.at(0).first.variable, 1);
  EXPECT_EQ(get.items.at(0).second, DiagnosticItem::kDetail);
}

TEST(PlpgsqlParser, DeclarationsKeepTypesAndValues) {
  auto function = ParseBody(
      "declare i int := 1; j constant varchar(10) not null default 'k'; r t%rowtype; x al.b%type; "
      "n alias for $1; c cursor (p int, q numeric(3,1)) for select * from t where y = p; "
      "begin i := i + 1; end");
  auto find = [&](std::string_view name) -> const Variable& {
    for (const Variable& variable : function->variables) {
      if (variable.name == name) return variable;
    }
    throw std::runtime_error("no such variable");
  };
  EXPECT_EQ(find("i").type_text, "int");
  EXPECT_EQ(find("i").initial->sql, "1");
  EXPECT_EQ(find("j").type_text, "varchar(10)");
  EXPECT_TRUE(find("j").constant && find("j").not_null);
  EXPECT_EQ(find("r").type_text, "t%rowtype");
  EXPECT_EQ(find("x").type_text, "al.b%type");
  EXPECT_EQ(find("c").cursor_query->sql, "select * from t where y = p");
  EXPECT_EQ(find("q").type_text, "numeric(3,1)");
  EXPECT_EQ(function->body->variables.size(), 5u);
}

TEST(PlpgsqlParser, AssignmentsToVariablesFieldsAndElements) {
  auto function = ParseBody(
      "<<l>> declare r record; v int[]; begin a := 1; f.a = 2; l.r.x := 3; r.y := 4; v[1] := 5; "
      "v[a:2] := '{}'; end l");
  const Body& body = function->body->body;
  EXPECT_EQ(Nth<Assign>(body, 0).target.variable, 0);
  EXPECT_EQ(Nth<Assign>(body, 1).target.variable, 0);
  EXPECT_EQ(Nth<Assign>(body, 2).target.field, "x");
  EXPECT_EQ(Nth<Assign>(body, 3).target.field, "y");
  EXPECT_EQ(Nth<Assign>(body, 3).target.variable, Nth<Assign>(body, 2).target.variable);
  EXPECT_EQ(Nth<Assign>(body, 4).target.subscripts.at(0).upper.sql, "1");
  EXPECT_EQ(Nth<Assign>(body, 5).target.subscripts.at(0).lower->sql, "a");
  EXPECT_EQ(FailureOf("begin nosuch := 1; end"), "42601 \"nosuch\" is not a known variable");
  EXPECT_EQ(FailureOf("declare c constant int := 1; begin c := 2; end"),
            "22005 variable \"c\" is declared CONSTANT");
}

TEST(PlpgsqlParser, ControlStructures) {
  auto function = ParseBody(R"(begin
    if a = 1 then null; elsif a in (2, 3) then null; null;
    else a := case when b = 'x' then 1 end; end if;
    case a when 1, 2 then null; else b := 'y'; end case;
    <<w>> while a < 10 loop continue w when a = 5; exit; end loop w;
    for i in reverse 10..1 by 2 loop raise notice 'i %', i; end loop;
    for a, b in select x, y from t loop null; end loop;
    for a in execute 'select $1' using b, 2 loop null; end loop;
    foreach a in array array[1,2] loop null; end loop;
  end;)");
  const Body& body = function->body->body;
  const auto& branch = Nth<If>(body, 0);
  EXPECT_EQ(branch.branches.size(), 2u);
  EXPECT_EQ(branch.branches[1].condition.sql, "a in (2, 3)");
  EXPECT_EQ(Nth<Assign>(branch.otherwise, 0).value.sql, "case when b = 'x' then 1 end");
  EXPECT_EQ(Nth<Case>(body, 1).whens.at(0).condition.sql.substr(0, 17), "\"__Case__Variable");
  EXPECT_TRUE(Nth<Case>(body, 1).has_else);
  EXPECT_EQ(Nth<While>(body, 2).label, "w");
  const auto& range = Nth<ForInteger>(body, 3);
  EXPECT_TRUE(range.reverse);
  EXPECT_EQ(range.lower.sql + "," + range.upper.sql + "," + range.step->sql, "10,1,2");
  EXPECT_EQ(Nth<ForQuery>(body, 4).targets.size(), 2u);
  EXPECT_EQ(Nth<ForQuery>(body, 4).query->sql, "select x, y from t");
  EXPECT_EQ(Nth<ForQuery>(body, 5).parameters.size(), 2u);
  EXPECT_EQ(Nth<Foreach>(body, 6).array.sql, "array[1,2]");
  EXPECT_EQ(FailureOf("begin exit; end"),
            "42601 EXIT cannot be used outside a loop, unless it has a label");
  EXPECT_EQ(FailureOf("begin loop exit nowhere; end loop; end").substr(0, 5), "42601");
}

TEST(PlpgsqlParser, RaiseInItsForms) {
  auto function = ParseBody(R"(begin
    raise notice 'a % 100%%', a;
    raise division_by_zero;
    raise sqlstate '22012' using hint = 'h';
    raise exception using errcode = 'unique_violation', message = concat('m', a), detail = 'd';
    raise exception 'x' using table = 't';
  exception when others then raise; end)");
  const Body& body = function->body->body;
  EXPECT_EQ(Nth<Raise>(body, 0).level, base::Severity::kNotice);
  EXPECT_EQ(Nth<Raise>(body, 1).state, sqlstate::kDivisionByZero);
  EXPECT_EQ(Nth<Raise>(body, 2).options.at(0).first, RaiseOption::kHint);
  EXPECT_EQ(Nth<Raise>(body, 3).options.at(1).second.sql, "concat('m', a)");
  EXPECT_TRUE(Nth<Raise>(function->body->handlers[0].body, 0).rethrow);
  EXPECT_EQ(FailureOf("begin raise notice '%'; end"),
            "42601 too few parameters specified for RAISE");
  EXPECT_EQ(FailureOf("begin raise notice 'x', 1; end"),
            "42601 too many parameters specified for RAISE");
  EXPECT_EQ(FailureOf("begin raise nosuch_condition; end"),
            "42704 unrecognized exception condition \"nosuch_condition\"");
}

TEST(PlpgsqlParser, SqlAndDynamicSql) {
  auto function = ParseBody(R"(begin
    select 1, 'into' into strict a, b from t;
    insert into t select 1;
    execute format('select %s', a) using a, b into b;
    perform g(a) from t;
    update t set x = 1 returning x into a;
    get diagnostics a = row_count;
    return a;
  end)");
  const Body& body = function->body->body;
  const auto& select = Nth<Sql>(body, 0);
  EXPECT_TRUE(select.strict);
  EXPECT_EQ(select.targets.size(), 2u);
  EXPECT_EQ(select.sql.sql, "select 1, 'into' from t");
  EXPECT_FALSE(Nth<Sql>(body, 1).into);
  EXPECT_EQ(Nth<Dynamic>(body, 2).parameters.size(), 2u);
  EXPECT_TRUE(Nth<Dynamic>(body, 2).into);
  EXPECT_EQ(Nth<Perform>(body, 3).query.sql, "SELECT g(a) from t");
  EXPECT_EQ(Nth<Return>(body, 6).value->sql, "a");
}

TEST(PlpgsqlParser, SyntaxErrors) {
  EXPECT_EQ(FailureOf("begin"), "42601 syntax error at end of input");
  EXPECT_EQ(FailureOf("begin a := 1 end"), "42601 syntax error at end of input");
  EXPECT_EQ(FailureOf("begin a := ; end"), "42601 missing expression");
  EXPECT_EQ(FailureOf("begin if a then null; end; end"), "42601 syntax error at or near \";\"");
  EXPECT_EQ(FailureOf("begin foreach a slice 99999999999 in array b loop null; end loop; end"),
            "42601 syntax error at or near \"99999999999\"");
  EXPECT_EQ(FailureOf("begin foreach a slice 1.5 in array b loop null; end loop; end"),
            "42601 syntax error at or near \"1.5\"");
  EXPECT_EQ(FailureOf("begin a := (1; end"), "42601 mismatched parentheses");
  EXPECT_EQ(FailureOf("begin return next 1; end"),
            "42804 cannot use RETURN NEXT in a non-SETOF function");
  EXPECT_EQ(FailureOf("declare x int not null; begin end").substr(0, 5), "22004");
  EXPECT_EQ(FailureOf("begin x 'abc; end"), "42601 unterminated quoted string");
}

}  // namespace
}  // namespace sundog::session::plpgsql
