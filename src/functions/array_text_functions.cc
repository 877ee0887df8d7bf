// string_to_array, string_to_table, comparison of oidvectors, and concatenation of text with other types, which is SQL in PostgreSQL's
// catalog: `select $1 || $2::text`.
#include <functional>

#include "functions/array_elements.h"
#include "functions/array_functions.h"
#include "functions/datum_kernel.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using types::ArrayBuilder;

// Null delimiter: every character is an element; empty delimiter: the whole is one.
Datum StringToArray(CallContext& call, std::span<const Datum> arguments) {
  if (arguments[0].is_null()) return Datum();
  auto text = arguments[0].As<std::string_view>();
  bool null_given = arguments.size() > 2 && !arguments[2].is_null();
  ArrayBuilder builder(types::oids::kText, types::PhysicalKind::kVarlen);
  auto append = [&](std::string_view part) {
    bool is_null = null_given && part == arguments[2].As<std::string_view>();
    builder.Append(is_null ? Datum() : Datum::From(part));
  };
  if (text.empty()) return Datum::From(builder.Finish(call.arena()));
  if (arguments[1].is_null()) {
    for (size_t at = 0; at < text.size();) {
      size_t length = types::Utf8Length(text[at]);
      append(text.substr(at, length));
      at += length;
    }
    return Datum::From(builder.Finish(call.arena()));
  }
  auto delimiter = arguments[1].As<std::string_view>();
  while (true) {
    size_t end = delimiter.empty() ? std::string_view::npos : text.find(delimiter);
    append(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + delimiter.size());
  }
  return Datum::From(builder.Finish(call.arena()));
}

int32_t OidVectorCmp(CallContext& call, std::string_view a, std::string_view b) {
  const types::TypeInfo& type = call.argument_type_info(0);
  return type.ops->compare(call.types(), type, Datum::From(a), Datum::From(b));
}
template <typename Test>
bool OidVectorTest(CallContext& call, std::string_view a, std::string_view b) {
  return Test()(OidVectorCmp(call, a, b), 0);
}

template <size_t kText>
Datum ConcatenateAny(CallContext& call, std::span<const Datum> arguments) {
  std::string other;
  const Datum& value = arguments[1 - kText];
  const types::TypeInfo& type = call.argument_type_info(1 - kText);
  if (type.oid == types::oids::kBool) {
    other = value.As<bool>() ? "true" : "false";  // its cast to text is not its output
  } else {
    types::OutputText(call.io(), type, value, other);
  }
  std::string text(arguments[kText].As<std::string_view>());
  return Datum::From(call.arena().Copy(kText == 0 ? text + other : other + text));
}

const ScalarEntry kEntries[] = {
    {"btoidvectorcmp", Kernel<OidVectorCmp>},
    {"oidvectoreq", Kernel<OidVectorTest<std::equal_to<>>>},
    {"oidvectorne", Kernel<OidVectorTest<std::not_equal_to<>>>},
    {"oidvectorlt", Kernel<OidVectorTest<std::less<>>>},
    {"oidvectorle", Kernel<OidVectorTest<std::less_equal<>>>},
    {"oidvectorgt", Kernel<OidVectorTest<std::greater<>>>},
    {"oidvectorge", Kernel<OidVectorTest<std::greater_equal<>>>},
    {"text_to_array", DatumKernel<StringToArray>},
    {"text_to_array_null", DatumKernel<StringToArray>},
    {"textanycat(text,anynonarray)", DatumKernel<ConcatenateAny<0>>},
    {"anytextcat(anynonarray,text)", DatumKernel<ConcatenateAny<1>>},
};

// information_schema._pg_expandarray: the elements with their numbers.
class ExpandArrayCall : public SetCall {
 public:
  explicit ExpandArrayCall(std::string_view bytes) : array_(bytes) {}
  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t count = 0;
    for (; count < capacity && next_ < array_.size(); ++count) {
      columns[0]->SetDatum(count, array_.At(next_++));
      columns[1]->Set<int32_t>(count, next_);
    }
    return count;
  }

 private:
  types::ArrayReader array_;
  int32_t next_ = 0;
};

std::unique_ptr<SetCall> ExpandArray(CallContext&, std::span<const Datum> arguments) {
  return std::make_unique<ExpandArrayCall>(arguments[0].As<std::string_view>());
}

// string_to_array's elements as rows.
class StringTableCall : public SetCall {
 public:
  StringTableCall(CallContext& call, std::span<const Datum> arguments) {
    array_ = StringToArray(call, arguments);
  }
  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    if (array_.is_null()) return 0;
    types::ArrayReader array = ArrayOf(array_);
    size_t count = 0;
    for (; count < capacity && next_ < array.size(); ++count) {
      columns[0]->SetDatum(count, array.At(next_++));
    }
    return count;
  }

 private:
  Datum array_;
  int32_t next_ = 0;
};

std::unique_ptr<SetCall> StringToTable(CallContext& call, std::span<const Datum> arguments) {
  return std::make_unique<StringTableCall>(call, arguments);
}

const SetEntry kSets[] = {
    {"_pg_expandarray(anyarray)", ExpandArray},
    {"text_to_table", StringToTable},
    {"text_to_table_null", StringToTable},
};

}  // namespace

void RegisterArrayTextFunctions(Implementations& table) {
  table.Add(std::span(kEntries));
  table.Add(std::span(kSets));
}

}  // namespace sundog::functions
