// Operators of a few lines: one empty row, VALUES, filter, projection, LIMIT.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/sql_error.h"
#include "exec/key_encoder.h"
#include "exec/operator/operators.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

namespace {

class EmptyOperator : public Operator {
 public:
  explicit EmptyOperator(ExecutionContext& context) : Operator(context) { chunk_.rows = RowSet(1); }
  void Open() override { done_ = false; }
  const Chunk* Next() override {
    if (done_) return nullptr;
    done_ = true;
    return &chunk_;
  }
  void Close() override {}

 private:
  bool done_ = false;
  Chunk chunk_;
};

class ValuesOperator : public Operator {
 public:
  ValuesOperator(const planner::PhysicalValues& node, ExecutionContext& context)
      : Operator(context),
        node_(node),
        buffer_(node.kinds, std::clamp<size_t>(node.rows.size(), 2, types::kVectorSize)) {
    for (const auto& row : node.rows) cells_.push_back(MakeEvaluators(row, context, 2));
  }
  void Open() override { next_ = 0; }
  const Chunk* Next() override {
    if (next_ == cells_.size()) return nullptr;
    buffer_.Reset();
    size_t count = std::min(cells_.size() - next_, types::kVectorSize);
    Chunk none;
    none.rows = RowSet(1);
    for (size_t i = 0; i < count; ++i, ++next_) {
      for (size_t column = 0; column < cells_[next_].size(); ++column) {
        const Vector& value = cells_[next_][column]->Evaluate(none, none.rows);
        buffer_.column(column).CopyDatum(i, value.DatumAt(0));
      }
    }
    return &buffer_.Finish(count);
  }
  void Close() override {}

 private:
  const planner::PhysicalValues& node_;
  std::vector<std::vector<EvaluatorPtr>> cells_;
  types::ChunkBuffer buffer_;
  size_t next_ = 0;
};

class FeedOperator : public Operator {
 public:
  using Operator::Operator;
  void Open() override {}
  const Chunk* Next() override { return context_.feed(); }
  void Close() override {}
};

class FilterOperator : public Operator {
 public:
  FilterOperator(const planner::PhysicalFilter& node, ExecutionContext& context)
      : Operator(context),
        child_(MakeOperator(*node.children[0], context)),
        filter_(node.conjuncts, context) {}
  void Open() override { child_->Open(); }
  const Chunk* Next() override {
    while (const Chunk* input = child_->Next()) {
      runtime::CheckInterrupts();
      RowSet rows = filter_.Apply(*input, input->rows);
      if (rows.empty()) continue;
      chunk_.columns = input->columns;
      chunk_.rows = rows;
      return &chunk_;
    }
    return nullptr;
  }
  void Close() override { child_->Close(); }

 private:
  OperatorPtr child_;
  Filter filter_;
  Chunk chunk_;
};

class ProjectOperator : public Operator {
 public:
  ProjectOperator(const planner::PhysicalProject& node, ExecutionContext& context)
      : Operator(context),
        child_(MakeOperator(*node.children[0], context)),
        evaluators_(MakeEvaluators(node.expressions, context)) {
    chunk_.columns.resize(evaluators_.size());
  }
  void Open() override { child_->Open(); }
  const Chunk* Next() override {
    const Chunk* input = child_->Next();
    if (input == nullptr) return nullptr;
    for (size_t i = 0; i < evaluators_.size(); ++i) {
      chunk_.columns[i] = &evaluators_[i]->Evaluate(*input, input->rows);
    }
    chunk_.rows = input->rows;
    return &chunk_;
  }
  void Close() override { child_->Close(); }
  void SetRowGoal(size_t rows) override { child_->SetRowGoal(rows); }

