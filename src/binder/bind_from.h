// The FROM clause: its items as bound table references, and the names they bring.
#pragma once

#include <memory>
#include <vector>

#include "binder/bind_expression.h"

namespace sundog::binder {

// Adds the clause's items to the scope's names; comma-separated ones may be LATERAL over earlier
// ones.
void BindFrom(Scope& scope, const List* from, std::vector<BoundTableRefPtr>& refs);

// A FROM item with the name item of its columns.
struct FromItem {
  BoundTableRefPtr ref;
  NameItem* item = nullptr;
  std::vector<NameItem*> names;  // what becomes visible: the item, and those inside a join
};

// --- kinds of items ---
FromItem BindRangeVar(Scope& scope, const RangeVar* range);
FromItem BindRangeSubselect(Scope& scope, const RangeSubselect* range);
FromItem BindRangeFunction(Scope& scope, const RangeFunction* range);
FromItem BindJoin(Scope& scope, const JoinExpr* join);
FromItem BindFromItem(Scope& scope, const Node* node);

// A name item for a table (no expressions of dropped columns), over a fresh relation of this scope.
NameItem* AddTableItem(Scope& scope, const catalog::Relation& relation, const Alias* alias);
// A name item over `columns` of a relation: names as given, then renamed by the alias.
struct OutputColumn {
  std::string name;
  SqlType type;
  Oid source_table = kInvalidOid;
  int16_t source_column = 0;
  std::shared_ptr<const std::vector<RowField>> row_fields;
};
NameItem* AddDerivedItem(Scope& scope, NameItemKind kind, const std::string& name,
                         const Alias* alias, RelationId relation,
                         std::vector<OutputColumn> columns);
std::vector<OutputColumn> OutputColumnsOf(Scope& scope, const BoundQuery& query);

// Renames the first columns as the alias lists them. Throws 42P10 if it lists too many.
void ApplyColumnAliases(NameItem& item, const Alias* alias, std::string_view noun);
std::vector<std::string> AliasColumns(const Alias* alias);

void SetLateral(const std::vector<NameItem*>& names, bool only, bool ok);

// FOR UPDATE asks whether a FROM item of this name is locked.
bool IsLockedName(const Scope& scope, const std::string& name);

}  // namespace sundog::binder
