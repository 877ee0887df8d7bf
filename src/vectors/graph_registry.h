// What Graphs is made of: the graphs by key, and the thread that works on them in turns.
//
// In each round every graph gets a slice of time: to read entries, to take points in, to write a
// checkpoint when it rests and much has changed. A graph with too many dead points is made anew
// beside itself; the new one takes over when no snapshot from before its base is held.
//
// The budget is looked at after each slice that changed a graph's size. Over it, the graph that was
// searched least recently goes. One that is over it alone is too large.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/mutex.h"
#include "vectors/graph.h"
#include "vectors/graphs.h"

namespace sundog::vectors {

class Graphs::Registry {
 public:
  explicit Registry(const GraphsOptions& options);
  ~Registry();

  std::unique_ptr<NearestSearch> Search(const GraphKey& key, const GraphOptions& options,
                                        kv::Version version, std::string_view probe,
                                        size_t ef_search);
  void Load(const GraphKey& key, const GraphOptions& options);
  void LoadSaved(const GraphKey& key, const GraphOptions& options);
  void Unload(uint32_t tenant);
  void Remove(uint32_t tenant);
  std::vector<GraphInfo> List() const;
  void AwaitRest();
  void Stop();

 private:
  struct Slot {
    Slot(const GraphKey& key, const GraphOptions& options) : key(key), options(options) {}

    const GraphKey key;
    const GraphOptions options;
    std::atomic<uint64_t> last_used = 0;
    // Changed by the working thread alone, under mutex_.
    std::shared_ptr<Graph> graph;  // null: not begun, or too large
    std::shared_ptr<Graph> anew;   // what takes over from it
    bool too_large = false;
    uint64_t refused_bytes = 0;    // of its entries when it was; the working thread's
    // Asked of the working thread; under mutex_.
    bool unload = false;
    bool again = false;  // its entries were all deleted, and it was searched after that
    bool if_saved = false;  // nobody has asked for it: only if there is a checkpoint, and room
  };
  using SlotPtr = std::shared_ptr<Slot>;
  using Poll = std::chrono::milliseconds;

  SlotPtr FindOrAdd(const GraphKey& key, const GraphOptions& options) REQUIRES(mutex_);
  void Wake();

  // --- the working thread ---
  void Run();
  bool Round();
  // False: nothing is left to do for it.
  bool WorkOn(const SlotPtr& slot);
  bool Begin(const SlotPtr& slot);
  // Forgets a slot that was only to be filled if that costs little, and it would not.
  bool GiveUpUnasked(const SlotPtr& slot, uint64_t entry_bytes);
  bool WorkOnGraph(const SlotPtr& slot);
  bool MakeAnew(const SlotPtr& slot);
  void Drop(const SlotPtr& slot, bool remove_file);
  void Unload(const SlotPtr& slot);
  void RemoveTenants();
  static size_t BytesOf(const Slot& slot);
  void KeepToBudget();
  // `entry_bytes`: what the store holds of it; it is tried again when that is much less. 0: never.
  void SetTooLarge(const SlotPtr& slot, uint64_t entry_bytes);
  bool LookAtTooLarge(const SlotPtr& slot);
  std::shared_ptr<Graph> NewGraph(const SlotPtr& slot, bool from_checkpoint);
  bool HasCheckpoint(const Slot& slot) const;
  std::unique_ptr<Hnsw> LoadCheckpoint(const SlotPtr& slot);
  void SaveCheckpoint(const SlotPtr& slot, const std::function<bool()>& keep_going);
  void ListFiles();
  bool SweepOneFile();
  void Rest();
  void WriteLastCheckpoints();
  std::vector<SlotPtr> Slots() const;
  bool stopping() const { return stop_.load(std::memory_order_relaxed); }

  const GraphsOptions options_;
  kv::Store& store_;
  std::vector<std::string> files_to_sweep_;  // the working thread's
  Poll look_again_in_{};                     // the same: what a rest lasts at most

  mutable runtime::Mutex mutex_;
  std::map<GraphKey, SlotPtr> slots_ GUARDED_BY(mutex_);
  std::set<uint32_t> to_remove_ GUARDED_BY(mutex_);  // tenants
  uint64_t searches_ GUARDED_BY(mutex_) = 0;

  std::atomic<bool> stop_ = false;
  std::atomic<bool> woken_ = false;
  std::mutex rest_mutex_;
  std::condition_variable wake_;
  std::condition_variable rested_;
  bool resting_ = false;  // guarded by rest_mutex_

  std::once_flag stopped_;
  std::thread thread_;
};

}  // namespace sundog::vectors
