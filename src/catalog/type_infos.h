// What descriptors look like to the layers below the catalog: types as TypeInfos, functions as
// ProcInfos.
#pragma once

#include <functional>
#include <memory>

#include "catalog/descriptors.h"
#include "functions/proc.h"
#include "types/type_info.h"

namespace sundog::catalog {

using TypeInfoPtr = std::shared_ptr<const types::TypeInfo>;

TypeInfoPtr MakeTypeInfo(const EnumDescriptor& type);
// `types` finds the base type.
TypeInfoPtr MakeTypeInfo(const DomainDescriptor& type, const types::TypeLookup& types);
TypeInfoPtr MakeTypeInfo(const CompositeDescriptor& type);
TypeInfoPtr MakeRowTypeInfo(const TableDescriptor& table);
TypeInfoPtr MakeRowTypeInfo(const ViewDescriptor& view);
TypeInfoPtr MakeArrayTypeInfo(const types::TypeInfo& element, std::string name);

// Whether `is` holds for the type, or for one that its values are made of: elements, bases of
// domains, fields.
bool HasPart(const types::TypeLookup& types, Oid type,
             const std::function<bool(const types::TypeInfo&)>& is);

std::shared_ptr<const functions::ProcInfo> MakeProcInfo(const FunctionDescriptor& function,
                                                        const types::TypeLookup& types);

}  // namespace sundog::catalog
