#include "binder/bind_from.h"

#include <fmt/format.h>

#include "binder/bind_select.h"
#include "binder/bind_view.h"
#include "binder/row_security.h"
#include "binder/search_cycle.h"
#include "catalog/virtual_table.h"
#include "runtime/stack.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

void SetLateral(const std::vector<NameItem*>& names, bool only, bool ok) {
  for (NameItem* name : names) {
    name->lateral_only = only;
    name->lateral_ok = ok;
  }
}

void BindFrom(Scope& scope, const List* from, std::vector<BoundTableRefPtr>& refs) {
  for (const Node* node : parser::Each<Node>(from)) {
    FromItem item = BindFromItem(scope, node);
    CheckNameConflicts(scope.names, item.names);
    SetLateral(item.names, true, true);
    scope.names.insert(scope.names.end(), item.names.begin(), item.names.end());
    refs.push_back(std::move(item.ref));
  }
  SetLateral(scope.names, false, true);
}

std::vector<std::string> AliasColumns(const Alias* alias) {
  return alias == nullptr ? std::vector<std::string>() : NameParts(alias->colnames);
}

void ApplyColumnAliases(NameItem& item, const Alias* alias, std::string_view noun) {
  std::vector<std::string> names = AliasColumns(alias);
  size_t next = 0;
  size_t live = 0;
  for (NameColumn& column : item.columns) {
    if (column.expression == nullptr) continue;
    ++live;
    if (next < names.size()) column.name = names[next++];
  }
  if (names.size() <= live) return;
  throw SqlError(sqlstate::kInvalidColumnReference,
                 std::string(noun) + " \"" + item.name + "\" has " + std::to_string(live) +
                     " columns available but " + std::to_string(names.size()) +
                     " columns specified");
}

namespace {

NameColumn TableColumn(RelationId relation, const std::string& name, SqlType type, int16_t attnum,
                       Oid table) {
  NameColumn column;
  column.name = name;
  column.expression = std::make_unique<BoundColumn>(type, relation, attnum - 1);
  column.source_table = table;
  column.source_column = attnum;
  return column;
}

Oid RowTypeOf(const catalog::Relation& relation) {
  if (relation.table != nullptr) return relation.table->row_type;
  if (relation.view != nullptr) return relation.view->row_type;
  if (relation.system != nullptr) return relation.system->row_type();
  return kInvalidOid;
}

// A sequence read as a table: SELECT last_value FROM s.
[[noreturn]] void ThrowNotReadable(const catalog::Relation& relation, int location) {
  struct Row {
    char kind;
    std::string_view noun;
  };
  static constexpr Row kNouns[] = {{'i', "an index"}, {'c', "a composite type"}};
  for (const Row& row : kNouns) {
    if (row.kind != relation.kind) continue;
    throw SqlError(sqlstate::kWrongObjectType, "cannot open relation \"" + relation.name + "\"")
        .Detail(row.kind == 'i' ? "This operation is not supported for indexes."
                                : "This operation is not supported for composite types.")
        .At(location);
  }
  base::ThrowNotSupported("reading sequence \"" + relation.name + "\" as a table", location);
}

}  // namespace

NameItem* AddTableItem(Scope& scope, const catalog::Relation& relation, const Alias* alias) {
  auto item = std::make_unique<NameItem>();
  item->kind = NameItemKind::kTable;
  item->name = alias != nullptr ? alias->aliasname : relation.name;
  item->has_alias = alias != nullptr;
  item->table = relation.oid;
  item->row_type = RowTypeOf(relation);
  item->relation = scope.state.NewRelation(scope.depth);
  RelationId id = item->relation;
  if (relation.table != nullptr) {
    item->system_columns = true;
    for (const catalog::ColumnDescriptor& column : relation.table->columns) {
      if (column.dropped) {
        item->columns.emplace_back();
        continue;
      }
      item->columns.push_back(
          TableColumn(id, column.name, column.type, column.attnum, relation.oid));
    }
  } else if (relation.view != nullptr) {
    for (const catalog::ColumnDescriptor& column : relation.view->columns) {
      item->columns.push_back(
          TableColumn(id, column.name, column.type, column.attnum, relation.oid));
    }
  } else {
    item->system_columns = relation.kind == 'r';
    for (const catalog::VirtualColumn& column : relation.system->columns()) {
      item->columns.push_back(
          TableColumn(id, column.name, column.type, column.attnum, relation.oid));
    }
  }
  ApplyColumnAliases(*item, alias, "table");
  return scope.AddItem(std::move(item));
}

