// Access control lists: PostgreSQL's defaults, aclitem text, and who holds what.
#pragma once

#include <string>
#include <string_view>

#include "catalog/object_address.h"

namespace sundog::catalog {

class Catalog;

enum class AclObject : char {
  kRelation = 'r',
  kSequence = 's',
  kColumn = 'c',
  kDatabase = 'd',
  kFunction = 'f',
  kLanguage = 'l',
  kSchema = 'n',
  kTablespace = 't',
  kType = 'T',
};

// All privileges that objects of this kind have.
uint32_t AllPrivileges(AclObject object);
// The list that a default one stands for: the owner's, and PUBLIC's where PostgreSQL gives some.
std::vector<AclItem> DefaultAcl(AclObject object, Oid owner);
// Of functions: those that come with the database are everybody's, but for some that are
// superusers' only, unless something else was granted.
const Acl& FunctionAcl(const Catalog& catalog, Oid function);
const Acl& DatabaseAcl(const Catalog& catalog, Oid database);
// The list itself, or its default.
std::vector<AclItem> EffectiveAcl(const Acl& acl, AclObject object, Oid owner);

// Whether `role` (directly, as member of others, or as PUBLIC) holds all of `privileges`; with
// `grant_option`, WITH GRANT OPTION. Superusers and owners hold all.
bool HasPrivileges(const Catalog& catalog, const Acl& acl, AclObject object, Oid owner, Oid role,
                   uint32_t privileges, bool grant_option = false);
bool HasAnyPrivilege(const Catalog& catalog, const Acl& acl, AclObject object, Oid owner, Oid role,
                     uint32_t privileges);

// Whether `member`, or a role that it is a member of, has been granted `role` WITH ADMIN OPTION.
bool HasAdminOption(const Catalog& catalog, Oid member, Oid role);

// `permission denied for table t`; `kind` in words.
std::string DenialText(std::string_view kind, std::string_view name);
// Throws that, with 42501.
[[noreturn]] void ThrowDenied(std::string_view kind, std::string_view name);

// "SELECT" → kSelect; 0 if unknown. Any case.
uint32_t PrivilegeByName(std::string_view name);
std::string_view PrivilegeName(Privilege privilege);
// "postgres=arwdDxt/postgres"
std::string AclItemText(const Catalog& catalog, const AclItem& item);

// GRANT and REVOKE of privileges to one grantee, in place; `owner` and `object` give the default
// list that a default one becomes first.
void Grant(Acl& acl, AclObject object, Oid owner, const AclItem& granted);
// With `grant_option_only`, takes the grant option alone. What the grantee has passed on goes too
// with `cascade`, else it is in the way (2BP01).
void Revoke(Acl& acl, AclObject object, Oid owner, const AclItem& revoked, bool grant_option_only,
            bool cascade = false);
// As whom `role` grants `privileges` best: itself, the owner or a role it is a member of; and which
// of them that role may grant.
struct Grantor {
  Oid role;
  uint32_t grantable;
};
Grantor BestGrantor(const Catalog& catalog, const Acl& acl, AclObject object, Oid owner, Oid role,
                    uint32_t privileges);

}  // namespace sundog::catalog
