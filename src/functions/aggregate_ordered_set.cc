// Ordered-set aggregates (percentile_cont, percentile_disc, mode) and hypothetical-set ones (rank,
// dense_rank, percent_rank, cume_dist). Rows arrive sorted (functions/aggregate.h).
#include <fmt/format.h>

#include <cmath>

#include "base/sql_error.h"
#include "functions/aggregates.h"
#include "functions/array_elements.h"
#include "functions/datetime_arithmetic.h"
#include "functions/implementations.h"

namespace sundog::functions {

namespace {

using types::ArrayBuilder;
using types::ArrayReader;
using Arguments = std::span<const Vector* const>;

// The values of a group that are not null, in order, and the direct argument.
struct SortedValues {
  base::Arena bytes;
  std::vector<Datum> values;
  Datum direct;
  bool any_row = false;
};

// Argument `value_index` is the sorted one; with a direct argument before it.
template <size_t value_index>
void AddSorted(CallContext& call, SortedValues& state, Arguments arguments, size_t row) {
  if (!state.any_row && value_index > 0) {
    state.direct = arguments[0]->DatumAt(row).CopyTo(state.bytes, arguments[0]->kind());
  }
  state.any_row = true;
  Datum value = arguments[value_index]->DatumAt(row);
  static_cast<void>(call);
  if (value.is_null()) return;
  state.values.push_back(value.CopyTo(state.bytes, arguments[value_index]->kind()));
}

void CheckPercentile(double p) {
  if (p >= 0 && p <= 1) return;
  throw SqlError(sqlstate::kNumericValueOutOfRange,
                 fmt::format("percentile value {:g} is not between 0 and 1", p));
}

// The first value at which at least `p` of the group is reached.
Datum Discrete(const std::vector<Datum>& values, double p) {
  auto row = static_cast<int64_t>(std::ceil(p * static_cast<double>(values.size())));
  return values[static_cast<size_t>(row > 1 ? row - 1 : 0)];
}

double Between(double low, double high, double share) { return low + (share * (high - low)); }

types::Interval Between(const types::Interval& low, const types::Interval& high, double share) {
  return AddIntervals(MultiplyInterval(SubtractIntervals(high, low), share), low);
}

template <typename T>
Datum Continuous(const std::vector<Datum>& values, double p) {
  double place = p * static_cast<double>(values.size() - 1);
  auto first = static_cast<size_t>(std::floor(place));
  auto second = static_cast<size_t>(std::ceil(place));
  if (first == second) return values[first];
  return Datum::From<T>(
      Between(values[first].As<T>(), values[second].As<T>(), place - std::floor(place)));
}

using PercentileFunction = Datum (*)(const std::vector<Datum>& values, double p);

template <PercentileFunction Percentile>
void FinishOne(CallContext&, SortedValues& state, Vector& out, size_t row) {
  if (!state.any_row || state.direct.is_null()) return out.SetNull(row);
  auto p = state.direct.As<double>();
  CheckPercentile(p);
  if (state.values.empty()) return out.SetNull(row);
  out.CopyDatum(row, Percentile(state.values, p));
}

// An array of percentiles gives an array of the same shape.
template <PercentileFunction Percentile>
void FinishMany(CallContext& call, SortedValues& state, Vector& out, size_t row) {
  if (!state.any_row || state.direct.is_null() || state.values.empty()) return out.SetNull(row);
  ArrayReader wanted = ArrayOf(state.direct);
  const types::TypeInfo& type = call.argument_type_info(1);
  ArrayBuilder found(type.oid, type.physical);
  for (int32_t i = 0; i < wanted.size(); ++i) {
    if (!wanted.IsNull(i)) CheckPercentile(wanted.ValueAt<double>(i));
    found.Append(wanted.IsNull(i) ? Datum() : Percentile(state.values, wanted.ValueAt<double>(i)));
  }
  out.Set<std::string_view>(row, found.Finish(out.arena(), wanted.shape()));
}

void FinishMode(CallContext& call, SortedValues& state, Vector& out, size_t row) {
  if (state.values.empty()) return out.SetNull(row);
  ElementEquality equal(call.types(), call.argument_types()[0].oid);
  size_t best = 0;
  size_t best_count = 0;
  for (size_t begin = 0; begin < state.values.size();) {
    size_t end = begin + 1;
    while (end < state.values.size() && equal(state.values[begin], state.values[end])) ++end;
    if (end - begin > best_count) {
      best_count = end - begin;
      best = begin;
    }
    begin = end;
  }
  out.CopyDatum(row, state.values[best]);
}

// --- hypothetical sets: where would the direct arguments stand? ---

struct Standing {
  int64_t rows = 0;
  int64_t before = 0;           // rows before the hypothetical one
  int64_t equal = 0;            // its peers
  int64_t distinct_before = 0;  // groups of peers before it
  base::Arena bytes;
  std::vector<Datum> previous;  // the last row before it
};

// <0, 0, >0 of two values in WITHIN GROUP's order for key `i`.
int CompareKey(CallContext& call, size_t i, const Datum& a, const Datum& b) {
  SortDirection direction = i < call.within_group().size() ? call.within_group()[i]
                                                           : SortDirection();
  if (a.is_null() || b.is_null()) {
    if (a.is_null() && b.is_null()) return 0;
    return a.is_null() == direction.nulls_first ? -1 : 1;
  }
  const types::TypeInfo& type = call.argument_type_info(i);
  int order = type.ops->compare(call.types(), type, a, b);
  return direction.descending ? -order : order;
}

void AddStanding(CallContext& call, Standing& state, Arguments arguments, size_t row) {
  size_t keys = arguments.size() / 2;
  ++state.rows;
  int order = 0;
  for (size_t i = 0; i < keys && order == 0; ++i) {
    order = CompareKey(call, i, arguments[keys + i]->DatumAt(row), arguments[i]->DatumAt(row));
  }
  if (order > 0) return;
  if (order == 0) {
    ++state.equal;
    return;
  }
  ++state.before;
  bool same = !state.previous.empty();
  for (size_t i = 0; i < keys && same; ++i) {
    same = CompareKey(call, i, arguments[keys + i]->DatumAt(row), state.previous[i]) == 0;
  }
  if (same) return;
  ++state.distinct_before;
  state.previous.clear();
  state.bytes.Reset();
  for (size_t i = 0; i < keys; ++i) {
    state.previous.push_back(
        arguments[keys + i]->DatumAt(row).CopyTo(state.bytes, arguments[keys + i]->kind()));
  }
}

void FinishRank(CallContext&, Standing& state, Vector& out, size_t row) {
  out.Set<int64_t>(row, state.before + 1);
}
void FinishDenseRank(CallContext&, Standing& state, Vector& out, size_t row) {
  out.Set<int64_t>(row, state.distinct_before + 1);
}
void FinishPercentRank(CallContext&, Standing& state, Vector& out, size_t row) {
  out.Set<double>(row, state.rows == 0 ? 0
                                       : static_cast<double>(state.before) /
                                             static_cast<double>(state.rows));
}
void FinishCumeDist(CallContext&, Standing& state, Vector& out, size_t row) {
  out.Set<double>(row, static_cast<double>(state.before + state.equal + 1) /
                           static_cast<double>(state.rows + 1));
}

template <typename T, void (*Add)(CallContext&, T&, Arguments, size_t),
          void (*Finish)(CallContext&, T&, Vector&, size_t)>
constexpr AggregateImplementation OrderedSet() {
  return {
      .state_bytes = sizeof(void*) * 2,
      .initialize = [](CallContext&, void* state) { *static_cast<T**>(state) = nullptr; },
      .update =
          [](CallContext& call, void* const* states, Arguments arguments, RowSet rows) {
            rows.ForEach([&](size_t row) {
              T*& state = *static_cast<T**>(states[row]);
              if (state == nullptr) state = new T;
              Add(call, *state, arguments, row);
            });
          },
      .update_one =
          [](CallContext& call, void* memory, Arguments arguments, RowSet rows) {
            T*& state = *static_cast<T**>(memory);
            if (state == nullptr) state = new T;
            rows.ForEach([&](size_t row) { Add(call, *state, arguments, row); });
          },
      .finalize =
          [](CallContext& call, void* memory, Vector& out, size_t row) {
            T* state = *static_cast<T**>(memory);
            T none;
            Finish(call, state != nullptr ? *state : none, out, row);
          },
      .destroy = [](void* memory) { delete *static_cast<T**>(memory); },
  };
}

template <void (*Finish)(CallContext&, SortedValues&, Vector&, size_t)>
constexpr AggregateImplementation Percentile =
    OrderedSet<SortedValues, AddSorted<1>, Finish>();
template <void (*Finish)(CallContext&, Standing&, Vector&, size_t)>
constexpr AggregateImplementation Hypothetical = OrderedSet<Standing, AddStanding, Finish>();

const AggregateEntry kEntries[] = {
    {"percentile_disc(float8,anyelement)", Percentile<FinishOne<Discrete>>},
    {"percentile_disc(_float8,anyelement)", Percentile<FinishMany<Discrete>>},
    {"percentile_cont(float8,float8)", Percentile<FinishOne<Continuous<double>>>},
    {"percentile_cont(float8,interval)", Percentile<FinishOne<Continuous<types::Interval>>>},
    {"percentile_cont(_float8,float8)", Percentile<FinishMany<Continuous<double>>>},
    {"percentile_cont(_float8,interval)", Percentile<FinishMany<Continuous<types::Interval>>>},
    {"mode(anyelement)", OrderedSet<SortedValues, AddSorted<0>, FinishMode>()},
    {"rank(any)", Hypothetical<FinishRank>},
    {"dense_rank(any)", Hypothetical<FinishDenseRank>},
    {"percent_rank(any)", Hypothetical<FinishPercentRank>},
    {"cume_dist(any)", Hypothetical<FinishCumeDist>},
};

}  // namespace

void RegisterOrderedSetAggregates(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
