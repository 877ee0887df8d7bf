// Single rows by their key: the path of point queries.
#include <algorithm>

#include "base/check.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "storage/entry_decoder.h"
#include "storage/table_reader.h"

namespace sundog::storage {

class RowLookup::Impl {
 public:
  Impl(TableLayoutPtr layout, std::vector<int16_t> attnums)
      : layout_(std::move(layout)), decoder_(*layout_, layout_->rows(), attnums) {
    for (types::PhysicalKind kind : decoder_.kinds()) {
      has_varlen_ |= kind == types::PhysicalKind::kVarlen;
    }
    key_ = layout_->rows().prefix();
  }

  bool ByPrimaryKey(const txn::ReadView& view, std::span<const types::Datum> key,
                    types::ChunkBuffer& out, size_t row) {
    auto columns = layout_->rows().key_columns();
    CHECK_EQ(key.size(), columns.size());
    key_.resize(codec::kKeyPrefixBytes);
    for (size_t i = 0; i < key.size(); ++i) codec::AppendKey(columns[i], key[i], key_);
    return Read(view, out, row);
  }

  bool ByUniqueIndex(const txn::ReadView& view, const IndexLayout& index,
                     std::span<const types::Datum> key, types::ChunkBuffer& out, size_t row) {
    if (index.is_rows()) return ByPrimaryKey(view, key, out, row);
    CHECK_EQ(key.size(), index.key_columns().size());
    index_key_ = index.prefix();
    for (size_t i = 0; i < key.size(); ++i) {
      codec::AppendKey(index.key_columns()[i], key[i], index_key_);
    }
    auto found = index.unique_entries() ? GetEntry(view) : FirstEntry(view);
    if (!found) return false;
    IndexEntryParts parts =
        SplitIndexEntry(index, found->key.substr(codec::kKeyPrefixBytes), found->value);
    if (ByRowKey(view, parts.row_key, out, row)) return true;
    throw SqlError(sqlstate::kIndexCorrupted,
                   "index \"" + index.descriptor().name + "\" has an entry without a row");
  }

  bool ByRowKey(const txn::ReadView& view, std::string_view row_key, types::ChunkBuffer& out,
                size_t row) {
    key_.resize(codec::kKeyPrefixBytes);
    key_ += row_key;
    return Read(view, out, row);
  }

  size_t ByRowKeys(const txn::ReadView& view, std::span<const std::string_view> row_keys,
                   types::ChunkBuffer& out, std::vector<uint32_t>* positions) {
    CHECK_LE(row_keys.size(), types::kVectorSize);
    const std::string& prefix = layout_->rows().prefix();
    many_bytes_.clear();
    for (std::string_view row_key : row_keys) (many_bytes_ += prefix) += row_key;
    many_keys_.clear();
    size_t start = 0;
    for (std::string_view row_key : row_keys) {
      size_t size = prefix.size() + row_key.size();
      many_keys_.push_back(std::string_view(many_bytes_).substr(start, size));
      start += size;
    }
    auto values = view.MultiGet(many_keys_, buffer_);
    entries_.clear();
    if (positions) positions->clear();
    for (size_t i = 0; i < many_keys_.size(); ++i) {
      if (!values[i]) continue;
      entries_.push_back({many_keys_[i], *values[i]});
      if (positions) positions->push_back(static_cast<uint32_t>(i));
    }
    out.Reset();
    decoder_.Decode(entries_, out, 0);
    out.Finish(entries_.size());
    return entries_.size();
  }

  std::vector<types::PhysicalKind> kinds() const { return decoder_.kinds(); }

 private:
  // The row under key_.
  bool Read(const txn::ReadView& view, types::ChunkBuffer& out, size_t row) {
    auto value = view.Get(key_, buffer_);
    if (!value) return false;
    kv::Entry entry{key_, *value};
    if (has_varlen_) {
      // The next lookup reuses key and buffer: the vector's arena keeps the bytes.
      base::Arena& arena = out.column(0).arena();
      entry = {arena.Copy(entry.key), arena.Copy(entry.value)};
    }
    decoder_.Decode({&entry, 1}, out, row);
    return true;
  }

  std::optional<kv::Entry> GetEntry(const txn::ReadView& view) {
    auto value = view.Get(index_key_, buffer_);
    if (!value) return std::nullopt;
    index_value_.assign(*value);
    return kv::Entry{index_key_, index_value_};
  }

  // Of an index of a deferrable constraint, whose entries end in the row key.
  std::optional<kv::Entry> FirstEntry(const txn::ReadView& view) {
    auto cursor = view.Scan(kv::PrefixRange(index_key_));
    auto entries = cursor->Next(1);
    if (entries.empty()) return std::nullopt;
    index_key_.assign(entries[0].key);
    index_value_.assign(entries[0].value);
    return kv::Entry{index_key_, index_value_};
  }

  TableLayoutPtr layout_;
  EntryDecoder decoder_;
  bool has_varlen_ = false;
  std::string key_;  // starts with the rows' prefix
  std::string index_key_;
  std::string index_value_;
  kv::ReadBuffer buffer_;
  std::string many_bytes_;
  std::vector<std::string_view> many_keys_;
  std::vector<kv::Entry> entries_;
};

RowLookup::RowLookup(TableLayoutPtr layout, std::vector<int16_t> attnums)
    : impl_(std::make_unique<Impl>(std::move(layout), std::move(attnums))) {}
RowLookup::~RowLookup() = default;

bool RowLookup::ByPrimaryKey(const txn::ReadView& view, std::span<const types::Datum> key,
                             types::ChunkBuffer& out, size_t row) {
  return impl_->ByPrimaryKey(view, key, out, row);
}
bool RowLookup::ByUniqueIndex(const txn::ReadView& view, const IndexLayout& index,
                              std::span<const types::Datum> key, types::ChunkBuffer& out,
                              size_t row) {
  return impl_->ByUniqueIndex(view, index, key, out, row);
}
bool RowLookup::ByRowKey(const txn::ReadView& view, std::string_view row_key,
                         types::ChunkBuffer& out, size_t row) {
  return impl_->ByRowKey(view, row_key, out, row);
}
size_t RowLookup::ByRowKeys(const txn::ReadView& view, std::span<const std::string_view> row_keys,
                            types::ChunkBuffer& out, std::vector<uint32_t>* positions) {
  return impl_->ByRowKeys(view, row_keys, out, positions);
}
std::vector<types::PhysicalKind> RowLookup::kinds() const { return impl_->kinds(); }

}  // namespace sundog::storage
