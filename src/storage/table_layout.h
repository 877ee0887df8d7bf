// A table as storage sees it: where each column lies, how keys are made. Compiled once from the
// descriptor and shared by all plans and statements on that version of the table.
//
//   key                                           | value
//   ----------------------------------------------+------------------------------------------------
//   rows:   prefix, row key                       | the columns that the key does not hold exactly
//   unique index, no null in it (or NULLS NOT     | length of row key, row key, included columns
//     DISTINCT): prefix, index columns            |
//   other index entries: prefix, index columns,   | included columns
//     row key                                     |
//   hnsw: prefix, row key                         | the vector, as a row value of one column
//   ivfflat: prefix, list, row key                | the same; see storage/centroids.h
//
// Indexes of vectors have no entry for a null, nor one for zeros where distances go by direction.
// The row key is the primary key's columns, or a hidden row id: 8 bytes, big-endian. A unique index
// of a deferrable constraint is stored as one that is not unique, since two rows may share a key
// until the check. Included columns are those of INCLUDE and the index columns that the key does
// not hold exactly (numeric 1.0 and 1.00 have one key), as a row value (codec/row_codec.h); no
// columns, no bytes. The length of the row key is 2 bytes, little-endian.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/table_descriptor.h"
#include "codec/key_codec.h"
#include "codec/row_codec.h"
#include "kv/store.h"
#include "types/type_info.h"
#include "types/vector_distance.h"

namespace sundog::storage {

// One index column's bounds, in SQL's sense: `column > lower`. Nulls are never inside.
struct ColumnBounds {
  std::optional<types::Datum> lower;
  bool lower_inclusive = true;
  std::optional<types::Datum> upper;
  bool upper_inclusive = true;
};

// Stands for the row's key where attnums are asked for; see table_reader.h.
inline constexpr int16_t kRowKeyAttnum = -101;

class CentroidCache;

class IndexLayout {
 public:
  const catalog::IndexDescriptor& descriptor() const { return *descriptor_; }
  // The rows themselves (the primary key's index, or the hidden row id).
  bool is_rows() const { return is_rows_; }
  bool unique_entries() const { return unique_entries_; }
  const std::string& prefix() const { return prefix_; }
  std::span<const codec::KeyColumn> key_columns() const { return key_columns_; }

  // Of an index for nearest-neighbour search: its entries hold one vector each, and their keys no
  // index column but ivfflat's list.
  bool is_vectors() const { return is_vectors_; }
  // Theirs; not a domain.
  types::SqlType vector_type() const { return vector_type_; }
  types::VectorElement vector_element() const { return vector_element_; }
  types::VectorMetric vector_metric() const { return vector_metric_; }
  bool leaves_out_zero_vectors() const { return leaves_out_zero_vectors_; }
  bool has_lists() const { return centroids_ != nullptr; }
  CentroidCache& centroids() const { return *centroids_; }

  // All its entries.
  kv::KeyRange WholeRange() const { return kv::PrefixRange(prefix_); }
  // The entries whose first columns equal `equal` (a null datum means IS NULL) and whose next one
  // lies in `bounds`, if given. Empty bounds: IS NOT NULL.
  kv::KeyRange Range(std::span<const types::Datum> equal, const ColumnBounds* bounds) const;
  // The entries whose columns after `equal`, taken as a row, are above (`lower`) or below these
  // values, or equal; at least those, as some that have a null among them may be inside. The
  // columns are all ascending or all descending. None of the values is null.
  kv::KeyRange RowRange(std::span<const types::Datum> equal, std::span<const types::Datum> row,
                        bool lower) const;
  // For a single text column: the entries that start with `prefix` after `equal`.
  kv::KeyRange TextPrefixRange(std::span<const types::Datum> equal, std::string_view prefix) const;
  // What an entry's value holds besides the row key: their attnums, and its format. Of an index of
  // vectors, which may be computed: no attnum, and one column.
  std::span<const int16_t> stored_attnums() const { return stored_attnums_; }
  const codec::RowFormat& stored_format() const { return *stored_format_; }

 private:
  friend class TableLayout;
  const catalog::IndexDescriptor* descriptor_ = nullptr;
  bool is_rows_ = false;
  bool unique_entries_ = false;
  std::string prefix_;
  std::vector<codec::KeyColumn> key_columns_;
  std::vector<int16_t> stored_attnums_;
  std::shared_ptr<const codec::RowFormat> stored_format_;
  bool is_vectors_ = false;
  types::SqlType vector_type_;
  types::VectorElement vector_element_ = types::VectorElement::kFloat;
  types::VectorMetric vector_metric_ = types::VectorMetric::kL2;
  bool leaves_out_zero_vectors_ = false;
  std::shared_ptr<CentroidCache> centroids_;
};

class TableLayout {
 public:
  // `types` must outlive the layout.
  static std::shared_ptr<const TableLayout> Make(
      uint32_t tenant, std::shared_ptr<const catalog::TableDescriptor> table,
      const types::TypeLookup& types);

  const catalog::TableDescriptor& table() const { return *table_; }
  uint32_t tenant() const { return tenant_; }
  const types::TypeLookup& types() const { return types_; }

  // How the rows lie. With a primary key it is that index's layout.
  const IndexLayout& rows() const { return rows_; }
  // In the descriptor's order; not the one that is the rows themselves, nor any that is invalid.
  std::span<const IndexLayout> indexes() const { return indexes_; }
  // Null if the table has none of this OID. The primary key's index gives rows() where it is that.
  const IndexLayout* FindIndex(catalog::Oid index) const;

  // Whether a scan of the index alone can fill the column.
  bool Covers(const IndexLayout& index, int16_t attnum) const;
  // Whether the column can be had from a row's key.
  bool RowKeyHas(int16_t attnum) const;

  const codec::RowFormat& row_format() const { return *row_format_; }
  // The attnum of each column of the row format.
  std::span<const int16_t> stored_attnums() const { return stored_attnums_; }
  // Live columns in order: what TableWriter takes.
  std::span<const int16_t> live_attnums() const { return live_attnums_; }
  types::PhysicalKind KindOf(int16_t attnum) const { return kinds_[attnum - 1]; }
  const types::TypeInfo& TypeOf(int16_t attnum) const { return *column_types_[attnum - 1]; }

 private:
  TableLayout(uint32_t tenant, std::shared_ptr<const catalog::TableDescriptor> table,
              const types::TypeLookup& types);
  IndexLayout MakeIndex(const catalog::IndexDescriptor& index) const;
  void MakeVectorIndex(IndexLayout& layout) const;

  uint32_t tenant_;
  std::shared_ptr<const catalog::TableDescriptor> table_;
  const types::TypeLookup& types_;
  IndexLayout rows_;
  std::vector<IndexLayout> indexes_;
  std::shared_ptr<const codec::RowFormat> row_format_;
  std::vector<int16_t> stored_attnums_;
  std::vector<int16_t> live_attnums_;
  std::vector<types::PhysicalKind> kinds_;            // by attnum - 1
  std::vector<const types::TypeInfo*> column_types_;  // by attnum - 1; null: dropped
};

using TableLayoutPtr = std::shared_ptr<const TableLayout>;

}  // namespace sundog::storage
