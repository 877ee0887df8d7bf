#include "storage/table_layout.h"

#include <algorithm>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/vector_index.h"
#include "codec/key_space.h"
#include "storage/centroids.h"

namespace sundog::storage {
namespace {

using catalog::ColumnDescriptor;
using catalog::IndexDescriptor;
using types::Datum;
using types::PhysicalKind;

// A dropped column's type may be gone too; where it was built in its layout is known for ever.
const types::TypeInfo* FindColumnType(const types::TypeLookup& lookup,
                                      const ColumnDescriptor& column) {
  const types::TypeInfo* type = lookup.FindType(column.type.oid);
  if (type == nullptr && !column.dropped) return &lookup.GetType(column.type.oid);
  return type;
}

bool IsDeferrable(const catalog::TableDescriptor& table, const IndexDescriptor& index) {
  const catalog::ConstraintDescriptor* constraint = table.FindConstraint(index.constraint);
  return constraint != nullptr && constraint->deferrable;
}

bool HoldsExactly(std::span<const catalog::IndexKey> keys,
                  std::span<const codec::KeyColumn> columns, int16_t attnum) {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].attnum == attnum && columns[i].exact) return true;
  }
  return false;
}

std::vector<codec::KeyColumn> MakeKeyColumns(const types::TypeLookup& types,
                                             const IndexDescriptor& index, bool is_rows) {
  std::vector<codec::KeyColumn> columns;
  for (const catalog::IndexKey& key : index.keys) {
    columns.push_back(codec::MakeKeyColumn(types, key.type.oid, !is_rows, key.descending,
                                           key.nulls_first));
  }
  return columns;
}

}  // namespace

// --- IndexLayout ---

kv::KeyRange IndexLayout::Range(std::span<const Datum> equal, const ColumnBounds* bounds) const {
  CHECK_LE(equal.size() + (bounds ? 1 : 0), key_columns_.size());
  static const kv::KeyRange kNothing{"\1", "\1"};
  std::string start = prefix_;
  for (size_t i = 0; i < equal.size(); ++i) {
    if (equal[i].is_null() && !key_columns_[i].nullable) return kNothing;
    codec::AppendKey(key_columns_[i], equal[i], start);
  }
  if (bounds == nullptr) return kv::PrefixRange(start);

  const codec::KeyColumn& column = key_columns_[equal.size()];
  if ((bounds->lower && bounds->lower->is_null()) || (bounds->upper && bounds->upper->is_null())) {
    return kNothing;
  }
  auto value_key = [&](const Datum& value) {
    std::string key = start;
    codec::AppendKey(column, value, key);
    return key;
  };
  // All that is not null, then narrowed on either side. In a descending column the sides swap.
  std::string not_null = start;
  if (column.nullable) not_null.push_back('\x01');
  kv::KeyRange range = kv::PrefixRange(not_null);
  auto set_begin = [&](const Datum& value, bool inclusive) {
    std::string key = value_key(value);
    range.begin = inclusive ? key : kv::PrefixEnd(key);
  };
  auto set_end = [&](const Datum& value, bool inclusive) {
    std::string key = value_key(value);
    range.end = inclusive ? kv::PrefixEnd(key) : key;
  };
  if (bounds->lower) {
    column.descending ? set_end(*bounds->lower, bounds->lower_inclusive)
                      : set_begin(*bounds->lower, bounds->lower_inclusive);
  }
  if (bounds->upper) {
    column.descending ? set_begin(*bounds->upper, bounds->upper_inclusive)
                      : set_end(*bounds->upper, bounds->upper_inclusive);
  }
  return range;
}

kv::KeyRange IndexLayout::RowRange(std::span<const Datum> equal, std::span<const Datum> row,
                                   bool lower) const {
  CHECK(!row.empty());
  CHECK_LE(equal.size() + row.size(), key_columns_.size());
  ColumnBounds not_null;
  kv::KeyRange range = Range(equal, &not_null);
  if (range.empty()) return range;
  std::string key = prefix_;
  for (size_t i = 0; i < equal.size(); ++i) codec::AppendKey(key_columns_[i], equal[i], key);
  for (size_t i = 0; i < row.size(); ++i) {
    codec::AppendKey(key_columns_[equal.size() + i], row[i], key);
  }
  if (lower != key_columns_[equal.size()].descending) {
    range.begin = std::move(key);
  } else {
    range.end = kv::PrefixEnd(key);
  }
  return range;
}

kv::KeyRange IndexLayout::TextPrefixRange(std::span<const Datum> equal,
                                          std::string_view prefix) const {
  const codec::KeyColumn& column = key_columns_[equal.size()];
  CHECK(column.encoding == codec::KeyEncoding::kText);
  ColumnBounds not_null;
  kv::KeyRange nothing = Range(equal, &not_null);
  if (nothing.empty()) return nothing;
  std::string start = prefix_;
  for (size_t i = 0; i < equal.size(); ++i) codec::AppendKey(key_columns_[i], equal[i], start);
  codec::AppendKey(column, Datum::From(prefix), start);
  start.pop_back();  // the terminator
  return kv::PrefixRange(start);
}

// --- TableLayout ---

