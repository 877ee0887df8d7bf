// Roles and databases: pg_authid, pg_roles, pg_user, pg_shadow, pg_group, pg_auth_members,
// pg_database, pg_db_role_setting, pg_default_acl.
#include <algorithm>

#include "catalog/acl.h"
#include "catalog/builtin_objects.h"
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

namespace {

// --- roles ---

struct RoleRow {
  const RoleDescriptor* role;
};

void ListRoles(const VirtualContext& context, std::vector<RoleRow>& rows) {
  for (const RoleDescriptor& role : BuiltinObjects::Get().roles()) {
    rows.push_back({context.catalog->FindRole(role.oid)});
  }
  for (const auto& role : context.catalog->contents().roles) {
    if (context.catalog->FindRole(role->oid) == role.get() &&
        std::none_of(rows.begin(), rows.end(),
                     [&](const RoleRow& row) { return row.role == role.get(); })) {
      rows.push_back({role.get()});
    }
  }
  std::sort(rows.begin(), rows.end(),
            [](const RoleRow& a, const RoleRow& b) { return a.role->oid < b.role->oid; });
}

void ListUsers(const VirtualContext& context, std::vector<RoleRow>& rows) {
  ListRoles(context, rows);
  std::erase_if(rows, [](const RoleRow& row) { return !row.role->login; });
}

void ListGroups(const VirtualContext& context, std::vector<RoleRow>& rows) {
  ListRoles(context, rows);
  std::erase_if(rows, [](const RoleRow& row) { return row.role->login; });
}

void ValidUntil(const RoleRow& row, Cell& cell) {
  row.role->valid_until.empty()
      ? cell.Null()
      : cell.Parsed({types::oids::kTimestamptz, -1}, row.role->valid_until);
}

void Settings(const RoleRow& row, Cell& cell) {
  const auto& settings = cell.catalog().contents().settings;
  auto found = settings.find({kInvalidOid, row.role->oid});
  found == settings.end() ? cell.Null() : cell.TextArray(found->second.values);
}

constexpr ColumnGetter<RoleRow> kAuthidColumns[] = {
    {"oid", [](const RoleRow& row, Cell& cell) { cell.Oid(row.role->oid); }},
    {"rolname", [](const RoleRow& row, Cell& cell) { cell.Text(row.role->name); }},
    {"rolsuper", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->superuser); }},
    {"rolinherit", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->inherit); }},
    {"rolcreaterole", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->create_role); }},
    {"rolcreatedb", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->create_database); }},
    {"rolcanlogin", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->login); }},
    {"rolreplication", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->replication); }},
    {"rolbypassrls",
     [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->bypass_row_security); }},
    {"rolconnlimit", [](const RoleRow& row, Cell& cell) { cell.Int4(row.role->connection_limit); }},
    {"rolpassword", [](const RoleRow& row, Cell& cell) { cell.TextOrNull(row.role->password); }},
    {"rolvaliduntil", ValidUntil},
};

constexpr ColumnGetter<RoleRow> kRolesColumns[] = {
    {"oid", [](const RoleRow& row, Cell& cell) { cell.Oid(row.role->oid); }},
    {"rolname", [](const RoleRow& row, Cell& cell) { cell.Text(row.role->name); }},
    {"rolsuper", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->superuser); }},
    {"rolinherit", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->inherit); }},
    {"rolcreaterole", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->create_role); }},
    {"rolcreatedb", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->create_database); }},
    {"rolcanlogin", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->login); }},
    {"rolreplication", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->replication); }},
    {"rolbypassrls",
     [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->bypass_row_security); }},
    {"rolconnlimit", [](const RoleRow& row, Cell& cell) { cell.Int4(row.role->connection_limit); }},
    {"rolpassword", [](const RoleRow&, Cell& cell) { cell.Text("********"); }},
    {"rolvaliduntil", ValidUntil},
    {"rolconfig", Settings},
};

