#include "txn/write_set.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/check.h"
#include "base/memory.h"

namespace sundog::txn {
namespace {

constexpr size_t kFirstArenaBytes = 4096;
// Keys of one index of one table share this much (codec/key_space.h).
constexpr size_t kFingerPrefix = 12;

bool SamePrefix(std::string_view a, std::string_view b) {
  return a.substr(0, kFingerPrefix) == b.substr(0, kFingerPrefix);
}

}  // namespace

// The heights of nodes need not be unpredictable, only spread.
WriteSet::WriteSet() : arena_(kFirstArenaBytes), random_(1) { Clear(); }

void WriteSet::Clear() {
  base::UncountedMemory uncounted;
  arena_.Reset();
  head_ = NewNode({}, kMaxHeight);
  height_ = 1;
  for (Finger& finger : fingers_) finger.last = nullptr;
  first_command_ = kAllCommands;
  undo_.clear();
}

WriteSet::Node* WriteSet::NewNode(std::string_view key, int height) {
  size_t bytes = sizeof(Node) + sizeof(Node*) * static_cast<size_t>(height - 1);
  Node* node = new (arena_.Allocate(bytes)) Node;
  node->key = arena_.Copy(key);
  std::fill(node->next, node->next + height, nullptr);
  return node;
}

int WriteSet::RandomHeight() {
  int height = 1;
  for (uint64_t bits = random_.Next(); height < kMaxHeight && (bits & 3) == 0; bits >>= 2) ++height;
  return height;
}

WriteSet::Node* WriteSet::Seek(std::string_view key, Node** before) const {
  Node* node = head_;
  for (int level = height_ - 1; level >= 0; --level) {
    while (node->next[level] != nullptr && node->next[level]->key < key) node = node->next[level];
    if (before) before[level] = node;
  }
  return node->next[0];
}

WriteSet::Finger* WriteSet::FingerFor(std::string_view key, Node** before) {
  for (Finger& finger : fingers_) {
    if (finger.last == nullptr || !SamePrefix(finger.last->key, key)) continue;
    if (finger.last->key >= key) return nullptr;
    for (int level = 0; level < height_; ++level) {
      before[level] = level < finger.last_height ? finger.last : finger.before[level];
      const Node* after = before[level]->next[level];
      if (after != nullptr && after->key <= key) return nullptr;
    }
    return &finger;
  }
  return nullptr;
}

WriteSet::Node* WriteSet::InsertAfter(Node** before, std::string_view key, Finger* finger) {
  int height = RandomHeight();
  for (; height_ < height; ++height_) before[height_] = head_;
  Node* node = NewNode(key, height);
  for (int level = 0; level < height; ++level) {
    node->next[level] = before[level]->next[level];
    before[level]->next[level] = node;
  }
  node->previous = before[0] == head_ ? nullptr : before[0];
  if (node->next[0] != nullptr) node->next[0]->previous = node;

  if (finger == nullptr) {
    for (Finger& other : fingers_) {
      if (other.last != nullptr && SamePrefix(other.last->key, key)) finger = &other;
    }
    if (finger == nullptr) finger = &fingers_[next_finger_++ % kFingers];
  }
  finger->last = node;
  finger->last_height = height;
  std::copy(before, before + height_, finger->before);
  std::fill(finger->before + height_, finger->before + kMaxHeight, head_);
  return node;
}

WriteSet::Node* WriteSet::FindOrInsert(std::string_view key) {
  Node* before[kMaxHeight];
  Finger* finger = FingerFor(key, before);
  if (finger == nullptr) {
    Node* found = Seek(key, before);
    if (found != nullptr && found->key == key) return found;
  }
  return InsertAfter(before, key, finger);
}

void WriteSet::Put(std::string_view key, std::optional<std::string_view> value,
                   CommandId command) {
  CHECK_LT(command, kAllCommands);
  if (base::IsOneTooMany(bytes())) base::ThrowOutOfMemory();
  // The transaction's, not the statement's.
  base::UncountedMemory uncounted;
  Node* node = FindOrInsert(key);
  Write* write = new (arena_.Allocate(sizeof(Write))) Write;
  if (value) write->value = arena_.Copy(*value);
  write->command = command;
  write->older = node->newest;
  node->newest = write;
  first_command_ = std::min(first_command_, command);
  undo_.push_back(node);
}

const WriteSet::Write* WriteSet::Find(std::string_view key, CommandId command) const {
  if (command <= first_command_ || empty()) return nullptr;
  const Node* node = Seek(key, nullptr);
  return node != nullptr && node->key == key ? Visible(*node, command) : nullptr;
}

const WriteSet::Node* WriteSet::LowerBound(std::string_view key) const {
  return Seek(key, nullptr);
}

const WriteSet::Node* WriteSet::Before(std::string_view key) const {
  const Node* node = head_;
  for (int level = height_ - 1; level >= 0; --level) {
    while (node->next[level] != nullptr && (key.empty() || node->next[level]->key < key)) {
      node = node->next[level];
    }
  }
  return node == head_ ? nullptr : node;
}

bool WriteSet::Touches(const kv::KeyRange& range, CommandId command) const {
  if (command <= first_command_ || empty()) return false;
  const Node* node = LowerBound(range.begin);
  return node != nullptr && range.Contains(node->key);
}

void WriteSet::UndoTo(size_t mark) {
  CHECK_LE(mark, undo_.size());
  while (undo_.size() > mark) {
    Node* node = undo_.back();
    node->newest = node->newest->older;
    undo_.pop_back();
  }
}

}  // namespace sundog::txn
