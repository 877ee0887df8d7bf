// System tables whose rows are wholly recorded facts: an embedded .tsv file whose columns have the
// table's own names, and constants for the columns it leaves out.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/tsv.h"
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

struct ColumnConstant {
  std::string_view column;
  std::string_view text;  // as in the file
};

std::unique_ptr<DefinedTable> MakeRecordedTable(base::Tsv (*rows)(),
                                                std::span<const ColumnConstant> constants = {});

// Sets a cell of the column's type from the file's text of it; null: SQL null.
void SetRecorded(const VirtualColumn& column, std::optional<std::string_view> text, Cell& cell);

}  // namespace sundog::catalog::system
