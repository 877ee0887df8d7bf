// CREATE ROLE, DROP ROLE, and membership.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/acl.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/owned.h"
#include "catalog/ddl/permission.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

[[noreturn]] void Refuse(std::string message) {
  throw SqlError(sqlstate::kInsufficientPrivilege, std::move(message));
}

void CheckMayCreate(const CatalogWriter& writer, const RoleDescriptor& role) {
  if (!writer.catalog().IsSuperuser(writer.role())) {
    if (role.superuser) Refuse("must be superuser to create superusers");
    if (role.replication) Refuse("must be superuser to create replication users");
    if (role.bypass_row_security) Refuse("must be superuser to create bypassrls users");
  }
  if (!MayManageRoles(writer)) Refuse("permission denied to create role");
}

void CheckMayChangeMembers(const CatalogWriter& writer, const RoleDescriptor& role) {
  if (role.superuser) {
    if (writer.catalog().IsSuperuser(writer.role())) return;
    Refuse("must be superuser to alter superusers");
  }
  // Whoever logged in as the role may let others in.
  bool self = role.oid == writer.role() && role.oid == writer.environment().session_role;
  bool may = MayManageRoles(writer) || HasAdminOption(writer.catalog(), writer.role(), role.oid);
  if (self || may) return;
  Refuse(fmt::format("must have admin option on role \"{}\"", role.name));
}

// A line each.
std::string DescribeDependents(const CatalogWriter& writer, const RoleDescriptor& role,
                               const std::vector<RoleDependent>& dependents) {
  std::string detail;
  auto add = [&](const std::string& line) {
    if (!detail.empty()) detail += '\n';
    detail += line;
  };
  for (const RoleDependent& one : dependents) {
    std::string described =
        one.object.class_oid == classes::kDatabase
            ? fmt::format("database {}", DatabaseName(one.object.object,
                                                      writer.environment().database_name))
            : DescribeObject(writer.catalog(), writer.search_path(), one.object);
    switch (one.kind) {
      case RoleDependent::Kind::kOwner: add("owner of " + described); break;
      case RoleDependent::Kind::kPrivileges: add("privileges for " + described); break;
      case RoleDependent::Kind::kPolicy: add("target of " + described); break;
    }
  }
  for (const IamTrust& trust : role.iam_trusts) add("IAM trust with " + trust.arn);
  return detail;
}

}  // namespace

Oid CreateRole(CatalogWriter& writer, RoleDescriptor role) {
  CheckMayCreate(writer, role);
  if (role.name.starts_with("pg_")) {
    throw SqlError(sqlstate::kReservedName, fmt::format("role name \"{}\" is reserved", role.name))
        .Detail("Role names starting with \"pg_\" are reserved.");
  }
  if (role.name == "public" || role.name == "none") {
    throw SqlError(sqlstate::kReservedName, fmt::format("role name \"{}\" is reserved", role.name));
  }
  if (writer.catalog().FindRole(role.name) != nullptr) {
    throw SqlError(sqlstate::kDuplicateObject,
                   fmt::format("role \"{}\" already exists", role.name));
  }
  role.oid = writer.NewOid(kPublicSchema);
  Oid oid = role.oid;
  writer.Put(std::move(role));
  return oid;
}

void DropRole(CatalogWriter& writer, Oid role_oid) {
  const RoleDescriptor role = *writer.catalog().FindRole(role_oid);
  if (role_oid == writer.role()) {
    throw SqlError(sqlstate::kObjectInUse, "current user cannot be dropped");
  }
  if (role_oid == writer.environment().session_role) {
    throw SqlError(sqlstate::kObjectInUse, "session user cannot be dropped");
  }
  if (role.superuser && !writer.catalog().IsSuperuser(writer.role())) {
    Refuse("must be superuser to drop superusers");
  }
  std::vector<RoleDependent> dependents = FindRoleDependents(writer.catalog(), role_oid);
  if (!dependents.empty() || !role.iam_trusts.empty() || role_oid < types::kFirstUserOid) {
    throw SqlError(sqlstate::kDependentObjectsStillExist,
                   fmt::format("role \"{}\" cannot be dropped because some objects depend on it",
                               role.name))
        .Detail(DescribeDependents(writer, role, dependents));
  }
  std::vector<RoleDescriptor> members;
  for (const auto& other : writer.catalog().contents().roles) {
    auto is_it = [&](const RoleMembership& m) { return m.role == role_oid; };
    if (std::any_of(other->member_of.begin(), other->member_of.end(), is_it)) {
      members.push_back(*other);
      std::erase_if(members.back().member_of, is_it);
    }
  }
  for (RoleDescriptor& member : members) writer.Put(std::move(member));
  for (Oid database : {kInvalidOid, kPostgresDatabase}) {
    writer.SetSettings({database, role_oid}, {});
  }
  writer.DropRole(role_oid);
}

void GrantRole(CatalogWriter& writer, Oid role, Oid member, bool admin_option) {
  const Catalog& catalog = writer.catalog();
  const RoleDescriptor* granted = catalog.FindRole(role);
  CheckMayChangeMembers(writer, *granted);
  if (role == kDatabaseOwnerRole) {
    throw SqlError(sqlstate::kInternalError,
                   fmt::format("role \"{}\" cannot have explicit members", granted->name));
  }
  RoleDescriptor changed = *catalog.FindRole(member);
  auto reaches_back = [&] {
    const RoleDescriptor* target = catalog.FindRole(role);
    return role == member || (!target->superuser && catalog.IsMemberOf(role, member));
  };
  if (reaches_back()) {
    throw SqlError(sqlstate::kInvalidGrantOperation,
                   fmt::format("role \"{}\" is a member of role \"{}\"", granted->name,
                               changed.name));
  }
  for (RoleMembership& membership : changed.member_of) {
    if (membership.role != role) continue;
    if (membership.admin_option || !admin_option) {
      base::ErrorFields fields;
      fields.severity = base::Severity::kNotice;
      fields.state = sqlstate::kSuccessfulCompletion;
      fields.message = fmt::format("role \"{}\" is already a member of role \"{}\"", changed.name,
                                   granted->name);
      return writer.Notice(fields);
    }
    membership.admin_option = true;
    return writer.Put(std::move(changed));
  }
  changed.member_of.push_back({role, writer.role(), admin_option});
  writer.Put(std::move(changed));
}

void RevokeRole(CatalogWriter& writer, Oid role, Oid member, bool admin_option_only) {
  CheckMayChangeMembers(writer, *writer.catalog().FindRole(role));
  RoleDescriptor changed = *writer.catalog().FindRole(member);
  auto at = std::find_if(changed.member_of.begin(), changed.member_of.end(),
                         [&](const RoleMembership& m) { return m.role == role; });
  if (at == changed.member_of.end()) {
    base::ErrorFields fields;
    fields.severity = base::Severity::kWarning;
    fields.state = sqlstate::kWarning;
    fields.message = fmt::format("role \"{}\" is not a member of role \"{}\"", changed.name,
                                 writer.catalog().FindRole(role)->name);
    return writer.Notice(fields);
  }
  if (admin_option_only) {
    at->admin_option = false;
  } else {
    changed.member_of.erase(at);
  }
  writer.Put(std::move(changed));
}

}  // namespace sundog::catalog::ddl
