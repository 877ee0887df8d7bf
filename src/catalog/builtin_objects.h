// Built-in objects of the catalog that no tenant's rows hold: schemas, roles, languages, types by
// name, operator classes, collations, access methods. Loaded once from the embedded tables.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/descriptors.h"
#include "types/type_info.h"

namespace sundog::catalog {

struct LanguageInfo {
  Oid oid = kInvalidOid;
  std::string name;
  bool procedural = false;
  bool trusted = false;
};

struct OpclassInfo {
  Oid oid = kInvalidOid;
  Oid method = kInvalidOid;
  std::string name;
  Oid family = kInvalidOid;
  Oid input_type = kInvalidOid;
  bool is_default = false;
};

struct CollationInfo {
  Oid oid = kInvalidOid;
  std::string name;
};

namespace classes {
inline constexpr Oid kAccessMethod = 2601;
}  // namespace classes

struct AccessMethodInfo {
  Oid oid = kInvalidOid;
  std::string name;
  char kind = 'i';  // t table, i index
};

// Lives for ever; safe from all threads.
class BuiltinObjects {
 public:
  static const BuiltinObjects& Get();

  // Schema public and the superuser are not here: tenants own them.
  std::span<const SchemaDescriptor> schemas() const { return schemas_; }
  std::span<const RoleDescriptor> roles() const { return roles_; }
  std::span<const LanguageInfo> languages() const { return languages_; }
  std::span<const OpclassInfo> opclasses() const { return opclasses_; }
  std::span<const CollationInfo> collations() const { return collations_; }
  std::span<const AccessMethodInfo> access_methods() const { return access_methods_; }

  // Of built-in objects only a few have descriptions here.
  const std::map<ObjectAddress, std::string>& comments() const { return comments_; }

  const LanguageInfo* FindLanguage(std::string_view name) const;
  const LanguageInfo* FindLanguage(Oid oid) const;
  const OpclassInfo* FindOpclass(Oid oid) const;
  const OpclassInfo* FindOpclass(Oid method, std::string_view name) const;
  // The default operator class of a type, by its own entry or that of a type it is
  // binary-coercible to (varchar → text, arrays → anyarray, enums → anyenum, …).
  const OpclassInfo* DefaultOpclass(Oid method, const types::TypeInfo& type) const;
  // True if the class takes values of the type: its own, or one binary-coercible to it.
  static bool Accepts(const OpclassInfo& opclass, const types::TypeInfo& type);
  const CollationInfo* FindCollation(Oid oid) const;
  const CollationInfo* FindCollation(std::string_view name) const;
  const AccessMethodInfo* FindAccessMethod(std::string_view name) const;
  const AccessMethodInfo* FindAccessMethod(Oid oid) const;

  const types::TypeInfo* FindType(Oid schema, std::string_view typname) const;
  // Row types of system tables and their arrays, which types::BuiltinTypes leaves out.
  const types::TypeInfo* FindRowType(Oid oid) const;

 private:
  BuiltinObjects();
  void LoadSchemas();
  void LoadRoles();
  void LoadIndexing();
  void LoadRowTypes();
  void LoadComments();

  std::vector<SchemaDescriptor> schemas_;
  std::vector<RoleDescriptor> roles_;
  std::vector<LanguageInfo> languages_;
  std::vector<OpclassInfo> opclasses_;
  std::vector<CollationInfo> collations_;
  std::vector<AccessMethodInfo> access_methods_;
  std::map<ObjectAddress, std::string> comments_;
  std::vector<std::unique_ptr<types::TypeInfo>> row_types_;
  std::unordered_map<Oid, const types::TypeInfo*> row_types_by_oid_;
  std::unordered_map<std::string_view, std::vector<const types::TypeInfo*>> types_by_name_;
};

}  // namespace sundog::catalog
