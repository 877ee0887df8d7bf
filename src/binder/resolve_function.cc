#include "binder/resolve_function.h"

#include <algorithm>

#include "binder/coerce.h"
#include "binder/function_candidates.h"
#include "binder/resolve_type.h"

namespace sundog::binder {

namespace {

constexpr size_t kMaxArguments = 100;

// Keeps the candidates with the highest score.
template <typename Score>
void KeepBest(Candidates& candidates, Score&& score) {
  std::vector<int> scores;
  int best = 0;
  for (const Candidate& candidate : candidates) {
    scores.push_back(score(candidate));
    best = std::max(best, scores.back());
  }
  Candidates kept;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (scores[i] == best) kept.push_back(std::move(candidates[i]));
  }
  candidates = std::move(kept);
}

// For each untyped argument, the type category that all candidates accept there (string wins a
// conflict), or false if there is none.
struct SlotCategory {
  char category = '\0';
  bool has_preferred = false;
};

bool ResolveSlotCategory(const TypeFacts& types, const Candidates& candidates, size_t i,
                         SlotCategory& slot) {
  bool conflict = false;
  for (const Candidate& candidate : candidates) {
    const types::TypeInfo& info = types.Info(candidate.arguments[i]);
    if (slot.category == '\0') {
      slot = {info.category, info.preferred};
    } else if (info.category == slot.category) {
      slot.has_preferred |= info.preferred;
    } else if (info.category == 'S') {
      slot = {info.category, info.preferred};
    } else {
      conflict = true;
    }
  }
  return !conflict || slot.category == 'S';
}

// Keeps those that accept the resolved categories; leaves the list alone if none does.
void KeepFittingCategories(const TypeFacts& types, std::span<const Oid> inputs,
                           Candidates& candidates) {
  std::vector<SlotCategory> slots(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == oids::kUnknown && !ResolveSlotCategory(types, candidates, i, slots[i])) return;
  }
  Candidates kept;
  for (const Candidate& candidate : candidates) {
    bool keep = true;
    for (size_t i = 0; i < inputs.size() && keep; ++i) {
      if (inputs[i] != oids::kUnknown) continue;
      const types::TypeInfo& info = types.Info(candidate.arguments[i]);
      keep = info.category == slots[i].category && (!slots[i].has_preferred || info.preferred);
    }
    if (keep) kept.push_back(candidate);
  }
  if (!kept.empty()) candidates = std::move(kept);
}

// The last resort: if all typed arguments have one type, assume it for the untyped ones.
const Candidate* SelectByKnownType(const BindState& state, std::span<const Oid> inputs,
                                   const Candidates& candidates) {
  Oid known = oids::kUnknown;
  for (Oid input : inputs) {
    if (input == oids::kUnknown) continue;
    if (known != oids::kUnknown && known != input) return nullptr;
    known = input;
  }
  if (known == oids::kUnknown) return nullptr;
  std::vector<Oid> assumed(inputs.size(), known);
  const Candidate* only = nullptr;
  for (const Candidate& candidate : candidates) {
    if (!CanCoerce(state, assumed, candidate.arguments, Coercion::kImplicit)) continue;
    if (only != nullptr) return nullptr;
    only = &candidate;
  }
  return only;
}

}  // namespace

Candidates MatchCandidates(const BindState& state, std::span<const Oid> types,
                           const Candidates& candidates) {
  Candidates matching;
  for (const Candidate& candidate : candidates) {
    if (CanCoerce(state, types, candidate.arguments, Coercion::kImplicit)) {
      matching.push_back(candidate);
    }
  }
  return matching;
}

const Candidate* SelectCandidate(const BindState& state, std::span<const Oid> types,
                                 Candidates& candidates) {
  std::vector<Oid> inputs;
  size_t unknown_count = 0;
  for (Oid type : types) {
    inputs.push_back(type == oids::kUnknown ? type : state.types.BaseType(type));
    unknown_count += type == oids::kUnknown ? 1 : 0;
  }
  KeepBest(candidates, [&](const Candidate& candidate) {
    int matches = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] != oids::kUnknown && candidate.arguments[i] == inputs[i]) ++matches;
    }
    return matches;
  });
  if (candidates.size() == 1) return &candidates[0];
  KeepBest(candidates, [&](const Candidate& candidate) {
    int matches = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] == oids::kUnknown) continue;
      if (candidate.arguments[i] == inputs[i] ||
          state.types.IsPreferred(state.types.Category(inputs[i]), candidate.arguments[i])) {
        ++matches;
      }
    }
    return matches;
  });
  if (candidates.size() == 1) return &candidates[0];
  if (unknown_count == 0) return nullptr;
  KeepFittingCategories(state.types, inputs, candidates);
  if (candidates.size() == 1) return &candidates[0];
  return SelectByKnownType(state, inputs, candidates);
}

