#include "binder/ddl/run_ddl.h"

#include "base/sql_error.h"
#include "binder/ddl/ddl_binding.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

namespace {

// A session knows its own database only, and that one it cannot drop.
void RunDropDatabase(DdlRun& run, const Node* node) {
  const auto* statement = parser::As<DropdbStmt>(node);
  std::string name = statement->dbname;
  if (name == run.target().context().database_name) {
    throw SqlError(sqlstate::kObjectInUse, "cannot drop the currently open database");
  }
  std::string message = "database \"" + name + "\" does not exist";
  if (!statement->missing_ok) throw SqlError(sqlstate::kUndefinedDatabase, message);
  NoticeMissing(run, std::move(message));
}

struct DdlRow {
  NodeTag tag;
  void (*run)(DdlRun& run, const Node* node);
};

constexpr DdlRow kStatements[] = {
    {T_CreateStmt, RunCreateTable},
    {T_IndexStmt, RunCreateIndex},
    {T_AlterTableStmt, RunAlterTable},
    {T_CreateSeqStmt, RunCreateSequence},
    {T_AlterSeqStmt, RunAlterSequence},
    {T_DropStmt, RunDrop},
    {T_RenameStmt, RunRename},
    {T_AlterOwnerStmt, RunAlterOwner},
    {T_AlterObjectSchemaStmt, RunAlterSchema},
    {T_ViewStmt, RunCreateView},
    {T_CreateSchemaStmt, RunCreateSchema},
    {T_CreateEnumStmt, RunCreateEnum},
    {T_AlterEnumStmt, RunAlterEnum},
    {T_CompositeTypeStmt, RunCreateComposite},
    {T_CreateDomainStmt, RunCreateDomain},
    {T_AlterDomainStmt, RunAlterDomain},
    {T_CreateFunctionStmt, RunCreateFunction},
    {T_AlterFunctionStmt, RunAlterFunction},
    {T_CreateRoleStmt, RunCreateRole},
    {T_AlterRoleStmt, RunAlterRole},
    {T_AlterRoleSetStmt, RunAlterRoleSet},
    {T_AlterDatabaseSetStmt, RunAlterDatabaseSet},
    {T_DropRoleStmt, RunDropRole},
    {T_GrantRoleStmt, RunGrantRole},
    {T_DropOwnedStmt, RunDropOwned},
    {T_ReassignOwnedStmt, RunReassignOwned},
    {T_GrantStmt, RunGrant},
    {T_AlterDefaultPrivilegesStmt, RunAlterDefaultPrivileges},
    {T_CommentStmt, RunComment},
    {T_CreatePolicyStmt, RunCreatePolicy},
    {T_AlterPolicyStmt, RunAlterPolicy},
    {T_CreateExtensionStmt, RunCreateExtension},
    {T_DropdbStmt, RunDropDatabase},
};

struct UnsupportedRow {
  NodeTag tag;
  std::string_view name;
};

constexpr UnsupportedRow kUnsupported[] = {
    {T_CreateTrigStmt, "CREATE TRIGGER"},
    {T_RuleStmt, "CREATE RULE"},
    {T_CreateCastStmt, "CREATE CAST"},
    {T_CreateOpClassStmt, "CREATE OPERATOR CLASS"},
    {T_CreateOpFamilyStmt, "CREATE OPERATOR FAMILY"},
    {T_CreateRangeStmt, "CREATE TYPE AS RANGE"},
    {T_CreatedbStmt, "CREATE DATABASE"},
    {T_AlterDatabaseStmt, "ALTER DATABASE"},
    {T_CreateTableSpaceStmt, "CREATE TABLESPACE"},
    {T_DropTableSpaceStmt, "DROP TABLESPACE"},
    {T_CreateEventTrigStmt, "CREATE EVENT TRIGGER"},
    {T_CreateFdwStmt, "CREATE FOREIGN DATA WRAPPER"},
    {T_CreateForeignServerStmt, "CREATE SERVER"},
    {T_CreateForeignTableStmt, "CREATE FOREIGN TABLE"},
    {T_CreateUserMappingStmt, "CREATE USER MAPPING"},
    {T_CreatePublicationStmt, "CREATE PUBLICATION"},
    {T_CreateSubscriptionStmt, "CREATE SUBSCRIPTION"},
    {T_CreateStatsStmt, "CREATE STATISTICS"},
    {T_CreateConversionStmt, "CREATE CONVERSION"},
    {T_CreatePLangStmt, "CREATE LANGUAGE"},
    {T_CreateTransformStmt, "CREATE TRANSFORM"},
    {T_CreateAmStmt, "CREATE ACCESS METHOD"},
    {T_AlterSystemStmt, "ALTER SYSTEM"},
    {T_RefreshMatViewStmt, "REFRESH MATERIALIZED VIEW"},
    {T_SecLabelStmt, "SECURITY LABEL"},
    {T_ImportForeignSchemaStmt, "IMPORT FOREIGN SCHEMA"},
    {T_AlterTypeStmt, "ALTER TYPE SET"},
};

std::string_view NameOf(const DefineStmt& statement) {
  switch (statement.kind) {
    case OBJECT_AGGREGATE: return "CREATE AGGREGATE";
    case OBJECT_OPERATOR: return "CREATE OPERATOR";
    case OBJECT_TYPE: return "CREATE TYPE of a base type";
    case OBJECT_COLLATION: return "CREATE COLLATION";
    default: return "CREATE TEXT SEARCH";
  }
}

}  // namespace

void RunDdl(const ::Node* tree, std::string_view statement_text, DdlTarget& target) {
  DdlRun run(target, statement_text);
  NodeTag tag = parser::TagOf(tree);
  for (const DdlRow& row : kStatements) {
    if (row.tag == tag) return row.run(run, tree);
  }
  if (tag == T_DefineStmt) {
    base::ThrowNotSupported(NameOf(*parser::As<DefineStmt>(tree)));
  }
  for (const UnsupportedRow& row : kUnsupported) {
    if (row.tag == tag) base::ThrowNotSupported(row.name);
  }
  base::ThrowNotSupported("this statement");
}

}  // namespace sundog::binder
