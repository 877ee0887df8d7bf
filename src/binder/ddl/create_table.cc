// CREATE TABLE, CREATE TABLE AS.
#include "binder/bound_utility.h"
#include "catalog/acl.h"
#include "catalog/ddl/permission.h"
#include "catalog/names.h"
#include "catalog/required_privilege.h"
#include "binder/ddl/ddl_binding.h"
#include "catalog/ddl/create_table.h"
#include "catalog/stored_sql.h"
#include "catalog/virtual_table.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// The table as far as expressions over its columns need it.
catalog::TableDescriptor Provisional(const ddl::TableSpec& spec, const catalog::Catalog& catalog) {
  catalog::TableDescriptor table;
  table.name = spec.name;
  table.schema = spec.schema;
  for (const ddl::ColumnSpec& column : spec.columns) {
    catalog::ColumnDescriptor descriptor;
    descriptor.attnum = static_cast<int16_t>(table.columns.size() + 1);
    descriptor.name = column.name;
    descriptor.type = column.type;
    descriptor.collation = column.collation != kInvalidOid
                               ? column.collation
                               : catalog.GetType(column.type.oid).collation;
    descriptor.generated = column.generated;
    table.columns.push_back(std::move(descriptor));
  }
  return table;
}

ddl::ColumnSpec& ColumnNamed(ddl::TableSpec& spec, const std::string& name) {
  for (ddl::ColumnSpec& column : spec.columns) {
    if (column.name == name) return column;
  }
  throw SqlError(sqlstate::kUndefinedColumn, "column \"" + name + "\" does not exist");
}

// What LIKE copies of one column of a relation.
void CopyColumn(const DdlRun& run, const catalog::ColumnDescriptor& column, Oid self,
                uint32_t options, ddl::TableSpec& spec) {
  ddl::ColumnSpec copy;
  copy.name = column.name;
  copy.type = column.type;
  copy.dimensions = column.dimensions;
  copy.collation = column.collation;
  copy.not_null = column.not_null;
  bool generated = column.generated != '\0';
  uint32_t wanted = generated ? CREATE_TABLE_LIKE_GENERATED : CREATE_TABLE_LIKE_DEFAULTS;
  if (column.default_value && (options & wanted) != 0) {
    if (generated) base::ThrowNotSupported("LIKE INCLUDING GENERATED");
    copy.default_value = column.default_value;
  }
  if (column.identity != '\0' && (options & CREATE_TABLE_LIKE_IDENTITY) != 0) {
    copy.identity = column.identity;
    copy.sequence = ddl::SequenceSpec();
    copy.sequence->type = column.type.oid;
    for (const auto& sequence : run.catalog().contents().sequences) {
      if (sequence->owner_table != self || sequence->owner_column != column.attnum) continue;
      copy.sequence->start = sequence->start;
      copy.sequence->increment = sequence->increment;
      copy.sequence->min_value = sequence->min_value;
      copy.sequence->max_value = sequence->max_value;
      copy.sequence->cache = sequence->cache;
      copy.sequence->cycle = sequence->cycle;
    }
  }
  spec.columns.push_back(std::move(copy));
}

// Keys of the copied table; other indexes are made after the table.
void CopyKeys(const catalog::TableDescriptor& table, ddl::TableSpec& spec) {
  for (const catalog::IndexDescriptor& index : table.indexes) {
    if (index.constraint == kInvalidOid) base::ThrowNotSupported("LIKE INCLUDING INDEXES");
    ddl::KeySpec key;
    key.primary = index.primary;
    key.nulls_not_distinct = index.nulls_not_distinct;
    for (const catalog::IndexKey& column : index.keys) {
      key.columns.push_back(table.FindColumn(column.attnum)->name);
    }
    for (int16_t attnum : index.included) key.included.push_back(table.FindColumn(attnum)->name);
    spec.keys.push_back(std::move(key));
  }
}

void CopyLike(DdlRun& run, const TableLikeClause* like, ddl::TableSpec& spec) {
  const catalog::Relation& relation = RequireRelation(run, like->relation);
  const std::vector<catalog::ColumnDescriptor>* columns = nullptr;
  if (relation.kind == 'r' && relation.table != nullptr) columns = &relation.table->columns;
  if (relation.view != nullptr) columns = &relation.view->columns;
  if (relation.composite != nullptr) columns = &relation.composite->columns;
  if (columns == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType,
                   "relation \"" + relation.name + "\" is invalid in LIKE clause")
        .At(like->relation->location);
  }
  Oid role = run.writer().role();
  if (relation.composite != nullptr) {
    ddl::CheckMayUseType(run.writer(), relation.composite->oid);
  } else if (!catalog::HoldsRelation(run.catalog(), relation.oid, role, catalog::kSelect)) {
    catalog::ThrowDenied(catalog::RelationKindName(relation.kind), relation.name);
  }
  for (const catalog::ColumnDescriptor& column : *columns) {
    if (!column.dropped) CopyColumn(run, column, relation.oid, like->options, spec);
  }
  if (relation.table == nullptr) return;
  if ((like->options & CREATE_TABLE_LIKE_CONSTRAINTS) != 0) {
    for (const catalog::ConstraintDescriptor& constraint : relation.table->constraints) {
      if (constraint.kind != catalog::ConstraintKind::kCheck) continue;
      base::ThrowNotSupported("LIKE INCLUDING CONSTRAINTS");
    }
  }
  if ((like->options & CREATE_TABLE_LIKE_INDEXES) != 0) CopyKeys(*relation.table, spec);
}