namespace {

// FuncNameAsType: a type that is no relation's row type.
Oid NameAsType(const BindState& state, const List* name) {
  Oid type = FindTypeByName(state, name);
  if (type == kInvalidOid) return kInvalidOid;
  return state.types.Info(type).relation == kInvalidOid ? type : kInvalidOid;
}

bool IsCoercionCall(const BindState& state, const FunctionCall& call, Oid& target) {
  if (call.types.size() != 1 || !call.argument_names.empty()) return false;
  target = NameAsType(state, call.name);
  if (target == kInvalidOid) return false;
  Oid source = call.types[0];
  if (source == oids::kUnknown && call.literal_argument) return true;
  switch (FindCoercion(state, target, source, Coercion::kExplicit).path) {
    case CoercionPath::kRelabel: return true;
    case CoercionPath::kViaIo:
      return !(state.types.IsRow(source) && state.types.Category(target) == 'S');
    default: return false;
  }
}

// The texts of the defaults to be added, in the order of the candidate's arguments.
std::vector<std::string> DefaultsOf(const Candidate& candidate) {
  const functions::ProcInfo& proc = *candidate.proc;
  std::vector<std::string> defaults;
  int count = candidate.default_count;
  int declared = candidate.nominal_count;
  int first_default = declared - proc.default_count;
  for (int i = declared - count; i < declared; ++i) {
    int argument = candidate.argument_numbers.empty() ? i : candidate.argument_numbers[i];
    size_t at = static_cast<size_t>(argument - first_default);
    defaults.push_back(at < proc.defaults.size() ? proc.defaults[at] : "NULL");
  }
  return defaults;
}

FunctionMeaning MeaningOf(char kind) {
  switch (kind) {
    case 'a': return FunctionMeaning::kAggregate;
    case 'p': return FunctionMeaning::kProcedure;
    case 'w': return FunctionMeaning::kWindow;
    default: return FunctionMeaning::kFunction;
  }
}

FoundFunction Found(const FunctionCall& call, const Candidate& candidate) {
  FoundFunction found;
  if (candidate.proc == nullptr) {
    found.meaning = FunctionMeaning::kAmbiguous;
    return found;
  }
  // VARIADIC in named notation must name the last parameter.
  bool named = !call.argument_names.empty();
  int given = static_cast<int>(call.types.size());
  if (named && !call.expand_variadic && given > 0 &&
      candidate.argument_numbers[given - 1] != given - 1) {
    return found;
  }
  found.meaning = MeaningOf(candidate.proc->kind);
  found.proc = candidate.proc;
  found.result = candidate.proc->result_type;
  found.variadic = candidate.proc->variadic_element;
  found.variadic_count = candidate.variadic_count;
  found.declared = candidate.arguments;
  found.argument_numbers = candidate.argument_numbers;
  if (candidate.default_count > 0) found.defaults = DefaultsOf(candidate);
  return found;
}

}  // namespace

FoundFunction FindFunction(const BindState& state, const FunctionCall& call) {
  if (call.types.size() > kMaxArguments) {
    throw SqlError(sqlstate::kTooManyArguments,
                   "cannot pass more than 100 arguments to a function");
  }
  Candidates candidates = FunctionCandidates(state, call);
  for (const Candidate& candidate : candidates) {
    if (std::equal(call.types.begin(), call.types.end(), candidate.arguments.begin())) {
      return Found(call, candidate);
    }
  }
  FoundFunction found;
  if (IsCoercionCall(state, call, found.result)) {
    found.meaning = FunctionMeaning::kCoercion;
    return found;
  }
  found.result = kInvalidOid;
  Candidates matching = MatchCandidates(state, call.types, candidates);
  if (matching.empty()) return found;
  const Candidate* best =
      matching.size() == 1 ? &matching[0] : SelectCandidate(state, call.types, matching);
  if (best == nullptr) {
    found.meaning = FunctionMeaning::kAmbiguous;
    return found;
  }
  return Found(call, *best);
}