constexpr ColumnGetter<RoleRow> kUserColumns[] = {
    {"usename", [](const RoleRow& row, Cell& cell) { cell.Text(row.role->name); }},
    {"usesysid", [](const RoleRow& row, Cell& cell) { cell.Oid(row.role->oid); }},
    {"usecreatedb", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->create_database); }},
    {"usesuper", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->superuser); }},
    {"userepl", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->replication); }},
    {"usebypassrls",
     [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->bypass_row_security); }},
    {"passwd", [](const RoleRow&, Cell& cell) { cell.Text("********"); }},
    {"valuntil", ValidUntil},
    {"useconfig", Settings},
};

constexpr ColumnGetter<RoleRow> kShadowColumns[] = {
    {"usename", [](const RoleRow& row, Cell& cell) { cell.Text(row.role->name); }},
    {"usesysid", [](const RoleRow& row, Cell& cell) { cell.Oid(row.role->oid); }},
    {"usecreatedb", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->create_database); }},
    {"usesuper", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->superuser); }},
    {"userepl", [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->replication); }},
    {"usebypassrls",
     [](const RoleRow& row, Cell& cell) { cell.Bool(row.role->bypass_row_security); }},
    {"passwd", [](const RoleRow& row, Cell& cell) { cell.TextOrNull(row.role->password); }},
    {"valuntil", ValidUntil},
    {"useconfig", Settings},
};

constexpr ColumnGetter<RoleRow> kGroupColumns[] = {
    {"groname", [](const RoleRow& row, Cell& cell) { cell.Text(row.role->name); }},
    {"grosysid", [](const RoleRow& row, Cell& cell) { cell.Oid(row.role->oid); }},
    {"grolist",
     [](const RoleRow& row, Cell& cell) {
       std::vector<RoleRow> all;
       ListRoles(cell.context(), all);
       std::vector<Oid> members;
       for (const RoleRow& other : all) {
         for (const RoleMembership& membership : other.role->member_of) {
           if (membership.role == row.role->oid) members.push_back(other.role->oid);
         }
       }
       cell.OidArray(members);
     }},
};

struct MemberRow {
  Oid member;
  RoleMembership membership;
};

void ListMembers(const VirtualContext& context, std::vector<MemberRow>& rows) {
  std::vector<RoleRow> roles;
  ListRoles(context, roles);
  for (const RoleRow& row : roles) {
    for (const RoleMembership& membership : row.role->member_of) {
      rows.push_back({row.role->oid, membership});
    }
  }
}

constexpr ColumnGetter<MemberRow> kMemberColumns[] = {
    {"roleid", [](const MemberRow& row, Cell& cell) { cell.Oid(row.membership.role); }},
    {"member", [](const MemberRow& row, Cell& cell) { cell.Oid(row.member); }},
    {"grantor", [](const MemberRow& row, Cell& cell) { cell.Oid(row.membership.grantor); }},
    {"admin_option",
     [](const MemberRow& row, Cell& cell) { cell.Bool(row.membership.admin_option); }},
};

// --- pg_database: the session's own, and the templates that every PostgreSQL server has ---

struct DatabaseRow {
  Oid oid;
  std::string name;
  bool is_template;
  bool allows_connections;
};

void ListDatabases(const VirtualContext& context, std::vector<DatabaseRow>& rows) {
  rows.push_back({kPostgresDatabase, std::string(context.services->database_name()), false, true});
  rows.push_back({kTemplate1Database, "template1", true, true});
  rows.push_back({kTemplate0Database, "template0", true, false});
}

