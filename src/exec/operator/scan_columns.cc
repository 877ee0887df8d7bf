#include "exec/operator/scan_columns.h"

#include "base/sql_error.h"
#include "storage/table_reader.h"

namespace sundog::exec {

ScanColumns::ScanColumns(const planner::PhysicalTableScan& node, size_t capacity, bool row_key) {
  auto is_stored = [](int16_t attnum) { return attnum > 0 || attnum == storage::kRowKeyColumn; };
  std::vector<types::PhysicalKind> kinds;
  for (size_t i = 0; i < node.attnums.size(); ++i) {
    if (!is_stored(node.attnums[i])) continue;
    stored_.push_back(node.attnums[i]);
    kinds.push_back(node.kinds[i]);
  }
  if (row_key) {
    stored_.push_back(storage::kRowKeyColumn);
    kinds.push_back(types::PhysicalKind::kVarlen);
  }
  buffer_ = std::make_unique<types::ChunkBuffer>(kinds, capacity);
  size_t next = 0;
  for (size_t i = 0; i < node.attnums.size(); ++i) {
    int16_t attnum = node.attnums[i];
    if (is_stored(attnum)) {
      chunk_.columns.push_back(&buffer_->column(next++));
      continue;
    }
    // Locks are not kept in rows: none has been deleted or locked, as far as a row tells.
    unknown_ |= attnum != binder::kTableOidOrdinal && attnum != binder::kXmaxOrdinal;
    system_.push_back(std::make_unique<Vector>(node.kinds[i], 1));
    system_.back()->SetConstant(
        Datum::From(attnum == binder::kTableOidOrdinal ? node.table->oid : uint32_t{0}));
    chunk_.columns.push_back(system_.back().get());
  }
}

void ScanColumns::CheckKnown() const {
  if (unknown_) base::ThrowNotSupported("this system column");
}

}  // namespace sundog::exec
