#include "catalog/acl.h"

#include <strings.h>

#include <array>

#include "catalog/catalog.h"
#include "types/identifier.h"

namespace sundog::catalog {

namespace {

struct PrivilegeRow {
  Privilege privilege;
  char letter;
  std::string_view name;
};

// In the order in which aclitem's letters are written.
constexpr std::array<PrivilegeRow, 12> kPrivileges = {{
    {kInsert, 'a', "INSERT"},
    {kSelect, 'r', "SELECT"},
    {kUpdate, 'w', "UPDATE"},
    {kDelete, 'd', "DELETE"},
    {kTruncate, 'D', "TRUNCATE"},
    {kReferences, 'x', "REFERENCES"},
    {kTrigger, 't', "TRIGGER"},
    {kExecute, 'X', "EXECUTE"},
    {kUsage, 'U', "USAGE"},
    {kCreate, 'C', "CREATE"},
    {kTemporary, 'T', "TEMPORARY"},
    {kConnect, 'c', "CONNECT"},
}};

uint32_t PublicPrivileges(AclObject object) {
  switch (object) {
    case AclObject::kDatabase: return kTemporary | kConnect;
    case AclObject::kFunction: return kExecute;
    case AclObject::kLanguage:
    case AclObject::kType: return kUsage;
    default: return 0;
  }
}

AclItem* FindItem(Acl& acl, Oid grantee, Oid grantor) {
  for (AclItem& item : acl.items) {
    if (item.grantee == grantee && item.grantor == grantor) return &item;
  }
  return nullptr;
}

void Materialise(Acl& acl, AclObject object, Oid owner) {
  if (!acl.is_default) return;
  acl.items = DefaultAcl(object, owner);
  acl.is_default = false;
}

}  // namespace

uint32_t AllPrivileges(AclObject object) {
  switch (object) {
    case AclObject::kRelation:
      return kInsert | kSelect | kUpdate | kDelete | kTruncate | kReferences | kTrigger;
    case AclObject::kSequence: return kUsage | kSelect | kUpdate;
    case AclObject::kColumn: return kInsert | kSelect | kUpdate | kReferences;
    case AclObject::kDatabase: return kCreate | kTemporary | kConnect;
    case AclObject::kFunction: return kExecute;
    case AclObject::kLanguage:
    case AclObject::kType: return kUsage;
    case AclObject::kSchema: return kUsage | kCreate;
    case AclObject::kTablespace: return kCreate;
  }
  return 0;
}

std::vector<AclItem> DefaultAcl(AclObject object, Oid owner) {
  std::vector<AclItem> items;
  if (object == AclObject::kColumn) return items;
  if (uint32_t all = PublicPrivileges(object); all != 0) {
    items.push_back({kInvalidOid, owner, all, 0});
  }
  items.push_back({owner, owner, AllPrivileges(object), 0});
  return items;
}

std::vector<AclItem> EffectiveAcl(const Acl& acl, AclObject object, Oid owner) {
  return acl.is_default ? DefaultAcl(object, owner) : acl.items;
}

namespace {

// The privileges of `wanted` that `role` holds.
uint32_t Held(const Catalog& catalog, const Acl& acl, AclObject object, Oid owner, Oid role,
              uint32_t wanted, bool grant_option) {
  const RoleDescriptor* descriptor = catalog.FindRole(role);
  if (descriptor != nullptr && descriptor->superuser) return wanted;
  uint32_t held = 0;
  // Owners implicitly hold all grant options.
  if (grant_option && object != AclObject::kColumn && catalog.IsMemberOf(role, owner)) {
    return wanted;
  }
  for (const AclItem& item : EffectiveAcl(acl, object, owner)) {
    uint32_t given = (grant_option ? item.grantable : item.privileges) & wanted;
    if ((given & ~held) == 0) continue;
    if (item.grantee == kInvalidOid || catalog.IsMemberOf(role, item.grantee)) held |= given;
  }
  return held;
}

}  // namespace

bool HasPrivileges(const Catalog& catalog, const Acl& acl, AclObject object, Oid owner, Oid role,
                   uint32_t privileges, bool grant_option) {
  return Held(catalog, acl, object, owner, role, privileges, grant_option) == privileges;
}

bool HasAnyPrivilege(const Catalog& catalog, const Acl& acl, AclObject object, Oid owner, Oid role,
                     uint32_t privileges) {
  return Held(catalog, acl, object, owner, role, privileges, false) != 0;
}

uint32_t PrivilegeByName(std::string_view name) {
  for (const PrivilegeRow& row : kPrivileges) {
    if (row.name.size() == name.size() &&
        strncasecmp(row.name.data(), name.data(), name.size()) == 0) {
      return row.privilege;
    }
  }
  return name.size() == 4 && strncasecmp(name.data(), "TEMP", 4) == 0 ? uint32_t{kTemporary} : 0;
}

std::string_view PrivilegeName(Privilege privilege) {
  for (const PrivilegeRow& row : kPrivileges) {
    if (row.privilege == privilege) return row.name;
  }
  return {};
}

std::string AclItemText(const Catalog& catalog, const AclItem& item) {
  auto role_name = [&](Oid role) {
    const RoleDescriptor* found = catalog.FindRole(role);
    return found != nullptr ? types::QuoteIdentifier(found->name) : std::to_string(role);
  };
  std::string text;
  if (item.grantee != kInvalidOid) text = role_name(item.grantee);
  text += '=';
  for (const PrivilegeRow& row : kPrivileges) {
    if ((item.privileges & row.privilege) == 0) continue;
    text += row.letter;
    if ((item.grantable & row.privilege) != 0) text += '*';
  }
  return text + "/" + role_name(item.grantor);
}

void Grant(Acl& acl, AclObject object, Oid owner, const AclItem& granted) {
  Materialise(acl, object, owner);
  if (AclItem* item = FindItem(acl, granted.grantee, granted.grantor)) {
    item->privileges |= granted.privileges;
    item->grantable |= granted.grantable;
  } else {
    acl.items.push_back(granted);
  }
}

void Revoke(Acl& acl, AclObject object, Oid owner, const AclItem& revoked, bool grant_option_only) {
  Materialise(acl, object, owner);
  if (AclItem* item = FindItem(acl, revoked.grantee, revoked.grantor)) {
    item->grantable &= ~revoked.privileges;
    if (!grant_option_only) item->privileges &= ~revoked.privileges;
    if (item->privileges == 0) acl.items.erase(acl.items.begin() + (item - acl.items.data()));
  }
}

}  // namespace sundog::catalog
