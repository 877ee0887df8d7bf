// GROUP BY, grouping sets and plain aggregates, by hashing.
//
// 1. Each row's group keys become bytes and these a group number (key_table.h); a new group gets a
//    block of states and its values are kept. A key of one integer finds its group without bytes
//    once it has been there (integer_keys.h).
// 2. Aggregates update chunk by chunk. Without GROUP BY there is one state and no hashing.
// 3. With grouping sets every row goes to one group of each set; the set's number starts the key
//    and columns that the set lacks are null.
// 4. When the groups outgrow working memory, no more are taken in: rows of the known ones go on
//    being counted, the others are dealt out to files by a hash of their key. After the groups in
//    memory
//    are handed up, each file is grouped in its turn, in the same way.
#include <algorithm>

#include "exec/aggregate_call.h"
#include "exec/integer_keys.h"
#include "exec/key_table.h"
#include "exec/operator/operators.h"
#include "exec/row_file.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

using planner::PhysicalAggregate;

namespace {

std::vector<types::PhysicalKind> KindsOf(const binder::BoundExpressions& expressions,
                                         const ExecutionContext& context) {
  std::vector<types::PhysicalKind> kinds;
  for (const auto& expression : expressions) kinds.push_back(context.KindOf(expression->type));
  return kinds;
}

class AggregateOperator : public Operator {
 public:
  AggregateOperator(const PhysicalAggregate& node, ExecutionContext& context)
      : Operator(context),
        node_(node),
        child_(MakeOperator(*node.children[0], context)),
        keys_(node.groups, context),
        group_values_(KindsOf(node.groups, context), context.memory),
        buffer_(node.kinds),
        states_(types::kVectorSize),
        groups_(types::kVectorSize),
        values_(node.groups.size()),
        selected_(types::kVectorSize) {
    for (const auto& aggregate : node.aggregates) {
      calls_.push_back(std::make_unique<AggregateCall>(*aggregate, context, arena_));
      offsets_.push_back(block_bytes_);
      block_bytes_ += calls_.back()->state_bytes();
    }
    sets_ = node.grouping_sets;
    if (sets_.empty()) {
      sets_.emplace_back();
      for (size_t i = 0; i < node.groups.size(); ++i) sets_[0].push_back(static_cast<int>(i));
    }
    in_set_.resize(sets_.size(), std::vector<bool>(node.groups.size()));
    for (size_t s = 0; s < sets_.size(); ++s) {
      for (int group : sets_[s]) in_set_[s][group] = true;
    }
    one_key_ = sets_.size() == 1 && sets_[0].size() == 1 && node.groups.size() == 1;
  }
  ~AggregateOperator() override { Forget(); }

  void Open() override {
    Forget();
    child_->Open();
  }

  const Chunk* Next() override {
    if (!consumed_) {
      consumed_ = true;
      ConsumeChild();
    }
    while (true) {
      if (const Chunk* chunk = Emit()) return chunk;
      if (pending_.empty()) return nullptr;
      ConsumePending();
    }
  }

  void Close() override {
    child_->Close();
    Forget();
  }

 private:
  bool ungrouped() const { return node_.groups.empty() && sets_.size() == 1; }

  void ConsumeChild() {
    // An empty set has its one group even when there is no row.
    for (size_t s = 0; s < sets_.size(); ++s) {
      if (sets_[s].empty()) EmptySetGroup(s);
    }
    while (const Chunk* input = child_->Next()) {
      runtime::CheckInterrupts();
      if (ungrouped()) {
        for (size_t i = 0; i < calls_.size(); ++i) {
          calls_[i]->UpdateOne(*input, input->rows, blocks_[0] + offsets_[i]);
        }
        continue;
      }
      keys_.Evaluate(*input, input->rows);
      for (size_t s = 0; s < sets_.size(); ++s) UpdateSet(*input, s);
      Count();
    }
    child_->Close();
    FinishPass(0);
  }

  // Rows of one set that found no room before.
  void ConsumePending() {
    Pending pending = std::move(pending_.back());
    pending_.pop_back();
    ForgetGroups();
    OperatorPtr scan =
        MakeRowFileScan(std::move(pending.rows), node_.children[0]->kinds, context_);
    scan->Open();
    while (const Chunk* input = scan->Next()) {
      keys_.Evaluate(*input, input->rows);
      UpdateSet(*input, pending.set);
      Count();
    }
    FinishPass(pending.level + 1);
  }

