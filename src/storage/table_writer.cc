#include "storage/table_writer.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "storage/duplicate_key.h"
#include "storage/entry_decoder.h"
#include "storage/row_entries.h"
#include "storage/table_reader.h"
#include "txn/transaction_manager.h"

namespace sundog::storage {
namespace {

std::vector<types::PhysicalKind> KindsOf(const TableLayout& layout) {
  std::vector<types::PhysicalKind> kinds;
  for (int16_t attnum : layout.live_attnums()) kinds.push_back(layout.KindOf(attnum));
  return kinds;
}

constexpr int kRowsThemselves = -1;
constexpr int kNoIndex = -2;

}  // namespace

// Inserting a chunk goes in four steps, so that a bulk load pays little for each row:
//   1. the keys and entries of all rows are built;
//   2. every key that must be unique is locked, which waits for others that write it;
//   3. the store is asked, once for each index, which of the keys exist; where the keys ascend, one
//      look for any key in their range is enough;
//   4. row by row, in order, the answer and the transaction's own writes decide, and the row is
//      put.
class TableWriter::Impl {
 public:
  Impl(TableLayoutPtr layout, txn::Transaction& txn, const Context& context)
      : layout_(std::move(layout)),
        txn_(txn),
        context_(context),
        entries_(*layout_, context.expressions, txn),
        old_rows_(KindsOf(*layout_)),
        old_decoder_(*layout_, layout_->rows(), layout_->live_attnums()) {
    unique_.resize(layout_->indexes().size() + 1);
    new_entries_.resize(layout_->indexes().size());
    old_entries_.resize(layout_->indexes().size());
  }

  void Insert(const types::Chunk& rows) {
    size_t count = rows.row_count();
    if (count == 0) return;
    txn_.CountChangedRows(static_cast<int64_t>(count));
    entries_.Prepare(rows);
    BuildAll(rows);
    for (UniqueKeys& keys : unique_) LockAndProbe(keys);
    for (size_t k = 0; k < count; ++k) {
      for (int index = kRowsThemselves; index < static_cast<int>(layout_->indexes().size());
           ++index) {
        const UniqueKeys& keys = unique_[static_cast<size_t>(index + 1)];
        if (k < keys.keys.size() && !keys.keys[k].empty() && IsTaken(keys, k)) {
          ThrowDuplicate(index, rows.rows[k]);
        }
      }
      PutRow(k, rows.rows[k]);
    }
  }

  InsertOutcome InsertUnlessConflict(const types::Chunk& rows, size_t row,
                                     std::span<const IndexLayout* const> arbiters) {
    types::Chunk one = rows;
    uint16_t selected = static_cast<uint16_t>(row);
    one.rows = types::RowSet(&selected, 1);
    entries_.Prepare(one);
    BuildAll(one);
    for (UniqueKeys& keys : unique_) LockAndProbe(keys);
    // A conflict that the statement asks for wins over one with another index.
    InsertOutcome outcome;
    int other = kNoIndex;
    for (int index = kRowsThemselves; index < static_cast<int>(layout_->indexes().size());
         ++index) {
      const UniqueKeys& keys = unique_[static_cast<size_t>(index + 1)];
      if (keys.keys.empty() || keys.keys[0].empty() || !IsTaken(keys, 0)) continue;
      const IndexLayout& layout = LayoutOf(index);
      if (!arbiters.empty() &&
          std::find(arbiters.begin(), arbiters.end(), &layout) == arbiters.end()) {
        if (other == kNoIndex) other = index;
      } else if (outcome.conflict == nullptr) {
        FindConflict(layout, keys.keys[0], outcome);
      }
    }
    if (outcome.conflict != nullptr) return outcome;
    if (other != kNoIndex) ThrowDuplicate(other, row);
    txn_.CountChangedRows(1);
    PutRow(0, row);
    outcome.row_key = row_keys_[0];
    return outcome;
  }

  void Update(const types::Vector& row_keys, const types::Vector* old_values,
              const types::Chunk& new_rows, std::vector<bool>* changed) {
    const types::RowSet& rows = new_rows.rows;
    view_ = txn_.View();
    LoadOldRows(row_keys, old_values, rows);
    BuildOldEntries(rows, row_keys);
    entries_.Prepare(new_rows);
    if (changed) changed->resize(rows.empty() ? 0 : rows[rows.count() - 1] + 1);
    for (size_t k = 0; k < rows.count(); ++k) {
      bool done =
          old_found_[k] && UpdateOne(k, rows[k], row_keys.At<std::string_view>(rows[k]));
      if (done) txn_.CountChangedRows(1);
      if (changed) (*changed)[rows[k]] = done;
    }
  }

