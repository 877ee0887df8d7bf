// GRANT and REVOKE of privileges; ALTER DEFAULT PRIVILEGES.
#include <map>

#include "binder/ddl/object_names.h"
#include "catalog/acl.h"
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/permission.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace classes = catalog::classes;

namespace {

catalog::AclObject AclKind(ObjectType type) {
  switch (type) {
    case OBJECT_SEQUENCE: return catalog::AclObject::kSequence;
    case OBJECT_SCHEMA: return catalog::AclObject::kSchema;
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE: return catalog::AclObject::kFunction;
    case OBJECT_TYPE:
    case OBJECT_DOMAIN: return catalog::AclObject::kType;
    case OBJECT_TABLE: return catalog::AclObject::kRelation;
    case OBJECT_DATABASE: return catalog::AclObject::kDatabase;
    case OBJECT_LANGUAGE: return catalog::AclObject::kLanguage;
    default: base::ThrowNotSupported("GRANT on this kind of object");
  }
}

// Everything of the kind in the schemas that GRANT … ON ALL … IN SCHEMA names.
std::vector<catalog::ObjectAddress> AllInSchemas(const DdlRun& run, const GrantStmt* statement) {
  std::vector<catalog::ObjectAddress> objects;
  const catalog::CatalogContents& contents = run.catalog().contents();
  for (const std::string& name : NameParts(statement->objects)) {
    const catalog::SchemaDescriptor* schema = run.catalog().FindSchema(name);
    if (schema == nullptr) {
      throw SqlError(sqlstate::kUndefinedSchema, "schema \"" + name + "\" does not exist");
    }
    auto add = [&](const auto& map, Oid class_oid) {
      for (const auto& object : map) {
        if (object->schema == schema->oid) objects.push_back({class_oid, object->oid, 0});
      }
    };
    if (statement->objtype == OBJECT_TABLE) {
      add(contents.tables, classes::kClass);
      add(contents.views, classes::kClass);
    } else if (statement->objtype == OBJECT_SEQUENCE) {
      add(contents.sequences, classes::kClass);
    } else {
      add(contents.functions, classes::kProc);
    }
  }
  return objects;
}

std::vector<catalog::ObjectAddress> GrantedObjects(const DdlRun& run, const GrantStmt* statement) {
  if (statement->targtype == ACL_TARGET_ALL_IN_SCHEMA) return AllInSchemas(run, statement);
  std::vector<catalog::ObjectAddress> objects;
  for (const Node* object : parser::Each<Node>(statement->objects)) {
    if (TagOf(object) == T_RangeVar) {
      objects.push_back({classes::kClass, RequireRelation(run, As<RangeVar>(object)).oid, 0});
    } else if (TagOf(object) == T_List && (statement->objtype == OBJECT_TYPE ||
                                           statement->objtype == OBJECT_DOMAIN)) {
      objects.push_back({classes::kType, RequireType(run, As<List>(object)), 0});
    } else {
      objects.push_back(FindObject(run, statement->objtype, object));
    }
  }
  return objects;
}

int16_t ColumnNamed(const catalog::Relation& relation, const std::string& name) {
  const std::vector<catalog::ColumnDescriptor>* columns = nullptr;
  if (relation.table != nullptr) columns = &relation.table->columns;
  if (relation.view != nullptr) columns = &relation.view->columns;
  if (columns != nullptr) {
    for (const catalog::ColumnDescriptor& column : *columns) {
      if (!column.dropped && column.name == name) return column.attnum;
    }
  }
  throw SqlError(sqlstate::kUndefinedColumn,
                 "column \"" + name + "\" of relation \"" + relation.name + "\" does not exist");
}

uint32_t BindPrivilege(const AccessPriv* privilege) {
  if (privilege->priv_name == nullptr) return 0;
  uint32_t bit = catalog::PrivilegeByName(privilege->priv_name);
  if (bit != 0) return bit;
  throw SqlError(sqlstate::kSyntaxError,
                 "unrecognized privilege type \"" + std::string(privilege->priv_name) + "\"");
}

void GrantOn(DdlRun& run, const GrantStmt* statement, ddl::GrantSpec spec) {
  // GRANT … ON TABLE takes sequences, too.
  const catalog::Relation* relation =
      spec.object.class_oid == classes::kClass ? run.catalog().FindRelation(spec.object.object)
                                               : nullptr;
  if (relation != nullptr && relation->sequence != nullptr) {
    spec.kind = catalog::AclObject::kSequence;
  }
  if (statement->privileges == nullptr) return ddl::ApplyGrant(run.writer(), spec);
  std::map<int16_t, uint32_t> by_column;
  for (const AccessPriv* privilege : parser::Each<AccessPriv>(statement->privileges)) {
    if (privilege->cols == nullptr) {
      spec.privileges |= BindPrivilege(privilege);
      continue;
    }
    if (statement->objtype != OBJECT_TABLE) {
      throw SqlError(sqlstate::kInvalidGrantOperation,
                     "column privileges are only valid for relations");
    }
    uint32_t bits = privilege->priv_name == nullptr
                        ? catalog::AllPrivileges(catalog::AclObject::kColumn)
                        : BindPrivilege(privilege);
    for (const std::string& name : NameParts(privilege->cols)) {
      by_column[ColumnNamed(*relation, name)] |= bits;
    }
  }
  if (spec.privileges != 0) ddl::ApplyGrant(run.writer(), spec);
  for (auto [attnum, bits] : by_column) {
    spec.kind = catalog::AclObject::kColumn;
    spec.object.sub_object = attnum;
    spec.privileges = bits;
    ddl::ApplyGrant(run.writer(), spec);
  }
}

}  // namespace

