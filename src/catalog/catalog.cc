#include "catalog/catalog.h"

#include <algorithm>

#include "base/check.h"
#include "catalog/acl.h"
#include "catalog/builtin_objects.h"
#include "catalog/extensions.h"
#include "catalog/sys_schema.h"
#include "catalog/system_functions.h"
#include "catalog/type_infos.h"
#include "catalog/virtual_table.h"
#include "types/extension_oids.h"

namespace sundog::catalog {

Oid Relation::owner() const {
  if (table != nullptr) return table->owner;
  if (view != nullptr) return view->owner;
  if (sequence != nullptr) return sequence->owner;
  if (composite != nullptr) return composite->owner;
  return kSuperuserRole;
}

const Acl& Relation::acl() const {
  // System tables: the owner has all, everyone may read. The few that hold secrets are narrower.
  static const Acl readable{
      false,
      {{kSuperuserRole, kSuperuserRole, AllPrivileges(AclObject::kRelation), 0},
       {kInvalidOid, kSuperuserRole, kSelect, 0}}};
  static const Acl secret{
      false, {{kSuperuserRole, kSuperuserRole, AllPrivileges(AclObject::kRelation), 0}}};
  if (table != nullptr) return table->acl;
  if (view != nullptr) return view->acl;
  if (sequence != nullptr) return sequence->acl;
  if (composite != nullptr) return composite->acl;
  constexpr std::string_view kSecret[] = {
      "_pg_foreign_data_wrappers", "_pg_foreign_servers", "_pg_foreign_table_columns",
      "_pg_foreign_tables", "_pg_user_mappings", "pg_authid", "pg_backend_memory_contexts",
      "pg_config", "pg_file_settings", "pg_hba_file_rules", "pg_ident_file_mappings",
      "pg_largeobject", "pg_replication_origin_status", "pg_shadow", "pg_shmem_allocations",
      "pg_statistic", "pg_statistic_ext_data", "pg_user_mapping", "sql_parts",
      "transforms"};
  return std::find(std::begin(kSecret), std::end(kSecret), name) != std::end(kSecret) ? secret
                                                                                      : readable;
}

bool SearchPath::Contains(Oid schema) const {
  return std::find(schemas.begin(), schemas.end(), schema) != schemas.end();
}

bool SearchPath::IsExplicit(Oid schema) const {
  return std::find(schemas.begin() + static_cast<ptrdiff_t>(implicit_count), schemas.end(),
                   schema) != schemas.end();
}

std::shared_ptr<const Catalog> Catalog::Empty() {
  static const CatalogPtr empty = [] {
    CatalogContents contents;
    auto schema = std::make_shared<SchemaDescriptor>();
    schema->oid = kPublicSchema;
    schema->name = "public";
    schema->owner = kDatabaseOwnerRole;
    schema->acl = {false,
                   {{kDatabaseOwnerRole, kDatabaseOwnerRole, kUsage | kCreate, 0},
                    {kInvalidOid, kDatabaseOwnerRole, kUsage, 0}}};
    contents.schemas.Put(schema);
    contents.comments[{classes::kNamespace, kPublicSchema, 0}] = "standard public schema";
    auto role = std::make_shared<RoleDescriptor>();
    role->oid = kSuperuserRole;
    role->name = "postgres";
    role->superuser = role->create_role = role->create_database = role->login = true;
    role->replication = role->bypass_row_security = true;
    contents.roles.Put(role);
    auto extension = std::make_shared<ExtensionDescriptor>();
    extension->oid = kPlpgsqlExtension;
    extension->name = "plpgsql";
    extension->schema = kPgCatalogSchema;
    extension->owner = kSuperuserRole;
    extension->version = "1.0";
    contents.extensions.Put(extension);
    contents.comments[{classes::kExtension, kPlpgsqlExtension, 0}] =
        "PL/pgSQL procedural language";
    return std::make_shared<const Catalog>(std::move(contents));
  }();
  return empty;
}

Catalog::Catalog(CatalogContents contents, std::string identity)
    : contents_(std::move(contents)), identity_(std::move(identity)) {
  RegisterSystemFunctions();
  for (const auto& schema : contents_.schemas) Add(schema);
  for (const auto& role : contents_.roles) Add(role);
  for (const auto& extension : contents_.extensions) Add(extension);
  for (const auto& type : contents_.enums) Add(type);
  for (const auto& type : contents_.composites) Add(type);
  for (const auto& table : contents_.tables) Add(table);
  for (const auto& view : contents_.views) Add(view);
  for (const auto& sequence : contents_.sequences) Add(sequence);
  for (const auto& type : contents_.domains) Add(type);
  for (const auto& function : contents_.functions) Add(function);
}

// --- schemas ---

const SchemaDescriptor* Catalog::FindSchema(Oid oid) const {
  if (const SchemaDescriptor* found = contents_.schemas.Get(oid)) return found;
  for (const SchemaDescriptor& schema : BuiltinObjects::Get().schemas()) {
    if (schema.oid == oid) return &schema;
  }
  return nullptr;
}

const SchemaDescriptor* Catalog::FindSchema(std::string_view name) const {
  if (name == "pg_temp") {
    return temp_schema_ != kInvalidOid ? FindSchema(temp_schema_) : nullptr;
  }
  auto at = schemas_by_name_.find(std::string(name));
  if (at != schemas_by_name_.end()) return contents_.schemas.Get(at->second);
  for (const SchemaDescriptor& schema : BuiltinObjects::Get().schemas()) {
    if (schema.name == name) return &schema;
  }
  return nullptr;
}

std::vector<const SchemaDescriptor*> Catalog::AllSchemas() const {
  std::vector<const SchemaDescriptor*> all;
  for (const SchemaDescriptor& schema : BuiltinObjects::Get().schemas()) {
    if (schema.oid != kSysSchema) all.push_back(&schema);
  }
  for (const auto& schema : contents_.schemas) all.push_back(schema.get());
  std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->oid < b->oid; });
  return all;
}

