#include "types/json_lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/sql_error.h"
#include "types/utf8.h"

namespace sundog::types {

namespace {

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

size_t CharacterLength(std::string_view text, size_t at) {
  auto c = static_cast<unsigned char>(text[at]);
  size_t length = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
  return std::min(length, text.size() - at);
}

constexpr std::string_view kLowMustFollow =
    "Unicode low surrogate must follow a high surrogate.";

// The end of a number that begins at `at`, and whether it is well-formed.
size_t NumberEnd(std::string_view text, size_t at, bool& valid) {
  auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  auto digits = [&] {
    if (!IsDigit(peek())) return false;
    while (IsDigit(peek())) ++at;
    return true;
  };
  valid = true;
  if (peek() == '-') ++at;
  if (peek() == '0') {
    ++at;
  } else {
    valid &= digits();
  }
  if (peek() == '.') {
    ++at;
    valid &= digits();
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at;
    if (peek() == '+' || peek() == '-') ++at;
    valid &= digits();
  }
  for (; at < text.size() && IsWordCharacter(text[at]); ++at) valid = false;
  return at;
}

}  // namespace

void ThrowStackDepth() {
  throw SqlError(sqlstate::kStatementTooComplex, "stack depth limit exceeded")
      .Hint(
          "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after "
          "ensuring the platform's stack depth limit is adequate.");
}

// The line up to the error, cut to its last 50 bytes.
std::string JsonLexer::Context(size_t error_end) const {
  std::string_view before = text_.substr(0, std::min(token_begin_, error_end));
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  size_t begin = line_begin;
  while (error_end - begin >= 50) begin += CharacterLength(text_, begin);
  if (begin - line_begin <= 3) begin = line_begin;
  bool cut_after = token_ != JsonToken::kEnd && error_end < text_.size() &&
                   text_[error_end] != '\n' && text_[error_end] != '\r';
  return fmt::format("JSON data, line {}: {}{}{}", line, begin > line_begin ? "..." : "",
                     text_.substr(begin, error_end - begin), cut_after ? "..." : "");
}

void JsonLexer::Fail(std::string detail, size_t error_end) const {
  SqlError error(sqlstate::kInvalidTextRepresentation, "invalid input syntax for type json");
  error.Detail(std::move(detail));
  error.fields().context = Context(error_end);
  throw error;
}

void JsonLexer::FailToken(size_t error_end) const {
  Fail(fmt::format("Token \"{}\" is invalid.",
                   text_.substr(token_begin_, error_end - token_begin_)),
       error_end);
}

void JsonLexer::FailAtCharacter(std::string detail) const {
  Fail(std::move(detail), at_ < text_.size() ? at_ + CharacterLength(text_, at_) : at_);
}

void JsonLexer::FailZero() const {
  SqlError error(sqlstate::kUntranslatableCharacter, "unsupported Unicode escape sequence");
  error.Detail("\\u0000 cannot be converted to text.");
  error.fields().context = Context(at_ + 1);
  throw error;
}

void JsonLexer::FailExpected(std::string_view expected) const {
  if (token_ == JsonToken::kEnd) Fail("The input string ended unexpectedly.", at_);
  Fail(fmt::format("{}, but found \"{}\".", expected, token_text()), at_);
}

JsonToken JsonLexer::Next() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' ||
                                text_[at_] == '\r')) {
    ++at_;
  }
  token_begin_ = at_;
  if (at_ >= text_.size()) return token_ = JsonToken::kEnd;
  switch (text_[at_]) {
    case '{': return ++at_, token_ = JsonToken::kObjectStart;
    case '}': return ++at_, token_ = JsonToken::kObjectEnd;
    case '[': return ++at_, token_ = JsonToken::kArrayStart;
    case ']': return ++at_, token_ = JsonToken::kArrayEnd;
    case ',': return ++at_, token_ = JsonToken::kComma;
    case ':': return ++at_, token_ = JsonToken::kColon;
    case '"': return token_ = LexString();
    default: break;
  }
  if (text_[at_] == '-' || IsDigit(text_[at_])) return token_ = LexNumber();
  return token_ = LexWord();
}

JsonToken JsonLexer::LexNumber() {
  bool valid;
  at_ = NumberEnd(text_, at_, valid);
  if (!valid) FailToken(at_);
  return JsonToken::kNumber;
}

