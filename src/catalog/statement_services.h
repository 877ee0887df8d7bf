// What the session offers to system functions and system tables: the catalog it works on, its
// settings and identity, sequences, and what is known of the other sessions. The class that
// functions/function.h passes through; the session implements it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/jobs.h"

namespace sundog::catalog {

// A row of pg_settings; texts as PostgreSQL shows them.
struct SettingRow {
  std::string name;
  std::string value;
  std::optional<std::string> unit;
  std::string category;
  std::string description;
  std::string context;
  std::string vartype;
  std::string source = "default";
  std::optional<std::string> min_value;
  std::optional<std::string> max_value;
  std::vector<std::string> enum_values;
  std::optional<std::string> boot_value;
  std::optional<std::string> reset_value;
};

// A row of pg_stat_activity. Times are µs since 2000-01-01 UTC.
struct SessionRow {
  int32_t pid = 0;
  Oid role = kInvalidOid;
  std::string application_name;
  std::string client_address;  // empty: a Unix socket
  int32_t client_port = -1;
  int64_t backend_start_us = 0;
  std::optional<int64_t> transaction_start_us;
  std::optional<int64_t> query_start_us;
  std::optional<int64_t> state_change_us;
  std::string state;  // "active", "idle", …
  std::string query;
  bool ssl = false;
};

// What sys.vector_indexes shows of a graph.
struct VectorGraphRow {
  uint32_t storage_id = 0;
  uint32_t index_number = 0;
  std::string_view state;  // "loading", "ready", "too large"
  int64_t points = 0;
  int64_t dead_points = 0;
  int64_t bytes = 0;     // of memory
  double progress = 0;  // up to 1
};

// A row of pg_locks.
struct LockRow {
  std::string lock_type;  // "relation" or "advisory"
  Oid relation = kInvalidOid;
  // Of an advisory lock: the two halves of its key, and 1 (one bigint) or 2 (two ints).
  Oid class_id = kInvalidOid;
  Oid object_id = kInvalidOid;
  int16_t object_sub_id = 0;
  std::string virtual_transaction;
  int32_t pid = 0;
  std::string mode;
  bool granted = true;
};

// A row of pg_prepared_statements.
struct PreparedStatementRow {
  std::string name;
  std::string statement;
  int64_t prepared_us = 0;
  std::vector<Oid> parameter_types;
  bool from_sql = false;
};

// A row of pg_cursors.
struct CursorRow {
  std::string name;
  std::string statement;
  bool holdable = false;
  bool binary = false;
  bool scrollable = false;
  int64_t created_us = 0;
};

// An advisory lock as pg_advisory_lock and kin ask for it.
struct AdvisoryLock {
  int64_t key = 0;  // of one bigint, …
  int32_t key1 = 0;  // … or of two ints
  int32_t key2 = 0;
  bool is_pair = false;
  bool shared = false;
  bool transaction = false;  // else held by the session
  bool wait = true;
};

}  // namespace sundog::catalog

namespace sundog::functions {

class StatementServices {
 public:
  virtual ~StatementServices() = default;

  // --- catalog ---
  virtual const catalog::CatalogPtr& catalog() = 0;
  virtual const catalog::SearchPath& search_path() = 0;

  // --- identity ---
  virtual types::Oid current_role() = 0;
  virtual types::Oid session_role() = 0;
  // Makes the owner of what runs the current role, or (kInvalidOid) nobody in particular; returns
  // who it was before. catalog/owner_scope.h undoes it.
  virtual types::Oid SwitchDefiner(types::Oid role) = 0;
  virtual std::string_view database_name() = 0;
  virtual int32_t backend_pid() = 0;
  virtual std::string_view client_address() = 0;  // empty: none
  virtual int32_t client_port() = 0;
  virtual std::string_view server_address() = 0;
  virtual int32_t server_port() = 0;
  virtual int64_t server_start_us() = 0;
  virtual std::string version_text() = 0;

