#include "vectors/graph_options.h"

#include "codec/row_codec.h"

namespace sundog::vectors {

std::string_view EntryVector(std::string_view entry_value) {
  static const codec::RowFormat format({{.kind = types::PhysicalKind::kVarlen}});
  types::Datum vector = format.Read(entry_value, 0);
  return vector.is_null() ? std::string_view() : vector.As<std::string_view>();
}

}  // namespace sundog::vectors