JsonToken JsonLexer::LexWord() {
  while (at_ < text_.size() && IsWordCharacter(text_[at_])) ++at_;
  if (at_ == token_begin_) ++at_;
  std::string_view word = token_text();
  if (word == "true") return JsonToken::kTrue;
  if (word == "false") return JsonToken::kFalse;
  if (word == "null") return JsonToken::kNull;
  FailToken(at_);
}

JsonToken JsonLexer::LexString() {
  ++at_;
  size_t plain_begin = at_;  // what is not yet in buffer_
  bool buffered = false;
  int32_t high_surrogate = -1;
  while (true) {
    if (at_ >= text_.size()) FailToken(at_);
    char c = text_[at_];
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 32) {
      Fail(fmt::format("Character with value 0x{:02x} must be escaped.", c), at_);
    }
    if (c != '\\') {
      if (high_surrogate != -1) FailAtCharacter(std::string(kLowMustFollow));
      ++at_;
      continue;
    }
    if (!buffered) buffer_.clear();
    buffered = true;
    buffer_.append(text_, plain_begin, at_ - plain_begin);
    LexEscape(high_surrogate);
    plain_begin = at_;
  }
  if (high_surrogate != -1) FailAtCharacter(std::string(kLowMustFollow));
  if (buffered) {
    buffer_.append(text_, plain_begin, at_ - plain_begin);
    decoded_ = buffer_;
  } else {
    decoded_ = text_.substr(plain_begin, at_ - plain_begin);
  }
  ++at_;
  return JsonToken::kString;
}

void JsonLexer::LexEscape(int32_t& high_surrogate) {
  ++at_;
  if (at_ >= text_.size()) FailToken(at_);
  char c = text_[at_];
  if (c == 'u') return LexUnicodeEscape(high_surrogate);
  if (high_surrogate != -1) FailAtCharacter(std::string(kLowMustFollow));
  switch (c) {
    case '"':
    case '\\':
    case '/': buffer_ += c; break;
    case 'b': buffer_ += '\b'; break;
    case 'f': buffer_ += '\f'; break;
    case 'n': buffer_ += '\n'; break;
    case 'r': buffer_ += '\r'; break;
    case 't': buffer_ += '\t'; break;
    default:
      FailAtCharacter(fmt::format("Escape sequence \"\\{}\" is invalid.",
                                  text_.substr(at_, CharacterLength(text_, at_))));
  }
  ++at_;
}

void JsonLexer::LexUnicodeEscape(int32_t& high_surrogate) {
  uint32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    if (++at_ >= text_.size()) FailToken(at_);
    char c = text_[at_];
    uint32_t digit;
    if (IsDigit(c)) {
      digit = static_cast<uint32_t>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      FailAtCharacter("\"\\u\" must be followed by four hexadecimal digits.");
    }
    code = code * 16 + digit;
  }
  if (unescapes_) {
    if (code >= 0xd800 && code < 0xdc00) {
      if (high_surrogate != -1) {
        FailAtCharacter("Unicode high surrogate must not follow a high surrogate.");
      }
      high_surrogate = static_cast<int32_t>(code);
      ++at_;
      return;
    }
    bool low = code >= 0xdc00 && code < 0xe000;
    if (low != (high_surrogate != -1)) FailAtCharacter(std::string(kLowMustFollow));
    if (low) {
      code = 0x10000 + ((static_cast<uint32_t>(high_surrogate) & 0x3ff) << 10) + (code & 0x3ff);
      high_surrogate = -1;
    }
    if (code == 0) FailZero();
    AppendCharacter(code, buffer_);
  }
  ++at_;
}

namespace {

class Parser {
 public:
  Parser(std::string_view text, JsonEvents* events)
      : lexer_(text, events != nullptr), events_(events) {}

  void Run() {
    lexer_.Next();
    Value();
    while (!open_.empty()) {
      if (open_.back() == '{') {
        AfterMember();
      } else {
        AfterElement();
      }
    }
    if (lexer_.token() != JsonToken::kEnd) lexer_.FailExpected("Expected end of input");
  }

