// Sizes for the planner: bytes as the store estimates them, rows from the mean size of a sample.
#include <algorithm>

#include "storage/table_reader.h"

namespace sundog::storage {
namespace {

// As many entries at the start of a range stand for all of it.
constexpr size_t kSampleEntries = 100;

double EstimateEntries(kv::Store& store, const kv::KeyRange& range, double* bytes) {
  *bytes = static_cast<double>(store.EstimateBytes(range));
  auto cursor = store.Newest()->Scan(range);
  size_t count = 0;
  size_t sampled_bytes = 0;
  while (count < kSampleEntries) {
    auto entries = cursor->Next(kSampleEntries - count);
    if (entries.empty()) {
      *bytes = static_cast<double>(sampled_bytes);
      return static_cast<double>(count);  // that was all
    }
    count += entries.size();
    for (const kv::Entry& entry : entries) sampled_bytes += entry.key.size() + entry.value.size();
  }
  double mean = static_cast<double>(sampled_bytes) / static_cast<double>(count);
  *bytes = std::max(*bytes, static_cast<double>(sampled_bytes));
  return *bytes / mean;
}

}  // namespace

SizeEstimate EstimateTable(kv::Store& store, const TableLayout& layout) {
  SizeEstimate estimate;
  estimate.rows = EstimateEntries(store, layout.rows().WholeRange(), &estimate.bytes);
  return estimate;
}

double EstimateRows(kv::Store& store, const TableLayout&, const IndexLayout&,
                    const kv::KeyRange& range) {
  double bytes = 0;
  return range.empty() ? 0 : EstimateEntries(store, range, &bytes);
}

}  // namespace sundog::storage
