// 1. Subcommands run in PostgreSQL's passes: drops, type changes, new columns, constraints, and the
//    rest.
// 2. Then what ADD COLUMN said of keys, checks and foreign keys.
// 3. Then the rows, once: a rewrite if any step needs one, else new indexes and checks.
#include "binder/ddl/alter_table.h"

#include <algorithm>

#include "binder/bind_stored.h"
#include "binder/coerce.h"
#include "binder/ddl/object_names.h"
#include "binder/deparse.h"
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/alter_table.h"
#include "catalog/ddl/constraint.h"
#include "catalog/ddl/permission.h"
#include "catalog/ddl/policy.h"
#include "catalog/ddl/sequence.h"
#include "catalog/stored_sql.h"
#include "catalog/names.h"
#include "types/identifier.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;

namespace {

struct PassRow {
  AlterTableType type;
  int pass;
};

constexpr int kMiscPass = 10;
constexpr PassRow kPasses[] = {
    {AT_DropColumn, 0},     {AT_DropConstraint, 0},   {AT_DropNotNull, 0},
    {AT_DropExpression, 0}, {AT_DropIdentity, 0},     {AT_AlterColumnType, 1},
    {AT_AddColumn, 4},      {AT_SetNotNull, 6},       {AT_SetIdentity, 6},
    {AT_AddConstraint, 7},  {AT_ColumnDefault, 9},    {AT_AddIdentity, 9},
};

int PassOf(const AlterTableCmd* command) {
  if (command->subtype == AT_ColumnDefault && command->def == nullptr) return 0;
  for (const PassRow& row : kPasses) {
    if (row.type == command->subtype) return row.pass;
  }
  return kMiscPass;
}

ddl::DropBehavior Behavior(DropBehavior behavior) {
  return behavior == DROP_CASCADE ? ddl::DropBehavior::kCascade : ddl::DropBehavior::kRestrict;
}

bool CallsVolatile(const BoundExpression& expression) {
  bool found = false;
  BoundExpressionPtr copy = expression.Clone();
  VisitDeep(copy, [&](BoundExpressionPtr& node) {
    if (node == nullptr || node->kind != ExpressionKind::kFunction) return;
    found = found || node->As<BoundFunction>().proc->volatility == 'v';
  });
  return found;
}

bool IsTextLike(Oid type) { return type == oids::kText || type == oids::kVarchar; }

// Stored values (and index entries) of the old type are values of the new one as they are.
bool KeepsRows(SqlType before, SqlType after) {
  bool same_kind = before.oid == after.oid || (IsTextLike(before.oid) && IsTextLike(after.oid));
  if (!same_kind) return false;
  if (before == after || after.typmod == -1) return true;
  if (before.typmod == -1) return false;
  if (IsTextLike(after.oid) || after.oid == oids::kVarbit) return after.typmod >= before.typmod;
  if (after.oid == oids::kNumeric) {
    return (after.typmod & 0xFFFF) == (before.typmod & 0xFFFF) && after.typmod >= before.typmod;
  }
  return false;
}

}  // namespace

AlterTableRun::AlterTableRun(DdlRun& run, const AlterTableStmt* statement,
                             std::shared_ptr<const catalog::TableDescriptor> table)
    : run_(run), statement_(statement), before_(std::move(table)), table_(before_->oid) {
  work_.table = table_;
  work_.before = before_;
}

std::shared_ptr<const catalog::TableDescriptor> AlterTableRun::Current() const {
  return run_.catalog().FindTable(table_);
}

const catalog::ColumnDescriptor& AlterTableRun::ColumnNow(const char* name) const {
  return ddl::RequireColumn(*Current(), name);
}

void AlterTableRun::Rewrite() {
  if (Current()->storage_id != before_->storage_id) return;
  ddl::RenewStorage(run_.writer(), table_);
}

void AlterTableRun::Run() {
  std::vector<const Command*> commands;
  for (const Command* command : parser::Each<Command>(statement_->cmds)) {
    commands.push_back(command);
  }
  std::stable_sort(commands.begin(), commands.end(),
                   [](const Command* a, const Command* b) { return PassOf(a) < PassOf(b); });
  for (const Command* command : commands) RunOne(command);
  for (const ddl::KeySpec& key : pending_.keys) AddKey(key);
  for (const Constraint* check : pending_.checks) AddCheck(check);
  for (const ddl::ForeignKeySpec& key : pending_.foreign_keys) AddForeignKey(key);
  Finish();
}

