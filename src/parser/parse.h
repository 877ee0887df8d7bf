// SQL text to PostgreSQL's own raw parse trees.
//
// The trees belong to the Script that Parse returns and die with it; whatever outlives a statement
// must not point into them. A Script may be destroyed on another thread than it was made on. Safe
// from all threads; runs on fibers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct Node;

namespace sundog::parser {

// AWS IAM GRANT role TO 'arn', AWS IAM REVOKE role FROM 'arn': not in PostgreSQL's grammar.
struct AwsIamStatement {
  bool grant = true;
  std::string role;
  std::string arn;
};

struct RawStatement {
  // Locations in the tree count bytes of `script_text`.
  ::Node* tree = nullptr;  // null for statements PostgreSQL does not know: one of the members below
  std::optional<AwsIamStatement> aws_iam;
  // CREATE INDEX ASYNC, ALTER TABLE ASYNC.
  bool async = false;
  int location = 0;
  int length = 0;
  std::string_view text;         // of this statement alone, without the semicolon
  std::string_view script_text;  // of the whole script
};

class Script {
 public:
  Script();
  Script(Script&&) noexcept;
  Script& operator=(Script&&) noexcept;
  ~Script();

  const std::vector<RawStatement>& statements() const { return statements_; }
  std::string_view text() const { return *text_; }

 private:
  friend Script Parse(std::string_view sql);
  struct TreeMemory;
  std::unique_ptr<const std::string> text_;
  std::unique_ptr<TreeMemory> memory_;
  std::vector<RawStatement> statements_;
};

// Throws SqlError: 42601 `syntax error at or near "…"` and the other errors of scanner and grammar,
// with location.
Script Parse(std::string_view sql);

}  // namespace sundog::parser
