// Scans: batches of entries from a cursor, decoded column by column; where an index does not cover
// what is asked for, the rows of a batch are fetched together.
#include <algorithm>

#include "base/check.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "storage/entry_decoder.h"
#include "storage/table_reader.h"

namespace sundog::storage {
namespace {

// A scan that may stop early begins with small batches and makes each this much larger.
constexpr size_t kBatchGrowth = 4;

bool NeedsRows(const TableLayout& layout, const ScanSpec& spec) {
  if (spec.index == nullptr || spec.index->is_rows()) return false;
  return !std::all_of(spec.attnums.begin(), spec.attnums.end(), [&](int16_t attnum) {
    return attnum != kRowValueColumn && layout.Covers(*spec.index, attnum);
  });
}

}  // namespace

class TableScan::Impl {
 public:
  Impl(TableLayoutPtr layout, ScanSpec spec)
      : layout_(std::move(layout)),
        index_(spec.index ? *spec.index : layout_->rows()),
        direction_(spec.direction),
        fetch_rows_(NeedsRows(*layout_, spec)),
        decoder_(*layout_, fetch_rows_ ? layout_->rows() : index_, spec.attnums) {}

  void Open(const txn::ReadView& view, std::vector<kv::KeyRange> ranges, size_t wanted_rows) {
    ranges_ = std::move(ranges);
    next_range_ = 0;
    batch_ = wanted_rows == 0 ? types::kVectorSize : std::min(wanted_rows, types::kVectorSize);
    // A cursor belongs to its view: it can start over only if that is still the one.
    bool same = cursor_ && !whole_range_ && view_.snapshot() == view.snapshot() &&
                view_.command() == view.command() &&
                &view_.transaction() == &view.transaction();
    if (!same) cursor_.reset();
    view_ = view;
    whole_range_ = false;
    done_ = !NextRange();
  }

  void OpenAll(const txn::ReadView& view) {
    ranges_ = {index_.WholeRange()};
    next_range_ = 1;
    batch_ = types::kVectorSize;
    view_ = view;
    whole_range_ = true;
    cursor_ = view_.Scan(ranges_[0], {.direction = direction_, .whole_range = true});
    done_ = false;
  }

  size_t Next(types::ChunkBuffer& out) {
    while (!done_) {
      std::span<const kv::Entry> entries = cursor_->Next(batch_);
      if (entries.empty()) {
        done_ = !NextRange();
        continue;
      }
      batch_ = std::min(batch_ * kBatchGrowth, types::kVectorSize);
      if (fetch_rows_) entries = FetchRows(entries);
      out.Reset();
      decoder_.Decode(entries, out, 0);
      out.Finish(entries.size());
      return entries.size();
    }
    out.Reset();
    out.Finish(0);
    return 0;
  }

  void Close() {
    cursor_.reset();
    view_ = txn::ReadView();
    rows_buffer_ = kv::ReadBuffer();
    done_ = true;
  }

  std::vector<types::PhysicalKind> kinds() const { return decoder_.kinds(); }

 private:
  bool NextRange() {
    while (next_range_ < ranges_.size() && ranges_[next_range_].empty()) ++next_range_;
    if (next_range_ == ranges_.size()) return false;
    kv::KeyRange& range = ranges_[next_range_++];
    if (cursor_) {
      cursor_->Reset(std::move(range));
    } else {
      cursor_ = view_.Scan(std::move(range), {.direction = direction_});
    }
    return true;
  }

  // The rows that the index entries point to.
  std::span<const kv::Entry> FetchRows(std::span<const kv::Entry> entries) {
    const std::string& prefix = layout_->rows().prefix();
    key_bytes_.clear();
    key_ends_.clear();
    for (const kv::Entry& entry : entries) {
      IndexEntryParts parts =
          SplitIndexEntry(index_, entry.key.substr(codec::kKeyPrefixBytes), entry.value);
      key_bytes_ += prefix;
      key_bytes_ += parts.row_key;
      key_ends_.push_back(key_bytes_.size());
    }
    keys_.clear();
    size_t start = 0;
    for (size_t end : key_ends_) {
      keys_.push_back(std::string_view(key_bytes_).substr(start, end - start));
      start = end;
    }
    auto values = view_.MultiGet(keys_, rows_buffer_);
    rows_.clear();
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (!values[i]) {
        throw SqlError(sqlstate::kIndexCorrupted,
                       "index \"" + index_.descriptor().name + "\" has an entry without a row");
      }
      rows_.push_back({keys_[i], *values[i]});
    }
    return rows_;
  }

  TableLayoutPtr layout_;
  const IndexLayout& index_;
  const kv::Direction direction_;
  const bool fetch_rows_;
  EntryDecoder decoder_;
  txn::ReadView view_;
  std::vector<kv::KeyRange> ranges_;
  size_t next_range_ = 0;
  std::unique_ptr<kv::Cursor> cursor_;
  bool whole_range_ = false;
  bool done_ = true;
  size_t batch_ = types::kVectorSize;
  std::string key_bytes_;
  std::vector<size_t> key_ends_;
  std::vector<std::string_view> keys_;
  kv::ReadBuffer rows_buffer_;
  std::vector<kv::Entry> rows_;
};

TableScan::TableScan(TableLayoutPtr layout, ScanSpec spec)
    : impl_(std::make_unique<Impl>(std::move(layout), std::move(spec))) {}
TableScan::~TableScan() = default;

void TableScan::Open(const txn::ReadView& view, std::vector<kv::KeyRange> ranges,
                     size_t wanted_rows) {
  impl_->Open(view, std::move(ranges), wanted_rows);
}
void TableScan::OpenAll(const txn::ReadView& view) { impl_->OpenAll(view); }
size_t TableScan::Next(types::ChunkBuffer& out) { return impl_->Next(out); }
void TableScan::Close() { impl_->Close(); }
std::vector<types::PhysicalKind> TableScan::kinds() const { return impl_->kinds(); }

}  // namespace sundog::storage
