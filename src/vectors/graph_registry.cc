#include "vectors/graph_registry.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "vectors/checkpoint.h"

namespace sundog::vectors {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kSliceMicros = 20'000;
// How long changes gather before they are looked at.
constexpr auto kGatherTime = std::chrono::milliseconds(10);
// How often what nobody tells of is looked at: whether old snapshots are gone, and whether an index
// that was too large has shrunk.
constexpr auto kSnapshotPollTime = std::chrono::milliseconds(200);
constexpr auto kTooLargePollTime = std::chrono::seconds(30);
constexpr auto kNoPoll = std::chrono::hours(1);
// A graph is made anew when it has more dead points than this and than half of those alive.
constexpr uint64_t kLeastDead = 1000;
// A checkpoint is due after more changes than this and than a fifth of the points.
constexpr uint64_t kLeastChanges = 1000;
constexpr int kBackgroundPriority = 10;

std::string Name(const GraphKey& key) {
  return fmt::format("graph {}-{}-{}", key.tenant, key.storage, key.index);
}

kv::KeyRange EntriesOf(const GraphKey& key) {
  return kv::PrefixRange(codec::KeyPrefix(key.tenant, key.storage, key.index));
}

}  // namespace

Graphs::Registry::Registry(const GraphsOptions& options)
    : options_(options), store_(*options.store) {
  std::error_code error;
  if (!options_.folder.empty()) fs::create_directories(options_.folder, error);
  if (error) base::ThrowFileError("create folder", options_.folder, error.value());
  thread_ = std::thread([this] { Run(); });
}

Graphs::Registry::~Registry() { Stop(); }

// --- what others ask ---

Graphs::Registry::SlotPtr Graphs::Registry::FindOrAdd(const GraphKey& key,
                                                      const GraphOptions& options) {
  SlotPtr& slot = slots_[key];
  if (!slot) {
    slot = std::make_shared<Slot>(key, options);
    Wake();
  }
  slot->last_used = ++searches_;
  slot->unload = slot->if_saved = false;
  if (slot->graph && slot->graph->dropped()) slot->again = true;
  return slot;
}

std::unique_ptr<NearestSearch> Graphs::Registry::Search(const GraphKey& key,
                                                        const GraphOptions& options,
                                                        kv::Version version,
                                                        std::string_view probe,
                                                        size_t ef_search) {
  std::shared_ptr<Graph> graph;
  std::shared_ptr<Graph> anew;
  {
    runtime::MutexLock lock(mutex_);
    if (stopping()) return nullptr;
    SlotPtr slot = FindOrAdd(key, options);
    if (!(slot->options == options)) {
      // The index is another one now; the thread takes the graph away, and a later search finds
      // none.
      slot->unload = true;
      Wake();
      return nullptr;
    }
    graph = slot->graph;
    anew = slot->anew;
  }
  std::unique_ptr<NearestSearch> search;
  if (graph) search = graph->Search(version, probe, ef_search);
  if (!search && anew) search = anew->Search(version, probe, ef_search);
  return search;
}

void Graphs::Registry::Load(const GraphKey& key, const GraphOptions& options) {
  runtime::MutexLock lock(mutex_);
  if (!stopping()) FindOrAdd(key, options);
}

void Graphs::Registry::LoadSaved(const GraphKey& key, const GraphOptions& options) {
  runtime::MutexLock lock(mutex_);
  if (stopping() || options_.folder.empty() || slots_.contains(key)) return;
  auto slot = std::make_shared<Slot>(key, options);
  slot->if_saved = true;
  slots_.emplace(key, std::move(slot));
  Wake();
}

void Graphs::Registry::Unload(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  auto first = slots_.lower_bound({.tenant = tenant});
  for (auto it = first; it != slots_.end() && it->first.tenant == tenant; ++it) {
    it->second->unload = true;
  }
  if (first != slots_.end() && first->first.tenant == tenant) Wake();
}

void Graphs::Registry::Remove(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  to_remove_.insert(tenant);
  Wake();
}

std::vector<GraphInfo> Graphs::Registry::List() const {
  std::vector<GraphInfo> infos;
  runtime::MutexLock lock(mutex_);
  for (const auto& [key, slot] : slots_) {
    GraphInfo& info = infos.emplace_back();
    info.key = key;
    info.options = slot->options;
    if (slot->too_large) info.state = GraphState::kTooLarge;
    if (!slot->graph) continue;
    Graph::Counts counts = slot->graph->counts();
    if (counts.ready) info.state = GraphState::kReady;
    info.points = counts.points;
    info.dead_points = counts.dead;
    info.bytes = BytesOf(*slot);
    uint64_t all = counts.points + counts.dead;
    bool known = counts.complete && all > 0;
    if (known) {
      uint64_t waiting = std::min(counts.waiting, all);
      info.progress = static_cast<double>(all - waiting) / static_cast<double>(all);
    } else if (counts.complete) {
      info.progress = 1;
    }
  }
  return infos;
}

