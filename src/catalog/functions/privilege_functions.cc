// has_table_privilege and kin, pg_has_role, acldefault, aclexplode.
#include <fmt/format.h>

#include "catalog/acl.h"
#include "catalog/builtin_objects.h"
#include "catalog/functions/families.h"
#include "catalog/name_resolver.h"
#include "catalog/names.h"
#include "types/array.h"

namespace sundog::catalog {

namespace {

namespace oids = types::oids;
using Answer = std::optional<bool>;

// --- who ---

Oid RoleNamed(CallContext& call, std::string_view name) {
  if (name == "public") return kInvalidOid;
  const RoleDescriptor* role = CatalogOf(call).FindRole(name);
  if (role == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject, fmt::format("role \"{}\" does not exist", name));
  }
  return role->oid;
}
Oid RoleOf(CallContext& call, std::string_view name) { return RoleNamed(call, name); }
Oid RoleOf(CallContext&, Oid role) { return role; }

// --- which privileges: "SELECT, INSERT WITH GRANT OPTION" ---

struct Wanted {
  uint32_t privilege;
  bool grant_option;
};

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<Wanted> ParsePrivileges(std::string_view text, uint32_t allowed) {
  std::vector<Wanted> wanted;
  while (true) {
    size_t comma = text.find(',');
    std::string_view one = Trimmed(text.substr(0, comma));
    constexpr std::string_view kOption = " WITH GRANT OPTION";
    std::string upper(one);
    for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    bool grant = upper.size() > kOption.size() && upper.ends_with(kOption);
    std::string_view name = grant ? one.substr(0, one.size() - kOption.size()) : one;
    uint32_t privilege = PrivilegeByName(name);
    if (privilege == 0 || (privilege & ~allowed) != 0) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("unrecognized privilege type: \"{}\"", one));
    }
    wanted.push_back({privilege, grant});
    if (comma == std::string_view::npos) return wanted;
    text.remove_prefix(comma + 1);
  }
}

// --- on what ---

struct Target {
  Acl acl;
  AclObject kind;
  Oid owner = kSuperuserRole;
};

Oid Named(CallContext& call, Oid reg_type, std::string_view name) {
  CatalogNames names(CatalogOf(call), ServicesOf(call).search_path());
  return names.Resolve(reg_type, name);
}

struct TableTarget {
  static constexpr AclObject kKind = AclObject::kRelation;
  static Oid Find(CallContext& call, std::string_view name) {
    return Named(call, oids::kRegclass, name);
  }
  static std::optional<Target> Get(CallContext& call, Oid oid) {
    const Relation* relation = CatalogOf(call).FindRelation(oid);
    if (relation == nullptr) return std::nullopt;
    return Target{relation->acl(),
                  relation->kind == 'S' ? AclObject::kSequence : AclObject::kRelation,
                  relation->owner()};
  }
};

struct SequenceTarget {
  static constexpr AclObject kKind = AclObject::kSequence;
  static Oid Find(CallContext& call, std::string_view name) {
    return Named(call, oids::kRegclass, name);
  }
  static std::optional<Target> Get(CallContext& call, Oid oid) {
    const Relation* relation = CatalogOf(call).FindRelation(oid);
    if (relation == nullptr) return std::nullopt;
    if (relation->sequence == nullptr) {
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("\"{}\" is not a sequence", relation->name));
    }
    return Target{relation->acl(), AclObject::kSequence, relation->owner()};
  }
};

struct SchemaTarget {
  static constexpr AclObject kKind = AclObject::kSchema;
  static Oid Find(CallContext& call, std::string_view name) {
    const SchemaDescriptor* schema = CatalogOf(call).FindSchema(name);
    if (schema != nullptr) return schema->oid;
    throw SqlError(sqlstate::kUndefinedSchema, fmt::format("schema \"{}\" does not exist", name));
  }
  static std::optional<Target> Get(CallContext& call, Oid oid) {
    const SchemaDescriptor* schema = CatalogOf(call).FindSchema(oid);
    if (schema == nullptr) return std::nullopt;
    return Target{schema->acl, AclObject::kSchema, schema->owner};
  }
};

struct DatabaseTarget {
  static constexpr AclObject kKind = AclObject::kDatabase;
  static Oid Find(CallContext& call, std::string_view name) {
    Oid database = FindDatabase(name, ServicesOf(call).database_name());
    if (database != kInvalidOid) return database;
    throw SqlError(sqlstate::kUndefinedDatabase,
                   fmt::format("database \"{}\" does not exist", name));
  }
  static std::optional<Target> Get(CallContext& call, Oid oid) {
    if (oid != kPostgresDatabase && oid != kTemplate1Database && oid != kTemplate0Database) {
      return std::nullopt;
    }
    return Target{DatabaseAcl(CatalogOf(call), oid), AclObject::kDatabase, kSuperuserRole};
  }
};

