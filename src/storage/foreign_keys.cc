#include "storage/foreign_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "runtime/interrupt.h"
#include "storage/entry_decoder.h"
#include "storage/table_reader.h"

namespace sundog::storage {
namespace {

using catalog::ConstraintDescriptor;
using types::Datum;

size_t PositionOf(std::span<const int16_t> attnums, int16_t attnum) {
  auto it = std::find(attnums.begin(), attnums.end(), attnum);
  CHECK(it != attnums.end());
  return static_cast<size_t>(it - attnums.begin());
}

Datum ColumnOf(const TableLayout& layout, const types::Chunk& rows, int16_t attnum, size_t row) {
  return rows.column(PositionOf(layout.live_attnums(), attnum)).DatumAt(row);
}

// `Key (a, b)=(1, 2)`; `Key` alone where the error's reader may not know it.
std::string DescribeKey(const ForeignKey& key, const TableLayout& layout,
                        std::span<const int16_t> attnums, const types::Chunk& rows, size_t row) {
  if (!key.reader.MayRead(layout.table(), attnums)) return "Key";
  std::string names;
  std::string values;
  for (size_t i = 0; i < attnums.size(); ++i) {
    if (i > 0) names += ", ", values += ", ";
    names += layout.table().FindColumn(attnums[i])->name;
    Datum value = ColumnOf(layout, rows, attnums[i], row);
    if (value.is_null()) {
      values += "null";
    } else {
      types::OutputText(*key.io, layout.TypeOf(attnums[i]), value, values);
    }
  }
  return "Key (" + names + ")=(" + values + ")";
}

SqlError Violation(const ForeignKey& key, std::string message, std::string detail) {
  return SqlError(sqlstate::kForeignKeyViolation, std::move(message))
      .Detail(std::move(detail))
      .Table(key.referencing_schema, key.referencing->table().name)
      .Constraint(key.constraint->name);
}

// Looks up referenced rows by key, in the newest state, locking those it finds.
class ReferencedRows {
 public:
  ReferencedRows(const ForeignKey& key, txn::Transaction& txn)
      : key_(key), txn_(txn), index_(key.referenced_index()) {}

  // Whether the row that `row` refers to exists; locks it if so.
  bool LockReferenced(const types::Chunk& rows, size_t row) {
    if (!BuildKey(rows, row)) return false;
    if (entry_key_ == last_found_) return true;  // neighbours often refer to one row
    while (true) {
      auto row_key = FindRowKey(txn_.LatestView());
      if (!row_key) return false;
      locked_.assign(key_.referenced->rows().prefix());
      locked_ += *row_key;
      txn_.LockKey(locked_, txn::RowLockMode::kKeyShare);
      // Whoever held it may have deleted it or changed its key.
      auto now = FindRowKey(txn_.LatestView());
      if (!now) return false;
      if (locked_.compare(codec::kKeyPrefixBytes, std::string::npos, *now) == 0) break;
    }
    last_found_ = entry_key_;
    return true;
  }

  // Whether a row with the key of `row` of the referenced table exists.
  bool Exists(const types::Chunk& rows, size_t row) {
    entry_key_ = index_.prefix();
    const auto& keys = index_.descriptor().keys;
    for (size_t k = 0; k < keys.size(); ++k) {
      Datum value = ColumnOf(*key_.referenced, rows, keys[k].attnum, row);
      if (value.is_null()) return false;
      codec::AppendKey(index_.key_columns()[k], value, entry_key_);
    }
    return FindRowKey(txn_.LatestView()).has_value();
  }

 private:
  bool BuildKey(const types::Chunk& rows, size_t row) {
    const ConstraintDescriptor& constraint = *key_.constraint;
    arena_.Reset();
    entry_key_ = index_.prefix();
    const auto& keys = index_.descriptor().keys;
    for (size_t k = 0; k < keys.size(); ++k) {
      size_t i = PositionOf(constraint.referenced_columns, keys[k].attnum);
      Datum value = ColumnOf(*key_.referencing, rows, constraint.columns[i], row);
      Datum converted;
      if (!ConvertKeyValue(key_.referencing->TypeOf(constraint.columns[i]), value,
                           key_.referenced->TypeOf(keys[k].attnum), arena_, &converted)) {
        return false;
      }
      codec::AppendKey(index_.key_columns()[k], converted, entry_key_);
    }
    return true;
  }

