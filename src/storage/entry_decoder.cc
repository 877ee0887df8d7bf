#include "storage/entry_decoder.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "storage/table_reader.h"

namespace sundog::storage {
namespace {

using codec::KeyColumn;
using codec::KeyEncoding;
using types::PhysicalKind;
using types::Vector;

constexpr size_t kRowKeyLengthBytes = 2;

// Ascending integers at one place of every key: the usual primary key.
template <typename T>
void ReadIntegers(std::span<const std::string_view> keys, size_t place, Vector& out, size_t first) {
  using Unsigned = std::make_unsigned_t<T>;
  constexpr Unsigned kSignBit =
      std::is_signed_v<T> ? Unsigned{1} << (sizeof(Unsigned) * 8 - 1) : Unsigned{0};
  T* data = out.Data<T>() + first;
  for (size_t i = 0; i < keys.size(); ++i) {
    data[i] = static_cast<T>(base::LoadBigEndian<Unsigned>(keys[i].data() + place) ^ kSignBit);
  }
}

bool IsPlainInteger(const KeyColumn& column) {
  return !column.nullable && !column.descending &&
         (column.encoding == KeyEncoding::kInt16 || column.encoding == KeyEncoding::kInt32 ||
          column.encoding == KeyEncoding::kInt64 || column.encoding == KeyEncoding::kUint32);
}

}  // namespace

IndexEntryParts SplitIndexEntry(const IndexLayout& index, std::string_view key,
                                std::string_view value) {
  bool unique = index.unique_entries();
  std::string_view rest = key;
  for (const KeyColumn& column : index.key_columns()) {
    std::string_view before = rest;
    bool is_null = codec::ReadNullMarker(column, rest);
    if (is_null && !index.descriptor().nulls_not_distinct) unique = false;
    if (!is_null) {
      rest = before;
      codec::SkipKey(column, rest);
    }
  }
  if (!unique) return {rest, value};
  if (value.size() < kRowKeyLengthBytes) {
    throw SqlError(sqlstate::kIndexCorrupted, "entry of index \"" + index.descriptor().name +
                                                  "\" is malformed");
  }
  size_t length = base::LoadLittleEndian<uint16_t>(value.data());
  return {value.substr(kRowKeyLengthBytes, length), value.substr(kRowKeyLengthBytes + length)};
}

EntryDecoder::EntryDecoder(const TableLayout& layout, const IndexLayout& index,
                           std::span<const int16_t> attnums)
    : layout_(layout), index_(index) {
  for (int16_t attnum : attnums) sources_.push_back(FindSource(attnum));
  PlanKey(row_plan_, Part::kRowKeyColumn, layout.rows().key_columns());
  if (!index.is_rows()) PlanKey(index_plan_, Part::kIndexKeyColumn, index.key_columns());
  needs_split_ = !index.is_rows() &&
                 std::any_of(sources_.begin(), sources_.end(), [](const Source& source) {
                   return source.part != Part::kIndexKeyColumn;
                 });
}

EntryDecoder::Source EntryDecoder::FindSource(int16_t attnum) const {
  if (attnum == kRowKeyColumn) return {Part::kRowKey, 0, PhysicalKind::kVarlen};
  if (attnum == kRowValueColumn) {
    CHECK(index_.is_rows());
    return {Part::kRowValue, 0, PhysicalKind::kVarlen};
  }
  PhysicalKind kind = layout_.KindOf(attnum);
  auto in_key = [&](const IndexLayout& index, Part part) -> std::optional<Source> {
    auto columns = index.key_columns();
    for (size_t i = 0; i < columns.size(); ++i) {
      if (index.descriptor().keys[i].attnum == attnum && columns[i].exact) {
        return Source{part, static_cast<uint16_t>(i), kind};
      }
    }
    return std::nullopt;
  };
  if (!index_.is_rows()) {
    if (auto source = in_key(index_, Part::kIndexKeyColumn)) return *source;
  }
  auto stored = index_.is_rows() ? layout_.stored_attnums() : index_.stored_attnums();
  auto it = std::find(stored.begin(), stored.end(), attnum);
  if (it != stored.end()) {
    return {Part::kStored, static_cast<uint16_t>(it - stored.begin()), kind};
  }
  auto source = in_key(layout_.rows(), Part::kRowKeyColumn);
  CHECK(source.has_value());
  return *source;
}

void EntryDecoder::PlanKey(KeyPlan& plan, Part part, std::span<const KeyColumn> columns) {
  plan.columns = columns;
  plan.output.assign(columns.size(), -1);
  size_t wanted = 0;
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].part != part) continue;
    int& output = plan.output[sources_[i].position];
    if (output >= 0) continue;  // asked for twice: copied below
    output = static_cast<int>(i);
    plan.last = std::max(plan.last, size_t{sources_[i].position} + 1);
    ++wanted;
  }
  if (wanted == 0) return;
  plan.at_fixed_place = wanted == 1 && IsPlainInteger(columns[plan.last - 1]);
  for (size_t i = 0; i + 1 < plan.last; ++i) {
    size_t width = codec::FixedKeyWidth(columns[i]);
    plan.at_fixed_place &= width != 0;
    plan.place += width;
  }
}

