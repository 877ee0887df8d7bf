// Lifts functions over datums to kernels: for functions whose argument types are known only at run
// time (polymorphic ones), or that are not strict.
//
//   Datum ArrayAppend(CallContext& call, std::span<const Datum> arguments);  → DatumKernel<…>
//
// Null arguments are null datums. A varlen result must point to call.arena(), to an argument, or to
// static memory.
#pragma once

#include "functions/function.h"

namespace sundog::functions {

using DatumFunction = Datum (*)(CallContext& call, std::span<const Datum> arguments);

template <DatumFunction Function>
void DatumKernel(CallContext& call, std::span<const Vector* const> arguments, RowSet rows,
                 Vector& out) {
  std::vector<Datum> values(arguments.size());
  rows.ForEach([&](size_t row) {
    for (size_t i = 0; i < arguments.size(); ++i) values[i] = arguments[i]->DatumAt(row);
    out.SetDatum(row, Function(call, values));
  });
}

}  // namespace sundog::functions
