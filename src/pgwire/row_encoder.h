// DataRow messages straight from column vectors: nothing is allocated a row. The common types have
// loops of their own; all others go through their type's output or send function.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "session/client.h"
#include "types/type_info.h"
#include "types/vector.h"

namespace sundog::session {
struct ResultColumn;
}

namespace sundog::pgwire {

class RowEncoder {
 public:
  // Appends `count` rows from the `first`-th of the chunk's row set. Throws 42883 for a type that
  // has no binary form.
  void Encode(const types::Chunk& chunk, size_t first, size_t count,
              std::span<const session::ResultColumn> columns,
              const session::ResultFormats& formats, const types::IoContext& io, std::string& to);

 private:
  struct Column;
  using EncodeValue = void (*)(const Column& column, size_t row, const types::IoContext& io,
                               std::string& to);
  struct Column {
    EncodeValue encode;
    const types::Vector* vector;
    const types::TypeInfo* info;
  };
  void EncodeRow(size_t row, const types::IoContext& io, std::string& to) const;
  static EncodeValue Choose(const types::TypeInfo& info, session::WireFormat format,
                            const types::IoContext& io);

  std::vector<Column> columns_;
};

}  // namespace sundog::pgwire
