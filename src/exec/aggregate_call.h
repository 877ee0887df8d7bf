// One aggregate call of a query: its arguments, FILTER, DISTINCT and ORDER BY, feeding the
// implementation's states. Rows that wait for their order are sorted in memory, or in files when
// they outgrow working memory. Used by grouping and by window frames.
#pragma once

#include <functional>
#include <optional>

#include "exec/expression/evaluator.h"
#include "exec/key_encoder.h"
#include "exec/row_file.h"
#include "exec/row_store.h"
#include "functions/aggregate.h"

namespace sundog::exec {

class AggregateCall {
 public:
  // 0A000 naming the aggregate if nothing implements it. States keep their bytes in `arena`.
  AggregateCall(const binder::BoundAggregate& node, ExecutionContext& context,
                base::Arena& arena);
  ~AggregateCall() { Forget(); }

  size_t state_bytes() const { return (implementation_->state_bytes + 15) & ~size_t{15}; }
  void Initialize(void* state) { implementation_->initialize(call_, state); }
  void Destroy(void* state) {
    if (implementation_->destroy != nullptr) implementation_->destroy(state);
  }

  // Adds the chunk's rows; row `r` belongs to `states[r]`, whose group has number `groups[r]`.
  void Update(const Chunk& input, RowSet rows, void* const* states, const uint32_t* groups);
  // All rows belong to one state, of group 0.
  void UpdateOne(const Chunk& input, RowSet rows, void* state);
  // After the last row: feeds what DISTINCT and ORDER BY held back. `state_of(group)`.
  void FinishInput(const std::function<void*(uint32_t)>& state_of);
  void Finalize(void* state, Vector& out, size_t row) {
    implementation_->finalize(call_, state, out, row);
  }
  void Forget();

 private:
  struct Held {
    uint32_t group;
    uint32_t row;
    std::string_view key;
  };

  RowSet Filtered(const Chunk& input, RowSet rows);
  void EvaluateArguments(const Chunk& input, RowSet rows);
  void Hold(const Chunk& input, RowSet rows, const uint32_t* groups);
  void SortHeld();
  void FeedHeld(size_t begin, size_t end, void* state);
  void Count();
  void ForgetHeld();
  void Spill();
  void FeedFromFiles(const std::function<void*(uint32_t)>& state_of);

  ExecutionContext& context_;
  const functions::AggregateImplementation* implementation_;
  functions::CallContext call_;
  bool distinct_;
  bool holds_;  // DISTINCT or ORDER BY: rows wait for the end
  // What the evaluators below point into.
  binder::BoundExpressions conjuncts_;
  std::vector<planner::PhysicalSortKey> sort_keys_;
  std::vector<EvaluatorPtr> arguments_;
  std::vector<const Vector*> values_;
  std::optional<Filter> filter_;
  // Sort keys, then (DISTINCT) the arguments not among them.
  std::optional<KeyEncoder> order_;
  std::optional<KeyEncoder> distinct_keys_;
  std::optional<RowStore> rows_;
  base::Arena keys_;
  std::vector<Held> held_;
  size_t counted_bytes_ = 0;
  // Sorted by group, then key.
  std::vector<RowFilePtr> files_;
  std::string key_;
};

}  // namespace sundog::exec
