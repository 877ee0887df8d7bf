// Random concurrent transactions at SERIALIZABLE, and a proof that some serial order explains them.
//
// Each transaction does a few of: append its own number to a key's list; read a list; read a range
// of keys (where new keys appear: phantoms). Afterwards the committed transactions are ordered by
// dependency (Adya, "Weak Consistency", 1999; Kingsbury and Alvaro, "Elle", 2020):
//   ww: the next appender of a key follows the one before; wr: who reads a list follows its last
//   appender; rw: who reads a list precedes the appender after what was read. A key that a range
//   read did not give was read as an empty list.
// Histories are serializable if that graph has no cycle.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "kv/store_fixture.h"
#include "txn/transaction.h"
#include "txn/transaction_manager.h"

namespace sundog::txn {
namespace {

constexpr int kKeys = 6;
constexpr int kThreads = 4;
constexpr int kTransactionsEach = 400;

using List = std::vector<int>;

std::string KeyName(int key) { return "k" + std::to_string(key); }

List ParseList(std::string_view text) {
  List list;
  std::istringstream stream{std::string(text)};
  for (int number; stream >> number;) list.push_back(number);
  return list;
}

struct Committed {
  int id;
  std::map<int, List> reads;  // by key, before the own append
  std::set<int> appends;
};

class Worker {
 public:
  Worker(TransactionManager& manager, int index, uint64_t seed, Isolation isolation,
         Concurrency concurrency)
      : backend_{.process_id = index + 1, .tenant = 1},
        txn_(manager, backend_),
        index_(index),
        random_(seed + static_cast<uint64_t>(index)),
        isolation_(isolation),
        concurrency_(concurrency) {}

  void Run() {
    for (int i = 0; i < kTransactionsEach; ++i) {
      current_ = {.id = index_ * kTransactionsEach + i + 1};
      try {
        if (RunOne()) committed.push_back(current_);
      } catch (const SqlError& error) {
        EXPECT_TRUE(error.state().code() == "40001" || error.state().code() == "40P01");
        txn_.Rollback();
      }
    }
  }

  std::vector<Committed> committed;

 private:
  bool RunOne() {
    txn_.Begin({.isolation = isolation_, .concurrency = concurrency_});
    for (uint64_t n = 1 + random_.Below(3); n > 0; --n) {
      txn_.BeginStatement();
      int key = static_cast<int>(random_.Below(kKeys));
      switch (random_.Below(3)) {
        case 0: ReadRange(key, key + 1 + static_cast<int>(random_.Below(3))); break;
        case 1: ReadKey(key); break;
        default: Append(key); break;
      }
      std::this_thread::yield();
    }
    return txn_.Commit().committed();
  }

  void Saw(int key, List list) {
    // Its own append is no dependency; neither is what is read after it.
    if (!current_.appends.contains(key)) current_.reads[key] = std::move(list);
  }
  List ReadKey(int key) {
    kv::ReadBuffer buffer;
    auto value = txn_.View().Get(KeyName(key), buffer);
    List list = value ? ParseList(*value) : List();
    Saw(key, list);
    return list;
  }
  void ReadRange(int first, int last) {
    std::map<int, List> found;
    for (int key = first; key < std::min(last, kKeys); ++key) found[key] = {};
    auto direction = random_.Below(2) ? kv::Direction::kForward : kv::Direction::kReverse;
    auto cursor = txn_.View().Scan({KeyName(first), KeyName(std::min(last, kKeys))},
                                   {.direction = direction});
    for (auto batch = cursor->Next(2); !batch.empty(); batch = cursor->Next(2)) {
      for (const kv::Entry& entry : batch) found[entry.key[1] - '0'] = ParseList(entry.value);
    }
    for (auto& [key, list] : found) Saw(key, std::move(list));
  }
  void Append(int key) {
    if (current_.appends.contains(key)) return;
    std::string name = KeyName(key);
    while (txn_.LockRow(txn_.View(), name, RowLockMode::kUpdate) == RowLockOutcome::kChanged) {
      txn_.RestartStatement();
    }
    List list = ReadKey(key);
    list.push_back(current_.id);
    current_.appends.insert(key);
    std::string text;
    for (int number : list) text += std::to_string(number) + " ";
    txn_.Put(name, text);
  }

