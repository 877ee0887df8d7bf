// Functions over values of any type that need nothing but the type: text || anything and
// num_nulls().
#include "functions/any_arguments.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/text_builder.h"

namespace sundog::functions {

namespace {

using std::string_view;

// `any` is the argument that is not text.
template <size_t any>
void ConcatenateText(CallContext& call, std::span<const Vector* const> vectors, RowSet rows,
                     Vector& out) {
  rows.ForEach([&](size_t row) {
    AnyArguments arguments(call, vectors, row, 0);
    TextBuilder result;
    for (size_t i = 0; i < 2; ++i) {
      if (i == any) {
        arguments.AppendCastText(i, result.text());
      } else {
        result.Append(vectors[i]->At<string_view>(row));
      }
    }
    out.Set(row, result.Finish(call));
  });
}

template <bool nulls>
void CountNulls(CallContext& call, std::span<const Vector* const> vectors, RowSet rows,
                Vector& out) {
  rows.ForEach([&](size_t row) {
    AnyArguments arguments(call, vectors, row, 0);
    if (arguments.is_null_array()) return out.SetNull(row);
    int32_t count = 0;
    for (size_t i = 0; i < arguments.count(); ++i) count += arguments.IsNull(i) == nulls;
    out.Set<int32_t>(row, count);
  });
}

// The bytes of a value as PostgreSQL keeps it uncompressed: a varlen one has a header of four.
// Where our form of a type is another (jsonb, numeric, arrays), ours counts.
void ColumnSize(CallContext& call, std::span<const Vector* const> vectors, RowSet rows,
                Vector& out) {
  int16_t length = call.argument_type_info(0).length;
  rows.ForEach([&](size_t row) {
    if (length > 0) return out.Set<int32_t>(row, length);
    int32_t overhead = length == -2 ? 1 : 4;
    out.Set<int32_t>(row, static_cast<int32_t>(vectors[0]->At<string_view>(row).size()) + overhead);
  });
}

constexpr ScalarEntry kEntries[] = {
    {"pg_column_size", ColumnSize},
    {"textanycat(text,anynonarray)", ConcatenateText<1>},
    {"anytextcat(anynonarray,text)", ConcatenateText<0>},
    {"pg_num_nulls", CountNulls<true>},
    {"pg_num_nonnulls", CountNulls<false>},
};

}  // namespace

void RegisterAnyFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
