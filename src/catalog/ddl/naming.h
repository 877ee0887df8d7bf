// Names for objects that the user did not name, and checks that a name is free.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "catalog/catalog_writer.h"

namespace sundog::catalog::ddl {

// "name1_name2_label" cut to 63 bytes by shortening the longer of the first two; empty parts and
// their underscores are left out.
std::string MakeObjectName(std::string_view name1, std::string_view name2, std::string_view label);
// The same with a number behind the label as needed, so that no relation of the schema (and, with
// `for_constraint`, no constraint) is so called.
std::string ChooseRelationName(const Catalog& catalog, Oid schema, std::string_view name1,
                               std::string_view name2, std::string_view label,
                               bool for_constraint);
// The same for a constraint; `taken` are names already given in the statement.
std::string ChooseConstraintName(const Catalog& catalog, Oid schema, std::string_view name1,
                                 std::string_view name2, std::string_view label,
                                 std::span<const std::string> taken);
// Column names joined with underscores, as index and foreign key names have them.
std::string JoinColumnNames(std::span<const std::string> columns);
// "_name", with more underscores if that type exists.
std::string ChooseArrayTypeName(const Catalog& catalog, Oid schema, std::string_view name);

// Throws 42P07, or 42710 for a type of that name. With `if_not_exists`, a relation of that name
// only gets a notice, and false comes back.
bool CheckRelationNameFree(const CatalogWriter& writer, Oid schema, std::string_view name,
                           bool if_not_exists);
// Throws 42710.
void CheckTypeNameFree(const CatalogWriter& writer, Oid schema, std::string_view name);

}  // namespace sundog::catalog::ddl
