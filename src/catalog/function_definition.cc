// CREATE FUNCTION as pg_get_functiondef prints it, and its parts.
#include <fmt/format.h>

#include "catalog/builtin_objects.h"
#include "catalog/definitions.h"
#include "catalog/statement_services.h"
#include "catalog/stored_sql.h"
#include "types/identifier.h"

namespace sundog::catalog {

namespace {

// The tag of a dollar quote that the body does not contain.
std::string DollarTag(std::string_view body, bool procedure) {
  std::string tag = procedure ? "$procedure" : "$function";
  while (body.find(tag) != std::string_view::npos) tag += 'x';
  return tag + "$";
}

std::string FormatCost(double value) { return fmt::format("{:g}", value); }

}  // namespace

std::string DefinitionPrinter::FunctionArguments(const functions::ProcInfo& proc,
                                                 bool identity) const {
  const std::vector<Oid>& types =
      proc.all_argument_types.empty() ? proc.argument_types : proc.all_argument_types;
  std::string text;
  int input = 0;
  int first_default =
      static_cast<int>(proc.argument_types.size()) - static_cast<int>(proc.defaults.size());
  for (size_t i = 0; i < types.size(); ++i) {
    char mode = i < proc.argument_modes.size() ? proc.argument_modes[i] : 'i';
    int place = functions::IsInputMode(mode) ? input++ : -1;
    if (mode == 't' || (identity && mode == 'o' && proc.kind != 'p')) continue;
    if (!text.empty()) text += ", ";
    if (mode == 'o') text += "OUT ";
    if (mode == 'b') text += "INOUT ";
    if (mode == 'v') text += "VARIADIC ";
    if (mode == 'i' && proc.kind == 'p') text += "IN ";
    if (i < proc.argument_names.size() && !proc.argument_names[i].empty()) {
      text += types::QuoteIdentifier(proc.argument_names[i]) + " ";
    }
    text += TypeName(catalog_, &path_, {types[i], -1});
    if (!identity && place >= 0 && place >= first_default && !proc.defaults.empty()) {
      text += " DEFAULT " + ExpandMarks(catalog_, &path_, proc.defaults[place - first_default]);
    }
  }
  return text;
}

std::string DefinitionPrinter::FunctionResult(const functions::ProcInfo& proc) const {
  if (proc.kind == 'p') return "";
  std::string columns;
  for (size_t i = 0; i < proc.argument_modes.size(); ++i) {
    if (proc.argument_modes[i] != 't') continue;
    if (!columns.empty()) columns += ", ";
    if (i < proc.argument_names.size() && !proc.argument_names[i].empty()) {
      columns += types::QuoteIdentifier(proc.argument_names[i]) + " ";
    }
    columns += TypeName(catalog_, &path_, {proc.all_argument_types[i], -1});
  }
  if (!columns.empty()) return "TABLE(" + columns + ")";
  std::string result = TypeName(catalog_, &path_, {proc.result_type, -1});
  return proc.returns_set ? "SETOF " + result : result;
}

std::string DefinitionPrinter::Function(const functions::ProcInfo& proc,
                                        const FunctionDescriptor* function) const {
  bool procedure = proc.kind == 'p';
  std::string schema = catalog_.FindSchema(proc.schema)->name;
  std::string text = fmt::format("CREATE OR REPLACE {} {}({})\n",
                                 procedure ? "PROCEDURE" : "FUNCTION",
                                 QualifiedName(schema, proc.name), FunctionArguments(proc, false));
  if (!procedure) text += " RETURNS " + FunctionResult(proc) + "\n";
  const LanguageInfo* language = BuiltinObjects::Get().FindLanguage(proc.language);
  std::string language_name = language != nullptr ? language->name : "internal";
  text += " LANGUAGE " + types::QuoteIdentifier(language_name) + "\n";
  std::string flags;
  if (proc.kind == 'w') flags += " WINDOW";
  if (proc.volatility == 'i') flags += " IMMUTABLE";
  if (proc.volatility == 's') flags += " STABLE";
  if (proc.parallel == 's') flags += " PARALLEL SAFE";
  if (proc.parallel == 'r') flags += " PARALLEL RESTRICTED";
  if (proc.strict) flags += " STRICT";
  if (proc.security_definer) flags += " SECURITY DEFINER";
  if (proc.leakproof) flags += " LEAKPROOF";
  double usual_cost = language_name == "internal" || language_name == "c" ? 1 : 100;
  if (proc.cost > 0 && proc.cost != usual_cost) flags += " COST " + FormatCost(proc.cost);
  if (proc.rows > 0 && proc.rows != 1000) flags += " ROWS " + FormatCost(proc.rows);
  if (!flags.empty()) text += flags + "\n";
  if (function != nullptr) {
    for (const std::string& setting : function->settings) {
      size_t equals = setting.find('=');
      text += fmt::format(" SET {} TO {}\n", types::QuoteIdentifier(setting.substr(0, equals)),
                          types::QuoteLiteral(setting.substr(equals + 1)));
    }
  }
  std::string body = function != nullptr ? services_.FunctionBody(*function) : "";
  if (!body.empty()) return text + body + "\n";
  std::string tag = DollarTag(proc.source, procedure);
  return text + "AS " + tag + proc.source + tag + "\n";
}

}  // namespace sundog::catalog
