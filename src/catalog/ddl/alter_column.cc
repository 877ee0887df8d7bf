// ALTER COLUMN … TYPE and IDENTITY.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/ddl/alter_table.h"
#include "catalog/ddl/create_table.h"
#include "catalog/ddl/index.h"
#include "catalog/ddl/naming.h"
#include "catalog/ddl/sequence.h"
#include "catalog/builtin_objects.h"
#include "catalog/names.h"
#include "catalog/stored_sql.h"
#include "catalog/vector_index.h"

namespace sundog::catalog::ddl {

namespace {

[[noreturn]] void ThrowInUse(std::string message, std::string detail) {
  throw SqlError(sqlstate::kFeatureNotSupported, std::move(message)).Detail(std::move(detail));
}

// Views and generated columns are not adapted to another type of what they read.
void CheckDependants(const CatalogWriter& writer, const TableDescriptor& table,
                     const ColumnDescriptor& column) {
  const Catalog& catalog = writer.catalog();
  ObjectAddress address{classes::kClass, table.oid, column.attnum};
  for (const Dependency& link : catalog.Dependencies()) {
    if (link.referenced != address) continue;
    std::string described = DescribeObject(catalog, writer.search_path(), link.dependent);
    if (link.dependent.class_oid == classes::kRewrite) {
      ThrowInUse("cannot alter type of a column used by a view or rule",
                 fmt::format("{} depends on column \"{}\"", described, column.name));
    }
    if (link.dependent.class_oid == classes::kAttrdef && column.generated == '\0') {
      DefaultPlace place = FindDefault(catalog, link.dependent.object);
      if (place.column == nullptr || place.column->attnum == column.attnum) continue;
      ThrowInUse("cannot alter type of a column used by a generated column",
                 fmt::format("Column \"{}\" is used by generated column \"{}\".", column.name,
                             place.column->name));
    }
  }
}

// Index columns of the changed one get its new type and that type's operator class; one that was
// not their type's default they keep.
void AdaptIndexes(const CatalogWriter& writer, TableDescriptor& table,
                  const ColumnDescriptor& column) {
  for (IndexDescriptor& index : table.indexes) {
    for (IndexKey& key : index.keys) {
      if (key.attnum != column.attnum) continue;
      const OpclassInfo* usual = BuiltinObjects::Get().DefaultOpclass(
          index.access_method, writer.catalog().GetBaseType(key.type.oid));
      bool chosen = usual == nullptr || usual->oid != key.opclass;
      key.type = column.type;
      key.collation = column.collation;
      key.opclass = RequireOpclass(writer, index.access_method,
                                   chosen ? key.opclass : kInvalidOid, column.type);
    }
    if (IsVectorMethod(index.access_method)) CheckVectorIndex(index);
  }
}

}  // namespace

void AlterColumnType(CatalogWriter& writer, Oid table_oid, std::string_view name, SqlType type,
                     Oid collation, std::optional<StoredExpression> value) {
  TableDescriptor table = CopyTable(writer, table_oid);
  ColumnDescriptor& column = table.columns[RequireColumn(table, name).attnum - 1];
  CheckColumn(writer, name, type);
  CheckDependants(writer, table, column);
  RequireRowTypeNotStored(writer, *writer.catalog().FindRelation(table_oid));
  column.type = type;
  column.dimensions = 0;
  column.collation =
      collation != kInvalidOid ? collation : writer.catalog().GetType(type.oid).collation;
  column.missing_value.reset();
  column.default_value = std::move(value);
  if (column.default_value) {
    column.default_oid = writer.NewOid(table.schema);
    BindToTable(*column.default_value, table.oid);
  } else {
    column.default_oid = kInvalidOid;
  }
  AdaptIndexes(writer, table, column);
  bool identity = column.identity != '\0';
  int16_t attnum = column.attnum;
  writer.Put(std::move(table));
  Oid sequence = identity ? OwnedSequence(writer.catalog(), table_oid, attnum, true) : kInvalidOid;
  if (sequence != kInvalidOid) {
    SequenceSpec change;
    change.type = type.oid;
    change.type_given = true;
    AlterSequence(writer, sequence, change, 1);
  }
}

Oid OwnedSequence(const Catalog& catalog, Oid table, int16_t attnum, bool identity) {
  for (const auto& sequence : catalog.contents().sequences) {
    if (sequence->owner_table == table && sequence->owner_column == attnum &&
        (sequence->identity || !identity)) {
      return sequence->oid;
    }
  }
  return kInvalidOid;
}

void AddIdentity(CatalogWriter& writer, Oid table_oid, std::string_view name, char kind,
                 const SequenceSpec& spec) {
  TableDescriptor table = CopyTable(writer, table_oid);
  ColumnDescriptor& column = table.columns[RequireColumn(table, name).attnum - 1];
  auto fail = [&](std::string_view what) {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   fmt::format("column \"{}\" of relation \"{}\" {}", name, table.name, what));
  };
  if (!column.not_null) fail("must be declared NOT NULL before identity can be added");
  if (column.identity != '\0') fail("is already an identity column");
  if (column.default_value) fail("already has a default value");
  column.identity = kind;
  SequenceSpec made = spec;
  made.schema = table.schema;
  made.type = column.type.oid;
  if (made.name.empty()) {
    made.name =
        ChooseRelationName(writer.catalog(), table.schema, table.name, column.name, "seq", false);
  }
  int16_t attnum = column.attnum;
  writer.Put(std::move(table));
  OwnSequence(writer, CreateSequence(writer, made, false, true), table_oid, attnum);
}

void SetIdentityKind(CatalogWriter& writer, Oid table_oid, std::string_view name, char kind) {
  TableDescriptor table = CopyTable(writer, table_oid);
  ColumnDescriptor& column = table.columns[RequireColumn(table, name).attnum - 1];
  if (column.identity == '\0') {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   fmt::format("column \"{}\" of relation \"{}\" is not an identity column", name,
                               table.name));
  }
  column.identity = kind;
  writer.Put(std::move(table));
}

void DropIdentity(CatalogWriter& writer, Oid table_oid, std::string_view name, bool if_exists) {
  TableDescriptor table = CopyTable(writer, table_oid);
  ColumnDescriptor& column = table.columns[RequireColumn(table, name).attnum - 1];
  if (column.identity == '\0') {
    std::string message = fmt::format("column \"{}\" of relation \"{}\" is not an identity column",
                                      name, table.name);
    if (!if_exists) throw SqlError(sqlstate::kObjectNotInPrerequisiteState, std::move(message));
    return writer.Notice(message + ", skipping");
  }
  column.identity = '\0';
  Oid sequence = OwnedSequence(writer.catalog(), table_oid, column.attnum, true);
  writer.Put(std::move(table));
  if (sequence != kInvalidOid) writer.DropSequence(sequence);
}

}  // namespace sundog::catalog::ddl