void EntryDecoder::DecodeKeys(const KeyPlan& plan, std::span<const std::string_view> keys,
                              types::ChunkBuffer& out, size_t first) {
  if (plan.at_fixed_place) {
    Vector& column = out.column(static_cast<size_t>(plan.output[plan.last - 1]));
    switch (plan.columns[plan.last - 1].encoding) {
      case KeyEncoding::kInt16: return ReadIntegers<int16_t>(keys, plan.place, column, first);
      case KeyEncoding::kInt32: return ReadIntegers<int32_t>(keys, plan.place, column, first);
      case KeyEncoding::kInt64: return ReadIntegers<int64_t>(keys, plan.place, column, first);
      default: return ReadIntegers<uint32_t>(keys, plan.place, column, first);
    }
  }
  for (size_t row = 0; row < keys.size(); ++row) {
    std::string_view key = keys[row];
    for (size_t i = 0; i < plan.last; ++i) {
      if (plan.output[i] < 0) {
        codec::SkipKey(plan.columns[i], key);
      } else {
        Vector& column = out.column(static_cast<size_t>(plan.output[i]));
        column.SetDatum(first + row, codec::ReadKey(plan.columns[i], key, column.arena()));
      }
    }
  }
}

void EntryDecoder::Decode(std::span<const kv::Entry> entries, types::ChunkBuffer& out,
                          size_t first) {
  size_t count = entries.size();
  keys_.resize(count);
  row_keys_.resize(count);
  stored_.resize(count);
  for (size_t i = 0; i < count; ++i) keys_[i] = entries[i].key.substr(codec::kKeyPrefixBytes);
  if (index_.is_rows()) {
    row_keys_ = keys_;
    for (size_t i = 0; i < count; ++i) stored_[i] = entries[i].value;
  } else if (needs_split_) {
    for (size_t i = 0; i < count; ++i) {
      IndexEntryParts parts = SplitIndexEntry(index_, keys_[i], entries[i].value);
      row_keys_[i] = parts.row_key;
      stored_[i] = parts.stored;
    }
  }
  if (index_plan_.last > 0) DecodeKeys(index_plan_, keys_, out, first);
  if (row_plan_.last > 0) DecodeKeys(row_plan_, row_keys_, out, first);
  const codec::RowFormat& format =
      index_.is_rows() ? layout_.row_format() : index_.stored_format();
  for (size_t c = 0; c < sources_.size(); ++c) {
    Vector& column = out.column(c);
    const Source& source = sources_[c];
    switch (source.part) {
      case Part::kRowKey:
        for (size_t i = 0; i < count; ++i) column.Set(first + i, row_keys_[i]);
        break;
      case Part::kRowValue:
        for (size_t i = 0; i < count; ++i) column.Set(first + i, stored_[i]);
        break;
      case Part::kStored:
        format.ReadColumn(stored_, source.position, column, first);
        break;
      case Part::kIndexKeyColumn:
      case Part::kRowKeyColumn: {
        const KeyPlan& plan = source.part == Part::kIndexKeyColumn ? index_plan_ : row_plan_;
        size_t filled = static_cast<size_t>(plan.output[source.position]);
        if (filled == c) break;
        for (size_t i = first; i < first + count; ++i) column.CopyFrom(i, out.column(filled), i);
        break;
      }
    }
  }
}

std::vector<PhysicalKind> EntryDecoder::kinds() const {
  std::vector<PhysicalKind> kinds;
  for (const Source& source : sources_) kinds.push_back(source.kind);
  return kinds;
}

}  // namespace sundog::storage
