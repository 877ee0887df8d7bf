// The state of sums of integers: shared by sum() and avg(), which can take values back exactly.
#pragma once

#include <cstdint>

namespace sundog::functions {

template <typename T, typename Wide>
struct IntegerSum {
  using Value = T;
  struct State {
    Wide sum = 0;
    int64_t count = 0;
  };
  static void Add(State& state, T value) {
    state.sum += value;
    ++state.count;
  }
  static void Remove(State& state, T value) {
    state.sum -= value;
    --state.count;
  }
};

}  // namespace sundog::functions
