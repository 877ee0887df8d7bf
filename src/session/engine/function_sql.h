// SQL inside functions, of either language: prepared with the function's names in sight, and run
// as statements inside the one that called the function.
#pragma once

#include <memory>
#include <vector>

#include "binder/bind.h"
#include "session/engine/engine.h"
#include "session/engine/engine_session.h"
#include "session/engine/engine_transaction.h"
#include "session/plpgsql/host.h"

namespace sundog::session {

// One statement, bound and planned.
class FunctionSql final : public plpgsql::PreparedSql {
 public:
  // One of these: a plan, or a command of the session (SET, RESET).
  std::shared_ptr<const PreparedPlan> plan;
  std::shared_ptr<const ParsedStatement> command;
  std::string_view command_tag;  // static text
  // Of the first column, if there is one; `columns` has what is under a domain.
  types::SqlType first_type;
  // Neither changes nor locks anything, as far as can be seen: functions may.
  bool only_reads = false;
  // It reads tables, or calls what may.
  bool needs_snapshot = true;
  // The buffers of the last finished run.
  std::unique_ptr<Execution> idle;
};

enum class FunctionLanguage : uint8_t { kSql, kPlpgsql };

// Used while the statement that calls the function runs.
class FunctionStatements {
 public:
  // Of a function that is not volatile, statements see what the caller sees and change nothing.
  FunctionStatements(EngineSession& session, FunctionLanguage language, bool is_volatile)
      : session_(session), language_(language), is_volatile_(is_volatile) {}

  // The binder's context for a text of the function; its variables are the caller's to set.
  binder::BindContext Context(std::span<const types::Oid> parameter_types) const;
  std::unique_ptr<FunctionSql> Prepare(std::shared_ptr<const ParsedStatement> statement,
                                       binder::BindContext& context) const;
  bool IsCurrent(const FunctionSql& sql) const;
  // Returns the count of rows it returned or changed.
  int64_t Run(FunctionSql& sql, const ParameterValues& parameters, plpgsql::RowSink* sink) const;

  EngineTransaction& transaction() const;

 private:
  [[noreturn]] void ThrowNotForFunctions(const ParsedStatement& statement) const;
  void CheckMayRun(const FunctionSql& sql) const;
  int64_t RunPlan(FunctionSql& sql, const ParameterValues& parameters,
                  plpgsql::RowSink* sink) const;

  EngineSession& session_;
  FunctionLanguage language_;
  bool is_volatile_;
};

}  // namespace sundog::session
