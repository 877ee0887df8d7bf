// Isolation between transactions, on both backends.
#include "txn/transaction.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/clock.h"
#include "base/sql_error.h"
#include "kv/store_fixture.h"
#include "txn/transaction_manager.h"

namespace sundog::txn {
namespace {

template <typename Backend>
class TransactionTest : public ::testing::Test {
 protected:
  struct Client {
    Client(TransactionManager& manager, int32_t pid)
        : backend{.process_id = pid, .tenant = 1}, txn(manager, backend) {}
    LockBackend backend;
    Transaction txn;

    void Begin(Isolation isolation, Concurrency concurrency = Concurrency::kPessimistic) {
      txn.Begin({.isolation = isolation, .concurrency = concurrency});
    }
    std::string Get(std::string_view key) {
      txn.BeginStatement();
      kv::ReadBuffer buffer;
      auto value = txn.View().Get(key, buffer);
      return value ? std::string(*value) : "none";
    }
    // One statement that locks and writes.
    void Write(std::string_view key, std::string_view value) {
      txn.BeginStatement();
      while (txn.LockRow(txn.View(), key, RowLockMode::kUpdate) == RowLockOutcome::kChanged) {
        txn.RestartStatement();
        ++restarts;
      }
      txn.Put(key, value);
    }
    int restarts = 0;
  };

  void Store(std::string_view key, std::string_view value) {
    Client client(manager_, 99);
    client.Begin(Isolation::kReadCommitted);
    client.Write(key, value);
    ASSERT_TRUE(client.txn.Commit().committed());
  }
  std::string ReadAll(Client& client, kv::Direction direction, kv::KeyRange range = {"", "\xfe"}) {
    client.txn.BeginStatement();
    auto cursor = client.txn.View().Scan(range, {.direction = direction});
    std::string result;
    for (auto batch = cursor->Next(2); !batch.empty(); batch = cursor->Next(2)) {
      for (const kv::Entry& entry : batch) {
        result += std::string(entry.key) + "=" + std::string(entry.value) + " ";
      }
    }
    return result;
  }
  void WaitUntilBlocked(const Client& client) {
    while (manager_.locks().BlockersOf(client.backend.process_id).empty()) {
      std::this_thread::yield();
    }
  }