void AlterTableRun::Finish() {
  std::shared_ptr<const catalog::TableDescriptor> after = Current();
  if (after == nullptr) return;
  work_.rewrite = after->storage_id != before_->storage_id;
  if (work_.rewrite) {
    ddl::RenewStorage(run_.writer(), table_);
    ddl::ChooseRowKey(run_.writer(), table_);
  }
  if (!work_.empty()) run_.target().DoRowWork(work_);
  for (auto& [table, keys] : incoming_keys_) {
    run_.target().LockTable(table);
    RowWork work;
    work.table = table;
    work.before = run_.catalog().FindTable(table);
    // A later command may have dropped some.
    std::erase_if(keys, [&](Oid key) { return work.before->FindConstraint(key) == nullptr; });
    work.foreign_keys = std::move(keys);
    if (!work.empty()) run_.target().DoRowWork(work);
  }
}

void AlterTableRun::RunOne(const Command* command) {
  catalog::CatalogWriter& writer = run_.writer();
  switch (command->subtype) {
    case AT_AddColumn: return AddColumn(command);
    case AT_DropColumn:
      return ddl::DropColumn(writer, table_, command->name, command->missing_ok,
                             Behavior(command->behavior));
    case AT_ColumnDefault: return SetDefault(command);
    case AT_SetNotNull: return SetNotNull(command);
    case AT_DropNotNull: return ddl::DropNotNull(writer, table_, command->name);
    case AT_DropExpression:
      return ddl::DropExpression(writer, table_, command->name, command->missing_ok);
    case AT_AlterColumnType: return AlterType(command);
    case AT_AddIdentity: return AddIdentity(command);
    case AT_SetIdentity: return SetIdentity(command);
    case AT_DropIdentity:
      return ddl::DropIdentity(writer, table_, command->name, command->missing_ok);
    case AT_AddConstraint: return AddConstraint(As<Constraint>(command->def));
    case AT_DropConstraint:
      return ddl::DropConstraint(writer, table_, command->name, command->missing_ok,
                                 Behavior(command->behavior));
    case AT_ValidateConstraint: return Validate(command);
    case AT_AlterConstraint: return AlterConstraint(As<Constraint>(command->def));
    case AT_EnableRowSecurity: return ddl::SetRowSecurity(writer, table_, true, std::nullopt);
    case AT_DisableRowSecurity: return ddl::SetRowSecurity(writer, table_, false, std::nullopt);
    case AT_ForceRowSecurity: return ddl::SetRowSecurity(writer, table_, std::nullopt, true);
    case AT_NoForceRowSecurity: return ddl::SetRowSecurity(writer, table_, std::nullopt, false);
    case AT_ChangeOwner:
      return ddl::ChangeOwner(writer, {catalog::classes::kClass, table_, 0},
                              BindRole(run_, command->newowner));
    case AT_SetRelOptions:
      return ddl::SetOptions(writer, table_, BindOptions(As<List>(command->def)), {});
    case AT_ResetRelOptions: {
      std::vector<std::string> names;
      for (const DefElem* option : parser::Each<DefElem>(As<List>(command->def))) {
        names.push_back(option->defname);
      }
      return ddl::SetOptions(writer, table_, {}, names);
    }
    // Hints about a storage that is not ours: checked, and without effect.
    case AT_SetStatistics:
    case AT_SetStorage:
    case AT_SetCompression:
    case AT_SetOptions:
    case AT_ResetOptions:
      if (command->name != nullptr) ColumnNow(command->name);
      return;
    case AT_ClusterOn:
    case AT_DropCluster:
    case AT_ReplicaIdentity: return;
    default: base::ThrowNotSupported("this form of ALTER TABLE");
  }
}

// --- columns ---

