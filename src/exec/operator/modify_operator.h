// What INSERT, UPDATE and DELETE share: they run to their end on the first Next(), whatever the
// client fetches; RETURNING's rows are kept and handed out afterwards.
#pragma once

#include <optional>

#include "exec/operator.h"
#include "exec/row_writer.h"

namespace sundog::exec {

class ModifyOperator : public Operator {
 public:
  ModifyOperator(const planner::PhysicalModify& node, ExecutionContext& context);

  void Open() override;
  const Chunk* Next() override;
  void Close() override;

 protected:
  // Changes the rows of one input chunk.
  virtual void Apply(const Chunk& input) = 0;
  // The first call of a run; the writer is new.
  virtual void Start() {}

  RowWriter& writer() { return *writer_; }
  // RETURNING for rows 0 … count-1 of `target` (live columns), whose source rows are `input_rows`
  // of `input`, in that order.
  void Return(const Chunk& target, size_t count, const Chunk& input,
              const std::vector<uint16_t>& input_rows);
  // xmax in INSERT's RETURNING: 0 for a new row, else the transaction that found it there.
  void set_returned_xmax(uint32_t xmax) { returned_xmax_ = xmax; }
  // Copies the rows of `columns` that `rows` lists to `to`, densely; bytes stay where they are.
  static void Densify(const Chunk& from, const std::vector<int>& slots, RowSet rows,
                      types::ChunkBuffer& to);

 private:
  const planner::PhysicalModify& node_;
  OperatorPtr child_;
  std::vector<EvaluatorPtr> returning_;
  RowStore returned_;
  std::optional<types::ChunkBuffer> returning_input_;
  std::unique_ptr<ModifyScope> scope_;
  RowWriter* writer_ = nullptr;
  uint32_t returned_xmax_ = 0;
  bool done_ = false;
  size_t next_ = 0;
};

}  // namespace sundog::exec
