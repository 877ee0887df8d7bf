// FORMAT JSON.
#include <fmt/format.h>

#include "planner/explain.h"

namespace sundog::planner {

namespace {

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    switch (c) {
      case '"': quoted += "\\\""; break;
      case '\\': quoted += "\\\\"; break;
      case '\n': quoted += "\\n"; break;
      case '\r': quoted += "\\r"; break;
      case '\t': quoted += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          quoted += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
          quoted += c;
        }
    }
  }
  return quoted + "\"";
}

class JsonPrinter {
 public:
  explicit JsonPrinter(const ExplainOptions& options) : options_(options) {}

  std::string Run(const ExplainNode& root) {
    text_ = "[\n  {\n    \"Plan\": ";
    Print(root, 2);
    if (options_.summary) {
      text_ += fmt::format(",\n    \"Planning Time\": {:.3f}", options_.planning_ms);
      if (options_.analyze) {
        text_ += ",\n    \"Triggers\": [\n    ]";
        text_ += fmt::format(",\n    \"Execution Time\": {:.3f}", options_.execution_ms);
      }
    }
    return std::move(text_) + "\n  }\n]";
  }

 private:
  void Member(std::string_view label, const std::string& value) {
    text_ += first_ ? "\n" : ",\n";
    first_ = false;
    text_ += std::string(2 * indent_, ' ') + Quoted(label) + ": " + value;
  }

  void Property(const ExplainProperty& property) {
    switch (property.kind) {
      case ExplainProperty::Kind::kText: return Member(property.label, Quoted(property.text));
      case ExplainProperty::Kind::kNumber: return Member(property.label, property.text);
      case ExplainProperty::Kind::kList: {
        std::string list;
        for (const std::string& one : property.list) {
          list += (list.empty() ? "" : ", ") + Quoted(one);
        }
        return Member(property.label, "[" + list + "]");
      }
    }
  }

  void Figures(const ExplainNode& node) {
    if (options_.costs) {
      Member("Startup Cost", fmt::format("{:.2f}", node.cost.startup));
      Member("Total Cost", fmt::format("{:.2f}", std::max(node.cost.startup, node.cost.total)));
      Member("Plan Rows",
             fmt::format("{:.0f}", node.rows <= 0 ? 0 : std::max(1.0, node.rows)));
      Member("Plan Width", std::to_string(node.width));
    }
    if (!options_.analyze || node.actual == nullptr) return;
    const ActualFigures& actual = *node.actual;
    auto loops = static_cast<double>(std::max<int64_t>(actual.loops, 1));
    if (options_.timing) {
      Member("Actual Startup Time",
             fmt::format("{:.3f}", static_cast<double>(actual.startup_us) / 1000 / loops));
      Member("Actual Total Time",
             fmt::format("{:.3f}", static_cast<double>(actual.total_us) / 1000 / loops));
    }
    Member("Actual Rows", fmt::format("{:.0f}", static_cast<double>(actual.rows) / loops));
    Member("Actual Loops", std::to_string(actual.loops));
  }

  void Print(const ExplainNode& node, int indent) {
    int outer_indent = indent_;
    indent_ = indent + 1;
    first_ = true;
    text_ += "{";
    for (const ExplainProperty& property : node.identity) {
      Property(property);
      if (property.label != "Node Type") continue;
      if (!node.relationship.empty()) Member("Parent Relationship", Quoted(node.relationship));
      if (!node.subplan_name.empty()) Member("Subplan Name", Quoted(node.subplan_name));
      Member("Parallel Aware", "false");
      Member("Async Capable", "false");
    }
    Figures(node);
    for (const ExplainProperty& property : node.properties) Property(property);
    if (!node.children.empty()) {
      Member("Plans", "[\n" + std::string(2 * indent_ + 2, ' '));
      bool first_child = true;
      for (const auto& child : node.children) {
        if (!first_child) text_ += ",\n" + std::string(2 * indent_ + 2, ' ');
        first_child = false;
        Print(*child, indent_ + 1);
      }
      text_ += "\n" + std::string(2 * indent_, ' ') + "]";
    }
    text_ += "\n" + std::string(2 * indent, ' ') + "}";
    indent_ = outer_indent;
    first_ = false;
  }

  const ExplainOptions& options_;
  std::string text_;
  int indent_ = 0;
  bool first_ = true;
};

}  // namespace

std::string ExplainJson(const PhysicalPlan& plan, const ExplainOptions& options) {
  return JsonPrinter(options).Run(*MakeExplainTree(plan, options));
}

}  // namespace sundog::planner
