// INSERT, UPDATE, DELETE.
#pragma once

#include <memory>
#include <vector>

#include "binder/bind_expression.h"

namespace sundog::binder {

// An InsertStmt, UpdateStmt or DeleteStmt, at top level or in WITH.
std::unique_ptr<BoundModify> BindModify(Scope& scope, const Node* node);

std::unique_ptr<BoundInsert> BindInsert(Scope& scope, const InsertStmt* raw);
std::unique_ptr<BoundUpdate> BindUpdate(Scope& scope, const UpdateStmt* raw);
std::unique_ptr<BoundDelete> BindDelete(Scope& scope, const DeleteStmt* raw);

// The target table of a statement: sets the scope's target. `visible`: its columns can be named.
void BindTargetTable(Scope& scope, const RangeVar* range, uint32_t privileges, bool visible,
                     BoundModify& statement);
// UPDATE on the columns of `relation`, the target, that are assigned to.
void RequireUpdated(Scope& scope, RelationId relation,
                    const std::vector<BoundAssignment>& assignments);
void NoteWritten(const std::vector<BoundAssignment>& assignments, BoundTableRules& rules);
void BindReturning(Scope& scope, const List* list, BoundModify& statement);

// --- assignments ---
// transformAssignedExpr: a value for a column (or for a part of it, by indirection), coerced. A
// null value is DEFAULT.
BoundExpressionPtr BindAssigned(Scope& scope, BoundExpressionPtr value,
                                const catalog::ColumnDescriptor& column, const List* indirection,
                                ExpressionRole role, int location);
// SET a = x, (b, c) = (…), d[1] = y.
std::vector<BoundAssignment> BindAssignments(Scope& scope, const List* targets);
// What DEFAULT means for the column; a typed null if it has none.
BoundExpressionPtr ColumnDefault(Scope& scope, const catalog::ColumnDescriptor& column);
// Merges a second partial assignment to a column into the first. Throws 42601 if one is whole.
BoundExpressionPtr MergeAssignments(BoundExpressionPtr first, BoundExpressionPtr second,
                                    const std::string& column);

std::unique_ptr<BoundOnConflict> BindOnConflict(Scope& scope, const OnConflictClause* raw,
                                                const BoundInsert& insert);

// Checks, generated columns and index expressions of the table, over a fresh relation.
BoundTableRules BindTableRules(BindState& state, const catalog::TableDescriptor& table, int depth,
                               bool with_checks);

}  // namespace sundog::binder
