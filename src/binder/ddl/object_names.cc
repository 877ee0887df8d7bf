#include "binder/ddl/object_names.h"

#include "binder/resolve_function.h"
#include "catalog/builtin_objects.h"
#include "catalog/names.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;

namespace {

namespace classes = catalog::classes;

std::string_view ArticleOf(ObjectType type) {
  switch (type) {
    case OBJECT_VIEW: return "a view";
    case OBJECT_INDEX: return "an index";
    case OBJECT_SEQUENCE: return "a sequence";
    default: return "a table";
  }
}

bool FitsKind(ObjectType type, char kind) {
  switch (type) {
    case OBJECT_VIEW: return kind == 'v';
    case OBJECT_INDEX: return kind == 'i';
    case OBJECT_SEQUENCE: return kind == 'S';
    default: return kind == 'r';
  }
}

catalog::ObjectAddress FindColumn(const DdlRun& run, std::vector<std::string> parts) {
  std::string column = parts.back();
  parts.pop_back();
  if (parts.empty()) throw SqlError(sqlstate::kSyntaxError, "column name must be qualified");
  RelationParts relation_name(std::move(parts));
  const catalog::Relation& relation = RequireRelation(run, &relation_name.name);
  const std::vector<catalog::ColumnDescriptor>* columns = nullptr;
  if (relation.kind == 'r' && relation.table != nullptr) columns = &relation.table->columns;
  if (relation.view != nullptr) columns = &relation.view->columns;
  if (relation.composite != nullptr) columns = &relation.composite->columns;
  if (columns != nullptr) {
    for (const catalog::ColumnDescriptor& candidate : *columns) {
      if (!candidate.dropped && candidate.name == column) {
        return {classes::kClass, relation.oid, candidate.attnum};
      }
    }
  }
  throw SqlError(sqlstate::kUndefinedColumn, "column \"" + column + "\" of relation \"" +
                                                 relation.name + "\" does not exist");
}

catalog::ObjectAddress FindTableConstraint(const DdlRun& run, std::vector<std::string> parts) {
  std::string name = parts.back();
  parts.pop_back();
  RelationParts relation_name(std::move(parts));
  const catalog::Relation& relation = RequireRelation(run, &relation_name.name);
  const catalog::ConstraintDescriptor* constraint =
      relation.kind == 'r' && relation.table != nullptr
          ? relation.table->FindConstraint(std::string_view(name))
          : nullptr;
  if (constraint != nullptr) return {classes::kConstraint, constraint->oid, 0};
  throw SqlError(sqlstate::kUndefinedObject, "constraint \"" + name + "\" for table \"" +
                                                 relation.name + "\" does not exist");
}

catalog::ObjectAddress FindTablePolicy(const DdlRun& run, std::vector<std::string> parts) {
  std::string name = parts.back();
  parts.pop_back();
  RelationParts relation_name(std::move(parts));
  const catalog::Relation& relation = RequireRelation(run, &relation_name.name);
  bool is_table = relation.kind == 'r' && relation.table != nullptr;
  const catalog::PolicyDescriptor* policy = is_table ? relation.table->FindPolicy(name) : nullptr;
  if (policy != nullptr) return {classes::kPolicy, policy->oid, 0};
  throw SqlError(sqlstate::kUndefinedObject, "policy \"" + name + "\" for table \"" +
                                                 relation.name + "\" does not exist");
}

catalog::ObjectAddress FindNamed(const DdlRun& run, ObjectType type, const std::string& name) {
  switch (type) {
    case OBJECT_SCHEMA:
      if (const auto* schema = run.catalog().FindSchema(name)) {
        return {classes::kNamespace, schema->oid, 0};
      }
      throw SqlError(sqlstate::kUndefinedSchema, "schema \"" + name + "\" does not exist");
    case OBJECT_ROLE:
      if (const auto* role = run.catalog().FindRole(name)) {
        return {classes::kAuthid, role->oid, 0};
      }
      throw SqlError(sqlstate::kUndefinedObject, "role \"" + name + "\" does not exist");
    case OBJECT_DATABASE:
      if (Oid database = catalog::FindDatabase(name, run.target().context().database_name)) {
        return {classes::kDatabase, database, 0};
      }
      throw SqlError(sqlstate::kUndefinedDatabase, "database \"" + name + "\" does not exist");
    case OBJECT_EXTENSION:
      for (const auto& extension : run.catalog().contents().extensions) {
        if (extension->name == name) return {classes::kExtension, extension->oid, 0};
      }
      throw SqlError(sqlstate::kUndefinedObject, "extension \"" + name + "\" does not exist");
    case OBJECT_LANGUAGE:
      if (const auto* language = catalog::BuiltinObjects::Get().FindLanguage(name)) {
        return {classes::kLanguage, language->oid, 0};
      }
      throw SqlError(sqlstate::kUndefinedObject, "language \"" + name + "\" does not exist");
    default: base::ThrowNotSupported("this kind of object");
  }
}

}  // namespace

const catalog::Relation& RequireRelationOf(const DdlRun& run, ObjectType type,
                                           const RangeVar* name) {
  const catalog::Relation& relation = RequireRelation(run, name);
  if (FitsKind(type, relation.kind)) return relation;
  throw SqlError(sqlstate::kWrongObjectType,
                 "\"" + relation.name + "\" is not " + std::string(ArticleOf(type)));
}

Oid RequireType(const DdlRun& run, const List* names) {
  PieceBinding piece(run);
  Oid type = FindTypeByName(piece.state, names);
  if (type == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedObject, "type \"" + DottedName(names) + "\" does not exist");
  }
  return type;
}

void RefuseComposite(ObjectType type, const catalog::Relation& relation) {
  if (relation.kind != 'c' || type != OBJECT_TABLE) return;
  throw SqlError(sqlstate::kWrongObjectType, "\"" + relation.name + "\" is a composite type")
      .Hint("Use ALTER TYPE instead.");
}

catalog::ObjectAddress FindObject(const DdlRun& run, ObjectType type, const Node* object) {
  switch (type) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_INDEX:
    case OBJECT_SEQUENCE: {
      RelationParts name(NameParts(As<List>(object)));
      return {classes::kClass, RequireRelationOf(run, type, &name.name).oid, 0};
    }
    case OBJECT_COLUMN: return FindColumn(run, NameParts(As<List>(object)));
    case OBJECT_TABCONSTRAINT: return FindTableConstraint(run, NameParts(As<List>(object)));
    case OBJECT_POLICY: return FindTablePolicy(run, NameParts(As<List>(object)));
    case OBJECT_TYPE:
    case OBJECT_DOMAIN: {
      const auto* name = As<::TypeName>(object);
      PieceBinding piece(run);
      Oid found = FindTypeByName(piece.state, name->names);
      if (found != kInvalidOid) return {classes::kType, found, 0};
      throw SqlError(sqlstate::kUndefinedObject,
                     "type \"" + DottedName(name->names) + "\" does not exist");
    }
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_AGGREGATE: {
      PieceBinding piece(run);
      char kind = type == OBJECT_FUNCTION    ? 'f'
                  : type == OBJECT_PROCEDURE ? 'p'
                  : type == OBJECT_AGGREGATE ? 'a'
                                             : 'r';
      return {classes::kProc, GetFunction(piece.state, As<ObjectWithArgs>(object), kind).oid, 0};
    }
    default:
      // Rules, operators, conversions and the like have names of several parts; there are none.
      if (parser::TagOf(object) != T_String) {
        base::ThrowNotSupported("a command on this kind of object");
      }
      return FindNamed(run, type, parser::Text(object));
  }
}

}  // namespace sundog::binder
