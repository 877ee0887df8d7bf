// The graph's part of a checkpoint file, written and read.
#include <algorithm>

#include "vectors/checkpoint.h"
#include "vectors/hnsw.h"
#include "vectors/hnsw_index.h"

namespace sundog::vectors {

namespace {

constexpr uint32_t kNodesBetweenQuestions = 1024;
constexpr int kMostLevels = 64;

}  // namespace

bool Hnsw::Save(CheckpointWriter& to, const std::function<bool()>& keep_going) const {
  to.AppendInteger(uint64_t{node_count()});
  to.AppendInteger(int32_t{index_->maxlevel_});
  to.AppendInteger(uint32_t{index_->enterpoint_node_});
  for (uint32_t node = 0; node < node_count(); ++node) {
    if (node % kNodesBetweenQuestions == 0 && !keep_going()) return false;
    SaveNode(to, node);
  }
  return true;
}

void Hnsw::SaveNode(CheckpointWriter& to, uint32_t node) const {
  to.AppendInteger(int32_t{index_->LevelOf(node)});
  uint32_t points = 0;
  for (const Point* point = FirstPoint(node); point != nullptr; point = point->next) ++points;
  to.AppendInteger(points);
  for (const Point* point = FirstPoint(node); point != nullptr; point = point->next) {
    to.AppendInteger(static_cast<uint8_t>(point->died != kNever));
    to.AppendInteger(static_cast<uint32_t>(point->row_key.size()));
    to.Append(point->row_key);
  }
  to.Append({reinterpret_cast<const char*>(index_->get_linklist0(node)),
             index_->size_links_level0_});
  std::string_view vector = NodeVector(node);
  if (metric_->sparse) to.AppendInteger(static_cast<uint32_t>(vector.size()));
  to.Append(vector);
  if (index_->LevelOf(node) > 0) {
    to.Append({index_->linkLists_[node], static_cast<size_t>(index_->LevelOf(node)) *
                                             index_->size_links_per_element_});
  }
}

bool Hnsw::Load(CheckpointReader& from, const std::function<bool()>& keep_going) {
  uint64_t nodes = 0;
  int32_t max_level = 0;
  uint32_t entry = 0;
  if (!from.ReadInteger(nodes) || !from.ReadInteger(max_level) || !from.ReadInteger(entry) ||
      nodes > UINT32_MAX || max_level > kMostLevels) {
    return false;
  }
  if (nodes == 0) return from.at_end();
  for (uint32_t node = 0; node < nodes; ++node) {
    if (node % kNodesBetweenQuestions == 0 && !keep_going()) return false;
    EnsureRoom(size_t{node} + 1);
    if (!LoadNode(from, node)) return false;
  }
  if (!from.at_end() || entry >= nodes || index_->LevelOf(entry) != max_level) return false;
  index_->enterpoint_node_ = entry;
  index_->maxlevel_ = max_level;
  Settle(/*oldest=*/0, node_count());
  return LinksAreSound();
}

bool Hnsw::LoadNode(CheckpointReader& from, uint32_t node) {
  int32_t level = 0;
  std::string_view links;
  if (!from.ReadInteger(level) || level < 0 || level > kMostLevels || !LoadPoints(from, node) ||
      !from.Read(index_->size_links_level0_, links)) {
    return false;
  }
  index_->element_levels_[node] = 0;
  links.copy(reinterpret_cast<char*>(index_->get_linklist0(node)), links.size());
  ++index_->cur_element_count;
  if (!LoadVector(from, node)) return false;
  if (level == 0) return true;
  size_t size = static_cast<size_t>(level) * index_->size_links_per_element_;
  if (!from.Read(size, links)) return false;
  index_->linkLists_[node] = static_cast<char*>(malloc(size));
  if (index_->linkLists_[node] == nullptr) return false;
  links.copy(index_->linkLists_[node], size);
  index_->element_levels_[node] = level;
  link_bytes_ += size;
  return true;
}

bool Hnsw::LoadPoints(CheckpointReader& from, uint32_t node) {
  uint32_t count = 0;
  if (!from.ReadInteger(count) || count == 0) return false;
  Point* last = nullptr;
  for (uint32_t i = 0; i < count; ++i) {
    uint8_t dead = 0;
    uint32_t size = 0;
    std::string_view row_key;
    if (!from.ReadInteger(dead) || !from.ReadInteger(size) || !from.Read(size, row_key)) {
      return false;
    }
    auto point = std::make_shared<Point>(std::string(row_key), std::string_view(), /*born=*/0,
                                         points_.size());
    point->vector.reset();
    point->node = node;
    if (dead != 0) point->died = 0;
    if (last != nullptr) {
      last->next = point.get();
    } else {
      index_->setExternalLabel(node, reinterpret_cast<hnswlib::labeltype>(point.get()));
    }
    last = point.get();
    points_.push_back(std::move(point));
  }
  return true;
}

bool Hnsw::LoadVector(CheckpointReader& from, uint32_t node) {
  char* data = index_->getDataByInternalId(node);
  std::string_view vector;
  if (metric_->sparse) {
    uint32_t size = 0;
    if (!from.ReadInteger(size) || size < 4 || !from.Read(size, vector)) return false;
    Point* first = FirstPoint(node);
    first->vector = std::make_unique<const std::string>(vector);
    vector_bytes_ += size;
    std::string_view view(*first->vector);
    __builtin_memcpy(data, &view, sizeof view);
  } else {
    if (!from.Read(metric_->vector_bytes, vector)) return false;
    vector.copy(data, vector.size());
  }
  if (types::VectorDimensions(options_.element, vector) != options_.dimensions) return false;
  node_of_hash_.try_emplace(std::hash<std::string_view>()(vector), node);
  return true;
}

bool Hnsw::LinksAreSound() const {
  for (uint32_t node = 0; node < node_count(); ++node) {
    for (int level = 0; level <= index_->LevelOf(node); ++level) {
      std::span<const uint32_t> links = index_->Links(node, level);
      if (links.size() > (level == 0 ? index_->maxM0_ : index_->maxM_)) return false;
      for (uint32_t link : links) {
        if (link >= node_count() || index_->LevelOf(link) < level) return false;
      }
    }
    if (index_->isMarkedDeleted(node)) return false;
  }
  return true;
}

}  // namespace sundog::vectors
