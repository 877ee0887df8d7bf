// ORDER BY: rows are kept with their keys as bytes and sorted by memcmp.
//
// 1. Input rows go to a RowStore, their keys (key_encoder.h) to an arena.
// 2. With a LIMIT, once twice as many rows as wanted are there, the worse half is dropped.
// 3. When the store outgrows work_mem, it is sorted and written to a temporary file as one run; at
//    the end the runs are merged (row_file.h).
// 4. An input that comes sorted by the first keys is sorted batch by batch: a batch ends where one
//    of these keys changes. So no more is read than it takes to tell the rows that are asked for.
#include <algorithm>
#include <optional>

#include "exec/key_encoder.h"
#include "exec/operator/operators.h"
#include "exec/ordered_sort.h"
#include "exec/row_store.h"
#include "exec/row_file.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

namespace {

using planner::PhysicalSort;

class SortOperator : public Operator {
 public:
  SortOperator(const PhysicalSort& node, ExecutionContext& context)
      : Operator(context),
        child_(MakeOperator(*node.children[0], context)),
        encoder_(node.keys, context),
        presorted_(node.presorted),
        rows_(node.kinds, context.memory),
        kept_rows_(node.kinds, context.memory),
        buffer_(node.kinds) {
    if (node.limit != nullptr) limit_.emplace(*node.limit, context);
    if (node.offset != nullptr) offset_.emplace(*node.offset, context);
  }

  void Open() override {
    Close();
    wanted_ = WantedRows();
    child_->Open();
    // That the last one's equals have ended shows in the next.
    if (presorted_ > 0 && wanted_ > 0) child_->SetRowGoal(wanted_ + 1);
  }

  const Chunk* Next() override {
    while (true) {
      if (!sorted_) Consume();
      if (const Chunk* chunk = runs_.empty() ? NextFromMemory() : NextFromRuns()) return chunk;
      if (input_ended_) return nullptr;
      StartBatch();
    }
  }

  void Close() override {
    child_->Close();
    StartBatch();
    input_ = nullptr;
    input_ended_ = false;
  }

 private:
  struct Entry {
    std::string_view key;
    uint32_t row;
  };

  // More are sorted whole.
  static constexpr int64_t kMostWanted = 100'000;

  // 0: all.
  size_t WantedRows() {
    if (!limit_.has_value()) return 0;
    Datum limit = limit_->Evaluate();
    Datum offset = offset_.has_value() ? offset_->Evaluate() : Datum::From(int64_t{0});
    int64_t wanted = limit.is_null() ? -1 : limit.As<int64_t>();
    int64_t skipped = offset.is_null() ? 0 : std::max(offset.As<int64_t>(), int64_t{0});
    if (wanted < 0 || wanted > kMostWanted || skipped > kMostWanted - wanted) return 0;
    return static_cast<size_t>(wanted + skipped);
  }

  void StartBatch() {
    Forget();
    runs_.clear();
    merge_.reset();
    sorted_ = false;
    next_ = 0;
  }

  // Reads a batch: all of the input, or up to where a key that it is sorted by changes.
  void Consume() {
    bool complete = false;
    while (!complete) {
      runtime::CheckInterrupts();
      if (input_ == nullptr) {
        input_ = child_->Next();
        if (input_ == nullptr) break;
        input_from_ = 0;
        encoder_.Evaluate(*input_, input_->rows);
      }
      std::optional<size_t> end;
      if (presorted_ > 0) end = LastChange();
      complete = end.has_value();
      Take(end.value_or(input_->rows.count()));
      if (input_from_ == input_->rows.count()) input_ = nullptr;
      if (wanted_ > 0 && entries_.size() >= 2 * wanted_ + types::kVectorSize) DropWorse();
      if (context_.memory.ShouldSpill(used_bytes())) Spill();
    }
    if (!complete) {
      input_ended_ = true;
      child_->Close();
    }
    SortEntries();
    if (!runs_.empty()) {
      if (!entries_.empty()) Spill();
      merge_.emplace(runs_);
    }
    sorted_ = true;
  }

  // The last of the input's rows not taken yet before which a presorted key changes.
  std::optional<size_t> LastChange() {
    std::optional<size_t> last;
    bool first_of_batch = entries_.empty() && runs_.empty();
    for (size_t k = input_from_; k < input_->rows.count(); ++k) {
      key_.clear();
      for (size_t i = 0; i < presorted_; ++i) {
        encoder_.AppendColumn(i, encoder_.value(i).DatumAt(input_->rows[k]), key_);
      }
      if (key_ == presorted_key_) continue;
      presorted_key_.swap(key_);
      if (k > input_from_ || !first_of_batch) last = k;
    }
    return last;
  }

