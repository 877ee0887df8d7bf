// What binding gives and refuses, on the fixture catalog. The broad comparison with PostgreSQL is
// tests/binder/compare.py; here are the cases that must hold without one.
#include "binder/bind.h"

#include <gtest/gtest.h>

#include "base/sql_error.h"
#include "binder/dump.h"
#include "binder/fixture_catalog_test.h"
#include "parser/parse.h"
#include "types/io_settings.h"

namespace sundog::binder {
namespace {

class BindTest : public testing::Test {
 protected:
  BindTest() : catalog_(MakeFixtureCatalog(kFixtureDdl)) {}

  BindContext Context() {
    BindContext context;
    context.catalog = catalog_;
    std::vector<std::string> path = {"public"};
    context.search_path = catalog_->ResolveSearchPath(path, "postgres");
    context.io.settings = &settings_;
    return context;
  }

  std::string DumpOf(std::string_view sql) {
    BindContext context = Context();
    parser::Script script = parser::Parse(sql);
    return Dump(*Bind(script.statements().at(0), context));
  }

  base::ErrorFields ErrorOf(std::string_view sql) {
    try {
      DumpOf(sql);
    } catch (const SqlError& error) {
      return error.fields();
    }
    return {};
  }

  catalog::CatalogPtr catalog_;
  types::IoSettings settings_;
};

TEST_F(BindTest, NothingOfTheParseTreeIsKept) {
  BindContext context = Context();
  BoundStatementPtr statement;
  {
    parser::Script script =
        parser::Parse("select a, b || 'x' from t where c > 1 order by d limit 3");
    statement = Bind(script.statements().at(0), context);
  }
  EXPECT_EQ(OutputColumns(*statement).size(), 2u);
  EXPECT_NE(Dump(*statement).find("textcat"), std::string::npos);
}

TEST_F(BindTest, OperatorsResolveAsInPostgres) {
  EXPECT_EQ(DumpOf("select 1 + 2.5"),
            "select\n"
            "  target ?column? (numeric_add#1758:numeric (numeric:numeric (const:int4 '1')) "
            "(const:numeric '2.5'))\n");
}

TEST_F(BindTest, ParametersTakeTheTypesOfTheirUses) {
  BindContext context = Context();
  parser::Script script = parser::Parse("select * from t where a = $2 and b = $1");
  Bind(script.statements().at(0), context);
  EXPECT_EQ(context.parameter_types,
            (std::vector<types::Oid>{types::oids::kText, types::oids::kInt4}));
}

TEST_F(BindTest, ErrorsHaveStateAndPlace) {
  base::ErrorFields error = ErrorOf("select a, nope from t");
  EXPECT_EQ(error.state.code(), "42703");
  EXPECT_EQ(error.message, "column \"nope\" does not exist");
  EXPECT_EQ(error.location, 10);
  EXPECT_EQ(ErrorOf("select * from nowhere").message, "relation \"nowhere\" does not exist");
  EXPECT_EQ(ErrorOf("select b from t group by a having true").message, "");
  EXPECT_EQ(ErrorOf("select a from t group by b").message,
            "column \"t.a\" must appear in the GROUP BY clause or be used in an aggregate "
            "function");
}

TEST_F(BindTest, SingleRowInsertNeedsNoSource) {
  std::string dump = DumpOf("insert into t (a, b) values ($1, 'x')");
  EXPECT_EQ(dump.find("source"), std::string::npos);
  EXPECT_NE(dump.find("value 1 $1:int4"), std::string::npos);
}

TEST_F(BindTest, DeepExpressionsGiveAnErrorNotACrash) {
  std::string sql = "select 1";
  for (int i = 0; i < 50000; ++i) sql += "+1";
  std::string state;
  try {
    DumpOf(sql);
  } catch (const SqlError& error) {
    state = error.state().code();
  }
  EXPECT_EQ(state, "54001");
}

}  // namespace
}  // namespace sundog::binder
