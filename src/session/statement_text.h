// A statement's text as a key for its plan: which texts may share a plan, found without parsing.
//
// Programs that speak the simple protocol write values into the text, so that hardly two texts are
// alike. Read() replaces a literal by a parameter where this changes nothing but the value:
//   - integers after one of = + - * /, and strings after =;
//   - literals that are a whole element of INSERT's one row of VALUES.
// Elsewhere a literal can mean something else (ORDER BY 1) or decide on the plan (x > 1, LIMIT 1),
// and stays in the key. An integer keeps the type that the grammar gives it.
//
//   UPDATE t SET n = n + 5 WHERE id = 17;   →   UPDATE t SET n = n + $1 WHERE id = $2
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/oids.h"

namespace sundog::session {

class StatementText {
 public:
  struct Literal {
    std::string_view body;  // digits, or what is between the quotes
    bool is_string = false;
  };

  // Views of `sql` are kept. False: nothing of this text should be kept for the next one.
  bool Read(std::string_view sql);

  // The text alone says what it means: no value in it depends on the time it is read at.
  bool exact() const { return exact_; }
  bool has_parameters() const { return generic_ok_ && !literals_.empty(); }
  const std::string& generic() const { return generic_; }
  const std::vector<Literal>& literals() const { return literals_; }
  // Of the parameters; 0 for strings, whose type their place decides.
  const std::vector<types::Oid>& types() const { return types_; }

 private:
  enum class Before : uint8_t { kOther, kEquals, kArithmetic, kMinus, kValuesStart };

  bool ReadToken();
  bool ReadWord();
  bool ReadNumber();
  bool ReadString();
  bool ReadQuotedName();
  bool ReadOperator();
  bool ReadOther();
  bool IsWholeValue(size_t from) const;
  void Replace(size_t begin, size_t end, Literal literal, types::Oid type);
  void NoteStringMeaning(std::string_view body);

  std::string_view sql_;
  size_t at_ = 0;
  size_t copied_ = 0;  // of sql_, to generic_
  Before before_ = Before::kOther;
  int depth_ = 0;
  int selects_ = 0;
  bool first_word_ = true;
  bool is_insert_ = false;
  bool in_values_ = false;
  bool exact_ = true;
  bool generic_ok_ = true;
  std::string generic_;
  std::vector<Literal> literals_;
  std::vector<types::Oid> types_;
};

}  // namespace sundog::session
