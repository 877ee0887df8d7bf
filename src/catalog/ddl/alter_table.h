// ALTER TABLE's subcommands, as far as the descriptor goes. Where rows must be looked at or stored
// anew, that is the executor's: it compares the table before and after.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/catalog_writer.h"
#include "catalog/ddl/drop.h"
#include "catalog/ddl/specs.h"

namespace sundog::catalog::ddl {

// 42703 `column "x" of relation "t" does not exist`; 0A000 for system columns.
const ColumnDescriptor& RequireColumn(const TableDescriptor& table, std::string_view column);

// Values of a row type lie in columns as they were made, field by field: the fields that there are
// stay. 0A000 `cannot alter table "a" because column "b.s" uses its row type`, also through arrays,
// domains and other composite types.
void RequireRowTypeNotStored(const CatalogWriter& writer, const Relation& relation);
// The same for any type: `cannot alter KIND "NAME" because column "t.a" uses USED`.
void RequireTypeNotStored(const CatalogWriter& writer, Oid type, std::string_view kind,
                          std::string_view name, std::string_view used);

// The attnum; 0 if IF NOT EXISTS found one. `missing_value`: what rows that are there already read
// as, if nothing is rewritten.
int16_t AddColumn(CatalogWriter& writer, Oid table, const ColumnSpec& spec, bool if_not_exists,
                  std::optional<std::string> missing_value);
void DropColumn(CatalogWriter& writer, Oid table, std::string_view column, bool if_exists,
                DropBehavior behavior);

// Null takes the default away.
void SetDefault(CatalogWriter& writer, Oid table, std::string_view column,
                std::optional<StoredExpression> value);
void SetNotNull(CatalogWriter& writer, Oid table, std::string_view column);
void DropNotNull(CatalogWriter& writer, Oid table, std::string_view column);
void DropExpression(CatalogWriter& writer, Oid table, std::string_view column, bool if_exists);

// The new type, and default and generation expressions coerced to it (`value`; null: none).
// Checks what depends on the column: 0A000 for views, generated columns.
void AlterColumnType(CatalogWriter& writer, Oid table, std::string_view column, SqlType type,
                     Oid collation, std::optional<StoredExpression> value);

void AddIdentity(CatalogWriter& writer, Oid table, std::string_view column, char kind,
                 const SequenceSpec& sequence);
void SetIdentityKind(CatalogWriter& writer, Oid table, std::string_view column, char kind);
void DropIdentity(CatalogWriter& writer, Oid table, std::string_view column, bool if_exists);
// The sequence that the column owns; kInvalidOid: none. `identity`: only one of IDENTITY.
Oid OwnedSequence(const Catalog& catalog, Oid table, int16_t attnum, bool identity);

void DropConstraint(CatalogWriter& writer, Oid table, std::string_view name, bool if_exists,
                    DropBehavior behavior);
// 42704. VALIDATE CONSTRAINT: true if its rows must be checked.
bool MarkValidated(CatalogWriter& writer, Oid table, std::string_view name);
void AlterConstraint(CatalogWriter& writer, Oid table, std::string_view name, bool deferrable,
                     bool initially_deferred);

// SET (…) and RESET (…).
void SetOptions(CatalogWriter& writer, Oid relation, const std::vector<std::string>& set,
                const std::vector<std::string>& reset);
// TRUNCATE, and every rewrite: the rows lie elsewhere from now on.
void RenewStorage(CatalogWriter& writer, Oid table);
// The rows are about to be stored anew: by the primary key, if there is one that can be.
void ChooseRowKey(CatalogWriter& writer, Oid table);

}  // namespace sundog::catalog::ddl
