#include "cli/statement_splitter.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "types/ascii.h"

namespace sundog::cli {

namespace {

// "create or replace function"
constexpr size_t kWordsOfRoutine = 4;

bool IsWordByte(char c) {
  auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) || c == '_' || byte >= 0x80;
}

}  // namespace

std::vector<std::string> StatementSplitter::Feed(std::string_view text) {
  text_ += text;
  std::vector<std::string> statements;
  while (Scan()) {
    statements.push_back(text_.substr(0, scanned_));
    text_.erase(0, scanned_ + 1);
    BeginStatement();
  }
  return statements;
}

std::string StatementSplitter::Finish() {
  BeginStatement();
  inside_ = Inside::kNothing;
  comment_depth_ = 0;
  return std::exchange(text_, {});
}

void StatementSplitter::BeginStatement() {
  scanned_ = 0;
  parentheses_ = body_depth_ = 0;
  first_words_.clear();
}

bool StatementSplitter::empty() const {
  return inside_ == Inside::kNothing && std::all_of(text_.begin(), text_.end(), [](char c) {
           return std::isspace(static_cast<unsigned char>(c));
         });
}

bool StatementSplitter::Scan() {
  while (scanned_ < text_.size()) {
    switch (inside_) {
      case Inside::kNothing:
        if (text_[scanned_] == ';' && parentheses_ <= 0 && body_depth_ == 0) return true;
        ScanPlain();
        break;
      case Inside::kString: ScanUntilQuote('\''); break;
      case Inside::kIdentifier: ScanUntilQuote('"'); break;
      case Inside::kEscapeString:
        if (text_[scanned_] == '\\') {
          scanned_ += 2;
        } else {
          ScanUntilQuote('\'');
        }
        break;
      case Inside::kDollar:
        if (text_.compare(scanned_, dollar_tag_.size(), dollar_tag_) == 0) {
          scanned_ += dollar_tag_.size();
          inside_ = Inside::kNothing;
        } else {
          ++scanned_;
        }
        break;
      case Inside::kLine:
        if (text_[scanned_++] == '\n') inside_ = Inside::kNothing;
        break;
      case Inside::kBlock:
        if (text_.compare(scanned_, 2, "/*") == 0) {
          ++comment_depth_;
          scanned_ += 2;
        } else if (text_.compare(scanned_, 2, "*/") == 0) {
          scanned_ += 2;
          if (--comment_depth_ == 0) inside_ = Inside::kNothing;
        } else {
          ++scanned_;
        }
        break;
    }
  }
  scanned_ = std::min(scanned_, text_.size());
  return false;
}

void StatementSplitter::ScanPlain() {
  char c = text_[scanned_];
  bool after_word = scanned_ > 0 && IsWordByte(text_[scanned_ - 1]);
  if (c == '\'') {
    bool escape = after_word && (text_[scanned_ - 1] == 'e' || text_[scanned_ - 1] == 'E') &&
                  (scanned_ < 2 || !IsWordByte(text_[scanned_ - 2]));
    inside_ = escape ? Inside::kEscapeString : Inside::kString;
  } else if (c == '"') {
    inside_ = Inside::kIdentifier;
  } else if (text_.compare(scanned_, 2, "--") == 0) {
    inside_ = Inside::kLine;
  } else if (text_.compare(scanned_, 2, "/*") == 0) {
    inside_ = Inside::kBlock;
    comment_depth_ = 1;
    ++scanned_;
  } else if (c == '$' && !after_word && TryDollarTag()) {
    return;
  } else if (c == '(') {
    ++parentheses_;
  } else if (c == ')') {
    --parentheses_;
  } else if (IsWordByte(c)) {
    ScanWord();
    return;
  }
  ++scanned_;
}

// As psql reads the words of a routine's body.
void StatementSplitter::ScanWord() {
  size_t begin = scanned_;
  while (scanned_ < text_.size() && IsWordByte(text_[scanned_])) ++scanned_;
  std::string word = types::LowerAscii(std::string_view(text_).substr(begin, scanned_ - begin));
  if (first_words_.size() < kWordsOfRoutine) first_words_.push_back(word);
  if (parentheses_ > 0 || !MakesRoutine()) return;
  if (word == "begin" || (word == "case" && body_depth_ > 0)) ++body_depth_;
  if (word == "end" && body_depth_ > 0) --body_depth_;
}

bool StatementSplitter::MakesRoutine() const {
  const std::vector<std::string>& words = first_words_;
  size_t at = words.size() > 2 && words[1] == "or" && words[2] == "replace" ? 3 : 1;
  return words.size() > at && words[0] == "create" &&
         (words[at] == "function" || words[at] == "procedure");
}

void StatementSplitter::ScanUntilQuote(char quote) {
  // A doubled quote closes and opens again, which comes to the same.
  if (text_[scanned_++] == quote) inside_ = Inside::kNothing;
}

bool StatementSplitter::TryDollarTag() {
  size_t end = scanned_ + 1;
  while (end < text_.size() && IsWordByte(text_[end])) ++end;
  bool digit_first = std::isdigit(static_cast<unsigned char>(text_[scanned_ + 1]));
  if (end >= text_.size() || text_[end] != '$' || digit_first) return false;
  dollar_tag_ = text_.substr(scanned_, end + 1 - scanned_);
  scanned_ = end + 1;
  inside_ = Inside::kDollar;
  return true;
}

}  // namespace sundog::cli