std::string FunctionSignature(const BindState& state, const std::string& name,
                              std::span<const Oid> types,
                              const std::vector<std::string>& argument_names) {
  std::string text = name + "(";
  size_t positional = types.size() - argument_names.size();
  for (size_t i = 0; i < types.size(); ++i) {
    if (i > 0) text += ", ";
    if (i >= positional) text += argument_names[i - positional] + " => ";
    text += state.types.Name(types[i]);
  }
  return text + ")";
}

const functions::ProcInfo* FindExactFunction(const BindState& state, const List* name,
                                             std::span<const Oid> types) {
  FunctionCall call;
  call.name = name;
  call.types = types;
  call.expand_variadic = false;
  call.expand_defaults = false;
  for (const Candidate& candidate : FunctionCandidates(state, call)) {
    if (std::equal(types.begin(), types.end(), candidate.arguments.begin())) return candidate.proc;
  }
  return nullptr;
}

namespace {

struct RoutineWords {
  std::string_view noun;     // procedure
  std::string_view article;  // a procedure
};

RoutineWords WordsFor(char kind) {
  switch (kind) {
    case 'p': return {"procedure", "a procedure"};
    case 'a': return {"aggregate", "an aggregate"};
    case 'r': return {"routine", "a function"};
    default: return {"function", "a function"};
  }
}

bool FitsKind(const functions::ProcInfo& proc, char kind) {
  if (kind == 'r') return true;
  if (kind == 'p') return proc.kind == 'p';
  if (kind == 'a') return proc.kind == 'a';
  return proc.kind != 'p';
}

const functions::ProcInfo& GetFunctionByNameAlone(const BindState& state, const List* name,
                                                  char kind) {
  QualifiedName parts = SplitQualifiedName(state, name);
  Oid schema = parts.schema.has_value() ? SchemaOid(state, *parts.schema) : kInvalidOid;
  RoutineWords words = WordsFor(kind);
  const functions::ProcInfo* found = nullptr;
  for (const functions::ProcInfo* proc : state.catalog.ProcsNamed(parts.name)) {
    bool visible = schema != kInvalidOid ? proc->schema == schema
                                         : SearchPathPosition(state, proc->schema) >= 0;
    if (!visible || !FitsKind(*proc, kind)) continue;
    if (found != nullptr) {
      throw SqlError(sqlstate::kAmbiguousFunction,
                     std::string(words.noun) + " name \"" + DottedName(name) + "\" is not unique")
          .Hint("Specify the argument list to select the " + std::string(words.noun) +
                " unambiguously.");
    }
    found = proc;
  }
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction, "could not find " + std::string(words.article) +
                                                     " named \"" + DottedName(name) + "\"");
  }
  return *found;
}

}  // namespace

const functions::ProcInfo& GetFunction(const BindState& state, const ObjectWithArgs* name,
                                       char kind) {
  if (name->args_unspecified) return GetFunctionByNameAlone(state, name->objname, kind);
  std::vector<Oid> types;
  for (const ::TypeName* type : parser::Each<::TypeName>(name->objargs)) {
    types.push_back(ResolveType(state, type).oid);
  }
  const functions::ProcInfo* proc = FindExactFunction(state, name->objname, types);
  std::string signature = FunctionSignature(state, DottedName(name->objname), types, {});
  RoutineWords words = WordsFor(kind);
  if (proc == nullptr) {
    if (kind == 'a' && types.empty()) signature = DottedName(name->objname) + "(*)";
    std::string noun = kind == 'r' ? "function" : std::string(words.noun);
    throw SqlError(sqlstate::kUndefinedFunction, noun + " " + signature + " does not exist");
  }
  if (!FitsKind(*proc, kind)) {
    std::string text = kind == 'a' ? "function " + signature + " is not an aggregate"
                                   : signature + " is not " + std::string(words.article);
    throw SqlError(sqlstate::kWrongObjectType, text);
  }
  return *proc;
}

}  // namespace sundog::binder