NameItem* AddDerivedItem(Scope& scope, NameItemKind kind, const std::string& name,
                         const Alias* alias, RelationId relation,
                         std::vector<OutputColumn> columns) {
  auto item = std::make_unique<NameItem>();
  item->kind = kind;
  item->name = name;
  item->has_alias = alias != nullptr;
  item->relation = relation;
  for (size_t i = 0; i < columns.size(); ++i) {
    NameColumn column;
    column.name = std::move(columns[i].name);
    column.expression =
        std::make_unique<BoundColumn>(columns[i].type, relation, static_cast<int>(i));
    column.source_table = columns[i].source_table;
    column.source_column = columns[i].source_column;
    column.row_fields = std::move(columns[i].row_fields);
    if (column.row_fields != nullptr) {
      scope.state.record_columns[{relation, static_cast<int>(i)}] = column.row_fields;
    }
    item->columns.push_back(std::move(column));
  }
  ApplyColumnAliases(*item, alias, kind == NameItemKind::kValues ? "VALUES lists" : "table");
  return scope.AddItem(std::move(item));
}

std::vector<OutputColumn> OutputColumnsOf(Scope& scope, const BoundQuery& query) {
  std::vector<OutputColumn> columns;
  for (int i = 0; i < query.visible_target_count(); ++i) {
    const BoundTarget& target = query.targets[i];
    OutputColumn column{target.name, target.expression->type, target.source_table,
                        target.source_column, nullptr};
    if (column.type.oid == oids::kRecord) {
      auto fields = RowFields(scope, *target.expression);
      if (fields.has_value()) {
        column.row_fields = std::make_shared<const std::vector<RowField>>(std::move(*fields));
      }
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

bool IsLockedName(const Scope& scope, const std::string& name) {
  if (scope.locked_from_parent) return true;
  for (const LockingClause* clause : scope.locking) {
    if (clause->lockedRels == nullptr) return true;
    for (const RangeVar* relation : parser::Each<RangeVar>(clause->lockedRels)) {
      if (name == relation->relname) return true;
    }
  }
  return false;
}

namespace {

BoundTableRefPtr FinishRef(BoundTableRefPtr ref, const NameItem& item, const Alias* alias) {
  ref->relation = item.relation;
  ref->alias = item.name;
  ref->column_aliases = AliasColumns(alias);
  return ref;
}

FromItem BindCteReference(Scope& scope, BoundCteEntry& entry, const RangeVar* range) {
  if (!entry.has_returning) {
    throw SqlError(
        sqlstate::kFeatureNotSupported,
        std::string("WITH query \"") + entry.raw->ctename + "\" does not have a RETURNING clause")
        .At(range->location);
  }
  auto ref = std::make_unique<BoundCteRef>();
  ref->cte_id = entry.cte->id;
  ref->recursive_self = entry.in_progress;
  if (!entry.in_progress) ++entry.cte->reference_count;
  ref->types = entry.cte->types;
  std::vector<OutputColumn> columns;
  for (size_t i = 0; i < entry.cte->columns.size(); ++i) {
    OutputColumn column{entry.cte->columns[i], entry.cte->types[i]};
    if (i < entry.origins.size()) {
      column.source_table = entry.origins[i].source_table;
      column.source_column = entry.origins[i].source_column;
      column.row_fields = entry.origins[i].row_fields;
    }
    columns.push_back(std::move(column));
  }
  std::string name = range->alias != nullptr ? range->alias->aliasname : range->relname;
  NameItem* item = AddDerivedItem(scope, NameItemKind::kCte, name, range->alias,
                                  scope.state.NewRelation(scope.depth), std::move(columns));
  item->recursive_self = entry.in_progress;
  if (entry.in_progress) {
    // * in the recursive term means the query's own columns.
    size_t added = static_cast<size_t>(AddedColumnCount(*entry.raw));
    for (size_t i = item->columns.size() - added; i < item->columns.size(); ++i) {
      item->columns[i].expands = false;
    }
  }
  return {FinishRef(std::move(ref), *item, range->alias), item, {item}};
}

// A view's text is bound again each time. What it reads through functions may have changed without
// anybody asking the view, whose columns others rely on.
void CheckViewColumns(Scope& scope, const catalog::ViewDescriptor& view, const BoundQuery& query) {
  for (size_t i = 0; i < view.columns.size(); ++i) {
    Oid type = i < query.targets.size() ? query.targets[i].expression->type.oid
                                        : types::kInvalidOid;
    if (type == view.columns[i].type.oid) continue;
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("attribute {} of view \"{}\" has wrong type", i + 1, view.name))
        .Detail(fmt::format("View has type {}, but query expects {}.",
                            TypeName(scope.state.context, {type, -1}),
                            TypeName(scope.state.context, {view.columns[i].type.oid, -1})));
  }
}

}  // namespace

FromItem BindRangeVar(Scope& scope, const RangeVar* range) {
  if (range->schemaname == nullptr) {
    if (BoundCteEntry* cte = FindCte(scope, range->relname)) {
      return BindCteReference(scope, *cte, range);
    }
  }
  const catalog::Relation& relation = GetRelation(scope, range);
  bool readable =
      relation.table != nullptr || relation.view != nullptr || relation.system != nullptr;
  if (!readable) ThrowNotReadable(relation, range->location);
  NameItem* item = AddTableItem(scope, relation, range->alias);
  // A view's privilege is checked with those of what it reads, as if it stood inside.
  int depth = relation.kind == 'v' ? scope.depth + 1 : scope.depth;
  scope.state.privileges.AddRelation(item->relation, depth, relation.oid, catalog::kSelect);
  BoundTableRefPtr ref;
  if (relation.table != nullptr) {
    auto table = std::make_unique<BoundBaseTable>();
    table->table = relation.table;
    table->security = BindVisibleRows(scope.state, *relation.table, item->relation,
                                      IsLockedName(scope, item->name));
    ref = std::move(table);
  } else if (relation.view != nullptr) {
    auto view = std::make_unique<BoundSubqueryRef>();
    view->query = BindView(scope, *relation.view, IsLockedName(scope, item->name));
    CheckViewColumns(scope, *relation.view, *view->query);
    view->view = relation.oid;
    view->barrier = IsOn(*relation.view, "security_barrier");
    ref = std::move(view);
  } else {
    auto system = std::make_unique<BoundVirtualTable>();
    system->table = relation.system;
    ref = std::move(system);
  }
  return {FinishRef(std::move(ref), *item, range->alias), item, {item}};
}

FromItem BindRangeSubselect(Scope& scope, const RangeSubselect* range) {
  auto ref = std::make_unique<BoundSubqueryRef>();
  std::string name = range->alias->aliasname;
  {
    RoleGuard guard(scope, ExpressionRole::kFromSubselect);
    scope.lateral_active = range->lateral;
    ref->query = BindSubquery(scope, range->subquery, IsLockedName(scope, name), true);
    scope.lateral_active = false;
  }
  ref->lateral = range->lateral;
  std::vector<OutputColumn> columns = OutputColumnsOf(scope, *ref->query);
  NameItem* item = AddDerivedItem(scope, NameItemKind::kSubquery, name, range->alias,
                                  scope.state.NewRelation(scope.depth), std::move(columns));
  return {FinishRef(std::move(ref), *item, range->alias), item, {item}};
}

namespace {

// TABLESAMPLE BERNOULLI (percent) and SYSTEM (percent).
FromItem BindTableSample(Scope& scope, const RangeTableSample* sample) {
  FromItem result = BindFromItem(scope, sample->relation);
  if (result.ref->kind != TableRefKind::kTable) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "TABLESAMPLE clause can only be applied to tables and materialized views")
        .At(parser::NodeLocation(sample->relation));
  }
  std::string method = DottedName(sample->method);
  if (method != "bernoulli" && method != "system") {
    throw SqlError(sqlstate::kUndefinedObject, "tablesample method " + method + " does not exist")
        .At(sample->location);
  }
  int count = parser::Length(sample->args);
  if (count != 1) {
    throw SqlError(
        sqlstate::kInvalidTablesampleArgument,
        "tablesample method " + method + " requires 1 argument, not " + std::to_string(count))
        .At(sample->location);
  }
  if (sample->repeatable != nullptr) {
    base::ThrowNotSupported("TABLESAMPLE … REPEATABLE", sample->location);
  }
  BoundExpressionPtr percent =
      BindExpression(scope, parser::At(sample->args, 0), ExpressionRole::kFromFunction);
  ResolveUnknown(scope.state, percent);
  double value = 0;
  const BoundConstant* constant =
      percent->kind == ExpressionKind::kConstant ? &percent->As<BoundConstant>() : nullptr;
  if (constant == nullptr || constant->value.is_null()) {
    base::ThrowNotSupported("TABLESAMPLE with an argument that is not a constant",
                            sample->location);
  }
  std::string text;
  types::OutputText(scope.state.io, scope.types().Info(percent->type.oid), constant->value, text);
  value = std::strtod(text.c_str(), nullptr);
  if (value < 0 || value > 100) {
    throw SqlError(sqlstate::kInvalidTablesampleArgument,
                   "sample percentage must be between 0 and 100");
  }
  auto& table = result.ref->As<BoundBaseTable>();
  table.sample_fraction = value / 100;
  table.sample_system = method == "system";
  return result;
}

}  // namespace

FromItem BindFromItem(Scope& scope, const Node* node) {
  runtime::CheckStackDepth();
  switch (TagOf(node)) {
    case T_RangeVar: return BindRangeVar(scope, As<RangeVar>(node));
    case T_RangeSubselect: return BindRangeSubselect(scope, As<RangeSubselect>(node));
    case T_RangeFunction: return BindRangeFunction(scope, As<RangeFunction>(node));
    case T_RangeTableSample: return BindTableSample(scope, As<RangeTableSample>(node));
    case T_JoinExpr: return BindJoin(scope, As<JoinExpr>(node));
    default: base::ThrowNotSupported("XMLTABLE", parser::NodeLocation(node));
  }
}

}  // namespace sundog::binder
