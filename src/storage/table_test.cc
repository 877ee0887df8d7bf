// Tables on both backends: what is written is what every way of reading gives back.
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "storage/storage_fixture.h"

namespace sundog::storage {
namespace {

namespace oids = types::oids;

template <typename Backend>
class TableTest : public ::testing::Test {
 protected:
  Backend backend_;
  txn::TransactionManager manager_{backend_.store(), base::SystemClock()};
  TestSession session_{manager_};

  static TableBuilder Accounts() {
    return TableBuilder("accounts")
        .Column("id", oids::kInt4)
        .Column("owner", oids::kText)
        .Column("balance", oids::kNumeric)
        .Column("opened", oids::kDate)
        .PrimaryKey({1})
        .Unique("accounts_owner_key", {2})
        .Index("accounts_balance", {3, 1}, {4});
  }
  void InsertAccounts(const TableLayoutPtr& layout) {
    session_.Begin();
    session_.Insert(layout, {{"2", "bo", "1.50", "2020-01-02"},
                             {"1", "al", "-7", "2020-01-01"},
                             {"-3", std::nullopt, "1.5", std::nullopt},
                             {"4", std::nullopt, std::nullopt, "2020-01-04"}});
    ASSERT_TRUE(session_.Commit().committed());
    session_.Begin();
  }
  template <typename Act>
  static void ExpectError(base::SqlState state, const std::string& message,
                          const std::string& detail, Act&& act) {
    try {
      act();
      ADD_FAILURE() << "no error";
    } catch (const SqlError& error) {
      EXPECT_EQ(error.state().code(), state.code());
      EXPECT_EQ(error.fields().message, message);
      EXPECT_EQ(error.fields().detail, detail);
    }
  }
};

using Backends = ::testing::Types<kv::MemoryBackend, kv::RocksBackend>;
TYPED_TEST_SUITE(TableTest, Backends);

TYPED_TEST(TableTest, ScansRowsInKeyOrderBothWays) {
  TableLayoutPtr layout = this->Accounts().Layout();
  this->InsertAccounts(layout);
  Rows expected = {{"-3", std::nullopt, "1.5", std::nullopt},
                   {"1", "al", "-7", "2020-01-01"},
                   {"2", "bo", "1.50", "2020-01-02"},
                   {"4", std::nullopt, std::nullopt, "2020-01-04"}};
  EXPECT_EQ(this->session_.Scan(layout, {1, 2, 3, 4}), expected);
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(this->session_.Scan(layout, {1, 2, 3, 4}, nullptr, {}, kv::Direction::kReverse),
            expected);
  EXPECT_EQ(this->session_.Scan(layout, {3, 3})[0], (Row{"1.5", "1.5"}));
  EXPECT_EQ(this->session_.Scan(layout, {}).size(), 4u);
}

TYPED_TEST(TableTest, ScansIndexesCoveringAndNot) {
  TableLayoutPtr layout = this->Accounts().Layout();
  this->InsertAccounts(layout);
  const IndexLayout& balance = layout->indexes()[1];
  EXPECT_TRUE(layout->Covers(balance, 3));
  EXPECT_TRUE(layout->Covers(balance, 4));
  EXPECT_FALSE(layout->Covers(balance, 2));
  Rows covered = {{"-7", "1", "2020-01-01"},
                  {"1.5", "-3", std::nullopt},
                  {"1.50", "2", "2020-01-02"},
                  {std::nullopt, "4", "2020-01-04"}};
  EXPECT_EQ(this->session_.Scan(layout, {3, 1, 4}, &balance), covered);
  Rows fetched = {{"al"}, {std::nullopt}, {"bo"}, {std::nullopt}};
  EXPECT_EQ(this->session_.Scan(layout, {2}, &balance), fetched);
}

TYPED_TEST(TableTest, RangesFollowSqlBounds) {
  TableLayoutPtr layout = this->Accounts().Layout();
  this->InsertAccounts(layout);
  const IndexLayout& balance = layout->indexes()[1];
  base::Arena arena;
  types::Datum one_and_half = this->session_.Parse(*layout, 3, "1.5000", arena);
  types::Datum two = this->session_.Parse(*layout, 1, "2", arena);
  auto ids = [&](const IndexLayout& index, const kv::KeyRange& range) {
    std::string ids;
    for (const Row& row : this->session_.Scan(layout, {1}, &index, range)) ids += *row[0] + " ";
    return ids;
  };
  EXPECT_EQ(ids(balance, balance.Range({&one_and_half, 1}, nullptr)), "-3 2 ");
  ColumnBounds bounds{.lower = one_and_half};
  EXPECT_EQ(ids(balance, balance.Range({}, &bounds)), "-3 2 ");
  bounds.lower_inclusive = false;
  EXPECT_EQ(ids(balance, balance.Range({}, &bounds)), "");
  bounds = {.upper = one_and_half, .upper_inclusive = false};
  EXPECT_EQ(ids(balance, balance.Range({}, &bounds)), "1 ");
  bounds = {.lower = two};
  EXPECT_EQ(ids(balance, balance.Range({&one_and_half, 1}, &bounds)), "2 ");
  bounds = {};
  EXPECT_EQ(ids(balance, balance.Range({}, &bounds)), "1 -3 2 ");
  types::Datum null;
  EXPECT_EQ(ids(balance, balance.Range({&null, 1}, nullptr)), "4 ");
  EXPECT_EQ(ids(layout->rows(), layout->rows().Range({&two, 1}, nullptr)), "2 ");
  EXPECT_EQ(ids(layout->rows(), layout->rows().Range({&null, 1}, nullptr)), "");
  EXPECT_EQ(ids(layout->indexes()[0], layout->indexes()[0].TextPrefixRange({}, "b")), "2 ");
}

TYPED_TEST(TableTest, LooksUpRows) {
  TableLayoutPtr layout = this->Accounts().Layout();
  this->InsertAccounts(layout);
  TestSession& session = this->session_;
  session.txn().BeginStatement();
  txn::ReadView view = session.txn().View();
  const std::vector<int16_t> attnums = {2, 1, kRowKeyColumn};
  RowLookup lookup(layout, attnums);
  types::ChunkBuffer buffer(lookup.kinds());
  base::Arena arena;
  types::Datum one = session.Parse(*layout, 1, "1", arena);
  types::Datum nine = session.Parse(*layout, 1, "9", arena);
  types::Datum bo = session.Parse(*layout, 2, "bo", arena);
  std::string key1 = session.RowKeyOf(*layout, {"1"});
  std::string key2 = session.RowKeyOf(*layout, {"2"});
  std::string key9 = session.RowKeyOf(*layout, {"9"});
  ASSERT_TRUE(lookup.ByPrimaryKey(view, {&one, 1}, buffer, 0));
  ASSERT_TRUE(lookup.ByUniqueIndex(view, layout->indexes()[0], {&bo, 1}, buffer, 1));
  EXPECT_FALSE(lookup.ByPrimaryKey(view, {&nine, 1}, buffer, 2));
  buffer.Finish(2);
  EXPECT_EQ(session.TextRow(*layout, attnums, buffer, 0), (Row{"al", "1", key1}));
  EXPECT_EQ(session.TextRow(*layout, attnums, buffer, 1), (Row{"bo", "2", key2}));
  std::string_view keys[] = {key2, key9, key1, key2};
  std::vector<uint32_t> positions;
  ASSERT_EQ(lookup.ByRowKeys(view, std::span(keys).first(2), buffer, &positions), 1u);
  EXPECT_EQ(positions, (std::vector<uint32_t>{0}));
  EXPECT_EQ(session.TextRow(*layout, attnums, buffer, 0), (Row{"bo", "2", key2}));
}

TYPED_TEST(TableTest, DuplicateKeysAreNamed) {
  TableLayoutPtr layout = this->Accounts().Layout();
  this->InsertAccounts(layout);
  this->ExpectError(
      sqlstate::kUniqueViolation,
      "duplicate key value violates unique constraint \"accounts_pkey\"",
      "Key (id)=(2) already exists.",
      [&] { this->session_.Insert(layout, {{"2", "x", "0", std::nullopt}}); });
  this->ExpectError(
      sqlstate::kUniqueViolation,
      "duplicate key value violates unique constraint \"accounts_owner_key\"",
      "Key (owner)=(al) already exists.",
      [&] { this->session_.Insert(layout, {{"10", "al", "0", std::nullopt}}); });
  this->ExpectError(
      sqlstate::kUniqueViolation,
      "duplicate key value violates unique constraint \"accounts_pkey\"",
      "Key (id)=(21) already exists.", [&] {
        this->session_.Insert(layout, {{"20", "p", "0", std::nullopt},
                                       {"21", "q", "0", std::nullopt},
                                       {"21", "r", "0", std::nullopt}});
      });
}

TYPED_TEST(TableTest, UpdatesMoveRowsAndEntries) {
  TableLayoutPtr layout = this->Accounts().Layout();
  this->InsertAccounts(layout);
  TestSession& session = this->session_;
  std::string one = session.RowKeyOf(*layout, {"1"});
  Rows moved = {{"11", "alice", "8", "2020-01-01"}};
  EXPECT_EQ(session.Change(layout, {one}, &moved), std::vector<bool>{true});
  Rows by_owner = {{"alice", "11"}, {"bo", "2"}, {std::nullopt, "-3"}, {std::nullopt, "4"}};
  EXPECT_EQ(session.Scan(layout, {2, 1}, &layout->indexes()[0]), by_owner);
  Rows by_balance = {{"-3"}, {"2"}, {"11"}, {"4"}};
  EXPECT_EQ(session.Scan(layout, {1}, &layout->indexes()[1]), by_balance);
  Rows taken = {{"2", "alice", "8", "2020-01-01"}};
  this->ExpectError(sqlstate::kUniqueViolation,
                    "duplicate key value violates unique constraint \"accounts_pkey\"",
                    "Key (id)=(2) already exists.", [&] {
                      session.Change(layout, {session.RowKeyOf(*layout, {"11"})}, &taken);
                    });
}

TYPED_TEST(TableTest, DeletesLeaveNoEntry) {
  TableLayoutPtr layout = this->Accounts().Layout();
  this->InsertAccounts(layout);
  TestSession& session = this->session_;
  std::vector<std::string> keys;
  for (const char* id : {"1", "2", "-3", "4"}) keys.push_back(session.RowKeyOf(*layout, {id}));
  EXPECT_EQ(session.Change(layout, keys, nullptr), std::vector<bool>(4, true));
  ASSERT_TRUE(session.Commit().committed());
  kv::KeyRange all = kv::PrefixRange(codec::StoragePrefix(kTestTenant, 1000));
  EXPECT_TRUE(
      kv::ReadAll(*this->backend_.store().Newest(), all, kv::Direction::kForward).empty());
}

TYPED_TEST(TableTest, HiddenRowIdsKeepDuplicatesApartAcrossRestarts) {
  TableLayoutPtr layout = TableBuilder("log").Column("t", oids::kText).Layout();
  TestSession& session = this->session_;
  session.Begin();
  session.Insert(layout, {{"a"}, {"a"}});
  ASSERT_TRUE(session.Commit().committed());
  txn::TransactionManager restarted(this->backend_.store(), base::SystemClock());
  TestSession later(restarted);
  later.Begin();
  later.Insert(layout, {{"b"}});
  EXPECT_EQ(later.Scan(layout, {1}), (Rows{{"a"}, {"a"}, {"b"}}));
}

TYPED_TEST(TableTest, AddedColumnsReadTheirMissingValue) {
  TableBuilder builder("t");
  builder.Column("id", oids::kInt8).Column("a", oids::kText).PrimaryKey({1});
  TestSession& session = this->session_;
  session.Begin();
  session.Insert(builder.Layout(), {{"1", "x"}});
  builder.Column("n", oids::kInt4).Column("s", oids::kText).Column("z", oids::kInt4);
  int32_t seven = 7;
  builder.table().columns[2].missing_value = std::string(reinterpret_cast<char*>(&seven), 4);
  builder.table().columns[3].missing_value = "dflt";
  TableLayoutPtr layout = builder.Layout();
  session.Insert(layout, {{"2", "y", "8", std::nullopt, "9"}});
  EXPECT_EQ(session.Scan(layout, {1, 2, 3, 4, 5}),
            (Rows{{"1", "x", "7", "dflt", std::nullopt}, {"2", "y", "8", std::nullopt, "9"}}));
  builder.table().columns[1].dropped = true;
  EXPECT_EQ(session.Scan(builder.Layout(), {3, 5}), (Rows{{"7", std::nullopt}, {"8", "9"}}));
}

TYPED_TEST(TableTest, DeferrableUniqueIsCheckedWhenDue) {
  TableLayoutPtr layout = TableBuilder("d")
                              .Column("id", oids::kInt4)
                              .Column("u", oids::kInt4)
                              .PrimaryKey({1})
                              .Unique("d_u_key", {2}, /*deferrable=*/true)
                              .Layout();
  TestSession& session = this->session_;
  session.Begin();
  session.Insert(layout, {{"1", "1"}, {"2", "2"}});
  session.deferred().Run(session.txn(), true);
  std::vector<std::string> keys = {session.RowKeyOf(*layout, {"1"}),
                                   session.RowKeyOf(*layout, {"2"})};
  Rows swapped = {{"1", "2"}, {"2", "1"}};
  session.Change(layout, keys, &swapped);
  session.deferred().Run(session.txn(), false);
  session.Insert(layout, {{"3", "1"}});
  this->ExpectError(sqlstate::kUniqueViolation,
                    "duplicate key value violates unique constraint \"d_u_key\"",
                    "Key (u)=(1) already exists.",
                    [&] { session.deferred().Run(session.txn(), false); });
}

TYPED_TEST(TableTest, BackfillFindsDuplicates) {
  TableBuilder builder("t");
  builder.Column("id", oids::kInt4).Column("v", oids::kText).PrimaryKey({1});
  TestSession& session = this->session_;
  session.Begin();
  session.Insert(builder.Layout(), {{"1", "b"}, {"2", "a"}, {"3", "b"}});
  ASSERT_TRUE(session.Commit().committed());
  builder.Index("t_v", {2}).Unique("t_v_key", {2});
  TableLayoutPtr layout = builder.Layout();
  session.Begin();
  session.txn().BeginStatement();
  BackfillIndex(layout, 0, session.txn(), session.context());
  EXPECT_EQ(session.Scan(layout, {1}, &layout->indexes()[0]), (Rows{{"2"}, {"1"}, {"3"}}));
  this->ExpectError(sqlstate::kUniqueViolation, "could not create unique index \"t_v_key\"",
                    "Key (v)=(b) is duplicated.",
                    [&] { BackfillIndex(layout, 1, session.txn(), session.context()); });
}

TYPED_TEST(TableTest, DroppedStorageTakesTheTransactionsOwnRowsAlong) {
  TableLayoutPtr layout = this->Accounts().Layout();
  this->InsertAccounts(layout);
  this->session_.Insert(layout, {{"50", "zz", "1", std::nullopt}});
  DropStorage(this->session_.txn(), 1000);
  ASSERT_TRUE(this->session_.Commit().committed());
  kv::KeyRange all = kv::PrefixRange(codec::StoragePrefix(kTestTenant, 1000));
  EXPECT_TRUE(
      kv::ReadAll(*this->backend_.store().Newest(), all, kv::Direction::kForward).empty());
}

TYPED_TEST(TableTest, StatementsDoNotSeeTheirOwnWrites) {
  TableLayoutPtr layout = TableBuilder("n").Column("v", oids::kInt4).Layout();
  TestSession& session = this->session_;
  session.Begin();
  session.Insert(layout, {{"1"}, {"2"}});
  session.txn().BeginStatement();
  TableScan scan(layout, {.attnums = {1}});
  types::ChunkBuffer buffer(scan.kinds());
  scan.OpenAll(session.txn().View());
  TableWriter writer(layout, session.txn(), session.context());
  size_t seen = 0;
  while (size_t count = scan.Next(buffer)) {
    seen += count;
    writer.Insert(buffer.chunk());
    ASSERT_LT(seen, 100u);
  }
  EXPECT_EQ(seen, 2u);
  EXPECT_EQ(session.Scan(layout, {1}), (Rows{{"1"}, {"2"}, {"1"}, {"2"}}));
}

TYPED_TEST(TableTest, InsertUnlessConflictFindsTheRowInTheWay) {
  TableLayoutPtr layout = this->Accounts().Layout();
  this->InsertAccounts(layout);
  TestSession& session = this->session_;
  session.txn().BeginStatement();
  TableWriter writer(layout, session.txn(), session.context());
  types::ChunkBuffer buffer(TestSession::LiveKinds(*layout), 4);
  session.Fill(buffer, *layout, layout->live_attnums(),
               {{"9", "al", "1", std::nullopt}, {"9", "new", "1", std::nullopt},
                {"9", "newer", "1", std::nullopt}});
  const IndexLayout* owner = &layout->indexes()[0];
  InsertOutcome outcome = writer.InsertUnlessConflict(buffer.chunk(), 0, {&owner, 1});
  EXPECT_FALSE(outcome.inserted);
  EXPECT_EQ(outcome.conflict, owner);
  EXPECT_EQ(outcome.row_key, session.RowKeyOf(*layout, {"1"}));
  EXPECT_FALSE(outcome.own_command);
  outcome = writer.InsertUnlessConflict(buffer.chunk(), 1, {&owner, 1});
  EXPECT_TRUE(outcome.inserted);
  outcome = writer.InsertUnlessConflict(buffer.chunk(), 2, {});
  EXPECT_FALSE(outcome.inserted);
  EXPECT_TRUE(outcome.own_command);
  this->ExpectError(sqlstate::kUniqueViolation,
                    "duplicate key value violates unique constraint \"accounts_pkey\"",
                    "Key (id)=(9) already exists.",
                    [&] {
                      static_cast<void>(
                          writer.InsertUnlessConflict(buffer.chunk(), 2, {&owner, 1}));
                    });
}

}  // namespace
}  // namespace sundog::storage
