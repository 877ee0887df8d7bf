// Results of statements as they are printed: for people aligned or one value a line, for programs
// as JSON, in the form of the HTTP API's answers (control/json_results.h), or CSV. What is no
// number, boolean or JSON is a string in JSON, as libpq has it. Rows come one at a time; only
// tables are kept until their end, as their columns' widths depend on all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/result_printer.h"
#include "cli/table_printer.h"

namespace sundog::cli {

struct ResultField {
  std::string name;
  uint32_t type = 0;  // an OID
};

class ResultWriter {
 public:
  ResultWriter(OutputFormat format, bool quiet) : format_(format), quiet_(quiet) {}

  bool keeps_rows() const { return format_ == OutputFormat::kTable && !quiet_; }
  bool is_json() const { return format_ == OutputFormat::kJson && !quiet_; }
  // One value a line, for tables.
  bool expanded() const { return expanded_; }
  void SetExpanded(bool expanded) { expanded_ = expanded; }

  void Begin(const std::vector<ResultField>& fields);
  void Row(std::vector<std::optional<std::string>> values);
  // The result's end, or that of a statement without one: "SELECT 2", "CREATE TABLE".
  void End(std::string_view tag);
  // What is for people alone: among results that programs read it goes to standard error.
  void Say(std::string_view text);
  // After the last result; what is printed afterwards is a document of its own.
  void Finish();

 private:
  void Print(std::string_view text);
  void BeginJsonResult();
  void PrintTable();

  OutputFormat format_;
  bool quiet_;
  bool expanded_ = false;
  bool in_result_ = false;
  size_t result_count_ = 0;  // of the document
  size_t row_count_ = 0;     // of the result
  std::vector<ResultField> fields_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace sundog::cli
