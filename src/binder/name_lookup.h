// Names to catalog objects, with PostgreSQL's errors: schemas, relations, columns of the query.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "binder/scope.h"

namespace sundog::binder {

// A list of String nodes as "a.b.c".
std::string DottedName(const List* names);
std::string JoinDotted(const std::vector<std::string>& names);
std::vector<std::string> NameParts(const List* names);

// schema.name or name of a function, operator or type. Throws 42601 for too many dots, 0A000 for
// another database.
struct QualifiedName {
  std::optional<std::string> schema;
  std::string name;
};
QualifiedName SplitQualifiedName(const BindState& state, const List* names);

// Throws 3F000 `schema "x" does not exist`.
Oid SchemaOid(const BindState& state, const std::string& schema);
// Position in the search path of objects of `schema`; -1: not in it.
int SearchPathPosition(const BindState& state, Oid schema);

// Null if there is none.
const catalog::Relation* FindRelation(const BindState& state, const RangeVar* name);
// Throws 42P01 `relation "x" does not exist`, 3F000 where that schema is unknown… as PostgreSQL's
// parserOpenTable.
const catalog::Relation& GetRelation(Scope& scope, const RangeVar* name);

// The item that a (qualified) relation name means, searching outward; null if none.
NameItem* FindItem(Scope& scope, const std::optional<std::string>& schema, const std::string& name,
                   int location);
// The column of the item, or null. Throws 42702 if the item has two of the name.
BoundExpressionPtr FindItemColumn(Scope& scope, NameItem& item, const std::string& column,
                                  int location);
// A bare column name, searching outward unless `local_only`; null if none; 42702 if ambiguous.
BoundExpressionPtr FindColumn(Scope& scope, const std::string& column, bool local_only,
                              int location);
// The item that made the relation, searching outward; null where it has none (targets of DML).
NameItem* FindItemOfRelation(Scope& scope, RelationId relation);

BoundCteEntry* FindCte(Scope& scope, const std::string& name);

[[noreturn]] void ThrowMissingRelation(Scope& scope, const std::optional<std::string>& schema,
                                       const std::string& name, int location);
[[noreturn]] void ThrowMissingColumn(Scope& scope, const std::optional<std::string>& relation,
                                     const std::string& column, int location);

// 42712 `table name "x" specified more than once`.
void CheckNameConflicts(const std::vector<NameItem*>& left, const std::vector<NameItem*>& right);

// The system columns that are supported: tableoid, ctid, xmin, … Null if `column` is none.
struct SystemColumn {
  std::string_view name;
  int attnum;
  Oid type;
};
const SystemColumn* FindSystemColumn(std::string_view column);

}  // namespace sundog::binder
