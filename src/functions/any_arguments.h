// The arguments of functions that take VARIADIC "any": each its own type, or, where the call says
// VARIADIC, the elements of one array.
#pragma once

#include <optional>
#include <string>

#include "functions/function.h"
#include "types/array.h"

namespace sundog::functions {

class AnyArguments {
 public:
  // Of one row; arguments before `first` are not part of the list.
  AnyArguments(CallContext& call, std::span<const Vector* const> vectors, size_t row, size_t first);

  // VARIADIC NULL.
  bool is_null_array() const { return is_null_array_; }
  size_t count() const;
  bool IsNull(size_t i) const;
  Datum At(size_t i) const;
  SqlType type(size_t i) const;
  // By the type's output function; not of a null.
  void AppendText(size_t i, std::string& to) const;
  // As a cast to text writes it, which differs for boolean and char(n).
  void AppendCastText(size_t i, std::string& to) const;

 private:
  CallContext& call_;
  std::span<const Vector* const> vectors_;
  size_t row_;
  size_t first_;
  bool is_null_array_ = false;
  std::optional<types::ArrayReader> array_;
};

}  // namespace sundog::functions
