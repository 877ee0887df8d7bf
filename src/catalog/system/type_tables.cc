// pg_type and pg_enum.
#include <optional>
#include <unordered_map>

#include "catalog/embedded.h"
#include "catalog/stored_sql.h"
#include "catalog/system/rows.h"
#include "types/extension_oids.h"

namespace sundog::catalog::system {

namespace {

// --- pg_type ---

// The function columns of a type. Built-in types' are recorded; those of user-defined types follow
// from their kind.
struct TypeFunctions {
  Oid subscript = 0;
  Oid input = 0;
  Oid output = 0;
  Oid receive = 0;
  Oid send = 0;
  Oid typmod_in = 0;
  Oid typmod_out = 0;
  Oid analyze = 0;
};

struct TypeFacts {
  TypeFunctions functions;
  int16_t dimensions = 0;
  std::optional<std::string> default_text;
};

const std::unordered_map<Oid, TypeFacts>& BuiltinFacts() {
  static const auto* const facts = [] {
    auto* made = new std::unordered_map<Oid, TypeFacts>;
    base::Tsv rows = embedded::Types();
    for (size_t i = 0; i < rows.row_count(); ++i) {
      auto oid_of = [&](std::string_view column) {
        return static_cast<Oid>(rows.Number(i, column));
      };
      TypeFacts fact;
      fact.functions = {oid_of("typsubscript"), oid_of("typinput"), oid_of("typoutput"),
                        oid_of("typreceive"),   oid_of("typsend"),  oid_of("typmodin"),
                        oid_of("typmodout"),    oid_of("typanalyze")};
      fact.dimensions = static_cast<int16_t>(rows.Number(i, "typndims"));
      if (rows.Cell(i, "typdefault")) fact.default_text = rows.Text(i, "typdefault");
      (*made)[oid_of("oid")] = std::move(fact);
    }
    return made;
  }();
  return *facts;
}

const TypeFacts& FactsOf(Oid builtin) {
  static const TypeFacts none;
  auto at = BuiltinFacts().find(builtin);
  return at != BuiltinFacts().end() ? at->second : none;
}

TypeFunctions FunctionsOf(const Catalog& catalog, const types::TypeInfo& type) {
  if (BuiltinFacts().contains(type.oid)) return FactsOf(type.oid).functions;
  TypeFunctions functions;
  if (type.is_array()) {
    functions = FactsOf(types::oids::kTextArray).functions;
    functions.typmod_in = functions.typmod_out = 0;
    return functions;
  }
  switch (type.kind_code) {
    case 'e': return {0, 3506, 3507, 3532, 3533, 0, 0, 0};
    case 'c': return {0, 2290, 2291, 2402, 2403, 0, 0, 0};
    case 'd': {
      TypeFunctions base = FunctionsOf(catalog, catalog.GetType(type.base_type));
      return {0, 2597, base.output, 2598, base.send, 0, 0, base.analyze};
    }
    default: return functions;
  }
}

struct TypeRow {
  const types::TypeInfo* type;
  const DomainDescriptor* domain = nullptr;
  Oid owner = kSuperuserRole;
  const Acl* acl = nullptr;
};

TypeRow RowOf(const Catalog& catalog, const types::TypeInfo& type) {
  TypeRow row{&type};
  const CatalogContents& contents = catalog.contents();
  const types::TypeInfo* named = type.is_array() ? catalog.FindType(type.element) : &type;
  if (named == nullptr || named->oid < types::kFirstUserOid) return row;
  auto owned_by = [&](const auto* descriptor, bool with_acl) {
    if (descriptor == nullptr) return false;
    row.owner = descriptor->owner;
    if (with_acl && named == &type) row.acl = &descriptor->acl;
    return true;
  };
  if (owned_by(contents.enums.Get(named->oid), true)) return row;
  if (const DomainDescriptor* domain = contents.domains.Get(named->oid)) {
    owned_by(domain, true);
    if (named == &type) row.domain = domain;
    return row;
  }
  if (owned_by(contents.composites.Get(named->oid), true)) return row;
  if (const Relation* relation = catalog.FindRelation(named->relation)) {
    row.owner = relation->owner();
  }
  return row;
}

void ListTypes(const VirtualContext& context, std::vector<TypeRow>& rows) {
  const Catalog& catalog = *context.catalog;
  for (const types::TypeInfo* type : types::BuiltinTypes::Get().all()) {
    if (!types::IsExtensionMember(type->oid)) rows.push_back({type});
  }
  for (const VirtualTable* table : SystemTables::Get().listed()) {
    rows.push_back({&catalog.GetType(table->row_type())});
    rows.push_back({&catalog.GetType(table->row_array_type())});
  }
  for (const types::TypeInfo* type : catalog.AllTypes()) rows.push_back(RowOf(catalog, *type));
}

template <Oid TypeFunctions::*kMember>
void TypeFunction(const TypeRow& row, Cell& cell) {
  cell.Oid(FunctionsOf(cell.catalog(), *row.type).*kMember);
}

void TypeDefault(const TypeRow& row, Cell& cell) {
  if (row.domain != nullptr) {
    if (!row.domain->default_value) return cell.Null();
    SearchPath path = cell.services().search_path();
    return cell.Text(ExpandMarks(cell.catalog(), &path, row.domain->default_value->sql));
  }
  cell.OptionalText(FactsOf(row.type->oid).default_text);
}

constexpr ColumnGetter<TypeRow> kTypeColumns[] = {
    {"oid", [](const TypeRow& row, Cell& cell) { cell.Oid(row.type->oid); }},
    {"typname", [](const TypeRow& row, Cell& cell) { cell.Text(row.type->name); }},
    {"typnamespace", [](const TypeRow& row, Cell& cell) { cell.Oid(row.type->schema); }},
    {"typowner", [](const TypeRow& row, Cell& cell) { cell.Oid(row.owner); }},
    {"typlen", [](const TypeRow& row, Cell& cell) { cell.Int2(row.type->length); }},
    {"typbyval", [](const TypeRow& row, Cell& cell) { cell.Bool(row.type->by_value); }},
    {"typtype", [](const TypeRow& row, Cell& cell) { cell.Char(row.type->kind_code); }},
    {"typcategory", [](const TypeRow& row, Cell& cell) { cell.Char(row.type->category); }},
    {"typispreferred", [](const TypeRow& row, Cell& cell) { cell.Bool(row.type->preferred); }},
    {"typisdefined", [](const TypeRow&, Cell& cell) { cell.Bool(true); }},
    {"typdelim", [](const TypeRow& row, Cell& cell) { cell.Char(row.type->delimiter); }},
    {"typrelid", [](const TypeRow& row, Cell& cell) { cell.Oid(row.type->relation); }},
    {"typsubscript", TypeFunction<&TypeFunctions::subscript>},
    {"typelem", [](const TypeRow& row, Cell& cell) { cell.Oid(row.type->element); }},
    {"typarray", [](const TypeRow& row, Cell& cell) { cell.Oid(row.type->array); }},
    {"typinput", TypeFunction<&TypeFunctions::input>},
    {"typoutput", TypeFunction<&TypeFunctions::output>},
    {"typreceive", TypeFunction<&TypeFunctions::receive>},
    {"typsend", TypeFunction<&TypeFunctions::send>},
    {"typmodin", TypeFunction<&TypeFunctions::typmod_in>},
    {"typmodout", TypeFunction<&TypeFunctions::typmod_out>},
    {"typanalyze", TypeFunction<&TypeFunctions::analyze>},
    {"typalign", [](const TypeRow& row, Cell& cell) { cell.Char(row.type->align); }},
    {"typstorage", [](const TypeRow& row, Cell& cell) { cell.Char(row.type->storage); }},
    {"typnotnull", [](const TypeRow& row, Cell& cell) { cell.Bool(row.type->not_null); }},
    {"typbasetype", [](const TypeRow& row, Cell& cell) { cell.Oid(row.type->base_type); }},
    {"typtypmod", [](const TypeRow& row, Cell& cell) { cell.Int4(row.type->base_typmod); }},
    {"typndims",
     [](const TypeRow& row, Cell& cell) {
       cell.Int4(row.domain != nullptr ? row.domain->dimensions
                                       : FactsOf(row.type->oid).dimensions);
     }},
    {"typcollation", [](const TypeRow& row, Cell& cell) { cell.Oid(row.type->collation); }},
    {"typdefault", TypeDefault},
    {"typdefaultbin",
     [](const TypeRow& row, Cell& cell) {
       row.domain != nullptr && row.domain->default_value
           ? cell.Text(row.domain->default_value->sql)
           : cell.Null();
     }},
    {"typacl",
     [](const TypeRow& row, Cell& cell) {
       row.acl != nullptr ? cell.AclOrNull(*row.acl) : cell.Null();
     }},
};

// --- pg_enum ---

struct EnumRow {
  Oid type;
  const EnumLabelDescriptor* label;
};

void ListEnumLabels(const VirtualContext& context, std::vector<EnumRow>& rows) {
  for (const auto& type : context.catalog->contents().enums) {
    for (const EnumLabelDescriptor& label : type->labels) rows.push_back({type->oid, &label});
  }
}

constexpr ColumnGetter<EnumRow> kEnumColumns[] = {
    {"oid", [](const EnumRow& row, Cell& cell) { cell.Oid(row.label->oid); }},
    {"enumtypid", [](const EnumRow& row, Cell& cell) { cell.Oid(row.type); }},
    {"enumsortorder", [](const EnumRow& row, Cell& cell) { cell.Float4(row.label->sort_order); }},
    {"enumlabel", [](const EnumRow& row, Cell& cell) { cell.Text(row.label->label); }},
};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_type", [] { return MakeTable<TypeRow>(ListTypes, kTypeColumns); }},
    {kPgCatalogSchema, "pg_enum", [] { return MakeTable<EnumRow>(ListEnumLabels, kEnumColumns); }},
};

}  // namespace

std::span<const TableDefinition> TypeTables() { return kTables; }

}  // namespace sundog::catalog::system
