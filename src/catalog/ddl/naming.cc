#include "catalog/ddl/naming.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

constexpr size_t kNameMaxBytes = 63;

// Cuts at a character's start.
std::string_view Clip(std::string_view name, size_t bytes) {
  if (name.size() <= bytes) return name;
  while (bytes > 0 && (static_cast<uint8_t>(name[bytes]) & 0xC0) == 0x80) --bytes;
  return name.substr(0, bytes);
}

bool ConstraintNameTaken(const Catalog& catalog, Oid schema, std::string_view name) {
  for (const auto& table : catalog.contents().tables) {
    if (table->schema == schema && table->FindConstraint(name) != nullptr) return true;
  }
  for (const auto& domain : catalog.contents().domains) {
    if (domain->schema != schema) continue;
    for (const auto& constraint : domain->constraints) {
      if (constraint.name == name) return true;
    }
  }
  return false;
}

}  // namespace

std::string MakeObjectName(std::string_view name1, std::string_view name2,
                           std::string_view label) {
  size_t overhead = (name2.empty() ? 0 : 1) + (label.empty() ? 0 : label.size() + 1);
  size_t available = kNameMaxBytes - overhead;
  size_t length1 = name1.size();
  size_t length2 = name2.size();
  while (length1 + length2 > available) {
    if (length1 > length2) {
      --length1;
    } else {
      --length2;
    }
  }
  std::string name(Clip(name1, length1));
  if (!name2.empty()) name += "_" + std::string(Clip(name2, length2));
  if (!label.empty()) name += "_" + std::string(label);
  return name;
}

std::string ChooseRelationName(const Catalog& catalog, Oid schema, std::string_view name1,
                               std::string_view name2, std::string_view label,
                               bool for_constraint) {
  std::string modified(label);
  for (int pass = 1;; ++pass) {
    std::string name = MakeObjectName(name1, name2, modified);
    if (catalog.FindRelation(schema, name) == nullptr &&
        (!for_constraint || !ConstraintNameTaken(catalog, schema, name))) {
      return name;
    }
    modified = fmt::format("{}{}", label, pass);
  }
}

std::string ChooseConstraintName(const Catalog& catalog, Oid schema, std::string_view name1,
                                 std::string_view name2, std::string_view label,
                                 std::span<const std::string> taken) {
  std::string modified(label);
  for (int pass = 1;; ++pass) {
    std::string name = MakeObjectName(name1, name2, modified);
    if (std::find(taken.begin(), taken.end(), name) == taken.end() &&
        !ConstraintNameTaken(catalog, schema, name)) {
      return name;
    }
    modified = fmt::format("{}{}", label, pass);
  }
}

std::string JoinColumnNames(std::span<const std::string> columns) {
  std::string joined;
  for (const std::string& column : columns) {
    if (!joined.empty()) joined += '_';
    joined += column;
    if (joined.size() >= kNameMaxBytes) break;
  }
  return std::string(Clip(joined, kNameMaxBytes));
}

std::string ChooseArrayTypeName(const Catalog& catalog, Oid schema, std::string_view name) {
  std::string array = "_" + std::string(name);
  while (true) {
    array = std::string(Clip(array, kNameMaxBytes));
    if (catalog.FindType(schema, array) == nullptr) return array;
    array = "_" + array;
  }
}

bool CheckRelationNameFree(const CatalogWriter& writer, Oid schema, std::string_view name,
                           bool if_not_exists) {
  if (writer.catalog().FindRelation(schema, name) != nullptr) {
    base::ErrorFields fields;
    fields.state = sqlstate::kDuplicateTable;
    fields.message = fmt::format("relation \"{}\" already exists", name);
    if (!if_not_exists) throw SqlError(std::move(fields));
    fields.severity = base::Severity::kNotice;
    fields.message += ", skipping";
    writer.Notice(fields);
    return false;
  }
  if (writer.catalog().FindType(schema, name) != nullptr) {
    throw SqlError(sqlstate::kDuplicateObject, fmt::format("type \"{}\" already exists", name))
        .Hint("A relation has an associated type of the same name, so you must use a name that "
              "doesn't conflict with any existing type.");
  }
  return true;
}

void CheckTypeNameFree(const CatalogWriter& writer, Oid schema, std::string_view name) {
  if (writer.catalog().FindType(schema, name) != nullptr) {
    throw SqlError(sqlstate::kDuplicateObject, fmt::format("type \"{}\" already exists", name));
  }
}

}  // namespace sundog::catalog::ddl
