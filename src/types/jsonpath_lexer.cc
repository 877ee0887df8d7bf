#include "types/jsonpath_lexer.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/utf8.h"

namespace sundog::types {

namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool IsSpecial(char c) {
  constexpr std::string_view kSpecial = "?%$.[]{}()|&!=<>@#,*:-+/";
  return kSpecial.find(c) != std::string_view::npos;
}
bool IsOther(char c) { return !IsSpecial(c) && !IsBlank(c) && c != '\\' && c != '"'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

void JsonPathLexer::Fail(std::string_view what) const {
  std::string message =
      token_ == JsonPathToken::kEnd && begin_ >= input_.size()
          ? fmt::format("{} at end of jsonpath input", what)
          : fmt::format("{} at or near \"{}\" of jsonpath input", what, raw());
  throw SqlError(sqlstate::kSyntaxError, message);
}

bool JsonPathLexer::IsKeyword(std::string_view keyword) const {
  if (token_ != JsonPathToken::kWord || text_.size() != keyword.size()) return false;
  if (keyword == "null" || keyword == "true" || keyword == "false") return text_ == keyword;
  for (size_t i = 0; i < keyword.size(); ++i) {
    char c = text_[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != keyword[i]) return false;
  }
  return true;
}

void JsonPathLexer::SkipBlanks() {
  while (at_ < input_.size()) {
    if (IsBlank(input_[at_])) {
      ++at_;
    } else if (input_.substr(at_, 2) == "/*") {
      size_t end = input_.find("*/", at_ + 2);
      if (end == std::string_view::npos) {
        begin_ = at_ = input_.size();
        token_ = JsonPathToken::kEnd;
        Fail("unexpected end of comment");
      }
      at_ = end + 2;
    } else {
      return;
    }
  }
}

void JsonPathLexer::Next() {
  SkipBlanks();
  begin_ = at_;
  text_.clear();
  if (at_ >= input_.size()) {
    token_ = JsonPathToken::kEnd;
    return;
  }
  char c = input_[at_];
  char following = at_ + 1 < input_.size() ? input_[at_ + 1] : '\0';
  if (c == '"') return LexQuoted(JsonPathToken::kString);
  if (c == '$' && following == '"') {
    ++at_;
    return LexQuoted(JsonPathToken::kVariable);
  }
  if (c == '$' && at_ + 1 < input_.size() && IsOther(following)) {
    while (++at_ < input_.size() && IsOther(input_[at_])) text_ += input_[at_];
    token_ = JsonPathToken::kVariable;
    return;
  }
  if (IsDigit(c) || (c == '.' && IsDigit(following))) return LexNumber();
  if (IsSpecial(c)) return LexOperator();
  LexWord();
}

void JsonPathLexer::LexOperator() {
  token_ = JsonPathToken::kOperator;
  std::string_view two = input_.substr(at_, 2);
  for (std::string_view op : {"&&", "||", "**", "<=", "==", "<>", "!=", ">="}) {
    if (two == op) {
      at_ += 2;
      return;
    }
  }
  ++at_;
}

void JsonPathLexer::LexNumber() {
  auto peek = [this] { return at_ < input_.size() ? input_[at_] : '\0'; };
  auto digits = [&] {
    while (IsDigit(peek())) ++at_;
  };
  token_ = JsonPathToken::kInteger;
  if (peek() == '0') {
    ++at_;
  } else {
    digits();
  }
  if (peek() == '.') {
    token_ = JsonPathToken::kNumber;
    ++at_;
    digits();
  }
  if (peek() == 'e' || peek() == 'E') {
    size_t exponent = at_;
    ++at_;
    bool sign = peek() == '+' || peek() == '-';
    if (sign) ++at_;
    if (IsDigit(peek())) {
      token_ = JsonPathToken::kNumber;
      digits();
    } else if (sign) {
      Fail("invalid numeric literal");
    } else {
      at_ = exponent;
    }
  }
  if (at_ < input_.size() && IsOther(input_[at_])) {
    ++at_;
    Fail("trailing junk after numeric literal");
  }
  text_ = raw();
}

void JsonPathLexer::LexQuoted(JsonPathToken token) {
  token_ = token;
  ++at_;
  while (true) {
    if (at_ >= input_.size()) {
      begin_ = at_;
      token_ = JsonPathToken::kEnd;
      Fail("unexpected end of quoted string");
    }
    char c = input_[at_];
    if (c == '"') break;
    if (c == '\\') {
      LexEscape();
    } else {
      text_ += c;
      ++at_;
    }
  }
  ++at_;
}

void JsonPathLexer::LexWord() {
  token_ = JsonPathToken::kWord;
  while (at_ < input_.size() && (IsOther(input_[at_]) || input_[at_] == '\\')) {
    if (input_[at_] == '\\') {
      LexEscape();
    } else {
      text_ += input_[at_++];
    }
  }
}

void JsonPathLexer::LexEscape() {
  size_t escape = at_++;
  if (at_ >= input_.size()) {
    begin_ = escape;
    Fail("unexpected end after backslash");
  }
  char c = input_[at_++];
  switch (c) {
    case 'b': text_ += '\b'; return;
    case 'f': text_ += '\f'; return;
    case 'n': text_ += '\n'; return;
    case 'r': text_ += '\r'; return;
    case 't': text_ += '\t'; return;
    case 'v': text_ += '\v'; return;
    case 'u': AppendUnicode(LexUnicode()); return;
    case 'x': {
      int high = at_ < input_.size() ? HexDigit(input_[at_]) : -1;
      int low = at_ + 1 < input_.size() ? HexDigit(input_[at_ + 1]) : -1;
      if (high < 0 || low < 0) {
        begin_ = escape;
        Fail("invalid hex character sequence");
      }
      at_ += 2;
      AppendUnicode(static_cast<uint32_t>(high * 16 + low));
      return;
    }
    default: text_ += c;
  }
}

// \uXXXX or \u{X…}, after the u.
uint32_t JsonPathLexer::LexUnicode() {
  bool braces = at_ < input_.size() && input_[at_] == '{';
  if (braces) ++at_;
  uint32_t code = 0;
  int digits = 0;
  while (at_ < input_.size() && digits < (braces ? 6 : 4) && HexDigit(input_[at_]) >= 0) {
    code = code * 16 + static_cast<uint32_t>(HexDigit(input_[at_++]));
    ++digits;
  }
  bool closed = !braces || (at_ < input_.size() && input_[at_] == '}');
  if (!closed || digits == 0 || (!braces && digits < 4)) {
    begin_ = at_ - static_cast<size_t>(digits) - (braces ? 3 : 2);
    Fail("invalid unicode sequence");
  }
  if (braces) ++at_;
  return code;
}

void JsonPathLexer::AppendUnicode(uint32_t code) {
  auto invalid = [](const char* detail) {
    throw SqlError(sqlstate::kInvalidTextRepresentation, "invalid input syntax for type jsonpath")
        .Detail(detail);
  };
  if (code >= 0xd800 && code < 0xdc00) {
    if (high_surrogate_ != 0) {
      invalid("Unicode high surrogate must not follow a high surrogate.");
    }
    if (input_.substr(at_, 2) != "\\u") {
      invalid("Unicode low surrogate must follow a high surrogate.");
    }
    high_surrogate_ = code;
    return;
  }
  bool low = code >= 0xdc00 && code < 0xe000;
  if (low != (high_surrogate_ != 0)) {
    invalid("Unicode low surrogate must follow a high surrogate.");
  }
  if (low) {
    code = 0x10000 + ((high_surrogate_ & 0x3ff) << 10) + (code & 0x3ff);
    high_surrogate_ = 0;
  }
  if (code == 0) {
    throw SqlError(sqlstate::kUntranslatableCharacter, "unsupported Unicode escape sequence")
        .Detail("\\u0000 cannot be converted to text.");
  }
  AppendCharacter(code, text_);
}

}  // namespace sundog::types
