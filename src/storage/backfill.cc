// What happens to the entries of a whole index or table at once.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "codec/key_space.h"
#include "runtime/interrupt.h"
#include "storage/row_entries.h"
#include "storage/table_reader.h"
#include "storage/table_writer.h"

namespace sundog::storage {

namespace {

// Steps end early at so many bytes of entries: a transaction of them stays small.
constexpr size_t kStepBytes = 1 << 20;

std::vector<int16_t> ColumnsAndRowKey(const TableLayout& layout) {
  std::vector<int16_t> attnums(layout.live_attnums().begin(), layout.live_attnums().end());
  attnums.push_back(kRowKeyColumn);
  return attnums;
}

[[noreturn]] void ThrowDuplicate(const TableLayout& layout, size_t index, RowEntries& entries,
                                 size_t row, const TableWriter::Context& context) {
  const std::string& name = layout.indexes()[index].descriptor().name;
  std::string key = entries.Describe(*context.io, context.reader, static_cast<int>(index), row);
  throw SqlError(sqlstate::kUniqueViolation,
                 fmt::format("could not create unique index \"{}\"", name))
      .Detail(key.empty() ? "Duplicate keys exist." : key + " is duplicated.")
      .Table(context.schema_name, layout.table().name)
      .Constraint(name);
}

}  // namespace

void BackfillIndex(TableLayoutPtr layout, size_t index, txn::Transaction& txn,
                   const TableWriter::Context& context) {
  const size_t columns = layout->live_attnums().size();
  TableScan scan(layout, {.attnums = ColumnsAndRowKey(*layout)});
  types::ChunkBuffer buffer(scan.kinds());
  RowEntries entries(*layout, context.expressions, txn);
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
        ThrowDuplicate(*layout, index, entries, row, context);
      }
      txn.Put(entry.key, entry.value);
    }
  }
}

namespace {

// One step: the entries of a chunk of rows, those that are there, and what is put.
class Step {
 public:
  Step(const TableLayoutPtr& layout, size_t index, txn::Transaction& txn,
       const TableWriter::Context& context)
      : layout_(layout),
        index_(index),
        txn_(txn),
        context_(context),
        view_(txn.View()),
        scan_(layout, {.attnums = ColumnsAndRowKey(*layout)}),
        buffer_(scan_.kinds()),
        row_entries_(*layout, context.expressions, txn) {}

  BackfillStep Run(const std::string& from) {
    kv::KeyRange range = layout_->rows().WholeRange();
    // Rows that were stored anew have their entries, and other keys.
    if (range.Contains(from)) range.begin = from;
    scan_.Open(view_, {range}, types::kVectorSize);
    size_t count = scan_.Next(buffer_);
    if (count == 0) return {};
    BuildEntries(count);
    auto stored = view_.MultiGet(keys_, stored_);
    size_t bytes = 0;
    for (size_t row = 0, probed = 0; row < count; ++row) {
      if (bytes >= kStepBytes) return {RowKey(row), {}};
      const IndexEntry& entry = entries_[row];
      if (!entry.present) continue;
      const std::optional<std::string_view>& there = stored[probed++];
      if (NeedsNothing(row, there)) continue;
      if (entry.unique && !LockUnique(entry)) return {RowKey(row), entry.key};
      txn_.CheckAtCommit(view_, RowKey(row));
      txn_.Put(entry.key, entry.value);
      bytes += entry.key.size() + entry.value.size();
    }
    return {RowKey(count - 1) + '\0', {}};
  }

 private:
  void BuildEntries(size_t count) {
    const size_t columns = layout_->live_attnums().size();
    rows_ = buffer_.chunk();
    rows_.columns.resize(columns);
    row_entries_.PrepareOne(rows_, index_);
    entries_.resize(count);
    for (size_t row = 0; row < count; ++row) {
      std::string_view row_key = buffer_.column(columns).At<std::string_view>(row);
      row_entries_.BuildEntry(index_, row, row_key, entries_[row]);
    }
    for (const IndexEntry& entry : entries_) {
      if (entry.present) keys_.push_back(entry.key);
    }
  }

  std::string RowKey(size_t row) {
    std::string key = layout_->rows().prefix();
    key += buffer_.column(layout_->live_attnums().size()).At<std::string_view>(row);
    return key;
  }

  // Its entry is there already: a writer or an earlier step put it.
  bool NeedsNothing(size_t row, const std::optional<std::string_view>& stored) {
    const IndexEntry& entry = entries_[row];
    if (!entry.unique) return stored.has_value();
    bool in_this_step = txn_.writes().Find(entry.key, txn::kAllCommands) != nullptr;
    if (in_this_step || (stored && !NameSameRow(*stored, entry.value))) {
      ThrowDuplicate(*layout_, index_, row_entries_, row, context_);
    }
    return stored.has_value();
  }

  // Writers that lock their keys look for them once they have the lock; the others are judged.
  // False if one holds it: nobody is waited for while other keys are locked.
  bool LockUnique(const IndexEntry& entry) {
    bool locked = txn_.optimistic() ||
                  txn_.LockAdvisory(txn::LockTag::Row(txn_.tenant(), entry.key),
                                    txn::TableModeOf(txn::RowLockMode::kUpdate),
                                    txn::WaitPolicy::kNoWait);
    if (locked) txn_.CheckAtCommit(view_, entry.key);
    return locked;
  }

  const TableLayoutPtr& layout_;
  const size_t index_;
  txn::Transaction& txn_;
  const TableWriter::Context& context_;
  txn::ReadView view_;
  TableScan scan_;
  types::ChunkBuffer buffer_;
  types::Chunk rows_;
  RowEntries row_entries_;
  std::vector<IndexEntry> entries_;
  std::vector<std::string_view> keys_;
  kv::ReadBuffer stored_;
};

}  // namespace

BackfillStep BackfillRows(const TableLayoutPtr& layout, size_t index, txn::Transaction& txn,
                          const TableWriter::Context& context, const std::string& from) {
  return Step(layout, index, txn, context).Run(from);
}

void DropStorage(txn::Transaction& txn, uint32_t storage_id) {
  txn.DeleteRangeAtCommit(kv::PrefixRange(codec::StoragePrefix(txn.tenant(), storage_id)));
}

void DropIndexStorage(txn::Transaction& txn, uint32_t storage_id, uint32_t index_number) {
  txn.DeleteRangeAtCommit(
      kv::PrefixRange(codec::KeyPrefix(txn.tenant(), storage_id, index_number)));
}

}  // namespace sundog::storage
