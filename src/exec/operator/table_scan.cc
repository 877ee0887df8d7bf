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
#include "exec/operator/scan_columns.h"
#include "planner/explain.h"
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
    for (const auto& expression : path.equal) Add(expression, context, equal_);
    for (const auto& expression : path.row) Add(expression, context, row_);
    if (path.lower) lower_.emplace(*path.lower, context);
    if (path.upper) upper_.emplace(*path.upper, context);
    if (path.prefix) prefix_.emplace(*path.prefix, context);
  }

  // The values of a unique path; false if nothing can match.
  bool Equal(std::vector<Datum>& values) {
    values.clear();
    for (size_t i = 0; i < equal_.size(); ++i) {
      BoundValue bound = Convert(equal_[i]->Evaluate(), path_.equal[i]->type.oid, i);
      if (bound.kind != BoundValue::Kind::kValue) return false;
      values.push_back(bound.value);
    }
    return true;
  }

  // The prefix turned out to be empty: the index is of no use.
  bool UselessPrefix() {
    if (!prefix_.has_value() || !path_.equal.empty()) return false;
    Datum value = prefix_->Evaluate();
    return !value.is_null() && PrefixOf(value).empty();
  }

  std::vector<kv::KeyRange> Ranges() {
    std::vector<kv::KeyRange> ranges;
    if (path_.full()) {
      ranges.push_back(index_.WholeRange());
      return ranges;
    }
    values_.assign(equal_.size(), Datum());
    for (size_t i = 0; i < equal_.size(); ++i) {
      if (equal_[i] == nullptr || static_cast<int>(i) == path_.array_position) continue;
      BoundValue bound = Convert(equal_[i]->Evaluate(), path_.equal[i]->type.oid, i);
      if (bound.kind != BoundValue::Kind::kValue) return ranges;
      values_[i] = bound.value;
    }
    if (path_.array_position < 0) {
      AddRange(ranges);
    } else {
      AddArrayRanges(ranges);
    }
    return ranges;
  }

 private:
  using Evaluators = std::vector<std::unique_ptr<ScalarEvaluator>>;

  static void Add(const binder::BoundExpressionPtr& expression, ExecutionContext& context,
                  Evaluators& evaluators) {
    evaluators.push_back(expression == nullptr
                             ? nullptr
                             : std::make_unique<ScalarEvaluator>(*expression, context));
  }

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

  std::string PrefixOf(const Datum& value) const {
    std::string_view text = value.As<std::string_view>();
    return path_.prefix_is_pattern ? planner::LikePrefix(text) : std::string(text);
  }

  void AddArrayRanges(std::vector<kv::KeyRange>& ranges) {
    size_t key = static_cast<size_t>(path_.array_position);
    Datum array = equal_[key]->Evaluate();
    if (array.is_null()) return;
    types::ArrayReader elements(array.As<std::string_view>());
    for (int32_t i = 0; i < elements.size(); ++i) {
      BoundValue bound = Convert(elements.At(i), elements.element_type(), key);
      if (bound.kind != BoundValue::Kind::kValue) continue;
      values_[key] = bound.value;
      AddRange(ranges);
    }
    auto before = [](const kv::KeyRange& a, const kv::KeyRange& b) { return a.begin < b.begin; };
    auto same = [](const kv::KeyRange& a, const kv::KeyRange& b) { return a.begin == b.begin; };
    std::erase_if(ranges, [](const kv::KeyRange& range) { return range.empty(); });
    std::sort(ranges.begin(), ranges.end(), before);
    ranges.erase(std::unique(ranges.begin(), ranges.end(), same), ranges.end());
    if (path_.reverse) std::reverse(ranges.begin(), ranges.end());
  }

  // The entries with values_, and what the path says of the column after them.
  void AddRange(std::vector<kv::KeyRange>& ranges) {
    if (lower_.has_value() || upper_.has_value()) return AddBoundedRange(ranges);
    if (!row_.empty()) return AddRowRange(ranges);
    if (prefix_.has_value()) {
      Datum value = prefix_->Evaluate();
      if (!value.is_null()) ranges.push_back(index_.TextPrefixRange(values_, PrefixOf(value)));
      return;
    }
    storage::ColumnBounds not_null;
    ranges.push_back(index_.Range(values_, path_.not_null ? &not_null : nullptr));
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

  // From the first value on that is null or out of its column's range, the others say nothing: the
  // comparison itself is tested on the rows.
  void AddRowRange(std::vector<kv::KeyRange>& ranges) {
    std::vector<Datum> row;
    for (size_t i = 0; i < row_.size(); ++i) {
      BoundValue bound =
          Convert(row_[i]->Evaluate(), path_.row[i]->type.oid, values_.size() + i);
      if (bound.kind == BoundValue::Kind::kNull && i == 0) return;
      if (bound.kind != BoundValue::Kind::kValue) break;
      row.push_back(bound.value);
    }
    storage::ColumnBounds not_null;
    ranges.push_back(row.empty() ? index_.Range(values_, &not_null)
                                 : index_.RowRange(values_, row, path_.row_is_lower));
  }

  const AccessPath& path_;
  const storage::IndexLayout& index_;
  Evaluators equal_;
  Evaluators row_;
  std::optional<ScalarEvaluator> lower_;
  std::optional<ScalarEvaluator> upper_;
  std::optional<ScalarEvaluator> prefix_;
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
        filter_(node.conjuncts, context, Capacity()),
        columns_(node, Capacity()),
        chunk_(columns_.chunk()) {}

  void Open() override {
    columns_.CheckKnown();
    done_ = false;
    if (node_.path.unique) return;
    opened_ = false;
    row_goal_ = 0;
  }

  const Chunk* Next() override {
    if (node_.path.unique) return LookUp();
    if (!opened_) {
      opened_ = true;
      StartScan();
    }
    while (true) {
      runtime::CheckInterrupts();
      columns_.buffer().Reset();
      size_t count = scan_->Next(columns_.buffer());
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

  void StartScan() {
    bool rows_instead = !node_.path.ordered && bounds_.UselessPrefix();
    if (rows_instead != scans_rows_) scan_.reset();
    scans_rows_ = rows_instead;
    if (!scan_.has_value()) {
      storage::ScanSpec spec;
      bool of_rows = scans_rows_ || &index_ == &layout_->rows();
      spec.index = of_rows ? nullptr : &index_;
      bool reverse = node_.path.reverse && !scans_rows_;
      spec.direction = reverse ? kv::Direction::kReverse : kv::Direction::kForward;
      spec.attnums = columns_.stored();
      scan_.emplace(layout_, std::move(spec));
    }
    bool all_rows = rows_instead || (&index_ == &layout_->rows() && node_.path.full() &&
                                     !node_.path.reverse);
    if (row_goal_ == 0 && all_rows) {
      scan_->OpenAll(context_.view);
    } else if (rows_instead) {
      scan_->Open(context_.view, {layout_->rows().WholeRange()}, row_goal_);
    } else {
      scan_->Open(context_.view, bounds_.Ranges(), row_goal_);
    }
  }

  bool Keep(size_t count) {
    RowSet rows(count);
    if (node_.sample_fraction >= 0) rows = Sample(rows);
    if (!filter_.empty()) rows = filter_.Apply(chunk_, rows);
    if (context_.actuals != nullptr) {
      (*context_.actuals)[&node_].removed_rows += static_cast<int64_t>(count - rows.count());
    }
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
    if (!lookup_.has_value()) lookup_.emplace(layout_, columns_.stored());
    if (!bounds_.Equal(key_)) return nullptr;
    columns_.buffer().Reset();
    bool found = index_.is_rows()
                     ? lookup_->ByPrimaryKey(context_.view, key_, columns_.buffer(), 0)
                     : lookup_->ByUniqueIndex(context_.view, index_, key_, columns_.buffer(), 0);
    return found && Keep(1) ? &chunk_ : nullptr;
  }

  const PhysicalTableScan& node_;
  storage::TableLayoutPtr layout_;
  const storage::IndexLayout& index_;
  PathBounds bounds_;
  Filter filter_;
  ScanColumns columns_;
  Chunk& chunk_;
  std::optional<storage::TableScan> scan_;
  std::optional<storage::RowLookup> lookup_;
  std::vector<Datum> key_;
  std::vector<uint16_t> sampled_;
  bool done_ = false;
  bool opened_ = false;
  bool scans_rows_ = false;  // the path's prefix was of no use
  size_t row_goal_ = 0;
};

}  // namespace

OperatorPtr MakeTableScan(const PhysicalNode& node, ExecutionContext& context) {
  if (node.As<PhysicalTableScan>().path.nearest) return MakeNearestScan(node, context);
  return std::make_unique<TableScanOperator>(node.As<PhysicalTableScan>(), context);
}

}  // namespace sundog::exec
