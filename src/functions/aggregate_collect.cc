// Aggregates that keep every row's value: array_agg, string_agg, json(b)_agg, json(b)_object_agg.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/aggregates.h"
#include "functions/array_elements.h"
#include "functions/implementations.h"
#include "functions/json_encode.h"

namespace sundog::functions {

namespace {

using types::ArrayBuilder;
using types::ArrayReader;
using types::ArrayShape;
using types::JsonbBuilder;

// Lifts `Add(call, state, arguments, row)`, which sees nulls too, to the update functions.
template <typename Policy>
struct RowAggregate {
  using State = typename Policy::State;
  using Arguments = std::span<const Vector* const>;

  static void Initialize(CallContext&, void* state) { new (state) State(); }
  static void Destroy(void* state) { static_cast<State*>(state)->~State(); }
  static void Update(CallContext& call, void* const* states, Arguments arguments, RowSet rows) {
    rows.ForEach([&](size_t row) {
      Policy::Add(call, *static_cast<State*>(states[row]), arguments, row);
    });
  }
  static void UpdateOne(CallContext& call, void* state, Arguments arguments, RowSet rows) {
    rows.ForEach([&](size_t row) {
      Policy::Add(call, *static_cast<State*>(state), arguments, row);
    });
  }
  static void Finalize(CallContext& call, void* state, Vector& out, size_t row) {
    Policy::Finish(call, *static_cast<State*>(state), out, row);
  }
  static constexpr AggregateImplementation Make() {
    return {.state_bytes = (sizeof(State) + 15) / 16 * 16,
            .initialize = &Initialize,
            .update = &Update,
            .update_one = &UpdateOne,
            .finalize = &Finalize,
            .destroy = &Destroy};
  }
};

void SetBytes(Vector& out, size_t row, std::string_view bytes) {
  out.Set<std::string_view>(row, bytes);
}

struct ArrayAgg {
  struct State {
    std::unique_ptr<ArrayBuilder> builder;
  };
  static void Add(CallContext& call, State& state, std::span<const Vector* const> arguments,
                  size_t row) {
    if (state.builder == nullptr) {
      const types::TypeInfo& type = call.argument_type_info(0);
      state.builder = std::make_unique<ArrayBuilder>(type.oid, type.physical);
    }
    state.builder->Append(arguments[0]->DatumAt(row));
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.builder == nullptr) return out.SetNull(row);
    SetBytes(out, row, state.builder->Finish(out.arena()));
  }
};

// Arrays of one shape become an array of one dimension more.
struct ArrayAggArray {
  struct State {
    std::unique_ptr<ArrayBuilder> builder;
    ArrayShape shape;
    int32_t count = 0;
  };
  static void Add(CallContext&, State& state, std::span<const Vector* const> arguments,
                  size_t row) {
    if (arguments[0]->IsNull(row)) {
      throw SqlError(sqlstate::kNullValueNotAllowed, "cannot accumulate null arrays");
    }
    ArrayReader array(arguments[0]->At<std::string_view>(row));
    if (state.builder == nullptr) {
      CheckFirst(array);
      state.builder = std::make_unique<ArrayBuilder>(array.element_type(), array.element_kind());
      state.shape = array.shape();
    } else if (!SameLengths(state.shape, array.shape())) {
      throw SqlError(sqlstate::kArraySubscriptError,
                     "cannot accumulate arrays of different dimensionality");
    }
    state.builder->AppendRange(array, 0, array.size());
    ++state.count;
  }
  static void CheckFirst(const ArrayReader& array) {
    if (array.empty()) {
      throw SqlError(sqlstate::kArraySubscriptError, "cannot accumulate empty arrays");
    }
    if (array.dimensions() == types::kMaxArrayDimensions) {
      throw SqlError(sqlstate::kProgramLimitExceeded,
                     fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                                 array.dimensions() + 1, types::kMaxArrayDimensions));
    }
  }
  static bool SameLengths(const ArrayShape& a, const ArrayShape& b) {
    if (a.dimensions != b.dimensions) return false;
    for (int d = 0; d < a.dimensions; ++d) {
      if (a.lengths[d] != b.lengths[d] || a.lower_bounds[d] != b.lower_bounds[d]) return false;
    }
    return true;
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.builder == nullptr) return out.SetNull(row);
    ArrayShape outer = ArrayShape::OneDimension(state.count);
    outer.dimensions = state.shape.dimensions + 1;
    for (int d = 0; d < state.shape.dimensions; ++d) {
      outer.lengths[d + 1] = state.shape.lengths[d];
      outer.lower_bounds[d + 1] = state.shape.lower_bounds[d];
    }
    SetBytes(out, row, state.builder->Finish(out.arena(), outer));
  }
};

