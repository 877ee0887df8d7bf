// CREATE SCHEMA and CREATE EXTENSION.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "catalog/acl.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
#include "catalog/default_acl.h"
#include "catalog/extensions.h"

namespace sundog::catalog::ddl {

namespace {

void NoticeExists(const CatalogWriter& writer, base::SqlState state, std::string message) {
  base::ErrorFields fields;
  fields.severity = base::Severity::kNotice;
  fields.state = state;
  fields.message = std::move(message);
  writer.Notice(fields);
}

// Members may not have the names of objects that are there already.
void CheckNamesAreFree(const Catalog& catalog, const ExtensionInfo& extension, Oid schema) {
  for (const types::TypeInfo* type : types::BuiltinTypes::Get().all()) {
    if (!extension.Has(type->oid) || catalog.FindType(schema, type->name) == nullptr) continue;
    throw SqlError(sqlstate::kDuplicateObject,
                   fmt::format("type \"{}\" already exists", type->name));
  }
  for (const functions::ProcInfo& proc : functions::BuiltinProcs::Get().procs()) {
    if (!extension.Has(proc.oid)) continue;
    for (const functions::ProcInfo* other : catalog.ProcsNamed(proc.name)) {
      if (other->schema != schema || other->argument_types != proc.argument_types) continue;
      throw SqlError(sqlstate::kDuplicateFunction,
                     fmt::format("function \"{}\" already exists with same argument types",
                                 proc.name));
    }
  }
}

void CheckMayCreate(const CatalogWriter& writer, const ExtensionInfo& extension) {
  const Catalog& catalog = writer.catalog();
  bool may = extension.trusted
                 ? HasPrivileges(catalog, DatabaseAcl(catalog, kPostgresDatabase),
                                 AclObject::kDatabase, kSuperuserRole, writer.role(), kCreate)
                 : catalog.IsSuperuser(writer.role());
  if (may) return;
  throw SqlError(sqlstate::kInsufficientPrivilege,
                 fmt::format("permission denied to create extension \"{}\"", extension.name))
      .Hint(extension.trusted
                ? "Must have CREATE privilege on current database to create this extension."
                : "Must be superuser to create this extension.");
}

}  // namespace

Oid CreateSchema(CatalogWriter& writer, std::string_view name, Oid owner, bool if_not_exists) {
  CheckMayCreateSchemas(writer);
  CheckMemberOf(writer, owner);
  if (name.starts_with("pg_")) {
    throw SqlError(sqlstate::kReservedName, fmt::format("unacceptable schema name \"{}\"", name))
        .Detail("The prefix \"pg_\" is reserved for system schemas.");
  }
  if (writer.catalog().FindSchema(name) != nullptr) {
    std::string message = fmt::format("schema \"{}\" already exists", name);
    if (!if_not_exists) throw SqlError(sqlstate::kDuplicateSchema, std::move(message));
    NoticeExists(writer, sqlstate::kDuplicateSchema, message + ", skipping");
    return kInvalidOid;
  }
  SchemaDescriptor schema;
  schema.oid = writer.NewOid(kPublicSchema);
  schema.name = name;
  schema.owner = owner;
  schema.acl = AclOfNewObject(writer.catalog(), AclObject::kSchema, owner, kInvalidOid);
  Oid oid = schema.oid;
  writer.Put(std::move(schema));
  return oid;
}

Oid CreateExtension(CatalogWriter& writer, std::string_view name, Oid schema,
                    bool if_not_exists) {
  for (const auto& extension : writer.catalog().contents().extensions) {
    if (extension->name != name) continue;
    std::string message = fmt::format("extension \"{}\" already exists", name);
    if (!if_not_exists) throw SqlError(sqlstate::kDuplicateObject, std::move(message));
    NoticeExists(writer, sqlstate::kDuplicateObject, message + ", skipping");
    return kInvalidOid;
  }
  const ExtensionInfo* known = FindExtension(name);
  if (known == nullptr) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("extension \"{}\" is not available", name))
        .Hint("The extension must first be installed on the system where PostgreSQL is running.");
  }
  CheckMayCreate(writer, *known);
  if (schema == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedSchema, "no schema has been selected to create in");
  }
  CheckNamesAreFree(writer.catalog(), *known, schema);
  ExtensionDescriptor extension;
  extension.oid = writer.NewOid(kPublicSchema);
  extension.name = name;
  extension.schema = schema;
  extension.owner = writer.role();
  extension.version = known->version;
  extension.relocatable = known->relocatable;
  Oid oid = extension.oid;
  writer.Put(std::move(extension));
  writer.SetComment({classes::kExtension, oid}, std::string(known->comment));
  return oid;
}

}  // namespace sundog::catalog::ddl
