// One value, or null, of a kind known from elsewhere: constants, parameters, key bounds. Owns
// nothing: a varlen datum points to bytes whose owner (an arena, a vector) must live longer.
#pragma once

#include <cstring>
#include <string_view>

#include "base/arena.h"
#include "types/physical_kind.h"

namespace sundog::types {

class Datum {
 public:
  Datum() = default;  // null

  template <typename T>
  static Datum From(T value) {
    static_assert(sizeof(T) <= sizeof(payload_));
    static_cast<void>(PhysicalKindOf<T>::value);
    Datum datum;
    std::memcpy(datum.payload_, &value, sizeof(T));
    datum.is_null_ = false;
    return datum;
  }

  template <typename T>
  T As() const {
    static_cast<void>(PhysicalKindOf<T>::value);
    T value;
    std::memcpy(&value, payload_, sizeof(T));
    return value;
  }

  bool is_null() const { return is_null_; }
  const void* payload() const { return payload_; }

  static Datum FromPayload(const void* payload, PhysicalKind kind) {
    Datum datum;
    std::memcpy(datum.payload_, payload, PhysicalWidth(kind));
    datum.is_null_ = false;
    return datum;
  }

  // The same value with its bytes, if it has any, in `arena`.
  Datum CopyTo(base::Arena& arena, PhysicalKind kind) const {
    if (is_null_ || kind != PhysicalKind::kVarlen) return *this;
    return From(arena.Copy(As<std::string_view>()));
  }

 private:
  alignas(8) char payload_[16] = {};
  bool is_null_ = true;
};

}  // namespace sundog::types
