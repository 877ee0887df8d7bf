// FORMAT TEXT.
#include <fmt/format.h>

#include "planner/explain.h"

namespace sundog::planner {

namespace {

class TextPrinter {
 public:
  explicit TextPrinter(const ExplainOptions& options) : options_(options) {}

  std::vector<std::string> Run(const ExplainNode& root) {
    Print(root, 0);
    return std::move(lines_);
  }

 private:
  static std::string Indent(int levels) { return std::string(2 * levels, ' '); }

  std::string Figures(const ExplainNode& node) const {
    std::string text;
    if (options_.costs) {
      text += fmt::format("  (cost={:.2f}..{:.2f} rows={:.0f} width={})", node.cost.startup,
                          std::max(node.cost.startup, node.cost.total),
                          node.rows <= 0 ? 0 : std::max(1.0, node.rows), node.width);
    }
    if (!options_.analyze || node.actual == nullptr) return text;
    const ActualFigures& actual = *node.actual;
    text += " ";
    if (actual.loops == 0) return text + "(never executed)";
    auto loops = static_cast<double>(actual.loops);
    double rows = static_cast<double>(actual.rows) / loops;
    if (!options_.timing) {
      return text + fmt::format("(actual rows={:.0f} loops={})", rows, actual.loops);
    }
    return text + fmt::format("(actual time={:.3f}..{:.3f} rows={:.0f} loops={})",
                              static_cast<double>(actual.startup_us) / 1000 / loops,
                              static_cast<double>(actual.total_us) / 1000 / loops, rows,
                              actual.loops);
  }

  void Print(const ExplainNode& node, int indent) {
    if (!node.subplan_name.empty()) {
      lines_.push_back(Indent(indent) + node.subplan_name);
      ++indent;
    }
    std::string line = Indent(indent);
    if (indent > 0) {
      line += "->  ";
      indent += 2;
    }
    lines_.push_back(line + node.title + Figures(node));
    ++indent;
    for (const ExplainProperty& property : node.properties) {
      lines_.push_back(Indent(indent) + property.label + ": " + property.text);
    }
    // Plans that run once come first, those that run for each row last.
    for (const auto& child : node.children) {
      if (child->relationship == "InitPlan") Print(*child, indent);
    }
    for (const auto& child : node.children) {
      if (child->subplan_name.empty()) Print(*child, indent);
    }
    for (const auto& child : node.children) {
      if (child->relationship == "SubPlan") Print(*child, indent);
    }
  }

  const ExplainOptions& options_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> ExplainText(const PhysicalPlan& plan, const ExplainOptions& options) {
  std::vector<std::string> lines = TextPrinter(options).Run(*MakeExplainTree(plan, options));
  if (options.summary) {
    lines.push_back(fmt::format("Planning Time: {:.3f} ms", options.planning_ms));
  }
  if (options.summary && options.analyze) {
    lines.push_back(fmt::format("Execution Time: {:.3f} ms", options.execution_ms));
  }
  return lines;
}

}  // namespace sundog::planner
