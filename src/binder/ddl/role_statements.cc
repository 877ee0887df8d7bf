// CREATE, ALTER and DROP ROLE; GRANT of roles; DROP and REASSIGN OWNED.
#include <algorithm>
#include <tuple>

#include "binder/bind_utility.h"
#include "binder/ddl/ddl_binding.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/owned.h"
#include "catalog/ddl/permission.h"
#include "parser/pg_nodes.h"
#include "types/io_settings.h"
#include "types/oids.h"
#include "types/type_info.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// Memberships that the statement asks for, beside the role's own attributes.
struct RoleLists {
  const List* in_roles = nullptr;
  const List* members = nullptr;
  const List* admins = nullptr;
};

struct FlagRow {
  std::string_view name;
  bool catalog::RoleDescriptor::*flag;
};
constexpr FlagRow kFlags[] = {
    {"superuser", &catalog::RoleDescriptor::superuser},
    {"inherit", &catalog::RoleDescriptor::inherit},
    {"createrole", &catalog::RoleDescriptor::create_role},
    {"createdb", &catalog::RoleDescriptor::create_database},
    {"canlogin", &catalog::RoleDescriptor::login},
    {"isreplication", &catalog::RoleDescriptor::replication},
    {"bypassrls", &catalog::RoleDescriptor::bypass_row_security},
};

bool SetFlag(const DefElem* option, catalog::RoleDescriptor& role) {
  for (const FlagRow& row : kFlags) {
    if (row.name != option->defname) continue;
    role.*row.flag = As<Boolean>(option->arg)->boolval;
    return true;
  }
  return false;
}

// As the session reads it now, in a form that every session reads alike.
std::string StoredTimestamp(const DdlRun& run, const std::string& text) {
  base::Arena arena{256};
  types::SqlType type{types::oids::kTimestamptz, -1};
  types::Datum value = types::InputText(run.target().context().io, type, text, arena);
  const types::BuiltinTypes& builtin = types::BuiltinTypes::Get();
  types::IoSettings settings;
  std::string stored;
  types::OutputText({&builtin, &settings, nullptr}, *builtin.FindType(type.oid), value, stored);
  return stored;
}

void SetOptions(const DdlRun& run, const List* options, catalog::RoleDescriptor& role,
                RoleLists& lists) {
  for (const DefElem* option : parser::Each<DefElem>(options)) {
    if (SetFlag(option, role)) continue;
    std::string_view name = option->defname;
    if (name == "password") {
      role.password = option->arg == nullptr
                          ? ""
                          : run.target().PasswordVerifier(parser::Text(option->arg));
    } else if (name == "connectionlimit") {
      role.connection_limit = As<Integer>(option->arg)->ival;
      if (role.connection_limit < -1) {
        throw SqlError(sqlstate::kInvalidParameterValue,
                       "invalid connection limit: " + std::to_string(role.connection_limit));
      }
    } else if (name == "validUntil") {
      role.valid_until = StoredTimestamp(run, OptionText(option));
    } else if (name == "addroleto") {
      lists.in_roles = As<List>(option->arg);
    } else if (name == "rolemembers") {
      lists.members = As<List>(option->arg);
    } else if (name == "adminmembers") {
      lists.admins = As<List>(option->arg);
    } else if (name != "sysid") {
      base::ThrowNotSupported("role option " + std::string(name), option->location);
    }
  }
}

void GrantLists(DdlRun& run, Oid role, const RoleLists& lists) {
  for (const RoleSpec* other : parser::Each<RoleSpec>(lists.in_roles)) {
    ddl::GrantRole(run.writer(), BindRole(run, other), role, false);
  }
  for (const RoleSpec* other : parser::Each<RoleSpec>(lists.members)) {
    ddl::GrantRole(run.writer(), role, BindRole(run, other), false);
  }
  for (const RoleSpec* other : parser::Each<RoleSpec>(lists.admins)) {
    ddl::GrantRole(run.writer(), role, BindRole(run, other), true);
  }
}

}  // namespace

void RunCreateRole(DdlRun& run, const Node* node) {
  const auto* statement = As<CreateRoleStmt>(node);
  catalog::RoleDescriptor role;
  role.name = statement->role;
  role.login = statement->stmt_type == ROLESTMT_USER;
  RoleLists lists;
  SetOptions(run, statement->options, role, lists);
  GrantLists(run, ddl::CreateRole(run.writer(), std::move(role)), lists);
}

namespace {

void CheckMayAlter(const DdlRun& run, const catalog::RoleDescriptor& role, const List* options) {
  auto refuse = [](const char* message) {
    throw SqlError(sqlstate::kInsufficientPrivilege, message);
  };
  auto names = [&](std::string_view wanted) {
    for (const DefElem* option : parser::Each<DefElem>(options)) {
      if (wanted == option->defname) return true;
    }
    return false;
  };
  if (run.catalog().IsSuperuser(run.writer().role())) return;
  if (role.superuser || names("superuser")) {
    refuse("must be superuser to alter superuser roles or change superuser attribute");
  }
  if (role.replication || names("isreplication")) {
    refuse("must be superuser to alter replication roles or change replication attribute");
  }
  if (names("bypassrls")) refuse("must be superuser to change bypassrls attribute");
  bool own_password = role.oid == run.writer().role() && parser::Length(options) == 1 &&
                      names("password");
  if (!ddl::MayManageRoles(run.writer()) && !own_password) refuse("permission denied");
}

}  // namespace

