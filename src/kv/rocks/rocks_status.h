// RocksDB's errors as ours: the one place where they are translated.
#pragma once

#include <string_view>

namespace rocksdb {
class Status;
}

namespace sundog::kv {

// `doing` completes "could not …": "write to the store". 53100 for a full disk, XX001 for
// corruption, 58030 for the rest.
[[noreturn]] void ThrowRocksError(const rocksdb::Status& status, std::string_view doing);

}  // namespace sundog::kv
