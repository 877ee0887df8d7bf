// The words of a PL/pgSQL function's body. SQL inside it is taken as text between two words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sundog::session::plpgsql {

enum class TokenKind : unsigned char { kEnd, kWord, kString, kNumber, kParameter, kSymbol };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  // A word folded to lower case unless quoted; a string's value; a symbol as it is: ":=", "..",
  // "<<", ">>", or one character.
  std::string text;
  bool quoted = false;  // a word in double quotes: never a keyword
  size_t begin = 0;     // where it stands in the source
  size_t end = 0;
  int line = 1;

  bool IsWord(std::string_view word) const {
    return kind == TokenKind::kWord && !quoted && text == word;
  }
  bool IsSymbol(std::string_view symbol) const {
    return kind == TokenKind::kSymbol && text == symbol;
  }
};

// All tokens, the last one kEnd. Throws 42601 for what does not end (a string, a comment).
std::vector<Token> Tokenize(std::string_view source);

}  // namespace sundog::session::plpgsql
