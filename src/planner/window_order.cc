#include "planner/window_order.h"

#include <algorithm>

namespace sundog::planner {

using binder::BoundColumn;
using binder::BoundExpression;
using binder::BoundWindow;
using binder::BoundWindowSpec;

namespace {

// Numbers the query's sort and group expressions: ORDER BY, then GROUP BY, then the windows'.
class ExpressionNumbers {
 public:
  int NumberOf(const BoundExpression& expression) {
    for (size_t i = 0; i < known_.size(); ++i) {
      if (Equal(*known_[i], expression)) return static_cast<int>(i);
    }
    known_.push_back(expression.Clone());
    return static_cast<int>(known_.size()) - 1;
  }

 private:
  binder::BoundExpressions known_;
};

struct WindowKey {
  int number;
  bool descending;
  bool nulls_first;
  bool operator==(const WindowKey&) const = default;
};

struct RankedWindow {
  std::vector<WindowKey> keys;
  std::unique_ptr<LogicalWindow> node;
};

const BoundWindowSpec& SpecOf(const LogicalWindow& node) {
  return node.calls[0]->As<BoundWindow>().window;
}

void NumberSpec(const BoundWindowSpec& spec, ExpressionNumbers& numbers) {
  for (const auto& key : spec.order_by) numbers.NumberOf(*key.expression);
  for (const auto& expression : spec.partition_by) numbers.NumberOf(*expression);
}

std::vector<WindowKey> KeysOf(const BoundWindowSpec& spec, ExpressionNumbers& numbers) {
  std::vector<WindowKey> keys;
  for (const auto& expression : spec.partition_by) {
    keys.push_back({numbers.NumberOf(*expression), false, false});
  }
  for (const auto& key : spec.order_by) {
    WindowKey next{numbers.NumberOf(*key.expression), key.descending, key.nulls_first};
    if (std::find(keys.begin(), keys.end(), next) == keys.end()) keys.push_back(next);
  }
  return keys;
}

bool Earlier(const RankedWindow& a, const RankedWindow& b) {
  size_t shared = std::min(a.keys.size(), b.keys.size());
  for (size_t i = 0; i < shared; ++i) {
    const WindowKey& x = a.keys[i];
    const WindowKey& y = b.keys[i];
    if (x.number != y.number) return x.number > y.number;
    if (x.descending != y.descending) return x.descending;
    if (x.nulls_first != y.nulls_first) return x.nulls_first;
  }
  return a.keys.size() > b.keys.size();
}

const LogicalAggregate* FindAggregate(const LogicalNode& input) {
  const LogicalNode* node = &input;
  while (node->kind == LogicalKind::kFilter || node->kind == LogicalKind::kSort) {
    node = node->children[0].get();
  }
  return node->kind == LogicalKind::kAggregate ? &node->As<LogicalAggregate>() : nullptr;
}

}  // namespace

void OrderWindows(const binder::BoundQuery& query, const LogicalNode& input,
                  std::vector<std::unique_ptr<LogicalWindow>>& windows) {
  if (windows.size() < 2) return;
  ExpressionNumbers numbers;
  for (const auto& key : query.order_by) numbers.NumberOf(*query.targets[key.target].expression);
  if (const LogicalAggregate* aggregate = FindAggregate(input)) {
    for (size_t i = 0; i < aggregate->groups.size(); ++i) {
      const BoundExpression& group = *aggregate->groups[i];
      numbers.NumberOf(BoundColumn(group.type, aggregate->relation, static_cast<int>(i)));
    }
  }
  for (bool named : {true, false}) {
    for (const auto& node : windows) {
      if (SpecOf(*node).name.empty() != named) NumberSpec(SpecOf(*node), numbers);
    }
  }
  std::vector<RankedWindow> ranked;
  for (auto& node : windows) {
    std::vector<WindowKey> keys = KeysOf(SpecOf(*node), numbers);
    ranked.push_back({std::move(keys), std::move(node)});
  }
  std::stable_sort(ranked.begin(), ranked.end(), Earlier);
  windows.clear();
  for (RankedWindow& window : ranked) windows.push_back(std::move(window.node));
}

}  // namespace sundog::planner
