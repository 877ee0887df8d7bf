// What Aurora DSQL refuses because of a statement's form, with its texts. Where a text is not
// known, it is made after those that are. (What depends on the catalog or on the transaction is
// refused where that is known.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

struct AlterTableStmt;
struct CreateStmt;
struct List;
struct Node;

namespace sundog::parser {

struct RawStatement;

// Throws 0A000 if DSQL does not have the statement or one of its clauses.
// `allows_synchronous_index`: the session has SET disable_sync_create_index = off.
void RefuseInDsql(const RawStatement& statement, bool allows_synchronous_index);

// The settings that SET, RESET, set_config() and start-up options may name there.
bool DsqlAllowsSetting(std::string_view name, bool is_local);
// `setting configuration parameter "…" not supported`.
[[noreturn]] void ThrowDsqlSetting(std::string_view name);

namespace dsql {

inline constexpr char kSynchronousIndex[] = "unsupported mode. please use CREATE INDEX ASYNC.";

// The types that columns may have, as format_type() says them.
std::vector<std::string_view> ColumnTypes();

// One refusal: 0A000 with this text.
[[noreturn]] void Refuse(std::string text);
[[noreturn]] void RefuseStatement(std::string_view node);

// Columns' types and constraints, clauses of CREATE TABLE, actions of ALTER TABLE.
void CheckCreateTable(const ::CreateStmt* statement);
void CheckAlterTable(const ::AlterTableStmt* statement, bool async);
// TABLESAMPLE and locking clauses, at any depth of a query or change.
void CheckQuery(const ::Node* statement);
// CACHE of a sequence that is made, and that is changed: `who` begins the text.
void CheckCache(const ::List* options, std::string_view who);
void CheckNewCache(const ::List* options, std::string_view who);

}  // namespace dsql
}  // namespace sundog::parser
