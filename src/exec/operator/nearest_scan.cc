// ORDER BY distance LIMIT through an index of vectors: rows, nearest first.
//
// 1. The probe is computed. An index's source gives candidates in batches, nearest first.
// 2. The rows of a batch are looked up in the transaction's view and filtered. A candidate counts
//    if its row has the distance that the source told: those of deleted and changed rows do not.
//    Where the source is certain and rows' keys have all that is wanted, no row is looked up.
// 3. When as many rows have been found as are wanted, they are sorted and handed up. Who wants more
//    gets more; what is found then and is nearer than what was handed up is dropped, so that the
//    order holds.
// 4. When the source has no more, or so many candidates were not enough that reading on would take
//    longer than reading the table, the table is read, exactly: rows without a vector, too, are
//    found that way, and of rows that exist as many as are wanted.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_set>

#include "catalog/statement_services.h"
#include "codec/key_space.h"
#include "exec/expression/evaluator.h"
#include "exec/operator/nearest_source.h"
#include "exec/operator/operators.h"
#include "exec/operator/scan_columns.h"
#include "exec/row_store.h"
#include "planner/explain.h"
#include "runtime/interrupt.h"
#include "storage/entry_decoder.h"
#include "storage/table_reader.h"
#include "types/vector_distance.h"

namespace sundog::exec {

using planner::PhysicalTableScan;

namespace {

// How many rows are looked for where nobody says how many are wanted.
constexpr size_t kFirstRows = 40;
constexpr size_t kLeastExactRows = 1024;
// What a row key takes in a hash table.
constexpr size_t kKeyBytes = 80;
// Whoever wants more gets so many times as much.
constexpr size_t kGrowth = 4;

// In the order that ORDER BY has: numbers, then NaN, then null.
struct Place {
  enum class Kind : uint8_t { kNumber, kNotANumber, kNull };
  Kind kind = Kind::kNumber;
  double distance = 0;

  static Place Of(const Vector& distances, size_t row) {
    if (distances.IsNull(row)) return {Kind::kNull, 0};
    double distance = distances.At<double>(row);
    return std::isnan(distance) ? Place{Kind::kNotANumber, 0} : Place{Kind::kNumber, distance};
  }
  friend bool operator<(const Place& a, const Place& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.distance < b.distance;
  }
};

struct FoundRow {
  Place place;
  std::string row_key;
  size_t stored = 0;  // which row of the store

  friend bool operator<(const FoundRow& a, const FoundRow& b) {
    if (a.place < b.place) return true;
    return !(b.place < a.place) && a.row_key < b.row_key;
  }
};

size_t SettingOf(ExecutionContext& context, std::string_view name, size_t fallback) {
  std::optional<std::string> text = context.environment.services->GetSetting(name);
  size_t value = fallback;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return std::max(value, size_t{1});
}

// A candidate's row, as far as its key goes.
class KeyColumns {
 public:
  // Columns that keys do not have are null: the plan says that nobody reads them.
  KeyColumns(const PhysicalTableScan& node, const storage::TableLayout& layout) {
    std::vector<int16_t> attnums;
    std::vector<types::PhysicalKind> kinds;
    for (size_t i = 0; i < node.attnums.size(); ++i) {
      if (!layout.RowKeyHas(node.attnums[i])) continue;
      attnums.push_back(node.attnums[i]);
      kinds.push_back(node.kinds[i]);
    }
    decoder_.emplace(layout, layout.rows(), attnums);
    buffer_ = std::make_unique<types::ChunkBuffer>(kinds);
    size_t next = 0;
    for (size_t i = 0; i < node.attnums.size(); ++i) {
      if (layout.RowKeyHas(node.attnums[i])) {
        chunk_.columns.push_back(&buffer_->column(next++));
        continue;
      }
      unread_.push_back(std::make_unique<Vector>(node.kinds[i], 1));
      unread_.back()->SetConstant(Datum());
      chunk_.columns.push_back(unread_.back().get());
    }
  }

