#include "session/statement_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace sundog::session {

namespace {

constexpr size_t kMaxTextBytes = 8 << 10;
constexpr size_t kMaxLiterals = 64;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool IsLetter(char c) { return Lower(c) >= 'a' && Lower(c) <= 'z'; }
bool StartsWord(char c) {
  return IsLetter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool ContinuesWord(char c) { return StartsWord(c) || IsDigit(c) || c == '$'; }
bool IsOperatorChar(char c) {
  return std::string_view("+-*/<>=~!@#%^&|`?").find(c) != std::string_view::npos;
}

bool SameWord(std::string_view word, std::string_view lower) {
  return word.size() == lower.size() &&
         std::equal(word.begin(), word.end(), lower.begin(),
                    [](char a, char b) { return Lower(a) == b; });
}

bool HasWord(std::string_view text, std::string_view lower) {
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                     [](char a, char b) { return Lower(a) == b; }) != text.end();
}

}  // namespace

bool StatementText::Read(std::string_view sql) {
  if (sql.size() > kMaxTextBytes) return false;
  sql_ = sql;
  while (!sql_.empty() && (IsSpace(sql_.back()) || sql_.back() == ';')) sql_.remove_suffix(1);
  while (at_ < sql_.size()) {
    if (IsSpace(sql_[at_])) {
      ++at_;
    } else if (!ReadToken()) {
      return false;
    }
  }
  if (selects_ > (is_insert_ ? 0 : 1) || literals_.size() > kMaxLiterals) generic_ok_ = false;
  if (has_parameters()) generic_.append(sql_.substr(copied_));
  return !first_word_;
}

bool StatementText::ReadToken() {
  char c = sql_[at_];
  if (StartsWord(c)) return ReadWord();
  // A statement that begins with anything but a word is none that plans are kept for.
  if (first_word_) return false;
  if (IsDigit(c)) return ReadNumber();
  if (c == '\'') return ReadString();
  if (c == '"') return ReadQuotedName();
  if (IsOperatorChar(c)) return ReadOperator();
  return ReadOther();
}

bool StatementText::ReadWord() {
  size_t begin = at_;
  while (at_ < sql_.size() && ContinuesWord(sql_[at_])) ++at_;
  std::string_view word = sql_.substr(begin, at_ - begin);
  // E'…', B'…' and their like have rules of their own.
  if (at_ < sql_.size() && sql_[at_] == '\'') return false;
  before_ = Before::kOther;
  if (first_word_) {
    first_word_ = false;
    is_insert_ = SameWord(word, "insert");
    if (SameWord(word, "with")) {
      generic_ok_ = false;
    } else if (SameWord(word, "select")) {
      selects_ = 1;
    } else if (!is_insert_ && !SameWord(word, "update") && !SameWord(word, "delete")) {
      return false;
    }
    return true;
  }
  if (SameWord(word, "select")) ++selects_;
  if (is_insert_ && depth_ == 0) in_values_ = SameWord(word, "values");
  return true;
}

bool StatementText::ReadNumber() {
  size_t begin = at_;
  while (at_ < sql_.size() && IsDigit(sql_[at_])) ++at_;
  Before before = before_;
  before_ = Before::kOther;
  if (at_ < sql_.size() && sql_[at_] == '.') {
    for (++at_; at_ < sql_.size() && IsDigit(sql_[at_]);) ++at_;
    return at_ == sql_.size() || !ContinuesWord(sql_[at_]);
  }
  if (at_ < sql_.size() && ContinuesWord(sql_[at_])) return false;
  std::string_view digits = sql_.substr(begin, at_ - begin);
  bool replaces = before == Before::kValuesStart ? IsWholeValue(at_) : before != Before::kOther;
  int64_t value = 0;
  if (!replaces || std::from_chars(digits.begin(), digits.end(), value).ec != std::errc()) {
    return true;
  }
  bool is_int4 = value <= INT32_MAX;
  // With its sign it could be an int4 after all.
  if (!is_int4 && before == Before::kMinus) return true;
  Replace(begin, at_, {digits, false}, is_int4 ? types::oids::kInt4 : types::oids::kInt8);
  return true;
}