  void Delete(const types::Vector& row_keys, const types::Vector* old_values,
              const types::RowSet& rows, std::vector<bool>* deleted) {
    view_ = txn_.View();
    LoadOldRows(row_keys, old_values, rows);
    BuildOldEntries(rows, row_keys);
    if (deleted) deleted->resize(rows.empty() ? 0 : rows[rows.count() - 1] + 1);
    for (size_t k = 0; k < rows.count(); ++k) {
      bool done = old_found_[k] && DeleteOne(k);
      if (done) txn_.CountChangedRows(1);
      if (deleted) (*deleted)[rows[k]] = done;
    }
  }

  txn::RowLockOutcome Lock(std::string_view row_key, txn::RowLockMode mode,
                           txn::WaitPolicy policy) {
    SetKey(row_key);
    txn::RowLockOutcome outcome = txn_.LockRow(txn_.View(), key_, mode, policy);
    if (outcome == txn::RowLockOutcome::kNotAvailable && policy == txn::WaitPolicy::kNoWait) {
      throw SqlError(sqlstate::kLockNotAvailable,
                     fmt::format("could not obtain lock on row in relation \"{}\"",
                                 layout_->table().name));
    }
    return outcome;
  }

  uint64_t rows_written() const { return rows_written_; }

 private:
  // The keys of a chunk's rows that one index wants unique, by place in the row set. An empty key:
  // nothing to check for that row.
  struct UniqueKeys {
    std::vector<std::string_view> keys;
    std::vector<bool> exists;  // in the store; empty: none of them
    bool deferrable = false;
  };

  const IndexLayout& LayoutOf(int index) const {
    return index < 0 ? layout_->rows() : layout_->indexes()[static_cast<size_t>(index)];
  }

  // `bytes`: with the table's prefix.
  void CheckKeySize(size_t bytes) const {
    if (context_.most_key_bytes == 0) return;
    if (bytes <= context_.most_key_bytes + codec::kKeyPrefixBytes) return;
    throw SqlError(sqlstate::kProgramLimitExceeded, "key size too large");
  }
  // The row's key counts, wherever the entry has it.
  void CheckEntrySize(const IndexEntry& entry, std::string_view row_key) const {
    if (entry.present) CheckKeySize(entry.columns().size() + row_key.size());
  }

  void SetKey(std::string_view row_key) {
    key_.assign(layout_->rows().prefix());
    key_ += row_key;
  }

  // --- inserting ---

  void BuildAll(const types::Chunk& rows) {
    size_t count = rows.row_count();
    const std::string& prefix = layout_->rows().prefix();
    bool hidden = layout_->table().has_hidden_row_id();
    uint64_t row_id = hidden ? txn_.manager().row_ids().Take(prefix, count) : 0;
    if (full_keys_.size() < count) full_keys_.resize(count);
    row_keys_.resize(count);
    for (size_t k = 0; k < count; ++k) {
      std::string& key = full_keys_[k];
      key.assign(prefix);
      if (hidden) {
        base::AppendBigEndian(key, row_id++);
      } else {
        entries_.BuildRowKey(rows.rows[k], key);
        CheckKeySize(key.size());
      }
      row_keys_[k] = std::string_view(key).substr(prefix.size());
    }
    UniqueKeys& own = unique_[0];
    own.keys.clear();
    if (!hidden) own.keys.assign(full_keys_.begin(), full_keys_.begin() + count);
    for (size_t i = 0; i < layout_->indexes().size(); ++i) BuildIndex(i, rows);
  }

  void BuildIndex(size_t index, const types::Chunk& rows) {
    std::vector<IndexEntry>& built = new_entries_[index];
    if (built.size() < rows.row_count()) built.resize(rows.row_count());
    const IndexLayout& layout = layout_->indexes()[index];
    UniqueKeys& unique = unique_[index + 1];
    unique.keys.clear();
    unique.deferrable = layout.descriptor().unique && !layout.unique_entries();
    for (size_t k = 0; k < rows.row_count(); ++k) {
      entries_.BuildEntry(index, rows.rows[k], row_keys_[k], built[k]);
      CheckEntrySize(built[k], row_keys_[k]);
      if (!layout.descriptor().unique) continue;
      bool check = built[k].present && built[k].unique;
      unique.keys.push_back(check ? built[k].columns() : std::string_view());
    }
  }

