// The value of a row: some columns' values, laid out so that any one is found without reading the
// others.
//
// bytes     | part          | value
// ----------+---------------+--------------------------------------------------------------------
// 0-1       | count, wide   | little-endian; how many of the format's columns the row has; the top
//           |               | bit is set if ends are 4 bytes each
// ⌈count/8⌉ | null bits     | bit i of byte i/8 is set if column i is null
// sum       | fixed columns | of each column of fixed width, null or not, its value, little-endian
// 2 or 4    | ends          | of each varlen column, null or not, where its bytes end, counted
// each      |               | from the end of this part
// …         | bytes         | the varlen columns' bytes
//
// Example: columns (int4 7, text 'ab', null int8, text 'c'): 0400 04 07000000 0000000000000000
// 0200 0300 616263.
//
// Invariants:
//  1. A format only grows: columns are added at its end, never taken away or changed. So a row
//     written with fewer columns reads right: what it lacks is the column's missing value.
//  2. Where a fixed column lies depends only on the row's count.
//  3. The fixed part of a null is zeros; a null varlen column is empty.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "types/datum.h"
#include "types/physical_kind.h"
#include "types/vector.h"

namespace sundog::codec {

class RowFormat {
 public:
  struct Column {
    types::PhysicalKind kind = types::PhysicalKind::kVarlen;
    // What rows without the column read as; absent: null. The bytes of the physical element, or of
    // the varlen value.
    std::optional<std::string> missing;
  };
  explicit RowFormat(std::vector<Column> columns);

  size_t column_count() const { return columns_.size(); }
  const Column& column(size_t i) const { return columns_[i]; }

  // Appends the row of these values, one a column.
  void Encode(std::span<const types::Datum> values, std::string& to) const;

  // One value. Varlen bytes lie in `row` (or in this format, when missing).
  types::Datum Read(std::string_view row, size_t column) const;
  bool IsNull(std::string_view row, size_t column) const;

  // The column of many rows into out[first …]. Varlen elements point into the rows.
  void ReadColumn(std::span<const std::string_view> rows, size_t column, types::Vector& out,
                  size_t first) const;

  // Throws XX001 unless the row is well formed. For what comes from outside of this server.
  void Validate(std::string_view row) const;

 private:
  // Where things lie in rows of one count.
  struct Shape {
    uint32_t null_bytes = 0;
    uint32_t ends_at = 0;      // offset of the ends
    uint32_t varlen_count = 0;
  };
  struct Place {
    uint32_t fixed_offset = 0;   // from the start of the fixed part
    uint32_t varlen_index = 0;
  };

  // Throws 40001 for rows of a later format than this.
  const Shape& ShapeOf(size_t count) const;
  types::Datum Missing(size_t column) const;
  template <typename T>
  void ReadFixed(std::span<const std::string_view> rows, size_t column, types::Vector& out,
                 size_t first) const;
  void ReadVarlen(std::span<const std::string_view> rows, size_t column, types::Vector& out,
                  size_t first) const;
  std::string_view VarlenBytes(std::string_view row, size_t count, bool wide,
                               size_t varlen_index) const;

  std::vector<Column> columns_;
  std::vector<Place> places_;
  std::vector<Shape> shapes_;  // by count, 0 … column_count
};

}  // namespace sundog::codec
