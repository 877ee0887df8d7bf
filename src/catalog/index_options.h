// The options of indexes, WITH (name = value): which ones each access method has, and what values
// they take. Descriptors keep them as written, "name=value".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "catalog/table_descriptor.h"

namespace sundog::catalog {

// Throws 22023: an option that the method does not have, one given twice, a value out of bounds.
void CheckIndexOptions(Oid method, std::span<const std::string> options);

// The value of an option that is a number: as given, else its default. CHECKs that the index's
// method has it.
int IndexOption(const IndexDescriptor& index, std::string_view name);

}  // namespace sundog::catalog
