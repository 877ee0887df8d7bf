// Names, schemas, roles and kept expressions of DDL statements.
#include "binder/ddl/ddl_binding.h"

#include "binder/bind_utility.h"
#include "binder/coerce.h"
#include "binder/deparse.h"
#include "catalog/acl.h"
#include "catalog/ddl/permission.h"
#include "catalog/names.h"
#include "catalog/sys_schema.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

BindContext DdlRun::FreshContext() const {
  BindContext context = target_.context();
  // Lives as long as this statement's binding: nothing bound here is kept beyond it.
  context.catalog = catalog::CatalogPtr(catalog::CatalogPtr(), &catalog());
  context.io.types = &catalog();
  context.io.names = &names_;
  context.search_path = target_.context().search_path;
  context.parameter_types.clear();
  context.infer_parameters = false;
  context.row_security = RowSecurity::kIgnored;
  return context;
}

void PieceBinding::AddTable(const catalog::TableDescriptor& table) {
  RelationId relation = state.NewRelation(0);
  auto item = std::make_unique<NameItem>();
  item->name = table.name;
  item->table = table.oid;
  item->row_type = table.row_type;
  item->relation = relation;
  item->system_columns = true;
  for (const catalog::ColumnDescriptor& column : table.columns) {
    NameColumn name;
    if (!column.dropped) {
      name.name = column.name;
      name.expression = std::make_unique<BoundColumn>(column.type, relation, column.attnum - 1);
      name.expression->collation = column.collation;
    }
    item->columns.push_back(std::move(name));
  }
  scope.names.push_back(scope.AddItem(std::move(item)));
}

namespace {

// System schemas take no new objects.
void CheckMayHold(const catalog::SchemaDescriptor& schema, std::string_view name) {
  bool system = schema.oid == catalog::kPgCatalogSchema || schema.oid == catalog::kToastSchema ||
                schema.oid == catalog::kSysSchema;
  if (!system) return;
  throw SqlError(sqlstate::kInsufficientPrivilege,
                 "permission denied to create \"" + schema.name + "." + std::string(name) + "\"")
      .Detail("System catalog modifications are currently disallowed.");
}

Oid NamedSchema(const DdlRun& run, const std::string& schema, std::string_view name) {
  if (schema == "pg_temp") return run.writer().TemporarySchema();
  const catalog::SchemaDescriptor* found = run.catalog().FindSchema(schema);
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedSchema, "schema \"" + schema + "\" does not exist");
  }
  ddl::CheckMayCreateIn(run.writer(), found->oid);
  CheckMayHold(*found, name);
  return found->oid;
}

Oid DefaultSchema(const DdlRun& run) {
  Oid schema = run.target().context().search_path.creation_schema;
  if (schema == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedSchema, "no schema has been selected to create in");
  }
  return schema;
}

}  // namespace

Oid CreationSchema(const DdlRun& run, const RangeVar* name, char* persistence) {
  *persistence = name->relpersistence;
  if (*persistence == 't') {
    if (name->schemaname != nullptr && std::string_view(name->schemaname) != "pg_temp") {
      throw SqlError(sqlstate::kInvalidTableDefinition,
                     "cannot create temporary relation in non-temporary schema");
    }
    return run.writer().TemporarySchema();
  }
  Oid schema = name->schemaname != nullptr ? NamedSchema(run, name->schemaname, name->relname)
                                           : DefaultSchema(run);
  if (catalog::IsTemporaryOid(schema)) *persistence = 't';
  return schema;
}

Oid CreationSchema(const DdlRun& run, const List* qualified_name, std::string* name) {
  std::vector<std::string> parts = NameParts(qualified_name);
  *name = parts.back();
  return parts.size() > 1 ? NamedSchema(run, parts[parts.size() - 2], *name) : DefaultSchema(run);
}

const catalog::Relation* FindRelation(const DdlRun& run, const RangeVar* name) {
  if (name->schemaname == nullptr) {
    // A temporary schema made by this very statement is looked at, too.
    Oid temporary = run.catalog().temp_schema();
    if (temporary != kInvalidOid) {
      if (const auto* found = run.catalog().FindRelation(temporary, name->relname)) return found;
    }
    return run.catalog().FindRelation(run.target().context().search_path, name->relname);
  }
  const catalog::SchemaDescriptor* schema =
      run.catalog().FindSchema(run.target().context().search_path, name->schemaname);
  return schema != nullptr ? run.catalog().FindRelation(schema->oid, name->relname) : nullptr;
}

const catalog::Relation& RequireRelation(const DdlRun& run, const RangeVar* name) {
  if (const catalog::Relation* found = FindRelation(run, name)) return *found;
  std::string text = name->relname;
  if (name->schemaname != nullptr) {
    if (run.catalog().FindSchema(name->schemaname) == nullptr) {
      throw SqlError(sqlstate::kUndefinedSchema,
                     "schema \"" + std::string(name->schemaname) + "\" does not exist");
    }
    text = std::string(name->schemaname) + "." + text;
  }
  throw SqlError(sqlstate::kUndefinedTable, "relation \"" + text + "\" does not exist");
}

std::shared_ptr<const catalog::TableDescriptor> RequireTable(const DdlRun& run,
                                                             const RangeVar* name) {
  const catalog::Relation& relation = RequireRelation(run, name);
  if (relation.kind != 'r') {
    throw SqlError(sqlstate::kWrongObjectType, "\"" + relation.name + "\" is not a table");
  }
  ddl::CheckOwnsRelation(run.writer(), relation);
  return relation.table;
}

