// string_to_array(), string_to_table(), parse_ident(): taking strings apart.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/array.h"
#include "types/ascii.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;
using OptionalText = std::optional<string_view>;

// The fields between separators: no separator splits into characters, an empty one not at all.
// Fields equal to `null_text` are null.
std::vector<OptionalText> SplitFields(string_view text, OptionalText separator,
                                      OptionalText null_text) {
  std::vector<OptionalText> fields;
  auto add = [&](string_view field) {
    fields.push_back(null_text == field ? std::nullopt : OptionalText(field));
  };
  if (text.empty()) return fields;
  if (!separator.has_value()) {
    for (size_t i = 0; i < text.size();) {
      size_t length = types::Utf8Length(text[i]);
      add(text.substr(i, length));
      i += length;
    }
    return fields;
  }
  while (!separator->empty()) {
    size_t at = text.find(*separator);
    if (at == string_view::npos) break;
    add(text.substr(0, at));
    text.remove_prefix(at + separator->size());
  }
  add(text);
  return fields;
}

string_view TextArray(CallContext& call, const std::vector<OptionalText>& fields) {
  types::ArrayBuilder builder(types::oids::kText, types::PhysicalKind::kVarlen);
  for (const OptionalText& field : fields) {
    builder.Append(field.has_value() ? Datum::From(*field) : Datum());
  }
  return builder.Finish(call.arena());
}

OptionalText ToOptional(Nullable<string_view> text) {
  return text.is_null ? std::nullopt : OptionalText(text.value);
}

OptionalText ToArrayWithNull(CallContext& call, Nullable<string_view> text,
                             Nullable<string_view> separator, Nullable<string_view> null_text) {
  if (text.is_null) return std::nullopt;
  return TextArray(call, SplitFields(text.value, ToOptional(separator), ToOptional(null_text)));
}

OptionalText ToArray(CallContext& call, Nullable<string_view> text,
                     Nullable<string_view> separator) {
  return ToArrayWithNull(call, text, separator, {{}, true});
}

class SplitSet : public SetCall {
 public:
  explicit SplitSet(std::span<const Datum> arguments) {
    if (arguments[0].is_null()) return;
    fields_ = SplitFields(arguments[0].As<string_view>(), Argument(arguments, 1),
                          Argument(arguments, 2));
  }

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t row = 0;
    for (; row < capacity && next_ < fields_.size(); ++row, ++next_) {
      if (fields_[next_].has_value()) {
        columns[0]->Set(row, columns[0]->CopyBytes(*fields_[next_]));
      } else {
        columns[0]->SetNull(row);
      }
    }
    return row;
  }

 private:
  static OptionalText Argument(std::span<const Datum> arguments, size_t i) {
    if (i >= arguments.size() || arguments[i].is_null()) return std::nullopt;
    return arguments[i].As<string_view>();
  }

  std::vector<OptionalText> fields_;
  size_t next_ = 0;
};

std::unique_ptr<SetCall> SplitToTable(CallContext&, std::span<const Datum> arguments) {
  return std::make_unique<SplitSet>(arguments);
}

// --- parse_ident ---

bool StartsIdentifier(char c) {
  return c == '_' || types::IsAlpha(c) || static_cast<uint8_t>(c) >= 0x80;
}
bool ContinuesIdentifier(char c) { return StartsIdentifier(c) || types::IsDigit(c) || c == '$'; }

[[noreturn]] void ThrowNotIdentifier(string_view text, std::string detail = "") {
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("string is not a valid identifier: \"{}\"", text))
      .Detail(std::move(detail));
}

// A quoted identifier, moved past.
std::string TakeQuoted(string_view* rest, string_view text) {
  std::string name;
  rest->remove_prefix(1);
  while (true) {
    size_t end = rest->find('"');
    if (end == string_view::npos) {
      ThrowNotIdentifier(text, "String has unclosed double quotes.");
    }
    name += rest->substr(0, end);
    rest->remove_prefix(end + 1);
    if (!rest->starts_with('"')) break;
    name += '"';
    rest->remove_prefix(1);
  }
  if (name.empty()) ThrowNotIdentifier(text, "Quoted identifier must not be empty.");
  return name;
}

string_view ParseIdentifier(CallContext& call, string_view text, bool strict) {
  types::ArrayBuilder builder(types::oids::kText, types::PhysicalKind::kVarlen);
  string_view rest = types::TrimSpaceLeft(text);
  bool after_dot = false;
  while (true) {
    std::string name;
    if (rest.starts_with('"')) {
      name = TakeQuoted(&rest, text);
    } else if (!rest.empty() && StartsIdentifier(rest[0])) {
      while (!rest.empty() && ContinuesIdentifier(rest[0])) {
        name += types::ToLowerAscii(rest[0]);
        rest.remove_prefix(1);
      }
    } else if (rest.starts_with('.')) {
      ThrowNotIdentifier(text, "No valid identifier before \".\".");
    } else if (after_dot) {
      ThrowNotIdentifier(text, "No valid identifier after \".\".");
    } else {
      ThrowNotIdentifier(text);
    }
    builder.Append(Datum::From(call.arena().Copy(name)));
    rest = types::TrimSpaceLeft(rest);
    if (rest.starts_with('.')) {
      after_dot = true;
      rest = types::TrimSpaceLeft(rest.substr(1));
      continue;
    }
    if (!rest.empty() && strict) ThrowNotIdentifier(text);
    return builder.Finish(call.arena());
  }
}

constexpr ScalarEntry kEntries[] = {
    {"text_to_array", Kernel<ToArray>},
    {"text_to_array_null", Kernel<ToArrayWithNull>},
    {"parse_ident", Kernel<ParseIdentifier>},
};

constexpr SetEntry kSets[] = {
    {"text_to_table", SplitToTable},
    {"text_to_table_null", SplitToTable},
};

}  // namespace

void RegisterTextSplitFunctions(Implementations& table) {
  table.Add(kEntries);
  table.Add(kSets);
}

}  // namespace sundog::functions
