// The columns that a scan of a table hands up: stored ones, which are read, and the system's, which
// are the same for every row.
#pragma once

#include <memory>
#include <vector>

#include "exec/execution_context.h"
#include "planner/physical.h"

namespace sundog::exec {

class ScanColumns {
 public:
  // With `row_key` the last stored column is the row's key, which is not handed up.
  ScanColumns(const planner::PhysicalTableScan& node, size_t capacity, bool row_key = false);

  // What storage is to read into the buffer.
  const std::vector<int16_t>& stored() const { return stored_; }
  types::ChunkBuffer& buffer() { return *buffer_; }
  // All columns; the rows are set by who fills the buffer.
  Chunk& chunk() { return chunk_; }
  std::string_view RowKey(size_t row) {
    return buffer_->column(stored_.size() - 1).At<std::string_view>(row);
  }
  // 0A000 for a system column that there is not.
  void CheckKnown() const;

 private:
  std::vector<int16_t> stored_;
  std::unique_ptr<types::ChunkBuffer> buffer_;
  std::vector<std::unique_ptr<Vector>> system_;
  bool unknown_ = false;
  Chunk chunk_;
};

}  // namespace sundog::exec
