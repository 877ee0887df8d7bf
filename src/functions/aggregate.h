// How an aggregate is implemented.
#pragma once

#include "functions/function.h"

namespace sundog::functions {

// The state of a group is `state_bytes` (aligned to 16) that the executor allocates. All functions
// but `destroy` get the call site's context, whose arena() lives as long as the states: what an
// update needs to keep of a varlen argument it copies there or into memory that `destroy` frees.
//
// Ordered-set aggregates (WITHIN GROUP) get their direct arguments first, the same in every row,
// then the sorted expressions; rows come in WITHIN GROUP's order, whose directions are in
// CallContext::within_group().
struct AggregateImplementation {
  size_t state_bytes = 0;
  void (*initialize)(CallContext& call, void* state) = nullptr;
  // Adds row `row` to `states[row]`, for each row of `rows`. Null arguments are passed in: an
  // aggregate whose transition is strict skips them itself (aggregate_kernel.h does it).
  void (*update)(CallContext& call, void* const* states, std::span<const Vector* const> arguments,
                 RowSet rows) = nullptr;
  // The same with one state for all rows: grouping by nothing, and sorted input.
  void (*update_one)(CallContext& call, void* state, std::span<const Vector* const> arguments,
                     RowSet rows) = nullptr;
  // Takes back what an earlier update of that row added, in the same order as it was added; null
  // where it cannot be done exactly. For moving window frames.
  void (*retract_one)(CallContext& call, void* state, std::span<const Vector* const> arguments,
                      RowSet rows) = nullptr;
  // Writes the result to out[row]; may be called more than once on a state.
  void (*finalize)(CallContext& call, void* state, Vector& out, size_t row) = nullptr;
  // Null where the state holds no memory of its own.
  void (*destroy)(void* state) = nullptr;
};

}  // namespace sundog::functions
