#include "exec/window_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/sql_error.h"
#include "functions/implementations.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

namespace {

class RankingCall : public WindowCall {
 public:
  void StartPartition(const WindowRows& rows) override { rows_ = &rows; }

 protected:
  size_t FirstPeer(size_t position) const { return rows_->GroupBegin(rows_->GroupOf(position)); }
  const WindowRows* rows_ = nullptr;
};

class RowNumber : public RankingCall {
  Datum Compute(size_t position, FrameFinder&) override {
    return Datum::From(static_cast<int64_t>(position + 1));
  }
};

class Rank : public RankingCall {
  Datum Compute(size_t position, FrameFinder&) override {
    return Datum::From(static_cast<int64_t>(FirstPeer(position) + 1));
  }
};

class DenseRank : public RankingCall {
  Datum Compute(size_t position, FrameFinder&) override {
    return Datum::From(static_cast<int64_t>(rows_->GroupOf(position) + 1));
  }
};

class PercentRank : public RankingCall {
  Datum Compute(size_t position, FrameFinder&) override {
    if (rows_->size() <= 1) return Datum::From(0.0);
    return Datum::From(static_cast<double>(FirstPeer(position)) /
                       static_cast<double>(rows_->size() - 1));
  }
};

class CumeDist : public RankingCall {
  Datum Compute(size_t position, FrameFinder&) override {
    return Datum::From(static_cast<double>(rows_->GroupEnd(rows_->GroupOf(position))) /
                       static_cast<double>(rows_->size()));
  }
};

class Ntile : public RankingCall {
 public:
  explicit Ntile(size_t index) : index_(index) {}
  Datum Compute(size_t position, FrameFinder&) override {
    // The bucket count is that of the partition's first row, as in PostgreSQL.
    Datum buckets = rows_->Argument(index_, 0, 0);
    if (buckets.is_null()) return Datum();
    int64_t count = buckets.As<int32_t>();
    if (count <= 0) {
      throw SqlError(sqlstate::kInvalidArgumentForNtile,
                     "argument of ntile must be greater than zero");
    }
    int64_t size = static_cast<int64_t>(rows_->size());
    int64_t small = size / count;
    int64_t larger = size % count;  // this many buckets have one row more
    int64_t at = static_cast<int64_t>(position);
    int64_t in_larger = larger * (small + 1);
    int64_t bucket = at < in_larger ? at / (small + 1) : larger + (at - in_larger) / small;
    return Datum::From(static_cast<int32_t>(bucket + 1));
  }

 private:
  size_t index_;
};

// lag and lead, with offset and default.
class Shifted : public RankingCall {
 public:
  Shifted(size_t index, int direction, size_t argument_count)
      : index_(index), direction_(direction), argument_count_(argument_count) {}
  Datum Compute(size_t position, FrameFinder&) override {
    int64_t offset = 1;
    if (argument_count_ > 1) {
      Datum given = rows_->Argument(index_, 1, position);
      if (given.is_null()) return Datum();
      offset = given.As<int32_t>();
    }
    int64_t at = static_cast<int64_t>(position) + direction_ * offset;
    if (at >= 0 && at < static_cast<int64_t>(rows_->size())) {
      return rows_->Argument(index_, 0, static_cast<size_t>(at));
    }
    return argument_count_ > 2 ? rows_->Argument(index_, 2, position) : Datum();
  }

 private:
  size_t index_;
  int direction_;
  size_t argument_count_;
};

// first_value, last_value, nth_value.
class FrameValue : public RankingCall {
 public:
  enum class Which { kFirst, kLast, kNth };
  FrameValue(size_t index, Which which) : index_(index), which_(which) {}
  Datum Compute(size_t position, FrameFinder& frames) override {
    int64_t nth = 1;
    if (which_ == Which::kNth) {
      Datum given = rows_->Argument(index_, 1, position);
      if (given.is_null()) return Datum();
      nth = given.As<int32_t>();
      if (nth <= 0) {
        throw SqlError(sqlstate::kInvalidArgumentForNthValue,
                       "argument of nth_value must be greater than zero");
      }
    }
    Frame parts[3];
    int count = frames.Parts(position, frames.Find(position), parts);
    if (which_ == Which::kLast) {
      for (int i = count - 1; i >= 0; --i) {
        if (parts[i].begin < parts[i].end) {
          return rows_->Argument(index_, 0, parts[i].end - 1);
        }
      }
      return Datum();
    }
    for (int i = 0; i < count; ++i) {
      int64_t size = static_cast<int64_t>(parts[i].end - parts[i].begin);
      if (nth <= size) return rows_->Argument(index_, 0, parts[i].begin + nth - 1);
      nth -= size;
    }
    return Datum();
  }

 private:
  size_t index_;
  Which which_;
};

// An aggregate over the frame. A frame that only grows adds to one state; one whose beginning moves
// takes rows back where the aggregate can, or starts over.
class FrameAggregate : public WindowCall {
 public:
  FrameAggregate(const binder::BoundWindow& node, size_t index, ExecutionContext& context)
      : implementation_(node.proc->implementation->aggregate),
        index_(index),
        filtered_(node.filter != nullptr),
        call_(context.environment, TypesOf(node), node.type, node.collation),
        state_(new char[implementation_->state_bytes + 16]),
        out_(context.KindOf(node.type), 2),
        buffer_(KindsOf(node, context)) {
    call_.set_arena(&arena_);
    for (size_t i = 0; i < buffer_.column_count(); ++i) columns_.push_back(&buffer_.column(i));
  }
  ~FrameAggregate() override { Drop(); }