  // At most types::kVectorSize; valid until the next call.
  const Chunk& Decode(std::span<const vectors::Candidate> candidates) {
    keys_.clear();
    for (const vectors::Candidate& candidate : candidates) {
      keys_.append(codec::kKeyPrefixBytes, '\0').append(candidate.row_key);
    }
    entries_.clear();
    std::string_view rest = keys_;
    for (const vectors::Candidate& candidate : candidates) {
      size_t size = codec::kKeyPrefixBytes + candidate.row_key.size();
      entries_.push_back({rest.substr(0, size), {}});
      rest.remove_prefix(size);
    }
    buffer_->Reset();
    decoder_->Decode(entries_, *buffer_, 0);
    buffer_->Finish(entries_.size());
    chunk_.rows = RowSet(entries_.size());
    return chunk_;
  }

 private:
  std::optional<storage::EntryDecoder> decoder_;
  std::unique_ptr<types::ChunkBuffer> buffer_;
  std::vector<std::unique_ptr<Vector>> unread_;
  Chunk chunk_;
  std::string keys_;
  std::vector<kv::Entry> entries_;
};

class NearestScanOperator : public Operator {
 public:
  NearestScanOperator(const PhysicalTableScan& node, ExecutionContext& context)
      : Operator(context),
        node_(node),
        nearest_(*node.path.nearest),
        layout_(context.layouts->LayoutOf(node.table)),
        index_(*layout_->FindIndex(node.path.index)),
        probe_(*nearest_.probe, context),
        entry_distances_(index_, *nearest_.entry_distance, context),
        distance_(MakeEvaluator(*nearest_.distance, context)),
        filter_(node.conjuncts, context),
        columns_(node, types::kVectorSize, /*row_key=*/true),
        lookup_(layout_, columns_.stored()),
        rows_(node.kinds, context.memory),
        out_(node.kinds) {
    if (node.path.index_only) key_columns_.emplace(node, *layout_);
  }
  ~NearestScanOperator() override { Forget(); }

  void Open() override {
    columns_.CheckKnown();
    Forget();
    started_ = false;
    wanted_ = kFirstRows;
  }

  const Chunk* Next() override {
    if (!started_) Start();
    while (!exact_) {
      if (next_ < ready_) return HandUpFound();
      if (!Gather()) StartExact();
    }
    return NextExact();
  }

  void Close() override { Forget(); }
  void SetRowGoal(size_t rows) override { wanted_ = std::max(rows, size_t{1}); }

 private:
  void Forget() {
    ForgetSource();
    rows_.Clear();
    found_.clear();
    accepted_.clear();
    handed_up_.clear();
    scan_.reset();
    next_ = ready_ = 0;
    looked_at_ = 0;
    last_.reset();
    exact_ = false;
    exact_complete_ = false;
    context_.memory.Subtract(counted_bytes_);
    counted_bytes_ = 0;
  }

  void ForgetSource() {
    source_ = {};
    entry_distances_.Forget();
  }

  // --- candidates ---

  void Start() {
    started_ = true;
    Datum probe = probe_.Evaluate();
    Datum& slot = context_.outer_slots[static_cast<size_t>(nearest_.slot)];
    if (probe.is_null()) {
      slot = Datum();
      return StartExact();
    }
    probe_bytes_ = probe.As<std::string_view>();
    slot = Datum::From(std::string_view(probe_bytes_));
    // Where it does not fit, the distances say so.
    int32_t dimensions = index_.vector_type().typmod;
    if (dimensions > 0 &&
        types::VectorDimensions(index_.vector_element(), probe_bytes_) != dimensions) {
      return StartExact();
    }
    patience_ = static_cast<size_t>(nearest_.patience);
    source_ = MakeSource();
  }

  NearestSource MakeSource() {
    if (index_.has_lists()) {
      size_t probes = SettingOf(context_, "ivfflat.probes", 1);
      size_t most_probes = SettingOf(context_, "ivfflat.max_probes", 32768);
      return MakeListSource(index_, entry_distances_, context_.view, probe_bytes_, probes,
                            most_probes, MostCandidates());
    }
    patience_ = std::min(patience_, SettingOf(context_, "hnsw.max_scan_tuples", 20000));
    size_t ef_search = SettingOf(context_, "hnsw.ef_search", 40);
    NearestSource graph = MakeGraphSource(*layout_, index_, entry_distances_, context_,
                                          probe_bytes_, ef_search);
    if (graph.search != nullptr) return graph;
    return MakeWholeIndexSource(index_, entry_distances_, context_.view, MostCandidates());
  }

