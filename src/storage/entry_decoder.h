// Turns stored entries into columns: of the rows themselves, or of an index that has all that is
// asked for. Decodes one column after the other over a batch of entries.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kv/store.h"
#include "storage/table_layout.h"
#include "types/vector.h"

namespace sundog::storage {

// The parts of a secondary index's entry.
struct IndexEntryParts {
  std::string_view row_key;
  std::string_view stored;  // a row of the index's stored_format(); empty if that has no columns
};
// `key` is without the index's prefix.
IndexEntryParts SplitIndexEntry(const IndexLayout& index, std::string_view key,
                                std::string_view value);

class EntryDecoder {
 public:
  // `index` is layout.rows() or an index of it that covers the attnums. Both must outlive this.
  EntryDecoder(const TableLayout& layout, const IndexLayout& index,
               std::span<const int16_t> attnums);

  // Fills rows first … first + entries.size() - 1 of out's columns, in the order of the attnums.
  // Varlen elements point into the entries.
  void Decode(std::span<const kv::Entry> entries, types::ChunkBuffer& out, size_t first);

  std::vector<types::PhysicalKind> kinds() const;

 private:
  enum class Part : uint8_t { kRowKey, kRowValue, kIndexKeyColumn, kRowKeyColumn, kStored };
  struct Source {
    Part part;
    uint16_t position;  // of the key column, or in the stored format
    types::PhysicalKind kind;
  };
  // Key columns of one key (the index's or the row's) that are wanted, and where they go.
  struct KeyPlan {
    std::span<const codec::KeyColumn> columns;
    std::vector<int> output;  // by key column: the column of the chunk, or -1
    size_t last = 0;          // columns from here on are not wanted
    // Set if the one wanted column lies at a fixed place.
    bool at_fixed_place = false;
    size_t place = 0;
  };

  Source FindSource(int16_t attnum) const;
  void PlanKey(KeyPlan& plan, Part part, std::span<const codec::KeyColumn> columns);
  static void DecodeKeys(const KeyPlan& plan, std::span<const std::string_view> keys,
                         types::ChunkBuffer& out, size_t first);

  const TableLayout& layout_;
  const IndexLayout& index_;
  std::vector<Source> sources_;
  KeyPlan index_plan_;
  KeyPlan row_plan_;
  bool needs_split_ = false;
  std::vector<std::string_view> keys_;      // without prefix
  std::vector<std::string_view> row_keys_;
  std::vector<std::string_view> stored_;
};

}  // namespace sundog::storage
