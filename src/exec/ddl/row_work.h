// What DDL does to rows: stores them anew, fills indexes, checks what must hold of all of them.
//
// Rows are read as the newest committed state with the transaction's own writes; the caller holds
// the table's lock, so that nobody else changes them meanwhile.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "binder/ddl/ddl_target.h"
#include "exec/execution_context.h"
#include "planner/planner_context.h"
#include "storage/table_writer.h"

namespace sundog::exec {

// `context.catalog` has the table as it is to be. Expressions are consumed. Indexes are filled with
// the rights of the table's owner, whose functions their expressions may call, and not with those
// of whoever builds them.
void DoRowWork(const binder::RowWork& work, ExecutionContext& context,
               const planner::PlannerContext& planner_context);

// One step of filling an index online (storage::BackfillRows), with the rights of the current role.
storage::BackfillStep FillIndex(Oid table, Oid index, ExecutionContext& context,
                                const std::string& from);

// What must be there before others write to an index that is built online: of ivfflat, its lists.
// In a transaction of its own, while the index is invalid; again is no harm. Any other index:
// nothing.
void MakeIndexLists(Oid table, Oid index, ExecutionContext& context);

// The bytes of a constant's value: the physical element, or a varlen value; nullopt: null.
std::optional<std::string> ConstantBytes(binder::BoundExpressionPtr expression,
                                         ExecutionContext& context,
                                         const planner::PlannerContext& planner_context);

}  // namespace sundog::exec