namespace {

// A session's own role may have been dropped.
Oid RequireRole(const DdlRun& run, Oid role) {
  if (run.catalog().FindRole(role) != nullptr) return role;
  throw SqlError(sqlstate::kUndefinedObject,
                 "role with OID " + std::to_string(role) + " does not exist");
}

}  // namespace

Oid BindRole(const DdlRun& run, const RoleSpec* role, bool allow_public) {
  switch (role->roletype) {
    case ROLESPEC_PUBLIC:
      if (allow_public) return kInvalidOid;
      throw SqlError(sqlstate::kUndefinedObject, "role \"public\" does not exist");
    case ROLESPEC_CURRENT_ROLE:
    case ROLESPEC_CURRENT_USER: return RequireRole(run, run.writer().role());
    case ROLESPEC_SESSION_USER: return RequireRole(run, run.writer().environment().session_role);
    case ROLESPEC_CSTRING: break;
  }
  const catalog::RoleDescriptor* found = run.catalog().FindRole(role->rolename);
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject,
                   "role \"" + std::string(role->rolename) + "\" does not exist");
  }
  return found->oid;
}

void NoticeMissing(const DdlRun& run, std::string message) {
  run.writer().Notice(std::move(message) + ", skipping");
}

namespace {

// As an assignment to the column; 42804 names it otherwise.
BoundExpressionPtr CoerceToColumn(PieceBinding& piece, BoundExpressionPtr expression,
                                  const std::string& column, SqlType type,
                                  std::string_view what) {
  Oid given = expression->type.oid;
  if (!CoerceToTarget(piece.state, expression, type, Coercion::kAssignment,
                      CallForm::kImplicitCast, -1)) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   "column \"" + column + "\" is of type " + piece.state.types.Name(type.oid) +
                       " but " + std::string(what) + " expression is of type " +
                       piece.state.types.Name(given))
        .Hint("You will need to rewrite or cast the expression.");
  }
  return expression;
}

bool IsMutable(const BoundExpression& expression) {
  bool found = false;
  BoundExpressionPtr copy = expression.Clone();
  VisitDeep(copy, [&](BoundExpressionPtr& node) {
    if (node == nullptr || node->kind != ExpressionKind::kFunction) return;
    found = found || node->As<BoundFunction>().proc->volatility != 'i';
  });
  return found;
}

}  // namespace

catalog::StoredExpression BindDefault(const DdlRun& run, const Node* raw,
                                      const std::string& column, SqlType type,
                                      BoundExpressionPtr* bound) {
  PieceBinding piece(run);
  BoundExpressionPtr expression =
      BindExpression(piece.scope, raw, ExpressionRole::kColumnDefault);
  expression = CoerceToColumn(piece, std::move(expression), column, type, "default");
  catalog::StoredExpression stored =
      Store(*expression, piece.context, nullptr, -1, /*indent=*/true);
  if (bound != nullptr) *bound = std::move(expression);
  return stored;
}

catalog::StoredExpression BindGenerated(const DdlRun& run, const Node* raw,
                                        const catalog::TableDescriptor& table,
                                        const catalog::ColumnDescriptor& column,
                                        BoundExpressionPtr* bound) {
  PieceBinding piece(run);
  piece.AddTable(table);
  BoundExpressionPtr expression =
      BindExpression(piece.scope, raw, ExpressionRole::kGeneratedColumn);
  VisitDeep(expression, [&](BoundExpressionPtr& node) {
    if (node == nullptr || node->kind != ExpressionKind::kColumn) return;
    int ordinal = node->As<BoundColumn>().ordinal;
    if (ordinal < 0 || table.columns[ordinal].generated == '\0') return;
    throw SqlError(sqlstate::kInvalidObjectDefinition,
                   "cannot use generated column \"" + table.columns[ordinal].name +
                       "\" in column generation expression")
        .Detail("A generated column cannot reference another generated column.")
        .At(node->location);
  });
  expression =
      CoerceToColumn(piece, std::move(expression), column.name, column.type, "default");
  if (IsMutable(*expression)) {
    throw SqlError(sqlstate::kInvalidObjectDefinition, "generation expression is not immutable");
  }
  catalog::StoredExpression stored =
      Store(*expression, piece.context, &table, 0, /*indent=*/true);
  if (bound != nullptr) *bound = std::move(expression);
  return stored;
}

catalog::StoredExpression BindCheck(const DdlRun& run, const Node* raw,
                                    const catalog::TableDescriptor& table) {
  PieceBinding piece(run);
  piece.AddTable(table);
  BoundExpressionPtr condition =
      BindCondition(piece.scope, raw, ExpressionRole::kCheckConstraint, "CHECK");
  return Store(*condition, piece.context, &table, 0, /*indent=*/true);
}

catalog::StoredExpression BindPolicy(const DdlRun& run, const Node* raw,
                                     const catalog::TableDescriptor& table) {
  PieceBinding piece(run);
  piece.AddTable(table);
  BoundExpressionPtr condition;
  try {
    condition = BindCondition(piece.scope, raw, ExpressionRole::kPolicy, "POLICY");
  } catch (SqlError& error) {
    error.At(-1);  // PostgreSQL does not say where
    throw;
  }
  return Store(*condition, piece.context, &table, 0, /*indent=*/true);
}

std::vector<std::string> BindOptions(const List* options) {
  std::vector<std::string> bound;
  for (const DefElem* option : parser::Each<DefElem>(options)) {
    bound.push_back(std::string(option->defname) + "=" +
                    (option->arg == nullptr ? "true" : OptionText(option)));
  }
  return bound;
}

}  // namespace sundog::binder