  // How many Gather() can come to ask for.
  size_t MostCandidates() const { return patience_ + types::kVectorSize; }

  // Looks for as many rows as are wanted beyond those handed up. False: the source has not so many.
  bool Gather() {
    if (last_) wanted_ *= kGrowth;
    while (found_.size() - next_ < wanted_) {
      if (looked_at_ > patience_) return false;
      size_t missing = wanted_ - (found_.size() - next_);
      // Where few of them count, as many as so far: else a filter makes for many small batches.
      size_t asked = std::clamp(std::max(missing, looked_at_), size_t{1}, types::kVectorSize);
      std::span<const vectors::Candidate> batch = source_.search->Next(asked);
      if (batch.empty() && source_.search->finished()) return false;
      looked_at_ += batch.size();
      runtime::CheckInterrupts();
      for (size_t i = 0; i < batch.size(); i += types::kVectorSize) {
        Take(batch.subspan(i, std::min(types::kVectorSize, batch.size() - i)));
      }
      CountMemory();
    }
    std::sort(found_.begin() + static_cast<ptrdiff_t>(next_), found_.end());
    ready_ = next_ + wanted_;
    return true;
  }

  void Take(std::span<const vectors::Candidate> candidates) {
    if (source_.certain && key_columns_) {
      TakeKeys(candidates);
    } else {
      TakeRows(candidates);
    }
  }

  // Keeps the candidates whose rows are what the source takes them for.
  void TakeRows(std::span<const vectors::Candidate> candidates) {
    keys_.clear();
    for (const vectors::Candidate& candidate : candidates) keys_.push_back(candidate.row_key);
    columns_.buffer().Reset();
    size_t count =
        lookup_.ByRowKeys(context_.view, keys_, columns_.buffer(), &positions_);
    RowSet rows = Filtered(columns_.chunk(), count);
    if (rows.empty()) return;
    const Vector& distances = distance_->Evaluate(columns_.chunk(), rows);
    kept_.clear();
    rows.ForEach([&](size_t row) {
      const vectors::Candidate& candidate = candidates[positions_[row]];
      Place place = Place::Of(distances, row);
      if (place.kind != Place::Kind::kNumber || place.distance != candidate.distance) return;
      Keep(candidate, row);
    });
    rows_.Append(columns_.chunk().columns, RowSet(kept_.data(), kept_.size()));
  }

  void TakeKeys(std::span<const vectors::Candidate> candidates) {
    const Chunk& chunk = key_columns_->Decode(candidates);
    kept_.clear();
    Filtered(chunk, candidates.size()).ForEach([&](size_t row) { Keep(candidates[row], row); });
    rows_.Append(chunk.columns, RowSet(kept_.data(), kept_.size()));
  }

  void Keep(const vectors::Candidate& candidate, size_t row) {
    Place place{Place::Kind::kNumber, candidate.distance};
    if (last_ && place < *last_) return;
    if (!accepted_.insert(candidate.row_key).second) return;
    found_.push_back({place, candidate.row_key, rows_.row_count() + kept_.size()});
    kept_.push_back(static_cast<uint16_t>(row));
  }

  RowSet Filtered(const Chunk& chunk, size_t count) {
    RowSet rows(count);
    if (!filter_.empty()) rows = filter_.Apply(chunk, rows);
    if (context_.actuals != nullptr) {
      (*context_.actuals)[&node_].removed_rows += static_cast<int64_t>(count - rows.count());
    }
    return rows;
  }

  const Chunk* HandUpFound() {
    size_t count = std::min(ready_ - next_, types::kVectorSize);
    out_.Reset();
    for (size_t i = 0; i < rows_.column_count(); ++i) {
      for (size_t k = 0; k < count; ++k) {
        rows_.Fetch(found_[next_ + k].stored, i, out_.column(i), k);
      }
    }
    for (size_t k = 0; k < count; ++k) handed_up_.insert(found_[next_ + k].row_key);
    next_ += count;
    last_ = found_[next_ - 1].place;
    return &out_.Finish(count);
  }

  // --- the table itself ---

  // What was found and not handed up is found again.
  void StartExact() {
    ForgetSource();
    accepted_.clear();
    rows_.Clear();
    exact_ = true;
    ReadTable();
  }

