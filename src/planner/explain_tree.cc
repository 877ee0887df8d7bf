// The physical plan's nodes as EXPLAIN's.
#include <fmt/format.h>

#include "catalog/virtual_table.h"
#include "planner/comparison.h"
#include "planner/explain_names.h"
#include "planner/explain_title.h"
#include "planner/plan_cost.h"

namespace sundog::planner {

using binder::BoundExpression;
using binder::ExpressionKind;

namespace {

int WidthOf(const PhysicalNode& node) {
  int width = 0;
  for (size_t i = 0; i < node.types.size(); ++i) {
    if (node.kinds[i] != types::PhysicalKind::kVarlen) {
      width += static_cast<int>(types::PhysicalWidth(node.kinds[i]));
      continue;
    }
    // PostgreSQL's guess where statistics say nothing (get_typavgwidth).
    int32_t limit = node.types[i].typmod - 4;
    bool limited = limit > 0 && node.types[i].oid != types::oids::kNumeric;
    width += !limited ? 32 : limit <= 32 ? limit : limit < 1000 ? 32 + (limit - 32) / 2 : 516;
  }
  return width;
}

class TreeBuilder {
 public:
  TreeBuilder(const PhysicalPlan& plan, const ExplainOptions& options)
      : plan_(plan),
        options_(options),
        names_(plan, options, [this](const SubplanExpression& s) { return SubplanText(s); }) {}

  std::unique_ptr<ExplainNode> Run() { return Build(*plan_.root); }

 private:
  using NodePtr = std::unique_ptr<ExplainNode>;
  struct Pending {
    const SubplanExpression* subplan;
    std::string name;
    bool initial;
    std::vector<const PhysicalNode*> inputs;
  };

  // --- subqueries ---

  std::string SubplanText(const SubplanExpression& subplan) {
    auto known = subplan_texts_.find(&subplan);
    if (known != subplan_texts_.end()) return known->second;
    bool comparing = !subplan.comparisons.empty();
    bool initial = subplan.constant && !comparing;
    std::string name;
    std::string text;
    if (initial) {
      name = fmt::format("InitPlan {} (returns ${})", ++subplan_count_, init_count_);
      text = fmt::format("${}", init_count_++);
    } else {
      name = fmt::format("SubPlan {}", ++subplan_count_);
      bool hashed = subplan.hashed;
      text = fmt::format("({}{})", hashed ? "hashed " : "", name);
    }
    subplan_texts_[&subplan] = text;
    pending_.push_back({&subplan, name, initial, inputs_});
    return text;
  }

  // Adds the plans of the subqueries that the node's texts mentioned, from `first` on.
  void AddSubplans(ExplainNode& node, size_t first) {
    std::vector<Pending> mine(pending_.begin() + static_cast<ptrdiff_t>(first), pending_.end());
    pending_.resize(first);
    for (const Pending& pending : mine) {
      names_.Bind(pending.subplan->bindings, pending.inputs);
      NodePtr child = Build(*pending.subplan->plan);
      child->relationship = pending.initial ? "InitPlan" : "SubPlan";
      child->subplan_name = pending.name;
      node.children.push_back(std::move(child));
    }
  }

  // --- texts ---

  void SetInputs(const PhysicalNode& node) {
    inputs_.clear();
    if (node.kind == PhysicalKind::kTableScan) inputs_.push_back(&node);
    for (const PhysicalPtr& child : node.children) inputs_.push_back(child.get());
  }

  static void Add(ExplainNode& node, std::string label, std::string text) {
    if (text.empty()) return;
    node.properties.push_back(
        {std::move(label), ExplainProperty::Kind::kText, std::move(text), {}});
  }
  static void AddList(ExplainNode& node, std::string label, std::vector<std::string> list) {
    if (list.empty()) return;
    std::string text;
    for (const std::string& one : list) text += (text.empty() ? "" : ", ") + one;
    node.properties.push_back(
        {std::move(label), ExplainProperty::Kind::kList, std::move(text), std::move(list)});
  }
  static void AddNumber(ExplainNode& node, std::string label, int64_t number) {
    node.properties.push_back(
        {std::move(label), ExplainProperty::Kind::kNumber, std::to_string(number), {}});
  }

  std::vector<std::string> Texts(const BoundExpressions& expressions, const PhysicalNode& input) {
    std::vector<std::string> texts;
    for (const auto& expression : expressions) texts.push_back(names_.Text(*expression, input));
    return texts;
  }

