// What a reader calls the slots of a plan: the columns and expressions they hold.
#pragma once

#include <map>
#include <span>
#include <string>

#include "planner/explain.h"

namespace sundog::planner {

class ExplainNames {
 public:
  // `subplan`: the text that stands for a subquery inside an expression.
  ExplainNames(const PhysicalPlan& plan, const ExplainOptions& options,
               std::function<std::string(const SubplanExpression&)> subplan);

  // An expression over the inputs side by side.
  std::string Text(const binder::BoundExpression& expression,
                   std::span<const PhysicalNode* const> inputs);
  std::string Text(const binder::BoundExpression& expression, const PhysicalNode& input);
  // A condition tested where the rows are read: only what is not the scan's own is qualified.
  std::string OwnText(const binder::BoundExpression& expression, const PhysicalNode& input);
  // All of them, as one condition.
  std::string Conjunction(const BoundExpressions& conjuncts,
                          std::span<const PhysicalNode* const> inputs);
  // What lies in a node's output slot.
  std::string SlotText(const PhysicalNode& node, int slot);
  // The same for a list of outputs.
  std::string OutputText(const PhysicalNode& node, int slot);
  // A column of a table, for conditions over all of its columns.
  std::string ColumnText(const std::string& relation, const std::string& column) const;
  // Values of the outer row that the part of the plan below refers to.
  void Bind(const std::vector<OuterBinding>& bindings, std::span<const PhysicalNode* const> inputs);
  void Bind(int slot, const binder::BoundExpression& value,
            std::span<const PhysicalNode* const> inputs);

  // An expression over the table's columns by attnum - 1.
  std::string TableText(const binder::BoundExpression& expression, const PhysicalTableScan& scan);

 private:
  using Leaf = std::function<std::string(const binder::BoundExpression&)>;
  std::string PrintTable(const binder::BoundExpression& expression, const PhysicalTableScan& scan);
  std::string Print(const binder::BoundExpression& expression, const Leaf& slot);
  std::string InputText(std::span<const PhysicalNode* const> inputs, int slot);
  std::string ScanSlot(const PhysicalTableScan& scan, int slot);
  std::string FunctionSlot(const PhysicalFunctionScan& scan, int slot);
  std::string AggregateSlot(const PhysicalAggregate& node, int slot);

  const ExplainOptions& options_;
  std::function<std::string(const SubplanExpression&)> subplan_;
  bool several_relations_;
  bool qualified_;
  std::map<int, std::string> outer_;
};

}  // namespace sundog::planner
