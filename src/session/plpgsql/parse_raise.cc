// RAISE in all its forms.
#include <algorithm>

#include "base/sql_error.h"
#include "session/plpgsql/function_parser.h"

namespace sundog::session::plpgsql {

namespace {

struct LevelName {
  std::string_view name;
  base::Severity severity;
};
constexpr LevelName kLevels[] = {
    {"exception", base::Severity::kError}, {"warning", base::Severity::kWarning},
    {"notice", base::Severity::kNotice},   {"info", base::Severity::kInfo},
    {"log", base::Severity::kLog},         {"debug", base::Severity::kDebug},
};

struct OptionName {
  std::string_view name;
  RaiseOption option;
};
constexpr OptionName kOptions[] = {
    {"errcode", RaiseOption::kErrcode},       {"message", RaiseOption::kMessage},
    {"detail", RaiseOption::kDetail},         {"hint", RaiseOption::kHint},
    {"column", RaiseOption::kColumn},         {"constraint", RaiseOption::kConstraint},
    {"datatype", RaiseOption::kDatatype},     {"table", RaiseOption::kTable},
    {"schema", RaiseOption::kSchema},
};

// How many values a format asks for: % is one, %% is a percent sign.
size_t Placeholders(std::string_view format) {
  size_t count = 0;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (i + 1 < format.size() && format[i + 1] == '%') {
      ++i;
    } else {
      ++count;
    }
  }
  return count;
}

}  // namespace

StatementPtr FunctionParser::ReadRaise() {
  auto raise = std::make_unique<Raise>();
  if (Peek().IsSymbol(";")) {
    raise->rethrow = true;
    return raise;
  }
  for (const LevelName& level : kLevels) {
    if (!TryWord(level.name)) continue;
    raise->level = level.severity;
    break;
  }
  if (Peek().kind == TokenKind::kString) {
    raise->format = Take().text;
    if (TrySymbol(",")) raise->parameters = ReadExpressionList({"using", ";"});
    size_t wanted = Placeholders(*raise->format);
    if (raise->parameters.size() != wanted) {
      throw SqlError(sqlstate::kSyntaxError, raise->parameters.size() < wanted
                                                 ? "too few parameters specified for RAISE"
                                                 : "too many parameters specified for RAISE");
    }
  } else if (TryWord("sqlstate")) {
    raise->state = ReadSqlState().state;
    raise->condition_name = raise->state->code();
  } else if (!Peek().IsWord("using")) {
    raise->condition_name = ExpectName();
    if (raise->condition_name == "others") ThrowSyntax(Peek());
    raise->state = LookUpCondition(raise->condition_name)[0].state;
  }
  if (TryWord("using")) ReadRaiseOptions(*raise);
  return raise;
}

void FunctionParser::ReadRaiseOptions(Raise& raise) {
  do {
    Token name = Take();
    auto found = std::find_if(std::begin(kOptions), std::end(kOptions),
                              [&](const OptionName& option) { return name.IsWord(option.name); });
    if (found == std::end(kOptions)) {
      throw SqlError(sqlstate::kSyntaxError, "unrecognized RAISE statement option");
    }
    if (!TrySymbol("=")) ExpectSymbol(":=");
    // One expression: up to the comma that begins the next option.
    size_t from = at_;
    int line = Peek().line;
    int depth = 0;
    while (Peek().kind != TokenKind::kEnd && !Peek().IsSymbol(";") &&
           !(depth == 0 && Peek().IsSymbol(","))) {
      if (Peek().IsSymbol("(")) ++depth;
      if (Peek().IsSymbol(")")) --depth;
      ++at_;
    }
    if (from == at_) ThrowSyntax(Peek());
    raise.options.emplace_back(found->option, MakeExpression(std::string(Text(from, at_)), line));
  } while (TrySymbol(","));
}

}  // namespace sundog::session::plpgsql
