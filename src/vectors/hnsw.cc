#include "vectors/hnsw.h"

#include <algorithm>
#include <cmath>

#include "vectors/hnsw_index.h"

namespace sundog::vectors {

namespace {

constexpr size_t kFirstRoom = 64;
// What a point takes beside its vector, the owner's map included.
constexpr size_t kPointBytes = sizeof(Point) + 120;
constexpr size_t kHashEntryBytes = 40;
// Then a walk pauses, for the sake of the reactor and of the thread that waits to write: most
// points may be dead, or younger than the version.
constexpr size_t kMostMeasured = 20'000;
constexpr size_t kCacheLineBytes = 64;

}  // namespace

Hnsw::Hnsw(const GraphOptions& options)
    : options_(options),
      metric_(std::make_unique<Metric>(options)),
      index_(std::make_unique<Index>(metric_.get(), kFirstRoom, static_cast<size_t>(options.m),
                                     static_cast<size_t>(options.ef_construction))) {
  EnsureRoom(kFirstRoom);
}

Hnsw::~Hnsw() = default;

uint32_t Hnsw::node_count() const { return static_cast<uint32_t>(index_->cur_element_count); }

std::string_view Hnsw::NodeVector(uint32_t node) const {
  return metric_->VectorAt(index_->getDataByInternalId(node));
}

Point* Hnsw::FirstPoint(uint32_t node) const {
  return reinterpret_cast<Point*>(index_->getExternalLabel(node));
}

std::string_view Hnsw::VectorOf(const Point& point) const {
  return point.vector ? std::string_view(*point.vector) : NodeVector(point.node);
}

size_t Hnsw::bytes() const {
  size_t a_node = index_->size_data_per_element_ + 2 * sizeof(hnswlib::std::mutex) +
                  sizeof(void*) + sizeof(int) + sizeof(hnswlib::vl_type) + sizeof(settled_[0]);
  return index_->max_elements_ * a_node + link_bytes_ + vector_bytes_ +
         points_.size() * kPointBytes + node_of_hash_.size() * kHashEntryBytes;
}

void Hnsw::EnsureRoom(size_t nodes) {
  if (nodes > index_->max_elements_) {
    index_->resizeIndex(std::max(nodes, index_->max_elements_ * 3 / 2));
  }
  // Of these hnswlib has as many as there may be from the start on.
  if (index_->max_elements_ > settled_room_) {
    auto settled = std::make_unique<std::atomic<bool>[]>(index_->max_elements_);
    for (size_t node = 0; node < settled_room_; ++node) settled[node] = settled_[node].load();
    settled_ = std::move(settled);
    settled_room_ = index_->max_elements_;
  }
  size_t locks = std::min<size_t>(index_->max_elements_, Index::max_update_element_locks);
  if (index_->link_list_update_locks_.size() != locks) {
    decltype(index_->link_list_update_locks_)(locks).swap(index_->link_list_update_locks_);
  }
}

const void* Hnsw::NodeForm(const Point& point) {
  if (metric_->sparse) {
    std::string_view view(*point.vector);
    node_form_.assign(reinterpret_cast<const char*>(&view), sizeof view);
  } else {
    node_form_ = *point.vector;
  }
  node_form_.resize(metric_->get_data_size());
  return node_form_.data();
}

uint32_t Hnsw::FindNode(std::string_view vector, uint64_t hash) const {
  auto it = node_of_hash_.find(hash);
  bool found = it != node_of_hash_.end() && NodeVector(it->second) == vector;
  return found ? it->second : node_count();
}

void Hnsw::Add(std::shared_ptr<Point> point) {
  uint64_t hash = std::hash<std::string_view>()(*point->vector);
  uint32_t node = FindNode(*point->vector, hash);
  if (node < node_count()) {
    Point* first = FirstPoint(node);
    Unsettle(*first);
    point->next = first->next;
    first->next = point.get();
  } else {
    EnsureRoom(size_t{node} + 1);
    auto label = reinterpret_cast<hnswlib::labeltype>(point.get());
    index_->addPoint(NodeForm(*point), label, /*level=*/-1);
    index_->label_lookup_.clear();  // labels are never looked up
    node_of_hash_.try_emplace(hash, node);
    link_bytes_ += static_cast<size_t>(index_->LevelOf(node)) * index_->size_links_per_element_;
  }
  point->node = node;
  if (metric_->sparse && FirstPoint(node) == point.get()) {
    vector_bytes_ += point->vector->size();
  } else {
    point->vector.reset();
  }
  points_.push_back(std::move(point));
}

void Hnsw::Settle(kv::Version oldest, uint32_t most) {
  const uint32_t end = settle_next_ + std::min(node_count() - settle_next_, most);
  for (; settle_next_ < end; ++settle_next_) {
    const Point& point = *FirstPoint(settle_next_);
    if (point.next != nullptr || point.died.load(std::memory_order_relaxed) != kNever) continue;
    if (point.born > oldest) return;
    settled_[settle_next_].store(true, std::memory_order_relaxed);
  }
}

void Hnsw::Unsettle(const Point& point) {
  // A point that waits has no node yet; then one node is looked into that need not be.
  settled_[point.node].store(false, std::memory_order_relaxed);
}

// --- search ---

Hnsw::Walk::Walk(const Hnsw& graph, std::string_view probe, kv::Version version,
                 uint64_t numbers_end)
    : graph_(graph),
      probe_(probe),
      version_(version),
      numbers_end_(numbers_end),
      nodes_end_(graph.node_count()) {}

double Hnsw::Walk::Measure(uint32_t node) const {
  return graph_.metric_->Measure(probe_, graph_.NodeVector(node));
}

// To this probe: it was measured as if it were infinitely far.
bool Hnsw::Walk::HasNoDistance(const Found& found) const {
  return std::isinf(found.distance) &&
         std::isnan(graph_.metric_->distance(probe_, graph_.NodeVector(found.node)));
}

// Where nodes lie is random to the processor: what is looked at soon is asked of memory at once.
void Hnsw::Walk::PrefetchVector(uint32_t node) const {
  const char* data = graph_.index_->getDataByInternalId(node);
  __builtin_prefetch(data);
  __builtin_prefetch(data + kCacheLineBytes);
}

// Of a vector whose beginning was asked for before. All of them at once would be more than the
// processor has under way.
void Hnsw::Walk::PrefetchRest(uint32_t node) const {
  const char* data = graph_.index_->getDataByInternalId(node);
  const size_t bytes = graph_.metric_->vector_bytes;
  for (size_t at = 2 * kCacheLineBytes; at < bytes; at += kCacheLineBytes) {
    __builtin_prefetch(data + at);
  }
}

void Hnsw::Walk::PrefetchLinks(uint32_t node) const {
  auto* links = reinterpret_cast<const char*>(graph_.index_->get_linklist0(node));
  __builtin_prefetch(links);
  __builtin_prefetch(links + kCacheLineBytes);
}

bool Hnsw::Walk::Visit(uint32_t node) {
  if (node / 64 >= visited_.size()) visited_.resize(graph_.index_->max_elements_ / 64 + 1);
  uint64_t bit = uint64_t{1} << (node % 64);
  bool first = (visited_[node / 64] & bit) == 0;
  visited_[node / 64] |= bit;
  return first;
}

template <typename Visitor>
void Hnsw::Walk::ForEachPoint(const Reached& reached, Visitor&& visit) const {
  auto [distance, node] = reached;
  // What came after the search began may be among the points that waited then.
  if (node < nodes_end_ && graph_.settled_[node].load(std::memory_order_relaxed)) {
    visit(Found{distance, node, nullptr});
    return;
  }
  for (const Point* point = graph_.FirstPoint(node); point != nullptr; point = point->next) {
    if (point->number >= numbers_end_ || !point->ShownAt(version_)) continue;
    visit(Found{distance, node, point});
  }
}

// The node of level 0 that a greedy way down ends at.
Hnsw::Walk::Reached Hnsw::Walk::Descend() const {
  const Index& index = *graph_.index_;
  Reached nearest{Measure(index.enterpoint_node_), index.enterpoint_node_};
  for (int level = index.maxlevel_; level > 0; --level) {
    for (bool nearer = true; nearer;) {
      nearer = false;
      std::span<const uint32_t> links = index.Links(nearest.node, level);
      for (uint32_t link : links) PrefetchVector(link);
      for (uint32_t link : links) {
        double distance = Measure(link);
        if (distance >= nearest.distance) continue;
        nearest = {distance, link};
        nearer = true;
      }
    }
  }
  return nearest;
}

void Hnsw::Walk::Reach(uint32_t node, double distance, size_t count) {
  if (!Matters(distance, count)) {
    left_out_.push_back({distance, node});
    return;
  }
  frontier_.push_back({distance, node});
  std::push_heap(frontier_.begin(), frontier_.end(), std::greater<>());
  if (frontier_.front().node == node) PrefetchLinks(node);  // likely the next one
  ForEachPoint({distance, node}, [&](const Found& found) {
    if (!Matters(distance, count)) {  // any more: there may be very many equal ones
      spare_.push_back(found);
      return;
    }
    nearest_.push_back(found);
    std::push_heap(nearest_.begin(), nearest_.end());
    if (nearest_.size() <= count) return;
    std::pop_heap(nearest_.begin(), nearest_.end());
    spare_.push_back(nearest_.back());
    nearest_.pop_back();
  });
}

void Hnsw::Walk::Expand(uint32_t node, size_t count) {
  unvisited_.clear();
  for (uint32_t link : graph_.index_->Links(node, 0)) {
    if (!Visit(link)) continue;
    PrefetchVector(link);
    unvisited_.push_back({0, link});
  }
  for (size_t i = 0; i < unvisited_.size(); ++i) {
    if (i + 1 < unvisited_.size()) PrefetchRest(unvisited_[i + 1].node);
    unvisited_[i].distance = Measure(unvisited_[i].node);
  }
  for (const Reached& link : unvisited_) Reach(link.node, link.distance, count);
  measured_ += unvisited_.size();
}

// Takes up again what earlier batches had no use for.
void Hnsw::Walk::Resume(size_t count) {
  for (const Reached& reached : left_out_) {
    frontier_.push_back(reached);
    std::push_heap(frontier_.begin(), frontier_.end(), std::greater<>());
    ForEachPoint(reached, [&](const Found& found) { spare_.push_back(found); });
  }
  left_out_.clear();
  if (spare_.size() > count) {
    std::nth_element(spare_.begin(), spare_.begin() + static_cast<ptrdiff_t>(count), spare_.end());
  }
  size_t taken = std::min(count, spare_.size());
  nearest_.assign(spare_.begin(), spare_.begin() + static_cast<ptrdiff_t>(taken));
  spare_.erase(spare_.begin(), spare_.begin() + static_cast<ptrdiff_t>(taken));
  std::make_heap(nearest_.begin(), nearest_.end());
}

// Links lead from a node to others, not always back: what no way led to is looked at in the end.
// False: there is nothing.
bool Hnsw::Walk::Sweep(size_t count) {
  const uint32_t end = graph_.node_count();
  while (swept_ < end && frontier_.empty()) {
    uint32_t node = swept_++;
    if (!Visit(node)) continue;
    Reach(node, Measure(node), count);
    ++measured_;
  }
  return !frontier_.empty();
}

bool Hnsw::Walk::Next(size_t count, std::vector<Found>& found) {
  found.clear();
  if (graph_.node_count() == 0) return false;
  if (!started_) {
    started_ = true;
    Reached entry = Descend();
    Visit(entry.node);
    Reach(entry.node, entry.distance, count);
  } else {
    Resume(count);
  }
  measured_ = 0;
  while (!frontier_.empty() || (nearest_.empty() && Sweep(count))) {
    if (measured_ > kMostMeasured) break;
    Reached reached = frontier_.front();
    if (nearest_.size() >= count && reached.distance > nearest_.front().distance) break;
    std::pop_heap(frontier_.begin(), frontier_.end(), std::greater<>());
    frontier_.pop_back();
    if (!frontier_.empty()) PrefetchLinks(frontier_.front().node);
    Expand(reached.node, count);
  }
  const bool any = !nearest_.empty();
  std::sort_heap(nearest_.begin(), nearest_.end());
  std::erase_if(nearest_, [this](const Found& each) { return HasNoDistance(each); });
  for (Found& each : nearest_) {
    if (each.point == nullptr) each.point = graph_.FirstPoint(each.node);
  }
  found.swap(nearest_);
  nearest_.clear();
  return any || !frontier_.empty();
}

}  // namespace sundog::vectors
