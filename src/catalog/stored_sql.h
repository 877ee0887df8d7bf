// SQL text that the catalog keeps (defaults, checks, index expressions, views), with marks in place
// of names: so that a rename needs no rewriting, and names print qualified just where the reader's
// search path needs it.
//
//   mark = 01 kind numbers 02            (bytes 01 and 02 occur in SQL text nowhere else)
//
//   kind            | stands for
//   ----------------+----------------------------------------------------------------------------
//   r oid           | the relation's name
//   q oid           | the same inside a string literal: single quotes doubled
//   c oid : attnum  | the column's bare name; oid 0: of the table that the text belongs to
//   a oid : attnum : name | " AS name" if the column is not called that any more
//   l oid : 0 : name | " name" if the relation is not called that any more: the alias it then needs
//   t oid : typmod  | the type's SQL name
//   f oid           | the function's name
//   o oid           | the operator, as it stands between its operands
//   v oid : 0 : hex | a literal of an enum type, or of an array or row of them: the value's bytes
//
// Example: nextval('␁q16385␂'::regclass) reads back as nextval('t_id_seq'::regclass).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/names.h"

namespace sundog::catalog {

std::string RelationMark(Oid relation);
std::string QuotedRelationMark(Oid relation);
std::string ColumnMark(Oid relation, int16_t attnum);
std::string ColumnAliasMark(Oid relation, int16_t attnum, std::string_view name);
std::string RelationAliasMark(Oid relation, std::string_view name);
std::string TypeMark(SqlType type);
std::string FunctionMark(Oid function);
std::string OperatorMark(Oid op);
std::string ValueMark(const types::TypeInfo& type, const types::Datum& value);
// Whether a value's text has labels of an enum in it, which may be renamed.
bool HasEnumLabels(const Catalog& catalog, Oid type);

// The text with names in place of marks, as `path` needs them qualified; a null path qualifies all,
// which is how the text is to be parsed again. `self`: the relation that oid 0 stands for.
std::string ExpandMarks(const Catalog& catalog, const SearchPath* path, std::string_view sql,
                        Oid self = kInvalidOid);
// Gives the table's OID to marks and references that have 0 for it.
void BindToTable(StoredExpression& expression, Oid table);
bool HasMarks(std::string_view sql);

}  // namespace sundog::catalog
