// The graphs of a server: one for each HNSW index that was searched or has just been created, made
// from the index's entries in the store and kept up with every commit. Derived, in memory, and
// never needed: while a graph is not there, its index is searched exactly.
//
//   Graphs graphs({.store = &store, .folder = "DATA/vectors", .budget_bytes = 1 << 30});
//   if (auto search = graphs.Search(key, options, view.version(), probe, ef_search)) {
//     do {
//       for (const Candidate& found : search->Next(limit)) …
//     } while (!search->finished());
//   }  // else: exactly
//
// A thread of its own, of low priority, loads graphs from checkpoints, reads entries, takes changes
// in, makes graphs anew that have too many dead points, and writes checkpoints.
//
// A search at version v gives only points that v shows, and all of those that the index held then
// can be found: a graph knows every change that was committed at or before v. Entries that have no
// distance to themselves (under cosine: vectors without length) are in no graph; neither are the
// reader's own uncommitted ones.
//
// One a server, which must outlive its searches and be gone before the store. Safe from all
// threads. Nothing here suspends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kv/store.h"
#include "vectors/graph_options.h"
#include "vectors/nearest_search.h"

namespace sundog::vectors {

struct GraphsOptions {
  kv::Store* store = nullptr;
  // Where checkpoints are kept; made if it is not there. Empty: none are.
  std::string folder;
  // Of all graphs together.
  size_t budget_bytes = size_t{1} << 30;
  // How long Stop() may go on writing checkpoints.
  int64_t stop_within_ms = 2000;
};

enum class GraphState : uint8_t {
  kLoading,   // searches are exact, or slow: many points wait to be taken in
  kReady,     // searches are quick
  kTooLarge,  // larger than the budget: searches are exact
};

std::string_view GraphStateName(GraphState state);  // "loading", "ready", "too large"

struct GraphInfo {
  GraphKey key;
  GraphOptions options;
  GraphState state = GraphState::kLoading;
  uint64_t points = 0;       // that the newest version shows
  uint64_t dead_points = 0;  // that only older versions show, or none
  uint64_t bytes = 0;        // of memory
  double progress = 0;       // how much of what is known of it the graph has taken in, up to 1
};

class Graphs {
 public:
  explicit Graphs(const GraphsOptions& options);
  ~Graphs();  // stops

  // `version`: of a snapshot that the caller holds. `probe` is a value of the options' type; it is
  // copied. `ef_search`: how many candidates the first batch is chosen from. Null: search exactly;
  // the graph is being loaded, or is too large, or `probe` is not of the options' dimensions, or
  // has no distance to itself.
  std::unique_ptr<NearestSearch> Search(const GraphKey& key, const GraphOptions& options,
                                        kv::Version version, std::string_view probe,
                                        size_t ef_search);

  // Starts loading a graph before anybody asks for it: of an index just made. Counts as a use.
  void Load(const GraphKey& key, const GraphOptions& options);
  // The same of a graph that has a checkpoint, if there is room for it beside the others: of a
  // tenant that wakes. No use: until it is searched, it is the first to give way.
  void LoadSaved(const GraphKey& key, const GraphOptions& options);
  // Takes a tenant's graphs out of memory, in the background and after a checkpoint of each: of a
  // tenant that rests. LoadSaved() or the next search loads them again.
  void Unload(uint32_t tenant);

  // Takes a tenant's graphs out of memory and off the disk, in the background: of a tenant that is
  // to go, which nobody searches any more.
  void Remove(uint32_t tenant);

  std::vector<GraphInfo> List() const;  // in the order of keys

  // Waits until the background thread has nothing left to do; for tests.
  void AwaitRest();

  // Ends the background work within a moment, and writes checkpoints of what has none. Searches are
  // exact from then on.
  void Stop();

 private:
  class Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace sundog::vectors
