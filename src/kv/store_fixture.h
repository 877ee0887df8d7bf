// For tests: stores to run on, and lists of writes that own their bytes.
#pragma once

#include <stdlib.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "kv/memory/memory_store.h"
#include "kv/rocks/rocks_store.h"
#include "kv/store.h"

namespace sundog::kv {

// A folder of its own under the system's place for temporary files; removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sundog-test-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class MemoryBackend {
 public:
  Store& store() { return *store_; }

 private:
  std::unique_ptr<Store> store_ = OpenMemoryStore();
};

class RocksBackend {
 public:
  RocksBackend() { Open(); }
  Store& store() { return *store_; }
  void Reopen() {
    store_.reset();
    Open();
  }
  void Close() { store_.reset(); }
  const std::string& path() const { return folder_.path(); }

 private:
  void Open() {
    store_ = OpenRocksStore({.folder = folder_.path(),
                             .cache_bytes = 8 << 20,
                             .memtable_bytes = 1 << 20,
                             .bulk_bytes = 1 << 20});
  }
  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

// Add in ascending order of keys.
class WriteList {
 public:
  void Add(std::string_view key, const std::optional<std::string>& value) {
    Write::Kind kind = value ? Write::Kind::kPut : Write::Kind::kDelete;
    writes_.push_back({kind, Keep(key), value ? Keep(*value) : std::string_view()});
  }
  void AddRange(std::string_view begin, std::string_view end) {
    writes_.push_back({Write::Kind::kDeleteRange, Keep(begin), Keep(end)});
  }
  std::span<const Write> view() const { return writes_; }

 private:
  std::string_view Keep(std::string_view bytes) { return bytes_.emplace_back(bytes); }
  std::deque<std::string> bytes_;
  std::vector<Write> writes_;
};

inline std::vector<std::pair<std::string, std::string>> ReadAll(const Snapshot& snapshot,
                                                                KeyRange range,
                                                                Direction direction,
                                                                size_t batch = 3,
                                                                bool whole_range = false) {
  std::vector<std::pair<std::string, std::string>> result;
  auto cursor = snapshot.Scan(std::move(range),
                              {.direction = direction, .whole_range = whole_range});
  for (auto entries = cursor->Next(batch); !entries.empty(); entries = cursor->Next(batch)) {
    CHECK_LE(entries.size(), batch);
    for (const Entry& entry : entries) result.emplace_back(entry.key, entry.value);
  }
  return result;
}

}  // namespace sundog::kv
