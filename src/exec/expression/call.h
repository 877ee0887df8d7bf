// Calling a function for rows: the strictness rule, constant arguments, user-defined functions.
// Used by every expression that contains an operator call.
#pragma once

#include "exec/expression/evaluator.h"
#include "functions/proc.h"

namespace sundog::exec {

class Call {
 public:
  // 0A000 naming the function if nothing implements it.
  Call(const binder::BoundFunction& node, ExecutionContext& context, size_t capacity);

  // Fills `out` (Reset here) for `rows`. If all arguments are constant and the function is not
  // volatile, it is called once and `out` becomes constant.
  void Run(std::span<const Vector* const> arguments, RowSet rows, Vector& out);

  const functions::ProcInfo& proc() const { return *proc_; }

 private:
  void RunRows(std::span<const Vector* const> arguments, RowSet rows, Vector& out);
  RowSet WithoutNulls(std::span<const Vector* const> arguments, RowSet rows, Vector& out);
  void RunUserFunction(std::span<const Vector* const> arguments, RowSet rows, Vector& out);

  ExecutionContext& context_;
  const functions::ProcInfo* proc_;
  std::shared_ptr<const void> proc_owner_;
  functions::ScalarKernel kernel_ = nullptr;
  functions::CallContext call_;
  std::vector<uint16_t> not_null_;
};

}  // namespace sundog::exec
