#include "catalog/builtin_objects.h"

#include "base/tsv.h"
#include "catalog/acl.h"
#include "catalog/catalog.h"
#include "catalog/embedded.h"
#include "catalog/sys_schema.h"
#include "catalog/type_infos.h"
#include "catalog/vector_index.h"
#include "catalog/virtual_table.h"
#include "functions/proc.h"
#include "types/families.h"

namespace sundog::catalog {

namespace {

Oid OidCell(const base::Tsv& rows, size_t row, std::string_view column) {
  return static_cast<Oid>(rows.Number(row, column));
}

template <typename T>
const T* ByOid(const std::vector<T>& list, Oid oid) {
  for (const T& item : list) {
    if (item.oid == oid) return &item;
  }
  return nullptr;
}

template <typename T>
const T* ByName(const std::vector<T>& list, std::string_view name) {
  for (const T& item : list) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

}  // namespace

BuiltinObjects::BuiltinObjects() {
  LoadSchemas();
  LoadRoles();
  LoadIndexing();
  for (const types::TypeInfo* type : types::BuiltinTypes::Get().all()) {
    types_by_name_[type->name].push_back(type);
  }
  LoadRowTypes();
  LoadComments();
}

const BuiltinObjects& BuiltinObjects::Get() {
  static const BuiltinObjects objects;
  return objects;
}

void BuiltinObjects::LoadSchemas() {
  base::Tsv rows = embedded::Namespace();
  for (size_t i = 0; i < rows.row_count(); ++i) {
    SchemaDescriptor schema;
    schema.oid = OidCell(rows, i, "oid");
    if (schema.oid == kPublicSchema) continue;
    schema.name = rows.Text(i, "nspname");
    schema.owner = kSuperuserRole;
    if (rows.Cell(i, "nspacl").has_value()) {
      schema.acl.is_default = false;
      schema.acl.items = {
          {kSuperuserRole, kSuperuserRole, kUsage | kCreate, 0},
          {kInvalidOid, kSuperuserRole, kUsage, 0},
      };
    }
    schemas_.push_back(std::move(schema));
  }
  SchemaDescriptor sys;
  sys.oid = kSysSchema;
  sys.name = "sys";
  sys.owner = kSuperuserRole;
  sys.acl.is_default = false;
  sys.acl.items = {{kInvalidOid, kSuperuserRole, kUsage, 0}};
  schemas_.push_back(std::move(sys));
}

void BuiltinObjects::LoadRoles() {
  base::Tsv rows = embedded::Role();
  for (size_t i = 0; i < rows.row_count(); ++i) {
    RoleDescriptor role;
    role.oid = OidCell(rows, i, "oid");
    if (role.oid == kSuperuserRole) continue;
    role.name = rows.Text(i, "rolname");
    role.inherit = rows.Flag(i, "rolinherit");
    roles_.push_back(std::move(role));
  }
  // pg_monitor is a member of the three reading roles.
  for (RoleDescriptor& role : roles_) {
    if (role.name != "pg_monitor") continue;
    for (const char* granted :
         {"pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"}) {
      role.member_of.push_back({ByName(roles_, granted)->oid, kSuperuserRole, false});
    }
  }
  base::Tsv languages = embedded::Language();
  for (size_t i = 0; i < languages.row_count(); ++i) {
    languages_.push_back({OidCell(languages, i, "oid"), languages.Text(i, "lanname"),
                          languages.Flag(i, "lanispl"), languages.Flag(i, "lanpltrusted")});
  }
}

void BuiltinObjects::LoadIndexing() {
  base::Tsv classes = embedded::Opclass();
  for (size_t i = 0; i < classes.row_count(); ++i) {
    opclasses_.push_back({OidCell(classes, i, "oid"), OidCell(classes, i, "opcmethod"),
                          classes.Text(i, "opcname"), OidCell(classes, i, "opcfamily"),
                          OidCell(classes, i, "opcintype"), classes.Flag(i, "opcdefault")});
  }
  base::Tsv collations = embedded::Collation();
  for (size_t i = 0; i < collations.row_count(); ++i) {
    collations_.push_back({OidCell(collations, i, "oid"), collations.Text(i, "collname")});
  }
  base::Tsv methods = embedded::AccessMethod();
  for (size_t i = 0; i < methods.row_count(); ++i) {
    access_methods_.push_back({OidCell(methods, i, "oid"), methods.Text(i, "amname"),
                               methods.Text(i, "amtype")[0]});
  }
}

void BuiltinObjects::LoadRowTypes() {
  for (const VirtualTable* table : SystemTables::Get().all()) {
    auto type = std::make_unique<types::TypeInfo>();
    type->oid = table->row_type();
    type->name = table->name();
    type->schema = table->schema();
    type->kind_code = 'c';
    type->category = 'C';
    type->align = 'd';
    type->storage = 'x';
    type->relation = table->oid();
    type->ops = types::FindTypeOps(type->oid, 'c', false);
    for (const VirtualColumn& column : table->columns()) {
      type->fields.push_back({column.name, column.type});
    }
    type->array = table->row_array_type();
    auto array = std::make_unique<types::TypeInfo>(
        *MakeArrayTypeInfo(*type, table->row_array_name()));
    row_types_.push_back(std::move(type));
    row_types_.push_back(std::move(array));
  }
  for (const auto& type : row_types_) {
    types_by_name_[type->name].push_back(type.get());
    row_types_by_oid_[type->oid] = type.get();
  }
}

namespace {

struct Description {
  Oid class_oid;
  Oid object;
  const char* text;
};

// What clients show beside the objects they list.
constexpr Description kDescriptions[] = {
    {classes::kNamespace, 11, "system catalog schema"},
    {classes::kNamespace, 99, "reserved schema for TOAST tables"},
    {classes::kLanguage, 12, "built-in functions"},
    {classes::kLanguage, 13, "dynamically-loaded C functions"},
    {classes::kLanguage, 14, "SQL-language functions"},
    {classes::kLanguage, kPlpgsqlLanguage, "PL/pgSQL procedural language"},
    {classes::kAccessMethod, 2, "heap table access method"},
    {classes::kAccessMethod, 403, "b-tree index access method"},
    {classes::kAccessMethod, 405, "hash index access method"},
    {classes::kAccessMethod, 783, "GiST index access method"},
    {classes::kAccessMethod, 2742, "GIN index access method"},
    {classes::kAccessMethod, 3580, "block range index (BRIN) access method"},
    {classes::kAccessMethod, 4000, "SP-GiST index access method"},
    {classes::kAccessMethod, kHnswAccessMethod, "hnsw index access method"},
    {classes::kAccessMethod, kIvfflatAccessMethod, "ivfflat index access method"},
    {classes::kProc, 2147, "number of input rows for which the input expression is not null"},
    {classes::kProc, 2803, "number of input rows"},
};

}  // namespace

void BuiltinObjects::LoadComments() {
  for (const Description& row : kDescriptions) {
    comments_[{row.class_oid, row.object, 0}] = row.text;
  }
  base::Tsv configs = embedded::TsConfig();
  for (size_t i = 0; i < configs.row_count(); ++i) {
    std::string name = configs.Text(i, "cfgname");
    comments_[{classes::kTsConfig, OidCell(configs, i, "oid"), 0}] =
        name == "simple" ? "simple configuration" : "configuration for " + name + " language";
  }
  base::Tsv dictionaries = embedded::TsDict();
  for (size_t i = 0; i < dictionaries.row_count(); ++i) {
    std::string name = dictionaries.Text(i, "dictname");
    std::string language = name.substr(0, name.find("_stem"));
    comments_[{classes::kTsDict, OidCell(dictionaries, i, "oid"), 0}] =
        name == "simple" ? "simple dictionary: just lower case and check for stopword"
                         : "snowball stemmer for " + language + " language";
  }
}

const LanguageInfo* BuiltinObjects::FindLanguage(std::string_view name) const {
  return ByName(languages_, name);
}
const LanguageInfo* BuiltinObjects::FindLanguage(Oid oid) const { return ByOid(languages_, oid); }
const OpclassInfo* BuiltinObjects::FindOpclass(Oid oid) const { return ByOid(opclasses_, oid); }
const CollationInfo* BuiltinObjects::FindCollation(Oid oid) const {
  return ByOid(collations_, oid);
}
const CollationInfo* BuiltinObjects::FindCollation(std::string_view name) const {
  return ByName(collations_, name);
}
const AccessMethodInfo* BuiltinObjects::FindAccessMethod(std::string_view name) const {
  return ByName(access_methods_, name);
}
const AccessMethodInfo* BuiltinObjects::FindAccessMethod(Oid oid) const {
  return ByOid(access_methods_, oid);
}

const OpclassInfo* BuiltinObjects::FindOpclass(Oid method, std::string_view name) const {
  for (const OpclassInfo& opclass : opclasses_) {
    if (opclass.method == method && opclass.name == name) return &opclass;
  }
  return nullptr;
}

namespace {

// The polymorphic type that operator classes name for types of its kind; kInvalidOid: none.
Oid PolymorphicInput(const types::TypeInfo& type) {
  if (type.is_array()) return types::oids::kAnyarray;
  switch (type.kind_code) {
    case 'e': return types::oids::kAnyenum;
    case 'r': return types::oids::kAnyrange;
    case 'm': return types::oids::kAnymultirange;
    case 'c': return types::oids::kRecord;
    default: return kInvalidOid;
  }
}

bool IsBinaryCoercible(Oid from, Oid to) {
  const functions::CastInfo* cast = functions::BuiltinProcs::Get().FindCast(from, to);
  return cast != nullptr && cast->method == 'b' && cast->context == 'i';
}

}  // namespace

bool BuiltinObjects::Accepts(const OpclassInfo& opclass, const types::TypeInfo& type) {
  return opclass.input_type == type.oid || opclass.input_type == PolymorphicInput(type) ||
         IsBinaryCoercible(type.oid, opclass.input_type);
}

const OpclassInfo* BuiltinObjects::DefaultOpclass(Oid method, const types::TypeInfo& type) const {
  auto find = [&](Oid input) -> const OpclassInfo* {
    for (const OpclassInfo& opclass : opclasses_) {
      if (opclass.method == method && opclass.is_default && opclass.input_type == input) {
        return &opclass;
      }
    }
    return nullptr;
  };
  if (const OpclassInfo* own = find(type.oid)) return own;
  if (const OpclassInfo* polymorphic = find(PolymorphicInput(type))) return polymorphic;
  for (Oid input : {types::oids::kText, types::oids::kOid, types::oids::kInet}) {
    if (!IsBinaryCoercible(type.oid, input)) continue;
    if (const OpclassInfo* coercible = find(input)) return coercible;
  }
  return nullptr;
}

const types::TypeInfo* BuiltinObjects::FindType(Oid schema, std::string_view typname) const {
  auto at = types_by_name_.find(typname);
  if (at == types_by_name_.end()) return nullptr;
  for (const types::TypeInfo* type : at->second) {
    if (type->schema == schema) return type;
  }
  return nullptr;
}

const types::TypeInfo* BuiltinObjects::FindRowType(Oid oid) const {
  auto at = row_types_by_oid_.find(oid);
  return at != row_types_by_oid_.end() ? at->second : nullptr;
}

}  // namespace sundog::catalog
