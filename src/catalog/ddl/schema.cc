// CREATE SCHEMA and CREATE EXTENSION.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
#include "catalog/default_acl.h"

namespace sundog::catalog::ddl {

namespace {

void NoticeExists(const CatalogWriter& writer, base::SqlState state, std::string message) {
  base::ErrorFields fields;
  fields.severity = base::Severity::kNotice;
  fields.state = state;
  fields.message = std::move(message);
  writer.Notice(fields);
}

struct KnownExtension {
  std::string_view name;
  std::string_view version;
  std::string_view comment;
};

// Extensions whose functions Sundog has built in.
constexpr KnownExtension kKnownExtensions[] = {
    {"plpgsql", "1.0", "PL/pgSQL procedural language"},
};

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
  for (const KnownExtension& known : kKnownExtensions) {
    if (known.name != name) continue;
    ExtensionDescriptor extension;
    extension.oid = writer.NewOid(kPublicSchema);
    extension.name = name;
    extension.schema = schema;
    extension.owner = writer.role();
    extension.version = known.version;
    Oid oid = extension.oid;
    writer.Put(std::move(extension));
    writer.SetComment({classes::kExtension, oid}, std::string(known.comment));
    return oid;
  }
  throw SqlError(sqlstate::kFeatureNotSupported,
                 fmt::format("extension \"{}\" is not available", name))
      .Hint("The extension must first be installed on the system where PostgreSQL is running.");
}

}  // namespace sundog::catalog::ddl
