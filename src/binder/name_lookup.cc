#include "binder/name_lookup.h"

#include <algorithm>

#include "binder/edit_distance.h"

namespace sundog::binder {

std::vector<std::string> NameParts(const List* names) {
  std::vector<std::string> parts;
  for (const Node* part : parser::Each<Node>(names)) {
    parts.push_back(parser::TagOf(part) == T_A_Star ? "*" : parser::Text(part));
  }
  return parts;
}

std::string JoinDotted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ".") + name;
  return text;
}

std::string DottedName(const List* names) { return JoinDotted(NameParts(names)); }

QualifiedName SplitQualifiedName(const BindState& state, const List* names) {
  std::vector<std::string> parts = NameParts(names);
  switch (parts.size()) {
    case 1: return {std::nullopt, parts[0]};
    case 2: return {parts[0], parts[1]};
    case 3:
      if (parts[0] != state.context.database_name) {
        throw SqlError(sqlstate::kFeatureNotSupported,
                       "cross-database references are not implemented: " + JoinDotted(parts));
      }
      return {parts[1], parts[2]};
    default:
      throw SqlError(sqlstate::kSyntaxError,
                     "improper qualified name (too many dotted names): " + JoinDotted(parts));
  }
}

Oid SchemaOid(const BindState& state, const std::string& schema) {
  const catalog::SchemaDescriptor* found =
      state.catalog.FindSchema(state.context.search_path, schema);
  if (found == nullptr) {
    throw SqlError(sqlstate::kInvalidSchemaName, "schema \"" + schema + "\" does not exist");
  }
  return found->oid;
}

int SearchPathPosition(const BindState& state, Oid schema) {
  const std::vector<Oid>& path = state.context.search_path.schemas;
  auto at = std::find(path.begin(), path.end(), schema);
  return at == path.end() ? -1 : static_cast<int>(at - path.begin());
}

const catalog::Relation* FindRelation(const BindState& state, const RangeVar* name) {
  if (name->catalogname != nullptr && name->catalogname != state.context.database_name) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   std::string("cross-database references are not implemented: \"") +
                       name->catalogname + "." + parser::TextOrEmpty(name->schemaname) + "." +
                       name->relname + "\"");
  }
  if (name->schemaname == nullptr) {
    return state.catalog.FindRelation(state.context.search_path, name->relname);
  }
  const catalog::SchemaDescriptor* schema =
      state.catalog.FindSchema(state.context.search_path, name->schemaname);
  return schema == nullptr ? nullptr : state.catalog.FindRelation(schema->oid, name->relname);
}

const catalog::Relation& GetRelation(Scope& scope, const RangeVar* name) {
  return AtLocation(name->location, [&]() -> const catalog::Relation& {
    const catalog::Relation* relation = FindRelation(scope.state, name);
    if (relation != nullptr) return *relation;
    std::string full = name->relname;
    if (name->schemaname != nullptr) {
      throw SqlError(sqlstate::kUndefinedTable, std::string("relation \"") + name->schemaname +
                                                    "." + name->relname + "\" does not exist");
    }
    SqlError error(sqlstate::kUndefinedTable, "relation \"" + full + "\" does not exist");
    for (Scope* at = &scope; at != nullptr; at = at->parent) {
      for (const CommonTableExpr* future : at->future_ctes) {
        if (full != future->ctename) continue;
        error.Detail("There is a WITH item named \"" + full +
                     "\", but it cannot be referenced from this part of the query.");
        error.Hint("Use WITH RECURSIVE, or re-order the WITH items to remove forward references.");
      }
    }
    throw error;
  });
}

namespace {

void CheckLateral(Scope& scope, const NameItem& item, int location) {
  if (!item.lateral_only || item.lateral_ok) return;
  SqlError error(sqlstate::kInvalidColumnReference,
                 "invalid reference to FROM-clause entry for table \"" + item.name + "\"");
  if (scope.target == &item) {
    error.Hint("There is an entry for table \"" + item.name +
               "\", but it cannot be referenced from this part of the query.");
  } else {
    error.Detail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
  }
  throw error.At(location);
}

NameItem* FindItemHere(Scope& scope, Oid table, const std::string& name, int location) {
  NameItem* found = nullptr;
  for (NameItem* item : scope.names) {
    if (!item->relation_visible || (item->lateral_only && !scope.lateral_active)) continue;
    bool match = table != kInvalidOid ? item->kind == NameItemKind::kTable &&
                                            item->table == table && !item->has_alias
                                      : item->name == name;
    if (!match) continue;
    if (found != nullptr) {
      throw SqlError(sqlstate::kAmbiguousAlias,
                     "table reference " +
                         (table != kInvalidOid ? std::to_string(table) : "\"" + name + "\"") +
                         " is ambiguous")
          .At(location);
    }
    CheckLateral(scope, *item, location);
    found = item;
  }
  return found;
}

}  // namespace

