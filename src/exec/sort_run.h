// Sorted rows in a temporary file, and the merge of several such files.
//
// A row in the file: u32 length of the key, the key, then for each column a null byte and, if it is
// not null, its fixed-width bytes or u32 length and bytes. The file has no name: it is gone with
// the process.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "exec/row_store.h"

namespace sundog::exec {

class SortRun {
 public:
  SortRun(const std::string& folder, std::vector<types::PhysicalKind> kinds);
  ~SortRun();
  SortRun(const SortRun&) = delete;
  SortRun& operator=(const SortRun&) = delete;

  // Throws 53100 when the disk is full.
  void Write(std::string_view key, const RowStore& rows, size_t row);
  void FinishWriting();

  // Moves to the next row; false at the end. Before the first call there is no current row.
  bool Advance();
  const std::string& key() const { return key_; }
  // Copies the current row.
  void ReadRow(types::ChunkBuffer& to, size_t to_row) const;

 private:
  void WriteBytes(const void* from, size_t size_bytes);
  bool ReadBytes(void* to, size_t size_bytes);

  std::vector<types::PhysicalKind> kinds_;
  std::FILE* file_;
  std::string key_;
  std::string row_;  // the current row's columns, as in the file
};

// The smallest row of all runs first. Runs must have been finished.
class SortMerge {
 public:
  explicit SortMerge(const std::vector<std::unique_ptr<SortRun>>& runs);
  bool ReadRow(types::ChunkBuffer& to, size_t to_row);

 private:
  std::vector<SortRun*> heap_;
};

}  // namespace sundog::exec
