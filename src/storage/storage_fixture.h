// For tests: a table made by hand, and rows as text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "kv/store_fixture.h"
#include "storage/table_reader.h"
#include "storage/table_writer.h"
#include "txn/transaction.h"
#include "txn/transaction_manager.h"
#include "types/io_settings.h"

namespace sundog::storage {

using Row = std::vector<std::optional<std::string>>;
using Rows = std::vector<Row>;

inline constexpr uint32_t kTestTenant = 7;

// Builds a TableDescriptor step by step.
class TableBuilder {
 public:
  explicit TableBuilder(std::string name, uint32_t storage_id = 1000) {
    table_.oid = storage_id;
    table_.name = std::move(name);
    table_.storage_id = storage_id;
  }
  TableBuilder& Column(std::string name, types::Oid type) {
    catalog::ColumnDescriptor column;
    column.attnum = static_cast<int16_t>(table_.columns.size() + 1);
    column.name = std::move(name);
    column.type = {type, -1};
    table_.columns.push_back(std::move(column));
    return *this;
  }
  TableBuilder& PrimaryKey(std::vector<int16_t> attnums) {
    catalog::IndexDescriptor& index = AddIndex(table_.name + "_pkey", std::move(attnums));
    index.unique = index.primary = true;
    index.number = catalog::kRowIndexNumber;
    table_.row_key_index = index.oid;
    return *this;
  }
  TableBuilder& Unique(std::string name, std::vector<int16_t> attnums, bool deferrable = false) {
    catalog::IndexDescriptor& index = AddIndex(name, attnums);
    index.unique = true;
    if (deferrable) {
      catalog::ConstraintDescriptor constraint;
      constraint.oid = index.constraint = index.oid + 1000;
      constraint.name = name;
      constraint.kind = catalog::ConstraintKind::kUnique;
      constraint.columns = attnums;
      constraint.deferrable = true;
      constraint.index = index.oid;
      table_.constraints.push_back(std::move(constraint));
    }
    return *this;
  }
  TableBuilder& Index(std::string name, std::vector<int16_t> attnums,
                      std::vector<int16_t> included = {}) {
    AddIndex(std::move(name), std::move(attnums)).included = std::move(included);
    return *this;
  }
  catalog::TableDescriptor& table() { return table_; }
  TableLayoutPtr Layout() const {
    return TableLayout::Make(kTestTenant, std::make_shared<catalog::TableDescriptor>(table_),
                             types::BuiltinTypes::Get());
  }

 private:
  catalog::IndexDescriptor& AddIndex(std::string name, std::vector<int16_t> attnums) {
    catalog::IndexDescriptor& index = table_.indexes.emplace_back();
    index.oid = table_.oid + 100 + static_cast<uint32_t>(table_.indexes.size());
    index.name = std::move(name);
    index.number = table_.next_index_number++;
    for (int16_t attnum : attnums) {
      catalog::IndexKey key;
      key.attnum = attnum;
      key.type = table_.columns[attnum - 1].type;
      index.keys.push_back(std::move(key));
    }
    return index;
  }
  catalog::TableDescriptor table_;
};

// A session on a store: one transaction, and values as text.
class TestSession {
 public:
  explicit TestSession(txn::TransactionManager& manager) : txn_(manager, backend_) {
    backend_.tenant = kTestTenant;
    backend_.process_id = ++last_process_id_;
    io_.types = &types::BuiltinTypes::Get();
    io_.settings = &settings_;
  }

  void Begin(txn::Isolation isolation = txn::Isolation::kReadCommitted,
             txn::Concurrency concurrency = txn::Concurrency::kPessimistic) {
    txn_.Begin({.isolation = isolation, .concurrency = concurrency});
  }
  txn::CommitResult Commit() { return txn_.Commit(); }
  txn::Transaction& txn() { return txn_; }
  const types::IoContext& io() const { return io_; }

  TableWriter::Context context() {
    return {.io = &io_, .schema_name = "public", .deferred = &deferred_};
  }

  // Fills columns of these attnums from text.
  void Fill(types::ChunkBuffer& buffer, const TableLayout& layout,
            std::span<const int16_t> attnums, const Rows& rows) {
    buffer.Reset();
    for (size_t r = 0; r < rows.size(); ++r) {
      for (size_t c = 0; c < attnums.size(); ++c) {
        types::Vector& column = buffer.column(c);
        if (rows[r][c]) {
          column.SetDatum(r, Parse(layout, attnums[c], *rows[r][c], column.arena()));
        } else {
          column.SetNull(r);
        }
      }
    }
    buffer.Finish(rows.size());
  }
  types::Datum Parse(const TableLayout& layout, int16_t attnum, std::string_view text,
                     base::Arena& arena) {
    return types::InputText(io_, layout.table().FindColumn(attnum)->type, text, arena);
  }

