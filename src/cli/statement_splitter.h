// Finds where a statement ends in text that comes line by line: at a semicolon outside quotes,
// comments, dollar quotes, parentheses and the body of a routine that says BEGIN ATOMIC … END.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sundog::cli {

class StatementSplitter {
 public:
  // Takes text in and returns the statements it completes, without their semicolons.
  std::vector<std::string> Feed(std::string_view text);
  // What has no semicolon yet; the splitter is empty afterwards.
  std::string Finish();
  // True when nothing but white space waits for its semicolon.
  bool empty() const;

 private:
  enum class Inside { kNothing, kString, kEscapeString, kIdentifier, kDollar, kLine, kBlock };

  // Scans from `scanned_`; true at a semicolon that ends a statement.
  bool Scan();
  void ScanPlain();
  void ScanUntilQuote(char quote);
  bool TryDollarTag();
  void ScanWord();
  bool MakesRoutine() const;
  void BeginStatement();

  std::string text_;
  size_t scanned_ = 0;
  Inside inside_ = Inside::kNothing;
  std::string dollar_tag_;
  int parentheses_ = 0;
  int comment_depth_ = 0;
  std::vector<std::string> first_words_;  // of the statement, in lower case
  int body_depth_ = 0;                    // BEGIN and CASE without their END
};

}  // namespace sundog::cli
