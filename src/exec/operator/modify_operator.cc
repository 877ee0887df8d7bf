#include "exec/operator/modify_operator.h"

#include "runtime/interrupt.h"

namespace sundog::exec {

namespace {

std::vector<types::PhysicalKind> ReturningInputKinds(const planner::PhysicalModify& node,
                                                     const ExecutionContext& context) {
  std::vector<types::PhysicalKind> kinds;
  for (int16_t attnum : node.rules->table->LiveAttnums()) {
    kinds.push_back(context.KindOf(node.rules->table->FindColumn(attnum)->type));
  }
  const auto& input = node.children[0]->kinds;
  kinds.insert(kinds.end(), input.begin(), input.end());
  if (node.kind == planner::PhysicalKind::kInsert) {
    kinds.push_back(context.KindOf({types::oids::kXid}));  // xmax
  }
  return kinds;
}

}  // namespace

ModifyOperator::ModifyOperator(const planner::PhysicalModify& node, ExecutionContext& context)
    : Operator(context),
      node_(node),
      child_(MakeOperator(*node.children[0], context)),
      returning_(MakeEvaluators(node.returning, context)),
      returned_(node.kinds, context.memory) {
  if (!returning_.empty()) returning_input_.emplace(ReturningInputKinds(node, context));
}

void ModifyOperator::Open() {
  returned_.Clear();
  done_ = false;
  next_ = 0;
  child_->Open();
}

const Chunk* ModifyOperator::Next() {
  if (!done_) {
    done_ = true;
    scope_ = std::make_unique<ModifyScope>(context_);
    writer_ = &scope_->WriterOf(node_.rules);
    Start();
    while (const Chunk* input = child_->Next()) {
      runtime::CheckInterrupts();
      Apply(*input);
    }
    child_->Close();
    scope_->Finish();
    scope_.reset();
    writer_ = nullptr;
  }
  return next_ < returned_.chunk_count() ? &returned_.chunk(next_++) : nullptr;
}

void ModifyOperator::Close() {
  child_->Close();
  scope_.reset();
  writer_ = nullptr;
  returned_.Clear();
}

void ModifyOperator::Densify(const Chunk& from, const std::vector<int>& slots, RowSet rows,
                             types::ChunkBuffer& to) {
  for (size_t i = 0; i < slots.size(); ++i) {
    const Vector& source = from.column(slots[i]);
    for (size_t k = 0; k < rows.count(); ++k) to.column(i).SetDatum(k, source.DatumAt(rows[k]));
  }
}

void ModifyOperator::Return(const Chunk& target, size_t count, const Chunk& input,
                            const std::vector<uint16_t>& input_rows) {
  if (returning_.empty() || count == 0) return;
  returning_input_->Reset();
  size_t target_count = target.columns.size();
  for (size_t i = 0; i < target_count; ++i) {
    for (size_t k = 0; k < count; ++k) {
      returning_input_->column(i).SetDatum(k, target.column(i).DatumAt(k));
    }
  }
  for (size_t i = 0; i < input.columns.size(); ++i) {
    for (size_t k = 0; k < count; ++k) {
      returning_input_->column(target_count + i)
          .SetDatum(k, input.column(i).DatumAt(input_rows[k]));
    }
  }
  size_t xmax = target_count + input.columns.size();
  if (xmax < returning_input_->column_count()) {
    for (size_t k = 0; k < count; ++k) {
      returning_input_->column(xmax).SetDatum(k, Datum::From(returned_xmax_));
    }
  }
  const Chunk& chunk = returning_input_->Finish(count);
  std::vector<const Vector*> results;
  for (EvaluatorPtr& evaluator : returning_) {
    results.push_back(&evaluator->Evaluate(chunk, chunk.rows));
  }
  returned_.Append(results, chunk.rows);
}

}  // namespace sundog::exec
