// ALTER … RENAME.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/alter_table.h"
#include "catalog/ddl/constraint.h"
#include "catalog/ddl/create_table.h"
#include "catalog/ddl/naming.h"
#include "catalog/ddl/permission.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

void RenameIndex(CatalogWriter& writer, const Relation& relation, std::string_view name) {
  TableDescriptor table = *relation.table;
  for (IndexDescriptor& index : table.indexes) {
    if (index.oid != relation.oid) continue;
    index.name = name;
    for (ConstraintDescriptor& constraint : table.constraints) {
      if (constraint.oid == index.constraint) constraint.name = name;
    }
  }
  writer.Put(std::move(table));
}

void RenameColumnIn(const CatalogWriter& writer, std::vector<ColumnDescriptor>& columns,
                    std::string_view relation, std::string_view from, std::string_view to) {
  ColumnDescriptor* found = nullptr;
  for (ColumnDescriptor& column : columns) {
    if (!column.dropped && column.name == from) found = &column;
  }
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedColumn, fmt::format("column \"{}\" does not exist", from));
  }
  for (const ColumnDescriptor& column : columns) {
    if (column.dropped || column.name != to) continue;
    throw SqlError(sqlstate::kDuplicateColumn,
                   fmt::format("column \"{}\" of relation \"{}\" already exists", to, relation));
  }
  CheckColumn(writer, to, found->type);
  found->name = to;
}

[[noreturn]] void ThrowHasNoColumns(const Relation& relation) {
  throw SqlError(sqlstate::kWrongObjectType,
                 fmt::format("cannot rename columns of relation \"{}\"", relation.name))
      .Detail(fmt::format("This operation is not supported for {}.",
                          relation.kind == 'S' ? "sequences" : "indexes"));
}

}  // namespace

void RenameRelation(CatalogWriter& writer, Oid oid, std::string_view name) {
  const Relation relation = *writer.catalog().FindRelation(oid);
  CheckOwnsRelation(writer, relation);
  CheckMayCreateIn(writer, relation.schema);
  if (relation.kind == 'c') return RenameType(writer, relation.composite->oid, name);
  if (writer.catalog().FindRelation(relation.schema, name) != nullptr) {
    throw SqlError(sqlstate::kDuplicateTable, fmt::format("relation \"{}\" already exists", name));
  }
  if (relation.kind == 'i') return RenameIndex(writer, relation, name);
  if (relation.kind != 'S') CheckTypeNameFree(writer, relation.schema, name);
  if (relation.table != nullptr) {
    TableDescriptor table = *relation.table;
    table.name = name;
    writer.Put(std::move(table));
  } else if (relation.view != nullptr) {
    ViewDescriptor view = *relation.view;
    view.name = name;
    writer.Put(std::move(view));
  } else {
    SequenceDescriptor sequence = *relation.sequence;
    sequence.name = name;
    writer.Put(std::move(sequence));
  }
}

void RenameColumn(CatalogWriter& writer, Oid oid, std::string_view from, std::string_view to) {
  const Relation relation = *writer.catalog().FindRelation(oid);
  CheckOwnsRelation(writer, relation);
  if (relation.view != nullptr) {
    ViewDescriptor view = *relation.view;
    RenameColumnIn(writer, view.columns, view.name, from, to);
    writer.Put(std::move(view));
  } else if (relation.composite != nullptr) {
    CompositeDescriptor type = *relation.composite;
    RenameColumnIn(writer, type.columns, type.name, from, to);
    writer.Put(std::move(type));
  } else if (relation.kind == 'r') {
    TableDescriptor table = *relation.table;
    for (std::string_view system : {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}) {
      if (from == system) {
        throw SqlError(sqlstate::kFeatureNotSupported,
                       fmt::format("cannot rename system column \"{}\"", from));
      }
    }
    RenameColumnIn(writer, table.columns, table.name, from, to);
    writer.Put(std::move(table));
  } else {
    ThrowHasNoColumns(relation);
  }
}

void RenameConstraint(CatalogWriter& writer, Oid relation_oid, std::string_view from,
                      std::string_view to) {
  const Relation relation = *writer.catalog().FindRelation(relation_oid);
  if (relation.kind == 'S') ThrowHasNoColumns(relation);
  bool has_constraints = relation.kind == 'r' && relation.table != nullptr;
  const ConstraintDescriptor* found =
      has_constraints ? relation.table->FindConstraint(from) : nullptr;
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("constraint \"{}\" for table \"{}\" does not exist", from,
                               relation.name));
  }
  TableDescriptor table = *relation.table;
  bool key = found->kind == ConstraintKind::kPrimaryKey || found->kind == ConstraintKind::kUnique;
  if (key) return RenameRelation(writer, found->index, to);
  CheckConstraintNameFree(table, to);
  for (ConstraintDescriptor& constraint : table.constraints) {
    if (constraint.name == from) constraint.name = to;
  }
  writer.Put(std::move(table));
}

