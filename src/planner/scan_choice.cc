#include "planner/scan_choice.h"

#include <algorithm>

#include "catalog/vector_index.h"
#include "codec/key_codec.h"
#include "planner/cardinality.h"
#include "planner/comparison.h"
#include "planner/expressions.h"
#include "planner/index_match.h"
#include "planner/nearest_match.h"

namespace sundog::planner {

using binder::BoundColumn;
using binder::ExpressionKind;

namespace {

// A table is taken to have as many rows at least: it may have been empty when its plan was made.
constexpr double kLeastRows = 100;

// enable_seqscan = off; as much as PostgreSQL's.
constexpr double kDisabledCost = 1e10;

class Chooser {
 public:
  Chooser(const LogicalScan& scan, const std::set<ColumnId>& columns, const Demand& demand,
          IndexRules& rules, const PlannerContext& context)
      : scan_(scan),
        table_(*scan.table),
        demand_(demand),
        rules_(rules),
        context_(context),
        rows_(std::max(kLeastRows, context.statistics->RowCount(*scan.table))) {
    for (const ColumnId& column : columns) {
      if (column.relation == scan.relation) wanted_.insert(column.ordinal);
    }
    bare_.table = scan.table;
    bare_.relation = scan.relation;
    filtered_rows_ = rows_;
    for (const auto& conjunct : scan.conjuncts) filtered_rows_ *= SelectivityOf(*conjunct);
    filtered_rows_ = std::max(1.0, filtered_rows_);
  }

  ScanChoice Run() {
    ConsiderRows();
    if (!context_.settings.enable_index_scan) return std::move(best_);
    for (const catalog::IndexDescriptor& index : table_.indexes) {
      if (catalog::IsVectorMethod(index.access_method)) {
        ConsiderNearest(index);
      } else {
        ConsiderIndex(index);
      }
    }
    return std::move(best_);
  }

 private:
  double SelectivityOf(const binder::BoundExpression& condition) const {
    return Selectivity(condition, bare_, context_);
  }

  void ConsiderRows() {
    best_.found_rows = rows_;
    best_.ordered = demand_.order.empty();
    best_.cost.total =
        kSeekCost + rows_ * (kRowCost + kOperatorCost * static_cast<double>(Conjuncts()));
    best_value_ = ValueOf(best_);
    if (!context_.settings.enable_table_scan) best_value_ += kDisabledCost;
  }

  size_t Conjuncts() const { return scan_.conjuncts.size(); }

  // What the choice costs for the demand.
  double ValueOf(const ScanChoice& choice) const {
    if (choice.ordered) return PartialCost(choice.cost, filtered_rows_, demand_.row_goal);
    return choice.cost.total + SortCost(filtered_rows_, demand_.row_goal);
  }

  void ConsiderIndex(const catalog::IndexDescriptor& index) {
    std::optional<IndexMatch> match = MatchIndex(scan_, index, rules_, context_);
    if (!match.has_value()) return;
    ScanChoice choice;
    choice.path = std::move(match->path);
    choice.used = std::move(match->used);
    choice.settled = std::move(match->exact);
    for (size_t i : match->in_predicate) choice.settled.push_back(i);
    choice.ordered = demand_.order.empty() || Orders(index, choice.path);
    choice.path.ordered = choice.ordered && !demand_.order.empty() && !choice.path.unique;
    choice.path.index_only = Covers(index, choice.settled);
    bool useless = choice.path.full() && !choice.path.ordered && match->in_predicate.empty() &&
                   (!choice.path.index_only || index.oid == table_.row_key_index);
    if (useless) return;
    Estimate(index, match->in_predicate, choice);
    double value = ValueOf(choice);
    // A row found by its key is never a mistake, whatever the table's size.
    if (choice.path.unique) value = std::min(value, best_value_ * 0.5);
    if (value >= best_value_) return;
    best_value_ = value;
    best_ = std::move(choice);
  }

