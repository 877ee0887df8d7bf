#include "exec/window_frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/catalog.h"
#include "planner/physical_expression.h"

namespace sundog::exec {

using binder::FrameBound;
using binder::FrameExclusion;
using binder::FrameMode;

FrameFinder::FrameFinder(const binder::BoundWindowSpec& window, ExecutionContext& context)
    : window_(window), context_(context) {
  if (window.start_offset != nullptr) start_offset_.emplace(*window.start_offset, context);
  if (window.end_offset != nullptr) end_offset_.emplace(*window.end_offset, context);
  if (window.mode != FrameMode::kRange) return;
  if (start_offset_.has_value()) {
    MakeInRange(window.start_in_range, window.start_offset->type, start_in_range_, start_value_);
  }
  if (end_offset_.has_value()) {
    MakeInRange(window.end_in_range, window.end_offset->type, end_in_range_, end_value_);
  }
}

void FrameFinder::MakeInRange(Oid function, SqlType offset, std::optional<Call>& call,
                              std::optional<Vector>& value) {
  SqlType key = window_.order_by[0].expression->type;
  const functions::ProcInfo* proc = context_.catalog->FindProc(function);
  CHECK(proc != nullptr);
  binder::BoundExpressions arguments;
  SqlType types[] = {key, key, offset, {types::oids::kBool}, {types::oids::kBool}};
  for (int i = 0; i < 5; ++i) {
    arguments.push_back(std::make_unique<planner::InputSlot>(types[i], i));
  }
  binder::BoundFunction node({types::oids::kBool}, proc, std::move(arguments));
  call.emplace(node, context_, 2);
  value.emplace(context_.KindOf(offset), 2);
  if (!value_.has_value()) {
    value_.emplace(context_.KindOf(key), 2);
    base_.emplace(context_.KindOf(key), 2);
  }
}

void FrameFinder::Open() {
  auto read = [&](std::optional<ScalarEvaluator>& evaluator, std::optional<Vector>& value,
                  int64_t& rows, const char* which) {
    if (!evaluator.has_value()) return;
    Datum offset = evaluator->Evaluate();
    if (offset.is_null()) {
      throw SqlError(sqlstate::kNullValueNotAllowed,
                     fmt::format("frame {} offset must not be null", which));
    }
    if (value.has_value()) {
      value->SetConstant(offset);
      return;
    }
    rows = offset.As<int64_t>();
    if (rows < 0) {
      throw SqlError(sqlstate::kInvalidPrecedingOrFollowingSize,
                     fmt::format("frame {} offset must not be negative", which));
    }
  };
  read(start_offset_, start_value_, start_rows_, "starting");
  read(end_offset_, end_value_, end_rows_, "ending");
}

void FrameFinder::StartPartition(const WindowPartition& partition) {
  partition_ = &partition;
  range_begin_ = 0;
  range_end_ = 0;
}

Frame FrameFinder::Find(size_t position) {
  Frame frame{Begin(position), End(position)};
  frame.end = std::max(frame.begin, frame.end);
  return frame;
}

size_t FrameFinder::Begin(size_t position) {
  if (window_.start == FrameBound::kUnboundedPreceding) return 0;
  switch (window_.mode) {
    case FrameMode::kRows: return RowsBound(position, window_.start, start_rows_, false);
    case FrameMode::kGroups: return GroupsBound(position, window_.start, start_rows_, false);
    case FrameMode::kRange: break;
  }
  if (window_.start == FrameBound::kCurrentRow) {
    return partition_->GroupBegin(partition_->GroupOf(position));
  }
  return RangeBegin(position);
}

size_t FrameFinder::End(size_t position) {
  if (window_.end == FrameBound::kUnboundedFollowing) return partition_->size();
  switch (window_.mode) {
    case FrameMode::kRows: return RowsBound(position, window_.end, end_rows_, true);
    case FrameMode::kGroups: return GroupsBound(position, window_.end, end_rows_, true);
    case FrameMode::kRange: break;
  }
  if (window_.end == FrameBound::kCurrentRow) {
    return partition_->GroupEnd(partition_->GroupOf(position));
  }
  return RangeEnd(position);
}

size_t FrameFinder::RowsBound(size_t position, FrameBound bound, int64_t offset,
                              bool is_end) const {
  int64_t size = static_cast<int64_t>(partition_->size());
  int64_t at = static_cast<int64_t>(position);
  offset = std::min(offset, size);
  if (bound == FrameBound::kOffsetPreceding) at -= offset;
  if (bound == FrameBound::kOffsetFollowing) at += offset;
  if (is_end) ++at;
  return static_cast<size_t>(std::clamp<int64_t>(at, 0, size));
}

size_t FrameFinder::GroupsBound(size_t position, FrameBound bound, int64_t offset,
                                bool is_end) const {
  int64_t count = static_cast<int64_t>(partition_->group_count());
  int64_t group = static_cast<int64_t>(partition_->GroupOf(position));
  offset = std::min(offset, count);
  if (bound == FrameBound::kOffsetPreceding) group -= offset;
  if (bound == FrameBound::kOffsetFollowing) group += offset;
  if (is_end) {
    if (group < 0) return 0;
    return partition_->GroupEnd(static_cast<size_t>(std::min(group, count - 1)));
  }
  if (group >= count) return partition_->size();
  return partition_->GroupBegin(static_cast<size_t>(std::max<int64_t>(group, 0)));
}

// in_range(value, base, offset, subtract, less): value <= (or >=) base -/+ offset. Nulls are in
// range of nulls alone.
bool FrameFinder::InRange(Call& call, const Vector& offset, size_t value, size_t base,
                          bool subtract, bool less) {
  Datum value_datum = partition_->OrderValue(value);
  Datum base_datum = partition_->OrderValue(base);
  if (value_datum.is_null() || base_datum.is_null()) {
    return value_datum.is_null() == base_datum.is_null();
  }
  value_->SetConstant(value_datum);
  base_->SetConstant(base_datum);
  subtract_.SetConstant(Datum::From(subtract));
  less_.SetConstant(Datum::From(less));
  const Vector* arguments[] = {&*value_, &*base_, &offset, &subtract_, &less_};
  call.Run(arguments, RowSet(1), result_);
  return result_.At<bool>(0);
}

size_t FrameFinder::RangeBegin(size_t position) {
  bool descending = window_.order_by[0].descending;
  bool subtract = (window_.start == FrameBound::kOffsetPreceding) != descending;
  bool base_null = partition_->OrderValue(position).is_null();
  while (range_begin_ < partition_->size()) {
    bool value_null = partition_->OrderValue(range_begin_).is_null();
    bool inside;
    if (value_null != base_null) {
      // Nulls lie together at one end: ahead of the row they are before the frame.
      inside = range_begin_ > position;
    } else {
      // The first row that is not before the bound: value >= bound (<= when descending).
      inside = InRange(*start_in_range_, *start_value_, range_begin_, position, subtract,
                       descending);
    }
    if (inside) break;
    ++range_begin_;
  }
  return range_begin_;
}

size_t FrameFinder::RangeEnd(size_t position) {
  bool descending = window_.order_by[0].descending;
  bool subtract = (window_.end == FrameBound::kOffsetPreceding) != descending;
  bool base_null = partition_->OrderValue(position).is_null();
  while (range_end_ < partition_->size()) {
    bool value_null = partition_->OrderValue(range_end_).is_null();
    bool before_end;
    if (value_null != base_null) {
      before_end = range_end_ < position;
    } else {
      before_end =
          InRange(*end_in_range_, *end_value_, range_end_, position, subtract, !descending);
    }
    if (!before_end) break;
    ++range_end_;
  }
  return range_end_;
}

int FrameFinder::Parts(size_t position, const Frame& frame, Frame parts[3]) const {
  size_t hole_begin = position;
  size_t hole_end = position + 1;
  bool keep_self = false;
  if (window_.exclusion == FrameExclusion::kNone) {
    parts[0] = frame;
    return 1;
  }
  if (window_.exclusion != FrameExclusion::kCurrentRow) {
    size_t group = partition_->GroupOf(position);
    hole_begin = partition_->GroupBegin(group);
    hole_end = partition_->GroupEnd(group);
    keep_self = window_.exclusion == FrameExclusion::kTies;
  }
  int count = 0;
  auto add = [&](size_t begin, size_t end) {
    begin = std::max(begin, frame.begin);
    end = std::min(end, frame.end);
    if (begin < end) parts[count++] = {begin, end};
  };
  add(frame.begin, hole_begin);
  if (keep_self) add(position, position + 1);
  add(hole_end, frame.end);
  return count;
}

}  // namespace sundog::exec