  std::optional<std::string_view> FindRowKey(const txn::ReadView& view) {
    if (!index_.unique_entries()) {
      auto cursor = view.Scan(kv::PrefixRange(entry_key_));
      auto entries = cursor->Next(1);
      if (entries.empty()) return std::nullopt;
      std::string_view key = entries[0].key.substr(codec::kKeyPrefixBytes);
      found_.assign(SplitIndexEntry(index_, key, entries[0].value).row_key);
      return found_;
    }
    auto value = view.Get(entry_key_, buffer_);
    if (!value) return std::nullopt;
    std::string_view key = std::string_view(entry_key_).substr(codec::kKeyPrefixBytes);
    found_.assign(index_.is_rows() ? key : SplitIndexEntry(index_, key, *value).row_key);
    return found_;
  }

  const ForeignKey& key_;
  txn::Transaction& txn_;
  const IndexLayout& index_;
  base::Arena arena_;
  kv::ReadBuffer buffer_;
  std::string entry_key_;
  std::string locked_;
  std::string found_;
  std::string last_found_;
};

}  // namespace

const IndexLayout& ForeignKey::referenced_index() const {
  const IndexLayout* index = referenced->FindIndex(constraint->index);
  CHECK(index != nullptr);
  return *index;
}

void CheckReferencedRows(const ForeignKey& key, txn::Transaction& txn, const types::Chunk& rows) {
  const ConstraintDescriptor& constraint = *key.constraint;
  const std::string message =
      fmt::format("insert or update on table \"{}\" violates foreign key constraint \"{}\"",
                  key.referencing->table().name, constraint.name);
  ReferencedRows referenced(key, txn);
  rows.rows.ForEach([&](size_t row) {
    size_t nulls = 0;
    for (int16_t attnum : constraint.columns) {
      nulls += ColumnOf(*key.referencing, rows, attnum, row).is_null();
    }
    if (nulls == constraint.columns.size()) return;
    if (nulls > 0) {
      if (constraint.match == catalog::MatchKind::kSimple) return;
      throw Violation(key, message,
                      "MATCH FULL does not allow mixing of null and nonnull key values.");
    }
    if (referenced.LockReferenced(rows, row)) return;
    throw Violation(key, message,
                    fmt::format("{} is not present in table \"{}\".",
                                DescribeKey(key, *key.referencing, constraint.columns, rows, row),
                                key.referenced->table().name));
  });
}

bool ReferencedKeyChanged(const ForeignKey& key, const types::Chunk& old_rows,
                          const types::Chunk& new_rows, size_t row) {
  std::string before;
  std::string after;
  for (int16_t attnum : key.constraint->referenced_columns) {
    codec::KeyColumn column = codec::MakeKeyColumn(
        key.referenced->types(), key.referenced->TypeOf(attnum).oid, true, false, false);
    codec::AppendKey(column, ColumnOf(*key.referenced, old_rows, attnum, row), before);
    codec::AppendKey(column, ColumnOf(*key.referenced, new_rows, attnum, row), after);
  }
  return before != after;
}

void CheckNotReferenced(const ForeignKey& key, txn::Transaction& txn, const types::Chunk& old_rows,
                        size_t row, bool restrict) {
  ReferencingRows referencing(key, txn);
  referencing.Seek(old_rows, row);
  types::ChunkBuffer buffer(referencing.kinds());
  if (referencing.Next(buffer) == 0) return;
  if (!restrict && ReferencedRows(key, txn).Exists(old_rows, row)) return;
  throw Violation(
      key,
      fmt::format("update or delete on table \"{}\" violates foreign key constraint \"{}\" on "
                  "table \"{}\"",
                  key.referenced->table().name, key.constraint->name,
                  key.referencing->table().name),
      fmt::format("{} is still referenced from table \"{}\".",
                  DescribeKey(key, *key.referenced, key.constraint->referenced_columns, old_rows,
                              row),
                  key.referencing->table().name));
}

void ValidateForeignKey(const ForeignKey& key, txn::Transaction& txn) {
  auto live = key.referencing->live_attnums();
  TableScan scan(key.referencing, {.attnums = {live.begin(), live.end()}});
  types::ChunkBuffer buffer(scan.kinds());
  scan.OpenAll(txn.LatestView());
  while (scan.Next(buffer) > 0) {
    runtime::CheckInterrupts();
    CheckReferencedRows(key, txn, buffer.chunk());
  }
}

}  // namespace sundog::storage
