// Calls of functions and procedures written in PL/pgSQL and in SQL, and DO blocks. One a session:
// it keeps parsed bodies and prepared statements between calls, for polymorphic functions those of
// each set of types that they are called with.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exec/execution_context.h"
#include "session/plpgsql/interpreter.h"

namespace sundog::session {

class EngineSession;

class UserFunctionCalls final : public exec::UserFunctions {
 public:
  explicit UserFunctionCalls(EngineSession& session);
  ~UserFunctionCalls() override;

  types::Datum Call(const exec::UserCall& call, base::Arena& arena) override;
  void CallSet(const exec::UserCall& call, std::span<const types::CompositeField> columns,
               bool composite, exec::RowStore& rows) override;
  // CALL: the values of its output arguments.
  std::vector<plpgsql::Value> CallProcedure(const exec::UserCall& call);

  // DO.
  void RunBlock(std::string_view body);

 private:
  // What is kept of one function. A call in a call of it has a cache of its own.
  struct Entry;
  struct Depth;
  class SetResult;
  using Key = std::pair<types::Oid, std::vector<types::Oid>>;

  std::shared_ptr<Entry> Find(const exec::UserCall& call,
                              std::span<const types::CompositeField> columns);
  plpgsql::CallResult RunPlpgsql(Entry& entry, const exec::UserCall& call, SetResult* rows);
  types::Datum CallSql(Entry& entry, const exec::UserCall& call, base::Arena& arena);
  void CallSqlSet(Entry& entry, const exec::UserCall& call, bool composite, SetResult& rows);

  EngineSession& session_;
  std::map<Key, std::shared_ptr<Entry>> entries_;
};

}  // namespace sundog::session