  void ConsiderNearest(const catalog::IndexDescriptor& index) {
    NearestTable table{rows_, filtered_rows_, rows_};
    if (index.predicate.has_value()) {
      const binder::BoundTableRules::Index* rule = rules_.Find(table_, index, scan_.relation);
      if (rule == nullptr) return;
      table.index_rows = std::max(filtered_rows_, rows_ * SelectivityOf(*rule->predicate));
    }
    std::optional<NearestMatch> match =
        MatchNearest(scan_, index, demand_, table, rules_, context_);
    if (!match.has_value()) return;
    ScanChoice choice;
    choice.path = std::move(match->path);
    choice.ordered = true;
    choice.found_rows = table.index_rows;
    choice.cost = match->cost;
    double value = ValueOf(choice);
    if (value >= best_value_) return;
    best_value_ = value;
    best_ = std::move(choice);
  }

  void Estimate(const catalog::IndexDescriptor& index, const std::vector<size_t>& in_predicate,
                ScanChoice& choice) const {
    double found = rows_;
    for (size_t i : choice.used) found *= SelectivityOf(*scan_.conjuncts[i]);
    for (size_t i : in_predicate) found *= SelectivityOf(*scan_.conjuncts[i]);
    if (choice.path.lower != nullptr && choice.path.upper != nullptr) found *= kRangePair;
    found = std::max(1.0, found);
    if (choice.path.unique) found = 1;
    choice.found_rows = found;
    bool rows_at_hand = choice.path.index_only || index.oid == table_.row_key_index;
    double a_row = rows_at_hand ? kEntryCost : kEntryCost + kFetchCost;
    a_row += kOperatorCost * static_cast<double>(Conjuncts() - choice.settled.size());
    choice.cost = {kSeekCost, kSeekCost + found * a_row};
  }

  // Whether an index scan has the column without the row (storage's TableLayout::Covers).
  bool HasExactly(const catalog::IndexDescriptor& index, int ordinal) const {
    auto is_column = [&](const catalog::IndexKey& key) { return key.attnum == ordinal + 1; };
    // What is not in the key is stored beside it.
    return std::any_of(index.keys.begin(), index.keys.end(), is_column) ||
           std::find(index.included.begin(), index.included.end(), ordinal + 1) !=
               index.included.end();
  }

  bool Covers(const catalog::IndexDescriptor& index, const std::vector<size_t>& settled) const {
    if (index.oid == table_.row_key_index) return false;
    std::set<int> needed = wanted_;
    for (size_t i = 0; i < scan_.conjuncts.size(); ++i) {
      if (std::find(settled.begin(), settled.end(), i) != settled.end()) continue;
      std::set<ColumnId> columns;
      CollectColumns(*scan_.conjuncts[i], columns);
      for (const ColumnId& column : columns) {
        if (column.relation == scan_.relation) needed.insert(column.ordinal);
      }
    }
    return std::all_of(needed.begin(), needed.end(), [&](int ordinal) {
      return HasExactly(index, ordinal) || RowKeyHas(table_, ordinal, context_);
    });
  }

  bool IsNotNull(const binder::BoundExpression& expression) const {
    const binder::BoundExpression& bare = SkipRelabels(expression);
    if (bare.kind != ExpressionKind::kColumn) return false;
    int ordinal = bare.As<BoundColumn>().ordinal;
    return ordinal >= 0 && table_.columns[ordinal].not_null;
  }

  // The column after the equal ones is never null.
  static bool HasBound(const AccessPath& path) {
    return path.lower != nullptr || path.upper != nullptr || path.not_null ||
           path.prefix != nullptr || !path.row.empty();
  }

  // A key column as the order sees it.
  struct KeyColumn {
    const catalog::IndexDescriptor* index;
    size_t position;
  };

  // The columns that the entries are sorted by: those of the index, then, where entries may have
  // equal ones, the row key's.
  std::vector<KeyColumn> SortedBy(const catalog::IndexDescriptor& index) const {
    std::vector<KeyColumn> columns;
    for (size_t i = 0; i < index.keys.size(); ++i) columns.push_back({&index, i});
    const catalog::IndexDescriptor* row_key = table_.FindIndex(table_.row_key_index);
    if (!index.unique && row_key != nullptr) {
      for (size_t i = 0; i < row_key->keys.size(); ++i) columns.push_back({row_key, i});
    }
    return columns;
  }

