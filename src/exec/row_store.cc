#include "exec/row_store.h"

#include "runtime/interrupt.h"

namespace sundog::exec {

types::ChunkBuffer& RowStore::BlockForNextRow() {
  if (row_count_ % types::kVectorSize == 0) {
    runtime::CheckInterrupts();
    Count();
    blocks_.push_back(std::make_unique<types::ChunkBuffer>(kinds_));
  }
  return *blocks_.back();
}

void RowStore::Append(const Chunk& chunk) { Append(chunk.columns, chunk.rows); }

void RowStore::Append(std::span<const Vector* const> columns, RowSet rows) {
  rows.ForEach([&](size_t row) {
    types::ChunkBuffer& block = BlockForNextRow();
    size_t at = row_count_ % types::kVectorSize;
    for (size_t i = 0; i < kinds_.size(); ++i) block.column(i).CopyFrom(at, *columns[i], row);
    block.Finish(at + 1);
    ++row_count_;
  });
}

void RowStore::AppendRow(std::span<const Datum> values) {
  types::ChunkBuffer& block = BlockForNextRow();
  size_t at = row_count_ % types::kVectorSize;
  for (size_t i = 0; i < kinds_.size(); ++i) block.column(i).CopyDatum(at, values[i]);
  block.Finish(at + 1);
  ++row_count_;
}

void RowStore::Count() {
  if (blocks_.empty()) return;
  size_t bytes = 0;
  types::ChunkBuffer& block = *blocks_.back();
  for (size_t i = 0; i < kinds_.size(); ++i) {
    bytes += types::kVectorSize * (types::PhysicalWidth(kinds_[i]) + 1) +
             block.column(i).arena().allocated_bytes();
  }
  counted_bytes_ += bytes;
  budget_.Add(bytes);
  budget_.Check();
}

void RowStore::Clear() {
  blocks_.clear();
  row_count_ = 0;
  budget_.Subtract(counted_bytes_);
  counted_bytes_ = 0;
}

}  // namespace sundog::exec