void RunAlterRole(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterRoleStmt>(node);
  Oid oid = BindRole(run, statement->role);
  catalog::RoleDescriptor role = *run.catalog().FindRole(oid);
  CheckMayAlter(run, role, statement->options);
  RoleLists lists;
  SetOptions(run, statement->options, role, lists);
  run.writer().Put(std::move(role));
  for (const RoleSpec* member : parser::Each<RoleSpec>(lists.members)) {
    if (statement->action > 0) {
      ddl::GrantRole(run.writer(), oid, BindRole(run, member), false);
    } else {
      ddl::RevokeRole(run.writer(), oid, BindRole(run, member), false);
    }
  }
}

void RunDropRole(DdlRun& run, const Node* node) {
  const auto* statement = As<DropRoleStmt>(node);
  if (!ddl::MayManageRoles(run.writer())) {
    throw SqlError(sqlstate::kInsufficientPrivilege, "permission denied to drop role");
  }
  for (const RoleSpec* role : parser::Each<RoleSpec>(statement->roles)) {
    if (role->roletype != ROLESPEC_CSTRING) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     "cannot use special role specifier in DROP ROLE");
    }
    const catalog::RoleDescriptor* found = run.catalog().FindRole(role->rolename);
    if (found == nullptr) {
      if (!statement->missing_ok) BindRole(run, role);
      NoticeMissing(run, "role \"" + std::string(role->rolename) + "\" does not exist");
      continue;
    }
    ddl::DropRole(run.writer(), found->oid);
  }
}

void RunGrantRole(DdlRun& run, const Node* node) {
  const auto* statement = As<GrantRoleStmt>(node);
  for (const AccessPriv* granted : parser::Each<AccessPriv>(statement->granted_roles)) {
    const catalog::RoleDescriptor* role = run.catalog().FindRole(granted->priv_name);
    if (role == nullptr) {
      throw SqlError(sqlstate::kUndefinedObject,
                     "role \"" + std::string(granted->priv_name) + "\" does not exist");
    }
    for (const RoleSpec* member : parser::Each<RoleSpec>(statement->grantee_roles)) {
      if (statement->is_grant) {
        ddl::GrantRole(run.writer(), role->oid, BindRole(run, member), statement->admin_opt);
      } else {
        ddl::RevokeRole(run.writer(), role->oid, BindRole(run, member), statement->admin_opt);
      }
    }
  }
}

namespace {

std::vector<Oid> BindRoles(const DdlRun& run, const List* names) {
  std::vector<Oid> roles;
  for (const RoleSpec* name : parser::Each<RoleSpec>(names)) roles.push_back(BindRole(run, name));
  return roles;
}

void CheckHasPrivilegesOf(const DdlRun& run, Oid role, const char* refusal) {
  if (run.catalog().HasPrivilegesOf(run.writer().role(), role)) return;
  throw SqlError(sqlstate::kInsufficientPrivilege, refusal);
}

}  // namespace

void RunDropOwned(DdlRun& run, const Node* node) {
  const auto* statement = As<DropOwnedStmt>(node);
  std::vector<Oid> roles = BindRoles(run, statement->roles);
  for (Oid role : roles) CheckHasPrivilegesOf(run, role, "permission denied to drop objects");
  std::vector<catalog::ObjectAddress> objects;
  for (Oid role : roles) {
    std::vector<catalog::ObjectAddress> left = ddl::ReleaseOwned(run.writer(), role);
    objects.insert(objects.end(), left.begin(), left.end());
  }
  // The newest first: the order of reports. A role may be named twice.
  std::sort(objects.begin(), objects.end(), [](const auto& a, const auto& b) {
    return std::tuple(b.object, a.class_oid) < std::tuple(a.object, b.class_oid);
  });
  objects.erase(std::unique(objects.begin(), objects.end()), objects.end());
  DropFound(run, objects, statement->behavior == DROP_CASCADE);
}

void RunReassignOwned(DdlRun& run, const Node* node) {
  const auto* statement = As<ReassignOwnedStmt>(node);
  constexpr const char* kRefusal = "permission denied to reassign objects";
  std::vector<Oid> roles = BindRoles(run, statement->roles);
  for (Oid role : roles) CheckHasPrivilegesOf(run, role, kRefusal);
  Oid owner = BindRole(run, statement->newrole);
  CheckHasPrivilegesOf(run, owner, kRefusal);
  for (Oid role : roles) ddl::ReassignOwned(run.writer(), role, owner);
}

}  // namespace sundog::binder
