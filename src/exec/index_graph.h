// Which graph an hnsw index has, and how it is made.
#pragma once

#include "storage/table_layout.h"
#include "vectors/graph_options.h"

namespace sundog::exec {

vectors::GraphKey GraphKeyOf(const storage::TableLayout& layout, const storage::IndexLayout& index);
vectors::GraphOptions GraphOptionsOf(const storage::IndexLayout& index);

}  // namespace sundog::exec
