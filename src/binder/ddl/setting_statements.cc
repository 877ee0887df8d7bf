// ALTER ROLE … SET and ALTER DATABASE … SET: what sessions begin with.
#include <algorithm>

#include "binder/ddl/ddl_binding.h"
#include "binder/ddl/object_names.h"
#include "catalog/ddl/permission.h"
#include "parser/pg_nodes.h"
#include "parser/session_command.h"

namespace sundog::binder {

using parser::As;

namespace {

std::string NameOf(const std::string& setting) { return setting.substr(0, setting.find('=')); }

void ChangeSettings(DdlRun& run, const catalog::SettingsOwner& owner,
                    const VariableSetStmt* change) {
  const auto& all = run.catalog().contents().settings;
  auto found = all.find(owner);
  catalog::SettingsDescriptor settings;
  if (found != all.end()) settings = found->second;
  std::vector<std::string>& values = settings.values;
  if (change->kind == VAR_RESET_ALL) {
    std::erase_if(values, [&](const std::string& one) { return run.target().MaySet(NameOf(one)); });
    return run.writer().SetSettings(owner, std::move(settings));
  }
  std::optional<std::string> value;
  if (change->kind == VAR_SET_VALUE) value = parser::SettingValue(change);
  if (change->kind == VAR_SET_CURRENT) value = run.target().ShowSetting(change->name);
  std::string name = run.target().CheckSetting(change->name, value);
  auto at = std::find_if(values.begin(), values.end(),
                         [&](const std::string& one) { return NameOf(one) == name; });
  if (!value) {
    if (at != values.end()) values.erase(at);
  } else if (at != values.end()) {
    *at = name + "=" + *value;
  } else {
    values.push_back(name + "=" + *value);
  }
  run.writer().SetSettings(owner, std::move(settings));
}

Oid BindDatabase(const DdlRun& run, const std::string& name) {
  if (name == run.target().context().database_name) return catalog::kPostgresDatabase;
  throw SqlError(sqlstate::kUndefinedDatabase, "database \"" + name + "\" does not exist");
}

void CheckOwnsDatabase(const DdlRun& run) {
  ddl::CheckOwns(run.writer(), catalog::kSuperuserRole, "database",
                 run.target().context().database_name);
}

void CheckMayAlterSettings(const DdlRun& run, const RoleSpec* name, Oid role) {
  auto refuse = [](const char* message) {
    throw SqlError(sqlstate::kInsufficientPrivilege, message);
  };
  if (name->roletype == ROLESPEC_CSTRING && std::string_view(name->rolename).starts_with("pg_")) {
    throw SqlError(sqlstate::kReservedName,
                   "role name \"" + std::string(name->rolename) + "\" is reserved")
        .Detail("Cannot alter reserved roles.");
  }
  if (run.catalog().FindRole(role)->superuser) {
    if (!run.catalog().IsSuperuser(run.writer().role())) {
      refuse("must be superuser to alter superusers");
    }
  } else if (!ddl::MayManageRoles(run.writer()) && role != run.writer().role()) {
    refuse("permission denied");
  }
}

}  // namespace

void RunAlterRoleSet(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterRoleSetStmt>(node);
  catalog::SettingsOwner owner;
  if (statement->role != nullptr) {
    owner.role = BindRole(run, statement->role);
    CheckMayAlterSettings(run, statement->role, owner.role);
  }
  if (statement->database != nullptr) {
    owner.database = BindDatabase(run, statement->database);
    if (statement->role == nullptr) CheckOwnsDatabase(run);
  }
  if (owner == catalog::SettingsOwner() && !run.catalog().IsSuperuser(run.writer().role())) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   "must be superuser to alter settings globally");
  }
  ChangeSettings(run, owner, statement->setstmt);
}

void RunAlterDatabaseSet(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterDatabaseSetStmt>(node);
  Oid database = BindDatabase(run, statement->dbname);
  CheckOwnsDatabase(run);
  ChangeSettings(run, {database, catalog::kInvalidOid}, statement->setstmt);
}

}  // namespace sundog::binder
