#include "catalog/type_infos.h"

#include <algorithm>
#include <set>

#include "catalog/builtin_objects.h"
#include "functions/implementations.h"
#include "types/domain_type.h"
#include "types/families.h"

namespace sundog::catalog {

namespace {

std::shared_ptr<types::TypeInfo> NewType(Oid oid, const std::string& name, Oid schema,
                                         Oid array_type) {
  auto info = std::make_shared<types::TypeInfo>();
  info->oid = oid;
  info->name = name;
  info->schema = schema;
  info->array = array_type;
  return info;
}

std::shared_ptr<types::TypeInfo> NewComposite(Oid oid, const std::string& name, Oid schema,
                                              Oid array_type, Oid relation,
                                              const std::vector<ColumnDescriptor>& columns) {
  auto info = NewType(oid, name, schema, array_type);
  info->kind_code = 'c';
  info->category = 'C';
  info->align = 'd';
  info->storage = 'x';
  info->relation = relation;
  for (const ColumnDescriptor& column : columns) {
    if (!column.dropped) info->fields.push_back({column.name, column.type});
  }
  info->ops = types::FindTypeOps(oid, 'c', false);
  return info;
}

}  // namespace

TypeInfoPtr MakeTypeInfo(const EnumDescriptor& type) {
  auto info = NewType(type.oid, type.name, type.schema, type.array_type);
  info->kind_code = 'e';
  info->category = 'E';
  info->length = 4;
  info->by_value = true;
  for (const EnumLabelDescriptor& label : type.labels) {
    info->enum_labels.push_back({label.oid, label.sort_order, label.label});
  }
  std::sort(info->enum_labels.begin(), info->enum_labels.end(),
            [](const types::EnumLabel& a, const types::EnumLabel& b) { return a.oid < b.oid; });
  info->physical = types::PhysicalKindForType(type.oid, 'e', 4);
  info->ops = types::FindTypeOps(type.oid, 'e', false);
  return info;
}

TypeInfoPtr MakeTypeInfo(const DomainDescriptor& type, const types::TypeLookup& types) {
  const types::TypeInfo& base = types.GetType(type.base.oid);
  auto info = std::make_shared<types::TypeInfo>(base);
  info->oid = type.oid;
  info->name = type.name;
  info->schema = type.schema;
  info->array = type.array_type;
  info->kind_code = 'd';
  info->preferred = false;
  info->base_type = type.base.oid;
  info->base_typmod = type.base.typmod;
  info->not_null = type.not_null;
  info->collation = type.collation;
  info->ops = types::DomainOps(base);
  return info;
}

TypeInfoPtr MakeTypeInfo(const CompositeDescriptor& type) {
  return NewComposite(type.oid, type.name, type.schema, type.array_type, type.relation,
                      type.columns);
}

TypeInfoPtr MakeRowTypeInfo(const TableDescriptor& table) {
  return NewComposite(table.row_type, table.name, table.schema, table.row_array_type, table.oid,
                      table.columns);
}

TypeInfoPtr MakeRowTypeInfo(const ViewDescriptor& view) {
  return NewComposite(view.row_type, view.name, view.schema, view.row_array_type, view.oid,
                      view.columns);
}

TypeInfoPtr MakeArrayTypeInfo(const types::TypeInfo& element, std::string name) {
  auto info = NewType(element.array, std::move(name), element.schema, kInvalidOid);
  info->category = 'A';
  info->element = element.oid;
  info->delimiter = element.delimiter;
  info->align = element.align == 'd' ? 'd' : 'i';
  info->storage = 'x';
  info->collation = element.collation;
  info->ops = types::FindTypeOps(info->oid, 'b', true);
  return info;
}

namespace {

bool HasPart(const types::TypeLookup& types, Oid type,
             const std::function<bool(const types::TypeInfo&)>& is, std::set<Oid>& seen) {
  const types::TypeInfo* info = types.FindType(type);
  if (info == nullptr || !seen.insert(type).second) return false;
  return is(*info) || HasPart(types, info->element, is, seen) ||
         HasPart(types, info->base_type, is, seen) ||
         std::any_of(info->fields.begin(), info->fields.end(), [&](const auto& field) {
           return HasPart(types, field.type.oid, is, seen);
         });
}

}  // namespace

bool HasPart(const types::TypeLookup& types, Oid type,
             const std::function<bool(const types::TypeInfo&)>& is) {
  std::set<Oid> seen;
  return HasPart(types, type, is, seen);
}

namespace {

Oid VariadicElement(Oid array, const types::TypeLookup& types) {
  if (array == types::oids::kAnyarray) return types::oids::kAnyelement;
  if (array == types::oids::kAnycompatiblearray) return types::oids::kAnycompatible;
  const types::TypeInfo* info = types.FindType(array);
  return info != nullptr ? info->element : types::oids::kAny;
}

}  // namespace

std::shared_ptr<const functions::ProcInfo> MakeProcInfo(const FunctionDescriptor& function,
                                                        const types::TypeLookup& types) {
  auto proc = std::make_shared<functions::ProcInfo>();
  proc->oid = function.oid;
  proc->name = function.name;
  proc->schema = function.schema;
  proc->kind = function.kind;
  proc->strict = function.strict;
  proc->returns_set = function.returns_set;
  proc->volatility = function.volatility;
  proc->parallel = function.parallel;
  proc->security_definer = function.security_definer;
  proc->leakproof = function.leakproof;
  proc->result_type = function.result_type;
  bool has_outputs = false;
  bool has_names = false;
  for (const FunctionArgument& argument : function.arguments) {
    if (functions::IsInputMode(argument.mode)) proc->argument_types.push_back(argument.type);
    has_outputs |= argument.mode != 'i';
    has_names |= !argument.name.empty();
    if (argument.default_value) {
      proc->default_count += 1;
      proc->defaults.push_back(argument.default_value->sql);
    }
  }
  for (const FunctionArgument& argument : function.arguments) {
    if (has_outputs) {
      proc->all_argument_types.push_back(argument.type);
      proc->argument_modes.push_back(argument.mode);
    }
    if (has_names) proc->argument_names.push_back(argument.name);
    if (argument.mode == 'v') {
      proc->variadic_element = VariadicElement(argument.type, types);
    }
  }
  const LanguageInfo* language = BuiltinObjects::Get().FindLanguage(function.language);
  proc->language = language != nullptr ? language->oid : kInvalidOid;
  proc->source = function.source;
  proc->cost = function.cost;
  proc->rows = function.rows;
  if (function.language == "internal") {
    proc->implementation = functions::Implementations::Get().Find(*proc);
  }
  return proc;
}

}  // namespace sundog::catalog
