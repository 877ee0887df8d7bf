// CREATE INDEX.
#include "binder/bind_utility.h"
#include "binder/column_name.h"
#include "binder/ddl/ddl_binding.h"
#include "binder/deparse.h"
#include "catalog/builtin_objects.h"
#include "catalog/ddl/index.h"
#include "catalog/extensions.h"
#include "catalog/names.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;

namespace {

Oid BindMethod(const catalog::Catalog& catalog, const char* name) {
  std::string_view text = name == nullptr ? "btree" : name;
  // PostgreSQL's own name for what replaced it long ago.
  if (text == "rtree") text = "gist";
  const catalog::AccessMethodInfo* method =
      catalog::BuiltinObjects::Get().FindAccessMethod(text);
  bool is_there = method != nullptr && catalog::IsThere(catalog, method->oid);
  if (is_there && method->kind == 'i') return method->oid;
  throw SqlError(sqlstate::kUndefinedObject,
                 "access method \"" + std::string(text) + "\" does not exist");
}

Oid BindOpclass(const BindState& state, Oid method, const List* names) {
  QualifiedName name = SplitQualifiedName(state, names);
  const catalog::BuiltinObjects& builtin = catalog::BuiltinObjects::Get();
  if (const catalog::OpclassInfo* found = builtin.FindOpclass(method, name.name)) {
    Oid schema = catalog::OpclassSchema(*state.context.catalog, *found);
    bool finds = name.schema ? SchemaOid(state, *name.schema) == schema
                             : SearchPathPosition(state, schema) >= 0;
    if (finds) return found->oid;
  }
  throw SqlError(sqlstate::kUndefinedObject,
                 "operator class \"" + DottedName(names) +
                     "\" does not exist for access method \"" +
                     builtin.FindAccessMethod(method)->name + "\"");
}

void CheckImmutable(BoundExpressionPtr& expression, std::string_view message) {
  VisitDeep(expression, [&](BoundExpressionPtr& node) {
    if (node == nullptr || node->kind != ExpressionKind::kFunction) return;
    if (node->As<BoundFunction>().proc->volatility == 'i') return;
    throw SqlError(sqlstate::kInvalidObjectDefinition, std::string(message));
  });
}

ddl::IndexKeySpec BindElement(const DdlRun& run, const IndexElem* element, Oid method,
                              const catalog::TableDescriptor& table) {
  ddl::IndexKeySpec key;
  if (element->name != nullptr) {
    key.column = element->name;
  } else {
    PieceBinding piece(run);
    piece.AddTable(table);
    BoundExpressionPtr expression =
        BindExpression(piece.scope, element->expr, ExpressionRole::kIndexExpression);
    ResolveUnknown(piece.state, expression);
    if (expression->kind == ExpressionKind::kColumn &&
        expression->As<BoundColumn>().ordinal >= 0) {
      key.column = table.columns[expression->As<BoundColumn>().ordinal].name;
    } else {
      CheckImmutable(expression, "functions in index expression must be marked IMMUTABLE");
      key.type = expression->type;
      key.expression = Store(*expression, piece.context, &table, 0);
      key.name_part = FigureIndexColumnName(element->expr);
    }
  }
  PieceBinding piece(run);
  if (element->collation != nullptr) {
    key.collation = ResolveCollation(piece.state, element->collation, -1);
  }
  if (element->opclass != nullptr) {
    key.opclass = BindOpclass(piece.state, method, element->opclass);
  }
  key.ordered = element->ordering != SORTBY_DEFAULT;
  key.descending = element->ordering == SORTBY_DESC;
  if (element->nulls_ordering == SORTBY_NULLS_FIRST) key.nulls_first = true;
  if (element->nulls_ordering == SORTBY_NULLS_LAST) key.nulls_first = false;
  return key;
}

}  // namespace

ddl::IndexSpec BindIndex(const DdlRun& run, const IndexStmt* statement,
                         const catalog::TableDescriptor& table) {
  ddl::IndexSpec spec;
  spec.name = parser::TextOrEmpty(statement->idxname);
  spec.table = table.oid;
  spec.if_not_exists = statement->if_not_exists;
  spec.access_method = BindMethod(run.catalog(), statement->accessMethod);
  spec.unique = statement->unique;
  spec.nulls_not_distinct = statement->nulls_not_distinct;
  spec.options = BindOptions(statement->options);
  for (const IndexElem* element : parser::Each<IndexElem>(statement->indexParams)) {
    spec.keys.push_back(BindElement(run, element, spec.access_method, table));
  }
  for (const IndexElem* element : parser::Each<IndexElem>(statement->indexIncludingParams)) {
    if (element->name == nullptr) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "expressions are not supported in included columns");
    }
    spec.included.push_back(element->name);
  }
  if (statement->whereClause != nullptr) {
    PieceBinding piece(run);
    piece.AddTable(table);
    BoundExpressionPtr predicate = BindCondition(
        piece.scope, statement->whereClause, ExpressionRole::kIndexPredicate, "WHERE");
    CheckImmutable(predicate, "functions in index predicate must be marked IMMUTABLE");
    spec.predicate = Store(*predicate, piece.context, &table, 0);
  }
  return spec;
}

namespace {

// The index, and the job that will build it.
void DeclareIndex(DdlRun& run, const IndexStmt* statement,
                  const catalog::TableDescriptor& table) {
  run.target().LockDefinition(table.oid);
  ddl::IndexSpec spec = BindIndex(run, statement, table);
  spec.state = catalog::IndexState::kInvalid;
  Oid index = ddl::CreateIndex(run.writer(), spec);
  if (index == kInvalidOid) return;
  const catalog::Catalog& catalog = run.catalog();
  run.target().SubmitJob(catalog::JobKind::kIndexBuild, table.oid, index,
                         catalog.FindSchema(table.schema)->name + "." +
                             catalog.FindRelation(index)->name);
}

}  // namespace

void RunCreateIndex(DdlRun& run, const Node* node) {
  const auto* statement = As<IndexStmt>(node);
  const catalog::Relation& relation = RequireRelation(run, statement->relation);
  if (relation.kind != 'r') {
    throw SqlError(sqlstate::kWrongObjectType,
                   "cannot create index on relation \"" + relation.name + "\"")
        .Detail("This operation is not supported for " +
                std::string(catalog::RelationKindName(relation.kind)) + "s.");
  }
  std::shared_ptr<const catalog::TableDescriptor> table = RequireTable(run, statement->relation);
  bool temporary = table->persistence == 't';
  if (temporary && run.target().IsAsynchronous()) {
    base::ThrowNotSupported("CREATE INDEX ASYNC on a temporary table");
  }
  // Nobody else sees a temporary table: there is nobody to go on.
  bool online = run.target().IsAsynchronous() || (statement->concurrent && !temporary);
  if (online) return DeclareIndex(run, statement, *table);
  run.target().LockTable(table->oid);
  run.target().RequireNotRunning(*table, "CREATE INDEX");
  Oid index = ddl::CreateIndex(run.writer(), BindIndex(run, statement, *table));
  if (index == kInvalidOid) return;
  RowWork work;
  work.table = table->oid;
  work.before = table;
  work.new_indexes = {index};
  run.target().DoRowWork(work);
}

}  // namespace sundog::binder
