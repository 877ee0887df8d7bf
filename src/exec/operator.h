// Operators: a plan node at run time. They pull chunks from their children.
//
//   op->Open();                            // starts, or starts over
//   while (const Chunk* chunk = op->Next()) …
//   op->Close();                           // gives memory and files back; Open() may follow
//
// A chunk is valid until the next call of Next() or Open() on the same operator. Next() never
// returns an empty chunk. Open() may be called again at any time: that is how the right side of a
// lateral join and a correlated subquery run anew with other outer slots.
//
// To add one: a node in planner/physical.h, a class in operator/ with a Make… function, a line in
// operator/operators.cc.
#pragma once

#include <memory>

#include "exec/execution_context.h"
#include "planner/physical.h"

namespace sundog::exec {

class Operator {
 public:
  explicit Operator(ExecutionContext& context) : context_(context) {}
  virtual ~Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  virtual void Open() = 0;
  virtual const Chunk* Next() = 0;
  virtual void Close() = 0;
  // At most this many more rows are wanted (LIMIT): work done for others may be saved. Called after
  // Open().
  virtual void SetRowGoal(size_t /*rows*/) {}

 protected:
  ExecutionContext& context_;
};

using OperatorPtr = std::unique_ptr<Operator>;

OperatorPtr MakeOperator(const planner::PhysicalNode& node, ExecutionContext& context);

}  // namespace sundog::exec
