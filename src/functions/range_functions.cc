// Functions and operators of ranges and multiranges. A range counts as a multirange of at most one
// range, so that most operators are written once for all combinations; an element as the range that
// holds nothing else.
#include "base/sql_error.h"
#include "functions/datum_kernel.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/array.h"
#include "types/calendar.h"
#include "types/numeric.h"
#include "types/range.h"

namespace sundog::functions {

namespace {

using types::RangeAlgebra;
using types::RangeBound;
using types::RangeInfo;
using types::RangeSet;

// The type of ranges that a call is about: that of its first range, or of its result.
const RangeAlgebra& AlgebraOf(CallContext& call) {
  const RangeInfo* info = nullptr;
  for (size_t i = 0; i < call.argument_types().size() && info == nullptr; ++i) {
    info = types::FindRange(call.argument_types()[i].oid);
  }
  if (info == nullptr) info = types::FindRange(call.result_type().oid);
  if (info == nullptr) base::ThrowNotSupported("a range of this type");
  return call.State<RangeAlgebra>(call.types(), *info);
}

RangeSet SetOf(CallContext& call, const RangeAlgebra& algebra, std::span<const Datum> arguments,
               size_t i) {
  Oid type = call.argument_types()[i].oid;
  const Datum& value = arguments[i];
  if (type == algebra.info().range) return algebra.Decode(value.As<std::string_view>());
  if (type == algebra.info().multirange) {
    return algebra.DecodeMulti(value.As<std::string_view>());
  }
  return {{{value, false, true, true}, {value, false, true, false}}};
}

Datum ResultOf(CallContext& call, const RangeAlgebra& algebra, const RangeSet& set) {
  bool multi = call.result_type().oid == algebra.info().multirange;
  return Datum::From(multi ? algebra.EncodeMulti(set, call.arena())
                           : algebra.Encode(set, call.arena()));
}

// --- comparison and containment ---

using Relation = bool (RangeAlgebra::*)(const RangeSet&, const RangeSet&) const;

template <Relation kRelation, bool kSwapped = false>
Datum Related(CallContext& call, std::span<const Datum> arguments) {
  const RangeAlgebra& algebra = AlgebraOf(call);
  RangeSet a = SetOf(call, algebra, arguments, 0), b = SetOf(call, algebra, arguments, 1);
  return Datum::From<bool>(kSwapped ? (algebra.*kRelation)(b, a) : (algebra.*kRelation)(a, b));
}

int Order(CallContext& call, std::span<const Datum> arguments) {
  const RangeAlgebra& algebra = AlgebraOf(call);
  return algebra.Compare(SetOf(call, algebra, arguments, 0), SetOf(call, algebra, arguments, 1));
}

Datum Compare(CallContext& call, std::span<const Datum> arguments) {
  return Datum::From<int32_t>(Order(call, arguments));
}
Datum Equal(CallContext& call, std::span<const Datum> arguments) {
  return Datum::From<bool>(Order(call, arguments) == 0);
}
Datum NotEqual(CallContext& call, std::span<const Datum> arguments) {
  return Datum::From<bool>(Order(call, arguments) != 0);
}
Datum Less(CallContext& call, std::span<const Datum> arguments) {
  return Datum::From<bool>(Order(call, arguments) < 0);
}
Datum LessOrEqual(CallContext& call, std::span<const Datum> arguments) {
  return Datum::From<bool>(Order(call, arguments) <= 0);
}
Datum Greater(CallContext& call, std::span<const Datum> arguments) {
  return Datum::From<bool>(Order(call, arguments) > 0);
}
Datum GreaterOrEqual(CallContext& call, std::span<const Datum> arguments) {
  return Datum::From<bool>(Order(call, arguments) >= 0);
}

// --- set operations ---

using Operation = RangeSet (RangeAlgebra::*)(const RangeSet&, const RangeSet&) const;

template <Operation kOperation>
Datum Combined(CallContext& call, std::span<const Datum> arguments) {
  const RangeAlgebra& algebra = AlgebraOf(call);
  RangeSet set = (algebra.*kOperation)(SetOf(call, algebra, arguments, 0),
                                       SetOf(call, algebra, arguments, 1));
  return ResultOf(call, algebra, set);
}

// The same where the result must be one range.
template <Operation kOperation>
Datum Contiguous(CallContext& call, std::span<const Datum> arguments) {
  const RangeAlgebra& algebra = AlgebraOf(call);
  RangeSet set = (algebra.*kOperation)(SetOf(call, algebra, arguments, 0),
                                       SetOf(call, algebra, arguments, 1));
  if (set.size() > 1) {
    throw SqlError(sqlstate::kDataException,
                   kOperation == &RangeAlgebra::Union
                       ? "result of range union would not be contiguous"
                       : "result of range difference would not be contiguous");
  }
  return ResultOf(call, algebra, set);
}

Datum HullOfOne(CallContext& call, std::span<const Datum> arguments) {
  const RangeAlgebra& algebra = AlgebraOf(call);
  return ResultOf(call, algebra, algebra.Hull(SetOf(call, algebra, arguments, 0), {}));
}

// --- parts ---

Datum Lower(CallContext& call, std::span<const Datum> arguments) {
  RangeSet set = SetOf(call, AlgebraOf(call), arguments, 0);
  return set.empty() || set.front().lower.infinite ? Datum() : set.front().lower.value;
}
Datum Upper(CallContext& call, std::span<const Datum> arguments) {
  RangeSet set = SetOf(call, AlgebraOf(call), arguments, 0);
  return set.empty() || set.back().upper.infinite ? Datum() : set.back().upper.value;
}
Datum IsEmpty(CallContext& call, std::span<const Datum> arguments) {
  return Datum::From<bool>(SetOf(call, AlgebraOf(call), arguments, 0).empty());
}

template <bool RangeBound::*kProperty>
Datum LowerIs(CallContext& call, std::span<const Datum> arguments) {
  RangeSet set = SetOf(call, AlgebraOf(call), arguments, 0);
  return Datum::From<bool>(!set.empty() && set.front().lower.*kProperty);
}
template <bool RangeBound::*kProperty>
Datum UpperIs(CallContext& call, std::span<const Datum> arguments) {
  RangeSet set = SetOf(call, AlgebraOf(call), arguments, 0);
  return Datum::From<bool>(!set.empty() && set.back().upper.*kProperty);
}

// --- constructors ---

// A null bound is an infinite one.
Datum MakeRange(CallContext& call, std::span<const Datum> arguments) {
  const RangeAlgebra& algebra = AlgebraOf(call);
  bool lower_inclusive = true, upper_inclusive = false;
  if (arguments.size() > 2) {
    if (arguments[2].is_null()) {
      throw SqlError(sqlstate::kDataException,
                     "range constructor flags argument must not be null");
    }
    types::ParseBoundFlags(arguments[2].As<std::string_view>(), &lower_inclusive,
                           &upper_inclusive);
  }
  return ResultOf(call, algebra,
                  algebra.Make({arguments[0], arguments[0].is_null(), lower_inclusive, true},
                               {arguments[1], arguments[1].is_null(), upper_inclusive, false}));
}

Datum EmptyMultirange(CallContext& call, std::span<const Datum>) {
  return ResultOf(call, AlgebraOf(call), {});
}

Datum MultirangeOfRange(CallContext& call, std::span<const Datum> arguments) {
  const RangeAlgebra& algebra = AlgebraOf(call);
  return ResultOf(call, algebra, SetOf(call, algebra, arguments, 0));
}

Datum MultirangeOfArray(CallContext& call, std::span<const Datum> arguments) {
  const RangeAlgebra& algebra = AlgebraOf(call);
  types::ArrayReader array(arguments[0].As<std::string_view>());
  if (array.dimensions() > 1) {
    throw SqlError(sqlstate::kCardinalityViolation,
                   "multiranges cannot be constructed from multidimensional arrays");
  }
  RangeSet all;
  for (int32_t i = 0; i < array.size(); ++i) {
    if (array.IsNull(i)) {
      throw SqlError(sqlstate::kNullValueNotAllowed,
                     "multirange values cannot contain null members");
    }
    RangeSet range = algebra.Decode(array.ValueAt<std::string_view>(i));
    all.insert(all.end(), range.begin(), range.end());
  }
  return ResultOf(call, algebra, algebra.Normalize(std::move(all)));
}

// Ranges are canonical from the start.
Datum Canonical(CallContext&, std::span<const Datum> arguments) { return arguments[0]; }

// --- distances, for indexes ---

double DifferenceOfInts(int32_t a, int32_t b) { return double(a) - double(b); }
double DifferenceOfBigints(int64_t a, int64_t b) {
  return static_cast<double>(a) - static_cast<double>(b);
}
double DifferenceOfTimestamps(int64_t a, int64_t b) {
  return (static_cast<double>(a) - static_cast<double>(b)) /
         static_cast<double>(types::kMicrosPerSecond);
}
double DifferenceOfNumerics(CallContext& call, std::string_view a, std::string_view b) {
  return types::NumericToDouble(types::NumericSubtract(a, b, call.arena()));
}

class RangesOfMultirange : public SetCall {
 public:
  RangesOfMultirange(const RangeAlgebra& algebra, RangeSet set)
      : algebra_(algebra), set_(std::move(set)) {}

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t count = 0;
    for (; count < capacity && at_ < set_.size(); ++at_, ++count) {
      columns[0]->Set(count, algebra_.Encode({set_[at_]}, columns[0]->arena()));
    }
    return count;
  }

