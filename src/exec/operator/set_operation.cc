// UNION ALL; INTERSECT and EXCEPT with and without ALL. (UNION is DISTINCT over UNION ALL.)
//
// UNION ALL passes both inputs through. The others work on whole rows as keys: they count the right
// side's rows first, then let left rows pass.
#include "exec/key_encoder.h"
#include "exec/key_table.h"
#include "exec/operator/operators.h"
#include "planner/physical_expression.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

using binder::SetOperator;
using planner::PhysicalSetOperation;

namespace {

binder::BoundExpressions Slots(const std::vector<int>& columns, const std::vector<SqlType>& types) {
  binder::BoundExpressions slots;
  for (size_t i = 0; i < columns.size(); ++i) {
    slots.push_back(std::make_unique<planner::InputSlot>(types[i], columns[i]));
  }
  return slots;
}

class SetOperationOperator : public Operator {
 public:
  SetOperationOperator(const PhysicalSetOperation& node, ExecutionContext& context)
      : Operator(context),
        node_(node),
        left_(MakeOperator(*node.children[0], context)),
        right_(MakeOperator(*node.children[1], context)),
        left_keys_(Keys(node.left_columns), context),
        right_keys_(Keys(node.right_columns), context),
        selected_(types::kVectorSize) {
    chunk_.columns.resize(node.types.size());
  }

  void Open() override {
    Forget();
    on_right_ = false;
    right_counted_ = false;
    left_->Open();
    right_->Open();
  }

  const Chunk* Next() override {
    if (node_.op != SetOperator::kUnion && !right_counted_) CountRight();
    while (true) {
      runtime::CheckInterrupts();
      const Chunk* input = on_right_ ? right_->Next() : left_->Next();
      if (input == nullptr) {
        if (node_.op != SetOperator::kUnion || on_right_) return nullptr;
        on_right_ = true;
        continue;
      }
      if (Keep(*input)) return &chunk_;
    }
  }

  void Close() override {
    left_->Close();
    right_->Close();
    Forget();
  }

 private:
  // UNION ALL compares nothing, so its types need no order.
  binder::BoundExpressions Keys(const std::vector<int>& columns) const {
    if (node_.op == SetOperator::kUnion) return {};
    return Slots(columns, node_.types);
  }

  bool Keep(const Chunk& input) {
    const std::vector<int>& columns = on_right_ ? node_.right_columns : node_.left_columns;
    for (size_t i = 0; i < columns.size(); ++i) chunk_.columns[i] = input.columns[columns[i]];
    chunk_.rows = input.rows;
    if (node_.op == SetOperator::kUnion) return true;
    left_keys_.Evaluate(input, input.rows);
    size_t kept = 0;
    input.rows.ForEach([&](size_t row) {
      key_.assign(1, '\0');
      left_keys_.Append(row, key_);
      if (Passes()) selected_[kept++] = static_cast<uint16_t>(row);
    });
    Count();
    chunk_.rows = RowSet(selected_.data(), kept);
    return kept > 0;
  }

  bool Passes() {
    bool fresh = false;
    bool intersect = node_.op == SetOperator::kIntersect;
    if (!node_.all) {
      bool in_right = keys_.Find(key_) != KeyTable::kAbsent;
      if (in_right != intersect) return false;
      seen_.Insert(key_, &fresh);
      return fresh;
    }
    uint32_t number = keys_.Find(key_);
    if (number == KeyTable::kAbsent || counts_[number] == 0) return !intersect;
    --counts_[number];
    return intersect;
  }

  void CountRight() {
    right_counted_ = true;
    while (const Chunk* input = right_->Next()) {
      runtime::CheckInterrupts();
      right_keys_.Evaluate(*input, input->rows);
      input->rows.ForEach([&](size_t row) {
        key_.assign(1, '\0');
        right_keys_.Append(row, key_);
        bool fresh = false;
        uint32_t number = keys_.Insert(key_, &fresh);
        if (fresh) counts_.push_back(0);
        ++counts_[number];
      });
      Count();
    }
  }

  void Count() {
    size_t now = keys_.used_bytes() + seen_.used_bytes();
    context_.memory.Add(now - counted_bytes_);
    counted_bytes_ = now;
    context_.memory.Check();
  }

  void Forget() {
    keys_.Clear();
    seen_.Clear();
    counts_.clear();
    context_.memory.Subtract(counted_bytes_);
    counted_bytes_ = 0;
  }

  const PhysicalSetOperation& node_;
  OperatorPtr left_;
  OperatorPtr right_;
  KeyEncoder left_keys_;
  KeyEncoder right_keys_;
  KeyTable keys_;
  KeyTable seen_;
  std::vector<uint64_t> counts_;
  size_t counted_bytes_ = 0;
  std::string key_;
  std::vector<uint16_t> selected_;
  bool on_right_ = false;
  bool right_counted_ = false;
  Chunk chunk_;
};

}  // namespace

OperatorPtr MakeSetOperation(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<SetOperationOperator>(node.As<PhysicalSetOperation>(), context);
}

}  // namespace sundog::exec
