// Candidates of an hnsw index: the graph's, which are of entries committed at the snapshot's
// version, with those of the transaction's own entries put in between.
#include <algorithm>
#include <limits>

#include "exec/index_graph.h"
#include "exec/operator/nearest_source.h"
#include "vectors/graphs.h"

namespace sundog::exec {

namespace {

using vectors::Candidate;

class GraphSource final : public vectors::NearestSearch {
 public:
  // `own`: nearest first.
  GraphSource(std::unique_ptr<vectors::NearestSearch> graph, std::vector<Candidate> own)
      : graph_(std::move(graph)), own_(std::move(own)) {}

  std::span<const Candidate> Next(size_t wanted) override {
    std::span<const Candidate> found = graph_->Next(wanted);
    if (next_own_ == own_.size()) return found;
    auto nearer = [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; };
    auto first = own_.begin() + static_cast<ptrdiff_t>(next_own_);
    // At the end of the graph all of them; before it those that are no farther than what it found.
    auto end = own_.end();
    if (!found.empty()) {
      end = std::upper_bound(first, own_.end(), found.back(), nearer);
    } else if (!graph_->finished()) {
      end = first;
    }
    if (first == end) return found;
    merged_.clear();
    std::merge(found.begin(), found.end(), first, end, std::back_inserter(merged_), nearer);
    next_own_ = static_cast<size_t>(end - own_.begin());
    return merged_;
  }

  bool finished() const override { return graph_->finished() && next_own_ == own_.size(); }

 private:
  std::unique_ptr<vectors::NearestSearch> graph_;
  std::vector<Candidate> own_;
  size_t next_own_ = 0;
  std::vector<Candidate> merged_;
};

}  // namespace

NearestSource MakeGraphSource(const storage::TableLayout& layout,
                              const storage::IndexLayout& index, EntryDistances& distances,
                              ExecutionContext& context, std::string_view probe,
                              size_t ef_search) {
  if (context.graphs == nullptr) return {};
  const txn::ReadView& view = context.view;
  auto graph = context.graphs->Search(GraphKeyOf(layout, index), GraphOptionsOf(index),
                                      view.version(), probe, ef_search);
  if (graph == nullptr) return {};
  // Any entry could be among the nearest.
  view.NoteRead(index.WholeRange());
  if (!view.HasOwnWrites(index.WholeRange())) return {std::move(graph), /*certain=*/true};
  std::vector<Candidate> own;
  distances.Read(*view.ScanOwnWrites(index.WholeRange()), std::numeric_limits<size_t>::max(), own);
  std::sort(own.begin(), own.end(),
            [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
  // What the graph finds may have been changed or deleted since.
  return {std::make_unique<GraphSource>(std::move(graph), std::move(own)), /*certain=*/false};
}

}  // namespace sundog::exec