  LockBackend backend_;
  Transaction txn_;
  const int index_;
  base::Random random_;
  const Isolation isolation_;
  const Concurrency concurrency_;
  Committed current_{};
};

class Graph {
 public:
  void Edge(int from, int to) {
    if (from != to) next_[from].insert(to);
  }
  bool HasCycle() {
    for (const auto& [node, _] : next_) {
      if (Visit(node)) return true;
    }
    return false;
  }

 private:
  enum class Mark { kNew, kOpen, kDone };
  bool Visit(int node) {
    Mark& mark = marks_[node];
    if (mark == Mark::kOpen) return true;
    if (mark == Mark::kDone) return false;
    mark = Mark::kOpen;
    for (int next : next_[node]) {
      if (Visit(next)) return true;
    }
    marks_[node] = Mark::kDone;
    return false;
  }
  std::map<int, std::set<int>> next_;
  std::map<int, Mark> marks_;
};

// Runs the history and returns whether it is serializable.
bool RunHistory(kv::Store& store, uint64_t seed, Isolation isolation, Concurrency concurrency) {
  TransactionManager manager(store, base::SystemClock());
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    workers.push_back(std::make_unique<Worker>(manager, t, seed, isolation, concurrency));
  }
  for (const auto& worker : workers) threads.emplace_back([&worker] { worker->Run(); });
  for (std::thread& thread : threads) thread.join();

  std::map<int, List> final_lists;
  for (const auto& [key, value] :
       kv::ReadAll(*store.Newest(), {"k", "l"}, kv::Direction::kForward)) {
    final_lists[key[1] - '0'] = ParseList(value);
  }
  Graph graph;
  size_t committed = 0;
  for (const auto& [key, list] : final_lists) {
    for (size_t i = 1; i < list.size(); ++i) graph.Edge(list[i - 1], list[i]);
  }
  for (const auto& worker : workers) {
    committed += worker->committed.size();
    for (const Committed& txn : worker->committed) {
      for (int key : txn.appends) {
        const List& list = final_lists[key];
        EXPECT_EQ(std::count(list.begin(), list.end(), txn.id), 1) << "lost append";
      }
      for (const auto& [key, seen] : txn.reads) {
        const List& list = final_lists[key];
        bool prefix = seen.size() <= list.size() &&
                      std::equal(seen.begin(), seen.end(), list.begin());
        EXPECT_TRUE(prefix) << "read what was never committed";
        if (!prefix) return false;
        if (!seen.empty()) graph.Edge(seen.back(), txn.id);
        if (seen.size() < list.size()) graph.Edge(txn.id, list[seen.size()]);
      }
    }
  }
  EXPECT_GT(committed, 100u);
  return !graph.HasCycle();
}

template <typename Backend>
class HistoryTest : public ::testing::Test {};
using Backends = ::testing::Types<kv::MemoryBackend, kv::RocksBackend>;
TYPED_TEST_SUITE(HistoryTest, Backends);

TYPED_TEST(HistoryTest, SerializableHistoriesHaveASerialOrder) {
  for (auto concurrency : {Concurrency::kPessimistic, Concurrency::kOptimistic}) {
    uint64_t seed = base::SecureSeed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    TypeParam backend;
    EXPECT_TRUE(RunHistory(backend.store(), seed, Isolation::kSerializable, concurrency));
  }
}

// The checker does find cycles where they may be: snapshot isolation allows write skew.
TEST(HistoryCheck, FindsWriteSkewAtRepeatableRead) {
  for (int round = 0; round < 20; ++round) {
    kv::MemoryBackend backend;
    if (!RunHistory(backend.store(), base::SecureSeed(), Isolation::kRepeatableRead,
                    Concurrency::kPessimistic)) {
      return;
    }
  }
  ADD_FAILURE() << "no write skew in any round";
}

}  // namespace
}  // namespace sundog::txn
