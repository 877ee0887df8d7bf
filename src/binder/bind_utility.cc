#include "binder/bind_utility.h"

#include "binder/bind_function_call.h"
#include "parser/parse.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

using TablePtr = std::shared_ptr<const catalog::TableDescriptor>;

// Errors of most utility statements have no position.
const catalog::Relation& GetUnplacedRelation(Scope& scope, const RangeVar* range) {
  RangeVar unplaced = *range;
  unplaced.location = -1;
  return GetRelation(scope, &unplaced);
}

TablePtr GetTable(Scope& scope, const RangeVar* range) {
  const catalog::Relation& relation = GetUnplacedRelation(scope, range);
  if (relation.table != nullptr) return relation.table;
  if (relation.system != nullptr) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   "permission denied: \"" + relation.name + "\" is a system catalog");
  }
  throw SqlError(sqlstate::kWrongObjectType, "\"" + relation.name + "\" is not a table");
}

BoundStatementPtr BindSetConstraints(Scope& scope, const ConstraintsSetStmt* raw) {
  auto statement = std::make_unique<BoundSetConstraints>();
  statement->all = raw->constraints == nullptr;
  statement->deferred = raw->deferred;
  for (const RangeVar* name : parser::Each<RangeVar>(raw->constraints)) {
    if (name->catalogname != nullptr &&
        name->catalogname != scope.state.context.database_name) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     std::string("cross-database references are not implemented: \"") +
                         name->catalogname + "." + name->schemaname + "." + name->relname + "\"");
    }
    statement->constraints.push_back(
        {name->schemaname != nullptr ? name->schemaname : "", name->relname});
  }
  return statement;
}

BoundStatementPtr BindVacuum(Scope& scope, const VacuumStmt* raw) {
  auto statement = std::make_unique<BoundVacuum>();
  statement->vacuum = raw->is_vacuumcmd;
  statement->analyze = !raw->is_vacuumcmd;
  static constexpr std::string_view kIgnored[] = {
      "freeze",   "skip_locked", "index_cleanup",         "process_toast",
      "truncate", "parallel",    "disable_page_skipping",
  };
  for (const DefElem* option : parser::Each<DefElem>(raw->options)) {
    std::string_view name = option->defname;
    if (name == "verbose") {
      statement->verbose = OptionFlag(option);
    } else if (name == "analyze" && raw->is_vacuumcmd) {
      statement->analyze = OptionFlag(option);
    } else if (name == "full" && raw->is_vacuumcmd) {
      statement->full = OptionFlag(option);
    } else {
      bool known = false;
      for (std::string_view ignored : kIgnored) known = known || ignored == name;
      if (known && (raw->is_vacuumcmd || name == "skip_locked")) continue;
      throw SqlError(sqlstate::kSyntaxError, std::string("unrecognized ") +
                                                 (raw->is_vacuumcmd ? "VACUUM" : "ANALYZE") +
                                                 " option \"" + std::string(name) + "\"")
          .At(option->location);
    }
  }
  for (const VacuumRelation* target : parser::Each<VacuumRelation>(raw->rels)) {
    if (target->va_cols != nullptr && !statement->analyze) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "ANALYZE option must be specified when a column list is provided");
    }
    BoundVacuum::Target bound;
    bound.table = GetTable(scope, target->relation);
    for (const std::string& name : NameParts(target->va_cols)) {
      const auto* column = bound.table->FindColumn(std::string_view(name));
      if (column == nullptr) {
        throw SqlError(sqlstate::kUndefinedColumn, "column \"" + name + "\" of relation \"" +
                                                       bound.table->name + "\" does not exist");
      }
      bound.columns.push_back(column->attnum);
    }
    statement->targets.push_back(std::move(bound));
  }
  return statement;
}

BoundStatementPtr BindTruncate(Scope& scope, const TruncateStmt* raw) {
  auto statement = std::make_unique<BoundTruncate>();
  statement->cascade = raw->behavior == DROP_CASCADE;
  statement->restart_identity = raw->restart_seqs;
  for (const RangeVar* range : parser::Each<RangeVar>(raw->relations)) {
    const catalog::Relation& relation = GetUnplacedRelation(scope, range);
    if (relation.table == nullptr) {
      throw SqlError(sqlstate::kWrongObjectType, "\"" + relation.name + "\" is not a table");
    }
    scope.state.privileges.AddRelation(-1, 0, relation.oid, catalog::kTruncate);
    statement->tables.push_back(relation.table);
  }
  return statement;
}

// Who may lock a table so: whoever may do what such a lock is for.
uint32_t PrivilegesToLock(TableLockMode mode) {
  constexpr uint32_t kChanges = catalog::kUpdate | catalog::kDelete | catalog::kTruncate;
  if (mode == TableLockMode::kAccessShare) return catalog::kSelect;
  return mode == TableLockMode::kRowExclusive ? kChanges | catalog::kInsert : kChanges;
}