namespace {

// The session's own temporary schema is open to it.
bool MayUse(const Catalog& catalog, const SchemaDescriptor& schema, Oid role) {
  return role == kInvalidOid || IsTemporaryOid(schema.oid) ||
         HasPrivileges(catalog, schema.acl, AclObject::kSchema, schema.owner, role, kUsage);
}

}  // namespace

const SchemaDescriptor* Catalog::FindSchema(const SearchPath& path, std::string_view name) const {
  const SchemaDescriptor* found = FindSchema(name);
  if (found != nullptr && !MayUse(*this, *found, path.role)) {
    ThrowDenied("schema", found->name);
  }
  return found;
}

SearchPath Catalog::ResolveSearchPath(std::span<const std::string> names, std::string_view user,
                                      Oid role) const {
  SearchPath path;
  path.role = role;
  for (const std::string& name : names) {
    const SchemaDescriptor* schema = FindSchema(name == "$user" ? user : std::string_view(name));
    if (schema == nullptr || path.Contains(schema->oid)) continue;
    if (!MayUse(*this, *schema, role)) continue;
    if (path.creation_schema == kInvalidOid) path.creation_schema = schema->oid;
    path.schemas.push_back(schema->oid);
  }
  if (!path.Contains(kPgCatalogSchema)) {
    path.schemas.insert(path.schemas.begin(), kPgCatalogSchema);
    ++path.implicit_count;
  }
  if (temp_schema_ != kInvalidOid && !path.Contains(temp_schema_)) {
    path.schemas.insert(path.schemas.begin(), temp_schema_);
    ++path.implicit_count;
  }
  return path;
}

// --- relations ---

const Relation* Catalog::FindRelation(Oid oid) const {
  auto at = relations_.find(oid);
  if (at != relations_.end()) return &at->second;
  return FindSystemRelation(oid);
}