  void StartPartition(const WindowRows& rows) override {
    rows_ = &rows;
    Restart();
    computed_ = false;
  }

  Datum Compute(size_t position, FrameFinder& frames) override {
    Frame frame = frames.Find(position);
    if (frames.excludes()) {
      Frame parts[3];
      int count = frames.Parts(position, frame, parts);
      Restart();
      for (int i = 0; i < count; ++i) Feed(parts[i].begin, parts[i].end, /*add=*/true);
      return Result();
    }
    if (computed_ && frame.begin == frame_.begin && frame.end == frame_.end) return result_;
    MoveTo(frame);
    frame_ = frame;
    computed_ = true;
    result_ = Result();
    return result_;
  }

 private:
  static std::vector<SqlType> TypesOf(const binder::BoundWindow& node) {
    std::vector<SqlType> types;
    for (const auto& argument : node.arguments) types.push_back(argument->type);
    return types;
  }
  static std::vector<types::PhysicalKind> KindsOf(const binder::BoundWindow& node,
                                                  const ExecutionContext& context) {
    std::vector<types::PhysicalKind> kinds;
    for (const auto& argument : node.arguments) kinds.push_back(context.KindOf(argument->type));
    return kinds;
  }

  void* state() {
    return reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(state_.get()) + 15) &
                                   ~uintptr_t{15});
  }

  void Drop() {
    if (live_ && implementation_->destroy != nullptr) implementation_->destroy(state());
    live_ = false;
  }

  void Restart() {
    Drop();
    arena_.Reset();
    implementation_->initialize(call_, state());
    live_ = true;
    fed_ = {0, 0};
  }

  void MoveTo(const Frame& frame) {
    bool overlaps = frame.begin >= fed_.begin && frame.begin <= fed_.end && frame.end >= fed_.end;
    bool retract = frame.begin > fed_.begin;
    if (!overlaps || (retract && implementation_->retract_one == nullptr)) {
      Restart();
      fed_ = {frame.begin, frame.begin};
    } else if (retract) {
      Feed(fed_.begin, frame.begin, /*add=*/false);
      fed_.begin = frame.begin;
    }
    Feed(fed_.end, frame.end, /*add=*/true);
    fed_.end = frame.end;
  }

  void Feed(size_t begin, size_t end, bool add) {
    size_t argument_count = columns_.size();
    while (begin < end) {
      runtime::CheckInterrupts();
      buffer_.Reset();
      size_t count = 0;
      for (; begin < end && count < types::kVectorSize; ++begin) {
        if (filtered_) {
          Datum pass = rows_->Argument(index_, argument_count, begin);
          if (pass.is_null() || !pass.As<bool>()) continue;
        }
        for (size_t i = 0; i < argument_count; ++i) {
          buffer_.column(i).SetDatum(count, rows_->Argument(index_, i, begin));
        }
        ++count;
      }
      if (count == 0) continue;
      auto feed = add ? implementation_->update_one : implementation_->retract_one;
      feed(call_, state(), columns_, RowSet(count));
    }
  }

  // Lives until the next one is computed.
  Datum Result() {
    out_.Reset();
    result_bytes_.Reset();
    implementation_->finalize(call_, state(), out_, 0);
    return out_.DatumAt(0).CopyTo(result_bytes_, out_.kind());
  }

  const functions::AggregateImplementation* implementation_;
  size_t index_;
  bool filtered_;
  functions::CallContext call_;
  std::unique_ptr<char[]> state_;
  Vector out_;
  types::ChunkBuffer buffer_;
  std::vector<const Vector*> columns_;
  base::Arena arena_;
  const WindowRows* rows_ = nullptr;
  bool live_ = false;
  Frame fed_;
  Frame frame_;
  bool computed_ = false;
  base::Arena result_bytes_;
  Datum result_;
};

}  // namespace

std::unique_ptr<WindowCall> MakeWindowCall(const binder::BoundWindow& node, size_t index,
                                           ExecutionContext& context) {
  if (node.proc->kind == 'a') {
    if (node.proc->implementation == nullptr ||
        node.proc->implementation->aggregate == nullptr) {
      base::ThrowNotSupported(fmt::format("aggregate {}", functions::ProcSignature(*node.proc)),
                              node.location);
    }
    return std::make_unique<FrameAggregate>(node, index, context);
  }
  const std::string& symbol = node.proc->source;
  size_t arguments = node.arguments.size();
  if (symbol == "window_row_number") return std::make_unique<RowNumber>();
  if (symbol == "window_rank") return std::make_unique<Rank>();
  if (symbol == "window_dense_rank") return std::make_unique<DenseRank>();
  if (symbol == "window_percent_rank") return std::make_unique<PercentRank>();
  if (symbol == "window_cume_dist") return std::make_unique<CumeDist>();
  if (symbol == "window_ntile") return std::make_unique<Ntile>(index);
  if (symbol.starts_with("window_lag")) return std::make_unique<Shifted>(index, -1, arguments);
  if (symbol.starts_with("window_lead")) return std::make_unique<Shifted>(index, 1, arguments);
  using Which = FrameValue::Which;
  if (symbol == "window_first_value") return std::make_unique<FrameValue>(index, Which::kFirst);
  if (symbol == "window_last_value") return std::make_unique<FrameValue>(index, Which::kLast);
  if (symbol == "window_nth_value") return std::make_unique<FrameValue>(index, Which::kNth);
  base::ThrowNotSupported(fmt::format("window function {}", node.proc->name), node.location);
}

}  // namespace sundog::exec