  // --- settings ---
  // nullopt: no such setting.
  virtual std::optional<std::string> GetSetting(std::string_view name) = 0;
  // Throws as SET does; returns the new value.
  virtual std::string SetSetting(std::string_view name, std::string_view value, bool local) = 0;
  virtual std::vector<catalog::SettingRow> Settings() = 0;

  // --- sequences, by OID; permission and existence are checked by the caller ---
  virtual int64_t NextValue(types::Oid sequence) = 0;
  // Throws 55000 `currval of sequence "x" is not yet defined in this session`.
  virtual int64_t CurrentValue(types::Oid sequence) = 0;
  virtual int64_t LastValue() = 0;
  virtual void SetValue(types::Oid sequence, int64_t value, bool is_called) = 0;
  // What SELECT last_value, is_called shows.
  virtual std::pair<int64_t, bool> SequenceState(types::Oid sequence) = 0;

  // --- transactions ---
  // The transaction's number; without `assign`, nullopt while it has none.
  virtual std::optional<uint64_t> TransactionId(bool assign) = 0;

  // --- storage ---
  virtual int64_t RelationBytes(const catalog::Relation& relation) = 0;
  // −1: never analyzed.
  virtual double RowEstimate(types::Oid table) = 0;

  // --- stored definitions as SQL text ---
  // A function's body of RETURN or BEGIN ATOMIC; empty for one that is a string.
  virtual std::string FunctionBody(const catalog::FunctionDescriptor& function) = 0;
  // A view's query laid out over lines as pg_get_viewdef does, with semicolon; `pretty` drops
  // needless parentheses.
  virtual std::string ViewDefinition(const catalog::ViewDescriptor& view, bool pretty) = 0;

  // A stored expression (with marks) of `relation` without needless parentheses.
  virtual std::string PrettyExpression(std::string_view sql, types::Oid relation) = 0;
  // The same of a check of a domain over `base`.
  virtual std::string PrettyDomainCheck(std::string_view sql, types::SqlType base) = 0;

  // --- schema sys ---
  // The tenant's jobs, as the statement's snapshot shows them.
  virtual std::vector<catalog::Job> Jobs() = 0;
  // Waits until the job has ended; false if it failed, or there is none. Throws 22P02 for what is
  // no id, 25001 in a transaction block.
  virtual bool WaitForJob(std::string_view id) = 0;
  // Random, the same throughout the session; the other throughout the transaction.
  virtual std::string_view session_id() = 0;
  virtual std::string_view transaction_uuid() = 0;
  // Of the IAM user or role whose token the session came in by; empty: by none.
  virtual std::string_view iam_arn() = 0;
  // About how much the tenant's keys and values take, and may take; nullopt: there is no limit.
  virtual int64_t ClusterBytes() = 0;
  virtual std::optional<int64_t> ClusterBytesLimit() = 0;
  // The types that profile dsql has columns of, as format_type() says them.
  virtual std::vector<std::string_view> DsqlColumnTypes() = 0;
  // The graphs of the tenant's hnsw indexes that the server has, by storage id and index number.
  virtual std::vector<catalog::VectorGraphRow> VectorGraphs() = 0;

  // --- the server ---
  virtual std::vector<catalog::SessionRow> Sessions() = 0;
  virtual std::vector<catalog::LockRow> Locks() = 0;
  virtual std::vector<catalog::PreparedStatementRow> PreparedStatements() = 0;
  virtual std::vector<catalog::CursorRow> Cursors() = 0;
  // The text of the client's statement.
  virtual std::string_view query_text() = 0;
  virtual std::vector<int32_t> BlockingSessions(int32_t pid) = 0;
  // False if it does not wait and another session holds it.
  virtual bool LockAdvisory(const catalog::AdvisoryLock& lock) = 0;
  // False, with a warning, if this session does not hold it.
  virtual bool UnlockAdvisory(const catalog::AdvisoryLock& lock) = 0;
  virtual void UnlockAllAdvisory() = 0;
  // False if there is no such session.
  virtual bool CancelSession(int32_t pid) = 0;
  virtual bool TerminateSession(int32_t pid) = 0;
};

}  // namespace sundog::functions