  bool IsFixed(const binder::BoundExpression& key, const catalog::IndexDescriptor& index,
               const AccessPath& path) const {
    for (size_t i = 0; i < path.equal.size(); ++i) {
      if (static_cast<int>(i) == path.array_position) continue;
      if (IsIndexKey(key, index, rules_.Find(table_, index, scan_.relation), i, scan_.relation)) {
        return true;
      }
    }
    return key.kind == ExpressionKind::kConstant;
  }

  // Whether the part's entries, read forwards or backwards (then `path.reverse` is set), come in
  // the demanded order.
  bool Orders(const catalog::IndexDescriptor& index, AccessPath& path) const {
    if (demand_.more_keys) return false;
    if (path.unique) return true;
    std::vector<KeyColumn> columns = SortedBy(index);
    size_t next = 0;
    bool decided = false;
    bool reverse = false;
    for (const Demand::Key& key : demand_.order) {
      if (IsFixed(*key.expression, index, path)) continue;
      while (next < columns.size() && columns[next].index == &index &&
             next < path.equal.size() && static_cast<int>(next) != path.array_position) {
        ++next;  // one value in all entries
      }
      // All rows are told apart by then: what follows never decides.
      if (next >= index.keys.size() && IsUniquePrefix(index)) break;
      if (next == columns.size()) return false;
      const KeyColumn& column = columns[next++];
      const binder::BoundTableRules::Index* rule =
          rules_.Find(table_, *column.index, scan_.relation);
      if (!IsIndexKey(*key.expression, *column.index, rule, column.position, scan_.relation)) {
        return false;
      }
      const catalog::IndexKey& sorted = column.index->keys[column.position];
      bool turned = sorted.descending != key.descending;
      if (decided && turned != reverse) return false;
      bool nulls_first = column.index == &index ? sorted.nulls_first : false;
      bool nulls_match = (nulls_first != turned) == key.nulls_first;
      bool bounded = column.index == &index && column.position == path.equal.size() &&
                     HasBound(path);
      if (!nulls_match && !bounded && !IsNotNull(*key.expression)) return false;
      decided = true;
      reverse = turned;
    }
    path.reverse = reverse;
    return true;
  }

  bool IsUniquePrefix(const catalog::IndexDescriptor& index) const {
    return index.unique && std::all_of(index.keys.begin(), index.keys.end(), [&](const auto& key) {
             return key.attnum != 0 && table_.columns[key.attnum - 1].not_null;
           });
  }

  const LogicalScan& scan_;
  const catalog::TableDescriptor& table_;
  const Demand& demand_;
  IndexRules& rules_;
  const PlannerContext& context_;
  double rows_;
  double filtered_rows_ = 0;
  std::set<int> wanted_;
  LogicalScan bare_;
  ScanChoice best_;
  double best_value_ = 0;
};

}  // namespace

bool RowKeyHas(const catalog::TableDescriptor& table, int ordinal, const PlannerContext& context) {
  if (ordinal == kRowKeyOrdinal || ordinal == binder::kTableOidOrdinal) return true;
  const catalog::IndexDescriptor* row_key = table.FindIndex(table.row_key_index);
  if (row_key == nullptr) return false;
  return std::any_of(row_key->keys.begin(), row_key->keys.end(), [&](const catalog::IndexKey& key) {
    return key.attnum == ordinal + 1 &&
           codec::MakeKeyColumn(*context.catalog, key.type.oid, false, false, false).exact;
  });
}

ScanChoice ChooseScan(const LogicalScan& scan, const std::set<ColumnId>& columns,
                      const Demand& demand, IndexRules& rules, const PlannerContext& context) {
  return Chooser(scan, columns, demand, rules, context).Run();
}

}  // namespace sundog::planner