void RunGrant(DdlRun& run, const Node* node) {
  const auto* statement = As<GrantStmt>(node);
  ddl::GrantSpec spec;
  spec.kind = AclKind(statement->objtype);
  spec.grant = statement->is_grant;
  spec.grant_option = statement->grant_option;
  spec.cascade = statement->behavior == DROP_CASCADE;
  std::vector<catalog::ObjectAddress> objects = GrantedObjects(run, statement);
  for (const RoleSpec* role : parser::Each<RoleSpec>(statement->grantees)) {
    spec.grantees.push_back(BindRole(run, role, true));
  }
  for (const catalog::ObjectAddress& object : objects) {
    spec.object = object;
    GrantOn(run, statement, spec);
  }
}

namespace {

std::string_view DefaultNoun(ObjectType type) {
  switch (type) {
    case OBJECT_TABLE: return "relation";
    case OBJECT_SEQUENCE: return "sequence";
    case OBJECT_PROCEDURE: return "procedure";
    case OBJECT_ROUTINE: return "routine";
    case OBJECT_FUNCTION: return "function";
    case OBJECT_TYPE: return "type";
    default: return "schema";
  }
}

ddl::GrantSpec BindDefaultGrant(const DdlRun& run, const GrantStmt* statement) {
  ddl::GrantSpec spec;
  spec.kind = AclKind(statement->objtype);
  spec.grant = statement->is_grant;
  spec.grant_option = statement->grant_option;
  spec.cascade = statement->behavior == DROP_CASCADE;
  for (const RoleSpec* role : parser::Each<RoleSpec>(statement->grantees)) {
    spec.grantees.push_back(BindRole(run, role, true));
  }
  for (const AccessPriv* privilege : parser::Each<AccessPriv>(statement->privileges)) {
    if (privilege->cols != nullptr) {
      throw SqlError(sqlstate::kInvalidGrantOperation,
                     "default privileges cannot be set for columns");
    }
    uint32_t bit = BindPrivilege(privilege);
    if ((bit & ~catalog::AllPrivileges(spec.kind)) != 0) {
      auto name = catalog::PrivilegeName(static_cast<catalog::Privilege>(bit));
      throw SqlError(sqlstate::kInvalidGrantOperation,
                     "invalid privilege type " + std::string(name) + " for " +
                         std::string(DefaultNoun(statement->objtype)));
    }
    spec.privileges |= bit;
  }
  return spec;
}

}  // namespace

void RunAlterDefaultPrivileges(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterDefaultPrivilegesStmt>(node);
  const List* role_names = nullptr;
  const List* schema_names = nullptr;
  for (const DefElem* option : parser::Each<DefElem>(statement->options)) {
    const List*& list = std::string_view(option->defname) == "roles" ? role_names : schema_names;
    if (list != nullptr) {
      throw SqlError(sqlstate::kSyntaxError, "conflicting or redundant options")
          .At(option->location);
    }
    list = As<List>(option->arg);
  }
  ddl::GrantSpec spec = BindDefaultGrant(run, statement->action);
  auto change = [&](Oid role) {
    if (schema_names == nullptr) {
      return ddl::ChangeDefaultAcl(run.writer(), spec, role, catalog::kInvalidOid);
    }
    for (const Node* name : parser::Each<Node>(schema_names)) {
      Oid schema = FindObject(run, OBJECT_SCHEMA, name).object;
      ddl::ChangeDefaultAcl(run.writer(), spec, role, schema);
    }
  };
  if (role_names == nullptr) return change(run.writer().role());
  for (const RoleSpec* name : parser::Each<RoleSpec>(role_names)) {
    Oid role = BindRole(run, name);
    ddl::CheckMemberOf(run.writer(), role);
    change(role);
  }
}

}  // namespace sundog::binder