  void LockAndProbe(UniqueKeys& unique) {
    unique.exists.clear();
    bool ascending = true;
    std::string_view first;
    std::string_view last;
    for (std::string_view key : unique.keys) {
      if (key.empty()) continue;
      txn_.LockKey(key);
      ascending &= last.empty() || last < key;
      if (first.empty()) first = key;
      last = key;
    }
    if (first.empty() || unique.deferrable) return;
    const kv::SnapshotPtr snapshot = txn_.LatestView().snapshot();
    if (ascending && unique.keys.size() > 1) {
      std::string end(last);
      end.push_back('\0');
      if (snapshot->Scan({std::string(first), end})->Next(1).empty()) return;
    }
    unique.exists.assign(unique.keys.size(), false);
    keys_.clear();
    for (std::string_view key : unique.keys) {
      if (!key.empty()) keys_.push_back(key);
    }
    auto values = snapshot->MultiGet(keys_, buffer_);
    for (size_t k = 0, probed = 0; k < unique.keys.size(); ++k) {
      if (!unique.keys[k].empty()) unique.exists[k] = values[probed++].has_value();
    }
  }

  bool IsTaken(const UniqueKeys& unique, size_t k) const {
    if (unique.deferrable) return false;
    if (const auto* own = txn_.writes().Find(unique.keys[k], txn::kAllCommands)) {
      return own->value.has_value();
    }
    return !unique.exists.empty() && unique.exists[k];
  }

  void PutRow(size_t k, size_t row) {
    value_.clear();
    entries_.BuildRowValue(row, value_);
    txn_.Put(full_keys_[k], value_);
    for (size_t i = 0; i < layout_->indexes().size(); ++i) {
      const IndexEntry& entry = new_entries_[i][k];
      if (!entry.present) continue;
      txn_.Put(entry.key, entry.value);
      if (entry.unique && unique_[i + 1].deferrable) Defer(i, row, entry);
    }
    ++rows_written_;
  }

  void Defer(size_t index, size_t row, const IndexEntry& entry) {
    CHECK(context_.deferred != nullptr);
    catalog::Oid constraint = layout_->indexes()[index].descriptor().constraint;
    auto late = context_.deferred_constraints;
    std::string detail =
        entries_.Describe(*context_.io, context_.reader, static_cast<int>(index), row);
    context_.deferred->Add({layout_, index, std::string(entry.columns()), std::move(detail),
                            std::string(context_.schema_name),
                            std::find(late.begin(), late.end(), constraint) != late.end()});
  }

  [[noreturn]] void ThrowDuplicate(int index, size_t row) {
    throw DuplicateKeyError(*layout_, LayoutOf(index), context_.schema_name,
                            entries_.Describe(*context_.io, context_.reader, index, row));
  }

  void FindConflict(const IndexLayout& index, std::string_view key, InsertOutcome& outcome) {
    outcome.inserted = false;
    outcome.conflict = &index;
    if (index.is_rows()) {
      conflict_key_.assign(key.substr(codec::kKeyPrefixBytes));
    } else {
      auto value = txn_.LatestView().Get(key, buffer_);
      CHECK(value.has_value());
      conflict_key_.assign(
          SplitIndexEntry(index, key.substr(codec::kKeyPrefixBytes), *value).row_key);
    }
    outcome.row_key = conflict_key_;
    SetKey(conflict_key_);
    const auto* own = txn_.writes().Find(key_, txn::kAllCommands);
    outcome.own_command = own != nullptr && own->command == txn_.command();
    bool snapshot_rules = txn_.options().isolation != txn::Isolation::kReadCommitted;
    if (own == nullptr && snapshot_rules && !txn_.View().Get(key_, buffer_)) {
      // A row that the transaction must not see decides what it does.
      throw SqlError(sqlstate::kTRSerializationFailure,
                     "could not serialize access due to concurrent update");
    }
  }

  // --- changing ---

