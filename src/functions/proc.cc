#include "functions/proc.h"

#include "base/check.h"
#include "base/tsv.h"
#include "functions/implementations.h"
#include "types/extension_oids.h"
#include "types/type_info.h"

extern "C" const char sundog_builtin_procs[], sundog_builtin_procs_end[];
extern "C" const char sundog_sys_procs[], sundog_sys_procs_end[];
extern "C" const char sundog_builtin_operators[], sundog_builtin_operators_end[];
extern "C" const char sundog_builtin_casts[], sundog_builtin_casts_end[];
extern "C" const char sundog_builtin_aggregates[], sundog_builtin_aggregates_end[];

namespace sundog::functions {

namespace {

base::Tsv Table(const char* begin, const char* end) {
  return base::Tsv({begin, static_cast<size_t>(end - begin)});
}

Oid OidCell(const base::Tsv& rows, size_t row, std::string_view column) {
  return static_cast<Oid>(rows.Number(row, column));
}

uint64_t CastKey(Oid source, Oid target) { return (uint64_t{source} << 32) | target; }

// "{a,b,NULL}" or "{i,o}" of plain words.
std::vector<std::string> Words(std::string text) {
  std::vector<std::string> words;
  if (text.size() < 2) return words;
  text = text.substr(1, text.size() - 2);
  size_t begin = 0;
  while (true) {
    size_t comma = text.find(',', begin);
    std::string word = text.substr(begin, comma - begin);
    words.push_back(word == "\"\"" ? "" : word);
    if (comma == std::string::npos) return words;
    begin = comma + 1;
  }
}

// Splits default expressions at top-level commas: "10, '{}'::text[]" are two.
std::vector<std::string> SplitDefaults(const std::string& text) {
  std::vector<std::string> parts;
  std::string part;
  int depth = 0;
  bool quoted = false;
  for (char c : text) {
    if (c == '\'') quoted = !quoted;
    if (!quoted && (c == '(' || c == '[')) ++depth;
    if (!quoted && (c == ')' || c == ']')) --depth;
    if (c == ',' && depth == 0 && !quoted) {
      parts.push_back(part);
      part.clear();
    } else if (c != ' ' || !part.empty()) {
      part += c;
    }
  }
  if (!part.empty()) parts.push_back(part);
  return parts;
}

}  // namespace

std::string ProcSignature(const ProcInfo& proc) {
  std::string signature = proc.name + "(";
  for (size_t i = 0; i < proc.argument_types.size(); ++i) {
    if (i > 0) signature += ',';
    const types::TypeInfo* type = types::BuiltinTypes::Get().FindType(proc.argument_types[i]);
    signature += type != nullptr ? type->name : "?";
  }
  return signature + ")";
}

BuiltinProcs::BuiltinProcs() {
  LoadProcs();
  LoadOperators();
  LoadCasts();
  LoadAggregates();
}

namespace {

void AddProcs(const base::Tsv& rows, std::vector<ProcInfo>& procs) {
  for (size_t i = 0; i < rows.row_count(); ++i) {
    ProcInfo& proc = procs.emplace_back();
    proc.oid = OidCell(rows, i, "oid");
    proc.name = rows.Text(i, "proname");
    proc.schema = OidCell(rows, i, "pronamespace");
    proc.kind = rows.Text(i, "prokind")[0];
    proc.strict = rows.Flag(i, "proisstrict");
    proc.returns_set = rows.Flag(i, "proretset");
    proc.volatility = rows.Text(i, "provolatile")[0];
    proc.parallel = rows.Text(i, "proparallel")[0];
    proc.security_definer = rows.Flag(i, "prosecdef");
    proc.leakproof = rows.Flag(i, "proleakproof");
    proc.default_count = static_cast<int>(rows.Number(i, "pronargdefaults"));
    proc.result_type = OidCell(rows, i, "prorettype");
    proc.argument_types = rows.Numbers(i, "proargtypes");
    proc.all_argument_types = rows.Numbers(i, "proallargtypes");
    for (const std::string& mode : Words(rows.Text(i, "proargmodes"))) {
      proc.argument_modes.push_back(mode[0]);
    }
    proc.argument_names = Words(rows.Text(i, "proargnames"));
    proc.variadic_element = OidCell(rows, i, "provariadic");
    std::string language = rows.Text(i, "prolang");
    proc.language = language == "internal" ? 12 : language == "c" ? 13 : 14;
    proc.source = rows.Text(i, "prosrc");
    proc.defaults = SplitDefaults(rows.Text(i, "proargdefaults"));
    proc.implementation = Implementations::Get().Find(proc);
  }
}

}  // namespace

// PostgreSQL's, those of extensions, and those of schema sys. An extension's are found by name in
// catalogs that have it.
void BuiltinProcs::LoadProcs() {
  AddProcs(Table(sundog_builtin_procs, sundog_builtin_procs_end), procs_);
  AddProcs(Table(sundog_sys_procs, sundog_sys_procs_end), procs_);
  for (const ProcInfo& proc : procs_) {
    procs_by_oid_[proc.oid] = &proc;
    if (!types::IsExtensionMember(proc.oid)) procs_by_name_[proc.name].push_back(&proc);
  }
}

void BuiltinProcs::LoadOperators() {
  base::Tsv rows = Table(sundog_builtin_operators, sundog_builtin_operators_end);
  operators_.resize(rows.row_count());
  for (size_t i = 0; i < rows.row_count(); ++i) {
    OperatorInfo& op = operators_[i];
    op.oid = OidCell(rows, i, "oid");
    op.name = rows.Text(i, "oprname");
    op.kind = rows.Text(i, "oprkind")[0];
    op.can_merge = rows.Flag(i, "oprcanmerge");
    op.can_hash = rows.Flag(i, "oprcanhash");
    op.left = OidCell(rows, i, "oprleft");
    op.right = OidCell(rows, i, "oprright");
    op.result = OidCell(rows, i, "oprresult");
    op.commutator = OidCell(rows, i, "oprcom");
    op.negator = OidCell(rows, i, "oprnegate");
    op.function = OidCell(rows, i, "oprcode");
    op.restrict_estimator = rows.Text(i, "oprrest_name");
    op.join_estimator = rows.Text(i, "oprjoin_name");
  }
  for (const OperatorInfo& op : operators_) {
    operators_by_oid_[op.oid] = &op;
    if (!types::IsExtensionMember(op.oid)) operators_by_name_[op.name].push_back(&op);
  }
}

void BuiltinProcs::LoadCasts() {
  base::Tsv rows = Table(sundog_builtin_casts, sundog_builtin_casts_end);
  casts_.resize(rows.row_count());
  for (size_t i = 0; i < rows.row_count(); ++i) {
    CastInfo& cast = casts_[i];
    cast.oid = OidCell(rows, i, "oid");
    cast.source = OidCell(rows, i, "castsource");
    cast.target = OidCell(rows, i, "casttarget");
    cast.function = OidCell(rows, i, "castfunc");
    cast.context = rows.Text(i, "castcontext")[0];
    cast.method = rows.Text(i, "castmethod")[0];
  }
  for (const CastInfo& cast : casts_) casts_by_types_[CastKey(cast.source, cast.target)] = &cast;
}

void BuiltinProcs::LoadAggregates() {
  base::Tsv rows = Table(sundog_builtin_aggregates, sundog_builtin_aggregates_end);
  aggregates_.resize(rows.row_count());
  for (size_t i = 0; i < rows.row_count(); ++i) {
    AggregateInfo& aggregate = aggregates_[i];
    aggregate.function = OidCell(rows, i, "aggfnoid");
    aggregate.kind = rows.Text(i, "aggkind")[0];
    aggregate.direct_argument_count = static_cast<int>(rows.Number(i, "aggnumdirectargs"));
    aggregate.transition_function = OidCell(rows, i, "aggtransfn");
    aggregate.transition_type = OidCell(rows, i, "aggtranstype");
    aggregate.sort_operator = OidCell(rows, i, "aggsortop");
  }
  for (const AggregateInfo& row : aggregates_) aggregates_by_function_[row.function] = &row;
}

const BuiltinProcs& BuiltinProcs::Get() {
  static const BuiltinProcs procs;
  return procs;
}

const ProcInfo* BuiltinProcs::FindProc(Oid oid) const {
  auto at = procs_by_oid_.find(oid);
  return at != procs_by_oid_.end() ? at->second : nullptr;
}

std::span<const ProcInfo* const> BuiltinProcs::ProcsNamed(std::string_view name) const {
  auto at = procs_by_name_.find(name);
  if (at == procs_by_name_.end()) return {};
  return at->second;
}

const OperatorInfo* BuiltinProcs::FindOperator(Oid oid) const {
  auto at = operators_by_oid_.find(oid);
  return at != operators_by_oid_.end() ? at->second : nullptr;
}

std::span<const OperatorInfo* const> BuiltinProcs::OperatorsNamed(std::string_view name) const {
  auto at = operators_by_name_.find(name);
  if (at == operators_by_name_.end()) return {};
  return at->second;
}

const CastInfo* BuiltinProcs::FindCast(Oid source, Oid target) const {
  auto at = casts_by_types_.find(CastKey(source, target));
  return at != casts_by_types_.end() ? at->second : nullptr;
}

const AggregateInfo* BuiltinProcs::FindAggregate(Oid function) const {
  auto at = aggregates_by_function_.find(function);
  return at != aggregates_by_function_.end() ? at->second : nullptr;
}

}  // namespace sundog::functions
