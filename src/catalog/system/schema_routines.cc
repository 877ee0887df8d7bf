// information_schema.routines and parameters.
#include "catalog/builtin_objects.h"
#include "catalog/names.h"
#include "catalog/stored_sql.h"
#include "catalog/system/schema_access.h"
#include "catalog/system/schema_types.h"
#include "catalog/system/schema_views.h"

namespace sundog::catalog::system {

namespace {

struct RoutineRow {
  const functions::ProcInfo* proc;
  const FunctionDescriptor* function;  // null: built in
};

void ListRoutines(const VirtualContext& context, std::vector<RoutineRow>& rows) {
  for (const functions::ProcInfo& proc : functions::BuiltinProcs::Get().procs()) {
    const functions::ProcInfo* here = context.catalog->FindProc(proc.oid);
    if (here != nullptr) rows.push_back({here, nullptr});
  }
  for (const auto& function : context.catalog->contents().functions) {
    if (!IsOwnedBy(context, function->owner) &&
        !HasPrivileges(*context.catalog, function->acl, AclObject::kFunction, function->owner,
                       context.services->current_role(), kExecute)) {
      continue;
    }
    rows.push_back({context.catalog->FindProc(function->oid), function.get()});
  }
}

std::string SpecificName(const functions::ProcInfo& proc) {
  return proc.name + "_" + std::to_string(proc.oid);
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return text;
}

const types::TypeInfo* ResultType(const RoutineRow& row, const Cell& cell) {
  return row.proc->kind == 'p' ? nullptr : cell.catalog().FindType(row.proc->result_type);
}

std::string LanguageName(const RoutineRow& row) {
  const LanguageInfo* language = BuiltinObjects::Get().FindLanguage(row.proc->language);
  return language != nullptr ? language->name : "internal";
}

using Row = RoutineRow;

constexpr ColumnGetter<RoutineRow> kRoutineColumns[] = {
    {"specific_catalog", [](const Row&, Cell& cell) { DatabaseName(cell); }},
    {"specific_schema", [](const Row& row, Cell& cell) { SchemaName(row.proc->schema, cell); }},
    {"specific_name", [](const Row& row, Cell& cell) { cell.Text(SpecificName(*row.proc)); }},
    {"routine_catalog", [](const Row&, Cell& cell) { DatabaseName(cell); }},
    {"routine_schema", [](const Row& row, Cell& cell) { SchemaName(row.proc->schema, cell); }},
    {"routine_name", [](const Row& row, Cell& cell) { cell.Text(row.proc->name); }},
    {"routine_type",
     [](const Row& row, Cell& cell) {
       if (row.proc->kind == 'f') return cell.Text("FUNCTION");
       row.proc->kind == 'p' ? cell.Text("PROCEDURE") : cell.Null();
     }},
    {"data_type",
     [](const Row& row, Cell& cell) {
       const types::TypeInfo* type = ResultType(row, cell);
       type != nullptr ? cell.Text(DataTypeName(cell.catalog(), type->oid)) : cell.Null();
     }},
    {"type_udt_catalog",
     [](const Row& row, Cell& cell) {
       ResultType(row, cell) != nullptr ? DatabaseName(cell) : cell.Null();
     }},
    {"type_udt_schema",
     [](const Row& row, Cell& cell) {
       const types::TypeInfo* type = ResultType(row, cell);
       type != nullptr ? SchemaName(type->schema, cell) : cell.Null();
     }},
    {"type_udt_name",
     [](const Row& row, Cell& cell) {
       const types::TypeInfo* type = ResultType(row, cell);
       type != nullptr ? cell.Text(type->name) : cell.Null();
     }},
    {"dtd_identifier",
     [](const Row& row, Cell& cell) {
       row.proc->kind != 'p' ? cell.Text("0") : cell.Null();
     }},
    {"routine_body",
     [](const Row& row, Cell& cell) {
       cell.Text(LanguageName(row) == "sql" ? "SQL" : "EXTERNAL");
     }},
    {"routine_definition",
     [](const Row& row, Cell& cell) {
       Oid owner = row.function != nullptr ? row.function->owner : kSuperuserRole;
       IsOwnedBy(cell.context(), owner) ? cell.Text(row.proc->source) : cell.Null();
     }},
    {"external_name",
     [](const Row& row, Cell& cell) {
       LanguageName(row) == "c" ? cell.Text(row.proc->source) : cell.Null();
     }},
    {"external_language",
     [](const Row& row, Cell& cell) { cell.Text(Upper(LanguageName(row))); }},
    {"parameter_style", [](const Row&, Cell& cell) { cell.Text("GENERAL"); }},
    {"is_deterministic",
     [](const Row& row, Cell& cell) { cell.YesNo(row.proc->volatility == 'i'); }},
    {"sql_data_access", [](const Row&, Cell& cell) { cell.Text("MODIFIES"); }},
    {"is_null_call",
     [](const Row& row, Cell& cell) {
       row.proc->kind != 'p' ? cell.YesNo(row.proc->strict) : cell.Null();
     }},
    {"schema_level_routine", [](const Row&, Cell& cell) { cell.YesNo(true); }},
    {"max_dynamic_result_sets", [](const Row&, Cell& cell) { cell.Int4(0); }},
    {"security_type",
     [](const Row& row, Cell& cell) {
       cell.Text(row.proc->security_definer ? "DEFINER" : "INVOKER");
     }},
    {"as_locator", [](const Row&, Cell& cell) { cell.YesNo(false); }},
    {"is_udt_dependent", [](const Row&, Cell& cell) { cell.YesNo(false); }},
};

// --- parameters ---

struct ParameterRow {
  const functions::ProcInfo* proc;
  size_t place;
  Oid type;
  char mode;
};

void ListParameters(const VirtualContext& context, std::vector<ParameterRow>& rows) {
  std::vector<RoutineRow> routines;
  ListRoutines(context, routines);
  for (const RoutineRow& row : routines) {
    const std::vector<Oid>& types = row.proc->all_argument_types.empty()
                                        ? row.proc->argument_types
                                        : row.proc->all_argument_types;
    for (size_t i = 0; i < types.size(); ++i) {
      char mode = i < row.proc->argument_modes.size() ? row.proc->argument_modes[i] : 'i';
      rows.push_back({row.proc, i, types[i], mode});
    }
  }
}

constexpr ColumnGetter<ParameterRow> kParameterColumns[] = {
    {"specific_catalog", [](const ParameterRow&, Cell& cell) { DatabaseName(cell); }},
    {"specific_schema",
     [](const ParameterRow& row, Cell& cell) { SchemaName(row.proc->schema, cell); }},
    {"specific_name",
     [](const ParameterRow& row, Cell& cell) { cell.Text(SpecificName(*row.proc)); }},
    {"ordinal_position",
     [](const ParameterRow& row, Cell& cell) { cell.Int4(static_cast<int32_t>(row.place + 1)); }},
    {"parameter_mode",
     [](const ParameterRow& row, Cell& cell) {
       cell.Text(row.mode == 'o' || row.mode == 't' ? "OUT" : row.mode == 'b' ? "INOUT" : "IN");
     }},
    {"is_result", [](const ParameterRow&, Cell& cell) { cell.YesNo(false); }},
    {"as_locator", [](const ParameterRow&, Cell& cell) { cell.YesNo(false); }},
    {"parameter_name",
     [](const ParameterRow& row, Cell& cell) {
       cell.TextOrNull(row.place < row.proc->argument_names.size()
                           ? std::string_view(row.proc->argument_names[row.place])
                           : std::string_view());
     }},
    {"data_type",
     [](const ParameterRow& row, Cell& cell) {
       cell.Text(DataTypeName(cell.catalog(), row.type));
     }},
    {"udt_catalog", [](const ParameterRow&, Cell& cell) { DatabaseName(cell); }},
    {"udt_schema",
     [](const ParameterRow& row, Cell& cell) {
       const types::TypeInfo* type = cell.catalog().FindType(row.type);
       type != nullptr ? SchemaName(type->schema, cell) : cell.Null();
     }},
    {"udt_name",
     [](const ParameterRow& row, Cell& cell) {
       const types::TypeInfo* type = cell.catalog().FindType(row.type);
       type != nullptr ? cell.Text(type->name) : cell.Null();
     }},
    {"dtd_identifier",
     [](const ParameterRow& row, Cell& cell) { cell.Text(std::to_string(row.place + 1)); }},
};

constexpr TableDefinition kTables[] = {
    {kInformationSchema, "routines",
     [] { return MakeTable<RoutineRow>(ListRoutines, kRoutineColumns); }},
    {kInformationSchema, "parameters",
     [] { return MakeTable<ParameterRow>(ListParameters, kParameterColumns); }},
};

}  // namespace

std::span<const TableDefinition> SchemaRoutineViews() { return kTables; }

}  // namespace sundog::catalog::system
