// SELECT … FOR UPDATE and kin: locks the rows that come out, one by one, so that under a LIMIT no
// more are locked than are returned.
#include <limits>

#include "exec/operator/operators.h"
#include "runtime/interrupt.h"
#include "storage/table_writer.h"

namespace sundog::exec {

using planner::PhysicalLockRows;

namespace {

txn::RowLockMode ModeOf(binder::LockStrength strength) {
  switch (strength) {
    case binder::LockStrength::kKeyShare: return txn::RowLockMode::kKeyShare;
    case binder::LockStrength::kShare: return txn::RowLockMode::kShare;
    case binder::LockStrength::kNoKeyUpdate: return txn::RowLockMode::kNoKeyUpdate;
    case binder::LockStrength::kUpdate: return txn::RowLockMode::kUpdate;
  }
  return txn::RowLockMode::kUpdate;
}

txn::WaitPolicy PolicyOf(binder::LockWait wait) {
  switch (wait) {
    case binder::LockWait::kWait: return txn::WaitPolicy::kWait;
    case binder::LockWait::kNoWait: return txn::WaitPolicy::kNoWait;
    case binder::LockWait::kSkipLocked: return txn::WaitPolicy::kSkipLocked;
  }
  return txn::WaitPolicy::kWait;
}

class LockRowsOperator : public Operator {
 public:
  LockRowsOperator(const PhysicalLockRows& node, ExecutionContext& context)
      : Operator(context),
        node_(node),
        child_(MakeOperator(*node.children[0], context)),
        selected_(types::kVectorSize) {}

  void Open() override {
    writers_.clear();
    storage::TableWriter::Context context;
    context.io = &context_.environment.io;
    for (const PhysicalLockRows::Lock& lock : node_.locks) {
      writers_.push_back(std::make_unique<storage::TableWriter>(
          context_.layouts->LayoutOf(lock.table), *context_.transaction,
          context));
    }
    input_ = nullptr;
    left_ = std::numeric_limits<size_t>::max();
    child_->Open();
  }

  const Chunk* Next() override {
    while (left_ > 0) {
      runtime::CheckInterrupts();
      if (input_ == nullptr || position_ == input_->row_count()) {
        input_ = child_->Next();
        position_ = 0;
        if (input_ == nullptr) return nullptr;
      }
      size_t count = 0;
      for (; position_ < input_->row_count() && left_ > 0; ++position_) {
        size_t row = input_->rows[position_];
        if (!LockRow(row)) continue;
        selected_[count++] = static_cast<uint16_t>(row);
        --left_;
      }
      if (count == 0) continue;
      chunk_.columns = input_->columns;
      chunk_.rows = RowSet(selected_.data(), count);
      return &chunk_;
    }
    return nullptr;
  }

  void Close() override {
    child_->Close();
    writers_.clear();
  }
  void SetRowGoal(size_t rows) override { left_ = rows; }

 private:
  // False: another holds it and SKIP LOCKED says to leave it out.
  bool LockRow(size_t row) {
    for (size_t i = 0; i < node_.locks.size(); ++i) {
      const PhysicalLockRows::Lock& lock = node_.locks[i];
      const Vector& keys = input_->column(lock.row_key_slot);
      if (keys.IsNull(row)) continue;  // the absent side of an outer join
      switch (writers_[i]->Lock(keys.At<std::string_view>(row), ModeOf(lock.strength),
                                PolicyOf(lock.wait))) {
        case txn::RowLockOutcome::kLocked: break;
        case txn::RowLockOutcome::kChanged: throw txn::StatementRestart();
        case txn::RowLockOutcome::kNotAvailable: return false;
      }
    }
    return true;
  }

  const PhysicalLockRows& node_;
  OperatorPtr child_;
  std::vector<std::unique_ptr<storage::TableWriter>> writers_;
  const Chunk* input_ = nullptr;
  size_t position_ = 0;
  size_t left_ = 0;
  std::vector<uint16_t> selected_;
  Chunk chunk_;
};

}  // namespace

OperatorPtr MakeLockRows(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<LockRowsOperator>(node.As<PhysicalLockRows>(), context);
}

}  // namespace sundog::exec