struct StringAgg {
  struct State {
    std::string text;
    bool any = false;
  };
  static void Add(CallContext&, State& state, std::span<const Vector* const> arguments,
                  size_t row) {
    if (arguments[0]->IsNull(row)) return;
    if (state.any && !arguments[1]->IsNull(row)) {
      state.text += arguments[1]->At<std::string_view>(row);
    }
    state.text += arguments[0]->At<std::string_view>(row);
    state.any = true;
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (!state.any) return out.SetNull(row);
    SetBytes(out, row, out.CopyBytes(state.text));
  }
};

struct JsonAgg {
  struct State {
    std::string text;
  };
  static void Add(CallContext& call, State& state, std::span<const Vector* const> arguments,
                  size_t row) {
    Oid type = call.argument_types()[0].oid;
    Datum value = arguments[0]->DatumAt(row);
    if (state.text.empty()) {
      state.text = "[";
    } else {
      state.text += ", ";
      JsonCategory category = JsonCategoryOf(call.types(), type);
      if (!value.is_null() &&
          (category == JsonCategory::kArray || category == JsonCategory::kRow)) {
        state.text += "\n ";
      }
    }
    JsonEncoder(call.io()).Append(type, value, state.text);
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.text.empty()) return out.SetNull(row);
    SetBytes(out, row, out.CopyBytes(state.text + "]"));
  }
};

[[noreturn]] void ThrowNullKey() {
  throw SqlError(sqlstate::kInvalidParameterValue, "field name must not be null");
}

struct JsonObjectAgg {
  using State = JsonAgg::State;
  static void Add(CallContext& call, State& state, std::span<const Vector* const> arguments,
                  size_t row) {
    if (arguments[0]->IsNull(row)) ThrowNullKey();
    state.text += state.text.empty() ? "{ " : ", ";
    JsonEncoder encoder(call.io());
    encoder.AppendKey(call.argument_types()[0].oid, arguments[0]->DatumAt(row), state.text);
    state.text += " : ";
    encoder.Append(call.argument_types()[1].oid, arguments[1]->DatumAt(row), state.text);
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.text.empty()) return out.SetNull(row);
    SetBytes(out, row, out.CopyBytes(state.text + " }"));
  }
};

// The builder is copied to make a result, so that rows may still be added after it.
template <bool kObject>
struct JsonbCollect {
  struct State {
    std::unique_ptr<JsonbBuilder> builder;
  };
  static void Add(CallContext& call, State& state, std::span<const Vector* const> arguments,
                  size_t row) {
    if (state.builder == nullptr) {
      state.builder = std::make_unique<JsonbBuilder>();
      if (kObject) {
        state.builder->BeginObject();
      } else {
        state.builder->BeginArray();
      }
    }
    JsonEncoder encoder(call.io());
    if (kObject) {
      if (arguments[0]->IsNull(row)) ThrowNullKey();
      state.builder->Key(
          encoder.KeyText(call.argument_types()[0].oid, arguments[0]->DatumAt(row)));
    }
    constexpr size_t kValue = kObject ? 1 : 0;
    encoder.Build(call.argument_types()[kValue].oid, arguments[kValue]->DatumAt(row),
                  *state.builder);
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.builder == nullptr) return out.SetNull(row);
    JsonbBuilder closed = *state.builder;
    closed.End();
    SetBytes(out, row, closed.Finish(out.arena()));
  }
};

const AggregateEntry kEntries[] = {
    {"array_agg(anynonarray)", RowAggregate<ArrayAgg>::Make()},
    {"array_agg(anyarray)", RowAggregate<ArrayAggArray>::Make()},
    {"string_agg(text,text)", RowAggregate<StringAgg>::Make()},
    {"string_agg(bytea,bytea)", RowAggregate<StringAgg>::Make()},
    {"json_agg(anyelement)", RowAggregate<JsonAgg>::Make()},
    {"json_object_agg(any,any)", RowAggregate<JsonObjectAgg>::Make()},
    {"jsonb_agg(anyelement)", RowAggregate<JsonbCollect<false>>::Make()},
    {"jsonb_object_agg(any,any)", RowAggregate<JsonbCollect<true>>::Make()},
};

}  // namespace

void RegisterCollectAggregates(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
