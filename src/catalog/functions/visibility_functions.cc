// pg_table_is_visible and kin: whether the search path finds the object by its bare name.
#include "catalog/builtin_objects.h"
#include "catalog/functions/families.h"
#include "catalog/names.h"
#include "types/array.h"

namespace sundog::catalog {

namespace {

using Answer = std::optional<bool>;

const SearchPath& PathOf(CallContext& call) { return ServicesOf(call).search_path(); }

Answer TableIsVisible(CallContext& call, Oid oid) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr) return std::nullopt;
  return CatalogOf(call).IsVisible(PathOf(call), *relation);
}

Answer TypeIsVisible(CallContext& call, Oid oid) {
  const types::TypeInfo* type = CatalogOf(call).FindType(oid);
  if (type == nullptr) return std::nullopt;
  return IsVisible(CatalogOf(call), PathOf(call), *type);
}

Answer FunctionIsVisible(CallContext& call, Oid oid) {
  const functions::ProcInfo* proc = CatalogOf(call).FindProc(oid);
  if (proc == nullptr) return std::nullopt;
  return IsVisible(CatalogOf(call), PathOf(call), *proc);
}

// Objects that are all built in.
bool SystemSchemaIsVisible(CallContext& call, Oid) {
  return PathOf(call).Contains(kPgCatalogSchema);
}

uint32_t MyTemporarySchema(CallContext& call) { return CatalogOf(call).temp_schema(); }
bool IsOtherTemporarySchema(CallContext&, Oid) { return false; }

std::optional<std::string_view> CurrentSchema(CallContext& call) {
  Oid schema = PathOf(call).creation_schema;
  if (schema == kInvalidOid) return std::nullopt;
  return Keep(call, CatalogOf(call).FindSchema(schema)->name);
}

std::string_view CurrentSchemas(CallContext& call, bool implicit) {
  types::ArrayBuilder names(types::oids::kName, types::PhysicalKind::kVarlen);
  const SearchPath& path = PathOf(call);
  for (Oid oid : path.schemas) {
    if (!implicit && !path.IsExplicit(oid)) continue;
    std::string_view name = CatalogOf(call).FindSchema(oid)->name;
    names.Append(types::Datum::From(name));
  }
  return names.Finish(call.arena());
}

constexpr ScalarEntry kEntries[] = {
    {"pg_table_is_visible", Kernel<TableIsVisible>},
    {"pg_type_is_visible", Kernel<TypeIsVisible>},
    {"pg_function_is_visible", Kernel<FunctionIsVisible>},
    {"pg_operator_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_opclass_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_opfamily_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_collation_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_conversion_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_statistics_obj_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_ts_parser_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_ts_dict_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_ts_config_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_ts_template_is_visible", Kernel<SystemSchemaIsVisible>},
    {"pg_my_temp_schema", Kernel<MyTemporarySchema>},
    {"pg_is_other_temp_schema", Kernel<IsOtherTemporarySchema>},
    {"current_schema", Kernel<CurrentSchema>},
    {"current_schemas", Kernel<CurrentSchemas>},
};

}  // namespace

void RegisterVisibilityFunctions(functions::Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::catalog
