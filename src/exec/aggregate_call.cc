#include "exec/aggregate_call.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "exec/ordered_sort.h"
#include "functions/implementations.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

using binder::BoundAggregate;

namespace {

const functions::AggregateImplementation* FindImplementation(const BoundAggregate& node) {
  const functions::FunctionImplementation* found = node.proc->implementation;
  if (found == nullptr || found->aggregate == nullptr) {
    base::ThrowNotSupported(fmt::format("aggregate {}", functions::ProcSignature(*node.proc)),
                            node.location);
  }
  return found->aggregate;
}

bool IsOrderedSet(const BoundAggregate& node) {
  const functions::AggregateInfo* info =
      functions::BuiltinProcs::Get().FindAggregate(node.proc->oid);
  return info != nullptr && info->kind != 'n';
}

// Direct arguments, then the arguments proper (of ordered-set aggregates the sorted expressions).
std::vector<const binder::BoundExpression*> Arguments(const BoundAggregate& node) {
  std::vector<const binder::BoundExpression*> arguments;
  for (const auto& argument : node.direct_arguments) arguments.push_back(argument.get());
  if (IsOrderedSet(node)) {
    for (const auto& key : node.order_by) arguments.push_back(key.expression.get());
  } else {
    for (const auto& argument : node.arguments) arguments.push_back(argument.get());
  }
  return arguments;
}

std::vector<SqlType> TypesOf(const std::vector<const binder::BoundExpression*>& expressions) {
  std::vector<SqlType> types;
  for (const auto* expression : expressions) types.push_back(expression->type);
  return types;
}

std::vector<planner::PhysicalSortKey> SortKeys(const BoundAggregate& node) {
  std::vector<planner::PhysicalSortKey> keys;
  for (const auto& key : node.order_by) {
    keys.push_back({key.expression->Clone(), key.descending, key.nulls_first});
  }
  return keys;
}

}  // namespace

AggregateCall::AggregateCall(const BoundAggregate& node, ExecutionContext& context,
                             base::Arena& arena)
    : context_(context),
      implementation_(FindImplementation(node)),
      call_(context.environment, TypesOf(Arguments(node)), node.type, node.collation),
      distinct_(node.distinct),
      holds_(node.distinct || !node.order_by.empty()) {
  call_.set_arena(&arena);
  std::vector<types::PhysicalKind> kinds;
  for (const binder::BoundExpression* argument : Arguments(node)) {
    arguments_.push_back(MakeEvaluator(*argument, context));
    kinds.push_back(context.KindOf(argument->type));
  }
  values_.resize(arguments_.size());
  if (node.filter != nullptr) {
    conjuncts_.push_back(node.filter->Clone());
    filter_.emplace(conjuncts_, context);
  }
  if (IsOrderedSet(node)) {
    std::vector<functions::SortDirection> directions;
    for (const auto& key : node.order_by) directions.push_back({key.descending, key.nulls_first});
    call_.set_within_group(std::move(directions));
  }
  if (!holds_) return;
  rows_.emplace(kinds, context.memory);
  sort_keys_ = SortKeys(node);
  order_.emplace(sort_keys_, context);
  if (distinct_) distinct_keys_.emplace(node.arguments, context);
}

RowSet AggregateCall::Filtered(const Chunk& input, RowSet rows) {
  return filter_.has_value() ? filter_->Apply(input, rows) : rows;
}

void AggregateCall::EvaluateArguments(const Chunk& input, RowSet rows) {
  for (size_t i = 0; i < arguments_.size(); ++i) {
    values_[i] = &arguments_[i]->Evaluate(input, rows);
  }
}

void AggregateCall::Update(const Chunk& input, RowSet rows, void* const* states,
                           const uint32_t* groups) {
  rows = Filtered(input, rows);
  if (rows.empty()) return;
  if (holds_) return Hold(input, rows, groups);
  EvaluateArguments(input, rows);
  implementation_->update(call_, states, values_, rows);
}

void AggregateCall::UpdateOne(const Chunk& input, RowSet rows, void* state) {
  rows = Filtered(input, rows);
  if (rows.empty()) return;
  if (holds_) return Hold(input, rows, nullptr);
  EvaluateArguments(input, rows);
  implementation_->update_one(call_, state, values_, rows);
}

