// Lifts an aggregate written as "what one value does to the state" to the update functions over
// vectors (functions/aggregate.h). A policy is a struct with
//
//   using Value = int32_t;                   // physical type of the one, strict argument
//   struct State { … };                      // default state: no value seen
//   static void Add(State&, Value);          // or Add(CallContext&, State&, Value)
//   static void Remove(State&, Value);       // optional: makes it retractable
//   static void Finish(CallContext&, State&, Vector& out, size_t row);
//
// Two-argument strict aggregates have `using Second = …` and Add(State&, Value, Second). A State
// with a destructor is destroyed.
#pragma once

#include <new>
#include <type_traits>

#include "functions/aggregate.h"
#include "functions/implementations.h"

namespace sundog::functions {

namespace internal {

template <typename Policy>
struct AggregateLifter {
  using State = typename Policy::State;
  using Value = typename Policy::Value;
  static constexpr bool kTwo = requires { typename Policy::Second; };

  static void Initialize(CallContext&, void* state) { new (state) State(); }
  static void Destroy(void* state) { static_cast<State*>(state)->~State(); }
  static void Finalize(CallContext& call, void* state, Vector& out, size_t row) {
    Policy::Finish(call, *static_cast<State*>(state), out, row);
  }

  static void AddRow(CallContext& call, State& state, std::span<const Vector* const> arguments,
                     size_t row) {
    if (arguments[0]->IsNull(row)) return;
    const Value& value = arguments[0]->At<Value>(row);
    if constexpr (kTwo) {
      if (arguments[1]->IsNull(row)) return;
      Policy::Add(state, value, arguments[1]->At<typename Policy::Second>(row));
    } else if constexpr (requires { Policy::Add(call, state, value); }) {
      Policy::Add(call, state, value);
    } else {
      Policy::Add(state, value);
    }
  }

  // The flat values, if none is null and Add needs nothing else; or null.
  static const Value* PlainValues(std::span<const Vector* const> arguments) {
    if constexpr (!kTwo && requires(State & s, const Value& v) { Policy::Add(s, v); }) {
      const Vector& values = *arguments[0];
      if (!values.may_have_nulls() && !values.constant()) return &values.At<Value>(0);
    }
    return nullptr;
  }

  static void Update(CallContext& call, void* const* states,
                     std::span<const Vector* const> arguments, RowSet rows) {
    if constexpr (!kTwo && requires(State & s, const Value& v) { Policy::Add(s, v); }) {
      if (const Value* values = PlainValues(arguments)) {
        rows.ForEach(
            [&](size_t row) { Policy::Add(*static_cast<State*>(states[row]), values[row]); });
        return;
      }
    }
    rows.ForEach([&](size_t row) {
      AddRow(call, *static_cast<State*>(states[row]), arguments, row);
    });
  }

  static void UpdateOne(CallContext& call, void* state, std::span<const Vector* const> arguments,
                        RowSet rows) {
    // A local copy, so that the loop keeps small states in registers.
    if constexpr (std::is_trivially_copyable_v<State> && sizeof(State) <= 32) {
      State local = *static_cast<State*>(state);
      bool added = false;
      if constexpr (!kTwo && requires(State & s, const Value& v) { Policy::Add(s, v); }) {
        if (const Value* values = PlainValues(arguments)) {
          rows.ForEach([&](size_t row) { Policy::Add(local, values[row]); });
          added = true;
        }
      }
      if (!added) rows.ForEach([&](size_t row) { AddRow(call, local, arguments, row); });
      *static_cast<State*>(state) = local;
    } else {
      rows.ForEach([&](size_t row) {
        AddRow(call, *static_cast<State*>(state), arguments, row);
      });
    }
  }

  static void RetractOne(CallContext&, void* state, std::span<const Vector* const> arguments,
                         RowSet rows) {
    if constexpr (requires(State & s, const Value& v) { Policy::Remove(s, v); }) {
      rows.ForEach([&](size_t row) {
        if (arguments[0]->IsNull(row)) return;
        Policy::Remove(*static_cast<State*>(state), arguments[0]->At<Value>(row));
      });
    }
  }

  static constexpr AggregateImplementation Make() {
    AggregateImplementation made;
    made.state_bytes = (sizeof(State) + 15) / 16 * 16;
    made.initialize = &Initialize;
    made.update = &Update;
    made.update_one = &UpdateOne;
    if constexpr (requires(State & s, const Value& v) { Policy::Remove(s, v); }) {
      made.retract_one = &RetractOne;
    }
    made.finalize = &Finalize;
    if constexpr (!std::is_trivially_destructible_v<State>) made.destroy = &Destroy;
    return made;
  }
};

}  // namespace internal

template <typename Policy>
inline constexpr AggregateImplementation AggregateOf =
    internal::AggregateLifter<Policy>::Make();

}  // namespace sundog::functions