  // The input's rows up to the one numbered `end`.
  void Take(size_t end) {
    RowSet rows = input_->rows;
    if (end - input_from_ < rows.count()) {
      taken_.clear();
      for (size_t k = input_from_; k < end; ++k) {
        taken_.push_back(static_cast<uint16_t>(input_->rows[k]));
      }
      rows = RowSet(taken_.data(), taken_.size());
    }
    input_from_ = end;
    rows.ForEach([&](size_t row) {
      key_.clear();
      encoder_.Append(row, key_);
      entries_.push_back({keys_.Copy(key_), static_cast<uint32_t>(entries_.size())});
    });
    rows_.Append(input_->columns, rows);
  }

  size_t used_bytes() const {
    return rows_.used_bytes() + keys_.allocated_bytes() + entries_.size() * sizeof(Entry);
  }

  void SortEntries() {
    auto compare = [](const Entry& a, const Entry& b) { return a.key.compare(b.key); };
    SortLikePostgres(std::span(entries_), compare, [](const Entry& entry) { return entry.row; });
  }

  void DropWorse() {
    SortEntries();
    entries_.resize(wanted_);
    std::vector<Datum> row(rows_.column_count());
    kept_rows_.Clear();
    for (const Entry& entry : entries_) {
      for (size_t i = 0; i < row.size(); ++i) row[i] = rows_.At(entry.row, i);
      kept_rows_.AppendRow(row);
      kept_keys_.emplace_back(entry.key);
    }
    rows_.Clear();
    for (size_t i = 0; i < kept_rows_.chunk_count(); ++i) rows_.Append(kept_rows_.chunk(i));
    kept_rows_.Clear();
    entries_.clear();
    keys_.Reset();
    for (const std::string& key : kept_keys_) {
      entries_.push_back({keys_.Copy(key), static_cast<uint32_t>(entries_.size())});
    }
    kept_keys_.clear();
  }

  void Spill() {
    SortEntries();
    auto run = std::make_unique<RowFile>(context_.temporary_folder, rows_.kinds());
    for (const Entry& entry : entries_) {
      run->Write(entry.key, rows_.chunk(entry.row / types::kVectorSize).columns,
                 entry.row % types::kVectorSize);
    }
    run->Rewind();
    runs_.push_back(std::move(run));
    Forget();
    LimitFiles(runs_, context_.temporary_folder);
  }

  void Forget() {
    entries_.clear();
    rows_.Clear();
    keys_.Reset();
  }

  const Chunk* NextFromMemory() {
    size_t count = std::min(entries_.size() - next_, types::kVectorSize);
    if (count == 0) return nullptr;
    buffer_.Reset();
    for (size_t i = 0; i < rows_.column_count(); ++i) {
      Vector& out = buffer_.column(i);
      for (size_t k = 0; k < count; ++k) rows_.Fetch(entries_[next_ + k].row, i, out, k);
    }
    next_ += count;
    return &buffer_.Finish(count);
  }

  const Chunk* NextFromRuns() {
    runtime::CheckInterrupts();
    buffer_.Reset();
    size_t count = 0;
    while (!buffer_.IsFull(count)) {
      const RowFile* next = merge_->Next();
      if (next == nullptr) break;
      next->ReadRow(buffer_, count++);
    }
    return count == 0 ? nullptr : &buffer_.Finish(count);
  }

  OperatorPtr child_;
  KeyEncoder encoder_;
  const size_t presorted_;
  const Chunk* input_ = nullptr;  // rows from input_from_ on are not taken yet
  size_t input_from_ = 0;
  bool input_ended_ = false;
  std::string presorted_key_;  // of the last row looked at
  std::vector<uint16_t> taken_;
  std::optional<ScalarEvaluator> limit_;
  std::optional<ScalarEvaluator> offset_;
  RowStore rows_;
  RowStore kept_rows_;
  std::vector<std::string> kept_keys_;
  base::Arena keys_{4096};
  std::vector<Entry> entries_;
  std::string key_;
  types::ChunkBuffer buffer_;
  std::vector<RowFilePtr> runs_;
  std::optional<RowFileMerge> merge_;
  bool sorted_ = false;
  size_t next_ = 0;
  size_t wanted_ = 0;
};

}  // namespace

OperatorPtr MakeSort(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<SortOperator>(node.As<PhysicalSort>(), context);
}

}  // namespace sundog::exec
