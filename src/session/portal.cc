#include "session/portal.h"

#include <algorithm>

#include "base/check.h"
#include "session/statement_cache.h"

namespace sundog::session {

Portal::~Portal() { CloseExecution(); }

void Portal::Reset() {
  CloseExecution();
  name.clear();
  statement.reset();
  plan.reset();
  parameters.values.clear();
  parameters.types.clear();
  arena.Reset();
  formats.formats().clear();
  state = State::kNew;
  is_cursor = scroll = with_hold = false;
  savepoint_depth = 0;
  history.reset();
  position = 0;
}

void Portal::Rewind() {
  CloseExecution();
  state = State::kNew;
  history.reset();
  position = 0;
}

void Portal::CloseExecution() {
  chunk_ = nullptr;
  chunk_row_ = 0;
  if (execution == nullptr) return;
  execution->Close();
  if (statement != nullptr && statement->plan == plan) {
    if (statement->shared != nullptr && statement->shared->plan() == plan) {
      statement->shared->GiveBack(std::move(execution));
    } else {
      statement->idle_execution = std::move(execution);
    }
  }
  execution.reset();
}

void Portal::Open(const Execution::Context& context) {
  CHECK(execution == nullptr);
  if (statement->plan == plan) {
    execution = statement->shared != nullptr && statement->shared->plan() == plan
                    ? statement->shared->TakeExecution()
                    : std::move(statement->idle_execution);
  }
  if (execution == nullptr) execution = plan->NewExecution();
  state = State::kOpen;
  execution->Open(context);
}

const types::Chunk* Portal::NextRows() {
  while (chunk_ == nullptr || chunk_row_ >= chunk_->row_count()) {
    if (state == State::kDone) return nullptr;
    chunk_ = execution->Next();
    chunk_row_ = 0;
    if (chunk_ == nullptr) {
      state = State::kDone;
      return nullptr;
    }
  }
  return chunk_;
}

void Portal::Advance(size_t row_count) { chunk_row_ += row_count; }

void RowHistory::Append(const types::Chunk& chunk, size_t first, size_t count) {
  for (size_t k = first; k < first + count; ++k) {
    size_t to = static_cast<size_t>(size_) % types::kVectorSize;
    if (to == 0) {
      if (!chunks_.empty()) chunks_.back()->Finish(types::kVectorSize);
      chunks_.push_back(std::make_unique<types::ChunkBuffer>(kinds_));
      chunks_.back()->Reset();
    }
    for (size_t column = 0; column < kinds_.size(); ++column) {
      types::Vector& vector = chunks_.back()->column(column);
      const types::Vector& source = chunk.column(column);
      if (source.IsNull(chunk.rows[k])) {
        vector.SetNull(to);
      } else {
        vector.CopyFrom(to, source, chunk.rows[k]);
      }
    }
    ++size_;
  }
  if (size_ % static_cast<int64_t>(types::kVectorSize) != 0) {
    chunks_.back()->Finish(static_cast<size_t>(size_) % types::kVectorSize);
  } else if (!chunks_.empty()) {
    chunks_.back()->Finish(types::kVectorSize);
  }
}

std::pair<const types::Chunk*, size_t> RowHistory::Find(int64_t index) const {
  CHECK(index >= 0 && index < size_);
  auto row = static_cast<size_t>(index);
  return {&chunks_[row / types::kVectorSize]->chunk(), row % types::kVectorSize};
}

}  // namespace sundog::session
