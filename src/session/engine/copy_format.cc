#include "session/engine/copy_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "types/utf8.h"

namespace sundog::session {

using binder::CopyFormat;
using binder::CopyOptions;

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Appends what the escape at text[i] (behind the backslash) stands for; returns the next position.
size_t AppendEscape(std::string_view text, size_t i, std::string& to) {
  char c = text[i++];
  switch (c) {
    case 'b': to += '\b'; return i;
    case 'f': to += '\f'; return i;
    case 'n': to += '\n'; return i;
    case 'r': to += '\r'; return i;
    case 't': to += '\t'; return i;
    case 'v': to += '\v'; return i;
    case 'x': {
      int value = 0;
      int digits = 0;
      while (digits < 2 && i < text.size() && HexDigit(text[i]) >= 0) {
        value = value * 16 + HexDigit(text[i++]);
        ++digits;
      }
      to += digits == 0 ? 'x' : static_cast<char>(value);
      return i;
    }
    default: break;
  }
  if (c < '0' || c > '7') {
    to += c;
    return i;
  }
  int value = c - '0';
  for (int digits = 1; digits < 3 && i < text.size() && text[i] >= '0' && text[i] <= '7';
       ++digits) {
    value = value * 8 + (text[i++] - '0');
  }
  to += static_cast<char>(value);
  return i;
}

void AppendTextField(const CopyOptions& options, std::string_view field, std::string& to) {
  for (char c : field) {
    switch (c) {
      case '\b': to += "\\b"; break;
      case '\f': to += "\\f"; break;
      case '\n': to += "\\n"; break;
      case '\r': to += "\\r"; break;
      case '\t': to += "\\t"; break;
      case '\v': to += "\\v"; break;
      case '\\': to += "\\\\"; break;
      default:
        if (c == options.delimiter[0]) to += '\\';
        to += c;
    }
  }
}

bool NeedsQuotes(const CopyOptions& options, std::string_view field, bool single) {
  if (field == options.null_text) return true;
  if (single && field == "\\.") return true;
  return field.find_first_of(options.delimiter + options.quote + "\r\n") != std::string_view::npos;
}

void AppendQuoted(const CopyOptions& options, std::string_view field, std::string& to) {
  to += options.quote;
  for (char c : field) {
    if (c == options.quote[0] || c == options.escape[0]) to += options.escape;
    to += c;
  }
  to += options.quote;
}

bool Lists(const std::vector<size_t>& fields, size_t i) {
  return std::find(fields.begin(), fields.end(), i) != fields.end();
}

}  // namespace

void CopyReader::Compact() {
  if (position_ < (size_t{1} << 16)) return;
  pending_.erase(0, position_);
  position_ = 0;
}

bool CopyReader::NextLine(std::string_view& line) {
  // A backslash before a line end makes that part of the value.
  size_t at = position_;
  while (true) {
    size_t end = pending_.find('\n', at);
    if (end == std::string::npos) {
      if (!finished_ || position_ == pending_.size()) return false;
      end = pending_.size();
    } else {
      size_t slashes = 0;
      while (end > position_ + slashes && pending_[end - 1 - slashes] == '\\') ++slashes;
      if (slashes % 2 == 1) {
        at = end + 1;
        continue;
      }
    }
    line = std::string_view(pending_).substr(position_, end - position_);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    position_ = std::min(end + 1, pending_.size());
    return true;
  }
}

bool CopyReader::NextCsvRecord(std::string_view& record) {
  bool quoted = false;
  char quote = options_.quote[0];
  char escape = options_.escape[0];
  for (size_t i = position_; i < pending_.size(); ++i) {
    char c = pending_[i];
    if (quoted && escape != quote && c == escape && i + 1 < pending_.size()) {
      ++i;
    } else if (c == quote) {
      quoted = !quoted;
    } else if (c == '\n' && !quoted) {
      record = std::string_view(pending_).substr(position_, i - position_);
      if (!record.empty() && record.back() == '\r') record.remove_suffix(1);
      position_ = i + 1;
      return true;
    }
  }
  if (!finished_ || position_ == pending_.size()) return false;
  record = std::string_view(pending_).substr(position_);
  position_ = pending_.size();
  return true;
}

std::string_view CopyReader::TakeEndMark(std::string_view line) {
  for (size_t at = line.find('\\'); at != std::string_view::npos; at = line.find('\\', at + 2)) {
    if (at + 1 == line.size() || line[at + 1] != '.') continue;
    if (at + 2 != line.size()) {
      throw SqlError(sqlstate::kBadCopyFileFormat, "end-of-copy marker corrupt");
    }
    ended_ = true;
    return line.substr(0, at);
  }
  return line;
}

