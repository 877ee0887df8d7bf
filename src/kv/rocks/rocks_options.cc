#include "kv/rocks/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include "kv/rocks/rocks_log.h"

namespace sundog::kv {
namespace {

rocksdb::BlockBasedTableOptions MakeTableOptions(const RocksStoreOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 8 << 10;
  // Lock-free, unlike the LRU cache: every point read is a lookup and a release. RocksDB 7.8 still
  // calls it experimental; 7.9 calls it production-ready and only rearranged its code.
  table.block_cache =
      rocksdb::HyperClockCacheOptions(options.cache_bytes, table.block_size).MakeSharedCache();
  // Point reads: a hash index finds the key's restart interval, short intervals end the search.
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.data_block_hash_table_util_ratio = 0.75;
  table.block_restart_interval = 8;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  table.optimize_filters_for_memory = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  return table;
}

}  // namespace

rocksdb::Options MakeRocksOptions(const RocksStoreOptions& options) {
  rocksdb::Options rocks;
  if (options.env) rocks.env = options.env;
  rocks.create_if_missing = true;
  rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(MakeTableOptions(options)));

  // A torn end of the log is a crash; anything else wrong in it is corruption and named.
  rocks.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  rocks.paranoid_checks = true;
  rocks.track_and_verify_wals_in_manifest = true;

  // One thread writes, so the memtable need not be shared between writers.
  rocks.allow_concurrent_memtable_write = false;
  rocks.enable_write_thread_adaptive_yield = false;
  rocks.write_buffer_size = options.memtable_bytes;
  rocks.max_write_buffer_number = 4;
  rocks.memtable_whole_key_filtering = true;
  rocks.memtable_prefix_bloom_size_ratio = 0.05;

  rocks.level_compaction_dynamic_level_bytes = true;
  rocks.compression = rocksdb::kNoCompression;
  rocks.bottommost_compression = rocksdb::kLZ4Compression;
  rocks.max_open_files = -1;
  rocks.max_background_jobs = 2;
  rocks.bytes_per_sync = 1 << 20;
  rocks.info_log = MakeRocksLog();
  rocks.stats_dump_period_sec = 0;
  rocks.stats_persist_period_sec = 0;
  rocks.advise_random_on_open = false;
  return rocks;
}

}  // namespace sundog::kv