bool StatementText::ReadString() {
  size_t begin = at_++;
  while (true) {
    size_t quote = sql_.find('\'', at_);
    if (quote == std::string_view::npos) return false;
    at_ = quote + 1;
    if (at_ == sql_.size() || sql_[at_] != '\'') break;
    ++at_;
  }
  std::string_view body = sql_.substr(begin + 1, at_ - begin - 2);
  NoteStringMeaning(body);
  Before before = before_;
  before_ = Before::kOther;
  bool replaces = before == Before::kValuesStart ? IsWholeValue(at_) : before == Before::kEquals;
  // Strings that follow each other on two lines are one.
  size_t next = at_;
  while (next < sql_.size() && IsSpace(sql_[next])) ++next;
  if (next < sql_.size() && sql_[next] == '\'') return false;
  if (replaces) Replace(begin, at_, {body, true}, types::kInvalidOid);
  return true;
}

// 'now' and its like, and times of day in a zone, mean something else each time they are read.
void StatementText::NoteStringMeaning(std::string_view body) {
  for (std::string_view word : {"now", "today", "tomorrow", "yesterday"}) {
    if (HasWord(body, word)) exact_ = false;
  }
  if (body.find(':') != std::string_view::npos &&
      std::any_of(body.begin(), body.end(), IsLetter)) {
    exact_ = false;
  }
}

bool StatementText::ReadQuotedName() {
  size_t quote = sql_.find('"', at_ + 1);
  if (quote == std::string_view::npos) return false;
  at_ = quote + 1;
  before_ = Before::kOther;
  return true;
}

bool StatementText::ReadOperator() {
  size_t begin = at_;
  while (at_ < sql_.size() && IsOperatorChar(sql_[at_])) ++at_;
  std::string_view name = sql_.substr(begin, at_ - begin);
  if (name.find("--") != std::string_view::npos || name.find("/*") != std::string_view::npos) {
    return false;
  }
  before_ = name == "="                                   ? Before::kEquals
            : name == "-"                                 ? Before::kMinus
            : name == "+" || name == "*" || name == "/" ? Before::kArithmetic
                                                          : Before::kOther;
  return at_ == sql_.size() || sql_[at_] != '\'' || name.back() != '&';
}

bool StatementText::ReadOther() {
  char c = sql_[at_++];
  before_ = Before::kOther;
  switch (c) {
    case ';': return false;
    case '$':
      generic_ok_ = false;
      if (at_ == sql_.size() || !IsDigit(sql_[at_])) return false;
      while (at_ < sql_.size() && IsDigit(sql_[at_])) ++at_;
      return at_ == sql_.size() || !ContinuesWord(sql_[at_]);
    case '(':
      ++depth_;
      if (in_values_ && depth_ == 1) before_ = Before::kValuesStart;
      return true;
    case ')': --depth_; return depth_ >= 0;
    case ',':
      if (!in_values_) return true;
      // The types of several rows' values are found together.
      if (depth_ == 0) generic_ok_ = false;
      if (depth_ == 1) before_ = Before::kValuesStart;
      return true;
    default: return c != '\\';
  }
}

bool StatementText::IsWholeValue(size_t from) const {
  while (from < sql_.size() && IsSpace(sql_[from])) ++from;
  return from < sql_.size() && (sql_[from] == ',' || sql_[from] == ')');
}

void StatementText::Replace(size_t begin, size_t end, Literal literal, types::Oid type) {
  literals_.push_back(literal);
  types_.push_back(type);
  generic_.append(sql_.substr(copied_, begin - copied_));
  std::array<char, 8> digits;
  char* last = std::to_chars(digits.begin(), digits.end(), literals_.size()).ptr;
  generic_ += '$';
  generic_.append(digits.begin(), last);
  copied_ = end;
}

}  // namespace sundog::session