void AlterTableRun::AddColumn(const Command* command) {
  const auto* definition = As<ColumnDef>(command->def);
  ddl::ColumnSpec spec = BindColumnType(run_, definition, before_->name);
  if (command->missing_ok && Current()->FindColumn(std::string_view(spec.name)) != nullptr) {
    ddl::AddColumn(run_.writer(), table_, spec, true, std::nullopt);  // gives the notice
    return;
  }
  RawConstraints raw;
  CollectColumnConstraints(run_, definition, statement_->relation, spec, raw);
  BoundExpressionPtr value;
  if (!raw.defaults.empty()) {
    spec.default_value = BindDefault(run_, raw.defaults[0].raw, spec.name, spec.type, &value);
  }
  if (!raw.generated.empty()) {
    catalog::TableDescriptor provisional = *Current();
    catalog::ColumnDescriptor column;
    column.name = spec.name;
    column.type = spec.type;
    column.generated = 's';
    column.attnum = static_cast<int16_t>(provisional.columns.size() + 1);
    provisional.columns.push_back(column);
    spec.default_value = BindGenerated(run_, raw.generated[0].raw, provisional, column);
  }
  std::optional<std::string> missing;
  bool constant = value != nullptr && !CallsVolatile(*value) &&
                  run_.catalog().GetType(spec.type.oid).kind_code != 'd';
  if (constant) {
    missing = run_.target().ConstantBytes(value->Clone());
  }
  int16_t attnum =
      ddl::AddColumn(run_.writer(), table_, spec, command->missing_ok, missing);
  if (constant) {
    // Only a rewrite for another reason needs the value.
    work_.values.push_back({attnum, std::move(value)});
    if (spec.not_null && !missing) work_.not_null.push_back(attnum);
  } else {
    AddColumnValue(spec, attnum, std::move(value));
  }
  pending_.keys.insert(pending_.keys.end(), raw.keys.begin(), raw.keys.end());
  pending_.checks.insert(pending_.checks.end(), raw.checks.begin(), raw.checks.end());
  pending_.foreign_keys.insert(pending_.foreign_keys.end(), raw.foreign_keys.begin(),
                               raw.foreign_keys.end());
}

// The rows that are there already get a value of their own.
void AlterTableRun::AddColumnValue(const ddl::ColumnSpec& spec, int16_t attnum,
                                   BoundExpressionPtr value) {
  Oid sequence = ddl::OwnedSequence(run_.catalog(), table_, attnum, false);
  if (spec.sequence && sequence != kInvalidOid) {
    PieceBinding piece(run_);
    catalog::StoredExpression next{
        "nextval('" + catalog::QuotedRelationMark(sequence) + "'::regclass)", {}};
    value = BindStored(piece.state, next, nullptr, -1, ExpressionRole::kColumnDefault);
    CHECK(CoerceToTarget(piece.state, value, spec.type, Coercion::kAssignment,
                         CallForm::kImplicitCast, -1));
  }
  if (value != nullptr) work_.values.push_back({attnum, std::move(value)});
  bool computed = spec.generated != '\0' || (!work_.values.empty() &&
                                             work_.values.back().attnum == attnum);
  if (computed) Rewrite();
  if (spec.not_null) work_.not_null.push_back(attnum);
}

void AlterTableRun::SetDefault(const Command* command) {
  const catalog::ColumnDescriptor& column = ColumnNow(command->name);
  std::optional<catalog::StoredExpression> value;
  if (command->def != nullptr) {
    try {
      value = BindDefault(run_, command->def, column.name, column.type);
    } catch (SqlError& error) {
      error.fields().location = -1;  // as PostgreSQL, which has let go of the text by then
      throw;
    }
  }
  ddl::SetDefault(run_.writer(), table_, command->name, std::move(value));
}

void AlterTableRun::SetNotNull(const Command* command) {
  const catalog::ColumnDescriptor& column = ColumnNow(command->name);
  if (column.not_null) return;
  work_.not_null.push_back(column.attnum);
  ddl::SetNotNull(run_.writer(), table_, command->name);
}

BoundExpressionPtr AlterTableRun::ConvertedColumn(const ColumnDef* definition,
                                                  const catalog::ColumnDescriptor& column,
                                                  SqlType type) {
  PieceBinding piece(run_);
  piece.AddTable(*before_);
  BoundExpressionPtr value;
  if (definition->raw_default != nullptr) {
    if (column.generated != '\0') {
      throw SqlError(sqlstate::kInvalidColumnDefinition,
                     "cannot specify USING when altering type of generated column")
          .Detail("Column \"" + column.name + "\" is a generated column.");
    }
    value = BindExpression(piece.scope, definition->raw_default,
                           ExpressionRole::kAlterColumnTransform);
  } else {
    value = std::make_unique<BoundColumn>(column.type, 0, column.attnum - 1);
    value->collation = column.collation;
  }
  if (CoerceToTarget(piece.state, value, type, Coercion::kAssignment, CallForm::kImplicitCast,
                     -1)) {
    return value;
  }
  std::string name = piece.state.types.Name(type);
  if (definition->raw_default != nullptr) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   "result of USING clause for column \"" + column.name +
                       "\" cannot be cast automatically to type " + name)
        .Hint("You might need to add an explicit cast.");
  }
  throw SqlError(sqlstate::kDatatypeMismatch, "column \"" + column.name +
                                                  "\" cannot be cast automatically to type " +
                                                  name)
      .Hint("You might need to specify \"USING " + types::QuoteIdentifier(column.name) + "::" +
            name + "\".");
}

