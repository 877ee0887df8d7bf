// The facts of pg_proc, pg_operator, pg_cast and pg_aggregate that resolution works on. Built-in
// rows are embedded (recorded from PostgreSQL 15); user-defined functions make ProcInfos of their
// own, so that overload resolution sees no difference.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "types/oids.h"

namespace sundog::functions {

using types::Oid;

struct FunctionImplementation;

// Of an argument's mode, as pg_proc has them: i IN, o OUT, b INOUT, v VARIADIC, t TABLE.
constexpr bool IsInputMode(char mode) { return mode == 'i' || mode == 'b' || mode == 'v'; }
constexpr bool IsOutputMode(char mode) { return mode == 'o' || mode == 'b' || mode == 't'; }

struct ProcInfo {
  Oid oid = 0;
  std::string name;
  Oid schema = 11;
  char kind = 'f';  // f function, p procedure, a aggregate, w window
  bool strict = false;
  bool returns_set = false;
  char volatility = 'v';  // i immutable, s stable, v volatile
  char parallel = 'u';
  bool security_definer = false;
  bool leakproof = false;
  int default_count = 0;  // trailing input arguments that have defaults
  Oid result_type = 0;
  std::vector<Oid> argument_types;      // inputs
  std::vector<Oid> all_argument_types;  // with outputs; empty if there are none
  std::vector<char> argument_modes;     // empty: all i
  std::vector<std::string> argument_names;
  Oid variadic_element = 0;  // of VARIADIC type[]; 2276 ("any") for VARIADIC "any"
  Oid language = 12;         // 12 internal, 13 c, 14 sql
  std::string source;        // the symbol of an internal function, the text of a SQL one
  double cost = 1;
  double rows = 0;
  // SQL expressions of the defaults, the last argument's last.
  std::vector<std::string> defaults;
  // Null: the function is known but cannot be run (0A000 naming it).
  const FunctionImplementation* implementation = nullptr;
};

struct OperatorInfo {
  Oid oid = 0;
  std::string name;
  Oid schema = 11;
  char kind = 'b';  // b infix, l prefix
  bool can_merge = false;
  bool can_hash = false;
  Oid left = 0;  // 0 for prefix operators
  Oid right = 0;
  Oid result = 0;
  Oid commutator = 0;
  Oid negator = 0;
  Oid function = 0;  // pg_proc OID
  std::string restrict_estimator;
  std::string join_estimator;
};

struct CastInfo {
  Oid oid = 0;
  Oid source = 0;
  Oid target = 0;
  Oid function = 0;    // 0 where method is not 'f'
  char context = 'e';  // e explicit, a assignment, i implicit
  char method = 'f';   // f function, b binary-coercible, i through text I/O
};

struct AggregateInfo {
  Oid function = 0;
  char kind = 'n';  // n normal, o ordered-set, h hypothetical-set
  int direct_argument_count = 0;
  Oid transition_function = 0;
  Oid transition_type = 0;
  Oid sort_operator = 0;
};

// The built-in rows, indexed for resolution. Lives for ever; safe from all threads.
class BuiltinProcs {
 public:
  static const BuiltinProcs& Get();

  const ProcInfo* FindProc(Oid oid) const;
  std::span<const ProcInfo* const> ProcsNamed(std::string_view name) const;
  const OperatorInfo* FindOperator(Oid oid) const;
  std::span<const OperatorInfo* const> OperatorsNamed(std::string_view name) const;
  // Null if there is no such cast.
  const CastInfo* FindCast(Oid source, Oid target) const;
  const AggregateInfo* FindAggregate(Oid function) const;
  std::span<const ProcInfo> procs() const { return procs_; }
  std::span<const OperatorInfo> operators() const { return operators_; }
  std::span<const CastInfo> casts() const { return casts_; }

  BuiltinProcs();

 private:
  void LoadProcs();
  void LoadOperators();
  void LoadCasts();
  void LoadAggregates();

  std::vector<ProcInfo> procs_;
  std::vector<OperatorInfo> operators_;
  std::vector<CastInfo> casts_;
  std::vector<AggregateInfo> aggregates_;
  std::unordered_map<Oid, const ProcInfo*> procs_by_oid_;
  std::map<std::string, std::vector<const ProcInfo*>, std::less<>> procs_by_name_;
  std::unordered_map<Oid, const OperatorInfo*> operators_by_oid_;
  std::map<std::string, std::vector<const OperatorInfo*>, std::less<>> operators_by_name_;
  std::unordered_map<uint64_t, const CastInfo*> casts_by_types_;
  std::unordered_map<Oid, const AggregateInfo*> aggregates_by_function_;
};

// "lower(text)": the name with argument types as pg_type.typname; the key of implementations that
// no C symbol names (SQL-language built-ins, aggregates, window functions).
std::string ProcSignature(const ProcInfo& proc);

}  // namespace sundog::functions
