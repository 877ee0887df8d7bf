// The tokens of jsonpath.
#pragma once

#include <string>
#include <string_view>

namespace sundog::types {

enum class JsonPathToken : uint8_t {
  kEnd,
  kString,
  kVariable,
  kInteger,
  kNumber,
  kWord,      // an identifier or keyword, decoded in text()
  kOperator,  // punctuation, in raw()
};

class JsonPathLexer {
 public:
  explicit JsonPathLexer(std::string_view input) : input_(input) { Next(); }

  JsonPathToken token() const { return token_; }
  std::string_view raw() const { return input_.substr(begin_, at_ - begin_); }
  const std::string& text() const { return text_; }
  void Next();

  bool IsOperator(std::string_view op) const {
    return token_ == JsonPathToken::kOperator && raw() == op;
  }
  // Keywords are case-insensitive, but null, true and false.
  bool IsKeyword(std::string_view keyword) const;

  [[noreturn]] void Fail(std::string_view what = "syntax error") const;

 private:
  void SkipBlanks();
  void LexWord();
  void LexQuoted(JsonPathToken token);
  void LexNumber();
  void LexOperator();
  void LexEscape();
  uint32_t LexUnicode();
  void AppendUnicode(uint32_t code);

  std::string_view input_;
  size_t at_ = 0;
  size_t begin_ = 0;
  JsonPathToken token_ = JsonPathToken::kEnd;
  std::string text_;
  uint32_t high_surrogate_ = 0;
};

}  // namespace sundog::types
