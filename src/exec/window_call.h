// One call over a window: computes its value for every row of a partition.
#pragma once

#include "exec/window_frame.h"
#include "functions/aggregate.h"

namespace sundog::exec {

// The rows of the running partition, as calls see them.
class WindowRows : public WindowPartition {
 public:
  // Argument `argument` of call `call` at a position.
  virtual Datum Argument(size_t call, size_t argument, size_t position) const = 0;
};

class WindowCall {
 public:
  virtual ~WindowCall() = default;
  virtual void StartPartition(const WindowRows& rows) = 0;
  // For position 0, 1, … in order. The result's bytes live until the next call.
  virtual Datum Compute(size_t position, FrameFinder& frames) = 0;
};

// `index` is the call's number for WindowRows::Argument; a FILTER is its last argument. Throws
// 0A000 for functions that are none of ours.
std::unique_ptr<WindowCall> MakeWindowCall(const binder::BoundWindow& node, size_t index,
                                           ExecutionContext& context);

}  // namespace sundog::exec