  void FinishPass(int level) {
    for (size_t i = 0; i < calls_.size(); ++i) {
      calls_[i]->FinishInput(
          [&](uint32_t group) -> void* { return blocks_[group] + offsets_[i]; });
    }
    for (size_t s = 0; s < spilled_.size(); ++s) {
      for (size_t i = 0; i < RowPartitions::kCount; ++i) {
        RowFilePtr rows = spilled_[s].Take(i);
        if (rows != nullptr) pending_.push_back({std::move(rows), s, level});
      }
    }
    spilled_.clear();
    level_ = level + 1;
  }

  void EmptySetGroup(size_t set) {
    key_.assign(1, static_cast<char>(set));
    for (size_t i = 0; i < values_.size(); ++i) keys_.AppendColumn(i, Datum(), key_);
    std::fill(values_.begin(), values_.end(), Datum());
    GroupOf(set);
  }

  void UpdateSet(const Chunk& input, size_t set) {
    RowSet rows = AssignGroups(input, set);
    if (rows.empty()) return;
    for (size_t i = 0; i < calls_.size(); ++i) {
      rows.ForEach([&](size_t row) { states_[row] = blocks_[groups_[row]] + offsets_[i]; });
      calls_[i]->Update(input, rows, states_.data(), groups_.data());
    }
  }

  // Fills groups_ for the rows it returns; the others were put aside.
  RowSet AssignGroups(const Chunk& input, size_t set) {
    if (one_key_) {
      switch (keys_.value(0).kind()) {
        case types::PhysicalKind::kInt16: return AssignByInteger<int16_t>(input);
        case types::PhysicalKind::kInt32: return AssignByInteger<int32_t>(input);
        case types::PhysicalKind::kUint32: return AssignByInteger<uint32_t>(input);
        case types::PhysicalKind::kInt64: return AssignByInteger<int64_t>(input);
        default: break;
      }
    }
    size_t kept = 0;
    input.rows.ForEach([&](size_t row) {
      uint32_t group = GroupOfRow(input, set, row);
      if (group == KeyTable::kAbsent) return;
      groups_[row] = group;
      selected_[kept++] = static_cast<uint16_t>(row);
    });
    return spilled_.empty() ? input.rows : RowSet(selected_.data(), kept);
  }

  template <typename T>
  RowSet AssignByInteger(const Chunk& input) {
    const Vector& keys = keys_.value(0);
    size_t kept = 0;
    input.rows.ForEach([&](size_t row) {
      bool is_null = keys.IsNull(row);
      auto key = static_cast<uint64_t>(keys.At<T>(row));
      uint32_t group = is_null ? KeyTable::kAbsent : known_.Find(key);
      if (group == KeyTable::kAbsent) {
        group = GroupOfRow(input, 0, row);
        if (group == KeyTable::kAbsent) return;
        if (!is_null) known_.Add(key, group);
      }
      groups_[row] = group;
      selected_[kept++] = static_cast<uint16_t>(row);
    });
    return spilled_.empty() ? input.rows : RowSet(selected_.data(), kept);
  }

  // kAbsent: there was no room, the row was put aside.
  uint32_t GroupOfRow(const Chunk& input, size_t set, size_t row) {
    key_.assign(1, static_cast<char>(set));
    for (size_t i = 0; i < values_.size(); ++i) {
      values_[i] = in_set_[set][i] ? keys_.value(i).DatumAt(row) : Datum();
      keys_.AppendColumn(i, values_[i], key_);
    }
    uint32_t group = spilled_.empty() ? GroupOf(set) : table_.Find(key_);
    if (group == KeyTable::kAbsent) spilled_[set].Write(key_, input.columns, row);
    return group;
  }

