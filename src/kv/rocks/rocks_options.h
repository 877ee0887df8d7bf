// How we run RocksDB: its options, with the reason for each that is not the default.
#pragma once

#include <rocksdb/options.h>

#include "kv/rocks/rocks_store.h"

namespace sundog::kv {

rocksdb::Options MakeRocksOptions(const RocksStoreOptions& options);

}  // namespace sundog::kv
