// What Aurora DSQL refuses in CREATE TABLE and ALTER TABLE: types of columns, kinds of tables,
// actions that would rewrite or scan a table while it is in use.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/sql_error.h"
#include "parser/dsql/refusals.h"
#include "parser/pg_nodes.h"

namespace sundog::parser::dsql {

namespace {

struct TypeRow {
  std::string_view name;
  // As format_type() says it, where that is another.
  std::string_view printed;
  bool allowed;
};

constexpr TypeRow kTypes[] = {
    {"int2", "smallint", true},
    {"int4", "integer", true},
    {"int8", "bigint", true},
    {"float4", "real", true},
    {"float8", "double precision", true},
    {"numeric", "", true},
    {"bool", "boolean", true},
    {"bpchar", "character", true},
    {"varchar", "character varying", true},
    {"text", "", true},
    {"date", "", true},
    {"time", "time without time zone", true},
    {"timetz", "time with time zone", true},
    {"timestamp", "timestamp without time zone", true},
    {"timestamptz", "timestamp with time zone", true},
    {"interval", "", true},
    {"bytea", "", true},
    {"uuid", "", true},
    {"json", "", true},
    {"jsonb", "", true},
    {"money", "", false},
    {"xml", "", false},
    {"inet", "", false},
    {"cidr", "", false},
    {"macaddr", "", false},
    {"macaddr8", "", false},
    {"point", "", false},
    {"line", "", false},
    {"lseg", "", false},
    {"box", "", false},
    {"path", "", false},
    {"polygon", "", false},
    {"circle", "", false},
    {"tsvector", "", false},
    {"tsquery", "", false},
    {"int4range", "", false},
    {"int8range", "", false},
    {"numrange", "", false},
    {"tsrange", "", false},
    {"tstzrange", "", false},
    {"daterange", "", false},
    {"int4multirange", "", false},
    {"int8multirange", "", false},
    {"nummultirange", "", false},
    {"tsmultirange", "", false},
    {"tstzmultirange", "", false},
    {"datemultirange", "", false},
    {"bit", "", false},
    {"varbit", "bit varying", false},
    {"pg_lsn", "", false},
    {"pg_snapshot", "", false},
    {"txid_snapshot", "", false},
    {"jsonpath", "", false},
    {"name", "", false},
    {"oid", "", false},
    {"regclass", "", false},
    {"regproc", "", false},
    {"regtype", "", false},
    {"char", "\"char\"", false},
};

constexpr std::string_view kSerialTypes[] = {
    "serial", "serial2", "serial4", "serial8", "smallserial", "bigserial",
};

// The name of a built-in type; empty for one that a schema qualifies.
std::string_view BuiltinName(const TypeName* type) {
  if (Length(type->names) == 1) return Text(At(type->names, 0));
  if (Length(type->names) == 2 && std::string_view(Text(At(type->names, 0))) == "pg_catalog") {
    return Text(At(type->names, 1));
  }
  return {};
}

void CheckLength(const TypeName* type, std::string_view name) {
  if (Length(type->typmods) != 1 || TagOf(At(type->typmods, 0)) != T_A_Const) return;
  const auto* length = As<A_Const>(At(type->typmods, 0));
  if (TagOf(&length->val) != T_Integer) return;
  int bytes = length->val.ival.ival;
  if (name == "bpchar" && bytes > 4096) {
    Refuse("Datatype limit greater than 4096 bytes not supported for char");
  }
  if (name == "varchar" && bytes > 65535) {
    Refuse("Datatype limit greater than 65535 bytes not supported for varchar");
  }
}

void CheckType(const TypeName* type) {
  std::string_view name = BuiltinName(type);
  if (std::find(std::begin(kSerialTypes), std::end(kSerialTypes), name) !=
      std::end(kSerialTypes)) {
    throw SqlError(sqlstate::kUndefinedObject, fmt::format("type \"{}\" does not exist", name))
        .At(type->location);
  }
  auto row = std::find_if(std::begin(kTypes), std::end(kTypes),
                          [name](const TypeRow& candidate) { return candidate.name == name; });
  if (row == std::end(kTypes)) {
    if (type->arrayBounds != nullptr) Refuse(fmt::format("datatype {}[] not supported", name));
    return;  // a domain, or not there
  }
  std::string_view printed = row->printed.empty() ? row->name : row->printed;
  if (type->arrayBounds != nullptr) Refuse(fmt::format("datatype {}[] not supported", printed));
  if (!row->allowed) Refuse(fmt::format("datatype {} not supported", printed));
  CheckLength(type, name);
}

void CheckIdentity(const TypeName* type, const Constraint* constraint) {
  std::string_view name = type == nullptr ? "int8" : BuiltinName(type);
  if (name != "int8") {
    auto row = std::find_if(std::begin(kTypes), std::end(kTypes),
                            [name](const TypeRow& candidate) { return candidate.name == name; });
    std::string_view printed =
        row == std::end(kTypes) || row->printed.empty() ? name : row->printed;
    Refuse(fmt::format("datatype {} not supported, identity column type must be bigint", printed));
  }
  CheckCache(constraint->options, "identity column");
}

void CheckColumn(const ColumnDef* column) {
  if (column->typeName != nullptr) CheckType(column->typeName);
  if (column->collClause != nullptr) {
    const List* names = column->collClause->collname;
    std::string_view collation = Text(At(names, Length(names) - 1));
    if (collation != "C" && collation != "default") {
      Refuse(fmt::format("collation \"{}\" not supported", collation));
    }
  }
  for (const Constraint* constraint : Each<Constraint>(column->constraints)) {
    if (constraint->contype == CONSTR_IDENTITY) CheckIdentity(column->typeName, constraint);
  }
}

void CheckConstraint(const Constraint* constraint) {
  if (constraint->contype == CONSTR_EXCLUSION) {
    Refuse("EXCLUDE constraint not supported");
  }
}

void CheckAddConstraint(const Constraint* constraint) {
  switch (constraint->contype) {
    case CONSTR_UNIQUE:
      if (constraint->indexname != nullptr) return;
      break;
    case CONSTR_CHECK:
    case CONSTR_FOREIGN:
      if (constraint->skip_validation) return;
      break;
    default: break;
  }
  Refuse("unsupported ALTER TABLE ADD CONSTRAINT statement");
}

struct ActionRow {
  AlterTableType action;
  std::string_view words;
};

constexpr ActionRow kRefusedActions[] = {
    {AT_AlterColumnType, "ALTER COLUMN ... SET DATA TYPE"},
    {AT_SetNotNull, "ALTER COLUMN ... SET NOT NULL"},
    {AT_SetStatistics, "ALTER COLUMN ... SET STATISTICS"},
    {AT_SetOptions, "ALTER COLUMN ... SET"},
    {AT_ResetOptions, "ALTER COLUMN ... RESET"},
    {AT_SetCompression, "ALTER COLUMN ... SET COMPRESSION"},
    {AT_AlterColumnGenericOptions, "ALTER COLUMN ... OPTIONS"},
    {AT_EnableRowSecurity, "ENABLE ROW SECURITY"},
    {AT_DisableRowSecurity, "DISABLE ROW SECURITY"},
    {AT_ForceRowSecurity, "FORCE ROW SECURITY"},
    {AT_NoForceRowSecurity, "NO FORCE ROW SECURITY"},
    {AT_EnableTrig, "ENABLE TRIGGER"},
    {AT_EnableAlwaysTrig, "ENABLE ALWAYS TRIGGER"},
    {AT_EnableReplicaTrig, "ENABLE REPLICA TRIGGER"},
    {AT_EnableTrigAll, "ENABLE TRIGGER ALL"},
    {AT_EnableTrigUser, "ENABLE TRIGGER USER"},
    {AT_DisableTrig, "DISABLE TRIGGER"},
    {AT_DisableTrigAll, "DISABLE TRIGGER ALL"},
    {AT_DisableTrigUser, "DISABLE TRIGGER USER"},
    {AT_EnableRule, "ENABLE RULE"},
    {AT_EnableAlwaysRule, "ENABLE ALWAYS RULE"},
    {AT_EnableReplicaRule, "ENABLE REPLICA RULE"},
    {AT_DisableRule, "DISABLE RULE"},
    {AT_ClusterOn, "CLUSTER ON"},
    {AT_DropCluster, "SET WITHOUT CLUSTER"},
    {AT_SetLogged, "SET LOGGED"},
    {AT_SetUnLogged, "SET UNLOGGED"},
    {AT_DropOids, "SET WITHOUT OIDS"},
    {AT_SetAccessMethod, "SET ACCESS METHOD"},
    {AT_SetTableSpace, "SET TABLESPACE"},
    {AT_SetRelOptions, "SET"},
    {AT_ResetRelOptions, "RESET"},
    {AT_AddInherit, "INHERIT"},
    {AT_DropInherit, "NO INHERIT"},
    {AT_AddOf, "OF"},
    {AT_DropOf, "NOT OF"},
    {AT_ReplicaIdentity, "REPLICA IDENTITY"},
    {AT_AttachPartition, "ATTACH PARTITION"},
    {AT_DetachPartition, "DETACH PARTITION"},
    {AT_DetachPartitionFinalize, "DETACH PARTITION FINALIZE"},
};

[[noreturn]] void RefuseAction(std::string_view words) {
  Refuse(fmt::format("unsupported ALTER TABLE {} statement", words));
}

void CheckAction(const AlterTableCmd* command, bool async) {
  for (const ActionRow& row : kRefusedActions) {
    if (row.action == command->subtype) RefuseAction(row.words);
  }
  if (command->subtype == AT_AddColumn) {
    const auto* column = As<ColumnDef>(command->def);
    CheckColumn(column);
    if (column->constraints != nullptr) {
      Refuse("ALTER TABLE ADD COLUMN with constraint not supported");
    }
  } else if (command->subtype == AT_AddConstraint) {
    CheckAddConstraint(As<Constraint>(command->def));
  } else if (command->subtype == AT_AddIdentity) {
    CheckIdentity(nullptr, As<Constraint>(command->def));
  } else if (command->subtype == AT_SetIdentity) {
    CheckNewCache(As<List>(command->def), "identity column");
  } else if (command->subtype == AT_ValidateConstraint && !async) {
    RefuseAction("VALIDATE CONSTRAINT");
  }
}

}  // namespace

std::vector<std::string_view> ColumnTypes() {
  std::vector<std::string_view> names;
  for (const TypeRow& row : kTypes) {
    if (row.allowed) names.push_back(row.printed.empty() ? row.name : row.printed);
  }
  return names;
}

void CheckCreateTable(const ::CreateStmt* statement) {
  auto refuse = [](std::string_view clause) {
    Refuse(fmt::format("{} not supported for CREATE TABLE", clause));
  };
  if (statement->relation->relpersistence == 't') refuse("TEMPORARY or TEMP table");
  if (statement->relation->relpersistence == 'u') refuse("UNLOGGED table");
  if (statement->partspec != nullptr) refuse("PARTITION BY clause");
  if (statement->partbound != nullptr) refuse("PARTITION OF clause");
  if (statement->inhRelations != nullptr) refuse("INHERITS clause");
  if (statement->ofTypename != nullptr) refuse("OF clause");
  if (statement->tablespacename != nullptr) refuse("TABLESPACE clause");
  if (statement->options != nullptr) refuse("WITH clause");
  if (statement->accessMethod != nullptr) refuse("USING clause");
  for (const Node* element : Each<Node>(statement->tableElts)) {
    if (TagOf(element) == T_ColumnDef) CheckColumn(As<ColumnDef>(element));
    if (TagOf(element) == T_Constraint) CheckConstraint(As<Constraint>(element));
  }
}

void CheckAlterTable(const ::AlterTableStmt* statement, bool async) {
  if (statement->objtype == OBJECT_TYPE) Refuse("ALTER TYPE not supported");
  if (statement->objtype == OBJECT_INDEX) return;
  for (const AlterTableCmd* command : Each<AlterTableCmd>(statement->cmds)) {
    CheckAction(command, async);
  }
}

}  // namespace sundog::parser::dsql
