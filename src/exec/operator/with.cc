// WITH queries, references to them, and recursion.
//
// A CteState holds one WITH query's rows. The With operator owns the states and registers them for
// the time between its Open and Close. References pull rows when they need more than there are, so
// that a query without end is no trouble to who wants its first rows only. A recursive union swaps
// the rows of the last round into the working table that its recursive term reads.

#include "exec/key_encoder.h"
#include "exec/key_table.h"
#include "exec/operator/operators.h"
#include "exec/row_store.h"
#include "planner/physical_expression.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

struct CteState {
  OperatorPtr plan;  // null: a working table
  std::vector<int> columns;
  std::unique_ptr<RowStore> rows;
  bool opened = false;
  bool filled = false;

  // One more chunk of the plan; false at its end.
  bool Pull() {
    if (filled || plan == nullptr) return false;
    if (!opened) plan->Open();
    opened = true;
    runtime::CheckInterrupts();
    const Chunk* chunk = plan->Next();
    if (chunk == nullptr) {
      filled = true;
      plan->Close();
      return false;
    }
    std::vector<const Vector*> wanted(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) wanted[i] = chunk->columns[columns[i]];
    rows->Append(wanted, chunk->rows);
    return true;
  }

  void Forget() {
    rows->Clear();
    opened = false;
    filled = false;
  }
};

namespace {

class WithOperator : public Operator {
 public:
  WithOperator(const planner::PhysicalWith& node, ExecutionContext& context)
      : Operator(context), node_(node) {
    for (size_t i = 0; i < node.ctes.size(); ++i) {
      auto state = std::make_unique<CteState>();
      const PhysicalNode& plan = *node.children[i + 1];
      state->plan = MakeOperator(plan, context);
      state->columns = node.ctes[i].columns;
      std::vector<types::PhysicalKind> kinds;
      for (int column : state->columns) kinds.push_back(plan.kinds[column]);
      state->rows = std::make_unique<RowStore>(kinds, context.memory);
      states_.push_back(std::move(state));
    }
    query_ = MakeOperator(*node.children[0], context);
  }

  void Open() override {
    for (size_t i = 0; i < states_.size(); ++i) {
      states_[i]->Forget();
      context_.ctes[node_.ctes[i].id] = states_[i].get();
    }
    query_->Open();
    started_ = false;
  }

  const Chunk* Next() override {
    if (!started_) {
      started_ = true;
      // Data-changing ones run once and to their end; their counts are not the statement's.
      for (size_t i = 0; i < states_.size(); ++i) {
        if (!node_.ctes[i].changes_data) continue;
        int64_t counted = context_.rows_affected;
        while (states_[i]->Pull()) {
        }
        context_.rows_affected = counted;
      }
    }
    return query_->Next();
  }

  void Close() override {
    query_->Close();
    for (auto& state : states_) {
      state->plan->Close();
      state->Forget();
    }
  }
  void SetRowGoal(size_t rows) override { query_->SetRowGoal(rows); }

 private:
  const planner::PhysicalWith& node_;
  std::vector<std::unique_ptr<CteState>> states_;
  OperatorPtr query_;
  bool started_ = false;
};

class CteScanOperator : public Operator {
 public:
  CteScanOperator(const planner::PhysicalCteScan& node, ExecutionContext& context)
      : Operator(context), node_(node), selected_(types::kVectorSize) {
    chunk_.columns.resize(node.columns.size());
  }
  void Open() override { next_ = 0; }
  const Chunk* Next() override {
    CteState& state = *context_.ctes.at(node_.cte_id);
    while (next_ >= state.rows->row_count()) {
      if (!state.Pull()) return nullptr;
    }
    // The last chunk may have grown since it was read.
    const Chunk& rows = state.rows->chunk(next_ / types::kVectorSize);
    for (size_t i = 0; i < node_.columns.size(); ++i) {
      chunk_.columns[i] = rows.columns[node_.columns[i]];
    }
    size_t from = next_ % types::kVectorSize;
    size_t to = rows.row_count();
    if (from == 0) {
      chunk_.rows = RowSet(to);
    } else {
      for (size_t row = from; row < to; ++row) selected_[row - from] = static_cast<uint16_t>(row);
      chunk_.rows = RowSet(selected_.data(), to - from);
    }
    next_ += to - from;
    return &chunk_;
  }
  void Close() override {}

