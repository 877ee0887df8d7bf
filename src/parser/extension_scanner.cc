#include "parser/extension_scanner.h"

#include <strings.h>

#include <algorithm>

#include "base/sql_error.h"

namespace sundog::parser {

namespace {

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (c & 0x80) != 0;
}

enum class TokenKind { kEnd, kWord, kQuotedName, kString, kSemicolon, kOther };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  size_t begin = 0;
  size_t end = 0;
  std::string value;  // names folded or unquoted, strings unescaped
};

// Enough of SQL's tokens to find statement ends and the first words of a statement.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Token Next() {
    SkipSpace();
    Token token;
    token.begin = at_;
    if (at_ >= text_.size()) {
      token.kind = TokenKind::kEnd;
    } else if (char c = text_[at_]; c == '"') {
      token.kind = TokenKind::kQuotedName;
      token.value = Quoted('"');
    } else if (c == '\'') {
      token.kind = TokenKind::kString;
      token.value = Quoted('\'');
    } else if (c == '$' && SkipDollarQuoted()) {
      token.kind = TokenKind::kString;
    } else if (c == ';') {
      token.kind = TokenKind::kSemicolon;
      ++at_;
    } else if (IsWordByte(c)) {
      token.kind = TokenKind::kWord;
      while (at_ < text_.size() && (IsWordByte(text_[at_]) || text_[at_] == '$')) {
        token.value += static_cast<char>(text_[at_] >= 'A' && text_[at_] <= 'Z' ? text_[at_] | 0x20
                                                                                : text_[at_]);
        ++at_;
      }
      if (token.value == "e" && at_ < text_.size() && text_[at_] == '\'') SkipEscapeString();
    } else {
      token.kind = TokenKind::kOther;
      ++at_;
    }
    token.end = at_;
    return token;
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == ' ' || (c >= '\t' && c <= '\r')) {
        ++at_;
      } else if (text_.compare(at_, 2, "--") == 0) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.compare(at_, 2, "/*") == 0) {
        SkipComment();
      } else {
        return;
      }
    }
  }

  void SkipComment() {
    int depth = 0;
    do {
      if (text_.compare(at_, 2, "/*") == 0) {
        ++depth;
        at_ += 2;
      } else if (text_.compare(at_, 2, "*/") == 0) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < text_.size());
  }

  std::string Quoted(char quote) {
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != quote) {
        value += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
        value += text_[at_++];
      } else {
        ++at_;
        break;
      }
    }
    return value;
  }

  void SkipEscapeString() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '\'') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '\'') break;
        ++at_;
      }
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  bool SkipDollarQuoted() {
    size_t end = at_ + 1;
    while (end < text_.size() && IsWordByte(text_[end])) ++end;
    if (end >= text_.size() || text_[end] != '$') return false;
    if (end > at_ + 1 && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9') return false;
    std::string_view tag = text_.substr(at_, end + 1 - at_);
    size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

// A form that begins with these words; what stands where the blank begins is hidden from the
// grammar.
enum class Action { kBlankLastWord, kAwsIam };
struct Form {
  std::vector<std::string_view> words;
  // The form does not apply if one of these follows.
  std::vector<std::string_view> unless_followed_by;
  Action action;
};

const std::vector<Form>& Forms() {
  static const std::vector<Form> forms = {
      {{"create", "index", "async"}, {}, Action::kBlankLastWord},
      {{"create", "unique", "index", "async"}, {}, Action::kBlankLastWord},
      // A table may be called async: then an action follows.
      {{"alter", "table", "async"},
       {"add", "alter", "attach", "cluster", "detach", "disable", "drop", "enable", "force",
        "inherit", "no", "not", "of", "owner", "rename", "replica", "reset", "set", "validate"},
       Action::kBlankLastWord},
      {{"aws", "iam"}, {}, Action::kAwsIam},
  };
  return forms;
}

bool MayHaveExtension(std::string_view sql) {
  for (size_t i = 0; i + 3 <= sql.size(); ++i) {
    if ((sql[i] | 0x20) != 'a') continue;
    if (strncasecmp(sql.data() + i, "aws", 3) == 0) return true;
    if (i + 5 <= sql.size() && strncasecmp(sql.data() + i, "async", 5) == 0) return true;
  }
  return false;
}

bool Matches(const Form& form, const std::vector<Token>& tokens) {
  if (tokens.size() < form.words.size()) return false;
  for (size_t i = 0; i < form.words.size(); ++i) {
    if (tokens[i].kind != TokenKind::kWord || tokens[i].value != form.words[i]) return false;
  }
  if (tokens.size() == form.words.size()) return true;
  const Token& next = tokens[form.words.size()];
  if (next.kind != TokenKind::kWord) return next.kind != TokenKind::kOther;
  return std::find(form.unless_followed_by.begin(), form.unless_followed_by.end(), next.value) ==
         form.unless_followed_by.end();
}

[[noreturn]] void ThrowSyntaxError(std::string_view sql, const std::vector<Token>& tokens,
                                   size_t i) {
  if (i >= tokens.size()) {
    throw SqlError(sqlstate::kSyntaxError, "syntax error at end of input")
        .At(static_cast<int>(sql.size()));
  }
  std::string near(sql.substr(tokens[i].begin, tokens[i].end - tokens[i].begin));
  throw SqlError(sqlstate::kSyntaxError, "syntax error at or near \"" + near + "\"")
      .At(static_cast<int>(tokens[i].begin));
}

// AWS IAM { GRANT role TO | REVOKE role FROM } 'arn'
AwsIamStatement ParseAwsIam(std::string_view sql, const std::vector<Token>& tokens) {
  auto is_word = [&](size_t i, std::string_view word) {
    return i < tokens.size() && tokens[i].kind == TokenKind::kWord && tokens[i].value == word;
  };
  AwsIamStatement statement;
  statement.grant = is_word(2, "grant");
  if (!statement.grant && !is_word(2, "revoke")) ThrowSyntaxError(sql, tokens, 2);
  if (tokens.size() <= 3 ||
      (tokens[3].kind != TokenKind::kWord && tokens[3].kind != TokenKind::kQuotedName)) {
    ThrowSyntaxError(sql, tokens, 3);
  }
  statement.role = tokens[3].value;
  if (!is_word(4, statement.grant ? "to" : "from")) ThrowSyntaxError(sql, tokens, 4);
  if (tokens.size() <= 5 || tokens[5].kind != TokenKind::kString) ThrowSyntaxError(sql, tokens, 5);
  statement.arn = tokens[5].value;
  if (tokens.size() > 6) ThrowSyntaxError(sql, tokens, 6);
  return statement;
}

void Apply(const Form& form, std::string_view sql, const std::vector<Token>& tokens, size_t end,
           ExtensionScan& scan) {
  auto blank = [&](size_t from, size_t to) {
    std::fill(scan.text.begin() + from, scan.text.begin() + to, ' ');
  };
  if (!scan.found) scan.text = sql;
  scan.found = true;
  if (form.action == Action::kBlankLastWord) {
    const Token& word = tokens[form.words.size() - 1];
    blank(word.begin, word.end);
    scan.async.push_back(static_cast<int>(tokens[0].begin));
    scan.async.push_back(static_cast<int>(end));
    return;
  }
  RawStatement statement;
  statement.aws_iam = ParseAwsIam(sql, tokens);
  statement.location = static_cast<int>(tokens[0].begin);
  statement.length = static_cast<int>(end - tokens[0].begin);
  blank(tokens[0].begin, end);
  scan.statements.push_back(std::move(statement));
}

}  // namespace

ExtensionScan ScanExtensions(std::string_view sql) {
  ExtensionScan scan;
  if (!MayHaveExtension(sql)) return scan;
  Scanner scanner(sql);
  constexpr size_t kKeptTokens = 8;
  while (true) {
    std::vector<Token> tokens;
    Token token = scanner.Next();
    for (; token.kind != TokenKind::kEnd && token.kind != TokenKind::kSemicolon;
         token = scanner.Next()) {
      if (tokens.size() < kKeptTokens) tokens.push_back(token);
    }
    for (const Form& form : Forms()) {
      if (!Matches(form, tokens)) continue;
      Apply(form, sql, tokens, token.begin, scan);
      break;
    }
    if (token.kind == TokenKind::kEnd) return scan;
  }
}

bool HasWordBeforeParenthesis(std::string_view statement, std::string_view word) {
  Scanner scanner(statement);
  while (true) {
    Token token = scanner.Next();
    if (token.kind == TokenKind::kEnd || statement[token.begin] == '(') return false;
    if (token.kind == TokenKind::kWord && token.value == word) return true;
  }
}

void ExtensionScan::AddTo(std::string_view script, std::vector<RawStatement>& to) const {
  for (RawStatement& statement : to) {
    int end = statement.location + statement.length;
    for (size_t i = 0; i < async.size(); i += 2) {
      if (async[i] >= statement.location && async[i] < end) statement.async = true;
    }
  }
  for (RawStatement statement : statements) {
    statement.script_text = script;
    statement.text = script.substr(statement.location, statement.length);
    auto at = std::find_if(to.begin(), to.end(), [&](const RawStatement& other) {
      return other.location + other.length > statement.location;
    });
    to.insert(at, std::move(statement));
  }
}

}  // namespace sundog::parser
