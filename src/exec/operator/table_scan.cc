// Reading a table: all of it, ranges of an index, or one row by its key.
//
// 1. Open() evaluates the access path's bounds (parameters and outer slots are known by then) and
//    turns them into key ranges.
// 2. A unique path is a single lookup into a buffer of two rows; nothing is allocated on the way.
// 3. Everything else is a storage scan of these ranges, filtered chunk by chunk.
#include <algorithm>
#include <optional>

#include "base/random.h"
#include "base/sql_error.h"
#include "exec/expression/evaluator.h"
#include "exec/operator/operators.h"
#include "runtime/interrupt.h"
#include "storage/table_reader.h"
#include "types/array.h"

namespace sundog::exec {

using planner::AccessPath;
using planner::PhysicalTableScan;

namespace {

// An integer value as the key column's type; nullopt where that cannot hold it: `above` tells on
// which side it lies.
std::optional<Datum> ConvertInteger(const Datum& value, Oid from, Oid to, bool& above) {
  int64_t number = from == types::oids::kInt2   ? value.As<int16_t>()
                   : from == types::oids::kInt4 ? value.As<int32_t>()
                                                : value.As<int64_t>();
  above = number > 0;
  if (to == types::oids::kInt8) return Datum::From(number);
  if (to == types::oids::kInt4) {
    if (number < INT32_MIN || number > INT32_MAX) return std::nullopt;
    return Datum::From(static_cast<int32_t>(number));
  }
  if (number < INT16_MIN || number > INT16_MAX) return std::nullopt;
  return Datum::From(static_cast<int16_t>(number));
}

bool IsInteger(Oid type) {
  return type == types::oids::kInt2 || type == types::oids::kInt4 || type == types::oids::kInt8;
}

// A bound's value at run time, as the key column's type.
struct BoundValue {
  enum class Kind { kValue, kNull, kTooSmall, kTooLarge };
  Kind kind = Kind::kValue;
  Datum value;
};

class PathBounds {
 public:
  PathBounds(const AccessPath& path, const storage::IndexLayout& index, ExecutionContext& context)
      : path_(path), index_(index) {
    for (const auto& expression : path.equal) equal_.emplace_back(*expression, context);
    if (path.in_array) in_array_.emplace(*path.in_array, context);
    if (path.lower) lower_.emplace(*path.lower, context);
    if (path.upper) upper_.emplace(*path.upper, context);
  }

  // The values `equal` has now; false if nothing can match.
  bool Equal(std::vector<Datum>& values) {
    values.clear();
    for (size_t i = 0; i < equal_.size(); ++i) {
      BoundValue bound = Convert(equal_[i].Evaluate(), path_.equal[i]->type.oid, i);
      if (bound.kind != BoundValue::Kind::kValue) return false;
      values.push_back(bound.value);
    }
    return true;
  }

  std::vector<kv::KeyRange> Ranges() {
    std::vector<kv::KeyRange> ranges;
    if (path_.full()) {
      ranges.push_back(index_.WholeRange());
      return ranges;
    }
    if (!Equal(values_)) return ranges;
    if (in_array_.has_value()) {
      AddArrayRanges(ranges);
    } else if (lower_.has_value() || upper_.has_value()) {
      AddBoundedRange(ranges);
    } else {
      ranges.push_back(index_.Range(values_, nullptr));
    }
    return ranges;
  }

 private:
  BoundValue Convert(const Datum& value, Oid type, size_t key) const {
    if (value.is_null()) return {BoundValue::Kind::kNull, Datum()};
    Oid key_type = index_.descriptor().keys[key].type.oid;
    if (type == key_type || !IsInteger(type) || !IsInteger(key_type)) {
      return {BoundValue::Kind::kValue, value};
    }
    bool above = false;
    std::optional<Datum> converted = ConvertInteger(value, type, key_type, above);
    if (converted.has_value()) return {BoundValue::Kind::kValue, *converted};
    return {above ? BoundValue::Kind::kTooLarge : BoundValue::Kind::kTooSmall, Datum()};
  }

