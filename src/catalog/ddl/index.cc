#include "catalog/ddl/index.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/builtin_objects.h"
#include "catalog/ddl/naming.h"
#include "catalog/ddl/permission.h"
#include "catalog/index_options.h"
#include "catalog/names.h"
#include "catalog/stored_sql.h"
#include "catalog/vector_index.h"

namespace sundog::catalog::ddl {

namespace {

constexpr size_t kMaxIndexColumns = 32;

const ColumnDescriptor& RequireColumn(const TableDescriptor& table, std::string_view name) {
  if (const ColumnDescriptor* column = table.FindColumn(name)) return *column;
  throw SqlError(sqlstate::kUndefinedColumn, fmt::format("column \"{}\" does not exist", name));
}

std::string_view MethodName(Oid method) {
  return BuiltinObjects::Get().FindAccessMethod(method)->name;
}

SqlError Lacks(Oid method, std::string_view what) {
  return SqlError(sqlstate::kFeatureNotSupported,
                  fmt::format("access method \"{}\" does not support {}", MethodName(method),
                              what));
}

IndexKey MakeKey(const CatalogWriter& writer, const TableDescriptor& table,
                 const IndexSpec& spec, const IndexKeySpec& key_spec) {
  IndexKey key;
  key.descending = key_spec.descending;
  key.nulls_first = key_spec.nulls_first.value_or(key_spec.descending);
  if (key_spec.column.empty()) {
    key.expression = key_spec.expression;
    BindToTable(key.expression, table.oid);
    key.type = key_spec.type;
    key.collation = writer.catalog().GetType(key.type.oid).collation;
  } else {
    const ColumnDescriptor& column = RequireColumn(table, key_spec.column);
    key.attnum = column.attnum;
    key.type = column.type;
    key.collation = column.collation;
  }
  if (key_spec.collation != kInvalidOid) key.collation = key_spec.collation;
  key.opclass = RequireOpclass(writer, spec.access_method, key_spec.opclass, key.type);
  if (spec.access_method == kBtreeAccessMethod) return key;
  if (key_spec.ordered) throw Lacks(spec.access_method, "ASC/DESC options");
  if (key_spec.nulls_first) throw Lacks(spec.access_method, "NULLS FIRST/LAST options");
  return key;
}

// "a_lower_idx" and the like: columns by name, expressions as "lower" or "expr", made distinct.
std::vector<std::string> NameParts(const IndexSpec& spec) {
  std::vector<std::string> parts;
  auto add = [&](const std::string& original) {
    std::string part = original;
    for (int i = 1; std::find(parts.begin(), parts.end(), part) != parts.end(); ++i) {
      part = fmt::format("{}{}", original, i);
    }
    parts.push_back(std::move(part));
  };
  for (const IndexKeySpec& key : spec.keys) {
    if (!key.column.empty()) {
      add(key.column);
    } else {
      add(key.name_part.empty() ? "expr" : key.name_part);
    }
  }
  for (const std::string& column : spec.included) add(column);
  return parts;
}

void CheckMethod(const IndexSpec& spec) {
  Oid method = spec.access_method;
  if (method == kBtreeAccessMethod) return;
  if (method != kHashAccessMethod && !IsVectorMethod(method)) {
    base::ThrowNotSupported(fmt::format("access method \"{}\"", MethodName(method)));
  }
  if (spec.unique) throw Lacks(method, "unique indexes");
  if (!spec.included.empty()) throw Lacks(method, "included columns");
  if (spec.keys.size() > 1) throw Lacks(method, "multicolumn indexes");
}

}  // namespace

Oid RequireOpclass(const CatalogWriter& writer, Oid method, Oid opclass, SqlType type) {
  const types::TypeInfo& base = writer.catalog().GetBaseType(type.oid);
  const BuiltinObjects& builtin = BuiltinObjects::Get();
  auto type_name = [&] {
    return TypeName(writer.catalog(), &writer.search_path(), {type.oid, -1});
  };
  if (opclass != kInvalidOid) {
    const OpclassInfo& chosen = *builtin.FindOpclass(opclass);
    if (builtin.Accepts(chosen, base)) return opclass;
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("operator class \"{}\" does not accept data type {}", chosen.name,
                               type_name()));
  }
  if (const OpclassInfo* usual = builtin.DefaultOpclass(method, base)) return usual->oid;
  throw SqlError(sqlstate::kUndefinedObject,
                 fmt::format("data type {} has no default operator class for access method \"{}\"",
                             type_name(), MethodName(method)))
      .Hint("You must specify an operator class for the index or define a default operator class "
            "for the data type.");
}

TableDescriptor CopyTable(const CatalogWriter& writer, Oid table) {
  std::shared_ptr<const TableDescriptor> found = writer.catalog().FindTable(table);
  CHECK(found != nullptr);
  return *found;
}

IndexDescriptor MakeIndex(CatalogWriter& writer, const TableDescriptor& table,
                          const IndexSpec& spec, std::string name) {
  if (spec.keys.size() + spec.included.size() > kMaxIndexColumns) {
    throw SqlError(sqlstate::kTooManyColumns,
                   fmt::format("cannot use more than {} columns in an index", kMaxIndexColumns));
  }
  CheckMethod(spec);
  CheckIndexOptions(spec.access_method, spec.options);
  IndexDescriptor index;
  index.name = std::move(name);
  index.access_method = spec.access_method;
  index.unique = spec.unique;
  index.nulls_not_distinct = spec.nulls_not_distinct;
  index.state = spec.state;
  index.options = spec.options;
  for (const IndexKeySpec& key : spec.keys) index.keys.push_back(MakeKey(writer, table, spec, key));
  for (const std::string& column : spec.included) {
    index.included.push_back(RequireColumn(table, column).attnum);
  }
  if (spec.predicate) {
    index.predicate = spec.predicate;
    BindToTable(*index.predicate, table.oid);
  }
  if (IsVectorMethod(index.access_method)) CheckVectorIndex(index);
  index.oid = writer.NewOid(table.schema);
  return index;
}

Oid CreateIndex(CatalogWriter& writer, const IndexSpec& spec) {
  TableDescriptor table = CopyTable(writer, spec.table);
  CheckOwnsRelation(writer, *writer.catalog().FindRelation(spec.table));
  CheckMayCreateIn(writer, table.schema);
  std::string name = spec.name;
  if (name.empty()) {
    name = ChooseRelationName(writer.catalog(), table.schema, table.name,
                              JoinColumnNames(NameParts(spec)), "idx", false);
  } else if (!CheckRelationNameFree(writer, table.schema, name, spec.if_not_exists)) {
    return kInvalidOid;
  }
  IndexDescriptor index = MakeIndex(writer, table, spec, std::move(name));
  index.number = table.next_index_number++;
  Oid oid = index.oid;
  table.indexes.push_back(std::move(index));
  writer.Put(std::move(table));
  return oid;
}

void SetIndexState(CatalogWriter& writer, Oid index, IndexState state) {
  TableDescriptor table =
      CopyTable(writer, writer.catalog().FindRelation(index)->table->oid);
  for (IndexDescriptor& candidate : table.indexes) {
    if (candidate.oid == index) candidate.state = state;
  }
  writer.Put(std::move(table));
}

}  // namespace sundog::catalog::ddl
