// Reading JSON text: a lexer and an event parser that accept what PostgreSQL 15 accepts and refuse
// the rest in its words (22P02 with a detail and the context line; 22P05 for \u0000).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sundog::types {

enum class JsonToken : uint8_t {
  kEnd,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kNull,
  kObjectStart,
  kObjectEnd,
  kArrayStart,
  kArrayEnd,
  kComma,
  kColon,
};

class JsonLexer {
 public:
  // With `unescapes`, string tokens are decoded and what cannot be text is refused.
  JsonLexer(std::string_view text, bool unescapes, size_t offset = 0)
      : text_(text), unescapes_(unescapes), at_(offset), token_begin_(offset) {}

  // Throws on a malformed token.
  JsonToken Next();
  JsonToken token() const { return token_; }
  size_t token_begin() const { return token_begin_; }
  size_t token_end() const { return at_; }
  // As written, a string with its quotes.
  std::string_view token_text() const {
    return text_.substr(token_begin_, at_ - token_begin_);
  }
  // Of a string token, decoded; valid until the next token. Needs `unescapes`.
  std::string_view string() const { return decoded_; }

  // 22P02 with detail `expected`, followed by the current token.
  [[noreturn]] void FailExpected(std::string_view expected) const;

 private:
  [[noreturn]] void Fail(std::string detail, size_t error_end) const;
  [[noreturn]] void FailAtCharacter(std::string detail) const;  // at at_, which joins the context
  [[noreturn]] void FailZero() const;
  [[noreturn]] void FailToken(size_t error_end) const;
  std::string Context(size_t error_end) const;
  JsonToken LexString();
  JsonToken LexNumber();
  JsonToken LexWord();
  void LexEscape(int32_t& high_surrogate);
  void LexUnicodeEscape(int32_t& high_surrogate);

  std::string_view text_;
  bool unescapes_;
  size_t at_;
  size_t token_begin_;
  JsonToken token_ = JsonToken::kNull;
  // Strings without escapes are views of the text, others of buffer_.
  std::string_view decoded_;
  std::string buffer_;
};

// What a document consists of, in its order. Views live until the next event.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  virtual void BeginObject() = 0;
  virtual void Key(std::string_view key) = 0;
  virtual void EndObject() = 0;
  virtual void BeginArray() = 0;
  virtual void EndArray() = 0;
  virtual void String(std::string_view value) = 0;
  virtual void Number(std::string_view text) = 0;
  virtual void Bool(bool value) = 0;
  virtual void Null() = 0;
};

// Deeper nesting is refused with 54001, as PostgreSQL refuses it for want of stack.
inline constexpr int kMaxJsonDepth = 6000;
[[noreturn]] void ThrowStackDepth();

// Parses a whole document. Null `events`: checks the syntax only.
void ParseJson(std::string_view text, JsonEvents* events);

// Throws if a string of the (well-formed) document cannot be text: \u0000, lone surrogates.
void CheckJsonEscapes(std::string_view text);

// Appends `text` as a JSON string with its quotes.
void AppendJsonString(std::string_view text, std::string& to);

// True for text that JSON takes as a number: what numeric types print, but NaN and infinities.
bool IsJsonNumber(std::string_view text);

}  // namespace sundog::types