  void Insert(const TableLayoutPtr& layout, const Rows& rows) {
    txn_.BeginStatement();
    TableWriter writer(layout, txn_, context());
    types::ChunkBuffer buffer(LiveKinds(*layout), rows.size());
    Fill(buffer, *layout, layout->live_attnums(), rows);
    writer.Insert(buffer.chunk());
  }

  static std::vector<types::PhysicalKind> LiveKinds(const TableLayout& layout) {
    std::vector<types::PhysicalKind> kinds;
    for (int16_t attnum : layout.live_attnums()) kinds.push_back(layout.KindOf(attnum));
    return kinds;
  }

  Row TextRow(const TableLayout& layout, std::span<const int16_t> attnums,
              const types::ChunkBuffer& buffer, size_t r) {
    Row row;
    for (size_t c = 0; c < attnums.size(); ++c) {
      types::Datum value = buffer.chunk().column(c).DatumAt(r);
      if (value.is_null()) {
        row.push_back(std::nullopt);
      } else if (attnums[c] < 0) {
        row.emplace_back(value.As<std::string_view>());
      } else {
        std::string text;
        types::OutputText(io_, layout.TypeOf(attnums[c]), value, text);
        row.push_back(std::move(text));
      }
    }
    return row;
  }

  // All rows that the ranges of an index (none: all of it) give, as text.
  Rows Scan(const TableLayoutPtr& layout, std::vector<int16_t> attnums,
            const IndexLayout* index = nullptr, std::optional<kv::KeyRange> range = {},
            kv::Direction direction = kv::Direction::kForward) {
    txn_.BeginStatement();
    TableScan scan(layout, {.index = index, .direction = direction, .attnums = attnums});
    types::ChunkBuffer buffer(scan.kinds());
    if (range) {
      scan.Open(txn_.View(), {*range});
    } else {
      scan.OpenAll(txn_.View());
    }
    Rows rows;
    while (size_t count = scan.Next(buffer)) {
      for (size_t r = 0; r < count; ++r) rows.push_back(TextRow(*layout, attnums, buffer, r));
    }
    return rows;
  }

  // One statement that updates (new_rows given) or deletes the rows with these keys; see RowKeyOf.
  std::vector<bool> Change(const TableLayoutPtr& layout, const std::vector<std::string>& row_keys,
                           const Rows* new_rows) {
    txn_.BeginStatement();
    TableWriter writer(layout, txn_, context());
    std::vector<bool> all;
    for (size_t first = 0; first < row_keys.size(); first += types::kVectorSize) {
      size_t count = std::min(types::kVectorSize, row_keys.size() - first);
      types::Vector keys(types::PhysicalKind::kVarlen);
      for (size_t i = 0; i < count; ++i) keys.Set(i, std::string_view(row_keys[first + i]));
      std::vector<bool> changed;
      if (new_rows) {
        types::ChunkBuffer buffer(LiveKinds(*layout));
        Rows part(new_rows->begin() + static_cast<ptrdiff_t>(first),
                  new_rows->begin() + static_cast<ptrdiff_t>(first + count));
        Fill(buffer, *layout, layout->live_attnums(), part);
        writer.Update(keys, nullptr, buffer.chunk(), &changed);
      } else {
        writer.Delete(keys, nullptr, types::RowSet(count), &changed);
      }
      all.insert(all.end(), changed.begin(), changed.end());
    }
    return all;
  }

  std::string RowKeyOf(const TableLayout& layout, const std::vector<std::string>& values) {
    std::string key;
    base::Arena arena;
    for (size_t i = 0; i < values.size(); ++i) {
      int16_t attnum = layout.rows().descriptor().keys[i].attnum;
      codec::AppendKey(layout.rows().key_columns()[i], Parse(layout, attnum, values[i], arena),
                       key);
    }
    return key;
  }
  DeferredUniqueChecks& deferred() { return deferred_; }
  int32_t process_id() const { return backend_.process_id; }

 private:
  static inline int32_t last_process_id_ = 0;
  types::IoSettings settings_;
  types::IoContext io_;
  txn::LockBackend backend_;
  DeferredUniqueChecks deferred_;
  txn::Transaction txn_;
};

}  // namespace sundog::storage
