// Carries out DDL: walks the raw tree, binds its parts against the catalog as the statement has
// changed it so far, and makes the changes through catalog/ddl and a DdlTarget.
//
// To add a statement: a Run… function in the file of its objects, declared here, and a line in the
// table of run_ddl.cc.
#pragma once

#include <string_view>

#include "binder/ddl/ddl_target.h"

struct Node;

namespace sundog::binder {

// Throws SqlError; then nothing has happened (the writer is dropped, rows roll back).
void RunDdl(const ::Node* tree, std::string_view statement_text, DdlTarget& target);

// CREATE TABLE … AS, SELECT INTO: makes the table; kInvalidOid if it is there and IF NOT EXISTS was
// said. Fill it with InsertInto.
struct BoundCreateTableAs;
Oid CreateTableFor(const BoundCreateTableAs& statement, DdlTarget& target);
// INSERT INTO the table's columns what the query yields; bound in the writer's catalog.
std::unique_ptr<BoundInsert> InsertInto(std::shared_ptr<const catalog::TableDescriptor> table,
                                        std::unique_ptr<BoundQuery> query, DdlTarget& target);

}  // namespace sundog::binder