void Graphs::Registry::Wake() {
  if (woken_.exchange(true)) return;
  std::lock_guard lock(rest_mutex_);
  wake_.notify_one();
}

void Graphs::Registry::AwaitRest() {
  std::unique_lock lock(rest_mutex_);
  rested_.wait(lock, [this] { return (resting_ && !woken_) || stopping(); });
}

void Graphs::Registry::Stop() {
  std::call_once(stopped_, [this] {
    {
      runtime::MutexLock lock(mutex_);
      stop_ = true;  // no slot is added from now on
    }
    {
      std::lock_guard lock(rest_mutex_);
      wake_.notify_one();
      rested_.notify_all();
    }
    thread_.join();
  });
}

// --- the working thread ---

void Graphs::Registry::Run() {
  // Of this thread alone, on Linux; a server that may not is none the worse.
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kBackgroundPriority);
  ListFiles();
  while (!stopping()) {
    RemoveTenants();
    if (!Round() && !SweepOneFile()) Rest();
  }
  RemoveTenants();
  WriteLastCheckpoints();
  for (const SlotPtr& slot : Slots()) Drop(slot, /*remove_file=*/false);
}

void Graphs::Registry::Rest() {
  std::unique_lock lock(rest_mutex_);
  auto called = [this] { return woken_ || stopping(); };
  resting_ = true;
  rested_.notify_all();
  wake_.wait_for(lock, look_again_in_, called);
  if (woken_) wake_.wait_for(lock, kGatherTime, [this] { return stopping(); });
  resting_ = false;
  woken_ = false;
}

std::vector<Graphs::Registry::SlotPtr> Graphs::Registry::Slots() const {
  std::vector<SlotPtr> slots;
  runtime::MutexLock lock(mutex_);
  for (const auto& [key, slot] : slots_) slots.push_back(slot);
  return slots;
}

bool Graphs::Registry::Round() {
  bool more = false;
  look_again_in_ = kNoPoll;
  for (const SlotPtr& slot : Slots()) {
    if (stopping()) return false;
    try {
      size_t before = BytesOf(*slot);
      more |= WorkOn(slot);
      if (BytesOf(*slot) != before) KeepToBudget();
    } catch (const SqlError& error) {
      // The store cannot be read. The next search tries again.
      base::LogError(fmt::format("{}: {}", Name(slot->key), error.what()));
      Drop(slot, /*remove_file=*/false);
    } catch (const std::exception& error) {
      // Memory has ended.
      base::LogError(fmt::format("{}: {}", Name(slot->key), error.what()));
      SetTooLarge(slot, /*entry_bytes=*/0);
    }
  }
  return more;
}

bool Graphs::Registry::WorkOn(const SlotPtr& slot) {
  bool unload;
  {
    runtime::MutexLock lock(mutex_);
    auto known = slots_.find(slot->key);
    // It gave way to another one since the round began.
    if (known == slots_.end() || known->second != slot) return false;
    if (to_remove_.contains(slot->key.tenant)) return false;
    unload = slot->unload;
  }
  if (unload) {
    Unload(slot);
    return true;
  }
  if (slot->too_large) return LookAtTooLarge(slot);
  if (!slot->graph) return Begin(slot);
  if (slot->graph->dropped()) {
    bool again;
    {
      runtime::MutexLock lock(mutex_);
      again = std::exchange(slot->again, false);
    }
    Drop(slot, /*remove_file=*/true);
    if (again) Load(slot->key, slot->options);
    return true;
  }
  if (slot->graph->overrun() || (slot->anew && slot->anew->overrun())) {
    SetTooLarge(slot, store_.EstimateBytes(EntriesOf(slot->key)));
    return true;
  }
  bool more = WorkOnGraph(slot);
  return MakeAnew(slot) || more;
}

bool Graphs::Registry::Begin(const SlotPtr& slot) {
  uint64_t entry_bytes = store_.EstimateBytes(EntriesOf(slot->key));
  if (GiveUpUnasked(slot, entry_bytes)) return false;
  if (entry_bytes > options_.budget_bytes) {
    SetTooLarge(slot, entry_bytes);
    return true;
  }
  std::shared_ptr<Graph> graph = NewGraph(slot, /*from_checkpoint=*/true);
  runtime::MutexLock lock(mutex_);
  slot->graph = std::move(graph);
  return true;
}

