// The command tags of statements, as PostgreSQL's utility.c and its cmdtaglist name them.
#include <string_view>

#include "parser/parse.h"
#include "parser/pg_nodes.h"
#include "parser/session_command.h"

namespace sundog::parser {

namespace {

struct TagRow {
  NodeTag node;
  std::string_view tag;
};

// Statements whose tag their node alone says.
constexpr TagRow kTags[] = {
    {T_SelectStmt, "SELECT"},
    {T_InsertStmt, "INSERT"},
    {T_UpdateStmt, "UPDATE"},
    {T_DeleteStmt, "DELETE"},
    {T_MergeStmt, "MERGE"},
    {T_CopyStmt, "COPY"},
    {T_ExplainStmt, "EXPLAIN"},
    {T_CreateStmt, "CREATE TABLE"},
    {T_CreateTableAsStmt, "SELECT"},
    {T_CreateSchemaStmt, "CREATE SCHEMA"},
    {T_CreateSeqStmt, "CREATE SEQUENCE"},
    {T_AlterSeqStmt, "ALTER SEQUENCE"},
    {T_IndexStmt, "CREATE INDEX"},
    {T_ViewStmt, "CREATE VIEW"},
    {T_CreateEnumStmt, "CREATE TYPE"},
    {T_AlterEnumStmt, "ALTER TYPE"},
    {T_CompositeTypeStmt, "CREATE TYPE"},
    {T_CreateRangeStmt, "CREATE TYPE"},
    {T_CreateDomainStmt, "CREATE DOMAIN"},
    {T_AlterDomainStmt, "ALTER DOMAIN"},
    {T_CreateFunctionStmt, "CREATE FUNCTION"},
    {T_AlterFunctionStmt, "ALTER FUNCTION"},
    {T_CreateTrigStmt, "CREATE TRIGGER"},
    {T_CreateExtensionStmt, "CREATE EXTENSION"},
    {T_AlterExtensionStmt, "ALTER EXTENSION"},
    {T_CreateRoleStmt, "CREATE ROLE"},
    {T_AlterRoleStmt, "ALTER ROLE"},
    {T_AlterRoleSetStmt, "ALTER ROLE"},
    {T_DropRoleStmt, "DROP ROLE"},
    {T_CreatedbStmt, "CREATE DATABASE"},
    {T_AlterDatabaseStmt, "ALTER DATABASE"},
    {T_AlterDatabaseSetStmt, "ALTER DATABASE"},
    {T_DropdbStmt, "DROP DATABASE"},
    {T_TruncateStmt, "TRUNCATE TABLE"},
    {T_CommentStmt, "COMMENT"},
    {T_VacuumStmt, "VACUUM"},
    {T_CheckPointStmt, "CHECKPOINT"},
    {T_ReindexStmt, "REINDEX"},
    {T_ClusterStmt, "CLUSTER"},
    {T_LockStmt, "LOCK TABLE"},
    {T_DoStmt, "DO"},
    {T_CallStmt, "CALL"},
    {T_ConstraintsSetStmt, "SET CONSTRAINTS"},
    {T_RefreshMatViewStmt, "REFRESH MATERIALIZED VIEW"},
    {T_CreatePolicyStmt, "CREATE POLICY"},
    {T_AlterPolicyStmt, "ALTER POLICY"},
    {T_CreateCastStmt, "CREATE CAST"},
    {T_RuleStmt, "CREATE RULE"},
    {T_CreateStatsStmt, "CREATE STATISTICS"},
    {T_AlterOwnerStmt, "ALTER TABLE"},
    {T_AlterDefaultPrivilegesStmt, "ALTER DEFAULT PRIVILEGES"},
    {T_DropOwnedStmt, "DROP OWNED"},
    {T_ReassignOwnedStmt, "REASSIGN OWNED"},
    {T_LoadStmt, "LOAD"},
    {T_AlterSystemStmt, "ALTER SYSTEM"},
    {T_PrepareStmt, "PREPARE"},
    {T_ExecuteStmt, "EXECUTE"},
    {T_DeclareCursorStmt, "DECLARE CURSOR"},
    {T_FetchStmt, "FETCH"},
    {T_VariableShowStmt, "SHOW"},
    {T_VariableSetStmt, "SET"},
    {T_ListenStmt, "LISTEN"},
    {T_UnlistenStmt, "UNLISTEN"},
    {T_NotifyStmt, "NOTIFY"},
};

struct ObjectRow {
  ObjectType object;
  std::string_view drop;
  std::string_view alter;
};

constexpr ObjectRow kObjects[] = {
    {OBJECT_TABLE, "DROP TABLE", "ALTER TABLE"},
    {OBJECT_COLUMN, "ALTER TABLE", "ALTER TABLE"},
    {OBJECT_TABCONSTRAINT, "ALTER TABLE", "ALTER TABLE"},
    {OBJECT_INDEX, "DROP INDEX", "ALTER INDEX"},
    {OBJECT_SEQUENCE, "DROP SEQUENCE", "ALTER SEQUENCE"},
    {OBJECT_VIEW, "DROP VIEW", "ALTER VIEW"},
    {OBJECT_MATVIEW, "DROP MATERIALIZED VIEW", "ALTER MATERIALIZED VIEW"},
    {OBJECT_FOREIGN_TABLE, "DROP FOREIGN TABLE", "ALTER FOREIGN TABLE"},
    {OBJECT_SCHEMA, "DROP SCHEMA", "ALTER SCHEMA"},
    {OBJECT_TYPE, "DROP TYPE", "ALTER TYPE"},
    {OBJECT_ATTRIBUTE, "ALTER TYPE", "ALTER TYPE"},
    {OBJECT_DOMAIN, "DROP DOMAIN", "ALTER DOMAIN"},
    {OBJECT_DOMCONSTRAINT, "ALTER DOMAIN", "ALTER DOMAIN"},
    {OBJECT_FUNCTION, "DROP FUNCTION", "ALTER FUNCTION"},
    {OBJECT_PROCEDURE, "DROP PROCEDURE", "ALTER PROCEDURE"},
    {OBJECT_ROUTINE, "DROP ROUTINE", "ALTER ROUTINE"},
    {OBJECT_AGGREGATE, "DROP AGGREGATE", "ALTER AGGREGATE"},
    {OBJECT_OPERATOR, "DROP OPERATOR", "ALTER OPERATOR"},
    {OBJECT_COLLATION, "DROP COLLATION", "ALTER COLLATION"},
    {OBJECT_CAST, "DROP CAST", "ALTER CAST"},
    {OBJECT_TRIGGER, "DROP TRIGGER", "ALTER TRIGGER"},
    {OBJECT_POLICY, "DROP POLICY", "ALTER POLICY"},
    {OBJECT_RULE, "DROP RULE", "ALTER RULE"},
    {OBJECT_EXTENSION, "DROP EXTENSION", "ALTER EXTENSION"},
    {OBJECT_DATABASE, "DROP DATABASE", "ALTER DATABASE"},
    {OBJECT_ROLE, "DROP ROLE", "ALTER ROLE"},
    {OBJECT_STATISTIC_EXT, "DROP STATISTICS", "ALTER STATISTICS"},
};

std::string_view DropTag(ObjectType object) {
  for (const ObjectRow& row : kObjects) {
    if (row.object == object) return row.drop;
  }
  return "DROP";
}

std::string_view AlterTag(ObjectType object) {
  for (const ObjectRow& row : kObjects) {
    if (row.object == object) return row.alter;
  }
  return "ALTER";
}

std::string_view DefineTag(ObjectType object) {
  switch (object) {
    case OBJECT_AGGREGATE: return "CREATE AGGREGATE";
    case OBJECT_OPERATOR: return "CREATE OPERATOR";
    case OBJECT_TYPE: return "CREATE TYPE";
    case OBJECT_COLLATION: return "CREATE COLLATION";
    case OBJECT_TSCONFIGURATION: return "CREATE TEXT SEARCH CONFIGURATION";
    default: return "CREATE";
  }
}

// Tags that depend on more than the node's kind; empty for all others.
std::string_view SpecialTag(const Node* node) {
  switch (TagOf(node)) {
    case T_DropStmt: return DropTag(As<DropStmt>(node)->removeType);
    case T_AlterTableStmt: return AlterTag(As<AlterTableStmt>(node)->objtype);
    case T_AlterObjectSchemaStmt: return AlterTag(As<AlterObjectSchemaStmt>(node)->objectType);
    case T_AlterOwnerStmt: return AlterTag(As<AlterOwnerStmt>(node)->objectType);
    case T_DefineStmt: return DefineTag(As<DefineStmt>(node)->kind);
    case T_RenameStmt: {
      const auto* rename = As<RenameStmt>(node);
      bool of_column = rename->renameType == OBJECT_COLUMN;
      return AlterTag(of_column ? rename->relationType : rename->renameType);
    }
    case T_CreateFunctionStmt:
      return As<CreateFunctionStmt>(node)->is_procedure ? "CREATE PROCEDURE" : "CREATE FUNCTION";
    case T_CreateTableAsStmt:
      return As<CreateTableAsStmt>(node)->objtype == OBJECT_MATVIEW ? "CREATE MATERIALIZED VIEW"
                                                                     : "";
    case T_VacuumStmt: return As<VacuumStmt>(node)->is_vacuumcmd ? "VACUUM" : "ANALYZE";
    case T_GrantStmt: return As<GrantStmt>(node)->is_grant ? "GRANT" : "REVOKE";
    case T_GrantRoleStmt:
      return As<GrantRoleStmt>(node)->is_grant ? "GRANT ROLE" : "REVOKE ROLE";
    case T_DiscardStmt: {
      constexpr std::string_view kDiscards[] = {"DISCARD ALL", "DISCARD PLANS",
                                                "DISCARD SEQUENCES", "DISCARD TEMP"};
      return kDiscards[As<DiscardStmt>(node)->target];
    }
    default: return "";
  }
}

}  // namespace

std::string_view CommandTag(const RawStatement& statement) {
  if (statement.aws_iam) return statement.aws_iam->grant ? "GRANT" : "REVOKE";
  const Node* node = statement.tree;
  if (std::string_view tag = SpecialTag(node); !tag.empty()) return tag;
  for (const TagRow& row : kTags) {
    if (row.node == TagOf(node)) return row.tag;
  }
  return "???";
}

bool IsConcurrentIndex(const RawStatement& statement) {
  const Node* node = statement.tree;
  return node != nullptr && TagOf(node) == T_IndexStmt && As<IndexStmt>(node)->concurrent;
}

}  // namespace sundog::parser
