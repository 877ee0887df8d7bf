#include "cli/result_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "control/json_results.h"
#include "types/json_lexer.h"
#include "types/oids.h"

namespace sundog::cli {

namespace {

namespace oids = types::oids;

// Money is text.
bool IsNumber(uint32_t type) {
  switch (type) {
    case oids::kInt8:
    case oids::kInt2:
    case oids::kInt4:
    case oids::kOid:
    case oids::kXid:
    case oids::kCid:
    case oids::kFloat4:
    case oids::kFloat8:
    case oids::kNumeric: return true;
    default: return false;
  }
}

bool IsRightAligned(uint32_t type) { return IsNumber(type) || type == oids::kMoney; }

std::string JsonString(std::string_view text) {
  std::string quoted;
  types::AppendJsonString(text, quoted);
  return quoted;
}

// NaN and infinities are no numbers in JSON.
bool IsFinite(std::string_view number) {
  return number.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

std::string JsonValue(uint32_t type, const std::optional<std::string>& value) {
  if (!value) return "null";
  if (type == oids::kBool) return *value == "t" ? "true" : "false";
  if (type == oids::kJson || type == oids::kJsonb) return *value;
  return IsNumber(type) && IsFinite(*value) ? *value : JsonString(*value);
}

}  // namespace

void ResultWriter::Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void ResultWriter::BeginJsonResult() {
  Print(result_count_++ == 0 ? "{\"results\":[{" : ",\n{");
}

void ResultWriter::Begin(const std::vector<ResultField>& fields) {
  fields_ = fields;
  rows_.clear();
  row_count_ = 0;
  in_result_ = true;
  if (is_json()) {
    BeginJsonResult();
    Print("\"columns\":[");
    for (const ResultField& field : fields) {
      if (&field != fields.data()) Print(",");
      Print(fmt::format("{{\"name\":{},\"type_oid\":{}}}", JsonString(field.name), field.type));
    }
    Print("],\"rows\":[");
  } else if (format_ == OutputFormat::kCsv && !quiet_) {
    std::vector<std::string> names;
    for (const ResultField& field : fields) names.push_back(field.name);
    Print(CsvLine(names));
  }
}

void ResultWriter::Row(std::vector<std::optional<std::string>> values) {
  if (is_json()) {
    Print(row_count_ == 0 ? "\n[" : ",\n[");
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) Print(",");
      Print(JsonValue(fields_[i].type, values[i]));
    }
    Print("]");
  } else {
    std::vector<std::string> cells;
    for (auto& value : values) cells.push_back(std::move(value).value_or(""));
    if (format_ == OutputFormat::kCsv) {
      Print(CsvLine(cells));
    } else if (quiet_) {
      Print(fmt::format("{}\n", fmt::join(cells, "\t")));
    } else {
      rows_.push_back(std::move(cells));
    }
  }
  ++row_count_;
}

void ResultWriter::PrintTable() {
  if (!expanded_) {
    std::vector<TableColumn> columns;
    for (const ResultField& field : fields_) {
      columns.push_back({field.name, IsRightAligned(field.type)});
    }
    Print(FormatTable(columns, rows_) + "\n");
    return;
  }
  size_t width = 0;
  for (const ResultField& field : fields_) width = std::max(width, field.name.size());
  for (size_t row = 0; row < rows_.size(); ++row) {
    Print(fmt::format("-[ RECORD {} ]-\n", row + 1));
    for (size_t i = 0; i < fields_.size(); ++i) {
      Print(fmt::format("{:<{}} | {}\n", fields_[i].name, width, rows_[row][i]));
    }
  }
  if (rows_.empty()) Print("(0 rows)\n");
  Print("\n");
}

void ResultWriter::End(std::string_view tag) {
  bool had_rows = std::exchange(in_result_, false);
  if (is_json()) {
    if (!had_rows) BeginJsonResult();
    // A result that an error broke off has no command.
    if (had_rows) Print(tag.empty() ? "]" : "],");
    std::string command;
    if (!tag.empty()) control::AppendJsonCommand(command, tag);
    Print(command + "}");
  } else if (keeps_rows()) {
    if (had_rows) {
      if (!tag.empty()) PrintTable();
    } else {
      Print(fmt::format("{}\n", tag));
    }
  }
  rows_.clear();
}

void ResultWriter::Say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), keeps_rows() ? stdout : stderr);
}

void ResultWriter::Finish() {
  if (in_result_) End("");
  if (is_json()) Print(result_count_ == 0 ? "{\"results\":[]}\n" : "]}\n");
  result_count_ = 0;
  std::fflush(stdout);
}

}  // namespace sundog::cli
