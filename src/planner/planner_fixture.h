// Plans of SQL over a small catalog with statistics, as one line of text, for tests.
//
//   Define("CREATE TABLE t (a int PRIMARY KEY, b int); CREATE INDEX t_b ON t (b)");
//   SetRows("t", 100000, {{"b", 500}});
//   EXPECT_EQ(PlanOf("SELECT * FROM t WHERE b = 1"), "Index Scan using t_b on t [b = 1]");
//
// A node is its EXPLAIN title, its conditions and keys in brackets, then its children in braces.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "binder/bind.h"
#include "binder/ddl/run_ddl.h"
#include "parser/parse.h"
#include "planner/explain.h"
#include "planner/plan.h"
#include "types/io_settings.h"

namespace sundog::planner {

// DDL without rows.
class FixtureDdlTarget final : public binder::DdlTarget {
 public:
  FixtureDdlTarget(const catalog::CatalogPtr& base, const catalog::DdlEnvironment& environment,
                   const binder::BindContext& context)
      : writer_(base, environment), context_(context) {}
  catalog::CatalogWriter& writer() override { return writer_; }
  const binder::BindContext& context() override { return context_; }
  void LockTable(Oid) override {}
  void RequireNotRunning(const catalog::TableDescriptor&, std::string_view) override {}
  void LockDefinition(Oid) override {}
  bool IsAsynchronous() const override { return false; }
  void SubmitJob(catalog::JobKind, Oid, Oid, std::string) override {}
  void DoRowWork(const binder::RowWork&) override {}
  std::optional<std::string> ConstantBytes(BoundExpressionPtr) override { return std::nullopt; }
  void RestartSequence(Oid, int64_t) override {}
  int64_t SequenceLastValue(Oid) override { return 1; }
  std::string PasswordVerifier(const std::string& password) override { return password; }
  std::string CheckSetting(const std::string& name, const std::optional<std::string>&) override {
    return name;
  }
  bool MaySet(const std::string&) override { return true; }
  std::string ShowSetting(const std::string&) override { return ""; }
  catalog::SearchPath SearchPathIn(const catalog::FunctionDescriptor&) override {
    return context_.search_path;
  }

 private:
  catalog::CatalogWriter writer_;
  const binder::BindContext& context_;
};

class PlannerFixture : public testing::Test,
                       public StatisticsSource,
                       private catalog::Identifiers {
 public:
  double RowCount(const catalog::TableDescriptor& table) const override {
    auto at = figures_.find(table.name);
    return at == figures_.end() ? 0 : at->second.rows;
  }
  ColumnStatistics Column(const catalog::TableDescriptor& table, int attnum) const override {
    auto at = figures_.find(table.name);
    if (at == figures_.end()) return {};
    auto column = at->second.distinct.find(table.columns[attnum - 1].name);
    ColumnStatistics statistics;
    if (column != at->second.distinct.end()) statistics.distinct_count = column->second;
    return statistics;
  }

 protected:
  void Define(std::string_view ddl) {
    parser::Script script = parser::Parse(ddl);
    for (const parser::RawStatement& statement : script.statements()) {
      catalog::DdlEnvironment environment;
      environment.search_path = Context().search_path;
      environment.identifiers = this;
      environment.random = &random_;
      environment.next_temporary_oid = &next_temporary_oid_;
      binder::BindContext context = Context();
      FixtureDdlTarget target(catalog_, environment, context);
      binder::RunDdl(statement.tree, statement.text, target);
      catalog_ = target.writer().Finish();
    }
  }
  // Rows of a table, and how many values some of its columns have.
  void SetRows(const std::string& table, double rows, std::map<std::string, double> distinct = {}) {
    figures_[table] = {rows, std::move(distinct)};
  }

  std::shared_ptr<const PhysicalPlan> Plan(std::string_view sql) {
    binder::BindContext context = Context();
    parser::Script script = parser::Parse(sql);
    binder::BoundStatementPtr statement = binder::Bind(script.statements().at(0), context);
    PlannerContext planner;
    planner.catalog = catalog_.get();
    planner.statistics = this;
    planner.settings = settings_;
    return PlanStatement(*statement, planner);
  }
  ExplainOptions Options() {
    ExplainOptions options;
    path_ = Context().search_path;
    options.deparse.catalog = catalog_.get();
    options.deparse.path = &path_;
    options.deparse.io.types = catalog_.get();
    options.deparse.io.settings = &io_settings_;
    return options;
  }
  std::string PlanOf(std::string_view sql) {
    return Line(*MakeExplainTree(*Plan(sql), Options()));
  }
  std::string ExplainOf(std::string_view sql, bool costs = false) {
    ExplainOptions options = Options();
    options.costs = costs;
    std::string text;
    for (const std::string& line : ExplainText(*Plan(sql), options)) text += line + "\n";
    return text;
  }

  catalog::CatalogPtr catalog_ = catalog::Catalog::Empty();
  PlannerSettings settings_;

 private:
  struct Figures {
    double rows = 0;
    std::map<std::string, double> distinct;
  };

  Oid NewOid() override { return next_oid_++; }
  uint32_t NewStorageId() override { return next_storage_id_++; }

  binder::BindContext Context() {
    binder::BindContext context;
    context.catalog = catalog_;
    std::vector<std::string> path = {"public"};
    context.search_path = catalog_->ResolveSearchPath(path, "postgres");
    context.io.settings = &io_settings_;
    return context;
  }

  static std::string Line(const ExplainNode& node) {
    std::string line = node.subplan_name.empty() ? "" : node.subplan_name + ": ";
    line += node.title;
    std::string details;
    for (const ExplainProperty& property : node.properties) {
      if (!details.empty()) details += "; ";
      std::string text = property.text;
      if (text.front() == '(' && text.back() == ')') text = text.substr(1, text.size() - 2);
      if (property.label != "Index Cond") details += property.label + ": ";
      details += text;
    }
    if (!details.empty()) line += " [" + details + "]";
    std::string children;
    for (const auto& child : node.children) {
      if (!children.empty()) children += ", ";
      children += Line(*child);
    }
    return children.empty() ? line : line + " {" + children + "}";
  }

  std::map<std::string, Figures> figures_;
  types::IoSettings io_settings_;
  catalog::SearchPath path_;
  base::Random random_{42};
  Oid next_oid_ = types::kFirstUserOid;
  Oid next_temporary_oid_ = catalog::kFirstTemporaryOid;
  uint32_t next_storage_id_ = 1000;
};

}  // namespace sundog::planner
