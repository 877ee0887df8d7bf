#include "binder/function_candidates.h"

#include <algorithm>

namespace sundog::binder {

namespace {

// MatchNamedCall: which declared argument each given one is, then those left to defaults. False if
// the names do not fit.
bool MatchNames(const functions::ProcInfo& proc, const FunctionCall& call, size_t declared_count,
                std::vector<int>& numbers) {
  if (proc.argument_names.empty()) return false;
  size_t given = call.types.size();
  size_t positional = given - call.argument_names.size();
  std::vector<bool> taken(declared_count, false);
  for (size_t i = 0; i < positional; ++i) {
    numbers.push_back(static_cast<int>(i));
    taken[i] = true;
  }
  for (const std::string& name : call.argument_names) {
    size_t at = 0;
    bool found = false;
    for (size_t i = 0; i < proc.argument_names.size(); ++i) {
      bool has_mode = i < proc.argument_modes.size();
      bool input = !has_mode || functions::IsInputMode(proc.argument_modes[i]);
      if (!call.include_outputs && !input) continue;
      if (proc.argument_names[i] == name) {
        if (at >= taken.size() || taken[at]) return false;
        taken[at] = true;
        numbers.push_back(static_cast<int>(at));
        found = true;
        break;
      }
      ++at;
    }
    if (!found) return false;
  }
  if (given == declared_count) return true;
  size_t first_default = declared_count - proc.default_count;
  for (size_t i = positional; i < declared_count; ++i) {
    if (taken[i]) continue;
    if (i < first_default) return false;
    numbers.push_back(static_cast<int>(i));
  }
  return true;
}

// Whether the function takes the call, and as which candidate. `special` is set by VARIADIC,
// defaults and names.
bool MakeCandidate(const functions::ProcInfo& proc, const FunctionCall& call, Candidate& candidate,
                   bool& special) {
  const std::vector<Oid>& declared = call.include_outputs && !proc.all_argument_types.empty()
                                         ? proc.all_argument_types
                                         : proc.argument_types;
  size_t count = declared.size();
  size_t given = call.types.size();
  bool named = !call.argument_names.empty();
  if (named && proc.variadic_element != kInvalidOid && call.expand_variadic) return false;
  bool variadic =
      !named && count <= given && call.expand_variadic && proc.variadic_element != kInvalidOid;
  bool defaults = count > given && call.expand_defaults;
  if (defaults && given + proc.default_count < count) return false;
  if (count != given && !variadic && !defaults) return false;
  if (named && !MatchNames(proc, call, count, candidate.argument_numbers)) return false;
  special |= named || variadic || defaults;

  candidate.proc = &proc;
  candidate.nominal_count = static_cast<int>(count);
  size_t effective = std::max(count, given);
  candidate.arguments.resize(effective);
  for (size_t i = 0; i < count; ++i) {
    candidate.arguments[i] = named ? declared[candidate.argument_numbers[i]] : declared[i];
  }
  if (variadic) {
    candidate.variadic_count = static_cast<int>(effective - count + 1);
    for (size_t i = count - 1; i < effective; ++i) candidate.arguments[i] = proc.variadic_element;
  }
  candidate.default_count = defaults ? static_cast<int>(count - given) : 0;
  return true;
}

// Adds the candidate unless one with the same arguments hides it, or it hides that one.
void AddCandidate(Candidates& candidates, Candidate candidate, bool special) {
  size_t compared = candidate.arguments.size() - candidate.default_count;
  auto same = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& other) {
    size_t other_compared = other.arguments.size() - other.default_count;
    return compared == other_compared &&
           (special || candidate.arguments.size() == other.arguments.size()) &&
           std::equal(candidate.arguments.begin(), candidate.arguments.begin() + compared,
                      other.arguments.begin());
  });
  if (same == candidates.end()) {
    candidates.push_back(std::move(candidate));
    return;
  }
  int preference = 0;
  if (candidate.path_position != same->path_position) {
    preference = candidate.path_position - same->path_position;
  } else if (candidate.variadic_count > 0 && same->variadic_count == 0) {
    preference = 1;
  } else if (candidate.variadic_count == 0 && same->variadic_count > 0) {
    preference = -1;
  }
  if (preference > 0) return;
  if (preference < 0) {
    *same = std::move(candidate);
    return;
  }
  same->proc = nullptr;  // ambiguous
}

}  // namespace

Candidates FunctionCandidates(const BindState& state, const FunctionCall& call) {
  QualifiedName name = SplitQualifiedName(state, call.name);
  Oid schema = name.schema.has_value() ? SchemaOid(state, *name.schema) : kInvalidOid;
  Candidates candidates;
  bool special = false;
  for (const functions::ProcInfo* proc : state.catalog.ProcsNamed(name.name)) {
    Candidate candidate;
    if (schema != kInvalidOid) {
      if (proc->schema != schema) continue;
    } else {
      candidate.path_position = SearchPathPosition(state, proc->schema);
      bool temporary = proc->schema == state.catalog.temp_schema();
      if (candidate.path_position < 0 || (temporary && schema == kInvalidOid)) continue;
    }
    if (!MakeCandidate(*proc, call, candidate, special)) continue;
    AddCandidate(candidates, std::move(candidate), special);
  }
  return candidates;
}

}  // namespace sundog::binder
