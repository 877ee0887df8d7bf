// What only the backend on disk promises: durability, refusals at start, full disks.
#include "kv/rocks/rocks_store.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "kv/rocks/faulty_env.h"
#include "kv/store_fixture.h"

namespace sundog::kv {
namespace {

namespace fs = std::filesystem;
using Kind = CommitOutcome::Kind;

Version Put(Store& store, std::string_view key, std::string_view value) {
  WriteList writes;
  writes.Add(key, std::string(value));
  CommitOutcome outcome = store.Commit({.writes = writes.view()});
  EXPECT_EQ(outcome.kind, Kind::kCommitted);
  return outcome.version;
}

std::string Get(Store& store, std::string_view key) {
  ReadBuffer buffer;
  auto value = store.Newest()->Get(key, buffer);
  return value ? std::string(*value) : "none";
}

std::string ErrorAtOpen(const std::string& folder, std::string* state) {
  try {
    OpenRocksStore({.folder = folder});
  } catch (const SqlError& error) {
    *state = error.state().code();
    return error.fields().message;
  }
  return "opened";
}

TEST(RocksStore, ABufferThatPinnedFewValuesTakesMany) {
  RocksBackend backend;
  constexpr size_t kKeys = 200;
  std::vector<std::string> names;
  for (size_t i = 0; i < kKeys; ++i) names.push_back("key " + std::to_string(i));
  for (size_t i = 0; i < kKeys; i += 2) Put(backend.store(), names[i], std::string(1000, 'a'));
  backend.Reopen();  // these are in a file now, the others are not
  for (size_t i = 1; i < kKeys; i += 2) Put(backend.store(), names[i], std::string(1000, 'b'));
  std::vector<std::string_view> keys(names.begin(), names.end());
  ReadBuffer buffer;
  for (size_t count = 1; count <= kKeys; count = count * 3 + 1) {
    auto values = backend.store().Newest()->MultiGet(std::span(keys).first(count), buffer);
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(values[i]->front(), i % 2 == 0 ? 'a' : 'b');
  }
}

TEST(RocksStore, KeepsCommitsAndVersionsAcrossRestarts) {
  RocksBackend backend;
  Version before = Put(backend.store(), "a", "1");
  Put(backend.store(), "b", "2");
  backend.Reopen();
  EXPECT_EQ(Get(backend.store(), "a"), "1");
  EXPECT_EQ(Get(backend.store(), "b"), "2");
  EXPECT_GT(backend.store().NewestVersion(), before);
  KeyCheck checks[] = {{"a", before}};
  WriteList writes;
  writes.Add("a", "3");
  EXPECT_EQ(backend.store().Commit({.writes = writes.view(), .key_checks = checks}).kind,
            Kind::kTooOld);
}

TEST(RocksStore, SecondServerIsRefused) {
  RocksBackend backend;
  std::string state;
  std::string message = ErrorAtOpen(backend.path(), &state);
  EXPECT_EQ(state, "F0001");
  EXPECT_NE(message.find("is in use by another server (process "), std::string::npos) << message;
}

TEST(RocksStore, UnknownFormatIsRefused) {
  TemporaryFolder folder;
  OpenRocksStore({.folder = folder.path()}).reset();
  std::string state;
  std::ofstream(folder.path() + "/FORMAT") << "sundog-data 99\n";
  std::string message = ErrorAtOpen(folder.path(), &state);
  EXPECT_EQ(state, "0A000");
  EXPECT_NE(message.find("has format 99, which is not supported"), std::string::npos) << message;
  std::ofstream(folder.path() + "/FORMAT") << "something else\n";
  ErrorAtOpen(folder.path(), &state);
  EXPECT_EQ(state, "XX001");
  fs::remove(folder.path() + "/FORMAT");
  ErrorAtOpen(folder.path(), &state);
  EXPECT_EQ(state, "XX001");
}

// Overwrites some bytes in the middle of a file.
void Damage(const fs::path& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
  file << "damaged damaged";
}

TEST(RocksStore, DamageIsNamedAtStart) {
  for (std::string kind : {".sst", ".log", "MANIFEST", "CURRENT"}) {
    RocksBackend backend;
    WriteList many;
    for (int i = 0; i < 20000; ++i) {
      char key[16];
      snprintf(key, sizeof key, "k%07d", i);
      many.Add(key, std::string(100, 'v'));
    }
    // Large enough for a file of its own.
    ASSERT_EQ(backend.store().Commit({.writes = many.view()}).kind, Kind::kCommitted);
    for (int i = 0; i < 200; ++i) Put(backend.store(), "l" + std::to_string(i), "logged");
    backend.Close();
    int damaged = 0;
    for (const auto& entry : fs::directory_iterator(backend.path() + "/rocksdb")) {
      std::string name = entry.path().filename();
      bool chosen = name.ends_with(kind) || name.starts_with(kind);
      if (!chosen || entry.file_size() == 0) continue;
      Damage(entry.path());
      ++damaged;
    }
    ASSERT_GT(damaged, 0) << kind;
    std::string state;
    std::string message = ErrorAtOpen(backend.path(), &state);
    EXPECT_TRUE(state == "XX001" || state == "58030") << kind << ": " << message;
    EXPECT_NE(message.find("could not open data folder"), std::string::npos) << message;
  }
}

TEST(RocksStore, MissingFileIsNamedAtStart) {
  RocksBackend backend;
  WriteList many;
  for (int i = 0; i < 20000; ++i) {
    char key[16];
    snprintf(key, sizeof key, "k%07d", i);
    many.Add(key, std::string(100, 'v'));
  }
  ASSERT_EQ(backend.store().Commit({.writes = many.view()}).kind, Kind::kCommitted);
  backend.Close();
  for (const auto& entry : fs::directory_iterator(backend.path() + "/rocksdb")) {
    if (entry.path().extension() == ".sst") fs::remove(entry.path());
  }
  std::string state;
  std::string message = ErrorAtOpen(backend.path(), &state);
  EXPECT_NE(message.find("could not open data folder"), std::string::npos) << message;
}

TEST(RocksStore, FullDiskRefusesCommitsAndLosesNone) {
  TemporaryFolder folder;
  auto disk = std::make_shared<FullDisk>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
  RocksStoreOptions options{.folder = folder.path(), .env = env.get()};
  auto store = OpenRocksStore(options);
  // Each recovery leaves a file, and so there are compactions that run into the full disk too.
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds; ++round) {
    std::string suffix = std::to_string(round);
    Put(*store, "before" + suffix, "kept");
    disk->full = true;
    for (int i = 0; i < 3; ++i) {
      WriteList writes;
      writes.Add("lost" + suffix, "x");
      try {
        static_cast<void>(store->Commit({.writes = writes.view()}));
        ADD_FAILURE();
      } catch (const SqlError& error) {
        EXPECT_EQ(error.state().code(), "53100") << error.what();
      }
      // Reading goes on.
      EXPECT_EQ(Get(*store, "before" + suffix), "kept");
      EXPECT_EQ(Get(*store, "lost" + suffix), "none");
    }
    disk->full = false;
    Put(*store, "after" + suffix, "kept");
    EXPECT_EQ(Get(*store, "lost" + suffix), "none");
  }
  store.reset();
  store = OpenRocksStore(options);
  for (int round = 0; round < kRounds; ++round) {
    std::string suffix = std::to_string(round);
    EXPECT_EQ(Get(*store, "before" + suffix), "kept");
    EXPECT_EQ(Get(*store, "after" + suffix), "kept");
    EXPECT_EQ(Get(*store, "lost" + suffix), "none");
  }
}

// Rows of one table come and go, as INSERT and TRUNCATE write them.
TEST(RocksStore, RangesAreDeletedAmongRowsOfTheSamePrefix) {
  RocksBackend backend;
  std::string table(12, 't');
  for (int round = 0; round < 50; ++round) {
    for (int row = 0; row < 20; ++row) {
      Put(backend.store(), table + std::to_string(row * 7 % 20), "x");
    }
    WriteList writes;
    writes.AddRange(table, table + "\xff");
    writes.Add(table + "kept", std::to_string(round));
    ASSERT_EQ(backend.store().Commit({.writes = writes.view()}).kind, Kind::kCommitted);
    EXPECT_EQ(Get(backend.store(), table + "1"), "none");
  }
  backend.Reopen();
  EXPECT_EQ(Get(backend.store(), table + "1"), "none");
  EXPECT_EQ(Get(backend.store(), table + "kept"), "49");
}

constexpr char kFolderVariable[] = "SUNDOG_TEST_FOLDER";
constexpr char kReportVariable[] = "SUNDOG_TEST_REPORT_FD";

// The child of the next test: commits pairs of keys and reports each, until it is killed.
TEST(RocksStoreChild, DISABLED_CommitUntilKilled) {
  std::string folder = getenv(kFolderVariable);
  int report_fd = std::stoi(getenv(kReportVariable));
  auto store = OpenRocksStore({.folder = folder, .memtable_bytes = 1 << 20, .bulk_bytes = 4000});
  for (uint32_t i = 0;; ++i) {
    std::string number = std::to_string(i);
    WriteList writes;
    // Now and then a commit that goes in as a file of its own.
    writes.Add("a" + number, std::string(i % 50 == 0 ? 5000 : 50, 'x'));
    writes.Add("b" + number, number);
    if (store->Commit({.writes = writes.view()}).kind != Kind::kCommitted) _exit(1);
    if (write(report_fd, &i, sizeof i) != sizeof i) _exit(1);
  }
}

TEST(RocksStore, KilledServerHasEveryAcknowledgedCommitWhole) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  for (int round = 0; round < 8; ++round) {
    TemporaryFolder folder;
    int pipe_fds[2];
    ASSERT_EQ(pipe(pipe_fds), 0);
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      // A process of its own: RocksDB's threads do not survive a fork.
      setenv(kFolderVariable, folder.path().c_str(), 1);
      setenv(kReportVariable, std::to_string(pipe_fds[1]).c_str(), 1);
      execl("/proc/self/exe", "child", "--gtest_also_run_disabled_tests", "--gtest_brief=1",
            "--gtest_filter=RocksStoreChild.DISABLED_CommitUntilKilled", nullptr);
      _exit(1);
    }
    close(pipe_fds[1]);
    uint32_t acknowledged = 0;
    uint64_t stop_after = 20 + random.Below(400);
    for (uint64_t i = 0; i < stop_after; ++i) {
      ASSERT_EQ(read(pipe_fds[0], &acknowledged, sizeof acknowledged),
                static_cast<ssize_t>(sizeof acknowledged));
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(pipe_fds[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) continue;
    close(pipe_fds[0]);
    auto store = OpenRocksStore({.folder = folder.path()});
    for (uint32_t i = 0; i <= acknowledged + 2; ++i) {
      std::string number = std::to_string(i);
      bool first = Get(*store, "a" + number) != "none";
      bool second = Get(*store, "b" + number) != "none";
      EXPECT_EQ(first, second) << "half a commit";
      if (i <= acknowledged) {
        EXPECT_TRUE(first) << "lost " << i;
      }
    }
  }
}

}  // namespace
}  // namespace sundog::kv