void AggregateCall::Hold(const Chunk& input, RowSet rows, const uint32_t* groups) {
  EvaluateArguments(input, rows);
  order_->Evaluate(input, rows);
  if (distinct_keys_.has_value()) distinct_keys_->Evaluate(input, rows);
  uint32_t next = static_cast<uint32_t>(rows_->row_count());
  rows.ForEach([&](size_t row) {
    key_.clear();
    order_->Append(row, key_);
    if (distinct_keys_.has_value()) distinct_keys_->Append(row, key_);
    held_.push_back({groups != nullptr ? groups[row] : 0, next++, keys_.Copy(key_)});
  });
  rows_->Append(values_, rows);
  Count();
  if (context_.memory.ShouldSpill(counted_bytes_ + rows_->used_bytes())) Spill();
}

void AggregateCall::Count() {
  size_t now = keys_.allocated_bytes() + held_.capacity() * sizeof(Held);
  context_.memory.Add(now - counted_bytes_);
  counted_bytes_ = now;
  context_.memory.Check();
}

void AggregateCall::ForgetHeld() {
  held_ = {};
  if (rows_.has_value()) rows_->Clear();
  keys_.Reset();
  context_.memory.Subtract(counted_bytes_);
  counted_bytes_ = 0;
}

void AggregateCall::Forget() {
  ForgetHeld();
  files_.clear();
}

void AggregateCall::Spill() {
  SortHeld();
  auto file = std::make_unique<RowFile>(context_.temporary_folder, rows_->kinds());
  for (const Held& held : held_) {
    key_.clear();
    base::AppendBigEndian(key_, held.group);
    key_ += held.key;
    file->Write(key_, rows_->chunk(held.row / types::kVectorSize).columns,
                held.row % types::kVectorSize);
  }
  file->Rewind();
  files_.push_back(std::move(file));
  LimitFiles(files_, context_.temporary_folder);
  ForgetHeld();
}

void AggregateCall::FinishInput(const std::function<void*(uint32_t)>& state_of) {
  if (!holds_) return;
  if (!files_.empty()) {
    Spill();
    return FeedFromFiles(state_of);
  }
  SortHeld();
  for (size_t begin = 0; begin < held_.size();) {
    size_t end = begin;
    while (end < held_.size() && held_[end].group == held_[begin].group) ++end;
    FeedHeld(begin, end, state_of(held_[begin].group));
    begin = end;
  }
}

void AggregateCall::FeedFromFiles(const std::function<void*(uint32_t)>& state_of) {
  types::ChunkBuffer buffer(rows_->kinds());
  uint32_t group = 0;
  size_t count = 0;
  auto flush = [&] {
    runtime::CheckInterrupts();
    if (count > 0) {
      implementation_->update_one(call_, state_of(group), buffer.Finish(count).columns,
                                  RowSet(count));
    }
    buffer.Reset();
    count = 0;
  };
  bool first = true;
  RowFileMerge merge(files_);
  while (const RowFile* next = merge.Next()) {
    if (distinct_ && !first && next->key() == key_) continue;
    first = false;
    key_ = next->key();
    uint32_t of_group = base::LoadBigEndian<uint32_t>(key_.data());
    if (of_group != group || buffer.IsFull(count)) flush();
    group = of_group;
    next->ReadRow(buffer, count++);
  }
  flush();
}

void AggregateCall::SortHeld() {
  std::sort(held_.begin(), held_.end(), [](const Held& a, const Held& b) {
    return a.group != b.group ? a.group < b.group : a.row < b.row;
  });
  std::span<Held> rest(held_);
  while (!rest.empty()) {
    size_t size = 1;
    while (size < rest.size() && rest[size].group == rest[0].group) ++size;
    SortLikePostgres(
        rest.first(size), [](const Held& a, const Held& b) { return a.key.compare(b.key); },
        [](const Held& held) { return held.row; });
    rest = rest.subspan(size);
  }
  if (!distinct_) return;
  auto same = [](const Held& a, const Held& b) { return a.group == b.group && a.key == b.key; };
  held_.erase(std::unique(held_.begin(), held_.end(), same), held_.end());
}

void AggregateCall::FeedHeld(size_t begin, size_t end, void* state) {
  types::ChunkBuffer buffer(rows_->kinds());
  std::vector<const Vector*> columns;
  for (size_t i = 0; i < buffer.column_count(); ++i) columns.push_back(&buffer.column(i));
  while (begin < end) {
    runtime::CheckInterrupts();
    size_t count = std::min(end - begin, types::kVectorSize);
    buffer.Reset();
    for (size_t i = 0; i < buffer.column_count(); ++i) {
      for (size_t k = 0; k < count; ++k) {
        rows_->Fetch(held_[begin + k].row, i, buffer.column(i), k);
      }
    }
    implementation_->update_one(call_, state, columns, RowSet(count));
    begin += count;
  }
}

}  // namespace sundog::exec
