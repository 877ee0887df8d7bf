// Utility statements.
#pragma once

#include "binder/bound_utility.h"
#include "binder/scope.h"

namespace sundog::binder {

// Everything that is not a query or a change of data.
BoundStatementPtr BindUtility(Scope& scope, const parser::RawStatement& raw, const Node* node);

// A statement that can be prepared, explained or declared as a cursor.
BoundStatementPtr BindStatementNode(Scope& scope, const parser::RawStatement& raw,
                                    const Node* node);

BoundStatementPtr BindCopy(Scope& scope, const CopyStmt* raw);
BoundStatementPtr BindExplain(Scope& scope, const parser::RawStatement& raw,
                              const ExplainStmt* node);
BoundStatementPtr BindExecute(Scope& scope, const ExecuteStmt* node);
BoundStatementPtr BindCreateTableAs(Scope& scope, const parser::RawStatement& raw,
                                    const Node* node);

// Options in parentheses: their values.
bool OptionFlag(const DefElem* option);
std::string OptionText(const DefElem* option);

}  // namespace sundog::binder
