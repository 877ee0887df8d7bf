#include "storage/row_entries.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "types/dense_vector.h"
#include "types/extension_oids.h"
#include "types/sparse_vector.h"

namespace sundog::storage {

using types::Datum;

bool NameSameRow(std::string_view value, std::string_view other) {
  size_t size = sizeof(uint16_t) + base::LoadLittleEndian<uint16_t>(value.data());
  return value.substr(0, size) == other.substr(0, size);
}

namespace {

template <typename Stored>
bool AllZero(std::string_view vector) {
  types::DenseView<Stored> view(vector);
  for (int32_t i = 0; i < view.size(); ++i) {
    if (view.At(i) != 0) return false;
  }
  return true;
}

bool IsZeroVector(types::Oid type, std::string_view vector) {
  switch (type) {
    case types::oids::kVector: return AllZero<float>(vector);
    case types::oids::kHalfvec: return AllZero<uint16_t>(vector);
    case types::oids::kSparsevec: return types::SparseView(vector).count() == 0;
    default: return false;
  }
}

}  // namespace

RowEntries::RowEntries(const TableLayout& layout, IndexExpressions* expressions,
                       txn::Transaction& txn)
    : layout_(layout), expressions_(expressions), txn_(txn) {
  position_.assign(layout.table().columns.size(), -1);
  auto live = layout.live_attnums();
  for (size_t i = 0; i < live.size(); ++i) position_[live[i] - 1] = static_cast<int>(i);
  keys_.resize(layout.indexes().size());
  predicates_.resize(layout.indexes().size());
  centroids_.resize(layout.indexes().size());
}

void RowEntries::Prepare(const types::Chunk& rows) {
  CHECK_EQ(rows.columns.size(), layout_.live_attnums().size());
  rows_ = &rows;
  for (size_t i = 0; i < layout_.indexes().size(); ++i) PrepareOne(rows, i);
}

void RowEntries::PrepareOne(const types::Chunk& rows, size_t i) {
  rows_ = &rows;
  const catalog::IndexDescriptor& index = layout_.indexes()[i].descriptor();
  predicates_[i] = index.predicate ? &expressions_->Predicate(i, rows) : nullptr;
  keys_[i].assign(index.keys.size(), nullptr);
  // Keys need not be computable for rows that the index leaves out.
  types::RowSet with_keys = rows.rows;
  if (predicates_[i] != nullptr) {
    in_index_.clear();
    rows.rows.ForEach([&](size_t row) {
      if (!IsLeftOut(i, row)) in_index_.push_back(static_cast<uint16_t>(row));
    });
    with_keys = types::RowSet(in_index_.data(), in_index_.size());
  }
  for (size_t k = 0; k < index.keys.size(); ++k) {
    if (index.keys[k].attnum == 0) keys_[i][k] = &expressions_->Key(i, k, rows, with_keys);
  }
  const IndexLayout& layout = layout_.indexes()[i];
  if (layout.has_lists()) {
    centroids_[i] = layout.centroids().Find(layout, txn_.LatestView());
  }
}

Datum RowEntries::ColumnOf(int16_t attnum, size_t row) const {
  int position = position_[attnum - 1];
  return position < 0 ? Datum() : rows_->column(static_cast<size_t>(position)).DatumAt(row);
}

Datum RowEntries::KeyOf(const IndexLayout& layout, size_t index, size_t key, size_t row) const {
  int16_t attnum = layout.descriptor().keys[key].attnum;
  return attnum != 0 ? ColumnOf(attnum, row) : keys_[index][key]->DatumAt(row);
}

void RowEntries::BuildRowKey(size_t row, std::string& to) const {
  const IndexLayout& rows = layout_.rows();
  for (size_t k = 0; k < rows.key_columns().size(); ++k) {
    codec::AppendKey(rows.key_columns()[k], ColumnOf(rows.descriptor().keys[k].attnum, row), to);
  }
}

void RowEntries::BuildRowValue(size_t row, std::string& to) {
  datums_.clear();
  for (int16_t attnum : layout_.stored_attnums()) datums_.push_back(ColumnOf(attnum, row));
  layout_.row_format().Encode(datums_, to);
}

bool RowEntries::IsLeftOut(size_t index, size_t row) const {
  const types::Vector* predicate = predicates_[index];
  return predicate != nullptr && (predicate->IsNull(row) || !predicate->At<bool>(row));
}

std::optional<std::string_view> RowEntries::VectorOf(size_t index, size_t row) const {
  const IndexLayout& layout = layout_.indexes()[index];
  if (IsLeftOut(index, row)) return std::nullopt;
  Datum value = KeyOf(layout, index, 0, row);
  if (value.is_null()) return std::nullopt;
  std::string_view vector = value.As<std::string_view>();
  bool left_out =
      layout.leaves_out_zero_vectors() && IsZeroVector(layout.vector_type().oid, vector);
  return left_out ? std::nullopt : std::optional(vector);
}

void RowEntries::BuildVectorEntry(size_t index, size_t row, std::string_view row_key,
                                  IndexEntry& entry, const IndexEntry* old) {
  const IndexLayout& layout = layout_.indexes()[index];
  std::optional<std::string_view> vector = VectorOf(index, row);
  entry.present = vector.has_value();
  entry.unique = false;
  if (!entry.present) return;
  datums_.assign(1, Datum::From(*vector));
  layout.stored_format().Encode(datums_, entry.value);
  entry.key = layout.prefix();
  if (old != nullptr && old->present && old->value == entry.value) {
    entry.key = old->columns();
  } else if (centroids_[index] != nullptr) {
    codec::AppendKey(layout.key_columns()[0], Datum::From(centroids_[index]->ListOf(*vector)),
                     entry.key);
  }
  entry.columns_end = entry.key.size();
  entry.key += row_key;
}

void RowEntries::BuildEntry(size_t index, size_t row, std::string_view row_key,
                            IndexEntry& entry, const IndexEntry* old) {
  const IndexLayout& layout = layout_.indexes()[index];
  entry.key.clear();
  entry.value.clear();
  if (layout.is_vectors()) return BuildVectorEntry(index, row, row_key, entry, old);
  entry.present = !IsLeftOut(index, row);
  if (!entry.present) return;
  bool has_null = false;
  entry.key = layout.prefix();
  for (size_t k = 0; k < layout.key_columns().size(); ++k) {
    Datum value = KeyOf(layout, index, k, row);
    has_null |= value.is_null();
    codec::AppendKey(layout.key_columns()[k], value, entry.key);
  }
  entry.columns_end = entry.key.size();
  bool distinct = has_null && !layout.descriptor().nulls_not_distinct;
  entry.unique = layout.descriptor().unique && !distinct;
  if (entry.unique && layout.unique_entries()) {
    if (row_key.size() > UINT16_MAX) {
      throw SqlError(sqlstate::kProgramLimitExceeded, "primary key of a row is too long");
    }
    base::AppendLittleEndian(entry.value, static_cast<uint16_t>(row_key.size()));
    entry.value += row_key;
  } else {
    entry.key += row_key;
  }
  if (layout.stored_attnums().empty()) return;
  datums_.clear();
  for (int16_t attnum : layout.stored_attnums()) datums_.push_back(ColumnOf(attnum, row));
  layout.stored_format().Encode(datums_, entry.value);
}

std::string RowEntries::Describe(const types::IoContext& io, const catalog::ErrorReader& reader,
                                 int index, size_t row) const {
  const IndexLayout& layout =
      index < 0 ? layout_.rows() : layout_.indexes()[static_cast<size_t>(index)];
  std::string names;
  std::string values;
  const auto& keys = layout.descriptor().keys;
  std::vector<int16_t> shown;
  for (const catalog::IndexKey& key : keys) shown.push_back(key.attnum);
  if (!reader.MayRead(layout_.table(), shown)) return {};
  for (size_t k = 0; k < keys.size(); ++k) {
    if (k > 0) names += ", ", values += ", ";
    if (keys[k].attnum != 0) {
      names += layout_.table().FindColumn(keys[k].attnum)->name;
    } else {
      names += expressions_->Text(static_cast<size_t>(index), k);
    }
    Datum value = KeyOf(layout, static_cast<size_t>(index), k, row);
    if (value.is_null()) {
      values += "null";
    } else {
      types::OutputText(io, layout_.types().GetType(keys[k].type.oid), value, values);
    }
  }
  return "Key (" + names + ")=(" + values + ")";
}

}  // namespace sundog::storage
