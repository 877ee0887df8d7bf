// Where the nearest neighbours of a probe come from: candidates (vectors/nearest_search.h). The
// operator reads their rows, unless they are certain and their keys are enough.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "exec/expression/evaluator.h"
#include "kv/store.h"
#include "storage/table_layout.h"
#include "txn/read_view.h"
#include "vectors/nearest_search.h"

namespace sundog::exec {

struct NearestSource {
  std::unique_ptr<vectors::NearestSearch> search;
  // Every candidate is an entry that the statement's view shows, with its distance: the rows need
  // not be asked.
  bool certain = false;
};

// Reads entries of an index and how far their vectors are from the probe. What it has read counts
// as the statement's memory until Forget().
class EntryDistances {
 public:
  // `distance`: over the vector as input slot 0.
  EntryDistances(const storage::IndexLayout& index, const binder::BoundExpression& distance,
                 ExecutionContext& context);

  // Appends all entries that the cursor gives, but for those without a distance; of those in `to`
  // no more than the nearest `most` need stay. Throws 53200.
  void Read(kv::Cursor& entries, size_t most, std::vector<vectors::Candidate>& to);
  // What was read is gone, or about to go.
  void Forget();

 private:
  void Count(const std::vector<vectors::Candidate>& held);

  ExecutionContext& context_;
  const storage::IndexLayout& index_;
  EvaluatorPtr distance_;
  types::ChunkBuffer vectors_;
  std::vector<std::string_view> values_;
  std::vector<std::string_view> row_keys_;
  size_t counted_bytes_ = 0;
};

// Entries of some key ranges, group by group: the candidates of each group are sorted. Nobody asks
// for more than `most` of them.
class EntrySource final : public vectors::NearestSearch {
 public:
  using Group = std::vector<kv::KeyRange>;
  EntrySource(EntryDistances& distances, const txn::ReadView& view, std::vector<Group> groups,
              size_t most)
      : distances_(distances), view_(view), groups_(std::move(groups)), most_(most) {}
  std::span<const vectors::Candidate> Next(size_t wanted) override;
  bool finished() const override {
    return next_ == found_.size() && next_group_ == groups_.size();
  }

 private:
  void ReadGroup();

  EntryDistances& distances_;
  txn::ReadView view_;
  std::vector<Group> groups_;
  const size_t most_;
  size_t next_group_ = 0;
  std::vector<vectors::Candidate> found_;  // sorted up to next_
  size_t next_ = 0;
};

// All entries, sorted as one group; `most` as above.
NearestSource MakeWholeIndexSource(const storage::IndexLayout& index, EntryDistances& distances,
                                   const txn::ReadView& view, size_t most);
// Of ivfflat: the `probes` lists nearest to the probe, then the next ones, up to `most_probes`.
NearestSource MakeListSource(const storage::IndexLayout& index, EntryDistances& distances,
                             const txn::ReadView& view, std::string_view probe, size_t probes,
                             size_t most_probes, size_t most);

// Of hnsw: what the index's graph finds, which knows committed entries, and the transaction's own
// ones; no search while there is no graph to ask. `ef_search`: as pgvector's hnsw.ef_search.
NearestSource MakeGraphSource(const storage::TableLayout& layout,
                              const storage::IndexLayout& index, EntryDistances& distances,
                              ExecutionContext& context, std::string_view probe,
                              size_t ef_search);

}  // namespace sundog::exec
