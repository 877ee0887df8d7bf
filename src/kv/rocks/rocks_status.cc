#include "kv/rocks/rocks_status.h"

#include <fmt/format.h>
#include <rocksdb/status.h>

#include "base/sql_error.h"

namespace sundog::kv {

void ThrowRocksError(const rocksdb::Status& status, std::string_view doing) {
  std::string text = status.ToString();
  // RocksDB keeps the subcode apart only for errors of its own making; one that the operating
  // system reported may carry it in its text alone.
  bool full = status.IsNoSpace() || text.find("No space left on device") != std::string::npos;
  if (full) {
    throw SqlError(sqlstate::kDiskFull,
                   fmt::format("could not {}: No space left on device", doing))
        .Hint("Check free disk space.");
  }
  throw SqlError(status.IsCorruption() ? sqlstate::kDataCorrupted : sqlstate::kIoError,
                 fmt::format("could not {}: {}", doing, text));
}

}  // namespace sundog::kv