 private:
  OperatorPtr child_;
  std::vector<EvaluatorPtr> evaluators_;
  Chunk chunk_;
};

// LIMIT and OFFSET, WITH TIES too.
class LimitOperator : public Operator {
 public:
  LimitOperator(const planner::PhysicalLimit& node, ExecutionContext& context)
      : Operator(context), node_(node), child_(MakeOperator(*node.children[0], context)) {
    if (node.limit != nullptr) limit_.emplace(*node.limit, context);
    if (node.offset != nullptr) offset_.emplace(*node.offset, context);
    if (node.with_ties) ties_.emplace(node.tie_keys, context);
    selected_.resize(types::kVectorSize);
  }

  void Open() override {
    to_skip_ = Count(offset_, 0, sqlstate::kInvalidRowCountInResultOffsetClause, "OFFSET");
    left_ = Count(limit_, std::numeric_limits<int64_t>::max(),
                  sqlstate::kInvalidRowCountInLimitClause, "LIMIT");
    last_key_.clear();
    child_->Open();
    if (limit_.has_value() && !node_.with_ties && left_ < (int64_t{1} << 40)) {
      child_->SetRowGoal(static_cast<size_t>(left_ + to_skip_));
    }
  }

  const Chunk* Next() override {
    if (left_ == 0 && !(node_.with_ties && !last_key_.empty())) return nullptr;
    while (const Chunk* input = child_->Next()) {
      size_t count = 0;
      bool done = false;
      if (node_.with_ties) ties_->Evaluate(*input, input->rows);
      for (size_t k = 0; k < input->row_count() && !done; ++k) {
        size_t row = input->rows[k];
        if (to_skip_ > 0) {
          --to_skip_;
          continue;
        }
        done = !Take(row);
        if (!done) selected_[count++] = static_cast<uint16_t>(row);
      }
      if (count == 0 && !done) continue;
      if (done) Finish();
      if (count == 0) return nullptr;
      chunk_.columns = input->columns;
      chunk_.rows = RowSet(selected_.data(), count);
      return &chunk_;
    }
    return nullptr;
  }
  void Close() override { child_->Close(); }

 private:
  int64_t Count(std::optional<ScalarEvaluator>& evaluator, int64_t absent, base::SqlState state,
                const char* clause) {
    if (!evaluator.has_value()) return absent;
    Datum value = evaluator->Evaluate();
    if (value.is_null()) return absent;
    if (value.As<int64_t>() < 0) {
      throw SqlError(state, fmt::format("{} must not be negative", clause));
    }
    return value.As<int64_t>();
  }

  bool Take(size_t row) {
    if (left_ > 0) {
      --left_;
      if (left_ == 0 && node_.with_ties) {
        last_key_.clear();
        ties_->Append(row, last_key_);
        last_key_ += '\0';  // so that it is never empty
      }
      return true;
    }
    if (!node_.with_ties) return false;
    std::string key;
    ties_->Append(row, key);
    key += '\0';
    return key == last_key_;
  }
  void Finish() {
    left_ = 0;
    last_key_.clear();
  }

  const planner::PhysicalLimit& node_;
  OperatorPtr child_;
  std::optional<ScalarEvaluator> limit_;
  std::optional<ScalarEvaluator> offset_;
  std::optional<KeyEncoder> ties_;
  int64_t to_skip_ = 0;
  int64_t left_ = 0;
  std::string last_key_;
  std::vector<uint16_t> selected_;
  Chunk chunk_;
};

}  // namespace

OperatorPtr MakeEmpty(const PhysicalNode&, ExecutionContext& context) {
  return std::make_unique<EmptyOperator>(context);
}

OperatorPtr MakeFeed(const PhysicalNode&, ExecutionContext& context) {
  return std::make_unique<FeedOperator>(context);
}

OperatorPtr MakeValues(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<ValuesOperator>(node.As<planner::PhysicalValues>(), context);
}

OperatorPtr MakeFilter(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<FilterOperator>(node.As<planner::PhysicalFilter>(), context);
}

OperatorPtr MakeProject(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<ProjectOperator>(node.As<planner::PhysicalProject>(), context);
}

OperatorPtr MakeLimit(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<LimitOperator>(node.As<planner::PhysicalLimit>(), context);
}

}  // namespace sundog::exec