std::optional<catalog::StoredExpression> AlterTableRun::ConvertedDefault(
    const catalog::ColumnDescriptor& column, SqlType type) {
  if (!column.default_value) return std::nullopt;
  PieceBinding piece(run_);
  bool generated = column.generated != '\0';
  const catalog::TableDescriptor* table = generated ? before_.get() : nullptr;
  RelationId relation = generated ? piece.state.NewRelation(0) : -1;
  BoundExpressionPtr value = BindStored(
      piece.state, *column.default_value, table, relation,
      generated ? ExpressionRole::kGeneratedColumn : ExpressionRole::kColumnDefault);
  // What only made it the old type is not part of the default.
  while (value->kind == ExpressionKind::kRelabel || value->kind == ExpressionKind::kCoerceViaIo) {
    auto& conversion = value->As<BoundConversion>();
    if (conversion.form != CallForm::kImplicitCast) break;
    value = std::move(conversion.argument);
  }
  if (!CoerceToTarget(piece.state, value, type, Coercion::kAssignment, CallForm::kImplicitCast,
                      -1)) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   std::string(generated ? "generation expression" : "default") + " for column \"" +
                       column.name + "\" cannot be cast automatically to type " +
                       piece.state.types.Name(type));
  }
  return Store(*value, piece.context, table, relation, /*indent=*/true);
}

void AlterTableRun::AlterType(const Command* command) {
  const auto* definition = As<ColumnDef>(command->def);
  catalog::ColumnDescriptor column = ColumnNow(command->name);
  PieceBinding piece(run_);
  SqlType type = ResolveType(piece.state, definition->typeName);
  ddl::CheckMayUseType(run_.writer(), type.oid);
  Oid collation = kInvalidOid;
  if (definition->collClause != nullptr) {
    collation = ResolveCollation(piece.state, definition->collClause->collname,
                                 definition->collClause->location);
  }
  BoundExpressionPtr value = ConvertedColumn(definition, column, type);
  std::optional<catalog::StoredExpression> converted = ConvertedDefault(column, type);
  ddl::AlterColumnType(run_.writer(), table_, command->name, type, collation,
                       std::move(converted));
  bool keeps_rows = definition->raw_default == nullptr && KeepsRows(column.type, type);
  KeepForeignKeysOf(column, keeps_rows);
  if (keeps_rows) return;
  Rewrite();
  if (column.generated == '\0') work_.values.push_back({column.attnum, std::move(value)});
}

namespace {

template <typename Visit>
void ForEachForeignKeyOf(const catalog::Catalog& catalog, const catalog::TableDescriptor& table,
                         int16_t attnum, Visit visit) {
  auto has = [&](const std::vector<int16_t>& columns) {
    return std::find(columns.begin(), columns.end(), attnum) != columns.end();
  };
  for (const catalog::ConstraintDescriptor& key : table.constraints) {
    if (key.kind != catalog::ConstraintKind::kForeignKey || !has(key.columns)) continue;
    visit(table, key, *catalog.FindTable(key.referenced_table));
  }
  for (const catalog::IncomingForeignKey& incoming : catalog.IncomingForeignKeys(table.oid)) {
    const catalog::ConstraintDescriptor& key = *incoming.constraint;
    bool met = incoming.table->oid == table.oid && has(key.columns);
    if (!met && has(key.referenced_columns)) visit(*incoming.table, key, table);
  }
}

}  // namespace

void AlterTableRun::KeepForeignKeysOf(const catalog::ColumnDescriptor& column, bool keeps_rows) {
  std::shared_ptr<const catalog::TableDescriptor> now = Current();
  ForEachForeignKeyOf(run_.catalog(), *now, column.attnum,
                      [&](const auto& table, const auto& key, const auto& referenced) {
                        ddl::CheckForeignKeyTypes(run_.writer(), table, key, referenced);
                        if (keeps_rows || !key.validated) return;
                        if (table.oid == table_) {
                          work_.foreign_keys.push_back(key.oid);
                        } else {
                          incoming_keys_[table.oid].push_back(key.oid);
                        }
                      });
}

