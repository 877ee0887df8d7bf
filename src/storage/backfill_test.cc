// An index filled in steps while others write: whoever commits first, every row has its entry and
// every entry its row; with locks and without.
#include <gtest/gtest.h>

#include "base/sql_error.h"
#include "storage/storage_fixture.h"

namespace sundog::storage {
namespace {

using catalog::IndexState;
using txn::Concurrency;

class BackfillTest : public ::testing::TestWithParam<Concurrency> {
 protected:
  BackfillTest() {
    session_.Begin();
    session_.Insert(Table(IndexState::kInvalid), {{"1", "x"}, {"2", "y"}, {"3", "z"}});
    EXPECT_TRUE(session_.Commit().committed());
  }

  static TableLayoutPtr Table(IndexState state, bool unique = false) {
    TableBuilder builder("t");
    builder.Column("id", types::oids::kInt4).Column("v", types::oids::kText).PrimaryKey({1});
    unique ? builder.Unique("t_v", {2}) : builder.Index("t_v", {2});
    builder.table().indexes.back().state = state;
    return builder.Layout();
  }

  void Begin(TestSession& session) {
    session.Begin(txn::Isolation::kRepeatableRead, GetParam());
    session.txn().BeginStatement();
  }

  // One step, of as many rows as a chunk has, without its commit.
  BackfillStep OneStep(const TableLayoutPtr& layout, const std::string& from) {
    Begin(builder_);
    return BackfillRows(layout, 0, builder_.txn(), builder_.context(), from);
  }
  // What steps do to the end, or to a key that a writer holds; in one transaction, without its
  // commit.
  BackfillStep Step(bool unique = false, const std::string& from = "") {
    TableLayoutPtr layout = Table(IndexState::kBuilding, unique);
    BackfillStep step = OneStep(layout, from);
    while (!step.next.empty() && step.awaited.empty()) {
      step = BackfillRows(layout, 0, builder_.txn(), builder_.context(), step.next);
    }
    return step;
  }
  void Build(bool unique = false) {
    static_cast<void>(Step(unique));
    ASSERT_TRUE(builder_.Commit().committed());
  }
  Rows Entries(bool unique = false) {
    TableLayoutPtr layout = Table(IndexState::kReady, unique);
    session_.Begin();
    Rows rows = session_.Scan(layout, {2, 1}, &layout->indexes()[0]);
    session_.txn().Rollback();
    return rows;
  }
  // A writer that maintains the index.
  void Update(TestSession& session, const std::string& id, const Row& row, bool unique = false) {
    TableLayoutPtr layout = Table(IndexState::kBuilding, unique);
    Rows rows = {row};
    session.Change(layout, {session.RowKeyOf(*layout, {id})}, &rows);
  }
  void Delete(TestSession& session, const std::string& id, bool unique = false) {
    TableLayoutPtr layout = Table(IndexState::kBuilding, unique);
    session.Change(layout, {session.RowKeyOf(*layout, {id})}, nullptr);
  }

