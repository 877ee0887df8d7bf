// ALTER … RENAME, OWNER TO, SET SCHEMA; COMMENT; GRANT and REVOKE.
#include <map>

#include "binder/ddl/object_names.h"
#include "catalog/acl.h"
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/permission.h"
#include "catalog/names.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

namespace classes = catalog::classes;

// Where the grammar gives a type's bare list of names.
Oid RequireType(const DdlRun& run, const List* names) {
  PieceBinding piece(run);
  Oid type = FindTypeByName(piece.state, names);
  if (type == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedObject, "type \"" + DottedName(names) + "\" does not exist");
  }
  return type;
}

void RenameInRelation(DdlRun& run, const RenameStmt* statement) {
  const catalog::Relation* found = FindRelation(run, statement->relation);
  if (found == nullptr) {
    if (!statement->missing_ok) RequireRelation(run, statement->relation);
    return NoticeMissing(run, "relation \"" + std::string(statement->relation->relname) +
                                  "\" does not exist");
  }
  Oid oid = found->oid;
  catalog::CatalogWriter& writer = run.writer();
  switch (statement->renameType) {
    case OBJECT_COLUMN:
    case OBJECT_ATTRIBUTE:
      if (found->table != nullptr) run.target().LockTable(found->table->oid);
      return ddl::RenameColumn(writer, oid, statement->subname, statement->newname);
    case OBJECT_TABCONSTRAINT:
      ddl::CheckOwnsRelation(writer, *found);
      if (found->table != nullptr) run.target().LockTable(found->table->oid);
      return ddl::RenameConstraint(writer, oid, statement->subname, statement->newname);
    default:
      RefuseComposite(statement->renameType, *found);
      // ALTER TABLE … RENAME takes views, indexes and sequences, too.
      if (statement->renameType != OBJECT_TABLE) {
        RequireRelationOf(run, statement->renameType, statement->relation);
      }
      if (found->table != nullptr) run.target().LockTable(found->table->oid);
      return ddl::RenameRelation(writer, oid, statement->newname);
  }
}

}  // namespace

void RunRename(DdlRun& run, const Node* node) {
  const auto* statement = As<RenameStmt>(node);
  catalog::CatalogWriter& writer = run.writer();
  switch (statement->renameType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_INDEX:
    case OBJECT_SEQUENCE:
    case OBJECT_COLUMN:
    case OBJECT_ATTRIBUTE:
    case OBJECT_TABCONSTRAINT: return RenameInRelation(run, statement);
    case OBJECT_SCHEMA: {
      const catalog::SchemaDescriptor* schema = run.catalog().FindSchema(statement->subname);
      if (schema == nullptr) {
        throw SqlError(sqlstate::kUndefinedSchema,
                       "schema \"" + std::string(statement->subname) + "\" does not exist");
      }
      return ddl::RenameSchema(writer, schema->oid, statement->newname);
    }
    case OBJECT_ROLE: {
      const catalog::RoleDescriptor* role = run.catalog().FindRole(statement->subname);
      if (role == nullptr) {
        throw SqlError(sqlstate::kUndefinedObject,
                       "role \"" + std::string(statement->subname) + "\" does not exist");
      }
      return ddl::RenameRole(writer, role->oid, statement->newname);
    }
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
      return ddl::RenameType(writer, RequireType(run, As<List>(statement->object)),
                             statement->newname);
    case OBJECT_DOMCONSTRAINT:
      return ddl::RenameDomainConstraint(writer, RequireType(run, As<List>(statement->object)),
                                         statement->subname, statement->newname);
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
      return ddl::RenameFunction(
          writer, FindObject(run, statement->renameType, statement->object).object,
          statement->newname);
    default: base::ThrowNotSupported("this form of RENAME");
  }
}

void RunAlterOwner(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterOwnerStmt>(node);
  Oid owner = BindRole(run, statement->newowner);
  catalog::ObjectAddress object;
  if (statement->objectType == OBJECT_TYPE || statement->objectType == OBJECT_DOMAIN) {
    object = {classes::kType, RequireType(run, As<List>(statement->object)), 0};
  } else {
    object = FindObject(run, statement->objectType, statement->object);
  }
  ddl::ChangeOwner(run.writer(), object, owner);
}

namespace {

void CheckMayMove(const DdlRun& run, ObjectType type, const catalog::Relation& relation) {
  RefuseComposite(type, relation);
  if (relation.kind == 'i') {
    throw SqlError(sqlstate::kWrongObjectType,
                   "cannot change schema of index \"" + relation.name + "\"")
        .Hint("Change the schema of the table instead.");
  }
  Oid owner = relation.sequence != nullptr ? relation.sequence->owner_table : kInvalidOid;
  if (owner == kInvalidOid) return;
  throw SqlError(sqlstate::kFeatureNotSupported,
                 "cannot move an owned sequence into another schema")
      .Detail("Sequence \"" + relation.name + "\" is linked to table \"" +
              run.catalog().FindRelation(owner)->name + "\".");
}

}  // namespace