  bool WrittenByThisCommand(std::string_view key) const {
    const auto* own = txn_.writes().Find(key, txn::kAllCommands);
    return own != nullptr && own->command == txn_.command();
  }

  // The values of the rows as the statement sees them, by place in the row set.
  void LoadOldRows(const types::Vector& row_keys, const types::Vector* old_values,
                   const types::RowSet& rows) {
    size_t count = rows.count();
    if (full_keys_.size() < count) full_keys_.resize(count);
    old_entries_rows_.clear();
    old_found_.assign(count, true);
    keys_.clear();
    for (size_t k = 0; k < count; ++k) {
      full_keys_[k].assign(layout_->rows().prefix());
      full_keys_[k] += row_keys.At<std::string_view>(rows[k]);
      keys_.push_back(full_keys_[k]);
    }
    if (layout_->indexes().empty()) return;
    if (old_values == nullptr) {
      auto values = view_.MultiGet(keys_, old_buffer_);
      for (size_t k = 0; k < count; ++k) {
        old_found_[k] = values[k].has_value();
        if (old_found_[k]) old_entries_rows_.push_back({keys_[k], *values[k]});
      }
    } else {
      for (size_t k = 0; k < count; ++k) {
        old_entries_rows_.push_back({keys_[k], old_values->At<std::string_view>(rows[k])});
      }
    }
  }

  // old_entries_[index][k] for the rows that were found.
  void BuildOldEntries(const types::RowSet& rows, const types::Vector& row_keys) {
    if (layout_->indexes().empty()) return;
    old_rows_.Reset();
    old_decoder_.Decode(old_entries_rows_, old_rows_, 0);
    entries_.Prepare(old_rows_.Finish(old_entries_rows_.size()));
    for (size_t i = 0; i < layout_->indexes().size(); ++i) {
      std::vector<IndexEntry>& built = old_entries_[i];
      if (built.size() < rows.count()) built.resize(rows.count());
      size_t found = 0;
      for (size_t k = 0; k < rows.count(); ++k) {
        if (!old_found_[k]) continue;
        entries_.BuildEntry(i, found++, row_keys.At<std::string_view>(rows[k]), built[k]);
      }
    }
  }

  void LockForChange(std::string_view key, txn::RowLockMode mode) {
    if (txn_.LockRow(view_, key, mode) == txn::RowLockOutcome::kChanged) {
      throw txn::StatementRestart();
    }
  }

  bool UpdateOne(size_t k, size_t row, std::string_view old_row_key) {
    if (WrittenByThisCommand(keys_[k])) return false;
    new_key_.assign(layout_->rows().prefix());
    if (layout_->table().has_hidden_row_id()) {
      new_key_ += old_row_key;
    } else {
      entries_.BuildRowKey(row, new_key_);
      CheckKeySize(new_key_.size());
    }
    bool moved = new_key_ != keys_[k];
    bool unique_changes = moved;
    std::string_view new_row_key = std::string_view(new_key_).substr(codec::kKeyPrefixBytes);
    for (size_t i = 0; i < layout_->indexes().size(); ++i) {
      std::vector<IndexEntry>& built = new_entries_[i];
      if (built.empty()) built.resize(1);
      const IndexEntry& old = old_entries_[i][k];
      entries_.BuildEntry(i, row, new_row_key, built[0], &old);
      CheckEntrySize(built[0], new_row_key);
      if (layout_->indexes()[i].descriptor().unique) {
        unique_changes |= old.present != built[0].present || old.columns() != built[0].columns();
      }
    }
    LockForChange(keys_[k],
                  unique_changes ? txn::RowLockMode::kUpdate : txn::RowLockMode::kNoKeyUpdate);
    if (moved) {
      txn_.Delete(keys_[k]);
      txn_.LockKey(new_key_);
      if (txn_.LatestView().Get(new_key_, buffer_)) ThrowDuplicate(kRowsThemselves, row);
    }
    value_.clear();
    entries_.BuildRowValue(row, value_);
    txn_.Put(new_key_, value_);
    for (size_t i = 0; i < layout_->indexes().size(); ++i) {
      UpdateEntry(i, row, old_entries_[i][k], new_entries_[i][0]);
    }
    ++rows_written_;
    return true;
  }

