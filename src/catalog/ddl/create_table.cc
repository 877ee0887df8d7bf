#include "catalog/ddl/create_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/ddl/constraint.h"
#include "catalog/ddl/index.h"
#include "catalog/ddl/naming.h"
#include "catalog/ddl/permission.h"
#include "catalog/ddl/sequence.h"
#include "catalog/default_acl.h"
#include "catalog/names.h"
#include "catalog/stored_sql.h"

namespace sundog::catalog::ddl {

namespace {

constexpr size_t kMaxColumns = 1600;
constexpr std::string_view kSystemColumns[] = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};

void CheckColumns(const CatalogWriter& writer, const TableSpec& spec) {
  if (spec.columns.size() > kMaxColumns) {
    throw SqlError(sqlstate::kTooManyColumns,
                   fmt::format("tables can have at most {} columns", kMaxColumns));
  }
  for (size_t i = 0; i < spec.columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (spec.columns[i].name != spec.columns[j].name) continue;
      throw SqlError(sqlstate::kDuplicateColumn,
                     fmt::format("column \"{}\" specified more than once", spec.columns[i].name));
    }
    CheckColumn(writer, spec.columns[i].name, spec.columns[i].type);
  }
}

// PRIMARY KEY first, then the others; a UNIQUE that says the same as an earlier one is dropped.
std::vector<KeySpec> OrderedKeys(const std::vector<KeySpec>& keys) {
  std::vector<KeySpec> ordered;
  for (const KeySpec& key : keys) {
    if (key.primary) ordered.push_back(key);
  }
  for (const KeySpec& key : keys) {
    if (key.primary) continue;
    auto same = std::find_if(ordered.begin(), ordered.end(), [&](const KeySpec& other) {
      return other.columns == key.columns && other.included == key.included &&
             other.nulls_not_distinct == key.nulls_not_distinct &&
             other.deferrable == key.deferrable &&
             other.initially_deferred == key.initially_deferred;
    });
    if (same == ordered.end()) {
      ordered.push_back(key);
    } else if (same->name.empty()) {
      same->name = key.name;
    }
  }
  return ordered;
}

void CheckCheckNames(const TableSpec& spec) {
  for (size_t i = 0; i < spec.checks.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!spec.checks[i].name.empty() && spec.checks[i].name == spec.checks[j].name) {
        throw SqlError(sqlstate::kDuplicateObject,
                       fmt::format("check constraint \"{}\" already exists", spec.checks[i].name));
      }
    }
  }
}

}  // namespace

void CheckColumn(const CatalogWriter& writer, std::string_view name, SqlType type, int location) {
  for (std::string_view system : kSystemColumns) {
    if (name != system) continue;
    throw SqlError(sqlstate::kDuplicateColumn,
                   fmt::format("column name \"{}\" conflicts with a system column name", name))
        .At(location);
  }
  const types::TypeInfo& info = writer.catalog().GetType(type.oid);
  if (info.kind_code == 'p') {
    throw SqlError(sqlstate::kInvalidTableDefinition,
                   fmt::format("column \"{}\" has pseudo-type {}", name,
                               TypeName(writer.catalog(), &writer.search_path(), {type.oid, -1})))
        .At(location);
  }
  // There are no values of it, or none that a dump could bring back.
  const types::TypeInfo& held = info.is_array() ? writer.catalog().GetType(info.element) : info;
  if (held.ops->input == nullptr) {
    base::ThrowNotSupported("type " + TypeName(writer.catalog(), &writer.search_path(),
                                               {held.oid, -1}),
                            location);
  }
}

ColumnDescriptor MakeColumn(CatalogWriter& writer, const ColumnSpec& spec, Oid schema,
                            std::string_view table_name, Oid* sequence) {
  ColumnDescriptor column;
  column.name = spec.name;
  column.type = spec.type;
  column.dimensions = spec.dimensions;
  column.collation = spec.collation != kInvalidOid
                         ? spec.collation
                         : writer.catalog().GetType(spec.type.oid).collation;
  column.not_null = spec.not_null || spec.identity != '\0';
  column.identity = spec.identity;
  column.generated = spec.generated;
  column.default_value = spec.default_value;
  *sequence = kInvalidOid;
  if (spec.sequence) {
    SequenceSpec made = *spec.sequence;
    made.schema = schema;
    if (IsTemporaryOid(schema)) made.persistence = 't';
    if (made.name.empty()) {
      made.name = ChooseRelationName(writer.catalog(), schema, table_name, spec.name, "seq", false);
    }
    *sequence = CreateSequence(writer, made, false, spec.identity != '\0');
    if (spec.identity == '\0') {
      column.default_value = StoredExpression{
          "nextval('" + QuotedRelationMark(*sequence) + "'::regclass)",
          {{classes::kClass, *sequence, 0}}};
    }
  }
  if (column.default_value) column.default_oid = writer.NewOid(schema);
  return column;
}

void OwnSequence(CatalogWriter& writer, Oid sequence, Oid table, int16_t attnum) {
  SequenceDescriptor changed = *writer.catalog().contents().sequences.Get(sequence);
  changed.owner_table = table;
  changed.owner_column = attnum;
  writer.Put(std::move(changed));
}

Oid CreateTable(CatalogWriter& writer, const TableSpec& spec) {
  CheckMayCreateIn(writer, spec.schema);
  if (!CheckRelationNameFree(writer, spec.schema, spec.name, spec.if_not_exists)) {
    return kInvalidOid;
  }
  CheckColumns(writer, spec);
  CheckCheckNames(spec);
  TableDescriptor table;
  table.name = spec.name;
  table.schema = spec.schema;
  table.owner = writer.role();
  table.acl = AclOfNewObject(writer.catalog(), AclObject::kRelation, table.owner, table.schema);
  table.persistence = spec.persistence;
  table.on_commit = spec.on_commit;
  table.options = spec.options;
  std::vector<Oid> sequences;
  for (const ColumnSpec& column : spec.columns) {
    Oid sequence;
    table.columns.push_back(MakeColumn(writer, column, spec.schema, spec.name, &sequence));
    table.columns.back().attnum = static_cast<int16_t>(table.columns.size());
    sequences.push_back(sequence);
  }
  table.oid = writer.NewOid(spec.schema);
  table.row_array_type = writer.NewOid(spec.schema);
  table.row_type = writer.NewOid(spec.schema);
  table.storage_id = writer.NewStorageId(spec.schema);
  for (ColumnDescriptor& column : table.columns) {
    if (column.default_value) BindToTable(*column.default_value, table.oid);
  }
  Oid oid = table.oid;
  writer.Put(std::move(table));
  for (size_t i = 0; i < sequences.size(); ++i) {
    if (sequences[i] != kInvalidOid) {
      OwnSequence(writer, sequences[i], oid, static_cast<int16_t>(i + 1));
    }
  }
  for (const CheckSpec& check : spec.checks) AddCheck(writer, oid, check);
  for (const KeySpec& key : OrderedKeys(spec.keys)) AddKey(writer, oid, key, true);
  for (const ForeignKeySpec& key : spec.foreign_keys) AddForeignKey(writer, oid, key);
  return oid;
}

}  // namespace sundog::catalog::ddl