struct FunctionTarget {
  static constexpr AclObject kKind = AclObject::kFunction;
  static Oid Find(CallContext& call, std::string_view name) {
    return Named(call, oids::kRegprocedure, name);
  }
  static std::optional<Target> Get(CallContext& call, Oid oid) {
    const Catalog& catalog = CatalogOf(call);
    if (catalog.FindProc(oid) == nullptr) return std::nullopt;
    const auto* function = catalog.contents().functions.Get(oid);
    return Target{FunctionAcl(catalog, oid), AclObject::kFunction,
                  function != nullptr ? function->owner : kSuperuserRole};
  }
};

struct LanguageTarget {
  static constexpr AclObject kKind = AclObject::kLanguage;
  static Oid Find(CallContext&, std::string_view name) {
    const LanguageInfo* language = BuiltinObjects::Get().FindLanguage(name);
    if (language != nullptr) return language->oid;
    throw SqlError(sqlstate::kUndefinedObject, fmt::format("language \"{}\" does not exist", name));
  }
  static std::optional<Target> Get(CallContext& call, Oid oid) {
    if (BuiltinObjects::Get().FindLanguage(oid) == nullptr) return std::nullopt;
    return Target{CatalogOf(call).FindAcl({classes::kLanguage, oid, 0}), AclObject::kLanguage,
                  kSuperuserRole};
  }
};

struct TypeTarget {
  static constexpr AclObject kKind = AclObject::kType;
  static Oid Find(CallContext& call, std::string_view name) {
    return Named(call, oids::kRegtype, name);
  }
  static std::optional<Target> Get(CallContext& call, Oid oid) {
    if (CatalogOf(call).FindType(oid) == nullptr) return std::nullopt;
    const CatalogContents& contents = CatalogOf(call).contents();
    if (const auto* e = contents.enums.Get(oid)) return Target{e->acl, AclObject::kType, e->owner};
    if (const auto* d = contents.domains.Get(oid)) {
      return Target{d->acl, AclObject::kType, d->owner};
    }
    return Target{{}, AclObject::kType, kSuperuserRole};
  }
};

struct TablespaceTarget {
  static constexpr AclObject kKind = AclObject::kTablespace;
  static Oid Find(CallContext&, std::string_view name) {
    if (name == "pg_default") return 1663;
    if (name == "pg_global") return 1664;
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("tablespace \"{}\" does not exist", name));
  }
  static std::optional<Target> Get(CallContext&, Oid) {
    return Target{{}, AclObject::kTablespace, kSuperuserRole};
  }
};

template <typename T>
Oid ObjectOf(CallContext& call, std::string_view name) {
  return T::Find(call, name);
}
template <typename T>
Oid ObjectOf(CallContext&, Oid oid) {
  return oid;
}

bool HasOne(CallContext& call, const Target& target, Oid role, const Wanted& wanted) {
  return HasPrivileges(CatalogOf(call), target.acl, target.kind, target.owner, role,
                       wanted.privilege, wanted.grant_option);
}

template <typename T>
Answer Check(CallContext& call, Oid role, Oid object, std::string_view privileges) {
  std::vector<Wanted> wanted = ParsePrivileges(privileges, AllPrivileges(T::kKind));
  std::optional<Target> target = T::Get(call, object);
  if (!target) return std::nullopt;
  for (const Wanted& one : wanted) {
    if (HasOne(call, *target, role, one)) return true;
  }
  return false;
}

template <typename T, typename Role, typename Object>
Answer HasPrivilege(CallContext& call, Role role, Object object, std::string_view privileges) {
  return Check<T>(call, RoleOf(call, role), ObjectOf<T>(call, object), privileges);
}

template <typename T, typename Object>
Answer IHavePrivilege(CallContext& call, Object object, std::string_view privileges) {
  return Check<T>(call, ServicesOf(call).current_role(), ObjectOf<T>(call, object), privileges);
}

using Name = std::string_view;

