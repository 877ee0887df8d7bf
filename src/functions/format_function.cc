// format(), concat(), concat_ws() and the quote functions: those that take values of any type and
// write them as text.
#include <fmt/format.h>

#include <limits>

#include "base/sql_error.h"
#include "functions/any_arguments.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/text_builder.h"
#include "types/identifier.h"
#include "types/integer_type.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;

// --- concat ---

void Concat(CallContext& call, std::span<const Vector* const> vectors, RowSet rows, Vector& out) {
  rows.ForEach([&](size_t row) {
    AnyArguments arguments(call, vectors, row, 0);
    if (arguments.is_null_array()) return out.SetNull(row);
    TextBuilder result;
    for (size_t i = 0; i < arguments.count(); ++i) {
      if (!arguments.IsNull(i)) arguments.AppendText(i, result.text());
    }
    out.Set(row, result.Finish(call));
  });
}

void ConcatWithSeparator(CallContext& call, std::span<const Vector* const> vectors, RowSet rows,
                         Vector& out) {
  rows.ForEach([&](size_t row) {
    AnyArguments arguments(call, vectors, row, 1);
    if (vectors[0]->IsNull(row) || arguments.is_null_array()) return out.SetNull(row);
    string_view separator = vectors[0]->At<string_view>(row);
    TextBuilder result;
    bool first = true;
    for (size_t i = 0; i < arguments.count(); ++i) {
      if (arguments.IsNull(i)) continue;
      if (!first) result.Append(separator);
      first = false;
      arguments.AppendText(i, result.text());
    }
    out.Set(row, result.Finish(call));
  });
}

// --- format ---

[[noreturn]] void ThrowFormat(std::string message, const char* hint = nullptr) {
  SqlError error(sqlstate::kInvalidParameterValue, std::move(message));
  if (hint != nullptr) error.Hint(hint);
  throw error;
}

constexpr const char* kPercentHint = "For a single \"%\" use \"%%\".";

// One conversion: %[position$][flags][width]type. Positions count from 1; 0 is "the next".
struct Conversion {
  int position = 0;
  bool left = false;
  bool indirect_width = false;
  int width_position = 0;
  int width = 0;
  char type = 's';
};

class FormatParser {
 public:
  explicit FormatParser(string_view format) : rest_(format) {}

  bool done() const { return rest_.empty(); }

  // Text up to the next conversion, %% being a percent sign.
  void AppendLiteral(TextBuilder& to) {
    while (!rest_.empty() && (rest_[0] != '%' || rest_.starts_with("%%"))) {
      to.Append(rest_[0]);
      rest_.remove_prefix(rest_[0] == '%' ? 2 : 1);
    }
  }

  Conversion Next() {
    Conversion conversion;
    Advance();  // over the percent sign
    int number = 0;
    if (TakeNumber(&number)) {
      if (rest_[0] != '$') {
        conversion.width = number;
        return Finish(conversion);
      }
      conversion.position = CheckPosition(number);
      Advance();
    }
    while (rest_[0] == '-') {
      conversion.left = true;
      Advance();
    }
    if (rest_[0] == '*') {
      TakeIndirectWidth(&conversion);
    } else if (TakeNumber(&number)) {
      conversion.width = number;
    }
    return Finish(conversion);
  }

 private:
  void Advance() {
    rest_.remove_prefix(1);
    if (rest_.empty()) ThrowFormat("unterminated format() type specifier", kPercentHint);
  }

  void TakeIndirectWidth(Conversion* conversion) {
    Advance();
    conversion->indirect_width = true;
    int number = 0;
    if (!TakeNumber(&number)) return;
    if (rest_[0] != '$') ThrowFormat("width argument position must be ended by \"$\"");
    conversion->width_position = CheckPosition(number);
    Advance();
  }

  Conversion Finish(Conversion conversion) {
    if (string_view("sIL").find(rest_[0]) == string_view::npos) {
      ThrowFormat(fmt::format("unrecognized format() type specifier \"{}\"",
                              rest_.substr(0, types::Utf8Length(rest_[0]))),
                  kPercentHint);
    }
    conversion.type = rest_[0];
    rest_.remove_prefix(1);
    return conversion;
  }

  bool TakeNumber(int* number) {
    bool found = false;
    *number = 0;
    while (rest_[0] >= '0' && rest_[0] <= '9') {
      if (__builtin_mul_overflow(*number, 10, number) ||
          __builtin_add_overflow(*number, rest_[0] - '0', number)) {
        throw SqlError(sqlstate::kNumericValueOutOfRange, "number is out of range");
      }
      Advance();
      found = true;
    }
    return found;
  }

