#include "catalog/ddl/owned.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <type_traits>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/drop.h"
#include "catalog/ddl/policy.h"
#include "catalog/default_acl.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

using Kind = RoleDependent::Kind;

bool Mentions(const Acl& acl, Oid role) {
  return std::any_of(acl.items.begin(), acl.items.end(),
                     [&](const AclItem& item) { return item.grantee == role; });
}

class DependentSearch {
 public:
  explicit DependentSearch(Oid role) : role_(role) {}

  std::vector<RoleDependent> Run(const CatalogContents& contents) {
    for (const auto& o : contents.schemas) Add(*o, {classes::kNamespace, o->oid, 0});
    for (const auto& o : contents.tables) AddRelation(*o);
    for (const auto& o : contents.views) AddRelation(*o);
    for (const auto& o : contents.sequences) Add(*o, {classes::kClass, o->oid, 0});
    for (const auto& o : contents.enums) Add(*o, {classes::kType, o->oid, 0});
    for (const auto& o : contents.domains) Add(*o, {classes::kType, o->oid, 0});
    for (const auto& o : contents.composites) Add(*o, {classes::kType, o->oid, 0});
    for (const auto& o : contents.functions) Add(*o, {classes::kProc, o->oid, 0});
    for (const auto& o : contents.extensions) {
      if (o->owner == role_) found_.push_back({{classes::kExtension, o->oid, 0}, Kind::kOwner});
    }
    for (const auto& [object, acl] : contents.acls) {
      if (Mentions(acl, role_)) found_.push_back({object, Kind::kPrivileges});
    }
    for (const auto& acl : contents.default_acls) {
      if (acl->role == role_) {
        found_.push_back({{classes::kDefaultAcl, acl->oid, 0}, Kind::kOwner});
      } else if (Mentions(acl->acl, role_)) {
        found_.push_back({{classes::kDefaultAcl, acl->oid, 0}, Kind::kPrivileges});
      }
    }
    auto key = [](const RoleDependent& one) {
      return std::tuple(one.object.object, one.object.class_oid, one.object.sub_object);
    };
    std::sort(found_.begin(), found_.end(), [&](const RoleDependent& a, const RoleDependent& b) {
      return key(a) < key(b);
    });
    return std::move(found_);
  }

 private:
  template <typename Descriptor>
  void Add(const Descriptor& descriptor, const ObjectAddress& object) {
    if (descriptor.owner == role_) {
      found_.push_back({object, Kind::kOwner});
    } else if (Mentions(descriptor.acl, role_)) {
      found_.push_back({object, Kind::kPrivileges});
    }
  }

  template <typename Descriptor>
  void AddRelation(const Descriptor& relation) {
    Add(relation, {classes::kClass, relation.oid, 0});
    if constexpr (std::is_same_v<Descriptor, TableDescriptor>) {
      for (const PolicyDescriptor& policy : relation.policies) {
        bool meant = std::find(policy.roles.begin(), policy.roles.end(), role_) !=
                     policy.roles.end();
        if (meant) found_.push_back({{classes::kPolicy, policy.oid, 0}, Kind::kPolicy});
      }
    }
    for (const ColumnDescriptor& column : relation.columns) {
      if (!column.dropped && relation.owner != role_ && Mentions(column.acl, role_)) {
        found_.push_back({{classes::kClass, relation.oid, column.attnum}, Kind::kPrivileges});
      }
    }
  }

  Oid role_;
  std::vector<RoleDependent> found_;
};

// Those below are there from the beginning, and own what the system needs.
constexpr Oid kFirstUnpinnedOid = 12000;

void CheckIsNotPinned(const CatalogWriter& writer, Oid role, std::string_view what) {
  if (role >= kFirstUnpinnedOid) return;
  throw SqlError(sqlstate::kDependentObjectsStillExist,
                 fmt::format("cannot {} owned by role {} because they are required by the "
                             "database system",
                             what, writer.catalog().FindRole(role)->name));
}

AclObject AclKindOf(const Catalog& catalog, const ObjectAddress& object) {
  switch (object.class_oid) {
    case classes::kClass:
      return catalog.FindRelation(object.object)->sequence != nullptr ? AclObject::kSequence
                                                                      : AclObject::kRelation;
    case classes::kNamespace: return AclObject::kSchema;
    case classes::kProc: return AclObject::kFunction;
    case classes::kType: return AclObject::kType;
    case classes::kDatabase: return AclObject::kDatabase;
    case classes::kLanguage: return AclObject::kLanguage;
  }
  CHECK(false);
}

// REVOKE ALL ON … FROM role CASCADE.
void RevokeAll(CatalogWriter& writer, const ObjectAddress& object, Oid role) {
  GrantSpec spec;
  spec.grantees = {role};
  spec.grant = false;
  spec.cascade = true;
  if (object.class_oid == classes::kDefaultAcl) {
    const DefaultAclDescriptor acl = *writer.catalog().contents().default_acls.Get(object.object);
    spec.kind = DefaultAclObject(acl.object);
    return ChangeDefaultAcl(writer, spec, acl.role, acl.schema);
  }
  spec.object = {object.class_oid, object.object, 0};
  spec.kind = AclKindOf(writer.catalog(), spec.object);
  ApplyGrant(writer, spec);
}

// False: there is nobody else whom the policy is for.
bool LeavePolicy(CatalogWriter& writer, Oid oid, Oid role) {
  PolicyPlace place = FindPolicy(writer.catalog(), oid);
  PolicyDescriptor policy = *place.policy;
  std::erase(policy.roles, role);
  if (policy.roles.empty()) return false;
  ChangePolicy(writer, place.table->oid, std::move(policy));
  return true;
}

}  // namespace

std::vector<RoleDependent> FindRoleDependents(const Catalog& catalog, Oid role) {
  return DependentSearch(role).Run(catalog.contents());
}

std::vector<ObjectAddress> ReleaseOwned(CatalogWriter& writer, Oid role) {
  CheckIsNotPinned(writer, role, "drop objects");
  std::vector<ObjectAddress> left;
  ObjectAddress revoked;
  for (const RoleDependent& one : FindRoleDependents(writer.catalog(), role)) {
    switch (one.kind) {
      case Kind::kOwner: left.push_back(one.object); break;
      case Kind::kPolicy:
        if (!LeavePolicy(writer, one.object.object, role)) left.push_back(one.object);
        break;
      case Kind::kPrivileges: {
        // With those on a relation go those on its columns.
        ObjectAddress whole{one.object.class_oid, one.object.object, 0};
        if (whole != revoked) RevokeAll(writer, whole, role);
        revoked = whole;
        break;
      }
    }
  }
  return left;
}

void ReassignOwned(CatalogWriter& writer, Oid role, Oid owner) {
  CheckIsNotPinned(writer, role, "reassign ownership of objects");
  for (const RoleDependent& one : FindRoleDependents(writer.catalog(), role)) {
    if (one.kind != Kind::kOwner || one.object.class_oid == classes::kDefaultAcl) continue;
    ReassignObject(writer, one.object, owner);
  }
}

}  // namespace sundog::catalog::ddl
