#include "catalog/ddl/alter_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/sql_error.h"
#include "catalog/ddl/create_table.h"
#include "catalog/ddl/index.h"
#include "catalog/ddl/permission.h"
#include "catalog/index_options.h"
#include "catalog/names.h"
#include "catalog/stored_sql.h"
#include "catalog/type_infos.h"
#include "catalog/vector_index.h"

namespace sundog::catalog::ddl {

namespace {

constexpr std::string_view kSystemColumns[] = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};

void NoticeSkipping(const CatalogWriter& writer, base::SqlState state, std::string message) {
  base::ErrorFields fields;
  fields.severity = base::Severity::kNotice;
  fields.state = state;
  fields.message = std::move(message) + ", skipping";
  writer.Notice(fields);
}

ColumnDescriptor& MutableColumn(TableDescriptor& table, std::string_view name) {
  return table.columns[RequireColumn(table, name).attnum - 1];
}

}  // namespace

const ColumnDescriptor& RequireColumn(const TableDescriptor& table, std::string_view column) {
  if (const ColumnDescriptor* found = table.FindColumn(column)) return *found;
  for (std::string_view system : kSystemColumns) {
    if (column == system) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     fmt::format("cannot alter system column \"{}\"", column));
    }
  }
  throw SqlError(sqlstate::kUndefinedColumn,
                 fmt::format("column \"{}\" of relation \"{}\" does not exist", column,
                             table.name));
}

int16_t AddColumn(CatalogWriter& writer, Oid table_oid, const ColumnSpec& spec, bool if_not_exists,
                  std::optional<std::string> missing_value) {
  TableDescriptor table = CopyTable(writer, table_oid);
  if (table.FindColumn(spec.name) != nullptr) {
    std::string message = fmt::format("column \"{}\" of relation \"{}\" already exists", spec.name,
                                      table.name);
    if (!if_not_exists) throw SqlError(sqlstate::kDuplicateColumn, std::move(message));
    NoticeSkipping(writer, sqlstate::kDuplicateColumn, std::move(message));
    return 0;
  }
  if (table.columns.size() >= 1600) {
    throw SqlError(sqlstate::kTooManyColumns, "tables can have at most 1600 columns");
  }
  CheckColumn(writer, spec.name, spec.type);
  bool is_own = HasPart(writer.catalog(), spec.type.oid,
                        [&](const types::TypeInfo& part) { return part.oid == table.row_type; });
  if (is_own) {
    throw SqlError(sqlstate::kInvalidTableDefinition,
                   fmt::format("composite type {} cannot be made a member of itself", table.name));
  }
  Oid sequence;
  ColumnDescriptor column = MakeColumn(writer, spec, table.schema, table.name, &sequence);
  column.attnum = static_cast<int16_t>(table.columns.size() + 1);
  column.missing_value = std::move(missing_value);
  if (column.default_value) BindToTable(*column.default_value, table.oid);
  int16_t attnum = column.attnum;
  table.columns.push_back(std::move(column));
  writer.Put(std::move(table));
  if (sequence != kInvalidOid) OwnSequence(writer, sequence, table_oid, attnum);
  return attnum;
}

void RequireRowTypeNotStored(const CatalogWriter& writer, const Relation& relation) {
  if (relation.table != nullptr) {
    return RequireTypeNotStored(writer, relation.table->row_type, "table", relation.name,
                                "its row type");
  }
  RequireTypeNotStored(writer, relation.composite->oid, "type", relation.name, "it");
}

void RequireTypeNotStored(const CatalogWriter& writer, Oid type, std::string_view kind,
                          std::string_view name, std::string_view used) {
  const Catalog& catalog = writer.catalog();
  std::set<Oid> types = {type};
  const std::vector<Dependency> links = catalog.Dependencies();
  for (bool more = true; std::exchange(more, false);) {
    for (const Dependency& link : links) {
      if (link.referenced.class_oid != classes::kType || !types.contains(link.referenced.object)) {
        continue;
      }
      if (link.dependent.class_oid == classes::kType) {
        more |= types.insert(link.dependent.object).second;
        continue;
      }
      if (link.dependent.class_oid != classes::kClass || link.dependent.sub_object == 0) continue;
      const Relation* user = catalog.FindRelation(link.dependent.object);
      if (user == nullptr) continue;
      if (user->composite != nullptr) more |= types.insert(user->composite->oid).second;
      if (user->table == nullptr) continue;
      const ColumnDescriptor* column =
          user->table->FindColumn(static_cast<int16_t>(link.dependent.sub_object));
      throw SqlError(sqlstate::kFeatureNotSupported,
                     fmt::format("cannot alter {} \"{}\" because column \"{}.{}\" uses {}", kind,
                                 name, user->name, column->name, used));
    }
  }
}

