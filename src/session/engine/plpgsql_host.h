// PL/pgSQL's view of the database: SQL with variables in it goes through the binder with the
// function's names in sight, and runs as statements inside the one that called the function.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/arena.h"
#include "session/engine/engine_session.h"
#include "session/engine/function_sql.h"
#include "session/plpgsql/host.h"

namespace sundog::session {

// Takes the rows of RETURN NEXT and RETURN QUERY.
class ReturnedRows {
 public:
  virtual ~ReturnedRows() = default;
  virtual void TakeRow(std::span<const plpgsql::Value> row) = 0;
  virtual void TakeRecord(const plpgsql::Value& record) = 0;
};

// One a call; used while the statement that calls runs.
class FunctionHost final : public plpgsql::Host {
 public:
  // `rows`: null unless the function returns a set.
  FunctionHost(EngineSession& session, bool is_volatile, ReturnedRows* rows);
  ~FunctionHost() override;

  plpgsql::VariableType ResolveType(std::string_view text) override;
  plpgsql::VariableType TypeOf(types::SqlType type) override;
  std::unique_ptr<plpgsql::PreparedSql> Prepare(std::string_view sql, bool expression,
                                                const plpgsql::NameLookup& names) override;
  bool IsCurrent(const plpgsql::PreparedSql& sql) override;
  std::unique_ptr<plpgsql::PreparedSql> PrepareDynamic(
      std::string_view sql, std::span<const plpgsql::Value> parameters) override;
  int64_t Execute(plpgsql::PreparedSql& sql, std::span<const plpgsql::Value> parameters,
                  plpgsql::RowSink* sink) override;
  plpgsql::Value Convert(const plpgsql::Value& value, const plpgsql::VariableType& to) override;
  std::string ToText(const plpgsql::Value& value) override;
  plpgsql::Value FromText(std::string_view text, const plpgsql::VariableType& type) override;
  plpgsql::Value Compose(const plpgsql::Record& record,
                         const plpgsql::VariableType& type) override;
  plpgsql::Record Decompose(const plpgsql::Value& value) override;
  plpgsql::Value AssignElement(const plpgsql::Value& array, std::span<const int32_t> subscripts,
                               const plpgsql::Value& element) override;
  std::vector<plpgsql::Value> ArrayElements(const plpgsql::Value& array) override;
  void BeginSubtransaction() override;
  void ReleaseSubtransaction() override;
  void RollbackSubtransaction() override;
  void EndTransaction(bool commit, bool chain) override;
  void Notice(const base::ErrorFields& fields) override;
  void ReturnRow(std::span<const plpgsql::Value> row) override { rows_->TakeRow(row); }
  void ReturnRecord(const plpgsql::Value& record) override { rows_->TakeRecord(record); }
  std::string OpenCursor(std::string_view name, plpgsql::PreparedSql& sql,
                         std::span<const plpgsql::Value> parameters) override;
  std::vector<plpgsql::SqlColumn> CursorColumns(std::string_view name) override;
  int64_t FetchCursor(std::string_view name, std::string_view direction,
                      plpgsql::RowSink* sink) override;
  void CloseCursor(std::string_view name) override;

 private:
  std::unique_ptr<FunctionSql> PrepareText(const std::string& text,
                                           std::vector<types::Oid> parameter_types,
                                           const plpgsql::NameLookup* names,
                                           std::vector<plpgsql::VariableUse> uses);
  FunctionSql* FindCast(types::SqlType from, types::SqlType to);
  types::IoContext Io();

  EngineSession& session_;
  FunctionStatements statements_;
  ReturnedRows* rows_;
  // `$1::target` by source type, target type; null: only through text.
  std::map<std::tuple<types::Oid, types::Oid>, std::unique_ptr<FunctionSql>> casts_;
};

}  // namespace sundog::session