void RunAlterSchema(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterObjectSchemaStmt>(node);
  const catalog::SchemaDescriptor* schema = run.catalog().FindSchema(statement->newschema);
  if (schema == nullptr) {
    throw SqlError(sqlstate::kUndefinedSchema,
                   "schema \"" + std::string(statement->newschema) + "\" does not exist");
  }
  Oid target = schema->oid;
  catalog::ObjectAddress object;
  if (statement->relation != nullptr) {
    const catalog::Relation* found = FindRelation(run, statement->relation);
    if (found == nullptr) {
      if (!statement->missing_ok) RequireRelation(run, statement->relation);
      return NoticeMissing(run, "relation \"" + std::string(statement->relation->relname) +
                                    "\" does not exist");
    }
    CheckMayMove(run, statement->objectType, *found);
    object = {classes::kClass, found->oid, 0};
  } else if (statement->objectType == OBJECT_TYPE || statement->objectType == OBJECT_DOMAIN) {
    object = {classes::kType, RequireType(run, As<List>(statement->object)), 0};
  } else {
    object = FindObject(run, statement->objectType, statement->object);
  }
  ddl::ChangeSchema(run.writer(), object, target);
}

namespace {

// Roles belong to those who may manage roles.
void CheckMayCommentRole(const DdlRun& run, Oid oid) {
  auto refuse = [](const char* message) {
    throw SqlError(sqlstate::kInsufficientPrivilege, message);
  };
  bool superuser = run.catalog().IsSuperuser(run.writer().role());
  if (run.catalog().IsSuperuser(oid) && !superuser) refuse("must be superuser");
  if (!ddl::MayManageRoles(run.writer())) refuse("must have CREATEROLE privilege");
}

void CheckMayComment(const DdlRun& run, const catalog::ObjectAddress& object) {
  const catalog::Catalog& catalog = run.catalog();
  const catalog::CatalogContents& contents = catalog.contents();
  catalog::CatalogWriter& writer = run.writer();
  auto owns = [&](const auto* descriptor, std::string_view noun) {
    if (descriptor != nullptr) ddl::CheckOwns(writer, descriptor->owner, noun, descriptor->name);
  };
  if (object.class_oid == classes::kClass) {
    const catalog::Relation& relation = *catalog.FindRelation(object.object);
    bool column = object.sub_object != 0 && relation.system == nullptr;
    if (column) return ddl::CheckOwns(writer, relation.owner(), "relation", relation.name);
    ddl::CheckOwnsRelation(writer, relation);
  } else if (object.class_oid == classes::kNamespace) {
    ddl::CheckOwnsSchema(writer, *catalog.FindSchema(object.object));
  } else if (object.class_oid == classes::kType) {
    owns(contents.enums.Get(object.object), "type");
    owns(contents.domains.Get(object.object), "type");
    owns(contents.composites.Get(object.object), "type");
  } else if (object.class_oid == classes::kProc) {
    const auto* function = contents.functions.Get(object.object);
    owns(function, function != nullptr && function->kind == 'p' ? "procedure" : "function");
  } else if (object.class_oid == classes::kConstraint) {
    const auto place = catalog::FindConstraint(catalog, object.object);
    if (place.table != nullptr) {
      ddl::CheckOwns(writer, place.table->owner, "relation", place.table->name);
    }
  } else if (object.class_oid == classes::kDatabase) {
    ddl::CheckOwns(writer, catalog::kSuperuserRole, "database",
                   run.target().context().database_name);
  } else if (object.class_oid == classes::kAuthid) {
    CheckMayCommentRole(run, object.object);
  }
}

}  // namespace

void RunComment(DdlRun& run, const Node* node) {
  const auto* statement = As<CommentStmt>(node);
  if (statement->objtype == OBJECT_DATABASE) {
    // A dump restored under another name goes on, as with PostgreSQL.
    std::string name = parser::TextOrEmpty(parser::As<::String>(statement->object)->sval);
    if (name != run.target().context().database_name) {
      base::ErrorFields warning;
      warning.severity = base::Severity::kWarning;
      warning.state = sqlstate::kUndefinedDatabase;
      warning.message = "database \"" + name + "\" does not exist";
      run.writer().Notice(warning);
      return;
    }
  }
  catalog::ObjectAddress object = FindObject(run, statement->objtype, statement->object);
  CheckMayComment(run, object);
  run.writer().SetComment(object, parser::TextOrEmpty(statement->comment));
}

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
  if (statement->targtype == ACL_TARGET_DEFAULTS) {
    base::ThrowNotSupported("ALTER DEFAULT PRIVILEGES");
  }
  ddl::GrantSpec spec;
  if (statement->objtype == OBJECT_DATABASE || statement->objtype == OBJECT_LANGUAGE) {
    base::ThrowNotSupported("GRANT on a database or language");
  }
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

}  // namespace sundog::binder
