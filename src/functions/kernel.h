// Lifts plain C++ functions of scalars to kernels over vectors, so that a SQL function is written
// as what it does to one row:
//
//   int32_t Int4Add(int32_t a, int32_t b);                         → Kernel<Int4Add>
//   std::string_view Upper(CallContext& call, std::string_view s); → Kernel<Upper>
//   std::optional<int32_t> Ascii(…);                               → nullopt is SQL null
//   int32_t NumNulls(Nullable<int32_t> a);                         → for functions not strict
//
// Argument and result types are physical C++ types (types/physical_kind.h). A string_view result
// must point to call.arena(), to an argument, or to static memory.
#pragma once

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "functions/function.h"

namespace sundog::functions {

// An argument of a function that is not strict.
template <typename T>
struct Nullable {
  T value;
  bool is_null;
};

namespace internal {

template <typename T>
struct ArgumentReader {
  static T Read(const Vector& vector, size_t row) { return vector.At<T>(row); }
};

template <typename T>
struct ArgumentReader<Nullable<T>> {
  static Nullable<T> Read(const Vector& vector, size_t row) {
    if (vector.IsNull(row)) return {T{}, true};
    return {vector.At<T>(row), false};
  }
};

template <typename T>
struct ResultWriter {
  static void Write(Vector& out, size_t row, const T& result) { out.Set<T>(row, result); }
};

template <typename T>
struct ResultWriter<std::optional<T>> {
  static void Write(Vector& out, size_t row, const std::optional<T>& result) {
    if (result.has_value()) {
      out.Set<T>(row, *result);
    } else {
      out.SetNull(row);
    }
  }
};

template <typename Signature>
struct Lifter;

template <typename Result, typename... Arguments>
struct Lifter<Result (*)(Arguments...)> {
  template <auto Function>
  static void Run(CallContext&, std::span<const Vector* const> arguments, RowSet rows,
                  Vector& out) {
    RunIndexed<Function>(arguments, rows, out, std::index_sequence_for<Arguments...>());
  }
  template <auto Function, size_t... I>
  static void RunIndexed(std::span<const Vector* const> arguments, RowSet rows, Vector& out,
                         std::index_sequence<I...>) {
    rows.ForEach([&](size_t row) {
      ResultWriter<Result>::Write(
          out, row, Function(ArgumentReader<std::decay_t<Arguments>>::Read(*arguments[I], row)...));
    });
  }
};

template <typename Result, typename... Arguments>
struct Lifter<Result (*)(CallContext&, Arguments...)> {
  template <auto Function>
  static void Run(CallContext& call, std::span<const Vector* const> arguments, RowSet rows,
                  Vector& out) {
    RunIndexed<Function>(call, arguments, rows, out, std::index_sequence_for<Arguments...>());
  }
  template <auto Function, size_t... I>
  static void RunIndexed(CallContext& call, std::span<const Vector* const> arguments, RowSet rows,
                         Vector& out, std::index_sequence<I...>) {
    rows.ForEach([&](size_t row) {
      ResultWriter<Result>::Write(
          out, row,
          Function(call, ArgumentReader<std::decay_t<Arguments>>::Read(*arguments[I], row)...));
    });
  }
};

}  // namespace internal

template <auto Function>
inline constexpr ScalarKernel Kernel =
    &internal::Lifter<decltype(Function)>::template Run<Function>;

}  // namespace sundog::functions
