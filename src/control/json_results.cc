#include "control/json_results.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "functions/json_encode.h"
#include "session/statement_pipeline.h"
#include "types/ascii.h"
#include "types/json_lexer.h"
#include "types/type_info.h"

namespace sundog::control {

namespace {

void AppendMember(std::string& to, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  if (to.back() != '{') to += ',';
  types::AppendJsonString(name, to);
  to += ':';
  types::AppendJsonString(text, to);
}

std::string FieldsAsJson(const base::ErrorFields& fields, int character_position) {
  std::string text = "{";
  AppendMember(text, "severity", base::SeverityName(fields.severity));
  AppendMember(text, "sqlstate", fields.state.code());
  AppendMember(text, "message", fields.message);
  AppendMember(text, "detail", fields.detail);
  AppendMember(text, "hint", fields.hint);
  if (character_position > 0) {
    fmt::format_to(std::back_inserter(text), ",\"position\":{}", character_position);
  }
  AppendMember(text, "context", fields.context);
  AppendMember(text, "schema", fields.schema);
  AppendMember(text, "table", fields.table);
  AppendMember(text, "column", fields.column);
  AppendMember(text, "constraint", fields.constraint);
  return text + '}';
}

}  // namespace

void AppendJsonCommand(std::string& to, std::string_view tag) {
  size_t count = tag.size();
  while (count > 0 && types::IsDigit(tag[count - 1])) --count;
  std::string_view rows = tag.substr(count);
  std::string_view command = tag.substr(0, count);
  if (command.ends_with(" 0 ")) command.remove_suffix(2);
  if (command.ends_with(' ')) command.remove_suffix(1);
  to += "\"command\":";
  types::AppendJsonString(command, to);
  if (!rows.empty()) fmt::format_to(std::back_inserter(to), ",\"row_count\":{}", rows);
}

void JsonResults::BeginResult() {
  results_.push_back({End(), kOpen});
  if (results_.size() > 1) text_ += ',';
  text_ += '{';
}

void JsonResults::RowDescription(std::span<const session::ResultColumn> columns,
                                 const session::ResultFormats&) {
  if (describing_) return;
  BeginResult();
  text_ += "\"columns\":[";
  for (const session::ResultColumn& column : columns) {
    if (text_.back() != '[') text_ += ',';
    text_ += "{\"name\":";
    types::AppendJsonString(column.name, text_);
    text_ += ",\"type\":";
    types::AppendJsonString(column.info->name, text_);
    fmt::format_to(std::back_inserter(text_), ",\"type_oid\":{}}}", column.type.oid);
  }
  text_ += "],\"rows\":[";
}

void JsonResults::Rows(const types::Chunk& chunk, size_t first, size_t count,
                       std::span<const session::ResultColumn> columns,
                       const session::ResultFormats&, const types::IoContext& io) {
  functions::JsonEncoder encoder(io);
  for (size_t i = first; i < first + count; ++i) {
    // A piece may end behind the bracket that opens the rows, never before the first of them.
    if (text_.back() != '[') text_ += ',';
    text_ += '[';
    for (size_t column = 0; column < columns.size(); ++column) {
      if (column > 0) text_ += ',';
      const types::Vector& vector = chunk.column(column);
      if (vector.IsNull(chunk.rows[i])) {
        text_ += "null";
      } else {
        encoder.Append(columns[column].type.oid, vector.DatumAt(chunk.rows[i]), text_);
      }
    }
    text_ += ']';
    if (text_.size() >= kPieceBytes) Flush();
  }
}

void JsonResults::Flush() {
  // The last byte stays: it says whether a comma is due.
  std::string_view piece(text_.data(), text_.size() - 1);
  if (!sink_(piece)) {
    throw SqlError(sqlstate::kConnectionFailure, "connection to client lost").Fatal();
  }
  taken_ += piece.size();
  text_.erase(0, piece.size());
}

void JsonResults::CommandComplete(std::string_view tag) {
  if (HasOpenResult()) {
    text_ += "],";
  } else {
    BeginResult();
  }
  AppendJsonCommand(text_, tag);
  text_ += '}';
  results_.back().end = End();
}

void JsonResults::Error(const base::ErrorFields& fields, int character_position) {
  if (error_) return;
  error_ = fields;
  error_text_ = FieldsAsJson(fields, character_position);
}

void JsonResults::Notice(const base::ErrorFields& fields, int character_position) {
  if (kept_.size() >= kMaxNotices) return;
  kept_.push_back({End(), notices_.size()});
  if (!notices_.empty()) notices_ += ',';
  notices_ += FieldsAsJson(fields, character_position);
}

// The n-th notice moved the mark from text_end + n - 1 to text_end + n.
JsonResults::Position JsonResults::PositionOf(uint64_t mark) const {
  size_t kept = kept_.size();
  while (kept > 0 && kept_[kept - 1].text_end + kept > mark) --kept;
  return {mark - kept, kept};
}

bool JsonResults::Rewind(uint64_t mark) {
  auto [end, kept] = PositionOf(mark);
  if (end <= taken_) return false;
  text_.resize(end - taken_);
  while (!results_.empty() && results_.back().begin >= end) results_.pop_back();
  if (!results_.empty() && results_.back().end > end) results_.back().end = kOpen;
  if (kept < kept_.size()) {
    notices_.resize(kept_[kept].notices_size);
    kept_.resize(kept);
  }
  return true;
}

std::string JsonResults::Finish() {
  if (HasOpenResult()) text_ += "]}";
  text_ += ']';
  if (!notices_.empty()) text_ += ",\"notices\":[" + notices_ + "]";
  if (error_) {
    text_ += ",\"error\":" + error_text_ + ",\"message\":";
    types::AppendJsonString(error_->message, text_);
  }
  return text_ + '}';
}

}  // namespace sundog::control