void AlterTableRun::AddIdentity(const Command* command) {
  const auto* constraint = As<Constraint>(command->def);
  ddl::SequenceSpec sequence;
  sequence.type = ColumnNow(command->name).type.oid;
  BindSequenceOptions(run_, constraint->options, sequence);
  ddl::AddIdentity(run_.writer(), table_, command->name, constraint->generated_when, sequence);
}

void AlterTableRun::SetIdentity(const Command* command) {
  const catalog::ColumnDescriptor& column = ColumnNow(command->name);
  char kind = column.identity;
  int16_t attnum = column.attnum;
  bool alters_sequence = false;
  for (const DefElem* option : parser::Each<DefElem>(As<List>(command->def))) {
    if (std::string_view(option->defname) == "generated") {
      kind = static_cast<char>(As<Integer>(option->arg)->ival);
    } else {
      alters_sequence = true;
    }
  }
  ddl::SetIdentityKind(run_.writer(), table_, command->name, kind);
  if (!alters_sequence) return;
  ddl::SequenceSpec spec;
  BindSequenceOptions(run_, As<List>(command->def), spec);
  Oid sequence = ddl::OwnedSequence(run_.catalog(), table_, attnum, true);
  ddl::SequenceChange change = ddl::AlterSequence(run_.writer(), sequence, spec,
                                                  run_.target().SequenceLastValue(sequence));
  if (change.restart_value) run_.target().RestartSequence(sequence, *change.restart_value);
}

// --- constraints ---

void AlterTableRun::AddConstraint(const Constraint* constraint) {
  switch (constraint->contype) {
    case CONSTR_CHECK: return AddCheck(constraint);
    case CONSTR_PRIMARY:
    case CONSTR_UNIQUE:
      if (constraint->indexname != nullptr) {
        base::ThrowNotSupported("ADD CONSTRAINT USING INDEX", constraint->location);
      }
      {
        ddl::KeySpec key = BindKey(constraint, nullptr);
        key.location = -1;  // errors are of the table now, not of its definition
        return AddKey(key);
      }
    case CONSTR_FOREIGN:
      return AddForeignKey(BindForeignKey(run_, constraint, nullptr, statement_->relation));
    default: base::ThrowNotSupported("EXCLUDE", constraint->location);
  }
}

void AlterTableRun::AddCheck(const Constraint* constraint) {
  ddl::CheckSpec spec = BindCheckSpec(run_, constraint, *Current());
  spec.validated = constraint->initially_valid && !constraint->skip_validation;
  Oid check = ddl::AddCheck(run_.writer(), table_, spec);
  if (spec.validated) work_.checks.push_back(check);
}

void AlterTableRun::AddKey(const ddl::KeySpec& key) {
  std::shared_ptr<const catalog::TableDescriptor> earlier = Current();
  Oid index = ddl::AddKey(run_.writer(), table_, key, false);
  work_.new_indexes.push_back(index);
  if (!key.primary) return;
  for (const std::string& name : key.columns) {
    const catalog::ColumnDescriptor* column = earlier->FindColumn(std::string_view(name));
    if (!column->not_null) work_.not_null.push_back(column->attnum);
  }
  // Rows are to lie by their primary key.
  if (!key.deferrable) Rewrite();
}

void AlterTableRun::AddForeignKey(const ddl::ForeignKeySpec& key) {
  Oid referenced = key.referenced_table != kInvalidOid ? key.referenced_table : table_;
  if (referenced != table_) run_.target().LockTable(referenced);
  Oid constraint = ddl::AddForeignKey(run_.writer(), table_, key);
  if (key.validated) work_.foreign_keys.push_back(constraint);
}

void AlterTableRun::Validate(const Command* command) {
  if (!ddl::MarkValidated(run_.writer(), table_, command->name)) return;
  const catalog::ConstraintDescriptor* constraint =
      Current()->FindConstraint(std::string_view(command->name));
  bool foreign = constraint->kind == catalog::ConstraintKind::kForeignKey;
  (foreign ? work_.foreign_keys : work_.checks).push_back(constraint->oid);
}

void AlterTableRun::AlterConstraint(const Constraint* constraint) {
  ddl::AlterConstraint(run_.writer(), table_, constraint->conname, constraint->deferrable,
                       constraint->initdeferred);
}