void RenameDomainConstraint(CatalogWriter& writer, Oid domain_oid, std::string_view from,
                            std::string_view to) {
  std::string name = TypeName(writer.catalog(), &writer.search_path(), {domain_oid, -1});
  if (writer.catalog().GetType(domain_oid).kind_code != 'd') {
    throw SqlError(sqlstate::kWrongObjectType, fmt::format("{} is not a domain", name));
  }
  const auto* found = writer.catalog().contents().domains.Get(domain_oid);
  DomainDescriptor domain = found != nullptr ? *found : DomainDescriptor();
  for (DomainConstraintDescriptor& constraint : domain.constraints) {
    if (constraint.name != from) continue;
    constraint.name = to;
    return writer.Put(std::move(domain));
  }
  throw SqlError(sqlstate::kUndefinedObject,
                 fmt::format("constraint \"{}\" for domain {} does not exist", from, name));
}

void RenameType(CatalogWriter& writer, Oid oid, std::string_view name) {
  const types::TypeInfo type = writer.catalog().GetType(oid);
  CheckTypeNameFree(writer, type.schema, name);
  const CatalogContents& contents = writer.catalog().contents();
  auto rename = [&](auto descriptor) {
    CheckOwns(writer, descriptor.owner, "type", descriptor.name);
    descriptor.array_name = ChooseArrayTypeName(writer.catalog(), type.schema, name);
    descriptor.name = name;
    writer.Put(std::move(descriptor));
  };
  if (const auto* found = contents.enums.Get(oid)) return rename(*found);
  if (const auto* found = contents.domains.Get(oid)) return rename(*found);
  if (const auto* found = contents.composites.Get(oid)) return rename(*found);
  if (type.relation != kInvalidOid) {
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("{} is a table's row type", TypeName(writer.catalog(),
                                                                    &writer.search_path(),
                                                                    {oid, -1})))
        .Hint("Use ALTER TABLE instead.");
  }
  throw SqlError(sqlstate::kWrongObjectType,
                 fmt::format("cannot alter type {}",
                             TypeName(writer.catalog(), &writer.search_path(), {oid, -1})));
}

void RenameSchema(CatalogWriter& writer, Oid oid, std::string_view name) {
  SchemaDescriptor schema = *writer.catalog().FindSchema(oid);
  CheckOwnsSchema(writer, schema);
  CheckMayCreateSchemas(writer);
  if (writer.catalog().FindSchema(name) != nullptr) {
    throw SqlError(sqlstate::kDuplicateSchema, fmt::format("schema \"{}\" already exists", name));
  }
  if (name.starts_with("pg_")) {
    throw SqlError(sqlstate::kReservedName, fmt::format("unacceptable schema name \"{}\"", name))
        .Detail("The prefix \"pg_\" is reserved for system schemas.");
  }
  schema.name = name;
  writer.Put(std::move(schema));
}

void RenameFunction(CatalogWriter& writer, Oid oid, std::string_view name) {
  const auto* found = writer.catalog().contents().functions.Get(oid);
  if (found == nullptr) base::ThrowNotSupported("ALTER of a built-in function");
  FunctionDescriptor function = *found;
  CheckOwns(writer, function.owner, "function", function.name);
  CheckMayCreateIn(writer, function.schema);
  const functions::ProcInfo* proc = writer.catalog().FindProc(oid);
  for (const functions::ProcInfo* other : writer.catalog().ProcsNamed(name)) {
    if (other->schema == proc->schema && other->argument_types == proc->argument_types) {
      throw SqlError(sqlstate::kDuplicateFunction,
                     fmt::format("function {} already exists in schema \"{}\"",
                                 FunctionSignature(writer.catalog(), &writer.search_path(), *other),
                                 writer.catalog().FindSchema(proc->schema)->name));
    }
  }
  function.name = name;
  writer.Put(std::move(function));
}

void RenameRole(CatalogWriter& writer, Oid oid, std::string_view name) {
  RoleDescriptor role = *writer.catalog().FindRole(oid);
  if (oid == writer.environment().session_role) {
    throw SqlError(sqlstate::kFeatureNotSupported, "session user cannot be renamed");
  }
  if (oid == writer.role()) {
    throw SqlError(sqlstate::kFeatureNotSupported, "current user cannot be renamed");
  }
  for (std::string_view reserved : {std::string_view(role.name), name}) {
    if (!reserved.starts_with("pg_")) continue;
    throw SqlError(sqlstate::kReservedName, fmt::format("role name \"{}\" is reserved", reserved))
        .Detail("Role names starting with \"pg_\" are reserved.");
  }
  if (writer.catalog().FindRole(name) != nullptr) {
    throw SqlError(sqlstate::kDuplicateObject, fmt::format("role \"{}\" already exists", name));
  }
  if (role.superuser && !writer.catalog().IsSuperuser(writer.role())) {
    throw SqlError(sqlstate::kInsufficientPrivilege, "must be superuser to rename superusers");
  }
  if (!MayManageRoles(writer)) {
    throw SqlError(sqlstate::kInsufficientPrivilege, "permission denied to rename role");
  }
  role.name = name;
  writer.Put(std::move(role));
}

}  // namespace sundog::catalog::ddl