NameItem* FindItem(Scope& scope, const std::optional<std::string>& schema, const std::string& name,
                   int location) {
  Oid table = kInvalidOid;
  if (schema.has_value()) {
    const catalog::SchemaDescriptor* found = scope.catalog().FindSchema(*schema);
    if (found == nullptr) return nullptr;
    const catalog::Relation* relation = scope.catalog().FindRelation(found->oid, name);
    if (relation == nullptr) return nullptr;
    table = relation->oid;
  }
  for (Scope* at = &scope; at != nullptr; at = at->parent) {
    if (NameItem* item = FindItemHere(*at, table, name, location)) return item;
  }
  return nullptr;
}

const SystemColumn* FindSystemColumn(std::string_view column) {
  static constexpr SystemColumn kColumns[] = {
      {"ctid", kCtidOrdinal, oids::kTid}, {"xmin", -2, oids::kXid},
      {"cmin", -3, oids::kCid},           {"xmax", -4, oids::kXid},
      {"cmax", -5, oids::kCid},           {"tableoid", kTableOidOrdinal, oids::kOid},
  };
  for (const SystemColumn& row : kColumns) {
    if (row.name == column) return &row;
  }
  return nullptr;
}

namespace {

void CheckSystemColumnAllowed(Scope& scope, const SystemColumn& column, int location) {
  if (column.attnum == kTableOidOrdinal) return;
  std::string name(column.name);
  std::string text;
  switch (scope.role) {
    case ExpressionRole::kCheckConstraint:
      text = "system column \"" + name + "\" reference in check constraint is invalid";
      break;
    case ExpressionRole::kGeneratedColumn:
      text = "cannot use system column \"" + name + "\" in column generation expression";
      break;
    case ExpressionRole::kMergeWhen:
      text = "cannot use system column \"" + name + "\" in MERGE WHEN condition";
      break;
    default: return;
  }
  throw SqlError(sqlstate::kInvalidColumnReference, text).At(location);
}

}  // namespace

BoundExpressionPtr FindItemColumn(Scope& scope, NameItem& item, const std::string& column,
                                  int location) {
  const NameColumn* found = nullptr;
  for (const NameColumn& candidate : item.columns) {
    if (candidate.name != column || column.empty()) continue;
    if (found != nullptr) {
      throw SqlError(sqlstate::kAmbiguousColumn, "column reference \"" + column + "\" is ambiguous")
          .At(location);
    }
    found = &candidate;
  }
  if (found != nullptr) {
    BoundExpressionPtr expression = found->expression->Clone();
    expression->location = location;
    return expression;
  }
  if (!item.system_columns) return nullptr;
  const SystemColumn* system = FindSystemColumn(column);
  if (system == nullptr) return nullptr;
  CheckSystemColumnAllowed(scope, *system, location);
  auto expression =
      std::make_unique<BoundColumn>(SqlType{system->type, -1}, item.relation, system->attnum);
  expression->location = location;
  return expression;
}

BoundExpressionPtr FindColumn(Scope& scope, const std::string& column, bool local_only,
                              int location) {
  for (Scope* at = &scope; at != nullptr; at = at->parent) {
    BoundExpressionPtr found;
    for (NameItem* item : at->names) {
      if (!item->columns_visible || (item->lateral_only && !at->lateral_active)) continue;
      BoundExpressionPtr candidate = FindItemColumn(scope, *item, column, location);
      if (candidate == nullptr) continue;
      if (found != nullptr) {
        throw SqlError(sqlstate::kAmbiguousColumn,
                       "column reference \"" + column + "\" is ambiguous")
            .At(location);
      }
      CheckLateral(*at, *item, location);
      found = std::move(candidate);
    }
    if (found != nullptr || local_only) return found;
  }
  return nullptr;
}

NameItem* FindItemOfRelation(Scope& scope, RelationId relation) {
  for (Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const auto& item : at->all_items) {
      if (item->relation == relation && item->kind != NameItemKind::kJoin) return item.get();
    }
  }
  return nullptr;
}

BoundCteEntry* FindCte(Scope& scope, const std::string& name) {
  for (Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const auto& cte : at->ctes) {
      if (name == cte->raw->ctename) return cte.get();
    }
  }
  return nullptr;
}

namespace {

// The item the user may have meant, although it is not visible: searchRangeTableForRel.
NameItem* FindHiddenItem(Scope& scope, const std::optional<std::string>& schema,
                         const std::string& name) {
  Oid table = kInvalidOid;
  if (!schema.has_value()) {
    const catalog::Relation* relation =
        scope.catalog().FindRelation(scope.state.context.search_path, name);
    if (relation != nullptr) table = relation->oid;
  } else if (const auto* found = scope.catalog().FindSchema(*schema)) {
    const catalog::Relation* relation = scope.catalog().FindRelation(found->oid, name);
    if (relation != nullptr) table = relation->oid;
  }
  for (Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const auto& item : at->all_items) {
      if (item->kind == NameItemKind::kTable && table != kInvalidOid && item->table == table) {
        return item.get();
      }
      if (item->name == name) return item.get();
    }
  }
  return nullptr;
}

}  // namespace