  const Chunk* NextExact() {
    while (true) {
      if (next_ == found_.size()) {
        if (exact_complete_) return nullptr;
        wanted_ *= kGrowth;
        ReadTable();
        if (found_.empty()) return nullptr;
      }
      size_t count = std::min(found_.size() - next_, types::kVectorSize);
      keys_.clear();
      for (size_t k = 0; k < count; ++k) keys_.push_back(found_[next_ + k].row_key);
      columns_.buffer().Reset();
      size_t rows = lookup_.ByRowKeys(context_.view, keys_, columns_.buffer(), nullptr);
      CHECK_EQ(rows, count);
      for (size_t k = 0; k < count; ++k) handed_up_.insert(found_[next_ + k].row_key);
      next_ += count;
      last_ = found_[next_ - 1].place;
      columns_.chunk().rows = RowSet(count);
      return &columns_.chunk();
    }
  }

  // The nearest rows that were not handed up yet, nor are nearer than those that were.
  void ReadTable() {
    found_.clear();
    next_ = 0;
    exact_complete_ = true;
    size_t most = std::max(wanted_, kLeastExactRows);
    if (!scan_) scan_.emplace(layout_, storage::ScanSpec{.attnums = columns_.stored()});
    scan_->OpenAll(context_.view);
    while (true) {
      runtime::CheckInterrupts();
      columns_.buffer().Reset();
      size_t count = scan_->Next(columns_.buffer());
      if (count == 0) break;
      Collect(Filtered(columns_.chunk(), count), most);
      CountMemory();
    }
    scan_->Close();
    std::sort_heap(found_.begin(), found_.end());
  }

  // found_ is a heap with the farthest row on top.
  void Collect(RowSet rows, size_t most) {
    if (rows.empty()) return;
    const Vector& distances = distance_->Evaluate(columns_.chunk(), rows);
    rows.ForEach([&](size_t row) {
      Place place = Place::Of(distances, row);
      if (last_ && place < *last_) return;
      bool full = found_.size() == most;
      if (full && found_.front().place < place) {
        exact_complete_ = false;
        return;
      }
      std::string row_key(columns_.RowKey(row));
      if (handed_up_.contains(row_key)) return;
      found_.push_back({place, std::move(row_key), 0});
      std::push_heap(found_.begin(), found_.end());
      if (!full) return;
      exact_complete_ = false;
      std::pop_heap(found_.begin(), found_.end());
      found_.pop_back();
    });
  }

  void CountMemory() {
    size_t bytes = found_.capacity() * sizeof(FoundRow) +
                   (accepted_.size() + handed_up_.size()) * kKeyBytes;
    if (bytes <= counted_bytes_) return;
    context_.memory.Add(bytes - counted_bytes_);
    counted_bytes_ = bytes;
    context_.memory.Check();
  }

  const PhysicalTableScan& node_;
  const planner::NearestOrder& nearest_;
  storage::TableLayoutPtr layout_;
  const storage::IndexLayout& index_;
  ScalarEvaluator probe_;
  std::string probe_bytes_;
  EntryDistances entry_distances_;
  EvaluatorPtr distance_;
  Filter filter_;
  ScanColumns columns_;
  std::optional<KeyColumns> key_columns_;  // if no more is wanted
  storage::RowLookup lookup_;
  std::optional<storage::TableScan> scan_;
  NearestSource source_;

  bool started_ = false;
  size_t wanted_ = kFirstRows;  // at once
  size_t patience_ = 0;
  size_t looked_at_ = 0;
  RowStore rows_;                             // of found_, while the source gives them
  std::vector<FoundRow> found_;               // up to next_ handed up, up to ready_ sorted
  std::unordered_set<std::string> accepted_;  // keys in found_
  std::unordered_set<std::string> handed_up_;
  size_t next_ = 0;
  size_t ready_ = 0;
  std::optional<Place> last_;  // of what was handed up
  bool exact_ = false;
  bool exact_complete_ = false;  // found_ has all there are
  size_t counted_bytes_ = 0;

  std::vector<std::string_view> keys_;
  std::vector<uint32_t> positions_;
  std::vector<uint16_t> kept_;
  types::ChunkBuffer out_;
};

}  // namespace

OperatorPtr MakeNearestScan(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<NearestScanOperator>(node.As<PhysicalTableScan>(), context);
}

}  // namespace sundog::exec