#define SUNDOG_PRIVILEGE_ENTRIES(name, T)                                  \
  {name "_name_name", Kernel<HasPrivilege<T, Name, Name>>},                \
      {name "_name_id", Kernel<HasPrivilege<T, Name, Oid>>},               \
      {name "_id_name", Kernel<HasPrivilege<T, Oid, Name>>},               \
      {name "_id_id", Kernel<HasPrivilege<T, Oid, Oid>>},                  \
      {name "_name", Kernel<IHavePrivilege<T, Name>>}, {                   \
    name "_id", Kernel<IHavePrivilege<T, Oid>>                             \
  }

// --- columns: the table's privilege, or the column's own ---

const ColumnDescriptor* ColumnOf(CallContext& call, Oid table, std::string_view column) {
  const Relation* relation = CatalogOf(call).FindRelation(table);
  if (relation == nullptr || relation->table == nullptr) return nullptr;
  const ColumnDescriptor* found = relation->table->FindColumn(column);
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedColumn,
                   fmt::format("column \"{}\" of relation \"{}\" does not exist", column,
                               relation->name));
  }
  return found;
}
const ColumnDescriptor* ColumnOf(CallContext& call, Oid table, int16_t attnum) {
  const Relation* relation = CatalogOf(call).FindRelation(table);
  return relation != nullptr && relation->table != nullptr ? relation->table->FindColumn(attnum)
                                                           : nullptr;
}

template <typename Column>
Answer CheckColumn(CallContext& call, Oid role, Oid table, Column column,
                   std::string_view privileges) {
  std::vector<Wanted> wanted = ParsePrivileges(privileges, AllPrivileges(AclObject::kColumn));
  std::optional<Target> target = TableTarget::Get(call, table);
  if (!target) return std::nullopt;
  const ColumnDescriptor* found = ColumnOf(call, table, column);
  for (const Wanted& one : wanted) {
    if (HasOne(call, *target, role, one)) return true;
    if (found == nullptr) continue;
    if (HasOne(call, {found->acl, AclObject::kColumn, target->owner}, role, one)) return true;
  }
  return false;
}

template <typename Role, typename Object, typename Column>
Answer HasColumnPrivilege(CallContext& call, Role role, Object table, Column column,
                          std::string_view privileges) {
  return CheckColumn(call, RoleOf(call, role), ObjectOf<TableTarget>(call, table), column,
                     privileges);
}
template <typename Object, typename Column>
Answer IHaveColumnPrivilege(CallContext& call, Object table, Column column,
                            std::string_view privileges) {
  return CheckColumn(call, ServicesOf(call).current_role(), ObjectOf<TableTarget>(call, table),
                     column, privileges);
}

Answer CheckAnyColumn(CallContext& call, Oid role, Oid table, std::string_view privileges) {
  std::vector<Wanted> wanted = ParsePrivileges(privileges, AllPrivileges(AclObject::kColumn));
  std::optional<Target> target = TableTarget::Get(call, table);
  if (!target) return std::nullopt;
  const Relation* relation = CatalogOf(call).FindRelation(table);
  for (const Wanted& one : wanted) {
    if (HasOne(call, *target, role, one)) return true;
    if (relation->table == nullptr) continue;
    for (const ColumnDescriptor& column : relation->table->columns) {
      if (column.dropped) continue;
      if (HasOne(call, {column.acl, AclObject::kColumn, target->owner}, role, one)) return true;
    }
  }
  return false;
}
template <typename Role, typename Object>
Answer HasAnyColumnPrivilege(CallContext& call, Role role, Object table,
                             std::string_view privileges) {
  return CheckAnyColumn(call, RoleOf(call, role), ObjectOf<TableTarget>(call, table), privileges);
}
template <typename Object>
Answer IHaveAnyColumnPrivilege(CallContext& call, Object table, std::string_view privileges) {
  return CheckAnyColumn(call, ServicesOf(call).current_role(), ObjectOf<TableTarget>(call, table),
                        privileges);
}

// --- roles ---

bool CheckRole(CallContext& call, Oid member, Oid role, std::string_view privileges) {
  bool any = false;
  while (true) {
    size_t comma = privileges.find(',');
    std::string one(Trimmed(privileges.substr(0, comma)));
    for (char& c : one) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    if (one != "USAGE" && one != "MEMBER" && !one.ends_with("OPTION")) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("unrecognized privilege type: \"{}\"", one));
    }
    const Catalog& catalog = CatalogOf(call);
    any |= one == "USAGE"    ? catalog.HasPrivilegesOf(member, role)
           : one == "MEMBER" ? catalog.IsMemberOf(member, role)
                             : HasAdminOption(catalog, member, role);
    if (comma == std::string_view::npos) return any;
    privileges.remove_prefix(comma + 1);
  }
}
template <typename Member, typename Role>
bool HasRole(CallContext& call, Member member, Role role, std::string_view privileges) {
  return CheckRole(call, RoleOf(call, member), RoleOf(call, role), privileges);
}
template <typename Role>
bool IHaveRole(CallContext& call, Role role, std::string_view privileges) {
  return CheckRole(call, ServicesOf(call).current_role(), RoleOf(call, role), privileges);
}