TableLayoutPtr TableLayout::Make(uint32_t tenant,
                                 std::shared_ptr<const catalog::TableDescriptor> table,
                                 const types::TypeLookup& types) {
  return TableLayoutPtr(new TableLayout(tenant, std::move(table), types));
}

TableLayout::TableLayout(uint32_t tenant, std::shared_ptr<const catalog::TableDescriptor> table,
                         const types::TypeLookup& types)
    : tenant_(tenant), table_(std::move(table)), types_(types) {
  const IndexDescriptor* row_key = table_->FindIndex(table_->row_key_index);
  rows_.is_rows_ = true;
  rows_.unique_entries_ = true;
  rows_.descriptor_ = row_key;
  rows_.prefix_ = codec::KeyPrefix(tenant, table_->storage_id, catalog::kRowIndexNumber);
  if (row_key != nullptr) rows_.key_columns_ = MakeKeyColumns(types, *row_key, true);

  std::vector<codec::RowFormat::Column> stored;
  for (const ColumnDescriptor& column : table_->columns) {
    const types::TypeInfo* type = FindColumnType(types, column);
    column_types_.push_back(type);
    kinds_.push_back(type ? type->physical : PhysicalKind::kVarlen);
    if (!column.dropped) live_attnums_.push_back(column.attnum);
    if (row_key && HoldsExactly(row_key->keys, rows_.key_columns_, column.attnum)) continue;
    stored_attnums_.push_back(column.attnum);
    stored.push_back({kinds_.back(), column.missing_value});
  }
  row_format_ = std::make_shared<const codec::RowFormat>(std::move(stored));

  for (const IndexDescriptor& index : table_->indexes) {
    if (&index == row_key || index.state == catalog::IndexState::kInvalid) continue;
    indexes_.push_back(MakeIndex(index));
  }
}

IndexLayout TableLayout::MakeIndex(const IndexDescriptor& index) const {
  IndexLayout layout;
  layout.descriptor_ = &index;
  layout.unique_entries_ = index.unique && !IsDeferrable(*table_, index);
  layout.prefix_ = codec::KeyPrefix(tenant_, table_->storage_id, index.number);
  if (catalog::IsVectorMethod(index.access_method)) {
    MakeVectorIndex(layout);
    return layout;
  }
  layout.key_columns_ = MakeKeyColumns(types_, index, false);

  std::vector<codec::RowFormat::Column> stored;
  auto store = [&](int16_t attnum) {
    if (HoldsExactly(index.keys, layout.key_columns_, attnum)) return;
    if (std::count(layout.stored_attnums_.begin(), layout.stored_attnums_.end(), attnum)) return;
    layout.stored_attnums_.push_back(attnum);
    stored.push_back({KindOf(attnum), std::nullopt});
  };
  for (const catalog::IndexKey& key : index.keys) {
    if (key.attnum != 0) store(key.attnum);
  }
  for (int16_t attnum : index.included) store(attnum);
  layout.stored_format_ = std::make_shared<const codec::RowFormat>(std::move(stored));
  return layout;
}

void TableLayout::MakeVectorIndex(IndexLayout& layout) const {
  layout.is_vectors_ = true;
  layout.vector_type_ = layout.descriptor_->keys[0].type;
  for (const types::TypeInfo* type = &types_.GetType(layout.vector_type_.oid);
       type->kind_code == 'd'; type = &types_.GetType(type->base_type)) {
    layout.vector_type_ = {type->base_type, type->base_typmod};
  }
  layout.vector_element_ = types::VectorElementOf(layout.vector_type_.oid);
  catalog::Oid opclass = layout.descriptor_->keys[0].opclass;
  layout.vector_metric_ = catalog::DistanceMetric(opclass);
  layout.leaves_out_zero_vectors_ = catalog::LeavesOutZeroVectors(opclass);
  layout.stored_format_ = std::make_shared<const codec::RowFormat>(
      std::vector<codec::RowFormat::Column>{{PhysicalKind::kVarlen, std::nullopt}});
  if (layout.descriptor_->access_method != catalog::kIvfflatAccessMethod) return;
  layout.key_columns_.push_back(
      codec::MakeKeyColumn(types_, types::oids::kInt4, false, false, false));
  layout.centroids_ = std::make_shared<CentroidCache>();
}

const IndexLayout* TableLayout::FindIndex(catalog::Oid index) const {
  if (rows_.descriptor_ != nullptr && rows_.descriptor_->oid == index) return &rows_;
  for (const IndexLayout& layout : indexes_) {
    if (layout.descriptor_->oid == index) return &layout;
  }
  return nullptr;
}

bool TableLayout::Covers(const IndexLayout& index, int16_t attnum) const {
  if (index.is_rows() || RowKeyHas(attnum)) return true;
  if (!index.is_vectors() &&
      HoldsExactly(index.descriptor().keys, index.key_columns(), attnum)) {
    return true;
  }
  auto stored = index.stored_attnums();
  return std::find(stored.begin(), stored.end(), attnum) != stored.end();
}

bool TableLayout::RowKeyHas(int16_t attnum) const {
  if (attnum == kRowKeyAttnum) return true;
  return rows_.descriptor_ != nullptr &&
         HoldsExactly(rows_.descriptor_->keys, rows_.key_columns_, attnum);
}

}  // namespace sundog::storage
