// DROP of everything but roles.
#include "binder/ddl/ddl_binding.h"
#include "binder/resolve_function.h"
#include "catalog/ddl/drop.h"
#include "catalog/ddl/permission.h"
#include "catalog/names.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;

namespace {

namespace classes = catalog::classes;

struct RelationRow {
  ObjectType type;
  char kind;
  std::string_view name;    // "table"
  std::string_view article;  // "a table"
  std::string_view command;  // "TABLE"
};

constexpr RelationRow kRelations[] = {
    {OBJECT_TABLE, 'r', "table", "a table", "TABLE"},
    {OBJECT_VIEW, 'v', "view", "a view", "VIEW"},
    {OBJECT_INDEX, 'i', "index", "an index", "INDEX"},
    {OBJECT_SEQUENCE, 'S', "sequence", "a sequence", "SEQUENCE"},
};

const RelationRow* RowOf(ObjectType type) {
  for (const RelationRow& row : kRelations) {
    if (row.type == type) return &row;
  }
  return nullptr;
}

RangeVar MakeRangeVar(std::vector<std::string>& parts) {
  RangeVar name = {};
  name.relname = parts.back().data();
  if (parts.size() > 1) name.schemaname = parts[parts.size() - 2].data();
  return name;
}

// False if the schema that the name is qualified with is missing and that is all right.
bool SchemaExists(const DdlRun& run, const std::vector<std::string>& parts, bool missing_ok) {
  if (parts.size() < 2) return true;
  const std::string& schema = parts[parts.size() - 2];
  if (schema == "pg_temp" || run.catalog().FindSchema(schema) != nullptr) return true;
  std::string message = "schema \"" + schema + "\" does not exist";
  if (!missing_ok) throw SqlError(sqlstate::kUndefinedSchema, std::move(message));
  NoticeMissing(run, std::move(message));
  return false;
}

[[noreturn]] void ThrowWrongKind(const RelationRow& wanted, const catalog::Relation& found) {
  SqlError error(sqlstate::kWrongObjectType,
                 "\"" + found.name + "\" is not " + std::string(wanted.article));
  for (const RelationRow& row : kRelations) {
    if (row.kind != found.kind) continue;
    error.Hint("Use DROP " + std::string(row.command) + " to remove " + std::string(row.article) +
               ".");
  }
  throw error;
}

// A schema's owner may drop what is in it.
bool OwnsSchemaOf(const DdlRun& run, Oid schema) {
  return ddl::IsOwner(run.writer(), run.catalog().FindSchema(schema)->owner);
}

std::optional<catalog::ObjectAddress> FindRelationToDrop(const DdlRun& run,
                                                         const RelationRow& row,
                                                         const List* names, bool missing_ok) {
  std::vector<std::string> parts = NameParts(names);
  if (!SchemaExists(run, parts, missing_ok)) return std::nullopt;
  RangeVar name = MakeRangeVar(parts);
  const catalog::Relation* found = FindRelation(run, &name);
  if (found == nullptr) {
    std::string message = std::string(row.name) + " \"" + parts.back() + "\" does not exist";
    if (!missing_ok) {
      bool index = row.type == OBJECT_INDEX;
      throw SqlError(index ? sqlstate::kUndefinedObject : sqlstate::kUndefinedTable,
                     std::move(message));
    }
    NoticeMissing(run, std::move(message));
    return std::nullopt;
  }
  if (found->kind != row.kind) ThrowWrongKind(row, *found);
  if (found->system != nullptr || !OwnsSchemaOf(run, found->schema)) {
    ddl::CheckOwnsRelation(run.writer(), *found);
  }
  return catalog::ObjectAddress{classes::kClass, found->oid, 0};
}

std::optional<catalog::ObjectAddress> FindTypeToDrop(const DdlRun& run, const ::TypeName* name,
                                                     bool domain, bool missing_ok) {
  std::vector<std::string> parts = NameParts(name->names);
  if (!SchemaExists(run, parts, missing_ok)) return std::nullopt;
  PieceBinding piece(run);
  Oid type = FindTypeByName(piece.state, name->names);
  if (type == kInvalidOid) {
    std::string message = "type \"" + JoinDotted(parts) + "\" does not exist";
    if (!missing_ok) throw SqlError(sqlstate::kUndefinedObject, std::move(message));
    NoticeMissing(run, std::move(message));
    return std::nullopt;
  }
  const types::TypeInfo& info = run.catalog().GetType(type);
  if (domain && info.kind_code != 'd') {
    throw SqlError(sqlstate::kWrongObjectType,
                   "\"" + JoinDotted(parts) + "\" is not a domain");
  }
  const catalog::CatalogContents& contents = run.catalog().contents();
  auto check = [&](const auto* descriptor) {
    if (descriptor != nullptr && !OwnsSchemaOf(run, descriptor->schema)) {
      ddl::CheckOwns(run.writer(), descriptor->owner, "type", descriptor->name);
    }
  };
  check(contents.enums.Get(type));
  check(contents.domains.Get(type));
  check(contents.composites.Get(type));
  return catalog::ObjectAddress{classes::kType, type, 0};
}

// The types as they were written, after the grammar's own names for them.
std::string MissingRoutine(const ObjectWithArgs* name, char kind) {
  std::string arguments;
  for (const ::TypeName* type : parser::Each<::TypeName>(name->objargs)) {
    if (!arguments.empty()) arguments += ",";
    arguments += JoinDotted(NameParts(type->names));
    if (parser::Length(type->arrayBounds) > 0) arguments += "[]";
  }
  std::string noun = kind == 'p' ? "procedure " : kind == 'r' ? "routine " : "function ";
  return noun + JoinDotted(NameParts(name->objname)) + "(" + arguments + ") does not exist";
}

std::optional<catalog::ObjectAddress> FindRoutineToDrop(const DdlRun& run,
                                                        const ObjectWithArgs* name, char kind,
                                                        bool missing_ok) {
  PieceBinding piece(run);
  const functions::ProcInfo* proc = nullptr;
  try {
    proc = &GetFunction(piece.state, name, kind);
  } catch (const SqlError& error) {
    bool missing = error.state() == sqlstate::kUndefinedFunction ||
                   error.state() == sqlstate::kUndefinedObject ||
                   error.state() == sqlstate::kUndefinedSchema;
    if (!missing_ok || !missing) throw;
    bool routine = error.state() == sqlstate::kUndefinedFunction;
    NoticeMissing(run, routine ? MissingRoutine(name, kind) : error.fields().message);
    return std::nullopt;
  }
  const auto* function = run.catalog().contents().functions.Get(proc->oid);
  if (function != nullptr && !OwnsSchemaOf(run, function->schema)) {
    ddl::CheckOwns(run.writer(), function->owner, kind == 'p' ? "procedure" : "function",
                   function->name);
  }
  return catalog::ObjectAddress{classes::kProc, proc->oid, 0};
}

std::optional<catalog::ObjectAddress> FindSchemaToDrop(const DdlRun& run, const std::string& name,
                                                       bool missing_ok) {
  const catalog::SchemaDescriptor* schema = run.catalog().FindSchema(name);
  if (schema == nullptr) {
    std::string message = "schema \"" + name + "\" does not exist";
    if (!missing_ok) throw SqlError(sqlstate::kUndefinedSchema, std::move(message));
    NoticeMissing(run, std::move(message));
    return std::nullopt;
  }
  ddl::CheckOwnsSchema(run.writer(), *schema);
  return catalog::ObjectAddress{classes::kNamespace, schema->oid, 0};
}

std::optional<catalog::ObjectAddress> FindExtensionToDrop(const DdlRun& run,
                                                          const std::string& name,
                                                          bool missing_ok) {
  for (const auto& extension : run.catalog().contents().extensions) {
    if (extension->name == name) {
      ddl::CheckOwns(run.writer(), extension->owner, "extension", name);
      return catalog::ObjectAddress{classes::kExtension, extension->oid, 0};
    }
  }
  std::string message = "extension \"" + name + "\" does not exist";
  if (!missing_ok) throw SqlError(sqlstate::kUndefinedObject, std::move(message));
  NoticeMissing(run, std::move(message));
  return std::nullopt;
}

// DROP TRIGGER, RULE … IF EXISTS of what there is none of.
void DropAbsent(const DdlRun& run, const DropStmt* statement) {
  struct Row {
    ObjectType type;
    std::string_view name;
  };
  constexpr Row kAbsent[] = {
      {OBJECT_TRIGGER, "trigger"},
      {OBJECT_RULE, "rule"},
      {OBJECT_MATVIEW, "materialized view"},
      {OBJECT_FOREIGN_TABLE, "foreign table"},
      {OBJECT_COLLATION, "collation"},
      {OBJECT_STATISTIC_EXT, "statistics object"},
  };
  for (const Row& row : kAbsent) {
    if (row.type != statement->removeType) continue;
    for (const Node* object : parser::Each<Node>(statement->objects)) {
      std::vector<std::string> parts = NameParts(As<List>(object));
      std::string message = std::string(row.name) + " \"" + parts.back() + "\" does not exist";
      bool of_relation = row.type == OBJECT_TRIGGER || row.type == OBJECT_RULE;
      if (of_relation && parts.size() > 1) {
        message = std::string(row.name) + " \"" + parts.back() + "\" for " +
                  (row.type == OBJECT_TRIGGER ? "table" : "relation") + " \"" +
                  parts[parts.size() - 2] + "\" does not exist";
      }
      if (!statement->missing_ok) throw SqlError(sqlstate::kUndefinedObject, std::move(message));
      NoticeMissing(run, std::move(message));
    }
    return;
  }
  base::ThrowNotSupported("this form of DROP");
}

std::optional<catalog::ObjectAddress> FindToDrop(const DdlRun& run, const DropStmt* statement,
                                                 const Node* object) {
  bool missing_ok = statement->missing_ok;
  switch (statement->removeType) {
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
      return FindTypeToDrop(run, As<::TypeName>(object), statement->removeType == OBJECT_DOMAIN,
                            missing_ok);
    case OBJECT_FUNCTION:
      return FindRoutineToDrop(run, As<ObjectWithArgs>(object), 'f', missing_ok);
    case OBJECT_PROCEDURE:
      return FindRoutineToDrop(run, As<ObjectWithArgs>(object), 'p', missing_ok);
    case OBJECT_ROUTINE:
      return FindRoutineToDrop(run, As<ObjectWithArgs>(object), 'r', missing_ok);
    case OBJECT_SCHEMA: return FindSchemaToDrop(run, parser::Text(object), missing_ok);
    case OBJECT_EXTENSION: return FindExtensionToDrop(run, parser::Text(object), missing_ok);
    default:
      return FindRelationToDrop(run, *RowOf(statement->removeType), As<List>(object), missing_ok);
  }
}

}  // namespace

