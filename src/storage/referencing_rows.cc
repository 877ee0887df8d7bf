// Finds the rows that refer to a row: by an index that starts with the foreign key's columns, or by
// looking at all rows.
#include <algorithm>

#include "base/check.h"
#include "runtime/interrupt.h"
#include "storage/foreign_keys.h"
#include "storage/table_reader.h"

namespace sundog::storage {
namespace {

using types::Datum;

// An index whose first columns are those of the key, in any order; null: there is none.
const IndexLayout* FindSupportingIndex(const TableLayout& layout,
                                       const std::vector<int16_t>& columns) {
  auto supports = [&](const IndexLayout& index) {
    const catalog::IndexDescriptor& descriptor = index.descriptor();
    if (descriptor.predicate || descriptor.state != catalog::IndexState::kReady) return false;
    if (descriptor.keys.size() < columns.size()) return false;
    return std::all_of(columns.begin(), columns.end(), [&](int16_t attnum) {
      return std::any_of(descriptor.keys.begin(),
                         descriptor.keys.begin() + static_cast<ptrdiff_t>(columns.size()),
                         [&](const catalog::IndexKey& key) { return key.attnum == attnum; });
    });
  };
  if (!layout.table().has_hidden_row_id() && supports(layout.rows())) return &layout.rows();
  for (const IndexLayout& index : layout.indexes()) {
    if (!index.is_vectors() && supports(index)) return &index;
  }
  return nullptr;
}

}  // namespace

class ReferencingRows::Impl {
 public:
  Impl(const ForeignKey& key, txn::Transaction& txn)
      : key_(key),
        txn_(txn),
        layout_(*key.referencing),
        index_(FindSupportingIndex(layout_, key.constraint->columns)),
        scan_(key.referencing, {.index = index_, .attnums = Attnums()}),
        scanned_(scan_.kinds()) {
    for (int16_t attnum : key.constraint->columns) {
      columns_.push_back(codec::MakeKeyColumn(layout_.types(), layout_.TypeOf(attnum).oid, true,
                                              false, false));
    }
  }

  void Seek(const types::Chunk& old_rows, size_t row) {
    const catalog::ConstraintDescriptor& constraint = *key_.constraint;
    arena_.Reset();
    wanted_.clear();
    none_ = false;
    std::vector<Datum> values;
    for (size_t i = 0; i < constraint.columns.size(); ++i) {
      auto live = key_.referenced->live_attnums();
      int16_t attnum = constraint.referenced_columns[i];
      size_t position =
          static_cast<size_t>(std::find(live.begin(), live.end(), attnum) - live.begin());
      Datum value = old_rows.column(position).DatumAt(row);
      Datum converted;
      // A null refers to nothing, nor does a value that the referencing type does not have.
      none_ |= value.is_null() ||
               !ConvertKeyValue(key_.referenced->TypeOf(attnum), value,
                                layout_.TypeOf(constraint.columns[i]), arena_, &converted);
      if (none_) return;
      values.push_back(converted);
      codec::AppendKey(columns_[i], converted, wanted_);
    }
    if (index_ == nullptr) {
      scan_.OpenAll(txn_.LatestView());
      return;
    }
    std::vector<Datum> equal;
    for (size_t k = 0; k < values.size(); ++k) {
      auto it = std::find(constraint.columns.begin(), constraint.columns.end(),
                          index_->descriptor().keys[k].attnum);
      equal.push_back(values[static_cast<size_t>(it - constraint.columns.begin())]);
    }
    scan_.Open(txn_.LatestView(), {index_->Range(equal, nullptr)});
  }

  size_t Next(types::ChunkBuffer& out) {
    if (none_) return 0;
    if (index_ != nullptr) return scan_.Next(out);
    while (size_t count = scan_.Next(scanned_)) {
      runtime::CheckInterrupts();
      out.Reset();
      size_t matches = 0;
      for (size_t row = 0; row < count; ++row) {
        if (!Matches(row)) continue;
        for (size_t c = 0; c < out.column_count(); ++c) {
          out.column(c).CopyFrom(matches, scanned_.column(c), row);
        }
        ++matches;
      }
      if (matches == 0) continue;
      out.Finish(matches);
      return matches;
    }
    return 0;
  }

  std::vector<types::PhysicalKind> kinds() const { return scan_.kinds(); }

 private:
  std::vector<int16_t> Attnums() const {
    std::vector<int16_t> attnums(layout_.live_attnums().begin(), layout_.live_attnums().end());
    attnums.push_back(kRowKeyColumn);
    attnums.push_back(kRowValueColumn);
    return attnums;
  }

  bool Matches(size_t row) {
    found_.clear();
    auto live = layout_.live_attnums();
    for (size_t i = 0; i < columns_.size(); ++i) {
      auto it = std::find(live.begin(), live.end(), key_.constraint->columns[i]);
      codec::AppendKey(columns_[i],
                       scanned_.column(static_cast<size_t>(it - live.begin())).DatumAt(row),
                       found_);
    }
    return found_ == wanted_;
  }

  const ForeignKey key_;
  txn::Transaction& txn_;
  const TableLayout& layout_;
  const IndexLayout* index_;
  TableScan scan_;
  types::ChunkBuffer scanned_;
  std::vector<codec::KeyColumn> columns_;
  base::Arena arena_;
  std::string wanted_;
  std::string found_;
  bool none_ = false;
};

ReferencingRows::ReferencingRows(const ForeignKey& key, txn::Transaction& txn)
    : impl_(std::make_unique<Impl>(key, txn)) {}
ReferencingRows::~ReferencingRows() = default;
void ReferencingRows::Seek(const types::Chunk& old_rows, size_t row) {
  impl_->Seek(old_rows, row);
}
size_t ReferencingRows::Next(types::ChunkBuffer& out) { return impl_->Next(out); }
std::vector<types::PhysicalKind> ReferencingRows::kinds() const { return impl_->kinds(); }

}  // namespace sundog::storage
