#include "catalog/ddl/constraint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/ddl/index.h"
#include "catalog/ddl/naming.h"
#include "catalog/names.h"
#include "catalog/stored_sql.h"

namespace sundog::catalog::ddl {

namespace {

// Columns of the table itself that an expression mentions.
std::vector<int16_t> MentionedColumns(const StoredExpression& expression, Oid table) {
  std::vector<int16_t> attnums;
  for (const ObjectAddress& reference : expression.references) {
    if (reference.class_oid == classes::kClass && reference.object == table &&
        reference.sub_object > 0) {
      attnums.push_back(static_cast<int16_t>(reference.sub_object));
    }
  }
  std::sort(attnums.begin(), attnums.end());
  attnums.erase(std::unique(attnums.begin(), attnums.end()), attnums.end());
  return attnums;
}

std::vector<int16_t> KeyColumns(const TableDescriptor& table, const KeySpec& spec,
                                const std::vector<std::string>& names) {
  std::vector<int16_t> attnums;
  for (const std::string& name : names) {
    const ColumnDescriptor* column = table.FindColumn(name);
    if (column == nullptr) {
      throw SqlError(sqlstate::kUndefinedColumn,
                     fmt::format("column \"{}\" named in key does not exist", name))
          .At(spec.location);
    }
    if (std::find(attnums.begin(), attnums.end(), column->attnum) != attnums.end()) {
      throw SqlError(sqlstate::kDuplicateColumn,
                     fmt::format("column \"{}\" appears twice in {} constraint", name,
                                 spec.primary ? "primary key" : "unique"))
          .At(spec.location);
    }
    attnums.push_back(column->attnum);
  }
  return attnums;
}

IndexSpec IndexSpecOf(const TableDescriptor& table, const KeySpec& spec) {
  IndexSpec index;
  index.table = table.oid;
  index.unique = true;
  index.nulls_not_distinct = spec.nulls_not_distinct;
  index.included = spec.included;
  index.options = spec.options;
  for (const std::string& column : spec.columns) {
    IndexKeySpec key;
    key.column = column;
    index.keys.push_back(std::move(key));
  }
  return index;
}

std::string KeyName(const CatalogWriter& writer, const TableDescriptor& table,
                    const KeySpec& spec) {
  const Catalog& catalog = writer.catalog();
  if (!spec.name.empty()) {
    CheckConstraintNameFree(table, spec.name);
    CheckRelationNameFree(writer, table.schema, spec.name, false);
    return spec.name;
  }
  if (spec.primary) {
    return ChooseRelationName(catalog, table.schema, table.name, "", "pkey", true);
  }
  std::vector<std::string> names = spec.columns;
  names.insert(names.end(), spec.included.begin(), spec.included.end());
  return ChooseRelationName(catalog, table.schema, table.name, JoinColumnNames(names), "key", true);
}

}  // namespace

void CheckConstraintNameFree(const TableDescriptor& table, std::string_view name) {
  if (table.FindConstraint(name) != nullptr) {
    throw SqlError(sqlstate::kDuplicateObject,
                   fmt::format("constraint \"{}\" for relation \"{}\" already exists", name,
                               table.name));
  }
}

Oid AddCheck(CatalogWriter& writer, Oid table_oid, const CheckSpec& spec) {
  TableDescriptor table = CopyTable(writer, table_oid);
  ConstraintDescriptor constraint;
  constraint.kind = ConstraintKind::kCheck;
  constraint.check = spec.check;
  BindToTable(constraint.check, table.oid);
  constraint.columns = MentionedColumns(constraint.check, table.oid);
  constraint.no_inherit = spec.no_inherit;
  constraint.validated = spec.validated;
  if (spec.name.empty()) {
    std::string_view column =
        constraint.columns.size() == 1
            ? std::string_view(table.FindColumn(constraint.columns[0])->name)
            : std::string_view();
    constraint.name = ChooseConstraintName(writer.catalog(), table.schema, table.name, column,
                                           "check", {});
  } else {
    CheckConstraintNameFree(table, spec.name);
    constraint.name = spec.name;
  }
  constraint.oid = writer.NewOid(table.schema);
  Oid oid = constraint.oid;
  table.constraints.push_back(std::move(constraint));
  writer.Put(std::move(table));
  return oid;
}

Oid AddKey(CatalogWriter& writer, Oid table_oid, const KeySpec& spec, bool rows_by_key) {
  TableDescriptor table = CopyTable(writer, table_oid);
  if (spec.primary && table.PrimaryKey() != nullptr) {
    throw SqlError(sqlstate::kInvalidTableDefinition,
                   fmt::format("multiple primary keys for table \"{}\" are not allowed",
                               table.name))
        .At(spec.location);
  }
  ConstraintDescriptor constraint;
  constraint.kind = spec.primary ? ConstraintKind::kPrimaryKey : ConstraintKind::kUnique;
  constraint.columns = KeyColumns(table, spec, spec.columns);
  constraint.deferrable = spec.deferrable;
  constraint.initially_deferred = spec.initially_deferred;
  constraint.name = KeyName(writer, table, spec);
  IndexDescriptor index =
      MakeIndex(writer, table, IndexSpecOf(table, spec), constraint.name);
  index.primary = spec.primary;
  constraint.oid = writer.NewOid(table.schema);
  constraint.index = index.oid;
  index.constraint = constraint.oid;
  if (spec.primary) {
    for (int16_t attnum : constraint.columns) table.columns[attnum - 1].not_null = true;
  }
  if (spec.primary && rows_by_key && !spec.deferrable) {
    index.number = kRowIndexNumber;
    table.row_key_index = index.oid;
  } else {
    index.number = table.next_index_number++;
  }
  Oid oid = index.oid;
  table.indexes.push_back(std::move(index));
  table.constraints.push_back(std::move(constraint));
  writer.Put(std::move(table));
  return oid;
}

}  // namespace sundog::catalog::ddl
