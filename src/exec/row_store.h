// Rows kept in memory: copied out of passing chunks, read again by number or chunk by chunk. Counts
// its bytes against the statement's budget.
#pragma once

#include <memory>
#include <vector>

#include "exec/execution_context.h"

namespace sundog::exec {

class RowStore {
 public:
  RowStore(std::vector<types::PhysicalKind> kinds, MemoryBudget& budget)
      : kinds_(std::move(kinds)), budget_(budget) {}
  ~RowStore() { Clear(); }
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  // Appends the chunk's rows; throws 53200 past the budget.
  void Append(const Chunk& chunk);
  // Columns given one by one, all of the same rows.
  void Append(std::span<const Vector* const> columns, RowSet rows);
  // One row, of values.
  void AppendRow(std::span<const Datum> values);
  void Clear();

  size_t row_count() const { return row_count_; }
  size_t column_count() const { return kinds_.size(); }
  const std::vector<types::PhysicalKind>& kinds() const { return kinds_; }
  size_t chunk_count() const { return blocks_.size(); }
  // Rows i * kVectorSize and up.
  const Chunk& chunk(size_t i) const { return blocks_[i]->chunk(); }
  size_t used_bytes() const { return counted_bytes_; }

  const Vector& VectorOf(size_t row, size_t column) const {
    return chunk(row / types::kVectorSize).column(column);
  }
  Datum At(size_t row, size_t column) const {
    return VectorOf(row, column).DatumAt(row % types::kVectorSize);
  }
  // Copies a row's column without its bytes: valid while the store lives and is not cleared.
  void Fetch(size_t row, size_t column, Vector& to, size_t to_row) const {
    to.SetDatum(to_row, At(row, column));
  }

 private:
  types::ChunkBuffer& BlockForNextRow();
  void Count();

  std::vector<types::PhysicalKind> kinds_;
  MemoryBudget& budget_;
  std::vector<std::unique_ptr<types::ChunkBuffer>> blocks_;
  size_t row_count_ = 0;
  size_t counted_bytes_ = 0;
};

}  // namespace sundog::exec
