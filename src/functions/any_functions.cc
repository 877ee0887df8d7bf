// Functions over values of any type that need nothing but the type: text || anything, num_nulls(),
// pg_typeof(), format_type().
#include "functions/any_arguments.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
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

void TypeOf(CallContext& call, std::span<const Vector* const>, RowSet rows, Vector& out) {
  uint32_t type = call.argument_types()[0].oid;
  rows.ForEach([&](size_t row) { out.Set<uint32_t>(row, type); });
}

// A modifier of -1 asks for the name that means "no modifier", which for char and bit is not the
// plain one: that means a length of one.
std::optional<string_view> FormatType(CallContext& call, Nullable<uint32_t> type,
                                      Nullable<int32_t> typmod) {
  if (type.is_null) return std::nullopt;
  const types::TypeInfo* info = call.types().FindType(type.value);
  bool bare = !typmod.is_null && typmod.value < 0;
  Oid element = info != nullptr && info->is_array() ? info->element : type.value;
  string_view suffix = element != type.value ? "[]" : "";
  if (bare && (element == types::oids::kBpchar || element == types::oids::kBit)) {
    string_view name = element == types::oids::kBpchar ? "bpchar" : "\"bit\"";
    return call.arena().Copy(std::string(name) + std::string(suffix));
  }
  std::string name;
  if (type.value >= types::kFirstUserOid && call.io().names != nullptr) {
    name = call.io().names->NameOf(types::oids::kRegtype, type.value);
  }
  if (name.empty()) {
    name = types::FormatType(call.types(), {type.value, typmod.is_null ? -1 : typmod.value});
  }
  return call.arena().Copy(name);
}

constexpr ScalarEntry kEntries[] = {
    {"textanycat(text,anynonarray)", ConcatenateText<1>},
    {"anytextcat(anynonarray,text)", ConcatenateText<0>},
    {"pg_num_nulls", CountNulls<true>},
    {"pg_num_nonnulls", CountNulls<false>},
    {"pg_typeof", TypeOf},
    {"format_type", Kernel<FormatType>},
};

}  // namespace

void RegisterAnyFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
