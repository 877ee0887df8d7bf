// information_schema: table and column privileges, roles.
#include <algorithm>

#include "catalog/builtin_objects.h"
#include "catalog/system/relations.h"
#include "catalog/system/schema_access.h"
#include "catalog/system/schema_types.h"
#include "catalog/system/schema_views.h"

namespace sundog::catalog::system {

namespace {

struct GrantRow {
  const Relation* relation;
  std::string_view column;  // empty: the table
  Oid grantor;
  Oid grantee;
  Privilege privilege;
  bool grantable;
};

bool Concerns(const VirtualContext& context, const AclItem& item) {
  return item.grantee == kInvalidOid || IsOwnedBy(context, item.grantee) ||
         IsOwnedBy(context, item.grantor);
}

void AddItems(const VirtualContext& context, const Relation& relation, std::string_view column,
              const std::vector<AclItem>& items, uint32_t wanted, std::vector<GrantRow>& rows) {
  for (const AclItem& item : items) {
    if (!Concerns(context, item)) continue;
    for (uint32_t bit = 1; bit <= kConnect; bit <<= 1) {
      if ((item.privileges & wanted & bit) == 0) continue;
      bool owner = context.catalog->IsMemberOf(item.grantee, relation.owner()) &&
                   item.grantee != kInvalidOid;
      rows.push_back({&relation, column, item.grantor, item.grantee, static_cast<Privilege>(bit),
                      owner || (item.grantable & bit) != 0});
    }
  }
}

void ListTableGrants(const VirtualContext& context, std::vector<GrantRow>& rows) {
  for (const ClassEntry& entry : AllClasses(*context.catalog)) {
    const Relation* relation = entry.relation;
    if (relation == nullptr || (relation->kind != 'r' && relation->kind != 'v')) continue;
    AddItems(context, *relation, "",
             EffectiveAcl(relation->acl(), AclObject::kRelation, relation->owner()),
             AllPrivileges(AclObject::kRelation), rows);
  }
}

// Of each column: what holds for the table, then what holds for it alone.
void ListColumnGrants(const VirtualContext& context, std::vector<GrantRow>& rows) {
  uint32_t wanted = AllPrivileges(AclObject::kColumn);
  for (const ClassEntry& entry : AllClasses(*context.catalog)) {
    const Relation* relation = entry.relation;
    if (relation == nullptr || (relation->kind != 'r' && relation->kind != 'v')) continue;
    std::vector<AclItem> items =
        EffectiveAcl(relation->acl(), AclObject::kRelation, relation->owner());
    std::vector<AttributeEntry> attributes;
    AppendAttributes(*context.catalog, entry, false, attributes);
    for (const AttributeEntry& attribute : attributes) {
      if (attribute.column != nullptr && attribute.column->dropped) continue;
      AddItems(context, *relation, attribute.name, items, wanted, rows);
      if (attribute.column != nullptr) {
        AddItems(context, *relation, attribute.name, attribute.column->acl.items, wanted, rows);
      }
    }
  }
}

void DropPublic(std::vector<GrantRow>& rows) {
  std::erase_if(rows, [](const GrantRow& row) { return row.grantee == kInvalidOid; });
}
void ListRoleTableGrants(const VirtualContext& context, std::vector<GrantRow>& rows) {
  ListTableGrants(context, rows);
  DropPublic(rows);
}
void ListRoleColumnGrants(const VirtualContext& context, std::vector<GrantRow>& rows) {
  ListColumnGrants(context, rows);
  DropPublic(rows);
}

void RoleName(Oid role, Cell& cell) {
  if (role == kInvalidOid) return cell.Text("PUBLIC");
  const RoleDescriptor* found = cell.catalog().FindRole(role);
  found != nullptr ? cell.Text(found->name) : cell.Null();
}

constexpr ColumnGetter<GrantRow> kTableGrantColumns[] = {
    {"grantor", [](const GrantRow& row, Cell& cell) { RoleName(row.grantor, cell); }},
    {"grantee", [](const GrantRow& row, Cell& cell) { RoleName(row.grantee, cell); }},
    {"table_catalog", [](const GrantRow&, Cell& cell) { DatabaseName(cell); }},
    {"table_schema",
     [](const GrantRow& row, Cell& cell) { SchemaName(row.relation->schema, cell); }},
    {"table_name", [](const GrantRow& row, Cell& cell) { cell.Text(row.relation->name); }},
    {"privilege_type",
     [](const GrantRow& row, Cell& cell) { cell.Text(PrivilegeName(row.privilege)); }},
    {"is_grantable", [](const GrantRow& row, Cell& cell) { cell.YesNo(row.grantable); }},
    {"with_hierarchy",
     [](const GrantRow& row, Cell& cell) { cell.YesNo(row.privilege == kSelect); }},
};

constexpr ColumnGetter<GrantRow> kColumnGrantColumns[] = {
    {"grantor", [](const GrantRow& row, Cell& cell) { RoleName(row.grantor, cell); }},
    {"grantee", [](const GrantRow& row, Cell& cell) { RoleName(row.grantee, cell); }},
    {"table_catalog", [](const GrantRow&, Cell& cell) { DatabaseName(cell); }},
    {"table_schema",
     [](const GrantRow& row, Cell& cell) { SchemaName(row.relation->schema, cell); }},
    {"table_name", [](const GrantRow& row, Cell& cell) { cell.Text(row.relation->name); }},
    {"column_name", [](const GrantRow& row, Cell& cell) { cell.Text(row.column); }},
    {"privilege_type",
     [](const GrantRow& row, Cell& cell) { cell.Text(PrivilegeName(row.privilege)); }},
    {"is_grantable", [](const GrantRow& row, Cell& cell) { cell.YesNo(row.grantable); }},
};

// --- roles ---

struct RoleRow {
  std::string name;
};

std::vector<const RoleDescriptor*> AllRoles(const Catalog& catalog) {
  std::vector<const RoleDescriptor*> roles;
  for (const RoleDescriptor& role : BuiltinObjects::Get().roles()) {
    roles.push_back(catalog.FindRole(role.oid));
  }
  for (const auto& role : catalog.contents().roles) {
    if (std::find(roles.begin(), roles.end(), role.get()) == roles.end()) {
      roles.push_back(role.get());
    }
  }
  return roles;
}

void ListEnabledRoles(const VirtualContext& context, std::vector<RoleRow>& rows) {
  for (const RoleDescriptor* role : AllRoles(*context.catalog)) {
    if (IsOwnedBy(context, role->oid)) rows.push_back({role->name});
  }
}

constexpr ColumnGetter<RoleRow> kEnabledRoleColumns[] = {
    {"role_name", [](const RoleRow& row, Cell& cell) { cell.Text(row.name); }},
};

struct MembershipRow {
  std::string grantee;
  std::string role;
  bool grantable;
};

void ListApplicableRoles(const VirtualContext& context, std::vector<MembershipRow>& rows) {
  for (const RoleDescriptor* member : AllRoles(*context.catalog)) {
    for (const RoleMembership& membership : member->member_of) {
      const RoleDescriptor* role = context.catalog->FindRole(membership.role);
      if (role == nullptr || !IsOwnedBy(context, member->oid)) continue;
      rows.push_back({member->name, role->name, membership.admin_option});
    }
  }
}

void ListAdministrableRoles(const VirtualContext& context, std::vector<MembershipRow>& rows) {
  ListApplicableRoles(context, rows);
  std::erase_if(rows, [](const MembershipRow& row) { return !row.grantable; });
}

constexpr ColumnGetter<MembershipRow> kApplicableRoleColumns[] = {
    {"grantee", [](const MembershipRow& row, Cell& cell) { cell.Text(row.grantee); }},
    {"role_name", [](const MembershipRow& row, Cell& cell) { cell.Text(row.role); }},
    {"is_grantable", [](const MembershipRow& row, Cell& cell) { cell.YesNo(row.grantable); }},
};

constexpr TableDefinition kTables[] = {
    {kInformationSchema, "table_privileges",
     [] { return MakeTable<GrantRow>(ListTableGrants, kTableGrantColumns); }},
    {kInformationSchema, "role_table_grants",
     [] { return MakeTable<GrantRow>(ListRoleTableGrants, kTableGrantColumns); }},
    {kInformationSchema, "column_privileges",
     [] { return MakeTable<GrantRow>(ListColumnGrants, kColumnGrantColumns); }},
    {kInformationSchema, "role_column_grants",
     [] { return MakeTable<GrantRow>(ListRoleColumnGrants, kColumnGrantColumns); }},
    {kInformationSchema, "enabled_roles",
     [] { return MakeTable<RoleRow>(ListEnabledRoles, kEnabledRoleColumns); }},
    {kInformationSchema, "applicable_roles",
     [] { return MakeTable<MembershipRow>(ListApplicableRoles, kApplicableRoleColumns); }},
    {kInformationSchema, "administrable_role_authorizations",
     [] { return MakeTable<MembershipRow>(ListAdministrableRoles, kApplicableRoleColumns); }},
};

}  // namespace

std::span<const TableDefinition> SchemaPrivilegeViews() { return kTables; }

}  // namespace sundog::catalog::system
