// The command line's parts that need no server.
#include <gtest/gtest.h>

#include <pty.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdio>
#include <stdexcept>

#include "base/clock.h"
#include "cli/database_queries.h"
#include "cli/dump_order.h"
#include "cli/progress_bar.h"
#include "cli/result_printer.h"
#include "cli/serve.h"
#include "cli/served_certificate.h"
#include "cli/statement_splitter.h"
#include "cli/table_printer.h"

namespace sundog::cli {
namespace {

using Strings = std::vector<std::string>;

TEST(StatementSplitter, EndsStatementsAtSemicolonsOutsideQuotes) {
  auto split = [](std::string_view text) { return StatementSplitter().Feed(text); };
  EXPECT_EQ(split("select 1; select 2;"), (Strings{"select 1", " select 2"}));
  EXPECT_EQ(split("select ';''\"'; x"), (Strings{"select ';''\"'"}));
  EXPECT_EQ(split("select \";\";"), (Strings{"select \";\""}));
  EXPECT_EQ(split("select e'\\';';"), (Strings{"select e'\\';'"}));
  EXPECT_EQ(split("select '\\'; select 1;"), (Strings{"select '\\'", " select 1"}));
  EXPECT_EQ(split("do $a$ begin; $b$ ; $a$;"), (Strings{"do $a$ begin; $b$ ; $a$"}));
  EXPECT_EQ(split("select $1; select a$b$;"), (Strings{"select $1", " select a$b$"}));
  EXPECT_EQ(split("-- a;b\nselect 1;"), (Strings{"-- a;b\nselect 1"}));
  EXPECT_EQ(split("/* ; /* ; */ ; */ select 1;"), (Strings{"/* ; /* ; */ ; */ select 1"}));
  EXPECT_EQ(split("create rule r as do (a; b);"), (Strings{"create rule r as do (a; b)"}));
}

TEST(StatementSplitter, KeepsTheBodyOfARoutineTogether) {
  auto split = [](std::string_view text) { return StatementSplitter().Feed(text); };
  EXPECT_EQ(split("create function f() begin atomic select 1; select case when a then 2 end; end;"),
            (Strings{"create function f() begin atomic select 1; select case when a then 2 end; "
                     "end"}));
  EXPECT_EQ(split("CREATE OR REPLACE Procedure p() BEGIN ATOMIC select 1; END; select 2;"),
            (Strings{"CREATE OR REPLACE Procedure p() BEGIN ATOMIC select 1; END", " select 2"}));
  EXPECT_EQ(split("begin; select 1; end;"), (Strings{"begin", " select 1", " end"}));
  EXPECT_EQ(split("create function f(\"begin\" int) as 'begin'; create table begin_ (a int);"),
            (Strings{"create function f(\"begin\" int) as 'begin'",
                     " create table begin_ (a int)"}));
}

TEST(StatementSplitter, GoesOnFromLineToLine) {
  StatementSplitter splitter;
  EXPECT_TRUE(splitter.empty());
  EXPECT_EQ(splitter.Feed("select 'a;\n"), Strings{});
  EXPECT_FALSE(splitter.empty());
  EXPECT_EQ(splitter.Feed("b';\n"), (Strings{"select 'a;\nb'"}));
  EXPECT_TRUE(splitter.empty());
  EXPECT_EQ(splitter.Feed("select 2"), Strings{});
  EXPECT_EQ(splitter.Finish(), "\nselect 2");
  EXPECT_TRUE(splitter.empty());
}

TEST(CsvLine, QuotesWhatWouldBeReadOtherwise) {
  EXPECT_EQ(CsvLine({"a", "", "b c", "é"}), "a,,b c,é\n");
  EXPECT_EQ(CsvLine({"a,b", "say \"so\"", "two\nlines", "\r"}),
            "\"a,b\",\"say \"\"so\"\"\",\"two\nlines\",\"\r\"\n");
  EXPECT_EQ(CsvLine({""}), "\n");
}

TEST(ProgressLine, IsAsWideAllTheTime) {
  EXPECT_EQ(ProgressLine("copying", 0.5), "copying [###############               ]  50 %");
  EXPECT_EQ(ProgressLine("copying", 2), "copying [##############################] 100 %");
  EXPECT_EQ(ProgressLine("copying", -1).size(), ProgressLine("copying", 1).size());
}

TEST(OrderDefinitions, MakesWhatIsNeededFirstAndNamesCircles) {
  using enum DefinitionKind;
  // Statements are letters: a type, two functions, two tables, a key, a view.
  std::vector<Definition> all{{kType, {1, 10}, "t"},  {kFunction, {2, 11}, "f"},
                              {kFunction, {2, 12}, "g"}, {kTable, {3, 13}, "a"},
                              {kTable, {3, 14}, "b"},    {kKey, {4, 15}, "k"},
                              {kView, {3, 16}, "v"}};
  auto ordered = [&](const std::vector<DefinitionNeed>& needs) {
    DefinitionOrder order = OrderDefinitions(all, needs);
    std::string text;
    for (size_t at : order.before_data) text += all[at].statement;
    text += '|';
    for (size_t at : order.after_data) text += all[at].statement;
    text += '|';
    for (size_t at : order.too_early) text += all[at].statement;
    return text;
  };
  DefinedObject part{9, 1};
  EXPECT_EQ(ordered({}), "tfgab|kv|");
  EXPECT_EQ(ordered({{{1, 10}, {2, 12}}, {{2, 11}, {3, 14}}}), "gtabf|kv|");
  // By a part; what is needed that is no definition counts for nothing.
  EXPECT_EQ(ordered({{part, {3, 13}, true}, {part, {3, 14}}, {{3, 14}, {8, 8}}}), "tfgba|kv|");
  // A function waits for a view; and with it comes early where a table needs that.
  EXPECT_EQ(ordered({{{2, 11}, {3, 16}}}), "tgab|kvf|");
  EXPECT_EQ(ordered({{{2, 11}, {3, 16}}, {{3, 16}, {3, 13}}, {{3, 14}, {2, 11}}}), "tgavfb|k|");
  EXPECT_EQ(ordered({{{2, 11}, {2, 12}}, {{2, 12}, {2, 11}}}), "tabfg|kv|f");
}

// Standard error, drawn on a terminal or not, as `draw` leaves it.
template <typename Draw>
std::string DrawnOn(bool is_terminal, Draw draw) {
  int ends[2];
  int made = is_terminal ? openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr) : pipe(ends);
  EXPECT_EQ(made, 0);
  int before = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  draw();
  std::fputs("|", stderr);  // so that there is an end to read up to
  std::fflush(stderr);
  dup2(before, STDERR_FILENO);
  close(before);
  std::string text;
  char piece[512];
  while (!text.ends_with('|')) {
    ssize_t size = read(ends[0], piece, sizeof piece);
    if (size <= 0) break;
    text.append(piece, static_cast<size_t>(size));
  }
  close(ends[0]);
  close(ends[1]);
  return text;
}

TEST(ProgressBar, IsDrawnOnATerminalWhileWorkTakesLong) {
  auto draw = [](int64_t pause_us) {
    return [pause_us] {
      base::ManualClock clock;
      ProgressBar bar("copying", clock);
      bar.Show(0);
      clock.Advance(pause_us);
      bar.Show(0.5);
    };
  };
  std::string half = ProgressLine("copying", 0.5);
  std::string taken_away = "\r" + std::string(half.size(), ' ') + "\r";
  EXPECT_EQ(DrawnOn(true, draw(600'000)), "\r" + half + taken_away + "|");
  EXPECT_EQ(DrawnOn(true, draw(1000)), "|");
  EXPECT_EQ(DrawnOn(false, draw(600'000)), "|");
}

TEST(RowsOfAnswer, AreThoseOfAWholeAnswer) {
  auto rows = [](const char* answer) {
    return RowsOfAnswer(boost::json::parse(answer).as_object(), {"a", "b"});
  };
  EXPECT_EQ(rows(R"({"results": [{"rows": [[1, "x"], [2, null]], "command": "SELECT"}]})"),
            boost::json::parse(R"([{"a": 1, "b": "x"}, {"a": 2, "b": null}])").as_array());
  try {
    (void)rows(R"({"results": [{"rows": [[1, "x"]]}], "message": "division by zero",
                   "error": {"sqlstate": "22012", "message": "division by zero"}})");
    FAIL() << "a part passed for the whole";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "division by zero");
  }
  EXPECT_THROW((void)rows(R"({"results": [], "message": "m", "error": {}})"), std::runtime_error);
  EXPECT_THROW((void)rows(R"({"results": []})"), std::runtime_error);
}

TEST(ResultPrinter, ShowsTheColumnsAndInJsonAllThereIs) {
  boost::json::object shop{{"name", "shop"}, {"size_bytes", 7}, {"more", true}};
  EXPECT_EQ(FormatObject(OutputFormat::kTable, {"name", "size_bytes"}, shop),
            "name               shop\n"
            "size bytes         7\n");
  EXPECT_EQ(FormatObject(OutputFormat::kCsv, {"name", "nosuch"}, shop), "name,nosuch\nshop,\n");
  EXPECT_EQ(FormatObject(OutputFormat::kJson, {"name"}, shop),
            "{\"name\":\"shop\",\"size_bytes\":7,\"more\":true}\n");
  boost::json::array list{shop};
  EXPECT_EQ(FormatList(OutputFormat::kTable, "all", {"size_bytes"}, list),
            " size bytes \n"
            "------------\n"
            " 7\n"
            "(1 row)\n");
  EXPECT_EQ(FormatList(OutputFormat::kCsv, "all", {"name"}, {}), "name\n");
  EXPECT_EQ(FormatList(OutputFormat::kJson, "all", {"name"}, {}), "{\"all\":[]}\n");
}

TEST(FormatTable, LooksAsPsql) {
  EXPECT_EQ(FormatTable({{"a", true}, {"name", false}}, {{"1", "one"}, {"22", "zwölf"}}),
            " a  | name  \n"
            "----+-------\n"
            "  1 | one\n"
            " 22 | zwölf\n"
            "(2 rows)\n");
  EXPECT_EQ(FormatTable({{"x", false}}, {{"a\nb"}}),
            " x \n"
            "---\n"
            " a+\n"
            " b\n"
            "(1 row)\n");
}

TEST(ListenAddress, ParsesHostsAndPorts) {
  auto text = [](const std::string& listen) {
    std::optional<ListenAddress> parsed = ParseListenAddress(listen);
    return parsed ? parsed->host + "|" + std::to_string(parsed->port) : "malformed";
  };
  EXPECT_EQ(text("127.0.0.1:5432"), "127.0.0.1|5432");
  EXPECT_EQ(text("[::1]:0"), "::1|0");
  EXPECT_EQ(text(":5432"), "|5432");
  for (const char* bad : {"", "localhost", "localhost:", "h:x", "h:70000", "::1:5432", "h:-1"}) {
    EXPECT_EQ(text(bad), "malformed") << bad;
  }
  EXPECT_TRUE(IsLoopback("127.0.0.1"));
  EXPECT_TRUE(IsLoopback("::1"));
  EXPECT_FALSE(IsLoopback("0.0.0.0"));
  EXPECT_FALSE(IsLoopback(""));
}

TEST(ServedCertificate, IsForThisMachineTheRegionsAndWhatIsGiven) {
  ServeOptions options;
  EXPECT_EQ(CertificateNames(options),
            (Strings{"*.dsql.us-east-1.on.aws", "127.0.0.1", "::1", "localhost"}));
  options.regions = {"eu-west-1", "us-east-2", "eu-west-1"};
  options.tls_names = {"DB.example", "LOCALHOST", "0:0::2"};
  EXPECT_EQ(CertificateNames(options),
            (Strings{"*.dsql.eu-west-1.on.aws", "*.dsql.us-east-2.on.aws", "127.0.0.1", "::1",
                     "::2", "db.example", "localhost"}));
  EXPECT_TRUE(IsRegion("ap-southeast-2"));
  for (const char* bad : {"", "us.east", "US-EAST-1", "*", "a b", "::1", "-a"}) {
    EXPECT_FALSE(IsRegion(bad)) << bad;
  }
}

}  // namespace
}  // namespace sundog::cli
