// Where a row's window frame begins and ends.
//
// Positions count the rows of a partition in window order. Frames are asked for row by row in
// ascending order, and their bounds never go back: RANGE and GROUPS bounds move pointers along.
#pragma once

#include <optional>

#include "exec/expression/call.h"
#include "exec/expression/evaluator.h"

namespace sundog::exec {

// The partition's rows: which are peers, and the values of the single ORDER BY key for RANGE
// offsets.
class WindowPartition {
 public:
  virtual ~WindowPartition() = default;
  virtual size_t size() const = 0;
  // The number of the row's peer group, from 0.
  virtual size_t GroupOf(size_t position) const = 0;
  // The first and one past the last position of a peer group.
  virtual size_t GroupBegin(size_t group) const = 0;
  virtual size_t GroupEnd(size_t group) const = 0;
  virtual size_t group_count() const = 0;
  virtual Datum OrderValue(size_t position) const = 0;
};

struct Frame {
  size_t begin = 0;
  size_t end = 0;
};

class FrameFinder {
 public:
  FrameFinder(const binder::BoundWindowSpec& window, ExecutionContext& context);

  // Evaluates the offsets; throws 22013 for null or negative ones.
  void Open();
  void StartPartition(const WindowPartition& partition);
  // Without regard to the exclusion.
  Frame Find(size_t position);
  // The frame's parts that the exclusion leaves, at most three; returns how many.
  int Parts(size_t position, const Frame& frame, Frame parts[3]) const;
  bool excludes() const { return window_.exclusion != binder::FrameExclusion::kNone; }
  bool fixed_begin() const {
    return window_.start == binder::FrameBound::kUnboundedPreceding;
  }

 private:
  size_t Begin(size_t position);
  size_t End(size_t position);
  size_t RowsBound(size_t position, binder::FrameBound bound, int64_t offset, bool is_end) const;
  size_t GroupsBound(size_t position, binder::FrameBound bound, int64_t offset, bool is_end) const;
  size_t RangeBegin(size_t position);
  size_t RangeEnd(size_t position);
  bool InRange(Call& call, const Vector& offset, size_t value, size_t base, bool subtract,
               bool less);
  void MakeInRange(Oid function, SqlType offset, std::optional<Call>& call,
                   std::optional<Vector>& value);

  const binder::BoundWindowSpec& window_;
  ExecutionContext& context_;
  std::optional<ScalarEvaluator> start_offset_;
  std::optional<ScalarEvaluator> end_offset_;
  int64_t start_rows_ = 0;
  int64_t end_rows_ = 0;
  std::optional<Call> start_in_range_;
  std::optional<Call> end_in_range_;
  std::optional<Vector> start_value_;
  std::optional<Vector> end_value_;
  std::optional<Vector> value_;
  std::optional<Vector> base_;
  Vector subtract_{types::PhysicalKind::kBool, 2};
  Vector less_{types::PhysicalKind::kBool, 2};
  Vector result_{types::PhysicalKind::kBool, 2};
  const WindowPartition* partition_ = nullptr;
  size_t range_begin_ = 0;
  size_t range_end_ = 0;
};

}  // namespace sundog::exec