bool Graphs::Registry::GiveUpUnasked(const SlotPtr& slot, uint64_t entry_bytes) {
  size_t bytes = entry_bytes;
  for (const SlotPtr& other : Slots()) bytes += BytesOf(*other);
  bool is_saved = HasCheckpoint(*slot);
  runtime::MutexLock lock(mutex_);
  if (!slot->if_saved || (is_saved && bytes <= options_.budget_bytes)) return false;
  slots_.erase(slot->key);
  return true;
}

std::shared_ptr<Graph> Graphs::Registry::NewGraph(const SlotPtr& slot, bool from_checkpoint) {
  std::unique_ptr<Hnsw> hnsw;
  if (from_checkpoint) hnsw = LoadCheckpoint(slot);
  if (!hnsw) hnsw = std::make_unique<Hnsw>(slot->options);
  auto graph = std::make_shared<Graph>(store_, slot->key, slot->options, options_.budget_bytes,
                                       [this] { Wake(); });
  graph->Start(std::move(hnsw));
  return graph;
}

bool Graphs::Registry::WorkOnGraph(const SlotPtr& slot) {
  if (slot->graph->Work(kSliceMicros)) return true;
  Graph::Counts counts = slot->graph->counts();
  uint64_t changes = slot->graph->changes_to_save();
  if (changes > kLeastChanges && changes > counts.points / 5) {
    SaveCheckpoint(slot, [this] { return !stopping(); });
  }
  return false;
}

bool Graphs::Registry::MakeAnew(const SlotPtr& slot) {
  if (!slot->anew) {
    Graph::Counts counts = slot->graph->counts();
    if (counts.dead <= kLeastDead || counts.dead <= counts.points / 2 || !counts.complete) {
      return false;
    }
    std::shared_ptr<Graph> anew = NewGraph(slot, /*from_checkpoint=*/false);
    runtime::MutexLock lock(mutex_);
    slot->anew = std::move(anew);
    return true;
  }
  if (slot->anew->Work(kSliceMicros)) return true;
  if (store_.OldestSnapshot() < slot->anew->base()) {
    look_again_in_ = std::min(look_again_in_, Poll(kSnapshotPollTime));
    return false;
  }
  std::shared_ptr<Graph> old = slot->graph;
  {
    runtime::MutexLock lock(mutex_);
    slot->graph = std::move(slot->anew);
    slot->anew = nullptr;
  }
  old->Close();
  return true;
}

// --- taking away ---

void Graphs::Registry::Drop(const SlotPtr& slot, bool remove_file) {
  std::shared_ptr<Graph> graph;
  std::shared_ptr<Graph> anew;
  {
    runtime::MutexLock lock(mutex_);
    slots_.erase(slot->key);
    graph = std::exchange(slot->graph, nullptr);
    anew = std::exchange(slot->anew, nullptr);
  }
  if (graph) graph->Close();
  if (anew) anew->Close();
  if (remove_file && !options_.folder.empty()) {
    unlink(CheckpointPath(options_.folder, slot->key).c_str());
  }
}

void Graphs::Registry::Unload(const SlotPtr& slot) {
  if (slot->graph && slot->graph->changes_to_save() > 0) {
    SaveCheckpoint(slot, [this] { return !stopping(); });
  }
  Drop(slot, /*remove_file=*/false);
}

// With the files of graphs that are not in memory.
void Graphs::Registry::RemoveTenants() {
  std::set<uint32_t> tenants;
  {
    runtime::MutexLock lock(mutex_);
    tenants.swap(to_remove_);
  }
  if (tenants.empty()) return;
  for (const SlotPtr& slot : Slots()) {
    if (tenants.contains(slot->key.tenant)) Drop(slot, /*remove_file=*/false);
  }
  if (options_.folder.empty()) return;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(options_.folder, error)) {
    GraphKey key;
    bool is_graph = ParseCheckpointName(entry.path().filename().string(), key);
    if (is_graph && tenants.contains(key.tenant)) unlink(entry.path().c_str());
  }
}

void Graphs::Registry::SetTooLarge(const SlotPtr& slot, uint64_t entry_bytes) {
  std::shared_ptr<Graph> graph;
  std::shared_ptr<Graph> anew;
  {
    runtime::MutexLock lock(mutex_);
    slot->too_large = true;
    graph = std::exchange(slot->graph, nullptr);
    anew = std::exchange(slot->anew, nullptr);
  }
  if (graph) graph->Close();
  if (anew) anew->Close();
  slot->refused_bytes = entry_bytes;
  base::LogWarning(fmt::format("{} is larger than the memory for graphs; searches are exact",
                               Name(slot->key)));
}