BoundStatementPtr BindLock(Scope& scope, const LockStmt* raw) {
  auto statement = std::make_unique<BoundLock>();
  statement->mode = static_cast<TableLockMode>(raw->mode);
  statement->no_wait = raw->nowait;
  for (const RangeVar* range : parser::Each<RangeVar>(raw->relations)) {
    const catalog::Relation& relation = GetUnplacedRelation(scope, range);
    if (relation.table == nullptr && relation.kind != 'v' && relation.system == nullptr) {
      throw SqlError(sqlstate::kWrongObjectType, "cannot lock relation \"" + relation.name + "\"")
          .Detail("This operation is not supported for " +
                  std::string(relation.kind == 'S' ? "sequences." : "indexes."));
    }
    scope.state.privileges
        .AddRelation(-1, 0, relation.oid, PrivilegesToLock(statement->mode))
        .any = true;
    if (relation.table != nullptr) statement->tables.push_back(relation.table);
  }
  return statement;
}

BoundStatementPtr BindDo(const DoStmt* raw) {
  auto statement = std::make_unique<BoundDo>();
  bool has_body = false;
  for (const DefElem* option : parser::Each<DefElem>(raw->args)) {
    std::string_view name = option->defname;
    if (name == "as") {
      statement->body = parser::Text(option->arg);
      has_body = true;
    } else if (name == "language") {
      statement->language = parser::Text(option->arg);
    }
  }
  if (!has_body) throw SqlError(sqlstate::kSyntaxError, "no inline code specified");
  return statement;
}

BoundStatementPtr BindCall(Scope& scope, const CallStmt* raw) {
  auto statement = std::make_unique<BoundCall>();
  statement->call = BindProcedureCall(scope, raw->funccall);
  return statement;
}

BoundStatementPtr MakeMaintenance(Scope& scope, UtilityKind kind, const RangeVar* range) {
  auto statement = std::make_unique<BoundMaintenance>(kind);
  if (range != nullptr) statement->relation = GetUnplacedRelation(scope, range).oid;
  return statement;
}

BoundStatementPtr BindReindex(Scope& scope, const ReindexStmt* raw) {
  bool named = raw->kind == REINDEX_OBJECT_TABLE || raw->kind == REINDEX_OBJECT_INDEX;
  return MakeMaintenance(scope, UtilityKind::kReindex, named ? raw->relation : nullptr);
}

BoundStatementPtr MakeDdl(const parser::RawStatement& raw, const Node* node) {
  auto statement = std::make_unique<BoundDdl>();
  statement->tree = node;
  statement->statement = &raw;
  return statement;
}

}  // namespace

bool OptionFlag(const DefElem* option) {
  if (option->arg == nullptr) return true;
  if (TagOf(option->arg) == T_Integer) {
    int value = As<Integer>(option->arg)->ival;
    if (value == 0 || value == 1) return value == 1;
  } else {
    std::string text = OptionText(option);
    for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    if (text == "true" || text == "on") return true;
    if (text == "false" || text == "off") return false;
  }
  throw SqlError(sqlstate::kSyntaxError,
                 std::string(option->defname) + " requires a Boolean value");
}

std::string OptionText(const DefElem* option) {
  if (option->arg == nullptr) {
    throw SqlError(sqlstate::kSyntaxError, std::string(option->defname) + " requires a parameter");
  }
  switch (TagOf(option->arg)) {
    case T_Integer: return std::to_string(As<Integer>(option->arg)->ival);
    case T_Float: return As<Float>(option->arg)->fval;
    case T_Boolean: return As<Boolean>(option->arg)->boolval ? "true" : "false";
    case T_String: return As<String>(option->arg)->sval;
    case T_TypeName: return NameParts(As<::TypeName>(option->arg)->names).back();
    case T_A_Star: return "*";
    default: return "";
  }
}

BoundStatementPtr BindUtility(Scope& scope, const parser::RawStatement& raw, const Node* node) {
  switch (TagOf(node)) {
    case T_ConstraintsSetStmt: return BindSetConstraints(scope, As<ConstraintsSetStmt>(node));
    case T_ExecuteStmt: return BindExecute(scope, As<ExecuteStmt>(node));
    case T_CopyStmt: return BindCopy(scope, As<CopyStmt>(node));
    // The session's own; inside EXPLAIN only its query counts.
    case T_DeclareCursorStmt:
      return BindStatementNode(scope, raw, As<DeclareCursorStmt>(node)->query);
    case T_ExplainStmt: return BindExplain(scope, raw, As<ExplainStmt>(node));
    case T_VacuumStmt: return BindVacuum(scope, As<VacuumStmt>(node));
    case T_TruncateStmt: return BindTruncate(scope, As<TruncateStmt>(node));
    case T_LockStmt: return BindLock(scope, As<LockStmt>(node));
    case T_DoStmt: return BindDo(As<DoStmt>(node));
    case T_CallStmt: return BindCall(scope, As<CallStmt>(node));
    case T_CheckPointStmt: return MakeMaintenance(scope, UtilityKind::kCheckpoint, nullptr);
    case T_ReindexStmt: return BindReindex(scope, As<ReindexStmt>(node));
    case T_ClusterStmt:
      return MakeMaintenance(scope, UtilityKind::kCluster, As<ClusterStmt>(node)->relation);
    case T_LoadStmt: {
      auto statement = std::make_unique<BoundMaintenance>(UtilityKind::kLoad);
      statement->text = As<LoadStmt>(node)->filename;
      return statement;
    }
    case T_CreateTableAsStmt: return BindCreateTableAs(scope, raw, node);
    default: return MakeDdl(raw, node);
  }
}

}  // namespace sundog::binder
