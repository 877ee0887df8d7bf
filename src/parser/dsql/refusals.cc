// The gate: one row a statement. A row without a text lets the statement through, one with a check
// asks that; a statement without a row is refused by its node's name.
#include "parser/dsql/refusals.h"

#include <strings.h>

#include <algorithm>

#include "base/sql_error.h"
#include "parser/extension_scanner.h"
#include "parser/parse.h"
#include "parser/session_command.h"
#include "parser/pg_nodes.h"

namespace sundog::parser {

namespace dsql {

void Refuse(std::string text) {
  throw SqlError(sqlstate::kFeatureNotSupported, std::move(text));
}

void RefuseStatement(std::string_view node) {
  Refuse("unsupported statement: " + std::string(node));
}

namespace {

constexpr std::string_view kDefineCache =
    "please define CACHE greater than or equal to 65536 or equal to 1";

using Check = void (*)(const RawStatement&, const Node*);

void CheckTransaction(const RawStatement&, const Node* node) {
  const auto* statement = As<TransactionStmt>(node);
  switch (statement->kind) {
    case TRANS_STMT_SAVEPOINT: Refuse("unsupported transaction statement: SAVEPOINT");
    case TRANS_STMT_RELEASE: Refuse("unsupported transaction statement: RELEASE");
    case TRANS_STMT_ROLLBACK_TO: Refuse("unsupported transaction statement: ROLLBACK TO");
    default: break;
  }
  for (const DefElem* option : Each<DefElem>(statement->options)) {
    if (std::string_view(option->defname) != "transaction_isolation") continue;
    std::string level = As<A_Const>(option->arg)->val.sval.sval;
    if (level == "repeatable read") continue;
    for (char& c : level) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    Refuse("Unsupported isolation level: " + level);
  }
}

void CheckSet(const RawStatement&, const Node* node) {
  const auto* statement = As<VariableSetStmt>(node);
  switch (statement->kind) {
    case VAR_SET_MULTI: {
      std::string_view what = statement->name;
      ThrowDsqlSetting(what == "SESSION CHARACTERISTICS" ? "default_transaction_isolation" : what);
    }
    case VAR_RESET_ALL: return;
    default:
      if (!DsqlAllowsSetting(statement->name, statement->is_local)) {
        ThrowDsqlSetting(statement->name);
      }
  }
}

void CheckRoleSetting(const RawStatement&, const Node* node) {
  const VariableSetStmt* setting = As<AlterRoleSetStmt>(node)->setstmt;
  if (setting->kind == VAR_RESET_ALL) return;
  if (!DsqlAllowsSetting(setting->name, false)) ThrowDsqlSetting(setting->name);
}

void CheckShow(const RawStatement&, const Node* node) {
  const char* name = As<VariableShowStmt>(node)->name;
  if (strcasecmp(name, "lc_collate") == 0) {
    throw SqlError(sqlstate::kUndefinedObject,
                   "unrecognized configuration parameter \"" + std::string(name) + "\"");
  }
}

void CheckDeallocate(const RawStatement&, const Node* node) {
  if (As<DeallocateStmt>(node)->name != nullptr) RefuseStatement("Deallocate");
}

void CheckVacuum(const RawStatement&, const Node* node) {
  if (As<VacuumStmt>(node)->is_vacuumcmd) Refuse("unsupported VACUUM statement");
}

bool IsAny(ObjectType object, std::initializer_list<ObjectType> of) {
  return std::find(of.begin(), of.end(), object) != of.end();
}

void CheckDrop(const RawStatement&, const Node* node) {
  if (!IsAny(As<DropStmt>(node)->removeType,
             {OBJECT_TABLE, OBJECT_INDEX, OBJECT_VIEW, OBJECT_SEQUENCE, OBJECT_SCHEMA,
              OBJECT_DOMAIN, OBJECT_FUNCTION, OBJECT_STATISTIC_EXT})) {
    Refuse("unsupported object in DROP statement");
  }
}

void CheckRename(const RawStatement&, const Node* node) {
  if (!IsAny(As<RenameStmt>(node)->renameType,
             {OBJECT_TABLE, OBJECT_COLUMN, OBJECT_INDEX, OBJECT_VIEW, OBJECT_SEQUENCE,
              OBJECT_SCHEMA, OBJECT_DOMAIN, OBJECT_DOMCONSTRAINT, OBJECT_TABCONSTRAINT,
              OBJECT_FUNCTION, OBJECT_ROLE, OBJECT_STATISTIC_EXT})) {
    Refuse("unsupported object in RENAME statement");
  }
}

void CheckFunction(const RawStatement&, const Node* node) {
  const auto* statement = As<CreateFunctionStmt>(node);
  if (statement->is_procedure) Refuse("PROCEDURE is not supported");
  for (const DefElem* option : Each<DefElem>(statement->options)) {
    if (std::string_view(option->defname) != "language") continue;
    std::string language = Text(option->arg);
    if (language != "sql") Refuse("CREATE FUNCTION with language " + language + " not supported");
  }
}

void CheckDefine(const RawStatement&, const Node* node) {
  switch (As<DefineStmt>(node)->kind) {
    case OBJECT_TYPE: Refuse("CREATE TYPE not supported");
    case OBJECT_AGGREGATE: Refuse("CREATE AGGREGATE not supported");
    case OBJECT_OPERATOR: Refuse("CREATE OPERATOR not supported");
    case OBJECT_COLLATION: Refuse("CREATE COLLATION not supported");
    default: RefuseStatement("Define");
  }
}

void CheckIndex(const RawStatement& raw, const Node* node) {
  const auto* statement = As<IndexStmt>(node);
  if (statement->concurrent) Refuse("CONCURRENTLY not supported for CREATE INDEX");
  // The tree does not tell USING btree from the default.
  if (HasWordBeforeParenthesis(raw.text, "using")) Refuse("USING not supported for CREATE INDEX");
  for (const IndexElem* element : Each<IndexElem>(statement->indexParams)) {
    if (element->ordering != SORTBY_DEFAULT) {
      Refuse("specifying sort order not supported for index keys");
    }
    if (element->opclass != nullptr) Refuse("opclass not supported for index keys");
  }
  if (statement->tableSpace != nullptr) Refuse("TABLESPACE not supported for CREATE INDEX");
  if (statement->options != nullptr) Refuse("WITH not supported for CREATE INDEX");
}

void CheckAlterSequence(const RawStatement&, const Node* node) {
  CheckNewCache(As<AlterSeqStmt>(node)->options, "ALTER SEQUENCE");
}

void CheckSequence(const RawStatement&, const Node* node) {
  const auto* statement = As<CreateSeqStmt>(node);
  if (statement->sequence->relpersistence != 'p') {
    Refuse("TEMPORARY or TEMP not supported for CREATE SEQUENCE");
  }
  CheckCache(statement->options, "CREATE SEQUENCE");
}

void CheckGrant(const RawStatement&, const Node* node) {
  const auto* statement = As<GrantStmt>(node);
  if (statement->objtype != OBJECT_SCHEMA || statement->targtype != ACL_TARGET_OBJECT) return;
  for (const Node* object : Each<Node>(statement->objects)) {
    if (std::string_view(Text(object)) == "public") {
      Refuse("feature not supported on system entity");
    }
  }
}

void CheckTable(const RawStatement&, const Node* node) {
  CheckCreateTable(As<CreateStmt>(node));
}
void CheckAlter(const RawStatement& raw, const Node* node) {
  CheckAlterTable(As<AlterTableStmt>(node), raw.async);
}
void CheckAnyQuery(const RawStatement&, const Node* node) { CheckQuery(node); }
void CheckViewQuery(const RawStatement&, const Node* node) {
  const auto* statement = As<ViewStmt>(node);
  if (statement->view->relpersistence != 'p') {
    Refuse("TEMPORARY or TEMP view not supported for CREATE VIEW");
  }
  CheckQuery(statement->query);
}

void CheckTree(const RawStatement& raw, const Node* node);

void CheckExplained(const RawStatement& raw, const Node* node) {
  CheckTree(raw, As<ExplainStmt>(node)->query);
}
void CheckCopied(const RawStatement& raw, const Node* node) {
  const auto* statement = As<CopyStmt>(node);
  if (statement->filename != nullptr || statement->is_program) {
    Refuse("COPY from or to a file or program not supported");
  }
  if (statement->query != nullptr) CheckTree(raw, statement->query);
}
void CheckSchema(const RawStatement& raw, const Node* node) {
  for (const Node* element : Each<Node>(As<CreateSchemaStmt>(node)->schemaElts)) {
    CheckTree(raw, element);
    if (TagOf(element) == T_IndexStmt) Refuse(kSynchronousIndex);
  }
}

struct Row {
  NodeTag node;
  // What is refused whenever it is met; null: see the check.
  const char* text = nullptr;
  Check check = nullptr;
};

constexpr Row kRows[] = {
    {T_SelectStmt, nullptr, CheckAnyQuery},
    {T_InsertStmt, nullptr, CheckAnyQuery},
    {T_UpdateStmt, nullptr, CheckAnyQuery},
    {T_DeleteStmt, nullptr, CheckAnyQuery},
    {T_MergeStmt, "unsupported statement type: MERGE"},
    {T_ExplainStmt, nullptr, CheckExplained},
    {T_CopyStmt, nullptr, CheckCopied},
    {T_CallStmt},
    {T_TransactionStmt, nullptr, CheckTransaction},
    {T_VariableSetStmt, nullptr, CheckSet},
    {T_VariableShowStmt, nullptr, CheckShow},
    {T_DeallocateStmt, nullptr, CheckDeallocate},
    {T_ConstraintsSetStmt},
    {T_CreateSchemaStmt, nullptr, CheckSchema},
    {T_CreateStmt, nullptr, CheckTable},
    {T_AlterTableStmt, nullptr, CheckAlter},
    {T_ViewStmt, nullptr, CheckViewQuery},
    {T_CreateSeqStmt, nullptr, CheckSequence},
    {T_AlterSeqStmt, nullptr, CheckAlterSequence},
    {T_CreateDomainStmt},
    {T_AlterDomainStmt},
    {T_CreateRoleStmt},
    {T_AlterRoleStmt},
    {T_AlterRoleSetStmt, nullptr, CheckRoleSetting},
    {T_DropRoleStmt},
    {T_CreateFunctionStmt, nullptr, CheckFunction},
    {T_AlterFunctionStmt},
    {T_CreateStatsStmt},
    {T_AlterStatsStmt},
    {T_IndexStmt, nullptr, CheckIndex},
    {T_CommentStmt},
    {T_RenameStmt, nullptr, CheckRename},
    {T_AlterObjectSchemaStmt},
    {T_AlterOwnerStmt},
    {T_DropStmt, nullptr, CheckDrop},
    {T_GrantStmt, nullptr, CheckGrant},
    {T_GrantRoleStmt},
    {T_AlterDefaultPrivilegesStmt},
    {T_VacuumStmt, nullptr, CheckVacuum},
    {T_CreateTrigStmt, "CREATE TRIGGER not supported"},
    {T_CreateEnumStmt, "CREATE TYPE not supported"},
    {T_AlterEnumStmt, "ALTER TYPE not supported"},
    {T_AlterTypeStmt, "ALTER TYPE not supported"},
    {T_DefineStmt, nullptr, CheckDefine},
    {T_CompositeTypeStmt, "unsupported statement: CompositeType"},
    {T_CreateRangeStmt, "unsupported statement: CreateRange"},
    {T_CreateTableAsStmt, "unsupported statement: CreateTableAs"},
    {T_RefreshMatViewStmt, "unsupported statement: RefreshMatView"},
    {T_TruncateStmt, "unsupported statement: Truncate"},
    {T_CreateExtensionStmt, "unsupported statement: CreateExtension"},
    {T_AlterExtensionStmt, "unsupported statement: AlterExtension"},
    {T_CreatedbStmt, "unsupported statement: Createdb"},
    {T_DropdbStmt, "unsupported statement: Dropdb"},
    {T_AlterDatabaseStmt, "unsupported statement: AlterDatabase"},
    {T_AlterDatabaseSetStmt, "unsupported statement: AlterDatabaseSet"},
    {T_CreateTableSpaceStmt, "unsupported statement: CreateTableSpace"},
    {T_DropTableSpaceStmt, "unsupported statement: DropTableSpace"},
    {T_CreateForeignTableStmt, "unsupported statement: CreateForeignTable"},
    {T_CreateForeignServerStmt, "unsupported statement: CreateForeignServer"},
    {T_CreateFdwStmt, "unsupported statement: CreateFdw"},
    {T_ImportForeignSchemaStmt, "unsupported statement: ImportForeignSchema"},
    {T_ListenStmt, "unsupported statement: Listen"},
    {T_NotifyStmt, "unsupported statement: Notify"},
    {T_UnlistenStmt, "unsupported statement: Unlisten"},
    {T_AlterSystemStmt, "unsupported statement: AlterSystem"},
    {T_DeclareCursorStmt, "unsupported statement: DeclareCursor"},
    {T_FetchStmt, "unsupported statement: Fetch"},
    {T_ClosePortalStmt, "unsupported statement: ClosePortal"},
    {T_CreatePolicyStmt, "unsupported statement: CreatePolicy"},
    {T_AlterPolicyStmt, "unsupported statement: AlterPolicy"},
    {T_LockStmt, "unsupported statement: Lock"},
    {T_PrepareStmt, "unsupported statement: Prepare"},
    {T_ExecuteStmt, "unsupported statement: Execute"},
    {T_DiscardStmt, "unsupported statement: Discard"},
    {T_DoStmt, "unsupported statement: Do"},
    {T_LoadStmt, "unsupported statement: Load"},
    {T_ReindexStmt, "unsupported statement: Reindex"},
    {T_ClusterStmt, "unsupported statement: Cluster"},
    {T_CheckPointStmt, "unsupported statement: CheckPoint"},
    {T_RuleStmt, "unsupported statement: Rule"},
    {T_CreateCastStmt, "unsupported statement: CreateCast"},
    {T_DropOwnedStmt, "unsupported statement: DropOwned"},
    {T_ReassignOwnedStmt, "unsupported statement: ReassignOwned"},
    {T_CreateEventTrigStmt, "unsupported statement: CreateEventTrig"},
    {T_CreatePublicationStmt, "unsupported statement: CreatePublication"},
    {T_CreateSubscriptionStmt, "unsupported statement: CreateSubscription"},
    {T_SecLabelStmt, "unsupported statement: SecLabel"},
};

void CheckTree(const RawStatement& raw, const Node* node) {
  for (const Row& row : kRows) {
    if (row.node != TagOf(node)) continue;
    if (row.text != nullptr) Refuse(row.text);
    if (row.check != nullptr) row.check(raw, node);
    return;
  }
  RefuseStatement(CommandTag(raw));
}

}  // namespace

namespace {

// Nullptr: there is none.
const DefElem* FindCache(const List* options) {
  for (const DefElem* option : Each<DefElem>(options)) {
    if (std::string_view(option->defname) == "cache") return option;
  }
  return nullptr;
}

bool IsGoodCache(const DefElem& option) {
  if (option.arg == nullptr) return false;
  // What is no int4 is large, or negative.
  if (TagOf(option.arg) == T_Float) return As<Float>(option.arg)->fval[0] != '-';
  if (TagOf(option.arg) != T_Integer) return false;
  int cache = As<Integer>(option.arg)->ival;
  return cache == 1 || cache >= 65536;
}

}  // namespace

void CheckCache(const List* options, std::string_view who) {
  const DefElem* cache = FindCache(options);
  if (cache != nullptr && IsGoodCache(*cache)) return;
  Refuse(std::string(who) + " is not supported without an explicit cache size. " +
         std::string(kDefineCache));
}

void CheckNewCache(const List* options, std::string_view who) {
  const DefElem* cache = FindCache(options);
  if (cache == nullptr || IsGoodCache(*cache)) return;
  Refuse(std::string(who) + " is not supported with this cache size. " +
         std::string(kDefineCache));
}

}  // namespace dsql

bool DsqlAllowsSetting(std::string_view name, bool is_local) {
  static constexpr std::string_view kAllowed[] = {
      "application_name", "client_encoding", "datestyle", "extra_float_digits", "intervalstyle",
      "timezone", "search_path", "enable_bitmapscan", "enable_hashjoin", "enable_indexonlyscan",
      "enable_indexscan", "enable_material", "enable_mergejoin", "enable_nestloop",
      "enable_seqscan", "dsql.enable_batched_nestloop", "disable_sync_create_index",
  };
  auto is = [name](std::string_view other) {
    return name.size() == other.size() && strncasecmp(name.data(), other.data(), name.size()) == 0;
  };
  if (is("role")) return is_local;
  return std::any_of(std::begin(kAllowed), std::end(kAllowed), is);
}

void ThrowDsqlSetting(std::string_view name) {
  dsql::Refuse("setting configuration parameter \"" + std::string(name) + "\" not supported");
}

void RefuseInDsql(const RawStatement& statement, bool allows_synchronous_index) {
  if (statement.tree == nullptr) return;
  dsql::CheckTree(statement, statement.tree);
  bool synchronous = TagOf(statement.tree) == T_IndexStmt && !statement.async;
  if (synchronous && !allows_synchronous_index) dsql::Refuse(dsql::kSynchronousIndex);
}

}  // namespace sundog::parser