 private:
  const RangeAlgebra& algebra_;
  RangeSet set_;
  size_t at_ = 0;
};

std::unique_ptr<SetCall> Unnest(CallContext& call, std::span<const Datum> arguments) {
  const RangeAlgebra& algebra = AlgebraOf(call);
  return std::make_unique<RangesOfMultirange>(algebra, SetOf(call, algebra, arguments, 0));
}

#define SUNDOG_RANGE_ORDER(type)                                                             \
  {type "_eq", DatumKernel<Equal>}, {type "_ne", DatumKernel<NotEqual>},                     \
      {type "_lt", DatumKernel<Less>}, {type "_le", DatumKernel<LessOrEqual>},               \
      {type "_gt", DatumKernel<Greater>}, {type "_ge", DatumKernel<GreaterOrEqual>},         \
      {type "_cmp", DatumKernel<Compare>}

#define SUNDOG_RANGE_PARTS(type)                                                             \
  {type "_lower", DatumKernel<Lower>}, {type "_upper", DatumKernel<Upper>},                  \
      {type "_empty", DatumKernel<IsEmpty>},                                                 \
      {type "_lower_inc", DatumKernel<LowerIs<&RangeBound::inclusive>>},                     \
      {type "_upper_inc", DatumKernel<UpperIs<&RangeBound::inclusive>>},                     \
      {type "_lower_inf", DatumKernel<LowerIs<&RangeBound::infinite>>},                      \
      {type "_upper_inf", DatumKernel<UpperIs<&RangeBound::infinite>>}

#define SUNDOG_RANGE_RELATIONS(prefix, suffix)                                               \
  {prefix "_overlaps" suffix, DatumKernel<Related<&RangeAlgebra::Overlaps>>},                \
      {prefix "_contains" suffix, DatumKernel<Related<&RangeAlgebra::Contains>>},            \
      {prefix "_contained_by" suffix, DatumKernel<Related<&RangeAlgebra::Contains, true>>},  \
      {prefix "_adjacent" suffix, DatumKernel<Related<&RangeAlgebra::IsAdjacent>>},          \
      {prefix "_before" suffix, DatumKernel<Related<&RangeAlgebra::IsBefore>>},              \
      {prefix "_after" suffix, DatumKernel<Related<&RangeAlgebra::IsBefore, true>>},         \
      {prefix "_overleft" suffix, DatumKernel<Related<&RangeAlgebra::EndsWithin>>},          \
      {prefix "_overright" suffix, DatumKernel<Related<&RangeAlgebra::BeginsWithin>>}

const ScalarEntry kEntries[] = {
    SUNDOG_RANGE_ORDER("range"),
    SUNDOG_RANGE_ORDER("multirange"),
    SUNDOG_RANGE_PARTS("range"),
    SUNDOG_RANGE_PARTS("multirange"),
    SUNDOG_RANGE_RELATIONS("range", ""),
    SUNDOG_RANGE_RELATIONS("range", "_multirange"),
    SUNDOG_RANGE_RELATIONS("multirange", "_range"),
    SUNDOG_RANGE_RELATIONS("multirange", "_multirange"),
    {"range_contains_elem", DatumKernel<Related<&RangeAlgebra::Contains>>},
    {"elem_contained_by_range", DatumKernel<Related<&RangeAlgebra::Contains, true>>},
    {"multirange_contains_elem", DatumKernel<Related<&RangeAlgebra::Contains>>},
    {"elem_contained_by_multirange", DatumKernel<Related<&RangeAlgebra::Contains, true>>},
    {"range_union", DatumKernel<Contiguous<&RangeAlgebra::Union>>},
    {"range_minus", DatumKernel<Contiguous<&RangeAlgebra::Subtract>>},
    {"range_intersect", DatumKernel<Combined<&RangeAlgebra::Intersect>>},
    {"range_merge", DatumKernel<Combined<&RangeAlgebra::Hull>>},
    {"range_merge_from_multirange", DatumKernel<HullOfOne>},
    {"multirange_union", DatumKernel<Combined<&RangeAlgebra::Union>>},
    {"multirange_minus", DatumKernel<Combined<&RangeAlgebra::Subtract>>},
    {"multirange_intersect", DatumKernel<Combined<&RangeAlgebra::Intersect>>},
    {"range_constructor2", DatumKernel<MakeRange>},
    {"range_constructor3", DatumKernel<MakeRange>},
    {"multirange_constructor0", DatumKernel<EmptyMultirange>},
    {"multirange_constructor1", DatumKernel<MultirangeOfRange>},
    {"multirange_constructor2", DatumKernel<MultirangeOfArray>},
    {"int4range_canonical", DatumKernel<Canonical>},
    {"int8range_canonical", DatumKernel<Canonical>},
    {"daterange_canonical", DatumKernel<Canonical>},
    {"int4range_subdiff", Kernel<DifferenceOfInts>},
    {"daterange_subdiff", Kernel<DifferenceOfInts>},
    {"int8range_subdiff", Kernel<DifferenceOfBigints>},
    {"tsrange_subdiff", Kernel<DifferenceOfTimestamps>},
    {"tstzrange_subdiff", Kernel<DifferenceOfTimestamps>},
    {"numrange_subdiff", Kernel<DifferenceOfNumerics>},
};

const SetEntry kSetEntries[] = {{"multirange_unnest", Unnest}};

}  // namespace

void RegisterRangeFunctions(Implementations& table) {
  table.Add(std::span(kEntries));
  table.Add(std::span(kSetEntries));
}

}  // namespace sundog::functions
