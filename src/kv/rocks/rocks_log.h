// RocksDB's own messages in the server's log, from warnings on.
//
// Not in files of RocksDB's: it aborts the process when such a file cannot be written to a full
// disk (an assertion on a writer that failed before, in the library as Debian builds it).
#pragma once

#include <memory>

namespace rocksdb {
class Logger;
}

namespace sundog::kv {

std::shared_ptr<rocksdb::Logger> MakeRocksLog();

}  // namespace sundog::kv