 private:
  // Reads a scalar whole and opens a container; the token after it is current then, or, after an
  // opened container that is not empty, the first token after its first value.
  void Value() {
    while (true) {
      switch (lexer_.token()) {
        case JsonToken::kObjectStart:
          Open('{');
          if (lexer_.Next() == JsonToken::kObjectEnd) return Close();
          if (lexer_.token() != JsonToken::kString) {
            lexer_.FailExpected("Expected string or \"}\"");
          }
          KeyAndColon();
          continue;
        case JsonToken::kArrayStart:
          Open('[');
          if (lexer_.Next() == JsonToken::kArrayEnd) return Close();
          continue;
        default: return Scalar();
      }
    }
  }

  bool StartsValue() const {
    JsonToken token = lexer_.token();
    return token != JsonToken::kComma && token != JsonToken::kColon &&
           token != JsonToken::kObjectEnd && token != JsonToken::kArrayEnd &&
           token != JsonToken::kEnd;
  }

  void Scalar() {
    if (!StartsValue()) lexer_.FailExpected("Expected JSON value");
    if (events_ != nullptr) {
      switch (lexer_.token()) {
        case JsonToken::kString: events_->String(lexer_.string()); break;
        case JsonToken::kNumber: events_->Number(lexer_.token_text()); break;
        case JsonToken::kTrue: events_->Bool(true); break;
        case JsonToken::kFalse: events_->Bool(false); break;
        default: events_->Null(); break;
      }
    }
    lexer_.Next();
  }

  void Open(char bracket) {
    if (open_.size() >= kMaxJsonDepth) ThrowStackDepth();
    open_.push_back(bracket);
    if (events_ == nullptr) return;
    if (bracket == '{') {
      events_->BeginObject();
    } else {
      events_->BeginArray();
    }
  }

  void Close() {
    if (events_ != nullptr) {
      if (open_.back() == '{') {
        events_->EndObject();
      } else {
        events_->EndArray();
      }
    }
    open_.pop_back();
    lexer_.Next();
  }

  void KeyAndColon() {
    if (events_ != nullptr) events_->Key(lexer_.string());
    if (lexer_.Next() != JsonToken::kColon) lexer_.FailExpected("Expected \":\"");
    lexer_.Next();
  }

  void AfterMember() {
    if (lexer_.token() == JsonToken::kObjectEnd) return Close();
    if (lexer_.token() != JsonToken::kComma) lexer_.FailExpected("Expected \",\" or \"}\"");
    if (lexer_.Next() != JsonToken::kString) lexer_.FailExpected("Expected string");
    KeyAndColon();
    Value();
  }

  void AfterElement() {
    if (lexer_.token() == JsonToken::kArrayEnd) return Close();
    if (lexer_.token() != JsonToken::kComma) lexer_.FailExpected("Expected \",\" or \"]\"");
    lexer_.Next();
    Value();
  }

  JsonLexer lexer_;
  JsonEvents* events_;
  std::string open_;  // the brackets we are in
};

}  // namespace

void ParseJson(std::string_view text, JsonEvents* events) { Parser(text, events).Run(); }

void CheckJsonEscapes(std::string_view text) {
  if (text.find("\\u") == std::string_view::npos) return;
  JsonLexer lexer(text, true);
  while (lexer.Next() != JsonToken::kEnd) {
  }
}

void AppendJsonString(std::string_view text, std::string& to) {
  to += '"';
  size_t plain_begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (static_cast<unsigned char>(c) >= 32 && c != '"' && c != '\\') continue;
    to.append(text, plain_begin, i - plain_begin);
    plain_begin = i + 1;
    switch (c) {
      case '"': to += "\\\""; break;
      case '\\': to += "\\\\"; break;
      case '\b': to += "\\b"; break;
      case '\f': to += "\\f"; break;
      case '\n': to += "\\n"; break;
      case '\r': to += "\\r"; break;
      case '\t': to += "\\t"; break;
      default: to += fmt::format("\\u{:04x}", c);
    }
  }
  to.append(text, plain_begin, text.size() - plain_begin);
  to += '"';
}

bool IsJsonNumber(std::string_view text) {
  if (text.empty()) return false;
  bool valid;
  return NumberEnd(text, 0, valid) == text.size() && valid;
}

}  // namespace sundog::types
