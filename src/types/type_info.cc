#include "types/type_info.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "base/tsv.h"
#include "types/domain_type.h"
#include "types/families.h"

extern "C" const char sundog_builtin_types[], sundog_builtin_types_end[];

namespace sundog::types {

const TypeInfo& TypeLookup::GetType(Oid oid) const {
  const TypeInfo* type = FindType(oid);
  if (type == nullptr) {
    throw SqlError(sqlstate::kInternalError, fmt::format("cache lookup failed for type {}", oid));
  }
  return *type;
}

const TypeInfo& TypeLookup::GetBaseType(Oid oid) const {
  const TypeInfo* type = &GetType(oid);
  while (type->kind_code == 'd') type = &GetType(type->base_type);
  return *type;
}

PhysicalKind PhysicalKindForType(Oid oid, char typtype, int16_t typlen) {
  if (typtype == 'e') return PhysicalKind::kUint32;
  switch (oid) {
    case oids::kBool: return PhysicalKind::kBool;
    case oids::kCharInternal: return PhysicalKind::kChar;
    case oids::kInt4:
    case oids::kDate: return PhysicalKind::kInt32;
    case oids::kFloat4: return PhysicalKind::kFloat32;
    case oids::kFloat8: return PhysicalKind::kFloat64;
    case oids::kInterval: return PhysicalKind::kInterval;
    case oids::kUuid: return PhysicalKind::kUuid;
    case oids::kTimetz: return PhysicalKind::kTimeTz;
    case oids::kTid: return PhysicalKind::kInt64;
    case oids::kVoid: return PhysicalKind::kBool;
    default: break;
  }
  if (typtype == 'b' && typlen == 2) return PhysicalKind::kInt16;
  if (typtype == 'b' && typlen == 4) return PhysicalKind::kUint32;
  if (typtype == 'b' && typlen == 8 && oid != oids::kMacaddr8) return PhysicalKind::kInt64;
  return PhysicalKind::kVarlen;
}

BuiltinTypes::BuiltinTypes() {
  base::Tsv rows({sundog_builtin_types,
                  static_cast<size_t>(sundog_builtin_types_end - sundog_builtin_types)});
  for (size_t i = 0; i < rows.row_count(); ++i) {
    auto type = std::make_unique<TypeInfo>();
    type->oid = static_cast<Oid>(rows.Number(i, "oid"));
    type->name = rows.Text(i, "typname");
    type->schema = static_cast<Oid>(rows.Number(i, "typnamespace"));
    type->length = static_cast<int16_t>(rows.Number(i, "typlen"));
    type->by_value = rows.Flag(i, "typbyval");
    type->kind_code = rows.Text(i, "typtype")[0];
    type->category = rows.Text(i, "typcategory")[0];
    type->preferred = rows.Flag(i, "typispreferred");
    type->delimiter = rows.Text(i, "typdelim")[0];
    type->align = rows.Text(i, "typalign")[0];
    type->storage = rows.Text(i, "typstorage")[0];
    type->element = static_cast<Oid>(rows.Number(i, "typelem"));
    type->array = static_cast<Oid>(rows.Number(i, "typarray"));
    type->base_type = static_cast<Oid>(rows.Number(i, "typbasetype"));
    type->base_typmod = static_cast<int32_t>(rows.Number(i, "typtypmod"));
    type->not_null = rows.Flag(i, "typnotnull");
    type->collation = static_cast<Oid>(rows.Number(i, "typcollation"));
    type->physical = PhysicalKindForType(type->oid, type->kind_code, type->length);
    type->ops = FindTypeOps(type->oid, type->kind_code, type->is_array());
    all_.push_back(type.get());
    owned_.push_back(std::move(type));
  }
  by_oid_ = all_;
  std::sort(by_oid_.begin(), by_oid_.end(),
            [](const TypeInfo* a, const TypeInfo* b) { return a->oid < b->oid; });
  for (const auto& type : owned_) {
    if (type->kind_code != 'd') continue;
    const TypeInfo& base = GetType(type->base_type);
    type->physical = base.physical;
    type->ops = DomainOps(base);
  }
}

const BuiltinTypes& BuiltinTypes::Get() {
  static const BuiltinTypes types;
  return types;
}

const TypeInfo* BuiltinTypes::FindType(Oid oid) const {
  auto at = std::lower_bound(by_oid_.begin(), by_oid_.end(), oid,
                             [](const TypeInfo* type, Oid wanted) { return type->oid < wanted; });
  return at != by_oid_.end() && (*at)->oid == oid ? *at : nullptr;
}

const TypeInfo* BuiltinTypes::FindByName(std::string_view typname) const {
  for (const TypeInfo* type : all_) {
    if (type->name == typname) return type;
  }
  return nullptr;
}

Datum InputText(const IoContext& io, SqlType type, std::string_view text, base::Arena& arena) {
  const TypeInfo& info = io.types->GetType(type.oid);
  if (info.ops->input == nullptr) {
    base::ThrowNotSupported(fmt::format("type {}", FormatType(*io.types, {type.oid, -1})));
  }
  return info.ops->input(io, info, text, type.typmod, arena);
}

void OutputText(const IoContext& io, const TypeInfo& type, const Datum& value, std::string& to) {
  if (type.ops->output == nullptr) {
    base::ThrowNotSupported(fmt::format("type {}", FormatType(*io.types, {type.oid, -1})));
  }
  type.ops->output(io, type, value, to);
}

void RequireReceive(const TypeLookup& types, const TypeInfo& type) {
  if (type.ops->receive != nullptr) return;
  throw SqlError(sqlstate::kUndefinedFunction,
                 fmt::format("no binary input function available for type {}",
                             FormatType(types, {type.oid, -1})));
}

void RequireSend(const TypeLookup& types, const TypeInfo& type) {
  if (type.ops->send != nullptr) return;
  throw SqlError(sqlstate::kUndefinedFunction,
                 fmt::format("no binary output function available for type {}",
                             FormatType(types, {type.oid, -1})));
}

}  // namespace sundog::types
