// A vector of an index's entry, with the versions of the store that show it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "kv/store.h"

namespace sundog::vectors {

inline constexpr kv::Version kNever = UINT64_MAX;

struct Point {
  Point(std::string row_key, std::string_view vector, kv::Version born, uint64_t number)
      : row_key(std::move(row_key)),
        born(born),
        number(number),
        vector(std::make_unique<const std::string>(vector)) {}

  const std::string row_key;
  // Snapshots of a version from `born` up to but without `died` show it.
  const kv::Version born;
  std::atomic<kv::Version> died = kNever;
  const uint64_t number;  // points are taken into the graph in this order
  bool confirmed = false; // while entries are read: one of them is this point's

  // The rest changes with the graph's gate closed.
  std::unique_ptr<const std::string> vector;  // until the graph has it
  uint32_t node = 0;                          // in the graph
  Point* next = nullptr;                      // another one at the same node

  bool ShownAt(kv::Version version) const {
    return born <= version && version < died.load(std::memory_order_relaxed);
  }
};

}  // namespace sundog::vectors
