// Names and OIDs: to_regclass and kin, format_type, pg_get_userbyid, pg_get_serial_sequence,
// obj_description, pg_describe_object.
#include "base/sql_error.h"
#include "catalog/ddl/alter_table.h"
#include "catalog/functions/families.h"
#include "catalog/name_resolver.h"
#include "catalog/names.h"
#include "catalog/virtual_table.h"
#include "types/array.h"
#include "types/identifier.h"

namespace sundog::catalog {

namespace {

namespace oids = types::oids;
using Text = std::optional<std::string_view>;

CatalogNames NamesOf(CallContext& call) {
  return CatalogNames(CatalogOf(call), ServicesOf(call).search_path());
}

template <Oid kType>
std::optional<uint32_t> ToReg(CallContext& call, std::string_view text) {
  if (text == "-") return std::nullopt;
  try {
    Oid found = NamesOf(call).Find(kType, text);
    if (found == kInvalidOid) return std::nullopt;
    return found;
  } catch (const base::SqlError& error) {
    // A name alone may be several functions or operators: none of them is meant.
    if (error.fields().state != sqlstate::kAmbiguousFunction) throw;
    return std::nullopt;
  }
}

uint32_t TextToRegclass(CallContext& call, std::string_view text) {
  return NamesOf(call).Resolve(oids::kRegclass, text);
}

Text FormatTypeText(CallContext& call, Nullable<uint32_t> type, Nullable<int32_t> typmod) {
  if (type.is_null) return std::nullopt;
  SqlType sql_type{type.value, typmod.is_null ? -1 : typmod.value};
  if (sql_type.oid == kInvalidOid) return Keep(call, "-");
  const types::TypeInfo* info = CatalogOf(call).FindType(sql_type.oid);
  if (info == nullptr) return Keep(call, "???");
  // Without a modifier, char and bit are the types of any length.
  if (typmod.is_null && sql_type.oid == oids::kBpchar) return Keep(call, "character");
  if (!typmod.is_null && typmod.value == -1 && sql_type.oid == oids::kBpchar) {
    return Keep(call, "bpchar");
  }
  return Keep(call, TypeName(CatalogOf(call), &ServicesOf(call).search_path(), sql_type));
}

std::string_view UserById(CallContext& call, Oid oid) {
  const RoleDescriptor* role = CatalogOf(call).FindRole(oid);
  return Keep(call,
              role != nullptr ? role->name : "unknown (OID=" + std::to_string(oid) + ")");
}

Text SerialSequence(CallContext& call, std::string_view table, std::string_view column) {
  const Catalog& catalog = CatalogOf(call);
  Oid oid = NamesOf(call).Resolve(oids::kRegclass, table);
  const Relation& relation = *catalog.FindRelation(oid);
  const ColumnDescriptor* found =
      relation.kind == 'r' && relation.table != nullptr ? relation.table->FindColumn(column)
                                                        : nullptr;
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedColumn, "column \"" + std::string(column) +
                                                   "\" of relation \"" + relation.name +
                                                   "\" does not exist");
  }
  Oid sequence = ddl::OwnedSequence(catalog, oid, found->attnum, false);
  if (sequence == kInvalidOid) return std::nullopt;
  return Keep(call, RelationName(catalog, nullptr, *catalog.FindRelation(sequence)));
}

Text CommentText(CallContext& call, const ObjectAddress& object) {
  std::string_view comment = CatalogOf(call).Comment(object);
  if (comment.empty()) return std::nullopt;
  return Keep(call, comment);
}
Text ObjectDescription(CallContext& call, Oid oid, std::string_view catalog_name) {
  const VirtualTable* table = SystemTables::Get().Find(kPgCatalogSchema, catalog_name);
  if (table == nullptr) return std::nullopt;
  return CommentText(call, {table->oid(), oid, 0});
}
Text ObjectDescriptionAnyClass(CallContext& call, Oid oid) {
  for (const auto& [object, text] : CatalogOf(call).contents().comments) {
    if (object.object == oid && object.sub_object == 0) return Keep(call, text);
  }
  return std::nullopt;
}
Text ColumnDescription(CallContext& call, Oid oid, int32_t attnum) {
  return CommentText(call, {classes::kClass, oid, attnum});
}

Text DescribeObjectText(CallContext& call, Oid class_oid, Oid oid, int32_t sub_object) {
  if (class_oid == kInvalidOid || oid == kInvalidOid) return std::nullopt;
  return Keep(call, DescribeObject(CatalogOf(call), ServicesOf(call).search_path(),
                                   {class_oid, oid, sub_object}));
}

// Its argument is of any type, null too.
void PgTypeof(CallContext& call, std::span<const types::Vector* const>, types::RowSet rows,
              types::Vector& out) {
  Oid type = call.argument_types()[0].oid;
  rows.ForEach([&](size_t row) { out.Set<uint32_t>(row, type); });
}

constexpr ScalarEntry kEntries[] = {
    {"to_regclass", Kernel<ToReg<oids::kRegclass>>},
    {"to_regtype", Kernel<ToReg<oids::kRegtype>>},
    {"to_regproc", Kernel<ToReg<oids::kRegproc>>},
    {"to_regprocedure", Kernel<ToReg<oids::kRegprocedure>>},
    {"to_regoper", Kernel<ToReg<oids::kRegoper>>},
    {"to_regoperator", Kernel<ToReg<oids::kRegoperator>>},
    {"to_regnamespace", Kernel<ToReg<oids::kRegnamespace>>},
    {"to_regrole", Kernel<ToReg<oids::kRegrole>>},
    {"to_regcollation", Kernel<ToReg<oids::kRegcollation>>},
    {"text_regclass", Kernel<TextToRegclass>},
    {"format_type", Kernel<FormatTypeText>},
    {"pg_typeof", PgTypeof},
    {"pg_get_userbyid", Kernel<UserById>},
    {"pg_get_serial_sequence", Kernel<SerialSequence>},
    {"obj_description(oid,name)", Kernel<ObjectDescription>},
    {"obj_description(oid)", Kernel<ObjectDescriptionAnyClass>},
    {"col_description(oid,int4)", Kernel<ColumnDescription>},
    {"shobj_description(oid,name)", Kernel<ObjectDescription>},
    {"pg_describe_object", Kernel<DescribeObjectText>},
};

}  // namespace

void RegisterNameFunctions(functions::Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::catalog