void ThrowMissingRelation(Scope& scope, const std::optional<std::string>& schema,
                          const std::string& name, int location) {
  NameItem* item = FindHiddenItem(scope, schema, name);
  if (item == nullptr) {
    throw SqlError(sqlstate::kUndefinedTable,
                   "missing FROM-clause entry for table \"" + name + "\"")
        .At(location);
  }
  SqlError error(sqlstate::kUndefinedTable,
                 "invalid reference to FROM-clause entry for table \"" + name + "\"");
  bool visible_alias = item->has_alias && item->name != name &&
                       FindItem(scope, std::nullopt, item->name, location) == item;
  if (visible_alias) {
    error.Hint("Perhaps you meant to reference the table alias \"" + item->name + "\".");
  } else {
    error.Hint("There is an entry for table \"" + item->name +
               "\", but it cannot be referenced from this part of the query.");
  }
  throw error.At(location);
}

namespace {

constexpr int kMaxFuzzyDistance = 3;

// The best match, or two equally good ones, of a misspelt column: FuzzyAttrMatchState.
struct FuzzyMatch {
  int distance = kMaxFuzzyDistance + 1;
  const NameItem* first_item = nullptr;
  const NameColumn* first = nullptr;
  const NameItem* second_item = nullptr;
  const NameColumn* second = nullptr;
  // The exact column, in an item that cannot be referenced here.
  const NameItem* exact_item = nullptr;

  void Offer(int penalty, const NameItem& item, const NameColumn& column,
             const std::string& wanted) {
    if (penalty > distance || column.name.empty()) return;
    int columns = EditDistance(column.name, wanted, distance + 1 - penalty);
    if (columns > static_cast<int>(wanted.size()) / 2) return;
    columns += penalty;
    if (columns < distance) {
      distance = columns;
      first_item = &item;
      first = &column;
      second_item = nullptr;
      second = nullptr;
    } else if (columns == distance) {
      if (second != nullptr) {
        first_item = second_item = nullptr;
        first = second = nullptr;
        distance = columns - 1;
      } else if (first != nullptr) {
        second_item = &item;
        second = &column;
      } else if (distance <= kMaxFuzzyDistance) {
        first_item = &item;
        first = &column;
      }
    }
  }
};

FuzzyMatch SearchAllColumns(Scope& scope, const std::optional<std::string>& relation,
                            const std::string& wanted) {
  FuzzyMatch match;
  for (Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const auto& item : at->all_items) {
      if (item->kind == NameItemKind::kJoin) continue;
      int penalty = 0;
      if (relation.has_value()) {
        penalty = EditDistance(*relation, item->name, kMaxFuzzyDistance + 1);
      }
      bool exact = false;
      for (const NameColumn& column : item->columns) {
        exact |= column.name == wanted;
        match.Offer(penalty, *item, column, wanted);
      }
      if (!exact && item->system_columns && FindSystemColumn(wanted) != nullptr) exact = true;
      if (exact && penalty == 0) {
        match.exact_item = item.get();
        return match;
      }
    }
  }
  return match;
}

}  // namespace

void ThrowMissingColumn(Scope& scope, const std::optional<std::string>& relation,
                        const std::string& column, int location) {
  SqlError error(sqlstate::kUndefinedColumn,
                 relation.has_value() ? "column " + *relation + "." + column + " does not exist"
                                      : "column \"" + column + "\" does not exist");
  error.At(location);
  FuzzyMatch match = SearchAllColumns(scope, relation, column);
  if (match.exact_item != nullptr) {
    throw error.Hint("There is a column named \"" + column + "\" in table \"" +
                     match.exact_item->name +
                     "\", but it cannot be referenced from this part of the query.");
  }
  if (match.first == nullptr) throw error;
  std::string first = "\"" + match.first_item->name + "." + match.first->name + "\"";
  if (match.second == nullptr) {
    throw error.Hint("Perhaps you meant to reference the column " + first + ".");
  }
  throw error.Hint("Perhaps you meant to reference the column " + first + " or the column \"" +
                   match.second_item->name + "." + match.second->name + "\".");
}

void CheckNameConflicts(const std::vector<NameItem*>& left, const std::vector<NameItem*>& right) {
  for (const NameItem* a : left) {
    if (!a->relation_visible) continue;
    for (const NameItem* b : right) {
      if (!b->relation_visible || a->name != b->name) continue;
      bool tables = a->kind == NameItemKind::kTable && b->kind == NameItemKind::kTable;
      if (tables && !a->has_alias && !b->has_alias && a->table != b->table) continue;
      throw SqlError(sqlstate::kDuplicateAlias,
                     "table name \"" + a->name + "\" specified more than once");
    }
  }
}

}  // namespace sundog::binder