  void AddArrayRanges(std::vector<kv::KeyRange>& ranges) {
    Datum array = in_array_->Evaluate();
    if (array.is_null()) return;
    types::ArrayReader elements(array.As<std::string_view>());
    size_t key = values_.size();
    for (int32_t i = 0; i < elements.size(); ++i) {
      BoundValue bound = Convert(elements.At(i), elements.element_type(), key);
      if (bound.kind != BoundValue::Kind::kValue) continue;
      values_.push_back(bound.value);
      ranges.push_back(index_.Range(values_, nullptr));
      values_.pop_back();
    }
    auto before = [](const kv::KeyRange& a, const kv::KeyRange& b) { return a.begin < b.begin; };
    auto same = [](const kv::KeyRange& a, const kv::KeyRange& b) { return a.begin == b.begin; };
    std::sort(ranges.begin(), ranges.end(), before);
    ranges.erase(std::unique(ranges.begin(), ranges.end(), same), ranges.end());
    if (path_.reverse) std::reverse(ranges.begin(), ranges.end());
  }

  void AddBoundedRange(std::vector<kv::KeyRange>& ranges) {
    storage::ColumnBounds bounds;
    size_t key = values_.size();
    if (lower_.has_value()) {
      BoundValue bound = Convert(lower_->Evaluate(), path_.lower->type.oid, key);
      if (bound.kind == BoundValue::Kind::kNull) return;
      if (bound.kind == BoundValue::Kind::kTooLarge) return;
      if (bound.kind == BoundValue::Kind::kValue) bounds.lower = bound.value;
      bounds.lower_inclusive = path_.lower_inclusive;
    }
    if (upper_.has_value()) {
      BoundValue bound = Convert(upper_->Evaluate(), path_.upper->type.oid, key);
      if (bound.kind == BoundValue::Kind::kNull) return;
      if (bound.kind == BoundValue::Kind::kTooSmall) return;
      if (bound.kind == BoundValue::Kind::kValue) bounds.upper = bound.value;
      bounds.upper_inclusive = path_.upper_inclusive;
    }
    ranges.push_back(index_.Range(values_, &bounds));
  }

  const AccessPath& path_;
  const storage::IndexLayout& index_;
  std::vector<ScalarEvaluator> equal_;
  std::optional<ScalarEvaluator> in_array_;
  std::optional<ScalarEvaluator> lower_;
  std::optional<ScalarEvaluator> upper_;
  std::vector<Datum> values_;
};

const storage::IndexLayout& IndexOf(const storage::TableLayout& layout, const AccessPath& path) {
  if (path.index == types::kInvalidOid) return layout.rows();
  return *layout.FindIndex(path.index);
}

class TableScanOperator : public Operator {
 public:
  TableScanOperator(const PhysicalTableScan& node, ExecutionContext& context)
      : Operator(context),
        node_(node),
        layout_(context.layouts->LayoutOf(node.table)),
        index_(IndexOf(*layout_, node.path)),
        bounds_(node.path, index_, context),
        filter_(node.conjuncts, context, Capacity()) {
    std::vector<types::PhysicalKind> stored_kinds;
    for (size_t i = 0; i < node.attnums.size(); ++i) {
      int16_t attnum = node.attnums[i];
      bool stored = attnum > 0 || attnum == storage::kRowKeyColumn;
      if (stored) {
        stored_.push_back(attnum);
        stored_kinds.push_back(node.kinds[i]);
      }
    }
    buffer_.emplace(stored_kinds, Capacity());
    MakeChunk();
  }

  void Open() override {
    if (unknown_column_) base::ThrowNotSupported("this system column");
    done_ = false;
    if (node_.path.unique) return;
    if (!scan_.has_value()) {
      storage::ScanSpec spec;
      spec.index = &index_ == &layout_->rows() ? nullptr : &index_;
      spec.direction = node_.path.reverse ? kv::Direction::kReverse : kv::Direction::kForward;
      spec.attnums = stored_;
      scan_.emplace(layout_, std::move(spec));
    }
    opened_ = false;
    row_goal_ = 0;
  }