// --- lists themselves ---

std::string_view AclDefault(CallContext& call, char kind, Oid owner) {
  types::ArrayBuilder items(oids::kAclitem, types::PhysicalKind::kVarlen);
  for (const AclItem& item : DefaultAcl(static_cast<AclObject>(kind), owner)) {
    std::string text = AclItemText(CatalogOf(call), item);
    items.Append(types::Datum::From(Keep(call, text)));
  }
  return items.Finish(call.arena());
}

constexpr ScalarEntry kEntries[] = {
    SUNDOG_PRIVILEGE_ENTRIES("has_table_privilege", TableTarget),
    SUNDOG_PRIVILEGE_ENTRIES("has_sequence_privilege", SequenceTarget),
    SUNDOG_PRIVILEGE_ENTRIES("has_schema_privilege", SchemaTarget),
    SUNDOG_PRIVILEGE_ENTRIES("has_database_privilege", DatabaseTarget),
    SUNDOG_PRIVILEGE_ENTRIES("has_function_privilege", FunctionTarget),
    SUNDOG_PRIVILEGE_ENTRIES("has_language_privilege", LanguageTarget),
    SUNDOG_PRIVILEGE_ENTRIES("has_type_privilege", TypeTarget),
    SUNDOG_PRIVILEGE_ENTRIES("has_tablespace_privilege", TablespaceTarget),
    {"has_column_privilege_name_name_name", Kernel<HasColumnPrivilege<Name, Name, Name>>},
    {"has_column_privilege_name_name_attnum", Kernel<HasColumnPrivilege<Name, Name, int16_t>>},
    {"has_column_privilege_name_id_name", Kernel<HasColumnPrivilege<Name, Oid, Name>>},
    {"has_column_privilege_name_id_attnum", Kernel<HasColumnPrivilege<Name, Oid, int16_t>>},
    {"has_column_privilege_id_name_name", Kernel<HasColumnPrivilege<Oid, Name, Name>>},
    {"has_column_privilege_id_name_attnum", Kernel<HasColumnPrivilege<Oid, Name, int16_t>>},
    {"has_column_privilege_id_id_name", Kernel<HasColumnPrivilege<Oid, Oid, Name>>},
    {"has_column_privilege_id_id_attnum", Kernel<HasColumnPrivilege<Oid, Oid, int16_t>>},
    {"has_column_privilege_name_name", Kernel<IHaveColumnPrivilege<Name, Name>>},
    {"has_column_privilege_name_attnum", Kernel<IHaveColumnPrivilege<Name, int16_t>>},
    {"has_column_privilege_id_name", Kernel<IHaveColumnPrivilege<Oid, Name>>},
    {"has_column_privilege_id_attnum", Kernel<IHaveColumnPrivilege<Oid, int16_t>>},
    {"has_any_column_privilege_name_name", Kernel<HasAnyColumnPrivilege<Name, Name>>},
    {"has_any_column_privilege_name_id", Kernel<HasAnyColumnPrivilege<Name, Oid>>},
    {"has_any_column_privilege_id_name", Kernel<HasAnyColumnPrivilege<Oid, Name>>},
    {"has_any_column_privilege_id_id", Kernel<HasAnyColumnPrivilege<Oid, Oid>>},
    {"has_any_column_privilege_name", Kernel<IHaveAnyColumnPrivilege<Name>>},
    {"has_any_column_privilege_id", Kernel<IHaveAnyColumnPrivilege<Oid>>},
    {"pg_has_role_name_name", Kernel<HasRole<Name, Name>>},
    {"pg_has_role_name_id", Kernel<HasRole<Name, Oid>>},
    {"pg_has_role_id_name", Kernel<HasRole<Oid, Name>>},
    {"pg_has_role_id_id", Kernel<HasRole<Oid, Oid>>},
    {"pg_has_role_name", Kernel<IHaveRole<Name>>},
    {"pg_has_role_id", Kernel<IHaveRole<Oid>>},
    {"acldefault_sql", Kernel<AclDefault>},
};

#undef SUNDOG_PRIVILEGE_ENTRIES

}  // namespace

void RegisterPrivilegeFunctions(functions::Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::catalog
