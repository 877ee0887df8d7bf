#include "planner/explain_title.h"

#include <fmt/format.h>

#include "catalog/virtual_table.h"
#include "types/identifier.h"

namespace sundog::planner {

namespace {

class Titles {
 public:
  Titles(const PhysicalNode& node, const ExplainOptions& options, ExplainNode& out)
      : node_(node), options_(options), out_(out) {}

  void Run() {
    switch (node_.kind) {
      case PhysicalKind::kEmpty: return Plain("Result");
      case PhysicalKind::kTableScan: return Scan(node_.As<PhysicalTableScan>());
      case PhysicalKind::kVirtualScan: {
        const auto& scan = node_.As<PhysicalVirtualScan>();
        return On("Seq Scan", std::string(scan.table->name()), scan.alias);
      }
      case PhysicalKind::kFunctionScan: return FunctionScan(node_.As<PhysicalFunctionScan>());
      case PhysicalKind::kValues:
        if (node_.As<PhysicalValues>().rows.size() == 1) return Plain("Result");
        return On("Values Scan", "", "*VALUES*");
      case PhysicalKind::kFeed: return Plain("Copy Source");
      case PhysicalKind::kCteScan: {
        const auto& scan = node_.As<PhysicalCteScan>();
        return On(scan.working_table ? "WorkTable Scan" : "CTE Scan", scan.cte_name, scan.name);
      }
      case PhysicalKind::kNestedLoop:
        return Join("Nested Loop", "Nested Loop", node_.As<PhysicalNestedLoop>().type);
      case PhysicalKind::kHashJoin:
        return Join("Hash", "Hash Join", node_.As<PhysicalHashJoin>().type);
      case PhysicalKind::kAggregate: return Aggregate(node_.As<PhysicalAggregate>());
      case PhysicalKind::kDistinct:
        if (node_.As<PhysicalDistinct>().sorted) return Plain("Unique");
        Plain("HashAggregate");
        return Identity({{"Node Type", "Aggregate"}, {"Strategy", "Hashed"}});
      case PhysicalKind::kSetOperation: return SetOperation(node_.As<PhysicalSetOperation>());
      case PhysicalKind::kInsert: return Modify("Insert");
      case PhysicalKind::kUpdate: return Modify("Update");
      case PhysicalKind::kDelete: return Modify("Delete");
      default: return Plain(PlainName());
    }
  }

 private:
  const char* PlainName() const {
    switch (node_.kind) {
      case PhysicalKind::kFilter: return "Result";
      case PhysicalKind::kProjectSet: return "ProjectSet";
      case PhysicalKind::kWindow: return "WindowAgg";
      case PhysicalKind::kSort:
        return node_.As<PhysicalSort>().presorted > 0 ? "Incremental Sort" : "Sort";
      case PhysicalKind::kLimit: return "Limit";
      case PhysicalKind::kRecursiveUnion: return "Recursive Union";
      case PhysicalKind::kLockRows: return "LockRows";
      default: return "Result";
    }
  }

  void Identity(std::vector<std::pair<std::string, std::string>> parts) {
    out_.identity.clear();
    for (auto& [label, text] : parts) {
      if (text.empty()) continue;
      out_.identity.push_back(
          {std::move(label), ExplainProperty::Kind::kText, std::move(text), {}});
    }
  }

  void Plain(std::string name) {
    out_.title = name;
    Identity({{"Node Type", name}});
  }

  static std::string Quoted(const std::string& name) { return types::QuoteIdentifier(name); }

  std::string Target(const std::string& name, const std::string& alias) const {
    if (name.empty()) return Quoted(alias);
    return alias.empty() || alias == name ? Quoted(name) : Quoted(name) + " " + Quoted(alias);
  }

  std::string OnTable(const catalog::TableDescriptor& table, const std::string& alias) const {
    std::string target = Target(table.name, alias);
    const catalog::SchemaDescriptor* schema =
        options_.verbose ? options_.deparse.catalog->FindSchema(table.schema) : nullptr;
    return schema == nullptr ? target : Quoted(schema->name) + "." + target;
  }

  void On(std::string node, const std::string& name, const std::string& alias) {
    out_.title = node + " on " + Target(name, alias);
    Identity({{"Node Type", node}, {"Relation Name", name}, {"Alias", alias}});
  }

