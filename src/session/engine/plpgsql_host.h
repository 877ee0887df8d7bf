// PL/pgSQL's view of the database: SQL with variables in it goes through the binder with the
// function's names in sight, and runs as statements inside the one that called the function.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/arena.h"
#include "session/engine/engine.h"
#include "session/engine/engine_session.h"
#include "session/engine/engine_transaction.h"
#include "session/plpgsql/host.h"

namespace sundog::session {

// SQL text of a function, bound and planned.
class FunctionSql final : public plpgsql::PreparedSql {
 public:
  // One of these: a plan, or a command of the session (SET, RESET).
  std::shared_ptr<const PreparedPlan> plan;
  std::unique_ptr<ParsedStatement> command;
  // The buffers of the last finished run.
  std::unique_ptr<Execution> idle;
};

// One a call of a function written in PL/pgSQL or SQL; used while its statement runs.
class FunctionHost final : public plpgsql::Host {
 public:
  // Takes the rows of RETURN NEXT, RETURN QUERY and of SQL functions that return sets.
  using ReturnRows = std::function<void(std::span<const plpgsql::Value>)>;

  FunctionHost(EngineSession& session, ReturnRows return_rows);
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
  void ReturnRow(std::span<const plpgsql::Value> row) override { return_rows_(row); }
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
  int64_t Run(FunctionSql& sql, const ParameterValues& parameters, plpgsql::RowSink* sink);
  int64_t RunPlan(FunctionSql& sql, const ParameterValues& parameters, plpgsql::RowSink* sink);
  FunctionSql* FindCast(types::SqlType from, types::SqlType to);
  EngineTransaction& transaction() const;
  types::IoContext Io();

  EngineSession& session_;
  Engine& engine_;
  ReturnRows return_rows_;
  // `$1::target` by source type, target type; null: only through text.
  std::map<std::tuple<types::Oid, types::Oid>, std::unique_ptr<FunctionSql>> casts_;
};

}  // namespace sundog::session
