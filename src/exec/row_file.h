// Rows in a temporary file: what sorts, hash joins, grouping and DISTINCT put aside when they
// outgrow their working memory. Written once, then read in the same order, as often as need be.
//
// A row in the file: u32 length of a key, u32 length of the columns, the key, then for each column
// a null byte and, if it is not null, its fixed-width bytes or u32 length and bytes. The file has
// no name: it is gone with the process.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "exec/operator.h"

namespace sundog::exec {

class RowFile {
 public:
  // In `folder`, or in /tmp if that is empty.
  RowFile(const std::string& folder, std::vector<types::PhysicalKind> kinds);
  ~RowFile();
  RowFile(const RowFile&) = delete;
  RowFile& operator=(const RowFile&) = delete;

  // Throws 53100 when the disk is full. `key` may be empty.
  void Write(std::string_view key, std::span<const Vector* const> columns, size_t row);
  // The current row of another file of the same kinds.
  void Write(const RowFile& from) { WriteRow(from.key_, from.row_); }
  // Before the first Advance(), and to read once more.
  void Rewind();

  // Moves to the next row; false at the end. Before the first call there is no current row.
  bool Advance();
  const std::string& key() const { return key_; }
  // Copies the current row.
  void ReadRow(types::ChunkBuffer& to, size_t to_row) const;

  const std::vector<types::PhysicalKind>& kinds() const { return kinds_; }
  uint64_t row_count() const { return row_count_; }

 private:
  void WriteRow(std::string_view key, std::string_view columns);
  void WriteBytes(const void* from, size_t size_bytes);
  bool ReadBytes(void* to, size_t size_bytes);

  std::vector<types::PhysicalKind> kinds_;
  std::FILE* file_;
  uint64_t row_count_ = 0;
  std::string key_;
  std::string row_;  // the current row's columns, as in the file
};

using RowFilePtr = std::unique_ptr<RowFile>;

// Files of sorted rows, merged: the smallest key first, of equal ones that of the earlier file. The
// files must have been rewound.
class RowFileMerge {
 public:
  explicit RowFileMerge(const std::vector<RowFilePtr>& files);
  // The file whose current row is next; null at the end. Valid until the next call.
  const RowFile* Next();

 private:
  struct Source {
    RowFile* file = nullptr;
    size_t number = 0;
  };
  static bool Later(const Source& a, const Source& b);

  std::vector<Source> heap_;
  Source last_;
};

// Merges sorted files into one when they have become many: each is an open file.
void LimitFiles(std::vector<RowFilePtr>& files, const std::string& folder);

// Rows dealt out to several files by a hash of their key, so that equal keys meet in one of them.
// `level` counts how often these rows were dealt out before, and chooses another hash each time.
class RowPartitions {
 public:
  static constexpr size_t kCount = 16;

  RowPartitions(const std::string& folder, std::vector<types::PhysicalKind> kinds, int level)
      : folder_(folder), kinds_(std::move(kinds)), level_(level) {}

  void Write(std::string_view key, std::span<const Vector* const> columns, size_t row);
  // Partition `i`, rewound; null if it got no row.
  RowFilePtr Take(size_t i);

 private:
  std::string folder_;
  std::vector<types::PhysicalKind> kinds_;
  int level_;
  RowFilePtr files_[kCount];
};

// Hands up the rows of a file; null stands for a file without rows.
OperatorPtr MakeRowFileScan(RowFilePtr file, std::vector<types::PhysicalKind> kinds,
                            ExecutionContext& context);

}  // namespace sundog::exec