constexpr ColumnGetter<DatabaseRow> kDatabaseColumns[] = {
    {"oid", [](const DatabaseRow& row, Cell& cell) { cell.Oid(row.oid); }},
    {"datname", [](const DatabaseRow& row, Cell& cell) { cell.Text(row.name); }},
    {"datdba", [](const DatabaseRow&, Cell& cell) { cell.Oid(kSuperuserRole); }},
    {"encoding", [](const DatabaseRow&, Cell& cell) { cell.Int4(6); }},
    {"datlocprovider", [](const DatabaseRow&, Cell& cell) { cell.Char('c'); }},
    {"datistemplate", [](const DatabaseRow& row, Cell& cell) { cell.Bool(row.is_template); }},
    {"datallowconn",
     [](const DatabaseRow& row, Cell& cell) { cell.Bool(row.allows_connections); }},
    {"datconnlimit", [](const DatabaseRow&, Cell& cell) { cell.Int4(-1); }},
    {"datfrozenxid", [](const DatabaseRow&, Cell& cell) { cell.Oid(716); }},
    {"datminmxid", [](const DatabaseRow&, Cell& cell) { cell.Oid(1); }},
    {"dattablespace", [](const DatabaseRow&, Cell& cell) { cell.Oid(1663); }},
    {"datcollate", [](const DatabaseRow&, Cell& cell) { cell.Text("C.UTF-8"); }},
    {"datctype", [](const DatabaseRow&, Cell& cell) { cell.Text("C.UTF-8"); }},
    {"datacl",
     [](const DatabaseRow& row, Cell& cell) {
       cell.AclOrNull(DatabaseAcl(cell.catalog(), row.oid));
     }},
};

// --- pg_db_role_setting ---

struct SettingsRow {
  SettingsOwner owner;
  const SettingsDescriptor* settings;
};

void ListSettings(const VirtualContext& context, std::vector<SettingsRow>& rows) {
  for (const auto& [owner, settings] : context.catalog->contents().settings) {
    rows.push_back({owner, &settings});
  }
}

constexpr ColumnGetter<SettingsRow> kSettingsColumns[] = {
    {"setdatabase", [](const SettingsRow& row, Cell& cell) { cell.Oid(row.owner.database); }},
    {"setrole", [](const SettingsRow& row, Cell& cell) { cell.Oid(row.owner.role); }},
    {"setconfig",
     [](const SettingsRow& row, Cell& cell) { cell.TextArray(row.settings->values); }},
};

// --- pg_default_acl ---

struct DefaultAclRow {
  const DefaultAclDescriptor* acl;
};

void ListDefaultAcls(const VirtualContext& context, std::vector<DefaultAclRow>& rows) {
  for (const auto& acl : context.catalog->contents().default_acls) rows.push_back({acl.get()});
}

constexpr ColumnGetter<DefaultAclRow> kDefaultAclColumns[] = {
    {"oid", [](const DefaultAclRow& row, Cell& cell) { cell.Oid(row.acl->oid); }},
    {"defaclrole", [](const DefaultAclRow& row, Cell& cell) { cell.Oid(row.acl->role); }},
    {"defaclnamespace", [](const DefaultAclRow& row, Cell& cell) { cell.Oid(row.acl->schema); }},
    {"defaclobjtype", [](const DefaultAclRow& row, Cell& cell) { cell.Char(row.acl->object); }},
    {"defaclacl", [](const DefaultAclRow& row, Cell& cell) { cell.AclOrNull(row.acl->acl); }},
};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_authid", [] { return MakeTable<RoleRow>(ListRoles, kAuthidColumns); }},
    {kPgCatalogSchema, "pg_roles", [] { return MakeTable<RoleRow>(ListRoles, kRolesColumns); }},
    {kPgCatalogSchema, "pg_user", [] { return MakeTable<RoleRow>(ListUsers, kUserColumns); }},
    {kPgCatalogSchema, "pg_shadow", [] { return MakeTable<RoleRow>(ListUsers, kShadowColumns); }},
    {kPgCatalogSchema, "pg_group", [] { return MakeTable<RoleRow>(ListGroups, kGroupColumns); }},
    {kPgCatalogSchema, "pg_auth_members",
     [] { return MakeTable<MemberRow>(ListMembers, kMemberColumns); }},
    {kPgCatalogSchema, "pg_database",
     [] { return MakeTable<DatabaseRow>(ListDatabases, kDatabaseColumns); }},
    {kPgCatalogSchema, "pg_db_role_setting",
     [] { return MakeTable<SettingsRow>(ListSettings, kSettingsColumns); }},
    {kPgCatalogSchema, "pg_default_acl",
     [] { return MakeTable<DefaultAclRow>(ListDefaultAcls, kDefaultAclColumns); }},
};

}  // namespace

std::span<const TableDefinition> RoleTables() { return kTables; }

}  // namespace sundog::catalog::system
