// ALTER … RENAME, OWNER TO, SET SCHEMA; COMMENT.
#include "binder/ddl/object_names.h"
#include "catalog/acl.h"
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/permission.h"
#include "catalog/ddl/policy.h"
#include "catalog/names.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

namespace classes = catalog::classes;

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
    case OBJECT_POLICY: {
      auto table = RequireTable(run, statement->relation);
      run.target().LockTable(table->oid);
      return ddl::RenamePolicy(writer, table->oid, statement->subname, statement->newname);
    }
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
  } else if (object.class_oid == classes::kPolicy) {
    const auto place = catalog::FindPolicy(catalog, object.object);
    ddl::CheckOwns(writer, place.table->owner, "relation", place.table->name);
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

}  // namespace sundog::binder
