// See pg_nodes.h.
#include "parser/pg_nodes.h"

#include "base/sql_error.h"

namespace sundog::parser {

void ThrowUnexpectedNode(const void* node) {
  std::string tag = node == nullptr ? "none" : std::to_string(static_cast<int>(TagOf(node)));
  throw SqlError(sqlstate::kInternalError, "unexpected parse node: " + tag);
}

}  // namespace sundog::parser
