// What Aurora DSQL refuses because of a statement's form, with its texts. Where a text is not
// known, it is made after those that are. (What depends on the catalog or on the transaction is
// refused where that is known.)
#pragma once

#include <string>
#include <string_view>

struct AlterTableStmt;
struct CreateStmt;
struct List;
struct Node;

namespace sundog::parser {

struct RawStatement;

// Throws 0A000 if DSQL does not have the statement or one of its clauses.
void RefuseInDsql(const RawStatement& statement);

// The settings that SET, RESET, set_config() and start-up options may name there.
bool DsqlAllowsSetting(std::string_view name, bool is_local);
// `setting configuration parameter "…" not supported`.
[[noreturn]] void ThrowDsqlSetting(std::string_view name);

namespace dsql {

// One refusal: 0A000 with this text.
[[noreturn]] void Refuse(std::string text);
[[noreturn]] void RefuseStatement(std::string_view node);

// Columns' types and constraints, clauses of CREATE TABLE, actions of ALTER TABLE.
void CheckCreateTable(const ::CreateStmt* statement);
void CheckAlterTable(const ::AlterTableStmt* statement, bool async);
// TABLESAMPLE and locking clauses, at any depth of a query or change.
void CheckQuery(const ::Node* statement);
// CACHE of a sequence: `who` begins the text.
void CheckCache(const ::List* options, std::string_view who);

}  // namespace dsql
}  // namespace sundog::parser
