// Statements that PostgreSQL's grammar refuses but Aurora DSQL's programs send. A small scanner
// finds them, blanks out what the grammar must not see (so that locations stay), and keeps what it
// said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/parse.h"

namespace sundog::parser {

struct ExtensionScan {
  bool found = false;
  std::string text;                      // for the grammar; same length as the input
  std::vector<int> async;                // where statements marked ASYNC begin and end
  std::vector<RawStatement> statements;  // those wholly ours

  // Puts the statements in place and marks the others; `script` is the original text.
  void AddTo(std::string_view script, std::vector<RawStatement>& statements) const;
};

// Costs one pass over the bytes when nothing is found. Throws 42601 for malformed ones.
ExtensionScan ScanExtensions(std::string_view sql);

// Whether the word, in lower case, stands before the statement's first parenthesis; not as a quoted
// name or in a comment.
bool HasWordBeforeParenthesis(std::string_view statement, std::string_view word);

}  // namespace sundog::parser