  void UpdateEntry(size_t index, size_t row, const IndexEntry& old, const IndexEntry& entry) {
    if (old.present && entry.present && old.key == entry.key) {
      if (old.value == entry.value) return;
      if (MayBeOthers(index, old)) {
        txn_.LockKey(old.columns());
        if (IsOthers(old)) return;
      }
      txn_.Put(entry.key, entry.value);
      return;
    }
    if (old.present) RemoveEntry(index, old);
    if (!entry.present) return;
    bool same_columns = old.present && old.columns() == entry.columns();
    if (entry.unique && !same_columns) {
      txn_.LockKey(entry.columns());
      if (!layout_->indexes()[index].unique_entries()) {
        Defer(index, row, entry);
      } else if (txn_.LatestView().Get(entry.key, buffer_)) {
        ThrowDuplicate(static_cast<int>(index), row);
      }
    }
    txn_.Put(entry.key, entry.value);
  }

  void RemoveEntry(size_t index, const IndexEntry& entry) {
    if (entry.unique) txn_.LockKey(entry.columns());
    if (MayBeOthers(index, entry) && IsOthers(entry)) return;
    txn_.Delete(entry.key);
  }

  // While a unique index is built, rows from before may share a key: one of them has the entry.
  bool MayBeOthers(size_t index, const IndexEntry& entry) const {
    const IndexLayout& layout = layout_->indexes()[index];
    return entry.unique && layout.unique_entries() &&
           layout.descriptor().state != catalog::IndexState::kReady;
  }
  // The key is locked.
  bool IsOthers(const IndexEntry& entry) {
    std::optional<std::string_view> stored = txn_.LatestView().Get(entry.key, buffer_);
    return stored && !NameSameRow(*stored, entry.value);
  }

  bool DeleteOne(size_t k) {
    if (WrittenByThisCommand(keys_[k])) return false;
    LockForChange(keys_[k], txn::RowLockMode::kUpdate);
    txn_.Delete(keys_[k]);
    for (size_t i = 0; i < layout_->indexes().size(); ++i) {
      if (old_entries_[i][k].present) RemoveEntry(i, old_entries_[i][k]);
    }
    ++rows_written_;
    return true;
  }

  TableLayoutPtr layout_;
  txn::Transaction& txn_;
  const Context context_;
  RowEntries entries_;
  uint64_t rows_written_ = 0;
  txn::ReadView view_;

  // By place in the row set, for the chunk in hand:
  std::vector<std::string> full_keys_;
  std::vector<std::string_view> row_keys_;
  std::vector<std::string_view> keys_;
  std::vector<UniqueKeys> unique_;  // the rows themselves, then each index
  std::vector<std::vector<IndexEntry>> new_entries_;
  std::vector<std::vector<IndexEntry>> old_entries_;
  std::vector<bool> old_found_;
  std::vector<kv::Entry> old_entries_rows_;

  types::ChunkBuffer old_rows_;
  EntryDecoder old_decoder_;
  kv::ReadBuffer buffer_;
  kv::ReadBuffer old_buffer_;
  std::string key_;
  std::string new_key_;
  std::string value_;
  std::string conflict_key_;
};

TableWriter::TableWriter(TableLayoutPtr layout, txn::Transaction& txn, const Context& context)
    : impl_(std::make_unique<Impl>(std::move(layout), txn, context)) {}
TableWriter::~TableWriter() = default;

void TableWriter::Insert(const types::Chunk& rows) { impl_->Insert(rows); }
InsertOutcome TableWriter::InsertUnlessConflict(const types::Chunk& rows, size_t row,
                                                std::span<const IndexLayout* const> arbiters) {
  return impl_->InsertUnlessConflict(rows, row, arbiters);
}
void TableWriter::Update(const types::Vector& row_keys, const types::Vector* old_values,
                         const types::Chunk& new_rows, std::vector<bool>* changed) {
  impl_->Update(row_keys, old_values, new_rows, changed);
}
void TableWriter::Delete(const types::Vector& row_keys, const types::Vector* old_values,
                         const types::RowSet& rows, std::vector<bool>* deleted) {
  impl_->Delete(row_keys, old_values, rows, deleted);
}
txn::RowLockOutcome TableWriter::Lock(std::string_view row_key, txn::RowLockMode mode,
                                      txn::WaitPolicy policy) {
  return impl_->Lock(row_key, mode, policy);
}
uint64_t TableWriter::rows_written() const { return impl_->rows_written(); }

}  // namespace sundog::storage