  std::vector<std::string> SortKeys(const std::vector<PhysicalSortKey>& keys,
                                    const PhysicalNode& input) {
    std::vector<std::string> texts;
    for (const PhysicalSortKey& key : keys) {
      std::string text = names_.Text(*key.expression, input);
      if (key.descending) text += " DESC";
      if (key.nulls_first && !key.descending) text += " NULLS FIRST";
      if (!key.nulls_first && key.descending) text += " NULLS LAST";
      texts.push_back(std::move(text));
    }
    return texts;
  }

  std::vector<std::string> OutputTexts(const PhysicalNode& node) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < node.types.size(); ++i) {
      texts.push_back(names_.OutputText(node, static_cast<int>(i)));
    }
    return texts;
  }

  // --- nodes ---

  NodePtr Build(const PhysicalNode& node) {
    size_t first_pending = pending_.size();
    std::vector<const PhysicalNode*> outer_inputs = std::move(inputs_);
    NodePtr built = BuildFolded(node, node, {}, first_pending);
    inputs_ = std::move(outer_inputs);
    return built;
  }

  // `top` is the first of the nodes that are shown as one; `filters` are the conditions on the way.
  NodePtr BuildFolded(const PhysicalNode& top, const PhysicalNode& node,
                      std::vector<std::pair<const PhysicalNode*, const BoundExpressions*>> filters,
                      size_t first_pending) {
    if (node.kind == PhysicalKind::kProject) {
      return BuildFolded(top, *node.children[0], std::move(filters), first_pending);
    }
    if (node.kind == PhysicalKind::kFilter && !SharesNode(*node.children[0])) {
      filters.push_back({node.children[0].get(), &node.As<PhysicalFilter>().conjuncts});
      return BuildFolded(top, *node.children[0], std::move(filters), first_pending);
    }
    if (node.kind == PhysicalKind::kWith) return BuildWith(top, node, filters, first_pending);
    auto out = std::make_unique<ExplainNode>();
    SetFigures(*out, top);
    if (options_.verbose && !top.types.empty()) AddList(*out, "Output", OutputTexts(top));
    SetTitle(node, options_, *out);
    SetInputs(node);
    Describe(node, *out);
    AddFilters(top, node, filters, *out);
    DescribeTargets(top, node);
    AddChildren(node, *out, first_pending);
    return out;
  }

  // A filter above these stays a node of its own.
  static bool SharesNode(const PhysicalNode& child) {
    return child.kind == PhysicalKind::kLimit || child.kind == PhysicalKind::kSort ||
           child.kind == PhysicalKind::kSetOperation || child.kind == PhysicalKind::kWindow ||
           child.kind == PhysicalKind::kDistinct || child.kind == PhysicalKind::kProjectSet;
  }

  void SetFigures(ExplainNode& out, const PhysicalNode& top) {
    out.cost = PlanCost(top);
    out.rows = top.estimated_rows;
    out.width = WidthOf(top);
    bool modifies = top.kind == PhysicalKind::kInsert || top.kind == PhysicalKind::kUpdate ||
                    top.kind == PhysicalKind::kDelete;
    if (modifies && top.types.empty()) out.rows = 0;
    if (options_.actuals == nullptr) return;
    auto at = options_.actuals->find(&top);
    static const ActualFigures kNeverRun;
    out.actual = at == options_.actuals->end() ? &kNeverRun : &at->second;
  }

