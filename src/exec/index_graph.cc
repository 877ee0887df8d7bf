#include "exec/index_graph.h"

#include "catalog/index_options.h"

namespace sundog::exec {

vectors::GraphKey GraphKeyOf(const storage::TableLayout& layout,
                             const storage::IndexLayout& index) {
  return {layout.tenant(), layout.table().storage_id, index.descriptor().number};
}

vectors::GraphOptions GraphOptionsOf(const storage::IndexLayout& index) {
  const catalog::IndexDescriptor& descriptor = index.descriptor();
  vectors::GraphOptions options;
  options.element = index.vector_element();
  options.metric = index.vector_metric();
  options.dimensions = index.vector_type().typmod;
  options.m = catalog::IndexOption(descriptor, "m");
  options.ef_construction = catalog::IndexOption(descriptor, "ef_construction");
  return options;
}

}  // namespace sundog::exec
