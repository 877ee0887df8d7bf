// What happens to the entries of a whole index or table at once.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "codec/key_space.h"
#include "runtime/interrupt.h"
#include "storage/row_entries.h"
#include "storage/table_reader.h"
#include "storage/table_writer.h"

namespace sundog::storage {

void BackfillIndex(TableLayoutPtr layout, size_t index, txn::Transaction& txn,
                   const TableWriter::Context& context) {
  std::vector<int16_t> attnums(layout->live_attnums().begin(), layout->live_attnums().end());
  const size_t columns = attnums.size();
  attnums.push_back(kRowKeyColumn);
  TableScan scan(layout, {.attnums = std::move(attnums)});
  types::ChunkBuffer buffer(scan.kinds());
  RowEntries entries(*layout, context.expressions);
  const IndexLayout& built = layout->indexes()[index];
  IndexEntry entry;
  scan.OpenAll(txn.LatestView());
  while (size_t count = scan.Next(buffer)) {
    runtime::CheckInterrupts();
    types::Chunk rows = buffer.chunk();
    rows.columns.resize(columns);
    entries.PrepareOne(rows, index);
    for (size_t row = 0; row < count; ++row) {
      std::string_view row_key = buffer.column(columns).At<std::string_view>(row);
      entries.BuildEntry(index, row, row_key, entry);
      if (!entry.present) continue;
      if (entry.unique && built.unique_entries() &&
          txn.writes().Find(entry.key, txn::kAllCommands) != nullptr) {
        std::string key =
            entries.Describe(*context.io, context.reader, static_cast<int>(index), row);
        throw SqlError(sqlstate::kUniqueViolation,
                       fmt::format("could not create unique index \"{}\"", built.descriptor().name))
            .Detail(key.empty() ? "Duplicate keys exist." : key + " is duplicated.")
            .Table(context.schema_name, layout->table().name)
            .Constraint(built.descriptor().name);
      }
      txn.Put(entry.key, entry.value);
    }
  }
}

void DropStorage(txn::Transaction& txn, uint32_t storage_id) {
  txn.DeleteRangeAtCommit(kv::PrefixRange(codec::StoragePrefix(txn.tenant(), storage_id)));
}

void DropIndexStorage(txn::Transaction& txn, uint32_t storage_id, uint32_t index_number) {
  txn.DeleteRangeAtCommit(
      kv::PrefixRange(codec::KeyPrefix(txn.tenant(), storage_id, index_number)));
}

}  // namespace sundog::storage
