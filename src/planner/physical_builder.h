// Logical plan → physical plan: columns become slots, joins and scans get their algorithms,
// subqueries in expressions their own plans.
//
// Each node is built with the set of columns that are wanted above it and says in a Layout which
// column lies in which slot. A column that a node's input does not have belongs to an enclosing
// query or to the left side of a lateral join: the innermost Scope that has it hands out an outer
// slot for it and remembers to bind it.
#pragma once

#include <map>

#include "planner/demand.h"
#include "planner/index_rules.h"
#include "planner/join_conditions.h"
#include "planner/logical_builder.h"
#include "planner/physical.h"
#include "planner/scan_choice.h"

namespace sundog::planner {

struct Layout {
  std::vector<ColumnId> columns;
  // Relations whose rows are all of one table, known without a column: their tableoid.
  std::map<RelationId, Oid> tables;

  // −1 if it is not there.
  int SlotOf(const ColumnId& column) const {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] == column) return static_cast<int>(i);
    }
    return -1;
  }
};

using Required = std::set<ColumnId>;

enum class JoinMethod : uint8_t {
  kLoop,     // the right side is kept and tested as a whole; or, if lateral, run for each left row
  kLookups,  // the right side is a scan that tests the join's conditions itself, for each left row
  kLookupsFromRight,  // of a semi-join: as an inner one that looks up the right side's values
  kHash,
};

struct JoinChoice {
  JoinMethod method;
  bool turned = false;    // the sides are swapped first
  bool in_order = false;  // the left side comes in the demanded order, and the join keeps it
  double cost = 0;        // with the sort if not; 0 if no order is demanded
};

class PhysicalBuilder {
 public:
  PhysicalBuilder(const PlannerContext& context, LogicalBuilder& logical)
      : context_(context), logical_(logical), index_rules_(context) {
    context_.keeps_estimates = true;
  }

  struct Built {
    PhysicalPtr node;
    Layout layout;
    // The rows come in the order that was demanded.
    bool ordered = false;
  };

  Built Build(LogicalNode& node, const Required& required, const Demand& demand = {});
  // Consumes the rules' expressions.
  std::shared_ptr<const PhysicalTableRules> ResolveRules(
      std::shared_ptr<const catalog::TableDescriptor> table, binder::BoundTableRules& rules);
  BoundExpressionPtr ResolveScalar(BoundExpressionPtr expression) {
    return Resolve(std::move(expression), Layout{});
  }
  int outer_slot_count() const { return next_outer_slot_; }

 private:
  struct Scope {
    const Layout* layout;
    std::map<ColumnId, int> slots;
    std::vector<OuterBinding> bindings;
    // What is built inside depends on this scope's row or on one further out.
    bool depends_outside = false;
  };

  // physical_builder.cc
  Built BuildEmpty();
  Built BuildFeed(LogicalFeed& node);
  Built BuildValues(LogicalValues& node, const Required& required);
  Built BuildVirtualScan(LogicalVirtualScan& node, const Required& required);
  Built BuildFunctionScan(LogicalFunctionScan& node);
  Built BuildCteScan(LogicalCteScan& node, const Required& required);
  Built BuildFilter(LogicalFilter& node, const Required& required, const Demand& demand);
  Built BuildProject(LogicalProject& node, const Required& required, const Demand& demand);
  Built BuildProjectSet(LogicalProjectSet& node, const Required& required);
  Built BuildDistinct(LogicalDistinct& node, const Required& required);
  Built BuildSetOperation(LogicalSetOperation& node);
  Built BuildRecursiveUnion(LogicalRecursiveUnion& node);
  Built BuildWith(LogicalWith& node, const Required& required, const Demand& demand);
  Built BuildLockRows(LogicalLockRows& node, const Required& required, const Demand& demand);
  Built BuildAggregate(LogicalAggregate& node, const Required& required);
  Built BuildWindow(LogicalWindow& node, const Required& required);

  // physical_scan.cc
  Built BuildScan(LogicalScan& node, const Required& required, const Demand& demand);
  AccessPath ResolvePath(const LogicalScan& node, AccessPath path,
                         const std::vector<size_t>& used);
  // Takes the probe out of the distances.
  void ResolveProbe(NearestOrder& nearest);

  // physical_order.cc
  Built BuildSort(LogicalSort& node, const Required& required, const Demand& demand);
  Built BuildLimit(LogicalLimit& node, const Required& required, const Demand& demand);
  // What a filter or projection asks of its input, given what is asked of it.
  Demand DemandBelow(const LogicalFilter& node, const Demand& demand) const;
  Demand DemandBelow(const LogicalProject& node, const Demand& demand) const;
  // Of the demanded rows in their order without sorting; nullopt: it cannot be done, or is not
  // worth it.
  std::optional<double> OrderedCost(LogicalNode& node, const Demand& demand);

