// The store on RocksDB: one instance a data folder, durable through its write-ahead log.
//
// The data folder:
//   FORMAT    one line, `sundog-data <n>`: what wrote the folder. An unknown one is refused.
//   LOCK      locked while a server uses the folder; holds its process id.
//   rocksdb/  RocksDB's own files.
//   ingest/   files of bulk commits on their way in; emptied at start.
//
// Versions are counted from RocksDB's sequence number at start. Each commit that stores something
// uses up at least one sequence number, so no two changes ever stored share a version, restarts
// included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "kv/store.h"

namespace rocksdb {
class Env;
}

namespace sundog::kv {

struct RocksStoreOptions {
  std::string folder;
  size_t cache_bytes = size_t{512} << 20;
  // For what full scans read lately (kv/rocks/segment_cache.h).
  size_t segment_cache_bytes = size_t{256} << 20;
  size_t memtable_bytes = size_t{64} << 20;
  // Folders of up to this size have every checksum verified at start; in larger ones a block is
  // verified when it is read.
  uint64_t verify_at_start_bytes = uint64_t{1} << 30;
  // A commit of more bytes than this becomes a file of its own that RocksDB takes in, past its log
  // and memtable.
  size_t bulk_bytes = size_t{16} << 20;
  // Where files live; null: the machine's file system.
  rocksdb::Env* env = nullptr;
};

// Throws SqlError: F0001 (folder in use by another server), 0A000 (unknown format), XX001
// (corrupt), 58030 (I/O). Snapshots, cursors and read buffers must be gone before the store is
// destroyed.
std::unique_ptr<Store> OpenRocksStore(const RocksStoreOptions& options);

}  // namespace sundog::kv
