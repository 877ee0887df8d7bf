#include "catalog/acl.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <bit>

#include "base/sql_error.h"
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

namespace {

const Acl& BuiltinFunctionAcl(Oid function) {
  constexpr Oid kMonitor = 3373;
  constexpr Oid kReadAllStats = 3375;
  constexpr Oid kOfMonitor[] = {3353, 3354, 5029, 5030, 5031, 6270, 6271, 6272};
  constexpr Oid kOfReadAllStats[] = {2282, 5052};
  constexpr Oid kOfSuperusers[] = {
      764,  765,  767,  2172, 2274, 2307, 2621, 2622, 2623, 2624, 2625, 2739, 2848,
      3071, 3072, 3098, 3293, 3295, 3297, 3307, 3329, 3400, 3401, 3436, 3775, 3776,
      3777, 3800, 3801, 3826, 3827, 3828, 4543, 6003, 6004, 6005, 6006, 6007, 6008,
      6009, 6010, 6011, 6012, 6013, 6014, 6170, 6230, 6232, 6250};
  static const Acl everybody;
  static const Acl superusers{false, {{kSuperuserRole, kSuperuserRole, kExecute, 0}}};
  static const Acl monitor{false,
                           {{kSuperuserRole, kSuperuserRole, kExecute, 0},
                            {kMonitor, kSuperuserRole, kExecute, 0}}};
  static const Acl readers{false,
                           {{kSuperuserRole, kSuperuserRole, kExecute, 0},
                            {kReadAllStats, kSuperuserRole, kExecute, 0}}};
  auto contains = [function](const auto& list) {
    return std::find(std::begin(list), std::end(list), function) != std::end(list);
  };
  if (contains(kOfSuperusers)) return superusers;
  if (contains(kOfMonitor)) return monitor;
  return contains(kOfReadAllStats) ? readers : everybody;
}

}  // namespace

const Acl& FunctionAcl(const Catalog& catalog, Oid function) {
  const CatalogContents& contents = catalog.contents();
  if (const auto* descriptor = contents.functions.Get(function)) return descriptor->acl;
  auto granted = contents.acls.find({classes::kProc, function, 0});
  return granted != contents.acls.end() ? granted->second : BuiltinFunctionAcl(function);
}

const Acl& DatabaseAcl(const Catalog& catalog, Oid database) {
  static const Acl templates{
      false,
      {{kInvalidOid, kSuperuserRole, kConnect, 0},
       {kSuperuserRole, kSuperuserRole, kCreate | kTemporary | kConnect, 0}}};
  bool is_template = database == kTemplate0Database || database == kTemplate1Database;
  const Acl& granted = catalog.FindAcl({classes::kDatabase, database, 0});
  return is_template && granted.is_default ? templates : granted;
}

std::vector<AclItem> EffectiveAcl(const Acl& acl, AclObject object, Oid owner) {
  return acl.is_default ? DefaultAcl(object, owner) : acl.items;
}

