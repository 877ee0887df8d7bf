// CREATE VIEW, CREATE SCHEMA, CREATE EXTENSION.
#include "binder/bind_select.h"
#include "binder/bind_utility.h"
#include "binder/ddl/ddl_binding.h"
#include "binder/deparse.h"
#include "catalog/acl.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
#include "catalog/extensions.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// A view over temporary tables is itself temporary.
bool ReadsTemporary(const catalog::StoredExpression& definition) {
  for (const catalog::ObjectAddress& reference : definition.references) {
    if (catalog::IsTemporaryOid(reference.object)) return true;
  }
  return false;
}

}  // namespace

void RunCreateView(DdlRun& run, const Node* node) {
  const auto* statement = As<ViewStmt>(node);
  if (TagOf(statement->query) != T_SelectStmt) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "views must not contain data-modifying statements in WITH");
  }
  if (As<SelectStmt>(statement->query)->intoClause != nullptr) {
    throw SqlError(sqlstate::kFeatureNotSupported, "views must not contain SELECT INTO");
  }
  ddl::ViewSpec spec;
  spec.name = statement->view->relname;
  spec.replace = statement->replace;
  spec.options = BindOptions(statement->options);
  if (statement->withCheckOption != NO_CHECK_OPTION) base::ThrowNotSupported("WITH CHECK OPTION");
  PieceBinding piece(run);
  std::unique_ptr<BoundQuery> query =
      BindSelect(piece.scope, As<SelectStmt>(statement->query));
  std::vector<std::string> aliases = NameParts(statement->aliases);
  int visible = query->visible_target_count();
  if (static_cast<int>(aliases.size()) > visible) {
    throw SqlError(sqlstate::kSyntaxError,
                   "CREATE VIEW specifies more column names than columns");
  }
  std::vector<std::string> names;
  for (int i = 0; i < visible; ++i) {
    const BoundTarget& target = query->targets[i];
    std::string name = i < static_cast<int>(aliases.size()) ? aliases[i] : target.name;
    spec.columns.push_back({name, target.expression->type, target.expression->collation});
    names.push_back(std::move(name));
  }
  spec.definition = StoreView(*query, names, piece.context);
  RangeVar name = *statement->view;
  if (name.relpersistence != 't' && ReadsTemporary(spec.definition)) {
    run.writer().Notice("view \"" + spec.name + "\" will be a temporary view");
    name.relpersistence = 't';
  }
  spec.schema = CreationSchema(run, &name, &spec.persistence);
  ddl::CreateView(run.writer(), spec);
}

void RunCreateSchema(DdlRun& run, const Node* node) {
  const auto* statement = As<CreateSchemaStmt>(node);
  Oid owner = statement->authrole != nullptr ? BindRole(run, statement->authrole)
                                             : run.writer().role();
  const catalog::RoleDescriptor* role = run.catalog().FindRole(owner);
  if (role == nullptr) ddl::CheckMayCreateSchemas(run.writer());  // it was dropped
  std::string name = statement->schemaname != nullptr ? std::string(statement->schemaname)
                                                      : role->name;
  if (statement->schemaElts != nullptr) base::ThrowNotSupported("CREATE SCHEMA with elements");
  ddl::CreateSchema(run.writer(), name, owner, statement->if_not_exists);
}

void RunCreateExtension(DdlRun& run, const Node* node) {
  const auto* statement = As<CreateExtensionStmt>(node);
  Oid schema = run.target().context().search_path.creation_schema;
  std::string version;
  for (const DefElem* option : parser::Each<DefElem>(statement->options)) {
    std::string_view name = option->defname;
    if (name == "new_version") version = OptionText(option);
    if (name != "schema") continue;
    const catalog::SchemaDescriptor* found = run.catalog().FindSchema(OptionText(option));
    if (found == nullptr) {
      throw SqlError(sqlstate::kUndefinedSchema,
                     "schema \"" + OptionText(option) + "\" does not exist");
    }
    schema = found->oid;
  }
  Oid made = ddl::CreateExtension(run.writer(), statement->extname, schema,
                                  statement->if_not_exists);
  if (made == kInvalidOid || version.empty()) return;
  if (version == catalog::FindExtension(statement->extname)->version) return;
  throw SqlError(sqlstate::kInvalidParameterValue,
                 "extension \"" + std::string(statement->extname) +
                     "\" has no installation script nor update path for version \"" + version +
                     "\"");
}

}  // namespace sundog::binder
