// Sorting as PostgreSQL sorts: Bentley and McIlroy's quicksort ("Engineering a Sort Function",
// 1993), told apart by a first pass that leaves sorted input alone.
//
// Not stable, but the same comparisons on the same input leave equal elements in the same order as
// PostgreSQL's. SQL promises nothing about that order; programs and their tests that have only met
// PostgreSQL rely on it all the same: which of two equal rows row_number() calls the first.
//
// Beyond kQuicksortLimit elements the order of equals is that of the input, and the time no longer
// depends on the input's shape.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace sundog::exec {

inline constexpr size_t kQuicksortLimit = 1 << 14;

namespace ordered_sort {

template <typename T, typename Compare>
T* MedianOfThree(T* a, T* b, T* c, Compare& compare) {
  if (compare(*a, *b) < 0) {
    if (compare(*b, *c) < 0) return b;
    return compare(*a, *c) < 0 ? c : a;
  }
  if (compare(*b, *c) > 0) return b;
  return compare(*a, *c) < 0 ? a : c;
}

template <typename T, typename Compare>
void InsertionSort(T* first, size_t count, Compare& compare) {
  for (T* next = first + 1; next < first + count; ++next) {
    for (T* at = next; at > first && compare(at[-1], *at) > 0; --at) std::swap(at[-1], *at);
  }
}

template <typename T, typename Compare>
bool IsSorted(T* first, size_t count, Compare& compare) {
  for (size_t i = 1; i < count; ++i) {
    if (compare(first[i - 1], first[i]) > 0) return false;
  }
  return true;
}

template <typename T, typename Compare>
T* ChoosePivot(T* first, size_t count, Compare& compare) {
  T* middle = first + count / 2;
  if (count == 7) return middle;
  T* low = first;
  T* high = first + count - 1;
  if (count > 40) {
    size_t step = count / 8;
    low = MedianOfThree(low, low + step, low + 2 * step, compare);
    middle = MedianOfThree(middle - step, middle, middle + step, compare);
    high = MedianOfThree(high - 2 * step, high - step, high, compare);
  }
  return MedianOfThree(low, middle, high, compare);
}

// 1. Elements equal to the pivot gather at both ends while the rest is parted into less and more.
// 2. The equal ones are swapped to the middle.
// 3. The shorter part is sorted by recursion, the longer by going round.
template <typename T, typename Compare>
void Quicksort(T* first, size_t count, Compare& compare) {
  while (count >= 7) {
    if (IsSorted(first, count, compare)) return;
    std::swap(*first, *ChoosePivot(first, count, compare));
    T* equal_low = first + 1;
    T* low = first + 1;
    T* high = first + count - 1;
    T* equal_high = high;
    while (true) {
      int order;
      while (low <= high && (order = compare(*low, *first)) <= 0) {
        if (order == 0) std::swap(*equal_low++, *low);
        ++low;
      }
      while (low <= high && (order = compare(*high, *first)) >= 0) {
        if (order == 0) std::swap(*high, *equal_high--);
        --high;
      }
      if (low > high) break;
      std::swap(*low++, *high--);
    }
    T* end = first + count;
    ptrdiff_t moved = std::min(equal_low - first, low - equal_low);
    std::swap_ranges(first, first + moved, low - moved);
    moved = std::min(equal_high - high, end - equal_high - 1);
    std::swap_ranges(low, low + moved, end - moved);
    size_t less = static_cast<size_t>(low - equal_low);
    size_t more = static_cast<size_t>(equal_high - high);
    if (less <= more) {
      Quicksort(first, less, compare);
      first = end - more;
      count = more;
    } else {
      Quicksort(end - more, more, compare);
      count = less;
    }
  }
  InsertionSort(first, count, compare);
}

}  // namespace ordered_sort

// `compare(a, b)` is <0, 0 or >0; `position(a)` tells equal elements of large inputs apart.
template <typename T, typename Compare, typename Position>
void SortLikePostgres(std::span<T> elements, Compare compare, Position position) {
  if (elements.size() <= kQuicksortLimit) {
    if (!elements.empty()) ordered_sort::Quicksort(elements.data(), elements.size(), compare);
    return;
  }
  std::sort(elements.begin(), elements.end(), [&](const T& a, const T& b) {
    int order = compare(a, b);
    return order != 0 ? order < 0 : position(a) < position(b);
  });
}

}  // namespace sundog::exec