void DropColumn(CatalogWriter& writer, Oid table_oid, std::string_view column, bool if_exists,
                DropBehavior behavior) {
  std::shared_ptr<const TableDescriptor> table = writer.catalog().FindTable(table_oid);
  const ColumnDescriptor* found = table->FindColumn(column);
  if (found == nullptr) {
    if (std::find(std::begin(kSystemColumns), std::end(kSystemColumns), column) !=
        std::end(kSystemColumns)) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     fmt::format("cannot drop system column \"{}\"", column));
    }
    if (!if_exists) RequireColumn(*table, column);
    return NoticeSkipping(writer, sqlstate::kSuccessfulCompletion,
                          fmt::format("column \"{}\" of relation \"{}\" does not exist", column,
                                      table->name));
  }
  ObjectAddress object{classes::kClass, table_oid, found->attnum};
  DropObjects(writer, {&object, 1}, behavior);
}

void SetDefault(CatalogWriter& writer, Oid table_oid, std::string_view name,
                std::optional<StoredExpression> value) {
  TableDescriptor table = CopyTable(writer, table_oid);
  ColumnDescriptor& column = MutableColumn(table, name);
  if (column.identity != '\0') {
    SqlError error(sqlstate::kSyntaxError,
                   fmt::format("column \"{}\" of relation \"{}\" is an identity column", name,
                               table.name));
    if (!value) error.Hint("Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.");
    throw error;
  }
  if (column.generated != '\0') {
    SqlError error(sqlstate::kSyntaxError,
                   fmt::format("column \"{}\" of relation \"{}\" is a generated column", name,
                               table.name));
    if (!value) error.Hint("Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.");
    throw error;
  }
  column.default_value = std::move(value);
  column.default_oid = column.default_value ? writer.NewOid(table.schema) : kInvalidOid;
  if (column.default_value) BindToTable(*column.default_value, table.oid);
  writer.Put(std::move(table));
}

void SetNotNull(CatalogWriter& writer, Oid table_oid, std::string_view name) {
  TableDescriptor table = CopyTable(writer, table_oid);
  MutableColumn(table, name).not_null = true;
  writer.Put(std::move(table));
}

void DropNotNull(CatalogWriter& writer, Oid table_oid, std::string_view name) {
  TableDescriptor table = CopyTable(writer, table_oid);
  ColumnDescriptor& column = MutableColumn(table, name);
  if (column.identity != '\0') {
    throw SqlError(sqlstate::kSyntaxError,
                   fmt::format("column \"{}\" of relation \"{}\" is an identity column", name,
                               table.name));
  }
  if (const IndexDescriptor* primary = table.PrimaryKey()) {
    for (const IndexKey& key : primary->keys) {
      if (key.attnum != column.attnum) continue;
      throw SqlError(sqlstate::kInvalidTableDefinition,
                     fmt::format("column \"{}\" is in a primary key", name));
    }
  }
  column.not_null = false;
  writer.Put(std::move(table));
}

void DropExpression(CatalogWriter& writer, Oid table_oid, std::string_view name, bool if_exists) {
  TableDescriptor table = CopyTable(writer, table_oid);
  ColumnDescriptor& column = MutableColumn(table, name);
  if (column.generated == '\0') {
    std::string message = fmt::format(
        "column \"{}\" of relation \"{}\" is not a stored generated column", name, table.name);
    if (!if_exists) throw SqlError(sqlstate::kObjectNotInPrerequisiteState, std::move(message));
    return NoticeSkipping(writer, sqlstate::kSuccessfulCompletion, std::move(message));
  }
  column.generated = '\0';
  column.default_value.reset();
  column.default_oid = kInvalidOid;
  writer.Put(std::move(table));
}

void DropConstraint(CatalogWriter& writer, Oid table_oid, std::string_view name, bool if_exists,
                    DropBehavior behavior) {
  std::shared_ptr<const TableDescriptor> table = writer.catalog().FindTable(table_oid);
  const ConstraintDescriptor* constraint = table->FindConstraint(name);
  if (constraint == nullptr) {
    std::string message =
        fmt::format("constraint \"{}\" of relation \"{}\" does not exist", name, table->name);
    if (!if_exists) throw SqlError(sqlstate::kUndefinedObject, std::move(message));
    return NoticeSkipping(writer, sqlstate::kSuccessfulCompletion, std::move(message));
  }
  ObjectAddress object{classes::kConstraint, constraint->oid};
  DropObjects(writer, {&object, 1}, behavior);
}

