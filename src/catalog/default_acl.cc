#include "catalog/default_acl.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace sundog::catalog {

char DefaultAclKind(AclObject object) {
  switch (object) {
    case AclObject::kRelation: return 'r';
    case AclObject::kSequence: return 'S';
    case AclObject::kFunction: return 'f';
    case AclObject::kType: return 'T';
    case AclObject::kSchema: return 'n';
    default: return '\0';
  }
}

AclObject DefaultAclObject(char kind) {
  for (AclObject object : {AclObject::kRelation, AclObject::kSequence, AclObject::kFunction,
                           AclObject::kType, AclObject::kSchema}) {
    if (DefaultAclKind(object) == kind) return object;
  }
  CHECK(false);
}

const DefaultAclDescriptor* FindDefaultAcl(const Catalog& catalog, Oid role, Oid schema,
                                           char object) {
  for (const auto& acl : catalog.contents().default_acls) {
    if (acl->role == role && acl->schema == schema && acl->object == object) return acl.get();
  }
  return nullptr;
}

void SortAcl(std::vector<AclItem>& items) {
  auto key = [](const AclItem& item) {
    return std::tuple(item.grantee, item.grantor, item.privileges, item.grantable);
  };
  std::sort(items.begin(), items.end(),
            [&](const AclItem& a, const AclItem& b) { return key(a) < key(b); });
}

Acl AclOfNewObject(const Catalog& catalog, AclObject object, Oid owner, Oid schema) {
  char kind = DefaultAclKind(object);
  const DefaultAclDescriptor* everywhere = FindDefaultAcl(catalog, owner, kInvalidOid, kind);
  const DefaultAclDescriptor* here =
      schema != kInvalidOid ? FindDefaultAcl(catalog, owner, schema, kind) : nullptr;
  if (everywhere == nullptr && here == nullptr) return {};
  std::vector<AclItem> usual = DefaultAcl(object, owner);
  Acl acl{false, everywhere != nullptr ? everywhere->acl.items : usual};
  if (here != nullptr) {
    for (const AclItem& item : here->acl.items) Grant(acl, object, owner, item);
  }
  if (acl.items.empty()) return {};  // PostgreSQL takes no privileges at all for the default
  SortAcl(acl.items);
  SortAcl(usual);
  if (acl.items == usual) return {};
  return acl;
}

}  // namespace sundog::catalog
