// Expressions that the catalog keeps as SQL text: defaults, checks, generated columns, index
// expressions and predicates, domain constraints, views. Bound with every name qualified, and
// without locations, since they are in no statement's text.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "binder/scope.h"
#include "parser/parse.h"

namespace sundog::binder {

// Parses "SELECT <text>" and gives the expression's node; the script owns it.
const Node* ParseExpressionText(std::string_view text, parser::Script& script);

// A function argument's default: no names in it.
BoundExpressionPtr BindStoredDefault(BindState& state, std::string_view text);

// A stored expression over the columns of a table's relation, in a role of its own.
BoundExpressionPtr BindStored(BindState& state, const catalog::StoredExpression& stored,
                              const catalog::TableDescriptor* table, RelationId relation,
                              ExpressionRole role);
// A domain's check: VALUE is of `base`.
BoundExpressionPtr BindStoredDomainCheck(BindState& state, const catalog::StoredExpression& stored,
                                         SqlType base);

// Sets all locations in the expression to -1.
void ForgetLocations(BoundExpressionPtr& expression);
void ForgetLocations(BoundQuery& query);

// Runs `body` with the state's search path empty but for pg_catalog, errors without location.
void WithQualifiedNames(BindState& state, const std::function<void()>& body);

}  // namespace sundog::binder
