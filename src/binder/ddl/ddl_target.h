// What a DDL statement acts on: the catalog's writer, and through the executor the rows of tables
// and the positions of sequences. The walk over the statement (ddl/run_ddl.h) calls it; the engine
// implements it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binder/bind.h"
#include "binder/bound_query.h"
#include "catalog/catalog_writer.h"
#include "catalog/jobs.h"

namespace sundog::binder {

// What the rows of one table need after its descriptor has changed. The table is found in the
// writer's catalog.
struct RowWork {
  Oid table = types::kInvalidOid;
  // As it was; its rows lie there.
  std::shared_ptr<const catalog::TableDescriptor> before;
  // Where the types of `before` are, if the statement drops some; null: in the writer's catalog.
  catalog::CatalogPtr types_before;
  // Rows are stored anew under the table's present storage_id, with all its indexes.
  bool rewrite = false;
  // In a rewrite: columns whose values are computed, over `before` as relation 0. Others are
  // copied.
  struct Value {
    int16_t attnum;
    BoundExpressionPtr expression;
  };
  std::vector<Value> values;
  // Without a rewrite: indexes to fill.
  std::vector<Oid> new_indexes;
  // What all rows must satisfy.
  std::vector<int16_t> not_null;
  std::vector<Oid> checks;
  std::vector<Oid> foreign_keys;

  bool empty() const {
    return !rewrite && new_indexes.empty() && not_null.empty() && checks.empty() &&
           foreign_keys.empty();
  }
};

class DdlTarget {
 public:
  virtual ~DdlTarget() = default;

  virtual catalog::CatalogWriter& writer() = 0;
  // Settings, role and search path to bind with; the catalog is the writer's.
  virtual const BindContext& context() = 0;

  // Nobody else reads or writes the table until the transaction's end.
  virtual void LockTable(Oid table) = 0;
  // 55006 if a query of this session reads or writes the table; `command` is what is to be done.
  virtual void RequireNotRunning(const catalog::TableDescriptor& table,
                                 std::string_view command) = 0;
  // Others go on reading and writing; of changes like this one there is one at a time.
  virtual void LockDefinition(Oid table) = 0;
  // ALTER TABLE ASYNC, CREATE INDEX ASYNC: the work is left to a job.
  virtual bool IsAsynchronous() const = 0;
  // Writes the job's row, and answers the statement with its id.
  virtual void SubmitJob(catalog::JobKind kind, Oid table, Oid object, std::string name) = 0;
  virtual void DoRowWork(const RowWork& work) = 0;
  // The bytes of a constant expression's value as ColumnDescriptor::missing_value has them;
  // nullopt: null.
  virtual std::optional<std::string> ConstantBytes(BoundExpressionPtr expression) = 0;
  // The next value of the sequence's present storage will be `value`.
  virtual void RestartSequence(Oid sequence, int64_t value) = 0;
  virtual int64_t SequenceLastValue(Oid sequence) = 0;
  // A password as given to the verifier that is kept.
  virtual std::string PasswordVerifier(const std::string& password) = 0;
  // The setting's own name, if the current role may set it to `value` (nullopt: its default); else
  // throws what SET does.
  virtual std::string CheckSetting(const std::string& name,
                                   const std::optional<std::string>& value) = 0;
  virtual bool MaySet(const std::string& setting) = 0;
  virtual std::string ShowSetting(const std::string& name) = 0;
  // Where names are looked up while the function runs, with its own settings.
  virtual catalog::SearchPath SearchPathIn(const catalog::FunctionDescriptor& function) = 0;
};

}  // namespace sundog::binder