  void AddFilters(const PhysicalNode& top, const PhysicalNode& node,
                  const std::vector<std::pair<const PhysicalNode*, const BoundExpressions*>>& above,
                  ExplainNode& out) {
    std::vector<std::string> parts;
    auto add = [&](const BoundExpressions& conjuncts, const PhysicalNode& input) {
      for (const auto& conjunct : conjuncts) {
        inputs_ = {&input};
        parts.push_back(names_.OwnText(*conjunct, input));
      }
    };
    if (node.kind == PhysicalKind::kTableScan) {
      add(node.As<PhysicalTableScan>().conjuncts, node);
    }
    for (auto it = above.rbegin(); it != above.rend(); ++it) add(*it->second, *it->first);
    if (parts.empty()) return;
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : " AND ") + part;
    if (parts.size() > 1) text = "(" + text + ")";
    bool once = node.kind == PhysicalKind::kEmpty;
    Add(out, once ? "One-Time Filter" : "Filter", text);
    AddRemoved(top, node, out);
  }

  void AddRemoved(const PhysicalNode& top, const PhysicalNode& node, ExplainNode& out) {
    if (options_.actuals == nullptr || node.kind == PhysicalKind::kEmpty) return;
    auto inside = options_.actuals->find(&node);
    auto outside = options_.actuals->find(&top);
    if (inside == options_.actuals->end() || outside == options_.actuals->end()) return;
    int64_t removed = inside->second.removed_rows + inside->second.rows - outside->second.rows;
    int64_t loops = std::max<int64_t>(outside->second.loops, 1);
    if (removed / loops > 0) AddNumber(out, "Rows Removed by Filter", removed / loops);
  }

  // Subqueries in targets, which no line mentions, have plans to show too.
  void DescribeTargets(const PhysicalNode& top, const PhysicalNode& node) {
    for (const PhysicalNode* at = &top; at != &node; at = at->children[0].get()) {
      if (at->kind != PhysicalKind::kProject) continue;
      inputs_ = {at->children[0].get()};
      for (const auto& expression : at->As<PhysicalProject>().expressions) {
        if (expression->kind != ExpressionKind::kInputSlot) {
          names_.Text(*expression, *at->children[0]);
        }
      }
    }
  }

  void DescribeSort(const PhysicalSort& sort, ExplainNode& out) {
    std::vector<std::string> keys = SortKeys(sort.keys, *sort.children[0]);
    std::vector<std::string> presorted(keys.begin(),
                                       keys.begin() + static_cast<ptrdiff_t>(sort.presorted));
    AddList(out, "Sort Key", std::move(keys));
    if (sort.presorted > 0) AddList(out, "Presorted Key", std::move(presorted));
  }

  void Describe(const PhysicalNode& node, ExplainNode& out) {
    switch (node.kind) {
      case PhysicalKind::kTableScan: return DescribeScan(node.As<PhysicalTableScan>(), out);
      case PhysicalKind::kNestedLoop: {
        const auto& join = node.As<PhysicalNestedLoop>();
        return Add(out, "Join Filter", names_.Conjunction(join.conjuncts, inputs_));
      }
      case PhysicalKind::kHashJoin: return DescribeHashJoin(node.As<PhysicalHashJoin>(), out);
      case PhysicalKind::kSort: return DescribeSort(node.As<PhysicalSort>(), out);
      case PhysicalKind::kAggregate: return DescribeGroups(node.As<PhysicalAggregate>(), out);
      case PhysicalKind::kDistinct:
        if (!node.As<PhysicalDistinct>().sorted) {
          AddList(out, "Group Key", Texts(node.As<PhysicalDistinct>().keys, *node.children[0]));
        }
        return;
      case PhysicalKind::kInsert: return DescribeInsert(node.As<PhysicalInsert>(), out);
      case PhysicalKind::kSetOperation:
        if (IsUnion(node.As<PhysicalSetOperation>())) {
          AddList(out, "Group Key", OutputTexts(node));
        }
        return;
      default: return;
    }
  }

  void DescribeScan(const PhysicalTableScan& scan, ExplainNode& out) {
    std::string text;
    for (const auto& condition : scan.path.conditions) {
      if (!text.empty()) text += " AND ";
      text += names_.TableText(*condition, scan);
    }
    Add(out, "Index Cond", scan.path.conditions.size() > 1 ? "(" + text + ")" : text);
    if (!scan.path.nearest.has_value()) return;
    const NearestOrder& nearest = *scan.path.nearest;
    names_.Bind(nearest.slot, *nearest.probe, {});
    Add(out, "Order By", names_.OwnText(*nearest.distance, scan));
  }

  void DescribeHashJoin(const PhysicalHashJoin& join, ExplainNode& out) {
    std::string text;
    for (size_t i = 0; i < join.left_keys.size(); ++i) {
      if (i > 0) text += " AND ";
      text += "(" + names_.Text(*join.left_keys[i], *join.children[0]) + " = " +
              names_.Text(*join.right_keys[i], *join.children[1]) + ")";
    }
    Add(out, "Hash Cond", join.left_keys.size() > 1 ? "(" + text + ")" : text);
    Add(out, "Join Filter", names_.Conjunction(join.conjuncts, inputs_));
  }

  void DescribeGroups(const PhysicalAggregate& node, ExplainNode& out) {
    std::vector<std::string> keys = Texts(node.groups, *node.children[0]);
    if (node.grouping_sets.empty()) return AddList(out, "Group Key", std::move(keys));
    for (const std::vector<int>& set : node.grouping_sets) {
      if (set.empty()) {
        Add(out, "Group Key", "()");
        continue;
      }
      std::vector<std::string> some;
      for (int key : set) some.push_back(keys[key]);
      AddList(out, "Hash Key", std::move(some));
    }
  }

  void DescribeInsert(const PhysicalInsert& insert, ExplainNode& out) {
    if (!insert.on_conflict.has_value()) return;
    Add(out, "Conflict Resolution", insert.on_conflict->update ? "UPDATE" : "NOTHING");
    std::vector<std::string> indexes;
    for (Oid oid : insert.on_conflict->arbiters) {
      const catalog::IndexDescriptor* index = insert.rules->table->FindIndex(oid);
      if (index != nullptr) indexes.push_back(index->name);
    }
    AddList(out, "Conflict Arbiter Indexes", std::move(indexes));
  }

  // --- children ---

  void AddChild(ExplainNode& out, const PhysicalNode& child, std::string relationship) {
    NodePtr built = Build(child);
    built->relationship = std::move(relationship);
    out.children.push_back(std::move(built));
  }

  // A node that the reader expects between `out` and the child, with the child's figures.
  ExplainNode& AddBetween(ExplainNode& out, const PhysicalNode& child, std::string title,
                          std::string relationship) {
    auto between = std::make_unique<ExplainNode>();
    SetFigures(*between, child);
    between->identity = {{"Node Type", ExplainProperty::Kind::kText, title, {}}};
    between->title = std::move(title);
    between->relationship = std::move(relationship);
    between->cost.startup = between->cost.total;
    out.children.push_back(std::move(between));
    return *out.children.back();
  }

  void AddChildren(const PhysicalNode& node, ExplainNode& out, size_t first_pending) {
    switch (node.kind) {
      case PhysicalKind::kHashJoin: {
        AddSubplans(out, first_pending);
        AddChild(out, *node.children[0], "Outer");
        AddChild(AddBetween(out, *node.children[1], "Hash", "Inner"), *node.children[1], "Outer");
        return;
      }
      case PhysicalKind::kNestedLoop: return AddNestedLoop(node, out, first_pending);
      case PhysicalKind::kSetOperation: {
        AddSubplans(out, first_pending);
        const auto& set = node.As<PhysicalSetOperation>();
        bool append = set.op == binder::SetOperator::kUnion && set.all;
        ExplainNode& parent = append ? out : AddBetween(out, node, "Append", "Outer");
        for (const PhysicalPtr& child : node.children) AddChild(parent, *child, "Member");
        return;
      }
      default:
        AddSubplans(out, first_pending);
        for (size_t i = 0; i < node.children.size(); ++i) {
          AddChild(out, *node.children[i], i == 0 ? "Outer" : "Inner");
        }
    }
  }

  void AddNestedLoop(const PhysicalNode& node, ExplainNode& out, size_t first_pending) {
    const auto& join = node.As<PhysicalNestedLoop>();
    AddSubplans(out, first_pending);
    AddChild(out, *node.children[0], "Outer");
    const PhysicalNode* left[] = {node.children[0].get()};
    names_.Bind(join.bindings, left);
    if (join.bindings.empty() && node.children[1]->estimated_rows > 1) {
      AddChild(AddBetween(out, *node.children[1], "Materialize", "Inner"), *node.children[1],
               "Outer");
    } else {
      AddChild(out, *node.children[1], "Inner");
    }
  }

  // The CTEs are shown under the node that uses them.
  NodePtr BuildWith(
      const PhysicalNode& top, const PhysicalNode& node,
      const std::vector<std::pair<const PhysicalNode*, const BoundExpressions*>>& filters,
      size_t first_pending) {
    NodePtr out = BuildFolded(top, *node.children[0], filters, first_pending);
    const auto& with = node.As<PhysicalWith>();
    for (size_t i = 0; i < with.ctes.size(); ++i) {
      NodePtr cte = Build(*node.children[i + 1]);
      cte->relationship = "InitPlan";
      cte->subplan_name = "CTE " + with.ctes[i].name;
      out->children.insert(out->children.begin() + static_cast<ptrdiff_t>(i), std::move(cte));
    }
    return out;
  }

  const PhysicalPlan& plan_;
  const ExplainOptions& options_;
  ExplainNames names_;
  std::vector<const PhysicalNode*> inputs_;
  std::vector<Pending> pending_;
  std::map<const SubplanExpression*, std::string> subplan_texts_;
  int subplan_count_ = 0;
  int init_count_ = 0;
};

}  // namespace

std::unique_ptr<ExplainNode> MakeExplainTree(const PhysicalPlan& plan,
                                             const ExplainOptions& options) {
  return TreeBuilder(plan, options).Run();
}

}  // namespace sundog::planner