bool CopyReader::NextRow(std::vector<std::optional<std::string_view>>& fields) {
  Compact();
  fields.clear();
  unescaped_.clear();
  has_line_text_ = false;
  if (ended_) return false;
  std::string_view line;
  bool csv = options_.format == CopyFormat::kCsv;
  if (!(csv ? NextCsvRecord(line) : NextLine(line))) return false;
  ++line_;
  if (line == "\\.") {
    ended_ = true;
    return false;
  }
  types::ValidateUtf8(line);
  if (!csv) line = TakeEndMark(line);
  line_text_ = line;
  has_line_text_ = true;
  // Fields point into `unescaped_`, which must not move while it grows.
  unescaped_.reserve(line.size() + 1);
  if (csv) {
    SplitCsv(line_text_, fields);
  } else {
    SplitText(line_text_, fields);
  }
  return true;
}

void CopyReader::SplitText(std::string_view line,
                           std::vector<std::optional<std::string_view>>& fields) {
  char delimiter = options_.delimiter[0];
  size_t begin = 0;
  while (true) {
    bool escaped = false;
    size_t end = begin;
    while (end < line.size() && line[end] != delimiter) {
      if (line[end] == '\\' && end + 1 < line.size()) {
        escaped = true;
        ++end;
      }
      ++end;
    }
    std::string_view raw = line.substr(begin, end - begin);
    if (raw == options_.null_text) {
      fields.push_back(std::nullopt);
    } else if (!escaped) {
      fields.push_back(raw);
    } else {
      size_t from = unescaped_.size();
      for (size_t i = 0; i < raw.size();) {
        if (raw[i] == '\\' && i + 1 < raw.size()) {
          i = AppendEscape(raw, i + 1, unescaped_);
        } else {
          unescaped_ += raw[i++];
        }
      }
      fields.push_back(std::string_view(unescaped_).substr(from));
      types::ValidateUtf8(*fields.back());  // Escapes can make any byte.
    }
    if (end >= line.size()) return;
    begin = end + 1;
  }
}

void CopyReader::SplitCsv(std::string_view record,
                          std::vector<std::optional<std::string_view>>& fields) {
  char delimiter = options_.delimiter[0];
  char quote = options_.quote[0];
  char escape = options_.escape[0];
  size_t i = 0;
  while (true) {
    bool was_quoted = false;
    bool quoted = false;
    size_t from = unescaped_.size();
    for (; i < record.size(); ++i) {
      char c = record[i];
      if (quoted) {
        if (c == escape && i + 1 < record.size() &&
            (record[i + 1] == quote || record[i + 1] == escape)) {
          unescaped_ += record[++i];
        } else if (c == quote) {
          quoted = false;
        } else {
          unescaped_ += c;
        }
      } else if (c == quote) {
        quoted = true;
        was_quoted = true;
      } else if (c == delimiter) {
        break;
      } else {
        unescaped_ += c;
      }
    }
    if (quoted) throw SqlError(sqlstate::kBadCopyFileFormat, "unterminated CSV quoted field");
    std::string_view field = std::string_view(unescaped_).substr(from);
    bool is_null = field == options_.null_text &&
                   (was_quoted ? Lists(options_.force_null, fields.size())
                               : !Lists(options_.force_not_null, fields.size()));
    fields.push_back(is_null ? std::nullopt : std::optional(field));
    if (i >= record.size()) return;
    ++i;
  }
}

void AppendCopyRow(const CopyOptions& options,
                   const std::vector<std::optional<std::string_view>>& fields, std::string& to) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) to += options.delimiter;
    if (!fields[i].has_value()) {
      to += options.null_text;
    } else if (options.format != CopyFormat::kCsv) {
      AppendTextField(options, *fields[i], to);
    } else if (options.force_quote_all || Lists(options.force_quote, i) ||
               NeedsQuotes(options, *fields[i], fields.size() == 1)) {
      AppendQuoted(options, *fields[i], to);
    } else {
      to += *fields[i];
    }
  }
  to += '\n';
}

void AppendCopyHeader(const CopyOptions& options, const std::vector<std::string>& names,
                      std::string& to) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) to += options.delimiter;
    if (options.format != CopyFormat::kCsv) {
      AppendTextField(options, names[i], to);
    } else if (NeedsQuotes(options, names[i], names.size() == 1)) {
      AppendQuoted(options, names[i], to);
    } else {
      to += names[i];
    }
  }
  to += '\n';
}

}  // namespace sundog::session
