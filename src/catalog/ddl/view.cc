// CREATE VIEW and CREATE OR REPLACE VIEW.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "catalog/ddl/naming.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
#include "catalog/default_acl.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

[[noreturn]] void ThrowCannotReplace(std::string message) {
  throw SqlError(sqlstate::kInvalidTableDefinition, std::move(message));
}

std::vector<ColumnDescriptor> MakeColumns(const CatalogWriter& writer, const ViewSpec& spec) {
  std::vector<ColumnDescriptor> columns;
  for (const ViewColumnSpec& column_spec : spec.columns) {
    for (const ColumnDescriptor& earlier : columns) {
      if (earlier.name == column_spec.name) {
        throw SqlError(sqlstate::kDuplicateColumn,
                       fmt::format("column \"{}\" specified more than once", column_spec.name));
      }
    }
    if (writer.catalog().GetType(column_spec.type.oid).kind_code == 'p') {
      throw SqlError(sqlstate::kInvalidTableDefinition,
                     fmt::format("column \"{}\" has pseudo-type {}", column_spec.name,
                                 TypeName(writer.catalog(), &writer.search_path(),
                                          {column_spec.type.oid, -1})));
    }
    ColumnDescriptor column;
    column.attnum = static_cast<int16_t>(columns.size() + 1);
    column.name = column_spec.name;
    column.type = column_spec.type;
    column.collation = column_spec.collation;
    columns.push_back(std::move(column));
  }
  return columns;
}

// The old columns must all be there still, of the same name and type.
void CheckReplacement(const CatalogWriter& writer, const ViewDescriptor& old,
                      const std::vector<ColumnDescriptor>& columns) {
  if (columns.size() < old.columns.size()) ThrowCannotReplace("cannot drop columns from view");
  for (size_t i = 0; i < old.columns.size(); ++i) {
    const ColumnDescriptor& before = old.columns[i];
    const ColumnDescriptor& after = columns[i];
    if (before.name != after.name) {
      throw SqlError(sqlstate::kInvalidTableDefinition,
                     fmt::format("cannot change name of view column \"{}\" to \"{}\"", before.name,
                                 after.name))
          .Hint("Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
    }
    if (before.type == after.type) continue;
    ThrowCannotReplace(fmt::format("cannot change data type of view column \"{}\" from {} to {}",
                                   before.name,
                                   TypeName(writer.catalog(), &writer.search_path(), before.type),
                                   TypeName(writer.catalog(), &writer.search_path(), after.type)));
  }
}

}  // namespace

Oid CreateView(CatalogWriter& writer, const ViewSpec& spec) {
  CheckMayCreateIn(writer, spec.schema);
  std::vector<ColumnDescriptor> columns = MakeColumns(writer, spec);
  const Relation* existing = writer.catalog().FindRelation(spec.schema, spec.name);
  ViewDescriptor view;
  if (existing != nullptr && spec.replace) {
    if (existing->view == nullptr) {
      throw SqlError(sqlstate::kWrongObjectType, fmt::format("\"{}\" is not a view", spec.name));
    }
    CheckOwnsRelation(writer, *existing);
    view = *existing->view;
    CheckReplacement(writer, view, columns);
  } else {
    CheckRelationNameFree(writer, spec.schema, spec.name, false);
    view.name = spec.name;
    view.schema = spec.schema;
    view.owner = writer.role();
    view.acl = AclOfNewObject(writer.catalog(), AclObject::kRelation, view.owner, view.schema);
    view.persistence = spec.persistence;
    view.oid = writer.NewOid(spec.schema);
    view.row_array_type = writer.NewOid(spec.schema);
    view.row_type = writer.NewOid(spec.schema);
    view.rule = writer.NewOid(spec.schema);
  }
  view.columns = std::move(columns);
  view.definition = spec.definition;
  view.options = spec.options;
  Oid oid = view.oid;
  writer.Put(std::move(view));
  return oid;
}

}  // namespace sundog::catalog::ddl