  Backend backend_;
  TransactionManager manager_{backend_.store(), base::SystemClock()};
  Client a_{manager_, 1};
  Client b_{manager_, 2};
};

using Backends = ::testing::Types<kv::MemoryBackend, kv::RocksBackend>;
TYPED_TEST_SUITE(TransactionTest, Backends);

TYPED_TEST(TransactionTest, OwnWritesAreReadByThemselves) {
  this->Store("a", "theirs");
  this->Store("b", "theirs");
  typename TestFixture::Client client(this->manager_, 1);
  client.Begin(Isolation::kReadCommitted);
  client.Write("b", "mine");
  client.Write("c", "mine");
  client.Write("d", "mine");
  client.txn.Delete("d");
  client.txn.BeginStatement();
  client.txn.Put("e", "of this statement");
  auto cursor = client.txn.View().ScanOwnWrites({"a", "z"});
  std::string result;
  for (auto batch = cursor->Next(1); !batch.empty(); batch = cursor->Next(1)) {
    for (const kv::Entry& entry : batch) result += std::string(entry.key) + " ";
  }
  EXPECT_EQ(result, "b c ");
  EXPECT_TRUE(client.txn.View().ScanOwnWrites({"f", "z"})->Next(1).empty());
}

TYPED_TEST(TransactionTest, WhatIsNotedAsReadIsJudged) {
  typename TestFixture::Client client(this->manager_, 1);
  client.Begin(Isolation::kSerializable);
  client.txn.BeginStatement();
  client.txn.View().NoteRead({"m", "n"});
  client.Write("a", "mine");
  this->Store("m1", "theirs");
  EXPECT_FALSE(client.txn.Commit().committed());
}

TYPED_TEST(TransactionTest, ScansMergeOwnWritesBothWays) {
  for (const char* key : {"a", "c", "e"}) this->Store(key, "old");
  this->a_.Begin(Isolation::kReadCommitted);
  this->a_.Write("b", "new");
  this->a_.Write("c", "new");
  this->a_.Write("f", "new");
  this->a_.txn.BeginStatement();
  this->a_.txn.Delete("e");
  EXPECT_EQ(this->ReadAll(this->a_, kv::Direction::kForward), "a=old b=new c=new f=new ");
  EXPECT_EQ(this->ReadAll(this->a_, kv::Direction::kReverse), "f=new c=new b=new a=old ");
  EXPECT_EQ(this->ReadAll(this->a_, kv::Direction::kForward, {"b", "c"}), "b=new ");
  this->b_.Begin(Isolation::kReadCommitted);
  EXPECT_EQ(this->ReadAll(this->b_, kv::Direction::kForward), "a=old c=old e=old ");
}

TYPED_TEST(TransactionTest, SavepointsTakeBackWritesAndLocks) {
  this->a_.Begin(Isolation::kReadCommitted);
  this->a_.Write("k", "1");
  Transaction::Savepoint savepoint = this->a_.txn.MakeSavepoint();
  this->a_.Write("k", "2");
  this->a_.Write("l", "2");
  this->a_.txn.RollbackTo(savepoint);
  EXPECT_EQ(this->a_.Get("k"), "1");
  EXPECT_EQ(this->a_.Get("l"), "none");
  this->b_.Begin(Isolation::kReadCommitted);
  this->b_.txn.BeginStatement();
  auto try_lock = [&](std::string_view key) {
    return this->b_.txn.LockRow(this->b_.txn.View(), key, RowLockMode::kUpdate,
                                WaitPolicy::kNoWait);
  };
  EXPECT_EQ(try_lock("l"), RowLockOutcome::kLocked);
  EXPECT_EQ(try_lock("k"), RowLockOutcome::kNotAvailable);
}

TYPED_TEST(TransactionTest, ReadCommittedSeesEachCommitAndRepeatableReadNone) {
  this->Store("k", "1");
  this->a_.Begin(Isolation::kReadCommitted);
  this->b_.Begin(Isolation::kRepeatableRead);
  EXPECT_EQ(this->a_.Get("k"), "1");
  EXPECT_EQ(this->b_.Get("k"), "1");
  this->Store("k", "2");
  EXPECT_EQ(this->a_.Get("k"), "2");
  EXPECT_EQ(this->b_.Get("k"), "1");
}

TYPED_TEST(TransactionTest, ReadCommittedWriterWaitsAndStartsOver) {
  this->Store("k", "1");
  this->a_.Begin(Isolation::kReadCommitted);
  this->a_.Write("k", "2");
  std::thread writer([&] {
    this->b_.Begin(Isolation::kReadCommitted);
    this->b_.Write("k", "3");
    EXPECT_TRUE(this->b_.txn.Commit().committed());
  });
  this->WaitUntilBlocked(this->b_);
  ASSERT_TRUE(this->a_.txn.Commit().committed());
  writer.join();
  EXPECT_EQ(this->b_.restarts, 1);
  this->a_.Begin(Isolation::kReadCommitted);
  EXPECT_EQ(this->a_.Get("k"), "3");
}

TYPED_TEST(TransactionTest, WaiterGoesOnWithoutRestartWhenTheHolderRollsBack) {
  this->Store("k", "1");
  this->a_.Begin(Isolation::kReadCommitted);
  this->a_.Write("k", "2");
  std::thread writer([&] {
    this->b_.Begin(Isolation::kRepeatableRead);
    this->b_.Write("k", "3");
    EXPECT_TRUE(this->b_.txn.Commit().committed());
  });
  this->WaitUntilBlocked(this->b_);
  this->a_.txn.Rollback();
  writer.join();
  EXPECT_EQ(this->b_.restarts, 0);
}

TYPED_TEST(TransactionTest, RepeatableReadNamesUpdateAndDelete) {
  for (bool deleted : {false, true}) {
    this->Store("k", "1");
    this->b_.Begin(Isolation::kRepeatableRead);
    EXPECT_EQ(this->b_.Get("k"), "1");
    this->a_.Begin(Isolation::kReadCommitted);
    this->a_.Write("k", "2");
    if (deleted) this->a_.txn.Delete("k");
    ASSERT_TRUE(this->a_.txn.Commit().committed());
    try {
      this->b_.Write("k", "3");
      FAIL();
    } catch (const SqlError& error) {
      EXPECT_EQ(error.state().code(), "40001");
      std::string change = deleted ? "delete" : "update";
      EXPECT_EQ(error.fields().message,
                "could not serialize access due to concurrent " + change);
    }
    this->b_.txn.Rollback();
  }
}

TYPED_TEST(TransactionTest, SerializableRefusesWriteSkewAndPhantoms) {
  this->Store("k1", "on");
  this->Store("k2", "on");
  for (auto concurrency : {Concurrency::kPessimistic, Concurrency::kOptimistic}) {
    this->a_.Begin(Isolation::kSerializable, concurrency);
    this->b_.Begin(Isolation::kSerializable, concurrency);
    this->ReadAll(this->a_, kv::Direction::kForward, {"k", "l"});
    this->ReadAll(this->b_, kv::Direction::kReverse, {"k", "l"});
    this->a_.Write("k1", "off");
    this->b_.Write(concurrency == Concurrency::kOptimistic ? "k3" : "k2", "off");
    EXPECT_TRUE(this->a_.txn.Commit().committed());
    CommitResult lost = this->b_.txn.Commit();
    EXPECT_EQ(lost.kind, CommitResult::Kind::kReadConflict);
    EXPECT_EQ(CommitError(lost).fields().message,
              "could not serialize access due to read/write dependencies among transactions");
  }
}

TYPED_TEST(TransactionTest, SerializableConflictsOnlyWithWhatWasRead) {
  for (const char* key : {"a", "b", "c", "d"}) this->Store(key, "1");
  this->a_.Begin(Isolation::kSerializable);
  this->a_.txn.BeginStatement();
  auto cursor = this->a_.txn.View().Scan({"a", "z"});
  EXPECT_EQ(cursor->Next(2).size(), 2u);
  this->Store("d", "2");
  this->a_.Write("x", "1");
  EXPECT_TRUE(this->a_.txn.Commit().committed());
}

// Fekete, O'Neil and O'Neil's reader that sees what cannot be: the writer is refused at its write.
TYPED_TEST(TransactionTest, SerializableFailsAtItsFirstWriteOnceItsReadsAreOutdated) {
  this->Store("k", "1");
  this->a_.Begin(Isolation::kSerializable);
  EXPECT_EQ(this->a_.Get("k"), "1");
  this->Store("k", "2");
  try {
    this->a_.Write("x", "1");
    ADD_FAILURE();
  } catch (const SqlError& error) {
    EXPECT_EQ(error.state().code(), "40001");
    EXPECT_EQ(error.fields().detail,
              "Reason code: Canceled on identification as a pivot, during write.");
  }
  this->a_.txn.Rollback();
  // What it has not read may change.
  this->a_.Begin(Isolation::kSerializable);
  EXPECT_EQ(this->a_.Get("k"), "2");
  this->Store("other", "1");
  this->a_.Write("x", "1");
  EXPECT_TRUE(this->a_.txn.Commit().committed());
}

TYPED_TEST(TransactionTest, SerializableReaderNeverFails) {
  this->Store("k", "1");
  this->a_.Begin(Isolation::kSerializable);
  EXPECT_EQ(this->a_.Get("k"), "1");
  this->Store("k", "2");
  EXPECT_EQ(this->a_.Get("k"), "1");
  EXPECT_TRUE(this->a_.txn.Commit().committed());
}

TYPED_TEST(TransactionTest, OptimisticLoserFailsAtCommitOnly) {
  this->Store("k", "1");
  this->a_.Begin(Isolation::kRepeatableRead, Concurrency::kOptimistic);
  this->b_.Begin(Isolation::kRepeatableRead, Concurrency::kOptimistic);
  this->a_.Write("k", "2");
  this->b_.Write("k", "3");
  EXPECT_TRUE(this->a_.txn.Commit().committed());
  EXPECT_EQ(this->b_.txn.Commit().kind, CommitResult::Kind::kWriteConflict);
}

// The classes of facts about row locks without locks: A excludes all, B A and B, C A.
TYPED_TEST(TransactionTest, OptimisticRowLocksMeetAtCommit) {
  struct Case {
    RowLockMode first;
    RowLockMode second;
    bool conflict;
  };
  using enum RowLockMode;
  constexpr Case kCases[] = {
      {kUpdate, kUpdate, true},       {kUpdate, kNoKeyUpdate, true},
      {kNoKeyUpdate, kUpdate, true},  {kUpdate, kKeyShare, true},
      {kKeyShare, kUpdate, true},     {kNoKeyUpdate, kNoKeyUpdate, true},
      {kNoKeyUpdate, kKeyShare, false}, {kKeyShare, kNoKeyUpdate, false},
      {kKeyShare, kKeyShare, false},  {kShare, kShare, false},
      {kShare, kNoKeyUpdate, true},   {kNoKeyUpdate, kShare, true},
      {kShare, kUpdate, true},        {kShare, kKeyShare, false},
  };
  for (const Case& c : kCases) {
    this->a_.Begin(Isolation::kRepeatableRead, Concurrency::kOptimistic);
    this->b_.Begin(Isolation::kRepeatableRead, Concurrency::kOptimistic);
    this->a_.txn.BeginStatement();
    this->b_.txn.BeginStatement();
    static_cast<void>(this->a_.txn.LockRow(this->a_.txn.View(), "row", c.first));
    static_cast<void>(this->b_.txn.LockRow(this->b_.txn.View(), "row", c.second));
    EXPECT_TRUE(this->a_.txn.Commit().committed());
    EXPECT_EQ(this->b_.txn.Commit().committed(), !c.conflict)
        << static_cast<int>(c.first) << " " << static_cast<int>(c.second);
  }
}

TYPED_TEST(TransactionTest, SchemaChangeIsToldApart) {
  this->Store("schema", "1");
  this->a_.Begin(Isolation::kReadCommitted);
  this->a_.txn.BeginStatement();
  this->a_.txn.CheckSchemaAtCommit(this->a_.txn.View().version(), "schema");
  this->Store("schema", "2");
  this->a_.Write("k", "1");
  EXPECT_EQ(this->a_.txn.Commit().kind, CommitResult::Kind::kSchemaConflict);
}

TYPED_TEST(TransactionTest, NestedStatementSeesTheOuterOnesWritesAndGivesBackItsPlace) {
  this->a_.Begin(Isolation::kReadCommitted);
  this->a_.txn.BeginStatement();
  this->a_.txn.Put("k", "outer");
  ReadView outer = this->a_.txn.View();
  kv::ReadBuffer buffer;
  {
    Transaction::NestedStatement nested(this->a_.txn);
    EXPECT_EQ(this->a_.txn.View().Get("k", buffer), "outer");
    this->a_.txn.Put("k", "inner");
  }
  EXPECT_EQ(this->a_.txn.command(), outer.command());
  EXPECT_EQ(outer.Get("k", buffer), std::nullopt);
  EXPECT_EQ(this->a_.Get("k"), "inner");
}

TYPED_TEST(TransactionTest, RangeDeletedAtCommitTakesOwnWritesAlong) {
  this->Store("t1", "x");
  this->a_.Begin(Isolation::kReadCommitted);
  this->a_.Write("t2", "y");
  this->a_.Write("u", "z");
  this->a_.txn.DeleteRangeAtCommit(kv::PrefixRange("t"));
  ASSERT_TRUE(this->a_.txn.Commit().committed());
  this->b_.Begin(Isolation::kReadCommitted);
  EXPECT_EQ(this->ReadAll(this->b_, kv::Direction::kForward), "u=z ");
}

}  // namespace
}  // namespace sundog::txn
