// ALTER TABLE … ADD FOREIGN KEY: finds what it refers to and checks that it can.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/acl.h"
#include "catalog/builtin_objects.h"
#include "catalog/ddl/constraint.h"
#include "catalog/ddl/index.h"
#include "catalog/ddl/naming.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

std::vector<int16_t> ForeignKeyColumns(const TableDescriptor& table,
                                       const std::vector<std::string>& names) {
  std::vector<int16_t> attnums;
  for (const std::string& name : names) {
    const ColumnDescriptor* column = table.FindColumn(name);
    if (column == nullptr) {
      constexpr auto kMessage = "column \"{}\" referenced in foreign key constraint does not exist";
      throw SqlError(sqlstate::kUndefinedColumn, fmt::format(kMessage, name));
    }
    attnums.push_back(column->attnum);
  }
  return attnums;
}

bool SameColumns(const IndexDescriptor& index, std::vector<int16_t> columns) {
  if (index.keys.size() != columns.size()) return false;
  std::vector<int16_t> keys;
  for (const IndexKey& key : index.keys) keys.push_back(key.attnum);
  std::sort(keys.begin(), keys.end());
  std::sort(columns.begin(), columns.end());
  return keys == columns;
}

// The unique index over exactly these columns; the columns may come in another order.
const IndexDescriptor& FindReferencedIndex(const TableDescriptor& table,
                                           const std::vector<int16_t>& columns) {
  bool found_deferrable = false;
  for (const IndexDescriptor& index : table.indexes) {
    if (!index.unique || index.predicate || index.state != IndexState::kReady ||
        !SameColumns(index, columns)) {
      continue;
    }
    const ConstraintDescriptor* constraint = table.FindConstraint(index.constraint);
    if (constraint != nullptr && constraint->deferrable) {
      found_deferrable = true;
      continue;
    }
    return index;
  }
  if (found_deferrable) {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   fmt::format("cannot use a deferrable unique constraint for referenced table "
                               "\"{}\"",
                               table.name));
  }
  throw SqlError(sqlstate::kInvalidForeignKey,
                 fmt::format("there is no unique constraint matching given keys for referenced "
                             "table \"{}\"",
                             table.name));
}

Oid BtreeFamily(const Catalog& catalog, Oid type) {
  const OpclassInfo* opclass =
      BuiltinObjects::Get().DefaultOpclass(kBtreeAccessMethod, catalog.GetBaseType(type));
  return opclass != nullptr ? opclass->family : kInvalidOid;
}

// Whether values of the two can be compared for equality: one type, one operator family, or an
// implicit cast to the referenced column's type.
bool Comparable(const Catalog& catalog, SqlType referencing, SqlType referenced) {
  const types::TypeInfo& from = catalog.GetBaseType(referencing.oid);
  const types::TypeInfo& to = catalog.GetBaseType(referenced.oid);
  if (from.oid == to.oid) return true;
  bool special = from.kind_code == 'e' || to.kind_code == 'e' || from.is_array() || to.is_array() ||
                 from.kind_code == 'c' || to.kind_code == 'c';
  if (special) return false;
  Oid family = BtreeFamily(catalog, from.oid);
  if (family != kInvalidOid && family == BtreeFamily(catalog, to.oid)) return true;
  const functions::CastInfo* cast = catalog.FindCast(from.oid, to.oid);
  return cast != nullptr && cast->context == 'i';
}

void CheckPersistence(const TableDescriptor& table, const TableDescriptor& referenced) {
  auto fail = [](std::string_view kind) {
    throw SqlError(sqlstate::kInvalidTableDefinition,
                   fmt::format("constraints on {} tables may reference only {} tables", kind,
                               kind == "unlogged" ? "permanent or unlogged" : kind));
  };
  if (table.persistence == 'p' && referenced.persistence != 'p') fail("permanent");
  if (table.persistence == 'u' && referenced.persistence == 't') fail("unlogged");
  if (table.persistence == 't' && referenced.persistence != 't') fail("temporary");
}

void CheckGenerated(const TableDescriptor& table, const ForeignKeySpec& spec,
                    const std::vector<int16_t>& columns) {
  auto fail = [](std::string_view event) {
    throw SqlError(sqlstate::kSyntaxError,
                   fmt::format("invalid {} action for foreign key constraint containing generated "
                               "column",
                               event));
  };
  for (int16_t attnum : columns) {
    if (table.columns[attnum - 1].generated == '\0') continue;
    if (spec.on_update == ReferentialAction::kSetNull ||
        spec.on_update == ReferentialAction::kSetDefault ||
        spec.on_update == ReferentialAction::kCascade) {
      fail("ON UPDATE");
    }
    if (spec.on_delete == ReferentialAction::kSetNull ||
        spec.on_delete == ReferentialAction::kSetDefault) {
      fail("ON DELETE");
    }
  }
}

