// Makes the stored form of rows: the row's own key and value, and its entry in each index.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/required_privilege.h"
#include "storage/centroids.h"
#include "storage/index_expressions.h"
#include "storage/table_layout.h"
#include "txn/transaction.h"
#include "types/vector.h"

namespace sundog::storage {

struct IndexEntry {
  bool present = false;   // false: the predicate leaves the row out
  bool unique = false;    // no other row may have these columns
  size_t columns_end = 0; // where the index columns end in `key`
  std::string key;        // with prefix
  std::string value;

  std::string_view columns() const { return std::string_view(key).substr(0, columns_end); }
};

// Whether the values of two entries with one key of a unique index name the same row.
bool NameSameRow(std::string_view value, std::string_view other);

class RowEntries {
 public:
  // `expressions` may be null if no index needs it. The lists of ivfflat indexes are read in `txn`.
  RowEntries(const TableLayout& layout, IndexExpressions* expressions, txn::Transaction& txn);

  // Evaluates what the indexes need for the chunk's rows; Build* are about this chunk from then on.
  void Prepare(const types::Chunk& rows);
  // The same for one index alone.
  void PrepareOne(const types::Chunk& rows, size_t index);

  // Appends the row's key without prefix, from its primary key columns.
  void BuildRowKey(size_t row, std::string& to) const;
  void BuildRowValue(size_t row, std::string& to);
  // `old`: of the same row before a change; it spares finding the list of an equal vector again.
  void BuildEntry(size_t index, size_t row, std::string_view row_key, IndexEntry& entry,
                  const IndexEntry* old = nullptr);

  // Of an index of vectors: what the row has in it; nullopt: nothing.
  std::optional<std::string_view> VectorOf(size_t index, size_t row) const;

  // `Key (a, lower(b))=(1, x)` for an error's detail; empty if its reader may not know. `index` -1:
  // the row key.
  std::string Describe(const types::IoContext& io, const catalog::ErrorReader& reader, int index,
                       size_t row) const;

 private:
  types::Datum ColumnOf(int16_t attnum, size_t row) const;
  types::Datum KeyOf(const IndexLayout& layout, size_t index, size_t key, size_t row) const;
  bool IsLeftOut(size_t index, size_t row) const;
  void BuildVectorEntry(size_t index, size_t row, std::string_view row_key, IndexEntry& entry,
                        const IndexEntry* old);

  const TableLayout& layout_;
  IndexExpressions* const expressions_;
  std::vector<int> position_;  // of each attnum - 1 in the chunk; -1: dropped
  const types::Chunk* rows_ = nullptr;
  std::vector<std::vector<const types::Vector*>> keys_;  // by index and key; null: a column
  std::vector<const types::Vector*> predicates_;         // by index; null: none
  txn::Transaction& txn_;
  std::vector<std::shared_ptr<const Centroids>> centroids_;  // by index; null: not of ivfflat
  std::vector<types::Datum> datums_;
  std::vector<uint16_t> in_index_;
};

}  // namespace sundog::storage