 private:
  const planner::PhysicalCteScan& node_;
  size_t next_ = 0;  // row of the state
  std::vector<uint16_t> selected_;
  Chunk chunk_;
};

binder::BoundExpressions Slots(const std::vector<SqlType>& types) {
  binder::BoundExpressions slots;
  for (size_t i = 0; i < types.size(); ++i) {
    slots.push_back(std::make_unique<planner::InputSlot>(types[i], static_cast<int>(i)));
  }
  return slots;
}

class RecursiveUnionOperator : public Operator {
 public:
  RecursiveUnionOperator(const planner::PhysicalRecursiveUnion& node, ExecutionContext& context)
      : Operator(context),
        node_(node),
        first_(MakeOperator(*node.children[0], context)),
        recursive_(MakeOperator(*node.children[1], context)),
        keys_(node.all ? binder::BoundExpressions() : Slots(node.types), context),
        selected_(types::kVectorSize) {
    chunk_.columns.resize(node.types.size());
    working_.rows = std::make_unique<RowStore>(node.kinds, context.memory);
    next_round_ = std::make_unique<RowStore>(node.kinds, context.memory);
  }

  void Open() override {
    Forget();
    outer_ = nullptr;
    auto registered = context_.ctes.find(node_.cte_id);
    if (registered != context_.ctes.end()) outer_ = registered->second;
    in_first_ = true;
    first_->Open();
  }

  const Chunk* Next() override {
    while (true) {
      runtime::CheckInterrupts();
      // The state under the CTE's own id is what outer references read; the recursive term's own
      // references mean the working table.
      const Chunk* input = in_first_ ? first_->Next() : NextRecursive();
      if (input == nullptr) {
        if (!StartRound()) return nullptr;
        continue;
      }
      if (Take(*input, in_first_ ? node_.left_columns : node_.right_columns)) return &chunk_;
    }
  }

  void Close() override {
    first_->Close();
    recursive_->Close();
    Forget();
  }

 private:
  const Chunk* NextRecursive() {
    context_.ctes[node_.cte_id] = &working_;
    const Chunk* chunk = recursive_->Next();
    Restore();
    return chunk;
  }

  void Restore() {
    if (outer_ != nullptr) {
      context_.ctes[node_.cte_id] = outer_;
    } else {
      context_.ctes.erase(node_.cte_id);
    }
  }

  bool StartRound() {
    if (next_round_->row_count() == 0) return false;
    working_.rows.swap(next_round_);
    next_round_->Clear();
    in_first_ = false;
    context_.ctes[node_.cte_id] = &working_;
    recursive_->Open();
    Restore();
    return true;
  }

  bool Take(const Chunk& input, const std::vector<int>& columns) {
    for (size_t i = 0; i < columns.size(); ++i) chunk_.columns[i] = input.columns[columns[i]];
    chunk_.rows = input.rows;
    if (!node_.all) {
      keys_.Evaluate(chunk_, chunk_.rows);
      size_t kept = 0;
      input.rows.ForEach([&](size_t row) {
        key_.assign(1, '\0');
        keys_.Append(row, key_);
        bool fresh = false;
        seen_.Insert(key_, &fresh);
        if (fresh) selected_[kept++] = static_cast<uint16_t>(row);
      });
      chunk_.rows = RowSet(selected_.data(), kept);
    }
    next_round_->Append(chunk_);
    return !chunk_.rows.empty();
  }

  void Forget() {
    working_.rows->Clear();
    next_round_->Clear();
    seen_.Clear();
  }

  const planner::PhysicalRecursiveUnion& node_;
  OperatorPtr first_;
  OperatorPtr recursive_;
  KeyEncoder keys_;
  KeyTable seen_;
  CteState working_;
  std::unique_ptr<RowStore> next_round_;
  CteState* outer_ = nullptr;
  bool in_first_ = true;
  std::string key_;
  std::vector<uint16_t> selected_;
  Chunk chunk_;
};

}  // namespace

OperatorPtr MakeWith(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<WithOperator>(node.As<planner::PhysicalWith>(), context);
}

OperatorPtr MakeCteScan(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<CteScanOperator>(node.As<planner::PhysicalCteScan>(), context);
}

OperatorPtr MakeRecursiveUnion(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<RecursiveUnionOperator>(node.As<planner::PhysicalRecursiveUnion>(),
                                                  context);
}

}  // namespace sundog::exec