  kv::MemoryBackend backend_;
  txn::TransactionManager manager_{backend_.store(), base::SystemClock()};
  TestSession session_{manager_};
  TestSession builder_{manager_};
  TestSession writer_{manager_};
};

INSTANTIATE_TEST_SUITE_P(Concurrencies, BackfillTest,
                         ::testing::Values(Concurrency::kPessimistic, Concurrency::kOptimistic));

TEST_P(BackfillTest, AnInvalidIndexIsNotWritten) {
  EXPECT_TRUE(Table(IndexState::kInvalid)->indexes().empty());
  EXPECT_TRUE(Entries().empty());
}

TEST_P(BackfillTest, StepsAddWhatIsMissing) {
  EXPECT_EQ(Step().next, "");
  ASSERT_TRUE(builder_.Commit().committed());
  EXPECT_EQ(Entries(), (Rows{{"x", "1"}, {"y", "2"}, {"z", "3"}}));
  EXPECT_EQ(Step().next, "");
  EXPECT_TRUE(builder_.txn().writes().empty());
}

TEST_P(BackfillTest, AStepOfManyBytesEndsEarlyAndTheNextOneGoesOnThere) {
  const std::string filling(400'000, 'f');
  session_.Begin();
  for (int id = 4; id <= 8; ++id) {
    session_.Insert(Table(IndexState::kInvalid), {{std::to_string(id), filling}});
  }
  ASSERT_TRUE(session_.Commit().committed());
  Build();
  EXPECT_EQ(Entries().size(), 8);
}

TEST_P(BackfillTest, AStepIsJudgedOnTheRowsItRead) {
  static_cast<void>(Step());
  Begin(writer_);
  Update(writer_, "2", {"2", "new"});
  ASSERT_TRUE(writer_.Commit().committed());
  EXPECT_FALSE(builder_.Commit().committed());
  Build();
  EXPECT_EQ(Entries(), (Rows{{"new", "2"}, {"x", "1"}, {"z", "3"}}));
}

TEST_P(BackfillTest, ADeletedRowFailsTheStep) {
  static_cast<void>(Step());
  Begin(writer_);
  Delete(writer_, "2");
  ASSERT_TRUE(writer_.Commit().committed());
  EXPECT_FALSE(builder_.Commit().committed());
}

TEST_P(BackfillTest, AWriterTakesAwayWhatAStepAddedMeanwhile) {
  Begin(writer_);
  Update(writer_, "1", {"1", "new"});
  Delete(writer_, "2");
  Build();
  ASSERT_TRUE(writer_.Commit().committed());
  EXPECT_EQ(Entries(), (Rows{{"new", "1"}, {"z", "3"}}));
}

TEST_P(BackfillTest, TwoRowsWithOneKeyFailAUniqueIndex) {
  session_.Begin();
  session_.Insert(Table(IndexState::kInvalid), {{"4", "x"}});
  ASSERT_TRUE(session_.Commit().committed());
  try {
    static_cast<void>(Step(true));
    FAIL() << "no error";
  } catch (const SqlError& error) {
    EXPECT_EQ(error.fields().message, "could not create unique index \"t_v\"");
    EXPECT_EQ(error.fields().detail, "Key (v)=(x) is duplicated.");
  }
}

TEST_P(BackfillTest, ARowThatAWriterAddedWithAnOldKeyIsFound) {
  Begin(writer_);
  writer_.Insert(Table(IndexState::kBuilding, true), {{"9", "x"}});
  ASSERT_TRUE(writer_.Commit().committed());
  EXPECT_THROW(static_cast<void>(Step(true)), SqlError);
}

TEST_P(BackfillTest, AStepIsJudgedOnKeysThatItDidNotFind) {
  Begin(builder_);
  Begin(writer_);
  writer_.Insert(Table(IndexState::kBuilding, true), {{"9", "x"}});
  ASSERT_TRUE(writer_.Commit().committed());
  static_cast<void>(BackfillRows(Table(IndexState::kBuilding, true), 0, builder_.txn(),
                                 builder_.context(), ""));
  EXPECT_FALSE(builder_.Commit().committed());
}

TEST_P(BackfillTest, NoWriterGetsAKeyThatAStepAddedFirst) {
  Begin(writer_);
  if (GetParam() == Concurrency::kOptimistic) {
    writer_.Insert(Table(IndexState::kBuilding, true), {{"9", "x"}});
    Build(true);
    EXPECT_FALSE(writer_.Commit().committed());
  } else {
    Build(true);
    EXPECT_THROW(writer_.Insert(Table(IndexState::kBuilding, true), {{"9", "x"}}), SqlError);
  }
}

// Without locks nobody holds keys.
class LockingBackfillTest : public BackfillTest {};

INSTANTIATE_TEST_SUITE_P(Pessimistic, LockingBackfillTest,
                         ::testing::Values(Concurrency::kPessimistic));

TEST_P(LockingBackfillTest, AStepEndsBeforeAKeyThatAWriterHolds) {
  Begin(writer_);
  writer_.Insert(Table(IndexState::kBuilding, true), {{"9", "y"}});
  BackfillStep step = Step(true);
  EXPECT_NE(step.awaited, "");
  ASSERT_TRUE(builder_.Commit().committed());
  EXPECT_EQ(Entries(true), (Rows{{"x", "1"}}));
  writer_.txn().Rollback();
  static_cast<void>(Step(true, step.next));
  ASSERT_TRUE(builder_.Commit().committed());
  EXPECT_EQ(Entries(true), (Rows{{"x", "1"}, {"y", "2"}, {"z", "3"}}));
}

// Before the index is complete a new row may have the key of an old one; it has the entry.
TEST_P(BackfillTest, AnOldRowDoesNotTakeANewOnesEntryAway) {
  Begin(writer_);
  writer_.Insert(Table(IndexState::kBuilding, true), {{"9", "x"}});
  ASSERT_TRUE(writer_.Commit().committed());
  Begin(writer_);
  Delete(writer_, "1", true);
  ASSERT_TRUE(writer_.Commit().committed());
  EXPECT_EQ(Entries(true), (Rows{{"x", "9"}}));
  Build(true);
  EXPECT_EQ(Entries(true), (Rows{{"x", "9"}, {"y", "2"}, {"z", "3"}}));
}

TEST_P(BackfillTest, AnOldRowThatMovesDoesNotTakeANewOnesEntry) {
  Begin(writer_);
  writer_.Insert(Table(IndexState::kBuilding, true), {{"9", "x"}});
  ASSERT_TRUE(writer_.Commit().committed());
  Begin(writer_);
  Update(writer_, "1", {"11", "x"}, true);
  ASSERT_TRUE(writer_.Commit().committed());
  EXPECT_EQ(Entries(true), (Rows{{"x", "9"}}));
  EXPECT_THROW(static_cast<void>(Step(true)), SqlError);
}

TEST_P(BackfillTest, ATableStoredAnewBeginsFromTheStart) {
  BackfillStep step = OneStep(Table(IndexState::kBuilding), "");
  EXPECT_NE(step.next, "");
  ASSERT_TRUE(builder_.Commit().committed());
  TableBuilder anew("t", 1001);
  anew.Column("id", types::oids::kInt4).Column("v", types::oids::kText).PrimaryKey({1});
  anew.Index("t_v", {2});
  anew.table().indexes.back().state = IndexState::kBuilding;
  EXPECT_EQ(OneStep(anew.Layout(), step.next).next, "");
  EXPECT_TRUE(builder_.txn().writes().empty());
}

}  // namespace
}  // namespace sundog::storage
