// range_agg() and range_intersect_agg().
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "types/range.h"

namespace sundog::functions {

namespace {

using types::RangeAlgebra;
using types::RangeSet;

// Ranges are kept as bytes, those of multiranges too, since bounds point into them.
struct RangeAggState {
  bool any = false;
  std::vector<std::string> values;
};

RangeAlgebra AlgebraOf(CallContext& call) {
  const types::RangeInfo* info = types::FindRange(call.argument_types()[0].oid);
  if (info == nullptr) base::ThrowNotSupported("an aggregate over a range of this type");
  return RangeAlgebra(call.types(), *info);
}

RangeSet Decode(CallContext& call, const RangeAlgebra& algebra, std::string_view bytes) {
  bool multi = call.argument_types()[0].oid == algebra.info().multirange;
  return multi ? algebra.DecodeMulti(bytes) : algebra.Decode(bytes);
}

void Write(CallContext& call, const RangeAlgebra& algebra, const RangeSet& set, Vector& out,
           size_t row) {
  bool multi = call.result_type().oid == algebra.info().multirange;
  out.Set<std::string_view>(row, multi ? algebra.EncodeMulti(set, out.arena())
                                       : algebra.Encode(set, out.arena()));
}

void Initialize(CallContext&, void* state) { new (state) RangeAggState; }
void Destroy(void* state) { static_cast<RangeAggState*>(state)->~RangeAggState(); }

void AddUnion(CallContext&, RangeAggState& state, std::string_view bytes) {
  state.any = true;
  state.values.emplace_back(bytes);
}

// Keeps only what is common so far.
void AddIntersection(CallContext& call, RangeAggState& state, std::string_view bytes) {
  if (!state.any) return AddUnion(call, state, bytes);
  RangeAlgebra algebra = AlgebraOf(call);
  RangeSet common = algebra.Intersect(Decode(call, algebra, state.values[0]),
                                      Decode(call, algebra, bytes));
  bool multi = call.argument_types()[0].oid == algebra.info().multirange;
  base::Arena arena;
  state.values[0] = multi ? algebra.EncodeMulti(common, arena) : algebra.Encode(common, arena);
}

template <void (*kAdd)(CallContext&, RangeAggState&, std::string_view)>
void Update(CallContext& call, void* const* states, std::span<const Vector* const> arguments,
            RowSet rows) {
  rows.ForEach([&](size_t row) {
    if (arguments[0]->IsNull(row)) return;
    kAdd(call, *static_cast<RangeAggState*>(states[row]),
         arguments[0]->At<std::string_view>(row));
  });
}

template <void (*kAdd)(CallContext&, RangeAggState&, std::string_view)>
void UpdateOne(CallContext& call, void* state, std::span<const Vector* const> arguments,
               RowSet rows) {
  rows.ForEach([&](size_t row) {
    if (arguments[0]->IsNull(row)) return;
    kAdd(call, *static_cast<RangeAggState*>(state), arguments[0]->At<std::string_view>(row));
  });
}

// Of nulls alone nothing is known.
void Finalize(CallContext& call, void* state, Vector& out, size_t row) {
  const auto& collected = *static_cast<RangeAggState*>(state);
  if (!collected.any) return out.SetNull(row);
  RangeAlgebra algebra = AlgebraOf(call);
  RangeSet all;
  for (const std::string& bytes : collected.values) {
    RangeSet set = Decode(call, algebra, bytes);
    all.insert(all.end(), set.begin(), set.end());
  }
  Write(call, algebra, algebra.Normalize(std::move(all)), out, row);
}

constexpr AggregateImplementation kRangeAgg = {.state_bytes = sizeof(RangeAggState),
                                               .initialize = Initialize,
                                               .update = Update<AddUnion>,
                                               .update_one = UpdateOne<AddUnion>,
                                               .finalize = Finalize,
                                               .destroy = Destroy};

constexpr AggregateImplementation kRangeIntersectAgg = {
    .state_bytes = sizeof(RangeAggState),
    .initialize = Initialize,
    .update = Update<AddIntersection>,
    .update_one = UpdateOne<AddIntersection>,
    .finalize = Finalize,
    .destroy = Destroy};

const AggregateEntry kEntries[] = {
    {"range_agg(anyrange)", kRangeAgg},
    {"range_agg(anymultirange)", kRangeAgg},
    {"range_intersect_agg(anyrange)", kRangeIntersectAgg},
    {"range_intersect_agg(anymultirange)", kRangeIntersectAgg},
};

}  // namespace

void RegisterRangeAggregates(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
