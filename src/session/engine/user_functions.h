// Calls of functions written in PL/pgSQL and in SQL, and DO blocks. One a session: it keeps parsed
// bodies and prepared statements between calls.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exec/execution_context.h"
#include "session/plpgsql/interpreter.h"

namespace sundog::session {

class EngineSession;

class UserFunctionCalls final : public exec::UserFunctions {
 public:
  explicit UserFunctionCalls(EngineSession& session);
  ~UserFunctionCalls() override;

  types::Datum Call(const functions::ProcInfo& proc, std::span<const types::Datum> arguments,
                    types::SqlType result_type, functions::Environment& environment,
                    base::Arena& arena) override;
  void CallSet(const functions::ProcInfo& proc, std::span<const types::Datum> arguments,
               functions::Environment& environment, exec::RowStore& rows) override;

  // DO.
  void RunBlock(std::string_view body);
  // At CREATE FUNCTION: the errors of the body's grammar (check_function_bodies).
  static void CheckBody(const functions::ProcInfo& proc, std::string_view language);

 private:
  // What is kept of one function. A call in a call of it has a cache of its own.
  struct Entry;
  struct Depth;

  Entry& Find(const functions::ProcInfo& proc);
  plpgsql::CallResult RunFunction(const functions::ProcInfo& proc,
                                  std::span<const types::Datum> arguments,
                                  types::SqlType result_type, exec::RowStore* rows);
  plpgsql::CallResult RunPlpgsql(Entry& entry, std::span<const plpgsql::Value> arguments,
                                 types::SqlType result_type, exec::RowStore* rows);

  EngineSession& session_;
  std::map<types::Oid, std::unique_ptr<Entry>> entries_;
};

}  // namespace sundog::session
