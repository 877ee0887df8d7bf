// What both join algorithms share.
//
// The left side streams past. For each left row the algorithm yields candidate right rows; the
// pairs are gathered side by side and the join's conditions tested on whole batches of them. A
// row's pairs may span batches, so the ends of left rows are noted among the pairs: LEFT, SEMI and
// ANTI joins decide there whether any pair held. RIGHT and FULL joins remember which right rows
// found a partner and hand out the others at the end.
#pragma once

#include "exec/expression/evaluator.h"
#include "exec/operator.h"
#include "exec/row_store.h"

namespace sundog::exec {

class JoinOperator : public Operator {
 public:
  JoinOperator(planner::LogicalJoinType type, const binder::BoundExpressions& conjuncts,
               const std::vector<int>& output, const planner::PhysicalNode& node,
               OperatorPtr left, OperatorPtr right, ExecutionContext& context);

  void Open() override;
  const Chunk* Next() override;
  void Close() override;

 protected:
  // Before the first left row.
  virtual void StartRight() = 0;
  // A new left chunk, then one of its rows.
  virtual void StartChunk(const Chunk& left) = 0;
  virtual void StartRow(const Chunk& left, size_t row) = 0;
  // Adds the row's next candidate with AddPair; false: there are no more.
  virtual bool AddCandidate(const Chunk& left, size_t row) = 0;
  // The kept right rows, for RIGHT and FULL joins.
  virtual const RowStore* KeptRight() const = 0;

  // The left values' bytes lie in the left chunk; those of the right ones in the store.
  void AddPair(const Chunk& left, size_t left_row, const RowStore& right, uint32_t right_row);
  // As above with a transient right chunk: bytes are copied.
  void AddPair(const Chunk& left, size_t left_row, const Chunk& right, size_t right_row);

  bool KeepsLeft() const;
  bool KeepsRight() const;

  OperatorPtr left_;
  OperatorPtr right_;

 private:
  struct RowEnd {
    uint16_t row;
    uint32_t pair_end;  // how many pairs of the batch come before it
  };

  bool HasRoom() const { return pairs_.size() + ends_.size() < types::kVectorSize; }
  void Gather();
  bool FetchLeft();
  void EndRow();
  const Chunk* Emit();
  template <typename Visit>
  void VisitEnds(RowSet held, Visit&& visit);
  const Chunk* EmitLeftRows(RowSet held);
  const Chunk* EmitPairs(RowSet held);
  const Chunk* NextUnmatchedRight();
  void AddLeft(const Chunk* left, size_t row, size_t at);
  RowSet Test();

  planner::LogicalJoinType type_;
  std::vector<int> output_;
  size_t left_count_;
  types::ChunkBuffer both_;
  Filter filter_;
  Chunk chunk_;
  Chunk left_chunk_;
  bool started_ = false;
  bool left_done_ = false;
  const Chunk* input_ = nullptr;
  size_t position_ = 0;
  bool row_matched_ = false;
  std::vector<uint32_t> pairs_;  // right row numbers
  std::vector<RowEnd> ends_;
  std::vector<uint16_t> selected_;
  std::vector<bool> matched_right_;
  size_t next_unmatched_ = 0;
};

}  // namespace sundog::exec
