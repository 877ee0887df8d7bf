// Operations that types with a fixed-width C++ value share: order by <, hash by value, big-endian
// wire form.
#pragma once

#include <type_traits>

#include "base/bytes.h"
#include "types/hash.h"
#include "types/type_info.h"
#include "types/wire_reader.h"

namespace sundog::types {

template <typename T>
constexpr int CompareValues(T a, T b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

template <typename T>
int CompareFixed(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareValues(a.As<T>(), b.As<T>());
}

// Integers of different widths hash alike when equal, for joins of int4 with int8.
template <typename T>
uint64_t HashFixed(const TypeLookup&, const TypeInfo&, const Datum& value) {
  return HashInteger(static_cast<uint64_t>(static_cast<int64_t>(value.As<T>())));
}

template <typename T>
Datum ReceiveFixed(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t,
                   base::Arena&) {
  WireReader reader(bytes);
  T value = static_cast<T>(reader.Read<std::make_signed_t<T>>());
  reader.Finish();
  return Datum::From<T>(value);
}

template <typename T>
void SendFixed(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  base::AppendBigEndian<T>(to, value.As<T>());
}

}  // namespace sundog::types