  const Chunk* Next() override {
    if (node_.path.unique) return LookUp();
    if (!opened_) {
      opened_ = true;
      size_t row_goal = node_.conjuncts.empty() ? row_goal_ : 0;
      if (node_.path.full() && !node_.path.reverse && row_goal == 0) {
        scan_->OpenAll(context_.view);
      } else {
        scan_->Open(context_.view, bounds_.Ranges(), row_goal);
      }
    }
    while (true) {
      runtime::CheckInterrupts();
      buffer_->Reset();
      size_t count = scan_->Next(*buffer_);
      if (count == 0) return nullptr;
      if (Keep(count)) return &chunk_;
    }
  }
  void Close() override {
    scan_.reset();
  }
  void SetRowGoal(size_t rows) override { row_goal_ = rows; }

 private:
  size_t Capacity() const { return node_.path.unique ? 2 : types::kVectorSize; }

  void MakeChunk() {
    size_t next = 0;
    for (size_t i = 0; i < node_.attnums.size(); ++i) {
      int16_t attnum = node_.attnums[i];
      if (attnum > 0 || attnum == storage::kRowKeyColumn) {
        chunk_.columns.push_back(&buffer_->column(next++));
        continue;
      }
      // Locks are not kept in rows: none has been deleted or locked, as far as a row tells.
      unknown_column_ |= attnum != binder::kTableOidOrdinal && attnum != binder::kXmaxOrdinal;
      system_.push_back(std::make_unique<Vector>(node_.kinds[i], 1));
      system_.back()->SetConstant(
          Datum::From(attnum == binder::kTableOidOrdinal ? node_.table->oid : uint32_t{0}));
      chunk_.columns.push_back(system_.back().get());
    }
  }

  bool Keep(size_t count) {
    RowSet rows(count);
    if (node_.sample_fraction >= 0) rows = Sample(rows);
    if (!filter_.empty()) rows = filter_.Apply(chunk_, rows);
    chunk_.rows = rows;
    return !rows.empty();
  }

  RowSet Sample(RowSet rows) {
    sampled_.clear();
    rows.ForEach([&](size_t row) {
      if (context_.environment.random->NextDouble() < node_.sample_fraction) {
        sampled_.push_back(static_cast<uint16_t>(row));
      }
    });
    return RowSet(sampled_.data(), sampled_.size());
  }

  const Chunk* LookUp() {
    if (done_) return nullptr;
    done_ = true;
    if (!lookup_.has_value()) lookup_.emplace(layout_, stored_);
    if (!bounds_.Equal(key_)) return nullptr;
    buffer_->Reset();
    bool found = index_.is_rows()
                     ? lookup_->ByPrimaryKey(context_.view, key_, *buffer_, 0)
                     : lookup_->ByUniqueIndex(context_.view, index_, key_, *buffer_, 0);
    return found && Keep(1) ? &chunk_ : nullptr;
  }

  const PhysicalTableScan& node_;
  storage::TableLayoutPtr layout_;
  const storage::IndexLayout& index_;
  PathBounds bounds_;
  Filter filter_;
  std::vector<int16_t> stored_;
  std::optional<types::ChunkBuffer> buffer_;
  std::vector<std::unique_ptr<Vector>> system_;
  std::optional<storage::TableScan> scan_;
  std::optional<storage::RowLookup> lookup_;
  std::vector<Datum> key_;
  std::vector<uint16_t> sampled_;
  Chunk chunk_;
  bool done_ = false;
  bool opened_ = false;
  bool unknown_column_ = false;  // of the system
  size_t row_goal_ = 0;
};

}  // namespace

OperatorPtr MakeTableScan(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<TableScanOperator>(node.As<PhysicalTableScan>(), context);
}

}  // namespace sundog::exec
