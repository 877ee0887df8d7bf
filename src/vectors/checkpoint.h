// Checkpoint files: a graph on disk, so that a server that starts again need not make it anew.
//
//   bytes   | part
//   --------+-----------------------------------------------------------------------------------
//   8       | "sdgraph" and the format's number, 1
//   12      | key: tenant, storage, index
//   14      | options: element, metric (1 byte each), dimensions, m, ef_construction
//   8 4 4   | number of nodes; the highest level; the node that searches enter at
//   a node: |
//     4     | its level
//     4     | number of points; of each 1: dead; 4: bytes of row key; row key
//     …     | links on level 0, as hnswlib keeps them
//     …     | the vector; a sparse one with its number of bytes (4) before it
//     …     | links on levels 1 to its own, as hnswlib keeps them
//   4       | CRC-32 of all the bytes before
//
// Integers are little-endian. There is no version of the store in it: whatever the file says is
// compared with the index's entries when it is loaded, and they are right. So it may be of any
// moment, also of a graph that was being made.
//
// Invariants:
//  1. A file is written aside and renamed. It need not be on disk then: what a crash leaves half
//     written has another checksum.
//  2. A file that is damaged, of another format or of other options is no file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "vectors/graph_options.h"

namespace sundog::base {
class OpenFile;
}

namespace sundog::vectors {

// What is appended is in place after Finish(), and gone without. Throws SqlError (53100, 58030).
class CheckpointWriter {
 public:
  CheckpointWriter(std::string path, const GraphKey& key, const GraphOptions& options);
  ~CheckpointWriter();

  void Append(std::string_view bytes);
  template <typename T>
  void AppendInteger(T value) {
    static_assert(std::is_integral_v<T>);
    Append({reinterpret_cast<const char*>(&value), sizeof value});
  }
  void Finish();

 private:
  void WriteOut();

  const std::string path_;
  std::unique_ptr<base::OpenFile> file_;  // until the end
  std::string buffer_;
  uint32_t checksum_;
};

// A whole and undamaged file, as a run of bytes to read from.
class CheckpointReader {
 public:
  // Null if there is no such file, or it is not a sound one of this key and options, or if
  // `keep_going` said that it is not worth the time any more.
  static std::unique_ptr<CheckpointReader> Open(const std::string& path, const GraphKey& key,
                                                const GraphOptions& options,
                                                const std::function<bool()>& keep_going);
  ~CheckpointReader();

  // False from the first time on that there are not as many bytes left.
  bool Read(size_t count, std::string_view& bytes);
  template <typename T>
  bool ReadInteger(T& value) {
    static_assert(std::is_integral_v<T>);
    std::string_view bytes;
    if (!Read(sizeof value, bytes)) return false;
    __builtin_memcpy(&value, bytes.data(), sizeof value);
    return true;
  }
  bool at_end() const { return !failed_ && rest_.empty(); }

 private:
  CheckpointReader(const char* mapped, size_t size) : mapped_(mapped), size_(size) {}

  const char* const mapped_;
  const size_t size_;
  std::string_view rest_;
  bool failed_ = false;
};

// Where the checkpoint of a graph lies, and whose a file is. False: it is not a checkpoint's name.
std::string CheckpointPath(const std::string& folder, const GraphKey& key);
bool ParseCheckpointName(const std::string& file_name, GraphKey& key);

}  // namespace sundog::vectors