  static int CheckPosition(int position) {
    if (position == 0) {
      ThrowFormat("format specifies argument 0, but arguments are numbered from 1");
    }
    return position;
  }

  string_view rest_;
};

void AppendPadded(TextBuilder& to, string_view text, bool left, int width) {
  if (width < 0) {
    if (width == std::numeric_limits<int>::min()) {
      throw SqlError(sqlstate::kNumericValueOutOfRange, "number is out of range");
    }
    left = true;
    width = -width;
  }
  size_t length = types::CountCharacters(text);
  size_t blanks = length < static_cast<size_t>(width) ? static_cast<size_t>(width) - length : 0;
  CheckTextSize(static_cast<int64_t>(to.text().size() + blanks + text.size()));
  if (!left) to.text().append(blanks, ' ');
  to.Append(text);
  if (left) to.text().append(blanks, ' ');
}

std::string ConvertedText(const AnyArguments& arguments, size_t i, char type) {
  if (arguments.IsNull(i)) {
    if (type == 'I') {
      throw SqlError(sqlstate::kNullValueNotAllowed,
                     "null values cannot be formatted as an SQL identifier");
    }
    return type == 'L' ? "NULL" : "";
  }
  std::string text;
  arguments.AppendText(i, text);
  if (type == 'I') return types::QuoteIdentifier(text);
  if (type == 'L') return types::QuoteLiteral(text);
  return text;
}

string_view FormatRow(CallContext& call, string_view format, const AnyArguments& arguments) {
  TextBuilder result;
  FormatParser parser(format);
  size_t next = 0;
  auto take = [&](int position) {
    if (position > 0) next = static_cast<size_t>(position - 1);
    if (next >= arguments.count()) ThrowFormat("too few arguments for format()");
    return next++;
  };
  parser.AppendLiteral(result);
  while (!parser.done()) {
    Conversion conversion = parser.Next();
    if (conversion.indirect_width) {
      size_t i = take(conversion.width_position);
      std::string text = "0";
      if (!arguments.IsNull(i)) {
        text.clear();
        arguments.AppendText(i, text);
      }
      conversion.width = types::ParseInt32(text);
    }
    size_t i = take(conversion.position);
    AppendPadded(result, ConvertedText(arguments, i, conversion.type), conversion.left,
                 conversion.width);
    parser.AppendLiteral(result);
  }
  return result.Finish(call);
}

void Format(CallContext& call, std::span<const Vector* const> vectors, RowSet rows, Vector& out) {
  rows.ForEach([&](size_t row) {
    if (vectors[0]->IsNull(row)) return out.SetNull(row);
    AnyArguments arguments(call, vectors, row, 1);
    out.Set(row, FormatRow(call, vectors[0]->At<string_view>(row), arguments));
  });
}

// --- quoting ---

string_view QuoteIdent(CallContext& call, string_view text) {
  return call.arena().Copy(types::QuoteIdentifier(text));
}

string_view QuoteLiteral(CallContext& call, string_view text) {
  return call.arena().Copy(types::QuoteLiteral(text));
}

string_view QuoteNullable(CallContext& call, Nullable<string_view> text) {
  return text.is_null ? "NULL" : QuoteLiteral(call, text.value);
}

// quote_literal(anyelement) and quote_nullable(anyelement).
template <bool is_nullable>
void QuoteAny(CallContext& call, std::span<const Vector* const> vectors, RowSet rows,
              Vector& out) {
  rows.ForEach([&](size_t row) {
    AnyArguments arguments(call, vectors, row, 0);
    if (arguments.IsNull(0)) {
      if (is_nullable) return out.Set<string_view>(row, "NULL");
      return out.SetNull(row);
    }
    std::string text;
    arguments.AppendCastText(0, text);
    out.Set(row, QuoteLiteral(call, text));
  });
}

constexpr ScalarEntry kEntries[] = {
    {"text_concat", Concat},
    {"text_concat_ws", ConcatWithSeparator},
    {"text_format", Format},
    {"text_format_nv", Format},
    {"quote_ident", Kernel<QuoteIdent>},
    {"quote_literal", Kernel<QuoteLiteral>},
    {"quote_nullable", Kernel<QuoteNullable>},
    {"quote_literal(anyelement)", QuoteAny<false>},
    {"quote_nullable(anyelement)", QuoteAny<true>},
};

}  // namespace

void RegisterFormatFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