// No feed tells of an index that has no graph.
bool Graphs::Registry::LookAtTooLarge(const SlotPtr& slot) {
  look_again_in_ = std::min(look_again_in_, Poll(kTooLargePollTime));
  kv::KeyRange entries = EntriesOf(slot->key);
  if (store_.Newest()->Scan(entries)->Next(1).empty()) {
    Drop(slot, /*remove_file=*/true);
  } else if (store_.EstimateBytes(entries) < slot->refused_bytes / 4 * 3) {
    runtime::MutexLock lock(mutex_);
    slot->too_large = false;
    return true;
  }
  return false;
}

size_t Graphs::Registry::BytesOf(const Slot& slot) {
  return (slot.graph ? slot.graph->bytes() : 0) + (slot.anew ? slot.anew->bytes() : 0);
}

void Graphs::Registry::KeepToBudget() {
  while (true) {
    size_t total = 0;
    size_t graphs = 0;
    SlotPtr oldest;
    for (const SlotPtr& slot : Slots()) {
      if (!slot->graph) continue;
      size_t bytes = slot->graph->bytes();
      if (bytes > options_.budget_bytes) {
        SetTooLarge(slot, store_.EstimateBytes(EntriesOf(slot->key)));
        continue;
      }
      total += BytesOf(*slot);
      ++graphs;
      if (!oldest || slot->last_used < oldest->last_used) oldest = slot;
    }
    if (total <= options_.budget_bytes) return;
    // One alone fits, so there are several, or one that is being made anew.
    if (graphs > 1) {
      Unload(oldest);
      continue;
    }
    // There is no room for both: the new one goes on alone.
    std::shared_ptr<Graph> old = oldest->graph;
    {
      runtime::MutexLock lock(mutex_);
      oldest->graph = std::exchange(oldest->anew, nullptr);
    }
    old->Close();
  }
}

// --- checkpoints ---

bool Graphs::Registry::HasCheckpoint(const Slot& slot) const {
  return !options_.folder.empty() &&
         access(CheckpointPath(options_.folder, slot.key).c_str(), F_OK) == 0;
}

std::unique_ptr<Hnsw> Graphs::Registry::LoadCheckpoint(const SlotPtr& slot) {
  if (!HasCheckpoint(*slot)) return nullptr;
  std::string path = CheckpointPath(options_.folder, slot->key);
  auto keep_going = [this] { return !stopping(); };
  auto reader = CheckpointReader::Open(path, slot->key, slot->options, keep_going);
  auto hnsw = std::make_unique<Hnsw>(slot->options);
  if (reader && hnsw->Load(*reader, keep_going)) return hnsw;
  if (!stopping()) {
    base::LogWarning(fmt::format("{}: \"{}\" is not its checkpoint, or damaged; it is made anew",
                                 Name(slot->key), path));
    unlink(path.c_str());
  }
  return nullptr;
}

void Graphs::Registry::SaveCheckpoint(const SlotPtr& slot,
                                      const std::function<bool()>& keep_going) {
  if (options_.folder.empty()) return;
  try {
    CheckpointWriter writer(CheckpointPath(options_.folder, slot->key), slot->key, slot->options);
    if (!slot->graph->hnsw().Save(writer, keep_going)) return;
    writer.Finish();
  } catch (const SqlError& error) {
    // The one before, if any, stays. Tried again after as many changes.
    base::LogWarning(fmt::format("{}: {}", Name(slot->key), error.what()));
  }
  slot->graph->NoteSaved();
}

void Graphs::Registry::WriteLastCheckpoints() {
  const int64_t end_us =
      base::SystemClock().MonotonicMicros() + options_.stop_within_ms * 1000;
  auto in_time = [&] { return base::SystemClock().MonotonicMicros() < end_us; };
  for (const SlotPtr& slot : Slots()) {
    if (slot->graph && !slot->graph->dropped() && slot->graph->changes_to_save() > 0 &&
        in_time()) {
      SaveCheckpoint(slot, in_time);
    }
  }
}

// Files of indexes that were dropped while no graph of theirs was there are found at the start.
void Graphs::Registry::ListFiles() {
  if (options_.folder.empty()) return;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(options_.folder, error)) {
    files_to_sweep_.push_back(entry.path().filename().string());
  }
}

bool Graphs::Registry::SweepOneFile() {
  if (files_to_sweep_.empty()) return false;
  std::string name = std::move(files_to_sweep_.back());
  files_to_sweep_.pop_back();
  std::string path = options_.folder + "/" + name;
  GraphKey key;
  if (name.ends_with(".graph.new")) {
    unlink(path.c_str());
  } else if (ParseCheckpointName(name, key)) {
    try {
      auto cursor = store_.Newest()->Scan(EntriesOf(key));
      if (cursor->Next(1).empty()) unlink(path.c_str());
    } catch (const SqlError& error) {
      base::LogError(fmt::format("{}: {}", Name(key), error.what()));
    }
  }
  return true;
}

}  // namespace sundog::vectors