bool MarkValidated(CatalogWriter& writer, Oid table_oid, std::string_view name) {
  TableDescriptor table = CopyTable(writer, table_oid);
  for (ConstraintDescriptor& constraint : table.constraints) {
    if (constraint.name != name) continue;
    if (constraint.kind != ConstraintKind::kForeignKey &&
        constraint.kind != ConstraintKind::kCheck) {
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("constraint \"{}\" of relation \"{}\" is not a foreign key or "
                                 "check constraint",
                                 name, table.name));
    }
    bool needed = !constraint.validated;
    constraint.validated = true;
    if (needed) writer.Put(std::move(table));
    return needed;
  }
  throw SqlError(sqlstate::kUndefinedObject,
                 fmt::format("constraint \"{}\" of relation \"{}\" does not exist", name,
                             table.name));
}

void AlterConstraint(CatalogWriter& writer, Oid table_oid, std::string_view name, bool deferrable,
                     bool initially_deferred) {
  TableDescriptor table = CopyTable(writer, table_oid);
  for (ConstraintDescriptor& constraint : table.constraints) {
    if (constraint.name != name) continue;
    if (constraint.kind != ConstraintKind::kForeignKey) {
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("constraint \"{}\" of relation \"{}\" is not a foreign key "
                                 "constraint",
                                 name, table.name));
    }
    constraint.deferrable = deferrable;
    constraint.initially_deferred = initially_deferred;
    return writer.Put(std::move(table));
  }
  throw SqlError(sqlstate::kUndefinedObject,
                 fmt::format("constraint \"{}\" of relation \"{}\" does not exist", name,
                             table.name));
}

namespace {

void ChangeOptions(std::vector<std::string>& options, const std::vector<std::string>& set,
                   const std::vector<std::string>& reset) {
  auto name_of = [](const std::string& option) { return option.substr(0, option.find('=')); };
  auto drop = [&](const std::string& name) {
    std::erase_if(options, [&](const std::string& option) { return name_of(option) == name; });
  };
  for (const std::string& option : reset) drop(option);
  for (const std::string& option : set) {
    drop(name_of(option));
    options.push_back(option);
  }
}

}  // namespace

void SetOptions(CatalogWriter& writer, Oid relation_oid, const std::vector<std::string>& set,
                const std::vector<std::string>& reset) {
  const Relation& relation = *writer.catalog().FindRelation(relation_oid);
  if (relation.kind == 'S') {
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("ALTER action {} cannot be performed on relation \"{}\"",
                               set.empty() ? "RESET" : "SET", relation.name))
        .Detail("This operation is not supported for sequences.");
  }
  if (relation.view != nullptr) {
    ViewDescriptor view = *relation.view;
    ChangeOptions(view.options, set, reset);
    return writer.Put(std::move(view));
  }
  TableDescriptor table = *relation.table;
  if (relation.kind == 'i') {
    for (IndexDescriptor& index : table.indexes) {
      if (index.oid != relation_oid) continue;
      ChangeOptions(index.options, set, reset);
      CheckIndexOptions(index.access_method, index.options);
      if (IsVectorMethod(index.access_method)) {
        base::ThrowNotSupported("changing the options of an index of vectors");
      }
    }
  } else {
    ChangeOptions(table.options, set, reset);
  }
  writer.Put(std::move(table));
}

void RenewStorage(CatalogWriter& writer, Oid table_oid) {
  TableDescriptor table = CopyTable(writer, table_oid);
  table.storage_id = writer.NewStorageId(table.schema);
  // No row is left that lacks a column.
  for (ColumnDescriptor& column : table.columns) column.missing_value.reset();
  writer.Put(std::move(table));
}

void ChooseRowKey(CatalogWriter& writer, Oid table_oid) {
  TableDescriptor table = CopyTable(writer, table_oid);
  for (IndexDescriptor& index : table.indexes) {
    if (!index.primary || index.number == kRowIndexNumber) continue;
    const ConstraintDescriptor* constraint = table.FindConstraint(index.constraint);
    if (constraint != nullptr && constraint->deferrable) continue;
    index.number = kRowIndexNumber;
    table.row_key_index = index.oid;
  }
  writer.Put(std::move(table));
}

}  // namespace sundog::catalog::ddl
