// What indexes compute beyond columns: expressions and predicates. The executor implements it,
// since evaluating is its business.
#pragma once

#include <cstddef>
#include <string>

#include "types/vector.h"

namespace sundog::storage {

// Chunks have the table's live columns, in order. `index` is the position in layout.indexes().
class IndexExpressions {
 public:
  virtual ~IndexExpressions() = default;
  // The values of key column `key` (an expression) for `rows` of the chunk. Valid until the next
  // call with the same index and key.
  virtual const types::Vector& Key(size_t index, size_t key, const types::Chunk& chunk,
                                   types::RowSet rows) = 0;
  // The partial index's predicate, a bool vector; null counts as false. Valid until the next call
  // with the same index.
  virtual const types::Vector& Predicate(size_t index, const types::Chunk& rows) = 0;
  // The expression as pg_get_indexdef shows it: `lower(name)`.
  virtual std::string Text(size_t index, size_t key) = 0;
};

}  // namespace sundog::storage
