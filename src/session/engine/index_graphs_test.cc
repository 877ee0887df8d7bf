// When the graphs of hnsw indexes are begun without a search: after the commit that made the index,
// and when somebody comes to a tenant that rested.
#include <gtest/gtest.h>

#include "kv/store_fixture.h"
#include "runtime/runtime.h"
#include "session/engine/engine_fixture.h"
#include "session/engine/job_runner.h"
#include "vectors/graphs.h"

namespace sundog::session {
namespace {

constexpr const char* kCreateIndex = "create index items_v on items using hnsw (v vector_l2_ops)";

class IndexGraphsTest : public ::testing::Test, protected EngineFixture {
 protected:
  using EngineFixture::Run;

  IndexGraphsTest() : EngineFixture(Profile::kPostgres) {
    engine_.UseGraphs(graphs_);
    Run("create extension vector");
    Run("create table items (id int primary key, v vector(2))");
    Run("insert into items select i, ('[1,' || i || ']')::vector from generate_series(1, 100) i");
  }
  ~IndexGraphsTest() override { engine_.StopJobs(); }

  // What is loaded once all has been done: the points of each graph.
  std::vector<uint64_t> Loaded() {
    graphs_.AwaitRest();
    std::vector<uint64_t> points;
    for (const vectors::GraphInfo& graph : graphs_.List()) {
      EXPECT_EQ(graph.state, vectors::GraphState::kReady);
      points.push_back(graph.points);
    }
    return points;
  }
  void UnloadAll() {
    graphs_.Unload(kTenant);
    EXPECT_EQ(Loaded(), std::vector<uint64_t>());
  }

  kv::TemporaryFolder folder_;
  vectors::Graphs graphs_{{.store = store_.get(), .folder = folder_.path()}};
  runtime::Runtime runtime_{1};
};

using Points = std::vector<uint64_t>;

TEST_F(IndexGraphsTest, AnIndexThatWasMadeHasItsGraph) {
  Run(kCreateIndex);
  ASSERT_EQ(Loaded(), Points({100}));
  EXPECT_EQ(graphs_.List()[0].options,
            (vectors::GraphOptions{.dimensions = 2, .m = 16, .ef_construction = 64}));
  Run("create index on items using hnsw (v vector_l1_ops) where id > 90");
  EXPECT_EQ(Loaded(), Points({100, 10}));
}

TEST_F(IndexGraphsTest, ThatIsSoOfOneThatAJobMade) {
  std::string id = catalog::ParseJobId(
      Run("create index async items_v on items using hnsw (v vector_l2_ops)"));
  EXPECT_EQ(Loaded(), Points());
  engine_.StartJobs(runtime_);
  EXPECT_EQ(AwaitJob(engine_, kTenant, id)->status, catalog::JobStatus::kCompleted);
  engine_.StopJobs();  // it begins the graph after its end has been told
  EXPECT_EQ(Loaded(), Points({100}));
}

TEST_F(IndexGraphsTest, WhatIsRolledBackIsNotLoaded) {
  JobSession session(engine_, kTenant, Profile::kPostgres);
  session.Look([&](EngineTransaction& transaction) { RunIn(transaction, session, kCreateIndex); });
  EXPECT_EQ(Loaded(), Points());
  session.Transact([&](EngineTransaction& transaction) {
    RunIn(transaction, session, "create table other (a int)");
    transaction.SetSavepoint(1);
    RunIn(transaction, session, kCreateIndex);
    EXPECT_EQ(Loaded(), Points());
    transaction.RollbackToSavepoint(1);
  });
  EXPECT_EQ(Loaded(), Points());
}

TEST_F(IndexGraphsTest, OtherDefinitionsLoadNothing) {
  Run(kCreateIndex);
  UnloadAll();
  Run("create index on items (id)");
  Run("alter table items add column other int");
  Run("create table more (id int primary key)");
  Run("create index on items using ivfflat (v vector_l2_ops) with (lists = 1)");
  EXPECT_EQ(Loaded(), Points());
}

TEST_F(IndexGraphsTest, WhoeverComesToATenantThatRestedFindsItsGraphsLoaded) {
  Run(kCreateIndex);
  ASSERT_EQ(Loaded(), Points({100}));
  ASSERT_EQ(engine_.loaded_tenants().UnloadIdle(0), 1u);
  EXPECT_EQ(Loaded(), Points());
  Run("select 1");
  EXPECT_EQ(Loaded(), Points({100}));
}

TEST_F(IndexGraphsTest, ATableThatLiesElsewhereHasNewGraphs) {
  Run(kCreateIndex);
  UnloadAll();
  Run("alter table items alter column id type bigint");
  EXPECT_EQ(Loaded(), Points({100}));
  Run("truncate items");
  EXPECT_EQ(Loaded(), Points({0}));
  Run("insert into items values (1, '[1,2]')");
  EXPECT_EQ(Loaded(), Points({1}));
  Run("drop table items");
  EXPECT_EQ(Loaded(), Points());
}

}  // namespace
}  // namespace sundog::session