namespace {

[[noreturn]] void ThrowNotOfTable(const catalog::Relation& relation, std::string_view action) {
  std::string_view kinds = relation.kind == 'v'   ? "views"
                           : relation.kind == 'S' ? "sequences"
                                                  : "indexes";
  throw SqlError(sqlstate::kWrongObjectType, "ALTER action " + std::string(action) +
                                                 " cannot be performed on relation \"" +
                                                 relation.name + "\"")
      .Detail("This operation is not supported for " + std::string(kinds) + ".");
}

// ALTER VIEW and ALTER INDEX go through the same statement.
void RunAlterOther(DdlRun& run, const AlterTableStmt* statement,
                   const catalog::Relation& relation) {
  ddl::CheckOwnsRelation(run.writer(), relation);
  Oid oid = relation.oid;
  for (const AlterTableCmd* command : parser::Each<AlterTableCmd>(statement->cmds)) {
    switch (command->subtype) {
      case AT_ChangeOwner:
        ddl::ChangeOwner(run.writer(), {catalog::classes::kClass, oid, 0},
                         BindRole(run, command->newowner));
        break;
      case AT_SetRelOptions:
        ddl::SetOptions(run.writer(), oid, BindOptions(As<List>(command->def)), {});
        break;
      case AT_ResetRelOptions: {
        std::vector<std::string> names;
        for (const DefElem* option : parser::Each<DefElem>(As<List>(command->def))) {
          names.push_back(option->defname);
        }
        ddl::SetOptions(run.writer(), oid, {}, names);
        break;
      }
      case AT_EnableRowSecurity: ThrowNotOfTable(relation, "ENABLE ROW SECURITY");
      case AT_DisableRowSecurity: ThrowNotOfTable(relation, "DISABLE ROW SECURITY");
      case AT_ForceRowSecurity: ThrowNotOfTable(relation, "FORCE ROW SECURITY");
      case AT_NoForceRowSecurity: ThrowNotOfTable(relation, "NO FORCE ROW SECURITY");
      default: base::ThrowNotSupported("this form of ALTER");
    }
  }
}

// ALTER TABLE ASYNC.
void SubmitValidation(DdlRun& run, const AlterTableStmt* statement,
                      const catalog::TableDescriptor& table) {
  const auto* command = As<AlterTableCmd>(parser::At(statement->cmds, 0));
  if (parser::Length(statement->cmds) != 1 || command->subtype != AT_ValidateConstraint) {
    base::ThrowNotSupported("ALTER TABLE ASYNC of anything but one VALIDATE CONSTRAINT");
  }
  run.target().LockDefinition(table.oid);
  // To have it refused now if it cannot be.
  catalog::CatalogWriter trial(run.writer().Snapshot(), run.writer().environment());
  ddl::MarkValidated(trial, table.oid, command->name);
  run.target().SubmitJob(catalog::JobKind::kConstraintValidation, table.oid,
                         table.FindConstraint(std::string_view(command->name))->oid,
                         run.catalog().FindSchema(table.schema)->name + "." + command->name);
}

std::string_view ExpectedKind(ObjectType type) {
  if (type == OBJECT_VIEW) return "a view";
  if (type == OBJECT_INDEX) return "an index";
  return type == OBJECT_SEQUENCE ? "a sequence" : "a table";
}

}  // namespace

void RunAlterTable(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterTableStmt>(node);
  if (statement->objtype == OBJECT_TYPE) base::ThrowNotSupported("ALTER TYPE of attributes");
  const catalog::Relation* found = FindRelation(run, statement->relation);
  if (found == nullptr) {
    if (!statement->missing_ok) RequireRelation(run, statement->relation);
    return NoticeMissing(run, "relation \"" + std::string(statement->relation->relname) +
                                  "\" does not exist");
  }
  RefuseComposite(statement->objtype, *found);
  bool expected = statement->objtype == OBJECT_TABLE ||
                  (statement->objtype == OBJECT_VIEW && found->kind == 'v') ||
                  (statement->objtype == OBJECT_INDEX && found->kind == 'i') ||
                  (statement->objtype == OBJECT_SEQUENCE && found->kind == 'S');
  if (!expected) {
    throw SqlError(sqlstate::kWrongObjectType,
                   "\"" + found->name + "\" is not " +
                       std::string(ExpectedKind(statement->objtype)));
  }
  if (found->kind != 'r') return RunAlterOther(run, statement, *found);
  ddl::CheckOwnsRelation(run.writer(), *found);
  std::shared_ptr<const catalog::TableDescriptor> table = found->table;
  if (run.target().IsAsynchronous()) return SubmitValidation(run, statement, *table);
  run.target().LockTable(table->oid);
  run.target().RequireNotRunning(*table, "ALTER TABLE");
  AlterTableRun(run, statement, std::move(table)).Run();
}

}  // namespace sundog::binder
