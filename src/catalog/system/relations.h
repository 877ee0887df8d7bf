// Lists that several system tables share: every relation of the tenant and of the system, and their
// attributes.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/virtual_table.h"

namespace sundog::catalog::system {

// An index of a system table: PostgreSQL has it, here it is only shown.
struct SystemIndex {
  Oid oid = kInvalidOid;
  Oid table = kInvalidOid;
  std::string name;
  bool unique = false;
  bool primary = false;
  bool immediate = false;
  std::vector<int16_t> keys;
  std::vector<Oid> opclasses;
  std::vector<Oid> collations;
  std::vector<int16_t> options;
};
const std::vector<SystemIndex>& SystemIndexes();

// A row of pg_class: a relation, or a system index.
struct ClassEntry {
  const Relation* relation = nullptr;
  const SystemIndex* system_index = nullptr;
};
// System ones first, by OID.
std::vector<ClassEntry> AllClasses(const Catalog& catalog);

// A row of pg_attribute.
struct AttributeEntry {
  Oid relation = kInvalidOid;
  std::string_view name;
  std::string owned_name;  // where `name` points to nothing that lives on
  SqlType type;
  int16_t attnum = 0;
  int16_t dimensions = 0;
  bool not_null = false;
  Oid collation = kInvalidOid;
  const ColumnDescriptor* column = nullptr;  // of tables, views and composite types

  std::string_view text() const { return owned_name.empty() ? name : owned_name; }
};
// In attnum order, then system attributes if asked for.
void AppendAttributes(const Catalog& catalog, const ClassEntry& entry, bool system_attributes,
                      std::vector<AttributeEntry>& to);
// The name PostgreSQL gives an index column: the column's, or "lower", "expr", "expr1".
std::vector<std::string> IndexColumnNames(const TableDescriptor& table,
                                          const IndexDescriptor& index);

}  // namespace sundog::catalog::system
