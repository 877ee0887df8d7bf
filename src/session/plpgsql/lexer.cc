#include "session/plpgsql/lexer.h"

#include <cctype>
#include <string>

#include "base/sql_error.h"

namespace sundog::session::plpgsql {

namespace {

bool StartsWord(char c) {
  auto byte = static_cast<unsigned char>(c);
  return std::isalpha(byte) || c == '_' || byte >= 0x80;
}
bool ContinuesWord(char c) {
  return StartsWord(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '$';
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Token> Run() {
    std::vector<Token> tokens;
    do {
      SkipSpace();
      Token token;
      token.begin = at_;
      token.line = line_;
      if (at_ < source_.size()) Take(token);
      token.end = at_;
      tokens.push_back(std::move(token));
    } while (tokens.back().kind != TokenKind::kEnd);
    return tokens;
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  char Next() {
    char c = source_[at_++];
    if (c == '\n') ++line_;
    return c;
  }

  [[noreturn]] void ThrowUnterminated(std::string_view what) const {
    throw SqlError(sqlstate::kSyntaxError, "unterminated " + std::string(what));
  }

  void SkipSpace() {
    while (at_ < source_.size()) {
      if (std::isspace(static_cast<unsigned char>(Peek()))) {
        Next();
      } else if (Peek() == '-' && Peek(1) == '-') {
        while (at_ < source_.size() && Peek() != '\n') Next();
      } else if (Peek() == '/' && Peek(1) == '*') {
        SkipComment();
      } else {
        return;
      }
    }
  }

  void SkipComment() {
    int depth = 0;
    do {
      if (at_ >= source_.size()) ThrowUnterminated("/* comment");
      if (Peek() == '/' && Peek(1) == '*') {
        ++depth;
        Next();
      } else if (Peek() == '*' && Peek(1) == '/') {
        --depth;
        Next();
      }
      Next();
    } while (depth > 0);
  }

  void Take(Token& token) {
    char c = Peek();
    if ((c == 'e' || c == 'E') && Peek(1) == '\'') {
      Next();
      TakeString(token, true);
    } else if (c == '\'') {
      TakeString(token, false);
    } else if (c == '"') {
      TakeQuotedWord(token);
    } else if (StartsWord(c)) {
      token.kind = TokenKind::kWord;
      while (at_ < source_.size() && ContinuesWord(Peek())) {
        char letter = Next();
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        token.text += letter;
      }
    } else if (std::isdigit(static_cast<unsigned char>(c)) ||
               (c == '.' && std::isdigit(static_cast<unsigned char>(Peek(1))))) {
      TakeNumber(token);
    } else if (c == '$') {
      TakeDollar(token);
    } else {
      TakeSymbol(token);
    }
  }

  void TakeString(Token& token, bool escapes) {
    token.kind = TokenKind::kString;
    Next();
    while (true) {
      if (at_ >= source_.size()) ThrowUnterminated("quoted string");
      char c = Next();
      if (c == '\'' && Peek() != '\'') return;
      if (c == '\'') Next();
      if (c == '\\' && escapes && at_ < source_.size()) {
        c = Next();
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
      }
      token.text += c;
    }
  }

  void TakeQuotedWord(Token& token) {
    token.kind = TokenKind::kWord;
    token.quoted = true;
    Next();
    while (true) {
      if (at_ >= source_.size()) ThrowUnterminated("quoted identifier");
      char c = Next();
      if (c == '"' && Peek() != '"') return;
      if (c == '"') Next();
      token.text += c;
    }
  }

  void TakeNumber(Token& token) {
    token.kind = TokenKind::kNumber;
    // 1..10 is a range, not the number 1.
    while (std::isalnum(static_cast<unsigned char>(Peek())) ||
           (Peek() == '.' && Peek(1) != '.')) {
      token.text += Next();
    }
  }

  void TakeDollar(Token& token) {
    if (std::isdigit(static_cast<unsigned char>(Peek(1)))) {
      token.kind = TokenKind::kParameter;
      do {
        token.text += Next();
      } while (std::isdigit(static_cast<unsigned char>(Peek())));
      return;
    }
    size_t close = at_ + 1;
    while (close < source_.size() && StartsWord(source_[close])) ++close;
    if (close >= source_.size() || source_[close] != '$') return TakeSymbol(token);
    std::string_view tag = source_.substr(at_, close + 1 - at_);
    size_t end = source_.find(tag, close + 1);
    if (end == std::string_view::npos) ThrowUnterminated("dollar-quoted string");
    token.kind = TokenKind::kString;
    token.text = source_.substr(close + 1, end - close - 1);
    while (at_ < end + tag.size()) Next();
  }

  void TakeSymbol(Token& token) {
    token.kind = TokenKind::kSymbol;
    for (std::string_view pair : {":=", "..", "<<", ">>", "::", "<=", ">=", "<>", "!=", "=>"}) {
      if (source_.substr(at_, 2) == pair) {
        token.text = pair;
        at_ += 2;
        return;
      }
    }
    token.text = Next();
  }

  std::string_view source_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view source) { return Lexer(source).Run(); }

}  // namespace sundog::session::plpgsql