  void FunctionScan(const PhysicalFunctionScan& scan) {
    std::string name;
    if (scan.calls.size() == 1 &&
        scan.calls[0].call->kind == binder::ExpressionKind::kFunction) {
      name = scan.calls[0].call->As<binder::BoundFunction>().proc->name;
    }
    out_.title = "Function Scan on " + Target(name, scan.alias);
    Identity({{"Node Type", "Function Scan"}, {"Function Name", name}, {"Alias", scan.alias}});
  }

  void Scan(const PhysicalTableScan& scan) {
    const std::string& table = scan.table->name;
    bool sample = scan.sample_fraction >= 0;
    const catalog::IndexDescriptor* index = scan.table->FindIndex(scan.path.index);
    if (sample || index == nullptr) {
      On(sample ? "Sample Scan" : "Seq Scan", table, scan.alias);
      out_.title = (sample ? "Sample Scan on " : "Seq Scan on ") + OnTable(*scan.table, scan.alias);
      return;
    }
    std::string node = scan.path.index_only ? "Index Only Scan" : "Index Scan";
    out_.title = fmt::format("{}{} using {} on {}", node, scan.path.reverse ? " Backward" : "",
                             Quoted(index->name), OnTable(*scan.table, scan.alias));
    Identity({{"Node Type", node},
              {"Scan Direction", scan.path.reverse ? "Backward" : "Forward"},
              {"Index Name", index->name},
              {"Relation Name", table},
              {"Alias", scan.alias}});
  }

  static std::string JoinName(LogicalJoinType type) {
    switch (type) {
      case LogicalJoinType::kInner: return "Inner";
      case LogicalJoinType::kLeft: return "Left";
      case LogicalJoinType::kRight: return "Right";
      case LogicalJoinType::kFull: return "Full";
      case LogicalJoinType::kSemi: return "Semi";
      case LogicalJoinType::kAnti: return "Anti";
    }
    return "";
  }

  void Join(const std::string& method, const std::string& node, LogicalJoinType type) {
    std::string name = JoinName(type);
    out_.title = type == LogicalJoinType::kInner ? node : method + " " + name + " Join";
    Identity({{"Node Type", node}, {"Join Type", name}});
  }

  void Aggregate(const PhysicalAggregate& aggregate) {
    bool plain = aggregate.groups.empty() && aggregate.grouping_sets.empty();
    bool mixed = !aggregate.grouping_sets.empty();
    out_.title = plain ? "Aggregate" : mixed ? "MixedAggregate" : "HashAggregate";
    Identity({{"Node Type", "Aggregate"},
              {"Strategy", plain ? "Plain" : mixed ? "Mixed" : "Hashed"}});
  }

  void SetOperation(const PhysicalSetOperation& set) {
    if (set.op == binder::SetOperator::kUnion) {
      if (set.all) return Plain("Append");
      Plain("HashAggregate");
      return Identity({{"Node Type", "Aggregate"}, {"Strategy", "Hashed"}});
    }
    std::string command = set.op == binder::SetOperator::kIntersect ? "Intersect" : "Except";
    if (set.all) command += " All";
    out_.title = "HashSetOp " + command;
    Identity({{"Node Type", "SetOp"}, {"Strategy", "Hashed"}, {"Command", command}});
  }

  void Modify(const std::string& operation) {
    const auto& modify = node_.As<PhysicalModify>();
    const std::string& table = modify.rules->table->name;
    out_.title = operation + " on " + OnTable(*modify.rules->table, modify.alias);
    Identity({{"Node Type", "ModifyTable"},
              {"Operation", operation},
              {"Relation Name", table},
              {"Alias", modify.alias.empty() ? table : modify.alias}});
  }

  const PhysicalNode& node_;
  const ExplainOptions& options_;
  ExplainNode& out_;
};

}  // namespace

void SetTitle(const PhysicalNode& node, const ExplainOptions& options, ExplainNode& out) {
  Titles(node, options, out).Run();
}

bool IsUnion(const PhysicalSetOperation& node) {
  return node.op == binder::SetOperator::kUnion && !node.all;
}

}  // namespace sundog::planner