  // physical_min_max.cc: null if the indexes do not serve.
  LogicalPtr MinMaxFromIndexes(LogicalAggregate& node);

  // physical_join.cc
  Built BuildJoin(LogicalJoin& node, const Required& required, const Demand& demand);
  Built BuildHashJoin(LogicalJoin& node, const Required& required, Built left, Built right,
                      EquiKeys keys);
  // `lookups`: the right side is a scan that tests the join's conditions itself, for each left row.
  Built BuildNestedLoop(LogicalJoin& node, const Required& required, Built left, bool lookups);
  void BuildOnSmallerSide(LogicalJoin& node) const;

  // join_choice.cc
  JoinChoice ChooseJoin(LogicalJoin& node, const Required& required, const Demand& demand);
  // Puts into `best` a way that has the left side in the demanded order, if one costs less.
  bool ChooseInOrder(LogicalJoin& node, const Required& required, const Demand& demand,
                     JoinChoice& best);
  bool Hashes(const LogicalJoin& node) const;
  // Of all its rows, roughly.
  double WholeCost(const LogicalNode& node, const Required& required);
  double WholeCostAnew(const LogicalNode& node, const Required& required);
  // Of looking one left row up through an index of the right table; nullopt: no index serves.
  std::optional<double> LookupCost(const LogicalJoin& node, const Required& required);
  // Whether looking each left row up beats reading the right table whole.
  bool WantsLookups(const LogicalJoin& node, const Required& required, const Demand& demand);
  // x IN (few values), of an indexed column, as an inner join: the distinct values on the left, a
  // lookup for each. What that costs; nullopt: it cannot be done, or is not better.
  std::optional<double> CostFromRight(const LogicalJoin& node, const Required& required);
  LogicalPtr LookUpFromRight(LogicalJoin& node);

  // physical_modify.cc
  Built BuildModify(LogicalModify& node, const Required& required);
  void FillModify(LogicalModify& node, PhysicalModify& physical, const Layout& input);
  void FillInsert(binder::BoundInsert& insert, PhysicalInsert& physical, const Layout& input);
  void FillUpdate(binder::BoundUpdate& update, PhysicalUpdate& physical, const Layout& input);
  void FillDelete(binder::BoundDelete& statement, PhysicalDelete& physical, const Layout& input);

  // physical_resolve.cc
  BoundExpressionPtr Resolve(BoundExpressionPtr expression, const Layout& input);
  BoundExpressions ResolveAll(BoundExpressions expressions, const Layout& input);
  std::vector<PhysicalSortKey> ResolveKeys(std::vector<binder::BoundSortKey> keys,
                                           const Layout& input);
  void ResolveNode(BoundExpressionPtr& expression, const Layout& input);
  void ResolveSubquery(BoundExpressionPtr& expression, const Layout& input);
  BoundExpressionPtr ResolveOuter(const binder::BoundColumn& column);
  // What is being built depends on the row of scopes_[depth].
  void NoteDependence(size_t depth);
  // The tableoid of one of the layout's tables, else null.
  BoundExpressionPtr TableOidIn(const binder::BoundColumn& column, const Layout& layout) const;
  // Replaces columns of `subquery` output by input slots and all others by outer slots.
  void ResolveComparison(BoundExpressionPtr& expression, RelationId output, const Layout& input,
                         Scope& scope);

  void SetTypes(PhysicalNode& node, const std::vector<SqlType>& types) const;
  types::PhysicalKind KindOf(SqlType type) const;

  PlannerContext context_;
  LogicalBuilder& logical_;
  IndexRules index_rules_;
  std::vector<Scope*> scopes_;
  int next_outer_slot_ = 0;
  std::map<int, std::vector<SqlType>> cte_types_;
  // How many scopes were open where a WITH query or a working table is computed anew again and
  // again: for rows of the last of them, or in each round of a recursive term.
  std::map<int, size_t> repeated_ctes_;
  std::map<int, size_t> working_tables_;
  int recursive_depth_ = 0;
  // While a join, and with it those below, is chosen: nothing changes till then.
  int choosing_ = 0;
  std::map<const LogicalNode*, double> whole_costs_;
};

// required ∪ the expression's columns.
void Require(const binder::BoundExpression& expression, Required& required);
void Require(const BoundExpressions& expressions, Required& required);

}  // namespace sundog::planner
