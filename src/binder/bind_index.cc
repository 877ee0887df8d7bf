#include "binder/bind_index.h"

#include "binder/bind_modify.h"
#include "binder/scope.h"

namespace sundog::binder {

namespace {

void MoveTo(BoundExpressionPtr& expression, RelationId relation) {
  if (expression == nullptr) return;
  VisitDeep(expression, [&](BoundExpressionPtr& node) {
    if (node->kind == ExpressionKind::kColumn) node->As<BoundColumn>().relation = relation;
  });
}

}  // namespace

std::vector<BoundTableRules::Index> BindIndexRules(const catalog::TableDescriptor& table,
                                                   RelationId relation, BindContext& context) {
  BindState state(context, "");
  std::vector<BoundTableRules::Index> rules =
      std::move(BindTableRules(state, table, 0, false).indexes);
  for (BoundTableRules::Index& rule : rules) {
    for (BoundExpressionPtr& expression : rule.expressions) MoveTo(expression, relation);
    MoveTo(rule.predicate, relation);
  }
  return rules;
}

}  // namespace sundog::binder
