// A session for tests of system tables and functions: no settings, no other sessions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/sql_error.h"
#include "catalog/statement_services.h"
#include "catalog/stored_sql.h"

namespace sundog::catalog::system {

class FakeServices : public functions::StatementServices {
 public:
  explicit FakeServices(CatalogPtr catalog) : catalog_(std::move(catalog)) {
    std::vector<std::string> names = {"$user", "public"};
    path_ = catalog_->ResolveSearchPath(names, "postgres");
  }

  const CatalogPtr& catalog() override { return catalog_; }
  const SearchPath& search_path() override { return path_; }
  Oid current_role() override { return kSuperuserRole; }
  Oid session_role() override { return kSuperuserRole; }
  Oid SwitchDefiner(Oid) override { return kInvalidOid; }
  std::string_view database_name() override { return "postgres"; }
  int32_t backend_pid() override { return 4711; }
  std::string_view client_address() override { return "127.0.0.1"; }
  int32_t client_port() override { return 50000; }
  std::string_view server_address() override { return "127.0.0.1"; }
  int32_t server_port() override { return 5432; }
  int64_t server_start_us() override { return 0; }
  std::string version_text() override { return "PostgreSQL"; }
  std::optional<std::string> GetSetting(std::string_view) override { return std::nullopt; }
  std::string SetSetting(std::string_view, std::string_view value, bool) override {
    return std::string(value);
  }
  std::vector<SettingRow> Settings() override { return {}; }
  int64_t NextValue(Oid) override { return ++last_value_; }
  int64_t CurrentValue(Oid) override { return last_value_; }
  int64_t LastValue() override { return last_value_; }
  void SetValue(Oid, int64_t value, bool) override { last_value_ = value; }
  std::pair<int64_t, bool> SequenceState(Oid) override { return {last_value_, last_value_ > 0}; }
  std::optional<uint64_t> TransactionId(bool) override { return 1; }
  int64_t RelationBytes(const Relation&) override { return 0; }
  double RowEstimate(Oid) override { return -1; }
  std::string FunctionBody(const FunctionDescriptor&) override { return ""; }
  std::string ViewDefinition(const ViewDescriptor& view, bool) override {
    return view.definition.sql;
  }
  std::string PrettyExpression(std::string_view sql, Oid relation) override {
    return ExpandMarks(*catalog_, &path_, sql, relation);
  }
  std::vector<Job> Jobs() override { return {}; }
  bool WaitForJob(std::string_view) override { return true; }
  std::string_view session_id() override { return ""; }
  std::string_view transaction_uuid() override { return ""; }
  std::string_view iam_arn() override { return ""; }
  int64_t ClusterBytes() override { return 0; }
  std::optional<int64_t> ClusterBytesLimit() override { return std::nullopt; }
  std::vector<std::string_view> DsqlColumnTypes() override { return {}; }
  std::vector<VectorGraphRow> VectorGraphs() override { return {}; }
  std::vector<SessionRow> Sessions() override { return {}; }
  std::vector<LockRow> Locks() override { return {}; }
  std::vector<PreparedStatementRow> PreparedStatements() override { return {}; }
  std::vector<CursorRow> Cursors() override { return {}; }
  std::string PrettyDomainCheck(std::string_view sql, SqlType) override {
    return ExpandMarks(*catalog_, &path_, sql);
  }
  std::string_view query_text() override { return ""; }
  std::vector<int32_t> BlockingSessions(int32_t) override { return {}; }
  bool LockAdvisory(const AdvisoryLock&) override { return true; }
  bool UnlockAdvisory(const AdvisoryLock&) override { return true; }
  void UnlockAllAdvisory() override {}
  bool CancelSession(int32_t) override { return false; }
  bool TerminateSession(int32_t) override { return false; }

 private:
  CatalogPtr catalog_;
  SearchPath path_;
  int64_t last_value_ = 0;
};

}  // namespace sundog::catalog::system