const Relation* Catalog::FindRelation(Oid schema, std::string_view name) const {
  auto at = relations_by_name_.find(NameKey{schema, std::string(name)});
  if (at != relations_by_name_.end()) return FindRelation(at->second);
  if (schema == kPgCatalogSchema || schema == kInformationSchema || schema == kSysSchema) {
    const VirtualTable* table = SystemTables::Get().Find(schema, name);
    return table != nullptr ? FindSystemRelation(table->oid()) : nullptr;
  }
  return nullptr;
}

const Relation* Catalog::FindRelation(const SearchPath& path, std::string_view name) const {
  for (Oid schema : path.schemas) {
    if (const Relation* found = FindRelation(schema, name)) return found;
  }
  return nullptr;
}

bool Catalog::IsVisible(const SearchPath& path, const Relation& relation) const {
  const Relation* found = FindRelation(path, relation.name);
  return found != nullptr && found->oid == relation.oid;
}

std::shared_ptr<const TableDescriptor> Catalog::FindTable(Oid oid) const {
  return contents_.tables.Find(oid);
}

std::vector<const Relation*> Catalog::AllRelations() const {
  std::vector<const Relation*> all;
  all.reserve(relations_.size());
  for (const auto& [oid, relation] : relations_) all.push_back(&relation);
  std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->oid < b->oid; });
  return all;
}

std::span<const IncomingForeignKey> Catalog::IncomingForeignKeys(Oid table) const {
  auto at = incoming_.find(table);
  if (at == incoming_.end()) return {};
  return at->second;
}

const Relation* Catalog::FindSystemRelation(Oid oid) {
  static const std::unordered_map<Oid, Relation>* const relations = [] {
    auto* made = new std::unordered_map<Oid, Relation>;
    for (const VirtualTable* table : SystemTables::Get().all()) {
      Relation relation;
      relation.kind = table->kind();
      relation.oid = table->oid();
      relation.schema = table->schema();
      relation.name = table->name();
      relation.system = table;
      made->emplace(relation.oid, std::move(relation));
    }
    return made;
  }();
  auto at = relations->find(oid);
  return at != relations->end() ? &at->second : nullptr;
}

// --- types ---

const types::TypeInfo* Catalog::FindType(Oid oid) const {
  if (oid < types::kFirstExtensionOid) {
    if (const types::TypeInfo* type = types::BuiltinTypes::Get().FindType(oid)) return type;
    return BuiltinObjects::Get().FindRowType(oid);
  }
  auto at = types_.find(oid);
  return at != types_.end() ? at->second.get() : nullptr;
}

const types::TypeInfo* Catalog::FindType(Oid schema, std::string_view typname) const {
  if (schema == kPgCatalogSchema || schema == kInformationSchema) {
    const types::TypeInfo* builtin = BuiltinObjects::Get().FindType(schema, typname);
    if (builtin != nullptr) return builtin;
  }
  auto at = types_by_name_.find(NameKey{schema, std::string(typname)});
  return at != types_by_name_.end() ? FindType(at->second) : nullptr;
}

const types::TypeInfo* Catalog::FindType(const SearchPath& path, std::string_view typname) const {
  for (Oid schema : path.schemas) {
    if (const types::TypeInfo* found = FindType(schema, typname)) return found;
  }
  return nullptr;
}

std::vector<const types::TypeInfo*> Catalog::AllTypes() const {
  std::vector<const types::TypeInfo*> all;
  all.reserve(types_.size());
  for (const auto& [oid, type] : types_) all.push_back(type.get());
  std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->oid < b->oid; });
  return all;
}

// --- functions ---

const functions::ProcInfo* Catalog::FindProc(Oid oid) const {
  if (oid < types::kFirstExtensionOid) return functions::BuiltinProcs::Get().FindProc(oid);
  auto at = procs_.find(oid);
  return at != procs_.end() ? at->second.get() : nullptr;
}

