#include "exec/actual_types.h"

#include "binder/type_facts.h"

namespace sundog::exec {

using types::Oid;

namespace {

bool IsPolymorphicArray(Oid type) {
  return type == types::oids::kAnyarray || type == types::oids::kAnycompatiblearray;
}

}  // namespace

Oid ActualType(Oid declared, const functions::ProcInfo& proc,
               std::span<const types::SqlType> arguments, const types::TypeLookup& types) {
  if (!binder::IsPolymorphic(declared)) return declared;
  bool first_family = binder::IsPolymorphicFamily1(declared);
  for (size_t i = 0; i < arguments.size() && i < proc.argument_types.size(); ++i) {
    Oid argument = proc.argument_types[i];
    if (!binder::IsPolymorphic(argument)) continue;
    if (binder::IsPolymorphicFamily1(argument) != first_family) continue;
    const types::TypeInfo& actual = IsPolymorphicArray(argument)
                                        ? types.GetBaseType(arguments[i].oid)
                                        : types.GetType(arguments[i].oid);
    if (argument == declared) return actual.oid;
    if (IsPolymorphicArray(argument)) return actual.element;
    if (IsPolymorphicArray(declared)) return actual.array;
  }
  return types::kInvalidOid;
}

}  // namespace sundog::exec
