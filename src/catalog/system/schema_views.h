// The views of information_schema, by file.
#pragma once

#include <span>

#include "catalog/system/rows.h"

namespace sundog::catalog::system {

std::span<const TableDefinition> SchemaColumnViews();
std::span<const TableDefinition> SchemaTableViews();
std::span<const TableDefinition> SchemaConstraintViews();
std::span<const TableDefinition> SchemaPrivilegeViews();
std::span<const TableDefinition> SchemaRoutineViews();

}  // namespace sundog::catalog::system