std::span<const functions::ProcInfo* const> Catalog::ProcsNamed(std::string_view name) const {
  if (!procs_by_name_.empty()) {
    auto at = procs_by_name_.find(std::string(name));
    if (at != procs_by_name_.end()) return at->second;
  }
  return functions::BuiltinProcs::Get().ProcsNamed(name);
}

std::shared_ptr<const functions::ProcInfo> Catalog::SharedProc(Oid oid) const {
  auto at = procs_.find(oid);
  return at != procs_.end() ? at->second : nullptr;
}

const functions::OperatorInfo* Catalog::FindOperator(Oid oid) const {
  if (oid < types::kFirstExtensionOid) return functions::BuiltinProcs::Get().FindOperator(oid);
  auto at = operators_.find(oid);
  return at != operators_.end() ? at->second.get() : nullptr;
}

std::span<const functions::OperatorInfo* const> Catalog::OperatorsNamed(
    std::string_view name) const {
  if (!operators_by_name_.empty()) {
    auto at = operators_by_name_.find(std::string(name));
    if (at != operators_by_name_.end()) return at->second;
  }
  return functions::BuiltinProcs::Get().OperatorsNamed(name);
}

const functions::CastInfo* Catalog::FindCast(Oid source, Oid target) const {
  return functions::BuiltinProcs::Get().FindCast(source, target);
}

const functions::AggregateInfo* Catalog::FindAggregate(Oid function) const {
  return functions::BuiltinProcs::Get().FindAggregate(function);
}

// --- roles ---

const RoleDescriptor* Catalog::FindRole(Oid oid) const {
  if (const RoleDescriptor* found = contents_.roles.Get(oid)) return found;
  for (const RoleDescriptor& role : BuiltinObjects::Get().roles()) {
    if (role.oid == oid) return &role;
  }
  return nullptr;
}

const RoleDescriptor* Catalog::FindRole(std::string_view name) const {
  auto at = roles_by_name_.find(std::string(name));
  if (at != roles_by_name_.end()) return contents_.roles.Get(at->second);
  for (const RoleDescriptor& role : BuiltinObjects::Get().roles()) {
    if (role.name == name) return &role;
  }
  return nullptr;
}

namespace {

// PostgreSQL's roles_is_member_of. `inherited`: through roles with INHERIT only.
bool Reaches(const Catalog& catalog, Oid member, Oid role, bool inherited) {
  if (member == role) return true;
  if (catalog.IsSuperuser(member)) return true;
  std::vector<Oid> reached = {member};
  for (size_t i = 0; i < reached.size(); ++i) {
    const RoleDescriptor* at = catalog.FindRole(reached[i]);
    if (at == nullptr || (inherited && !at->inherit)) continue;
    for (const RoleMembership& membership : at->member_of) {
      if (membership.role == role) return true;
      if (std::find(reached.begin(), reached.end(), membership.role) == reached.end()) {
        reached.push_back(membership.role);
      }
    }
  }
  return false;
}

}  // namespace

bool Catalog::IsSuperuser(Oid role) const {
  const RoleDescriptor* descriptor = FindRole(role);
  return descriptor != nullptr && descriptor->superuser;
}

bool Catalog::IsMemberOf(Oid member, Oid role) const {
  return Reaches(*this, member, role, /*inherited=*/false);
}

bool Catalog::HasPrivilegesOf(Oid member, Oid role) const {
  return Reaches(*this, member, role, /*inherited=*/true);
}

const Acl& Catalog::FindAcl(const ObjectAddress& object) const {
  static const Acl none;
  auto found = contents_.acls.find(object);
  return found != contents_.acls.end() ? found->second : none;
}

std::string_view Catalog::Comment(const ObjectAddress& object) const {
  auto at = contents_.comments.find(object);
  if (at != contents_.comments.end()) return at->second;
  if (!IsThere(*this, object.object)) return "";
  const auto& builtin = BuiltinObjects::Get().comments();
  auto known = builtin.find(object);
  return known != builtin.end() ? std::string_view(known->second) : std::string_view();
}

}  // namespace sundog::catalog
