// TRUNCATE, LOCK TABLE, SET CONSTRAINTS, VACUUM and ANALYZE.
#include <set>

#include "base/sql_error.h"
#include "catalog/catalog_writer.h"
#include "codec/key_codec.h"
#include "runtime/interrupt.h"
#include "session/engine/ddl_environment.h"
#include "session/engine/utility_plan.h"
#include "storage/table_reader.h"
#include "storage/table_writer.h"

namespace sundog::session {

namespace {

using TablePtr = std::shared_ptr<const catalog::TableDescriptor>;

// The tables, and with CASCADE those that refer to them.
std::vector<TablePtr> TablesToTruncate(const SessionContext& session,
                                       const catalog::Catalog& catalog,
                                       const binder::BoundTruncate& truncate) {
  std::vector<TablePtr> tables = truncate.tables;
  std::set<types::Oid> known;
  for (const TablePtr& table : tables) known.insert(table->oid);
  for (size_t i = 0; i < tables.size(); ++i) {
    for (const catalog::IncomingForeignKey& incoming :
         catalog.IncomingForeignKeys(tables[i]->oid)) {
      if (known.contains(incoming.table->oid)) continue;
      if (!truncate.cascade) {
        throw SqlError(sqlstate::kFeatureNotSupported,
                       "cannot truncate a table referenced in a foreign key constraint")
            .Detail("Table \"" + incoming.table->name + "\" references \"" + tables[i]->name +
                    "\".")
            .Hint("Truncate table \"" + incoming.table->name +
                  "\" at the same time, or use TRUNCATE ... CASCADE.");
      }
      base::ErrorFields notice;
      notice.severity = base::Severity::kNotice;
      notice.state = sqlstate::kSuccessfulCompletion;
      notice.message = "truncate cascades to table \"" + incoming.table->name + "\"";
      session.Notice(notice);
      known.insert(incoming.table->oid);
      tables.push_back(incoming.table);
    }
  }
  return tables;
}

// TRUNCATE on those that CASCADE added, too, and ownership of the sequences that start over.
void CheckMayTruncate(const UtilityRun& run, const std::vector<TablePtr>& tables, bool restart) {
  types::Oid role = run.session.current_role();
  catalog::RequiredPrivileges required;
  for (const TablePtr& table : tables) {
    required.relations.emplace_back();
    required.relations.back().relation = table->oid;
    required.relations.back().privileges = catalog::kTruncate;
  }
  catalog::CheckPrivileges(*run.catalog, required, role);
  if (!restart) return;
  for (const auto& sequence : run.catalog->contents().sequences) {
    for (const TablePtr& table : tables) {
      if (sequence->owner_table != table->oid ||
          run.catalog->HasPrivilegesOf(role, sequence->owner)) {
        continue;
      }
      throw SqlError(sqlstate::kInsufficientPrivilege,
                     "must be owner of sequence " + sequence->name);
    }
  }
}

txn::LockMode Translate(binder::TableLockMode mode) {
  return static_cast<txn::LockMode>(static_cast<int>(mode) - 1);
}

// Distinct values and nulls of a sample of rows, for the planner.
TableFigures Analyze(const storage::TableLayoutPtr& layout, const txn::ReadView& view) {
  constexpr size_t kSampleRows = 30'000;
  TableFigures figures;
  std::vector<int16_t> attnums(layout->live_attnums().begin(), layout->live_attnums().end());
  storage::ScanSpec spec;
  spec.attnums = attnums;
  storage::TableScan scan(layout, spec);
  scan.OpenAll(view);
  types::ChunkBuffer buffer(scan.kinds());
  std::vector<codec::KeyColumn> keys(attnums.size());
  std::vector<bool> countable(attnums.size());
  std::vector<std::set<std::string>> seen(attnums.size());
  std::vector<size_t> nulls(attnums.size());
  for (size_t i = 0; i < attnums.size(); ++i) {
    types::Oid type = layout->TypeOf(attnums[i]).oid;
    countable[i] = codec::CanBeKey(layout->types(), type);
    if (countable[i]) keys[i] = codec::MakeKeyColumn(layout->types(), type, false, false, false);
  }
  size_t rows = 0;
  while (size_t count = scan.Next(buffer)) {
    runtime::CheckInterrupts();
    for (size_t row = 0; row < count && rows + row < kSampleRows; ++row) {
      for (size_t i = 0; i < attnums.size(); ++i) {
        if (buffer.column(i).IsNull(row)) {
          ++nulls[i];
        } else if (countable[i]) {
          std::string key;
          codec::AppendKey(keys[i], buffer.column(i).DatumAt(row), key);
          seen[i].insert(std::move(key));
        }
      }
    }
    rows += count;
    buffer.Reset();
  }
  figures.rows = static_cast<double>(rows);
  figures.columns.resize(layout->table().columns.size());
  double sampled = static_cast<double>(std::min(rows, kSampleRows));
  for (size_t i = 0; i < attnums.size() && sampled > 0; ++i) {
    planner::ColumnStatistics& column = figures.columns[attnums[i] - 1];
    column.null_fraction = static_cast<double>(nulls[i]) / sampled;
    double distinct = static_cast<double>(seen[i].size());
    // Mostly unique in the sample: the number grows with the table.
    column.distinct_count = distinct > sampled * 0.9 ? distinct / sampled * figures.rows : distinct;
  }
  return figures;
}

// The constraints of that name in the schema, else in the first schema of the search path that has
// any: a name is unique in its table only.
void FindConstraints(const UtilityRun& run, const binder::BoundSetConstraints::Name& name,
                     bool deferred, std::vector<types::Oid>& found) {
  std::vector<types::Oid> schemas = run.session.search_path().schemas;
  if (!name.schema.empty()) {
    const catalog::SchemaDescriptor* schema = run.catalog->FindSchema(name.schema);
    if (schema == nullptr) {
      throw SqlError(sqlstate::kUndefinedSchema,
                     "schema \"" + name.schema + "\" does not exist");
    }
    schemas = {schema->oid};
  }
  for (types::Oid schema : schemas) {
    bool any = false;
    for (const TablePtr& table : run.catalog->contents().tables) {
      if (table->schema != schema) continue;
      const catalog::ConstraintDescriptor* constraint = table->FindConstraint(name.constraint);
      if (constraint == nullptr) continue;
      any = true;
      if (constraint->deferrable) {
        found.push_back(constraint->oid);
      } else if (deferred) {
        throw SqlError(sqlstate::kWrongObjectType,
                       "constraint \"" + name.constraint + "\" is not deferrable");
      }
    }
    if (any) return;
  }
  throw SqlError(sqlstate::kUndefinedObject,
                 "constraint \"" + name.constraint + "\" does not exist");
}

}  // namespace

void RunTruncate(UtilityRun& run) {
  const auto& truncate = run.statement.As<binder::BoundTruncate>();
  std::vector<TablePtr> tables = TablesToTruncate(run.session.context(), *run.catalog, truncate);
  CheckMayTruncate(run, tables, truncate.restart_identity);
  txn::Transaction& txn = run.transaction.txn();
  for (const TablePtr& table : tables) {
    txn.LockTable(table->oid, txn::LockMode::kAccessExclusive);
    run.session.RequireNotRunning(*table, "TRUNCATE");
  }
  DdlSupport support(run.engine, run.session);
  catalog::CatalogWriter writer(run.catalog, support.environment());
  for (const TablePtr& table : tables) {
    catalog::TableDescriptor emptied = *table;
    emptied.storage_id = writer.NewStorageId(table->schema);
    writer.Put(std::move(emptied));
    storage::DropStorage(txn, table->storage_id);
    if (!truncate.restart_identity) continue;
    for (const auto& sequence : run.catalog->contents().sequences) {
      if (sequence->owner_table != table->oid) continue;
      catalog::SequenceDescriptor restarted = *sequence;
      restarted.storage_id = writer.NewStorageId(sequence->schema);
      writer.Put(std::move(restarted));
    }
  }
  run.transaction.ApplyCatalog(run.catalog, writer.Finish());
}

void RunLock(UtilityRun& run) {
  const auto& lock = run.statement.As<binder::BoundLock>();
  for (const TablePtr& table : lock.tables) {
    bool granted = run.transaction.txn().LockTable(
        table->oid, Translate(lock.mode),
        lock.no_wait ? txn::WaitPolicy::kNoWait : txn::WaitPolicy::kWait);
    if (!granted) {
      throw SqlError(sqlstate::kLockNotAvailable,
                     "could not obtain lock on relation \"" + table->name + "\"");
    }
  }
}

void RunSetConstraints(UtilityRun& run) {
  const auto& set = run.statement.As<binder::BoundSetConstraints>();
  std::vector<types::Oid> constraints;
  for (const binder::BoundSetConstraints::Name& name : set.constraints) {
    FindConstraints(run, name, set.deferred, constraints);
  }
  run.transaction.SetConstraints(set.all, constraints, set.deferred);
}

namespace {

// Tables of others are left out, with a warning.
bool MayVacuum(const UtilityRun& run, const catalog::TableDescriptor& table, bool vacuum) {
  types::Oid role = run.session.current_role();
  if (run.catalog->HasPrivilegesOf(role, table.owner) ||
      run.catalog->HasPrivilegesOf(role, catalog::kSuperuserRole)) {
    return true;
  }
  run.session.context().Warn(sqlstate::kWarning,
                             "skipping \"" + table.name +
                                 "\" --- only table or database owner can " +
                                 (vacuum ? "vacuum" : "analyze") + " it");
  return false;
}

}  // namespace

void RunVacuum(UtilityRun& run) {
  const auto& vacuum = run.statement.As<binder::BoundVacuum>();
  std::vector<TablePtr> tables;
  for (const auto& target : vacuum.targets) tables.push_back(target.table);
  if (vacuum.targets.empty()) {
    for (const TablePtr& table : run.catalog->contents().tables) tables.push_back(table);
  }
  std::erase_if(tables,
                [&](const TablePtr& table) { return !MayVacuum(run, *table, vacuum.vacuum); });
  if (!vacuum.analyze) return;  // the store cleans up after itself
  for (const TablePtr& table : tables) {
    storage::TableLayoutPtr layout =
        run.engine.layouts().Find(run.session.tenant(), run.catalog, table);
    run.engine.statistics().Put(run.session.tenant(), table->storage_id,
                                Analyze(layout, run.transaction.txn().View()));
  }
}

}  // namespace sundog::session
