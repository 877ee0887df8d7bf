// Kernels for cheap functions of one or two arguments, where the loop itself is the cost: the dense
// loops run over plain arrays with constants kept in registers, so that the compiler can vectorise
// them. Of functions that look nothing up, throw rarely and never return null:
//
//   constexpr bool Less(int32_t a, int32_t b) { return a < b; }      → FastKernel<Less>
#pragma once

#include "functions/function.h"

namespace sundog::functions {

namespace internal {

template <typename T>
const T* ElementsOf(const Vector& vector) {
  return &vector.At<T>(0);
}

template <typename Signature>
struct FastLoop;

template <typename Result, typename A>
struct FastLoop<Result (*)(A)> {
  template <auto Function>
  static void Run(CallContext&, std::span<const Vector* const> arguments, RowSet rows,
                  Vector& out) {
    Result* to = out.Data<Result>();
    const A* a = ElementsOf<A>(*arguments[0]);
    if (rows.dense() && !arguments[0]->constant()) {
      size_t count = rows.count();
      for (size_t i = 0; i < count; ++i) to[i] = Function(a[i]);
      return;
    }
    const Vector& argument = *arguments[0];
    rows.ForEach([&](size_t row) { to[row] = Function(argument.At<A>(row)); });
  }
};

template <typename Result, typename A, typename B>
struct FastLoop<Result (*)(A, B)> {
  template <auto Function>
  static void Run(CallContext&, std::span<const Vector* const> arguments, RowSet rows,
                  Vector& out) {
    const Vector& left = *arguments[0];
    const Vector& right = *arguments[1];
    Result* to = out.Data<Result>();
    if (!rows.dense() || (left.constant() && right.constant())) {
      rows.ForEach([&](size_t row) { to[row] = Function(left.At<A>(row), right.At<B>(row)); });
      return;
    }
    const A* a = ElementsOf<A>(left);
    const B* b = ElementsOf<B>(right);
    size_t count = rows.count();
    if (right.constant()) {
      const B constant = *b;
      for (size_t i = 0; i < count; ++i) to[i] = Function(a[i], constant);
    } else if (left.constant()) {
      const A constant = *a;
      for (size_t i = 0; i < count; ++i) to[i] = Function(constant, b[i]);
    } else {
      for (size_t i = 0; i < count; ++i) to[i] = Function(a[i], b[i]);
    }
  }
};

}  // namespace internal

template <auto Function>
inline constexpr ScalarKernel FastKernel =
    &internal::FastLoop<decltype(Function)>::template Run<Function>;

}  // namespace sundog::functions