std::vector<int16_t> DeleteSetColumns(const TableDescriptor& table, const ForeignKeySpec& spec,
                                      const std::vector<int16_t>& columns) {
  std::vector<int16_t> attnums = ForeignKeyColumns(table, spec.delete_set_columns);
  for (size_t i = 0; i < attnums.size(); ++i) {
    if (std::find(columns.begin(), columns.end(), attnums[i]) != columns.end()) continue;
    throw SqlError(sqlstate::kInvalidColumnReference,
                   fmt::format("column \"{}\" referenced in ON DELETE SET action must be part of "
                               "foreign key",
                               spec.delete_set_columns[i]));
  }
  return attnums;
}

void FindTarget(ConstraintDescriptor& key, const ForeignKeySpec& spec,
                const TableDescriptor& referenced) {
  if (spec.referenced_columns.empty()) {
    const IndexDescriptor* primary = referenced.PrimaryKey();
    if (primary == nullptr) {
      throw SqlError(sqlstate::kUndefinedObject,
                     fmt::format("there is no primary key for referenced table \"{}\"",
                                 referenced.name));
    }
    for (const IndexKey& column : primary->keys) key.referenced_columns.push_back(column.attnum);
  } else {
    key.referenced_columns = ForeignKeyColumns(referenced, spec.referenced_columns);
  }
  key.index = FindReferencedIndex(referenced, key.referenced_columns).oid;
  if (key.columns.size() != key.referenced_columns.size()) {
    throw SqlError(sqlstate::kInvalidForeignKey,
                   "number of referencing and referenced columns for foreign key disagree");
  }
}

// REFERENCES on the table, or on each of the columns.
void CheckMayReference(const CatalogWriter& writer, const TableDescriptor& referenced,
                       const std::vector<int16_t>& columns) {
  auto holds = [&](const Acl& acl, AclObject kind) {
    return HasPrivileges(writer.catalog(), acl, kind, referenced.owner, writer.role(), kReferences);
  };
  if (holds(referenced.acl, AclObject::kRelation)) return;
  for (int16_t attnum : columns) {
    if (!holds(referenced.columns[attnum - 1].acl, AclObject::kColumn)) {
      ThrowDenied("table", referenced.name);
    }
  }
}

}  // namespace

void CheckForeignKeyTypes(const CatalogWriter& writer, const TableDescriptor& table,
                          const ConstraintDescriptor& key, const TableDescriptor& referenced) {
  for (size_t i = 0; i < key.columns.size(); ++i) {
    const ColumnDescriptor& from = table.columns[key.columns[i] - 1];
    const ColumnDescriptor& to = referenced.columns[key.referenced_columns[i] - 1];
    if (Comparable(writer.catalog(), from.type, to.type)) continue;
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("foreign key constraint \"{}\" cannot be implemented", key.name))
        .Detail(fmt::format("Key columns \"{}\" and \"{}\" are of incompatible types: {} and {}.",
                            from.name, to.name,
                            TypeName(writer.catalog(), &writer.search_path(), {from.type.oid, -1}),
                            TypeName(writer.catalog(), &writer.search_path(), {to.type.oid, -1})));
  }
}

Oid AddForeignKey(CatalogWriter& writer, Oid table_oid, const ForeignKeySpec& spec) {
  TableDescriptor table = CopyTable(writer, table_oid);
  Oid referenced_oid = spec.referenced_table != kInvalidOid ? spec.referenced_table : table.oid;
  const Relation* relation = writer.catalog().FindRelation(referenced_oid);
  if (relation == nullptr || relation->kind != 'r' || relation->table == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("referenced relation \"{}\" is not a table",
                               relation != nullptr ? relation->name : ""));
  }
  std::shared_ptr<const TableDescriptor> referenced = relation->table;
  CheckPersistence(table, *referenced);
  ConstraintDescriptor key;
  key.kind = ConstraintKind::kForeignKey;
  key.columns = ForeignKeyColumns(table, spec.columns);
  key.referenced_table = referenced_oid;
  key.match = spec.match;
  key.on_delete = spec.on_delete;
  key.on_update = spec.on_update;
  key.deferrable = spec.deferrable;
  key.initially_deferred = spec.initially_deferred;
  key.validated = spec.validated;
  key.delete_set_columns = DeleteSetColumns(table, spec, key.columns);
  if (spec.match == MatchKind::kPartial) base::ThrowNotSupported("MATCH PARTIAL");
  FindTarget(key, spec, *referenced);
  CheckMayReference(writer, *referenced, key.referenced_columns);
  CheckGenerated(table, spec, key.columns);
  if (spec.name.empty()) {
    key.name = ChooseConstraintName(writer.catalog(), table.schema, table.name,
                                    JoinColumnNames(spec.columns), "fkey", {});
  } else {
    CheckConstraintNameFree(table, spec.name);
    key.name = spec.name;
  }
  CheckForeignKeyTypes(writer, table, key, *referenced);
  key.oid = writer.NewOid(table.schema);
  Oid oid = key.oid;
  table.constraints.push_back(std::move(key));
  writer.Put(std::move(table));
  return oid;
}

}  // namespace sundog::catalog::ddl