namespace {

// The predefined roles that stand for privileges on everything of a kind.
constexpr Oid kReadAllData = 6181;
constexpr Oid kWriteAllData = 6182;

uint32_t PredefinedPrivileges(const Catalog& catalog, AclObject object, Oid role,
                              uint32_t missing) {
  constexpr uint32_t kWrites = kInsert | kUpdate | kDelete;
  uint32_t given = 0;
  if (object == AclObject::kRelation || object == AclObject::kSequence) {
    if ((missing & kSelect) != 0 && catalog.HasPrivilegesOf(role, kReadAllData)) given |= kSelect;
    if ((missing & kWrites) != 0 && catalog.HasPrivilegesOf(role, kWriteAllData)) given |= kWrites;
  } else if (object == AclObject::kSchema && (missing & kUsage) != 0) {
    bool all = catalog.HasPrivilegesOf(role, kReadAllData) ||
               catalog.HasPrivilegesOf(role, kWriteAllData);
    if (all) given |= kUsage;
  }
  return given & missing;
}

// The privileges of `wanted` that `role` holds.
uint32_t Held(const Catalog& catalog, const Acl& acl, AclObject object, Oid owner, Oid role,
              uint32_t wanted, bool grant_option) {
  if (catalog.IsSuperuser(role)) return wanted;
  // Owners implicitly hold all grant options, and without a list all there is.
  bool owns = grant_option || acl.is_default;
  if (owns && object != AclObject::kColumn && catalog.HasPrivilegesOf(role, owner)) return wanted;
  uint32_t held = 0;
  for (const AclItem& item : EffectiveAcl(acl, object, owner)) {
    uint32_t given = (grant_option ? item.grantable : item.privileges) & wanted;
    if ((given & ~held) == 0) continue;
    if (item.grantee == kInvalidOid || catalog.HasPrivilegesOf(role, item.grantee)) held |= given;
  }
  if (held != wanted && !grant_option) {
    held |= PredefinedPrivileges(catalog, object, role, wanted & ~held);
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

bool HasAdminOption(const Catalog& catalog, Oid member, Oid role) {
  if (catalog.IsSuperuser(member)) return true;
  auto has_option = [&](const RoleDescriptor& holder) {
    return std::any_of(holder.member_of.begin(), holder.member_of.end(),
                       [&](const RoleMembership& membership) {
                         return membership.role == role && membership.admin_option;
                       });
  };
  for (const auto& holder : catalog.contents().roles) {
    if (has_option(*holder) && catalog.IsMemberOf(member, holder->oid)) return true;
  }
  return false;
}

std::string DenialText(std::string_view kind, std::string_view name) {
  return "permission denied for " + std::string(kind) + " " + std::string(name);
}

void ThrowDenied(std::string_view kind, std::string_view name) {
  throw SqlError(sqlstate::kInsufficientPrivilege, DenialText(kind, name));
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

namespace {

// Takes back what `grantee`, who has lost the option to grant `lost`, has granted.
void RevokeDependent(Acl& acl, AclObject object, Oid owner, Oid grantee, uint32_t lost,
                     bool cascade) {
  if (grantee == owner) return;
  for (const AclItem& item : acl.items) {
    if (item.grantee == grantee) lost &= ~item.grantable;
  }
  auto depends = [&](const AclItem& item) {
    return item.grantor == grantee && (item.privileges & lost) != 0;
  };
  while (true) {
    auto found = std::find_if(acl.items.begin(), acl.items.end(), depends);
    if (found == acl.items.end()) return;
    if (!cascade) {
      throw SqlError(sqlstate::kDependentObjectsStillExist, "dependent privileges exist")
          .Hint("Use CASCADE to revoke them too.");
    }
    Revoke(acl, object, owner, {found->grantee, grantee, lost, lost}, false, true);
  }
}

}  // namespace

void Revoke(Acl& acl, AclObject object, Oid owner, const AclItem& revoked, bool grant_option_only,
            bool cascade) {
  Materialise(acl, object, owner);
  AclItem* item = FindItem(acl, revoked.grantee, revoked.grantor);
  if (item == nullptr) return;
  uint32_t lost = item->grantable & revoked.privileges;
  item->grantable &= ~revoked.privileges;
  if (!grant_option_only) item->privileges &= ~revoked.privileges;
  if (item->privileges == 0) acl.items.erase(acl.items.begin() + (item - acl.items.data()));
  if (lost != 0) RevokeDependent(acl, object, owner, revoked.grantee, lost, cascade);
}

Grantor BestGrantor(const Catalog& catalog, const Acl& acl, AclObject object, Oid owner, Oid role,
                    uint32_t privileges) {
  if (catalog.HasPrivilegesOf(role, owner)) return {owner, privileges};
  Grantor best{role, 0};
  int best_count = 0;
  auto offer = [&](Oid candidate) {
    uint32_t grantable = 0;
    for (const AclItem& item : EffectiveAcl(acl, object, owner)) {
      if (item.grantee == candidate) grantable |= item.grantable & privileges;
    }
    int count = std::popcount(grantable);
    if (count <= best_count) return;
    best = {candidate, grantable};
    best_count = count;
  };
  offer(role);
  for (const AclItem& item : EffectiveAcl(acl, object, owner)) {
    bool other = item.grantee != kInvalidOid && item.grantee != role;
    if (other && catalog.HasPrivilegesOf(role, item.grantee)) offer(item.grantee);
  }
  return best;
}

}  // namespace sundog::catalog
