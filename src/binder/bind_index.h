// What the planner needs of indexes: their expressions and predicates as trees.
#pragma once

#include "binder/bind.h"

namespace sundog::binder {

// Of those indexes that have expressions or a predicate. Columns are those of `relation`, which a
// statement's own binding has made.
std::vector<BoundTableRules::Index> BindIndexRules(const catalog::TableDescriptor& table,
                                                   RelationId relation, BindContext& context);

}  // namespace sundog::binder
