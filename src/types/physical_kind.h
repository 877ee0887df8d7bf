// How the values of a SQL type lie in memory. Many SQL types share a kind; one C++ type a kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"

namespace sundog::types {

// 2 months 3 days 04:05:06, kept apart as PostgreSQL keeps them.
struct Interval {
  int64_t micros = 0;
  int32_t days = 0;
  int32_t months = 0;
  friend bool operator==(const Interval&, const Interval&) = default;  // of the fields, not SQL's
};
static_assert(sizeof(Interval) == 16);

struct Uuid {
  uint8_t bytes[16] = {};
  friend bool operator==(const Uuid&, const Uuid&) = default;
};
static_assert(sizeof(Uuid) == 16);

// Time of day in microseconds; zone in seconds west of UTC, as PostgreSQL keeps it.
struct TimeTz {
  int64_t micros = 0;
  int32_t zone = 0;
  int32_t unused = 0;
  friend bool operator==(const TimeTz&, const TimeTz&) = default;
};
static_assert(sizeof(TimeTz) == 16);

enum class PhysicalKind : uint8_t {
  kBool,      // bool
  kChar,      // char: the type "char"
  kInt16,     // int16_t
  kInt32,     // int32_t: int4, date (days since 2000-01-01)
  kUint32,    // uint32_t: oid, xid, cid, reg* types, enums (OID of the label)
  kInt64,     // int64_t: int8, time, timestamp, timestamptz (µs since 2000-01-01), money, …
  kFloat32,   // float
  kFloat64,   // double
  kInterval,  // Interval
  kUuid,      // Uuid
  kTimeTz,    // TimeTz
  kVarlen,    // std::string_view: everything else; the bytes' format is the type's own
};

template <typename T>
struct PhysicalKindOf;
#define SUNDOG_PHYSICAL_KIND(type, kind)                       \
  template <>                                                  \
  struct PhysicalKindOf<type> {                                \
    static constexpr PhysicalKind value = PhysicalKind::kind;  \
  };
SUNDOG_PHYSICAL_KIND(bool, kBool)
SUNDOG_PHYSICAL_KIND(char, kChar)
SUNDOG_PHYSICAL_KIND(int16_t, kInt16)
SUNDOG_PHYSICAL_KIND(int32_t, kInt32)
SUNDOG_PHYSICAL_KIND(uint32_t, kUint32)
SUNDOG_PHYSICAL_KIND(int64_t, kInt64)
SUNDOG_PHYSICAL_KIND(float, kFloat32)
SUNDOG_PHYSICAL_KIND(double, kFloat64)
SUNDOG_PHYSICAL_KIND(Interval, kInterval)
SUNDOG_PHYSICAL_KIND(Uuid, kUuid)
SUNDOG_PHYSICAL_KIND(TimeTz, kTimeTz)
SUNDOG_PHYSICAL_KIND(std::string_view, kVarlen)
#undef SUNDOG_PHYSICAL_KIND

// Bytes of one element in a vector.
constexpr size_t PhysicalWidth(PhysicalKind kind) {
  switch (kind) {
    case PhysicalKind::kBool:
    case PhysicalKind::kChar: return 1;
    case PhysicalKind::kInt16: return 2;
    case PhysicalKind::kInt32:
    case PhysicalKind::kUint32:
    case PhysicalKind::kFloat32: return 4;
    case PhysicalKind::kInt64:
    case PhysicalKind::kFloat64: return 8;
    case PhysicalKind::kInterval:
    case PhysicalKind::kUuid:
    case PhysicalKind::kTimeTz:
    case PhysicalKind::kVarlen: return 16;
  }
  return 0;
}

// Calls `visit` with a value-initialised object of the kind's C++ type, for generic code:
//   VisitPhysicalKind(kind, [&]<typename T>(T) { … });
template <typename Visitor>
decltype(auto) VisitPhysicalKind(PhysicalKind kind, Visitor&& visit) {
  switch (kind) {
    case PhysicalKind::kBool: return visit(bool{});
    case PhysicalKind::kChar: return visit(char{});
    case PhysicalKind::kInt16: return visit(int16_t{});
    case PhysicalKind::kInt32: return visit(int32_t{});
    case PhysicalKind::kUint32: return visit(uint32_t{});
    case PhysicalKind::kInt64: return visit(int64_t{});
    case PhysicalKind::kFloat32: return visit(float{});
    case PhysicalKind::kFloat64: return visit(double{});
    case PhysicalKind::kInterval: return visit(Interval{});
    case PhysicalKind::kUuid: return visit(Uuid{});
    case PhysicalKind::kTimeTz: return visit(TimeTz{});
    case PhysicalKind::kVarlen: break;
  }
  return visit(std::string_view{});
}

}  // namespace sundog::types
