// Reading tables: scans of rows or of an index, and lookups by key, straight into column vectors.
//
//   TableScan scan(layout, {.index = index, .attnums = {1, 3}});
//   scan.Open(view, {index->Range(equal, nullptr)});
//   while (size_t rows = scan.Next(buffer)) …
//
// Both objects keep their buffers, so that opening one again allocates next to nothing. What a
// chunk points to is valid until the next call. Used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/table_layout.h"
#include "txn/read_view.h"
#include "types/vector.h"

namespace sundog::storage {

// Can be asked for beside columns: both fill a varlen vector.
// The row's key without the table's prefix: names the row to TableWriter and RowLookup.
inline constexpr int16_t kRowKeyColumn = kRowKeyAttnum;
// The row's value bytes: hand them to TableWriter to save it a read.
inline constexpr int16_t kRowValueColumn = -102;

struct ScanSpec {
  // Null: the rows, in row key order.
  const IndexLayout* index = nullptr;
  kv::Direction direction = kv::Direction::kForward;
  // What the chunk's columns are: attnums of live columns, kRowKeyColumn, kRowValueColumn.
  std::vector<int16_t> attnums;
};

class TableScan {
 public:
  TableScan(TableLayoutPtr layout, ScanSpec spec);
  ~TableScan();
  TableScan(const TableScan&) = delete;
  TableScan& operator=(const TableScan&) = delete;

  // Reads the ranges in this order (in a reverse scan: each from its end); they should be sorted
  // accordingly for the rows to come sorted. `wanted_rows` is a guess at how many rows will be
  // taken (LIMIT); 0: all.
  void Open(const txn::ReadView& view, std::vector<kv::KeyRange> ranges, size_t wanted_rows = 0);
  void OpenAll(const txn::ReadView& view);

  // Fills `out` (columns as spec.attnums, their kinds by layout) from row 0. The number of rows; 0:
  // the end.
  size_t Next(types::ChunkBuffer& out);

  // Lets go of the view: call it when an operator that is kept for later runs ends.
  void Close();

  std::vector<types::PhysicalKind> kinds() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

class RowLookup {
 public:
  RowLookup(TableLayoutPtr layout, std::vector<int16_t> attnums);
  ~RowLookup();
  RowLookup(const RowLookup&) = delete;
  RowLookup& operator=(const RowLookup&) = delete;

  // The row with these primary key values into row `row` of `out`; false: there is none. None of
  // the values is null. Several lookups may fill one buffer; their bytes stay valid until it is
  // reset.
  bool ByPrimaryKey(const txn::ReadView& view, std::span<const types::Datum> key,
                    types::ChunkBuffer& out, size_t row);
  // The row with these values in a unique index (none null).
  bool ByUniqueIndex(const txn::ReadView& view, const IndexLayout& index,
                     std::span<const types::Datum> key, types::ChunkBuffer& out, size_t row);
  bool ByRowKey(const txn::ReadView& view, std::string_view row_key, types::ChunkBuffer& out,
                size_t row);
  // The rows with these keys, in their order, absent ones left out; `positions` (if not null) gets
  // for each row found the number of its key. At most types::kVectorSize keys.
  size_t ByRowKeys(const txn::ReadView& view, std::span<const std::string_view> row_keys,
                   types::ChunkBuffer& out, std::vector<uint32_t>* positions);

  std::vector<types::PhysicalKind> kinds() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// For the planner: about how many rows and bytes the table (or a range of one of its indexes) has.
struct SizeEstimate {
  double rows = 0;
  double bytes = 0;
};
SizeEstimate EstimateTable(kv::Store& store, const TableLayout& layout);
double EstimateRows(kv::Store& store, const TableLayout& layout, const IndexLayout& index,
                    const kv::KeyRange& range);

}  // namespace sundog::storage
