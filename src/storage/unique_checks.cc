// Checks of uniqueness after the fact, and the error they and all others give.
#include <fmt/format.h>

#include "storage/duplicate_key.h"
#include "storage/table_writer.h"

namespace sundog::storage {

SqlError DuplicateKeyError(const TableLayout& layout, const IndexLayout& index,
                           std::string_view schema_name, const std::string& key) {
  const std::string& name = index.descriptor().name;
  return SqlError(sqlstate::kUniqueViolation,
                  fmt::format("duplicate key value violates unique constraint \"{}\"", name))
      .Detail(key.empty() ? std::string() : key + " already exists.")
      .Table(schema_name, layout.table().name)
      .Constraint(name);
}

void DeferredUniqueChecks::Run(txn::Transaction& txn, bool at_commit) {
  std::vector<Check> due;
  std::vector<Check> later;
  for (Check& check : checks_) {
    (at_commit || !check.at_commit ? due : later).push_back(std::move(check));
  }
  checks_ = std::move(later);
  if (due.empty()) return;
  txn::ReadView view = txn.LatestView();
  for (const Check& check : due) {
    auto cursor = view.Scan(kv::PrefixRange(check.columns));
    if (cursor->Next(1).empty() || cursor->Next(1).empty()) continue;
    throw DuplicateKeyError(*check.layout, check.layout->indexes()[check.index], check.schema_name,
                            check.detail);
  }
}

}  // namespace sundog::storage
