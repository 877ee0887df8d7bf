// What a transaction has written and not yet committed: a sorted map from keys to the values it
// gave them, in the order it gave them.
//
// A skip list in an arena. Each key has a chain of writes, newest first; each write knows the
// command that made it. A view of command c sees the newest write of a command before c, so that a
// statement does not see its own writes (no Halloween problem), and a portal goes on seeing what it
// saw when it was opened. Undoing takes writes off the chains again in reverse order; nodes stay,
// so that positions stay valid while the set grows and shrinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/random.h"
#include "kv/store.h"

namespace sundog::txn {

using CommandId = uint32_t;
// A view that sees every write made so far.
inline constexpr CommandId kAllCommands = UINT32_MAX;

class WriteSet {
 public:
  struct Write {
    std::optional<std::string_view> value;  // absent: deleted
    CommandId command = 0;
    Write* older = nullptr;
  };
  static constexpr int kMaxHeight = 12;
  struct Node {
    std::string_view key;
    Write* newest = nullptr;
    Node* previous = nullptr;
    Node* next[1];  // as many as its height
  };

  WriteSet();
  WriteSet(const WriteSet&) = delete;
  WriteSet& operator=(const WriteSet&) = delete;

  // Copies key and value.
  void Put(std::string_view key, std::optional<std::string_view> value, CommandId command);

  // What a view of `command` sees of the key: null: nothing of its own.
  const Write* Find(std::string_view key, CommandId command) const;
  static const Write* Visible(const Node& node, CommandId command) {
    const Write* write = node.newest;
    while (write != nullptr && write->command >= command) write = write->older;
    return write;
  }

  // The first node at or after `key`; null: none.
  const Node* LowerBound(std::string_view key) const;
  // The last node before `key`; an empty key stands for the end.
  const Node* Before(std::string_view key) const;
  const Node* first() const { return head_->next[0]; }
  static const Node* After(const Node& node) { return node.next[0]; }
  // False only if a view of `command` sees no write of its own in the range.
  bool Touches(const kv::KeyRange& range, CommandId command) const;

  // For savepoints: UndoTo(mark()) takes back all that was written in between.
  size_t mark() const { return undo_.size(); }
  void UndoTo(size_t mark);

  bool empty() const { return undo_.empty(); }
  size_t write_count() const { return undo_.size(); }
  size_t bytes() const { return arena_.allocated_bytes(); }
  void Clear();

 private:
  // Where keys of one prefix were last inserted: appending in order needs no search.
  struct Finger {
    Node* last = nullptr;
    int last_height = 0;
    Node* before[kMaxHeight];
  };
  static constexpr size_t kFingers = 4;

  Node* NewNode(std::string_view key, int height);
  int RandomHeight();
  // Fills `before` with the last node before `key` on each level; the node after them on the
  // lowest.
  Node* Seek(std::string_view key, Node** before) const;
  Node* FindOrInsert(std::string_view key);
  Node* InsertAfter(Node** before, std::string_view key, Finger* finger);
  // The finger that `key` can be appended at, with all of `before` set; null: none.
  Finger* FingerFor(std::string_view key, Node** before);

  base::Arena arena_;
  base::Random random_;
  Node* head_;
  int height_ = 1;
  Finger fingers_[kFingers];
  size_t next_finger_ = 0;
  CommandId first_command_ = kAllCommands;
  std::vector<Node*> undo_;
};

}  // namespace sundog::txn