void CheckSupported(const CreateStmt* statement) {
  if (statement->partspec != nullptr) base::ThrowNotSupported("PARTITION BY");
  if (statement->partbound != nullptr) base::ThrowNotSupported("PARTITION OF");
  if (statement->inhRelations != nullptr) base::ThrowNotSupported("INHERITS");
  if (statement->ofTypename != nullptr) base::ThrowNotSupported("CREATE TABLE OF");
}

char OnCommit(OnCommitAction action) {
  if (action == ONCOMMIT_DELETE_ROWS) return 'd';
  return action == ONCOMMIT_DROP ? 'D' : 'p';
}

ddl::TableSpec StartSpec(DdlRun& run, const RangeVar* name, OnCommitAction on_commit) {
  ddl::TableSpec spec;
  spec.name = name->relname;
  try {
    spec.schema = CreationSchema(run, name, &spec.persistence);
    ddl::CheckMayCreateIn(run.writer(), spec.schema);
  } catch (SqlError& error) {
    // Only the refusal of a system schema, the one with a detail, has no position.
    if (error.fields().detail.empty()) error.At(name->location);
    throw;
  }
  spec.on_commit = OnCommit(on_commit);
  if (spec.on_commit != 'p' && spec.persistence != 't') {
    throw SqlError(sqlstate::kInvalidTableDefinition,
                   "ON COMMIT can only be used on temporary tables");
  }
  return spec;
}

void BindExpressions(DdlRun& run, const RawConstraints& raw, ddl::TableSpec& spec) {
  catalog::TableDescriptor table = Provisional(spec, run.catalog());
  for (const auto& item : raw.defaults) {
    ddl::ColumnSpec& column = ColumnNamed(spec, item.column);
    column.default_value = BindDefault(run, item.raw, column.name, column.type);
  }
  for (const auto& item : raw.generated) {
    ddl::ColumnSpec& column = ColumnNamed(spec, item.column);
    column.default_value =
        BindGenerated(run, item.raw, table, *table.FindColumn(std::string_view(item.column)));
  }
  for (const Constraint* constraint : raw.checks) {
    spec.checks.push_back(BindCheckSpec(run, constraint, table));
  }
}

}  // namespace

void RunCreateTable(DdlRun& run, const Node* node) {
  const auto* statement = As<CreateStmt>(node);
  CheckSupported(statement);
  ddl::TableSpec spec = StartSpec(run, statement->relation, statement->oncommit);
  spec.if_not_exists = statement->if_not_exists;
  spec.options = BindOptions(statement->options);
  if (spec.if_not_exists && run.catalog().FindRelation(spec.schema, spec.name) != nullptr) {
    ddl::CreateTable(run.writer(), spec);  // gives the notice
    return;
  }
  RawConstraints raw;
  for (const Node* element : parser::Each<Node>(statement->tableElts)) {
    switch (TagOf(element)) {
      case T_ColumnDef: {
        const auto* column = As<ColumnDef>(element);
        spec.columns.push_back(BindColumnType(run, column, spec.name));
        CollectColumnConstraints(run, column, statement->relation, spec.columns.back(), raw);
        break;
      }
      case T_TableLikeClause: CopyLike(run, As<TableLikeClause>(element), spec); break;
      default:
        CollectTableConstraint(run, As<Constraint>(element), statement->relation, raw);
    }
  }
  spec.keys.insert(spec.keys.end(), raw.keys.begin(), raw.keys.end());
  spec.foreign_keys = raw.foreign_keys;
  BindExpressions(run, raw, spec);
  ddl::CreateTable(run.writer(), spec);
}

Oid CreateTableFor(const BoundCreateTableAs& statement, DdlTarget& target) {
  DdlRun run(target, "");
  RangeVar name = {};
  name.relname = const_cast<char*>(statement.table.c_str());
  name.schemaname =
      statement.schema.empty() ? nullptr : const_cast<char*>(statement.schema.c_str());
  name.relpersistence = statement.persistence;
  ddl::TableSpec spec;
  spec.name = statement.table;
  spec.schema = CreationSchema(run, &name, &spec.persistence);
  spec.on_commit = statement.on_commit;
  spec.if_not_exists = statement.if_not_exists;
  std::span<const BoundTarget> columns = OutputColumns(*statement.query);
  if (statement.column_names.size() > columns.size()) {
    throw SqlError(sqlstate::kSyntaxError, "too many column names were specified");
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    ddl::ColumnSpec column;
    column.name = i < statement.column_names.size() ? statement.column_names[i] : columns[i].name;
    column.type = columns[i].expression->type;
    column.collation = columns[i].expression->collation;
    spec.columns.push_back(std::move(column));
  }
  return ddl::CreateTable(run.writer(), spec);
}

std::unique_ptr<BoundInsert> InsertInto(std::shared_ptr<const catalog::TableDescriptor> table,
                                        std::unique_ptr<BoundQuery> query, DdlTarget& /*target*/) {
  // Relation ids that the query does not use.
  constexpr RelationId kTargetRelation = 1'000'000;
  auto insert = std::make_unique<BoundInsert>();
  insert->table = table;
  insert->alias = table->name;
  insert->relation = kTargetRelation;
  insert->source_relation = kTargetRelation + 1;
  insert->rules.relation = kTargetRelation;
  for (const catalog::ColumnDescriptor& column : table->columns) {
    insert->values.push_back(std::make_unique<BoundColumn>(column.type, insert->source_relation,
                                                           column.attnum - 1));
  }
  insert->source = std::move(query);
  return insert;
}

}  // namespace sundog::binder