void DropFound(DdlRun& run, const std::vector<catalog::ObjectAddress>& objects, bool cascade) {
  for (const catalog::ObjectAddress& object : objects) {
    const catalog::Relation* relation =
        object.class_oid == classes::kClass ? run.catalog().FindRelation(object.object) : nullptr;
    if (relation != nullptr && relation->table != nullptr) {
      run.target().LockTable(relation->table->oid);
    }
    if (object.class_oid == classes::kPolicy) {
      run.target().LockTable(catalog::FindPolicy(run.catalog(), object.object).table->oid);
    }
  }
  catalog::CatalogPtr before = run.writer().Snapshot();
  ddl::DropObjects(run.writer(), objects,
                   cascade ? ddl::DropBehavior::kCascade : ddl::DropBehavior::kRestrict);
  // A table whose primary key went along keeps its rows, under another key.
  for (const auto& table : before->contents().tables) {
    auto after = run.catalog().FindTable(table->oid);
    if (after == nullptr) run.target().RequireNotRunning(*table, "DROP TABLE");
    if (after != nullptr && after->indexes.size() < table->indexes.size()) {
      run.target().RequireNotRunning(*table, "DROP INDEX");
    }
    if (after == nullptr || after->storage_id == table->storage_id) continue;
    RowWork work;
    work.table = table->oid;
    work.before = table;
    work.types_before = before;
    work.rewrite = true;
    run.target().LockTable(table->oid);
    run.target().DoRowWork(work);
  }
}

void RunDrop(DdlRun& run, const Node* node) {
  const auto* statement = As<DropStmt>(node);
  switch (statement->removeType) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_INDEX:
    case OBJECT_SEQUENCE:
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_SCHEMA:
    case OBJECT_EXTENSION: break;
    case OBJECT_POLICY: return RunDropPolicy(run, node);
    default: return DropAbsent(run, statement);
  }
  std::vector<catalog::ObjectAddress> objects;
  for (const Node* object : parser::Each<Node>(statement->objects)) {
    std::optional<catalog::ObjectAddress> found = FindToDrop(run, statement, object);
    if (found) objects.push_back(*found);
  }
  if (!objects.empty()) DropFound(run, objects, statement->behavior == DROP_CASCADE);
}

}  // namespace sundog::binder
