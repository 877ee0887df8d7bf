// Foreign keys from both sides, alone and between transactions.
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "base/sql_error.h"
#include "storage/foreign_keys.h"
#include "storage/storage_fixture.h"

namespace sundog::storage {
namespace {

namespace oids = types::oids;

class ForeignKeyTest : public ::testing::Test {
 protected:
  ForeignKeyTest() {
    parents_ = TableBuilder("parents", 2000)
                   .Column("id", oids::kInt8)
                   .Column("code", oids::kText)
                   .PrimaryKey({1})
                   .Unique("parents_code_key", {2})
                   .Layout();
    TableBuilder children("children", 3000);
    children.Column("id", oids::kInt4).Column("parent", oids::kInt4).Column("code", oids::kText);
    children.PrimaryKey({1}).Index("children_parent", {2});
    constraint_.name = "children_parent_fkey";
    constraint_.kind = catalog::ConstraintKind::kForeignKey;
    constraint_.columns = {2};
    constraint_.referenced_table = 2000;
    constraint_.referenced_columns = {1};
    constraint_.index = parents_->table().row_key_index;
    children_ = children.Layout();
    session_.Begin();
    session_.Insert(parents_, {{"1", "one"}, {"2", "two"}, {"5000000000", "big"}});
    EXPECT_TRUE(session_.Commit().committed());
    session_.Begin();
  }

  ForeignKey key() {
    return {.constraint = &constraint_,
            .referencing = children_,
            .referenced = parents_,
            .referencing_schema = "public",
            .io = &session_.io()};
  }
  void InsertChildren(TestSession& session, const Rows& rows) {
    session.Insert(children_, rows);
    types::ChunkBuffer buffer(TestSession::LiveKinds(*children_), rows.size());
    session.Fill(buffer, *children_, children_->live_attnums(), rows);
    CheckReferencedRows(key(), session.txn(), buffer.chunk());
  }
  std::string DetailOf(const std::function<void()>& act) {
    try {
      act();
    } catch (const SqlError& error) {
      EXPECT_EQ(error.state().code(), "23503");
      return error.fields().message + " | " + error.fields().detail;
    }
    return "";
  }
  void DeleteParent(TestSession& session, const std::string& id, const std::string& code,
                    bool restrict) {
    session.Change(parents_, {session.RowKeyOf(*parents_, {id})}, nullptr);
    types::ChunkBuffer buffer(TestSession::LiveKinds(*parents_));
    session.Fill(buffer, *parents_, parents_->live_attnums(), {{id, code}});
    CheckNotReferenced(key(), session.txn(), buffer.chunk(), 0, restrict);
  }

  kv::MemoryBackend backend_;
  txn::TransactionManager manager_{backend_.store(), base::SystemClock()};
  TestSession session_{manager_};
  TestSession other_{manager_};
  TableLayoutPtr parents_;
  TableLayoutPtr children_;
  catalog::ConstraintDescriptor constraint_;
};

TEST_F(ForeignKeyTest, MissingReferencedRowIsNamed) {
  InsertChildren(session_, {{"10", "1", std::nullopt}, {"11", std::nullopt, std::nullopt}});
  EXPECT_EQ(DetailOf([&] { InsertChildren(session_, {{"12", "3", std::nullopt}}); }),
            "insert or update on table \"children\" violates foreign key constraint "
            "\"children_parent_fkey\" | Key (parent)=(3) is not present in table \"parents\".");
}

TEST_F(ForeignKeyTest, ReferencedRowCannotGo) {
  InsertChildren(session_, {{"10", "1", std::nullopt}});
  EXPECT_EQ(DetailOf([&] { DeleteParent(session_, "1", "one", false); }),
            "update or delete on table \"parents\" violates foreign key constraint "
            "\"children_parent_fkey\" on table \"children\" | Key (id)=(1) is still referenced "
            "from table \"children\".");
  EXPECT_EQ(DetailOf([&] { DeleteParent(session_, "2", "two", true); }), "");
}

TEST_F(ForeignKeyTest, NoActionPassesWhenTheKeyExistsAgain) {
  InsertChildren(session_, {{"10", "1", std::nullopt}});
  session_.Change(parents_, {session_.RowKeyOf(*parents_, {"1"})}, nullptr);
  session_.Insert(parents_, {{"1", "again"}});
  types::ChunkBuffer buffer(TestSession::LiveKinds(*parents_));
  session_.Fill(buffer, *parents_, parents_->live_attnums(), {{"1", "one"}});
  EXPECT_EQ(DetailOf([&] { CheckNotReferenced(key(), session_.txn(), buffer.chunk(), 0, false); }),
            "");
  EXPECT_NE(DetailOf([&] { CheckNotReferenced(key(), session_.txn(), buffer.chunk(), 0, true); }),
            "");
}

TEST_F(ForeignKeyTest, FindsReferencingRowsByIndexAndWithout) {
  InsertChildren(session_, {{"10", "1", "one"}, {"11", "2", "two"}, {"12", "1", "one"}});
  types::ChunkBuffer parents(TestSession::LiveKinds(*parents_), 2);
  session_.Fill(parents, *parents_, parents_->live_attnums(), {{"1", "one"}, {"5000000000", "x"}});
  auto count = [&](size_t row) {
    ReferencingRows rows(key(), session_.txn());
    types::ChunkBuffer buffer(rows.kinds());
    size_t total = 0;
    rows.Seek(parents.chunk(), row);
    while (size_t n = rows.Next(buffer)) total += n;
    return total;
  };
  EXPECT_EQ(count(0), 2u);
  EXPECT_EQ(count(1), 0u);  // no int4 equals it
  constraint_.columns = {3};
  constraint_.referenced_columns = {2};
  constraint_.index = parents_->indexes()[0].descriptor().oid;
  EXPECT_EQ(count(0), 2u);
  EXPECT_EQ(DetailOf([&] { InsertChildren(session_, {{"13", std::nullopt, "two"}}); }), "");
  EXPECT_NE(DetailOf([&] { InsertChildren(session_, {{"14", std::nullopt, "three"}}); }), "");
}

TEST_F(ForeignKeyTest, MatchFullWantsAllOrNothing) {
  constraint_.columns = {2, 3};
  constraint_.referenced_columns = {1, 2};
  constraint_.match = catalog::MatchKind::kFull;
  std::string detail = DetailOf([&] { InsertChildren(session_, {{"10", "1", std::nullopt}}); });
  EXPECT_NE(detail.find("MATCH FULL"), std::string::npos);
}

TEST_F(ForeignKeyTest, DeletingTheReferencedRowWaitsForTheReferencingOne) {
  InsertChildren(session_, {{"10", "1", std::nullopt}});
  std::string detail;
  std::thread deleter([&] {
    other_.Begin();
    detail = DetailOf([&] { DeleteParent(other_, "1", "one", false); });
    other_.txn().Rollback();
  });
  while (manager_.locks().BlockersOf(other_.process_id()).empty()) std::this_thread::yield();
  ASSERT_TRUE(session_.Commit().committed());
  deleter.join();
  EXPECT_NE(detail.find("is still referenced"), std::string::npos);
}

}  // namespace
}  // namespace sundog::storage
