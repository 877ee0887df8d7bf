#include "catalog/extensions.h"

#include "catalog/builtin_objects.h"
#include "catalog/catalog.h"
#include "types/extension_oids.h"

namespace sundog::catalog {

namespace {

constexpr ExtensionInfo kExtensions[] = {
    {"plpgsql", "1.0", "PL/pgSQL procedural language", false, true, kInvalidOid, kInvalidOid},
    {"vector", "0.8.6", "vector data type and ivfflat and hnsw access methods", true, true,
     types::kFirstExtensionOid, types::kFirstUserOid},
};

}  // namespace

std::span<const ExtensionInfo> KnownExtensions() { return kExtensions; }

const ExtensionInfo* FindExtension(std::string_view name) {
  for (const ExtensionInfo& extension : kExtensions) {
    if (extension.name == name) return &extension;
  }
  return nullptr;
}

const ExtensionDescriptor* ExtensionOf(const Catalog& catalog, Oid member) {
  if (!types::IsExtensionMember(member)) return nullptr;
  for (const auto& extension : catalog.contents().extensions) {
    const ExtensionInfo* info = FindExtension(extension->name);
    if (info != nullptr && info->Has(member)) return extension.get();
  }
  return nullptr;
}

bool IsThere(const Catalog& catalog, Oid builtin) {
  return !types::IsExtensionMember(builtin) || ExtensionOf(catalog, builtin) != nullptr;
}

std::vector<ObjectAddress> MembersOf(const ExtensionInfo& extension) {
  std::vector<ObjectAddress> members;
  if (!extension.has_members()) return members;
  auto add = [&](Oid class_oid, Oid oid) {
    if (extension.Has(oid)) members.push_back({class_oid, oid, 0});
  };
  for (const types::TypeInfo* type : types::BuiltinTypes::Get().all()) {
    add(classes::kType, type->oid);
  }
  const functions::BuiltinProcs& builtin = functions::BuiltinProcs::Get();
  for (const functions::ProcInfo& proc : builtin.procs()) add(classes::kProc, proc.oid);
  for (const functions::OperatorInfo& op : builtin.operators()) add(classes::kOperator, op.oid);
  for (const functions::CastInfo& cast : builtin.casts()) add(classes::kCast, cast.oid);
  for (const AccessMethodInfo& method : BuiltinObjects::Get().access_methods()) {
    add(classes::kAccessMethod, method.oid);
  }
  for (const OpclassInfo& opclass : BuiltinObjects::Get().opclasses()) {
    add(classes::kOpclass, opclass.oid);
    add(classes::kOpfamily, opclass.family);
  }
  return members;
}

}  // namespace sundog::catalog
