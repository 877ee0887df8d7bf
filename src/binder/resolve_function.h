// Which function a call means: PostgreSQL's FuncnameGetCandidates, func_match_argtypes,
// func_select_candidate and func_get_detail.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "binder/name_lookup.h"
#include "binder/scope.h"

namespace sundog::binder {

// A function or operator that may be meant, with its argument types in the order of the call's.
struct Candidate {
  const functions::ProcInfo* proc = nullptr;  // null: two are equally good
  const functions::OperatorInfo* op = nullptr;
  std::vector<Oid> arguments;
  std::vector<int> argument_numbers;  // named notation: which declared argument each is
  int path_position = 0;
  int nominal_count = 0;
  int variadic_count = 0;  // arguments gathered into the VARIADIC array
  int default_count = 0;   // arguments left to their defaults
};
using Candidates = std::vector<Candidate>;

// Those to which the types can be coerced implicitly.
Candidates MatchCandidates(const BindState& state, std::span<const Oid> types,
                           const Candidates& candidates);
// The best of several; null if it is ambiguous.
const Candidate* SelectCandidate(const BindState& state, std::span<const Oid> types,
                                 Candidates& candidates);

enum class FunctionMeaning : uint8_t {
  kNotFound,
  kAmbiguous,
  kFunction,
  kAggregate,
  kProcedure,
  kWindow,
  kCoercion,  // a type's name used as a function: int8('1')
};

struct FunctionCall {
  const List* name = nullptr;
  std::span<const Oid> types;
  std::vector<std::string> argument_names;  // of the trailing named arguments
  bool expand_variadic = true;
  bool expand_defaults = true;
  bool include_outputs = false;  // CALL
  // The only argument is an untyped literal (for kCoercion).
  bool literal_argument = false;
};

struct FoundFunction {
  FunctionMeaning meaning = FunctionMeaning::kNotFound;
  const functions::ProcInfo* proc = nullptr;
  Oid result = kInvalidOid;
  Oid variadic = kInvalidOid;  // pg_proc.provariadic
  int variadic_count = 0;
  std::vector<Oid> declared;  // as Candidate::arguments
  std::vector<int> argument_numbers;
  std::vector<std::string> defaults;  // SQL text of those to be added at the end of the arguments
};

FoundFunction FindFunction(const BindState& state, const FunctionCall& call);

// "f(integer, b => text)" for error texts.
std::string FunctionSignature(const BindState& state, const std::string& name,
                              std::span<const Oid> types,
                              const std::vector<std::string>& argument_names);

// DDL and utility statements: the function named exactly, by its input types (null: any, then it
// must be unique). Throws 42883 and 42725. `kind` as in pg_proc.prokind; 'r': any routine.
const functions::ProcInfo& GetFunction(const BindState& state, const ObjectWithArgs* name,
                                       char kind);
const functions::ProcInfo* FindExactFunction(const BindState& state, const List* name,
                                             std::span<const Oid> types);

}  // namespace sundog::binder