  // The group of key_ and values_; a new one with fresh states if need be.
  uint32_t GroupOf(size_t set) {
    bool fresh = false;
    uint32_t group = table_.Insert(key_, &fresh);
    if (!fresh) return group;
    char* block = static_cast<char*>(arena_.Allocate(std::max<size_t>(block_bytes_, 1), 16));
    for (size_t i = 0; i < calls_.size(); ++i) calls_[i]->Initialize(block + offsets_[i]);
    blocks_.push_back(block);
    set_of_group_.push_back(static_cast<uint32_t>(set));
    group_values_.AppendRow(values_);
    return group;
  }

  const Chunk* Emit() {
    size_t count = std::min(blocks_.size() - next_, types::kVectorSize);
    if (count == 0) return nullptr;
    buffer_.Reset();
    int group_count = static_cast<int>(node_.groups.size());
    int aggregate_count = static_cast<int>(calls_.size());
    for (size_t i = 0; i < node_.output.size(); ++i) {
      Vector& out = buffer_.column(i);
      int source = node_.output[i];
      for (size_t k = 0; k < count; ++k) {
        size_t group = next_ + k;
        if (source < group_count) {
          group_values_.Fetch(group, source, out, k);
        } else if (source < group_count + aggregate_count) {
          int call = source - group_count;
          calls_[call]->Finalize(blocks_[group] + offsets_[call], out, k);
        } else {
          out.Set<int32_t>(k, GroupingMask(source - group_count - aggregate_count, group));
        }
      }
    }
    next_ += count;
    return &buffer_.Finish(count);
  }

  // GROUPING(a, b, …): a bit for each argument, set where the group's set lacks it.
  int32_t GroupingMask(int grouping, size_t group) const {
    int32_t mask = 0;
    for (int argument : node_.groupings[grouping]) {
      mask = mask * 2 + (in_set_[set_of_group_[group]][argument] ? 0 : 1);
    }
    return mask;
  }

  void Count() {
    size_t now = table_.used_bytes() + known_.used_bytes() + arena_.allocated_bytes();
    context_.memory.Add(now - counted_bytes_);
    counted_bytes_ = now;
    if (spilled_.empty() && context_.memory.ShouldSpill(now + group_values_.used_bytes())) {
      for (size_t s = 0; s < sets_.size(); ++s) {
        spilled_.emplace_back(context_.temporary_folder, node_.children[0]->kinds, level_);
      }
    }
    context_.memory.Check();
  }

  void Forget() {
    ForgetGroups();
    spilled_.clear();
    pending_.clear();
    level_ = 0;
    consumed_ = false;
  }

  void ForgetGroups() {
    for (char* block : blocks_) {
      for (size_t i = 0; i < calls_.size(); ++i) calls_[i]->Destroy(block + offsets_[i]);
    }
    for (auto& call : calls_) call->Forget();
    blocks_.clear();
    set_of_group_.clear();
    table_.Clear();
    known_.Clear();
    group_values_.Clear();
    arena_.Reset();
    context_.memory.Subtract(counted_bytes_);
    counted_bytes_ = 0;
    next_ = 0;
  }

  struct Pending {
    RowFilePtr rows;
    size_t set = 0;
    int level = 0;  // of the pass that put them aside
  };

  const PhysicalAggregate& node_;
  OperatorPtr child_;
  KeyEncoder keys_;
  base::Arena arena_{4096};
  std::vector<std::unique_ptr<AggregateCall>> calls_;
  std::vector<size_t> offsets_;
  size_t block_bytes_ = 0;
  std::vector<std::vector<int>> sets_;
  std::vector<std::vector<bool>> in_set_;
  KeyTable table_;
  bool one_key_ = false;
  IntegerKeys known_;
  RowStore group_values_;
  std::vector<char*> blocks_;  // by group
  std::vector<uint32_t> set_of_group_;
  types::ChunkBuffer buffer_;
  std::vector<void*> states_;
  std::vector<uint32_t> groups_;
  std::vector<Datum> values_;
  std::vector<uint16_t> selected_;
  std::string key_;
  size_t counted_bytes_ = 0;
  std::vector<RowPartitions> spilled_;  // by set; empty while new groups are taken in
  std::vector<Pending> pending_;
  int level_ = 0;
  bool consumed_ = false;
  size_t next_ = 0;
};

}  // namespace

OperatorPtr MakeAggregate(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<AggregateOperator>(node.As<PhysicalAggregate>(), context);
}

}  // namespace sundog::exec
