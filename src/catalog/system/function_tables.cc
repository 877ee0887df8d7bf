// pg_proc and pg_language.
#include "catalog/acl.h"
#include "catalog/builtin_objects.h"
#include "catalog/embedded.h"
#include "catalog/extensions.h"
#include "catalog/system/recorded_table.h"

namespace sundog::catalog::system {

namespace {

// A recorded row, or a user-defined function.
struct ProcRow {
  size_t recorded = 0;
  const FunctionDescriptor* function = nullptr;
  const functions::ProcInfo* proc = nullptr;
};

const base::Tsv& Recorded() {
  static const base::Tsv* const rows = new base::Tsv(embedded::Procs());
  return *rows;
}

void ListProcs(const VirtualContext& context, std::vector<ProcRow>& rows) {
  for (size_t i = 0; i < Recorded().row_count(); ++i) {
    auto oid = static_cast<Oid>(Recorded().Number(i, "oid"));
    if (IsThere(*context.catalog, oid)) rows.push_back({i, nullptr, nullptr});
  }
  for (const auto& function : context.catalog->contents().functions) {
    rows.push_back({0, function.get(), context.catalog->FindProc(function->oid)});
  }
}

const VirtualColumn& ColumnOf(std::string_view name) {
  static const VirtualTable* const table = SystemTables::Get().Find(kPgCatalogSchema, "pg_proc");
  const VirtualColumn* column = table->FindColumn(name);
  CHECK(column != nullptr);
  return *column;
}

// The recorded cell, if it is a recorded row.
bool SetBuiltin(const ProcRow& row, std::string_view column, Cell& cell) {
  if (row.function != nullptr) return false;
  std::optional<std::string_view> text;
  if (Recorded().HasColumn(column)) text = Recorded().Cell(row.recorded, column);
  SetRecorded(ColumnOf(column), text, cell);
  return true;
}

void Schema(const ProcRow& row, Cell& cell) {
  if (row.function != nullptr) return cell.Oid(row.function->schema);
  auto oid = static_cast<Oid>(Recorded().Number(row.recorded, "oid"));
  cell.Oid(cell.catalog().FindProc(oid)->schema);
}

void Language(const ProcRow& row, Cell& cell) {
  if (row.proc != nullptr) return cell.Oid(row.proc->language);
  cell.Oid(BuiltinObjects::Get().FindLanguage(Recorded().Text(row.recorded, "prolang"))->oid);
}

#define SUNDOG_PROC_COLUMN(name, user)              \
  {                                                 \
    name, [](const ProcRow& row, Cell& cell) {      \
      if (!SetBuiltin(row, name, cell)) {           \
        user;                                       \
      }                                             \
    }                                               \
  }

constexpr ColumnGetter<ProcRow> kProcColumns[] = {
    SUNDOG_PROC_COLUMN("oid", cell.Oid(row.function->oid)),
    SUNDOG_PROC_COLUMN("proname", cell.Text(row.function->name)),
    {"pronamespace", Schema},
    {"proowner",
     [](const ProcRow& row, Cell& cell) {
       cell.Oid(row.function != nullptr ? row.function->owner : kSuperuserRole);
     }},
    {"prolang", Language},
    SUNDOG_PROC_COLUMN("procost", cell.Float4(static_cast<float>(row.function->cost))),
    SUNDOG_PROC_COLUMN("prorows", cell.Float4(static_cast<float>(row.function->rows))),
    SUNDOG_PROC_COLUMN("provariadic", cell.Oid(row.proc->variadic_element)),
    SUNDOG_PROC_COLUMN("prosupport", cell.Oid(kInvalidOid)),
    SUNDOG_PROC_COLUMN("prokind", cell.Char(row.function->kind)),
    SUNDOG_PROC_COLUMN("prosecdef", cell.Bool(row.function->security_definer)),
    SUNDOG_PROC_COLUMN("proleakproof", cell.Bool(row.function->leakproof)),
    SUNDOG_PROC_COLUMN("proisstrict", cell.Bool(row.function->strict)),
    SUNDOG_PROC_COLUMN("proretset", cell.Bool(row.function->returns_set)),
    SUNDOG_PROC_COLUMN("provolatile", cell.Char(row.function->volatility)),
    SUNDOG_PROC_COLUMN("proparallel", cell.Char(row.function->parallel)),
    SUNDOG_PROC_COLUMN("pronargs",
                       cell.Int2(static_cast<int16_t>(row.proc->argument_types.size()))),
    SUNDOG_PROC_COLUMN("pronargdefaults",
                       cell.Int2(static_cast<int16_t>(row.proc->default_count))),
    SUNDOG_PROC_COLUMN("prorettype", cell.Oid(row.function->result_type)),
    SUNDOG_PROC_COLUMN("proargtypes", cell.OidVector(row.proc->argument_types)),
    SUNDOG_PROC_COLUMN("proallargtypes", row.proc->all_argument_types.empty()
                                             ? cell.Null()
                                             : cell.OidArray(row.proc->all_argument_types)),
    SUNDOG_PROC_COLUMN("proargmodes", row.proc->argument_modes.empty()
                                          ? cell.Null()
                                          : cell.CharArray(row.proc->argument_modes)),
    SUNDOG_PROC_COLUMN("proargnames", row.proc->argument_names.empty()
                                          ? cell.Null()
                                          : cell.TextArray(row.proc->argument_names)),
    SUNDOG_PROC_COLUMN("proargdefaults", {
      std::string joined;
      for (const std::string& value : row.proc->defaults) {
        joined += (joined.empty() ? "" : ", ") + value;
      }
      cell.TextOrNull(joined);
    }),
    SUNDOG_PROC_COLUMN("prosrc", cell.Text(row.function->source)),
    SUNDOG_PROC_COLUMN("probin", cell.Null()),
    SUNDOG_PROC_COLUMN("prosqlbody",
                       cell.TextOrNull(cell.services().FunctionBody(*row.function))),
    SUNDOG_PROC_COLUMN("proconfig", row.function->settings.empty()
                                        ? cell.Null()
                                        : cell.TextArray(row.function->settings)),
    {"proacl",
     [](const ProcRow& row, Cell& cell) {
       if (row.function != nullptr) return cell.AclOrNull(row.function->acl);
       auto oid = static_cast<Oid>(Recorded().Number(row.recorded, "oid"));
       cell.AclOrNull(FunctionAcl(cell.catalog(), oid));
     }},
};

#undef SUNDOG_PROC_COLUMN

// --- pg_language ---

struct LanguageRow {
  size_t recorded;
};

const base::Tsv& Languages() {
  static const base::Tsv* const rows = new base::Tsv(embedded::Language());
  return *rows;
}

void ListLanguages(const VirtualContext&, std::vector<LanguageRow>& rows) {
  for (size_t i = 0; i < Languages().row_count(); ++i) rows.push_back({i});
}

Oid LanguageNumber(const LanguageRow& row, std::string_view column) {
  return static_cast<Oid>(Languages().Number(row.recorded, column));
}

constexpr ColumnGetter<LanguageRow> kLanguageColumns[] = {
    {"oid", [](const LanguageRow& row, Cell& cell) { cell.Oid(LanguageNumber(row, "oid")); }},
    {"lanname",
     [](const LanguageRow& row, Cell& cell) {
       cell.Text(Languages().Text(row.recorded, "lanname"));
     }},
    {"lanowner", [](const LanguageRow&, Cell& cell) { cell.Oid(kSuperuserRole); }},
    {"lanispl",
     [](const LanguageRow& row, Cell& cell) {
       cell.Bool(Languages().Flag(row.recorded, "lanispl"));
     }},
    {"lanpltrusted",
     [](const LanguageRow& row, Cell& cell) {
       cell.Bool(Languages().Flag(row.recorded, "lanpltrusted"));
     }},
    {"lanplcallfoid",
     [](const LanguageRow& row, Cell& cell) { cell.Oid(LanguageNumber(row, "lanplcallfoid")); }},
    {"laninline",
     [](const LanguageRow& row, Cell& cell) { cell.Oid(LanguageNumber(row, "laninline")); }},
    {"lanvalidator",
     [](const LanguageRow& row, Cell& cell) { cell.Oid(LanguageNumber(row, "lanvalidator")); }},
    {"lanacl",
     [](const LanguageRow& row, Cell& cell) {
       Oid language = LanguageNumber(row, "oid");
       cell.AclOrNull(cell.catalog().FindAcl({classes::kLanguage, language, 0}));
     }},
};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_proc", [] { return MakeTable<ProcRow>(ListProcs, kProcColumns); }},
    {kPgCatalogSchema, "pg_language",
     [] { return MakeTable<LanguageRow>(ListLanguages, kLanguageColumns); }},
};

}  // namespace

std::span<const TableDefinition> FunctionTables() { return kTables; }

}  // namespace sundog::catalog::system
