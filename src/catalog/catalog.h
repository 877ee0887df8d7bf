// A tenant's catalog at one schema version: an immutable snapshot that resolves names and OIDs of
// built-in and user-defined objects alike.
//
// Sessions share snapshots through shared_ptr; what they hand out (descriptor pointers, Relation*,
// TypeInfo*, ProcInfo*) lives at least as long as the snapshot. Built-in objects are not in the
// tenant's rows: they come from the embedded tables, so that an empty tenant costs nothing. So do
// the members of extensions, which are there while the extension is (catalog/extensions.h).
// Snapshots are changed by no one but a CatalogWriter, on its own copy. Safe from all threads.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/descriptor_map.h"
#include "catalog/descriptors.h"
#include "functions/proc.h"
#include "types/type_info.h"

namespace sundog::catalog {

class VirtualTable;

inline constexpr Oid kInformationSchema = 13207;
inline constexpr Oid kToastSchema = 99;
// Temporary objects get OIDs from here on; each session counts for itself, since no other one sees
// them.
inline constexpr Oid kFirstTemporaryOid = 0x70000000;
inline bool IsTemporaryOid(Oid oid) { return oid >= kFirstTemporaryOid; }

// What the tenant's rows hold.
struct CatalogContents {
  DescriptorMap<SchemaDescriptor> schemas;
  DescriptorMap<TableDescriptor> tables;
  DescriptorMap<ViewDescriptor> views;
  DescriptorMap<SequenceDescriptor> sequences;
  DescriptorMap<EnumDescriptor> enums;
  DescriptorMap<DomainDescriptor> domains;
  DescriptorMap<CompositeDescriptor> composites;
  DescriptorMap<FunctionDescriptor> functions;
  DescriptorMap<RoleDescriptor> roles;
  DescriptorMap<ExtensionDescriptor> extensions;
  DescriptorMap<DefaultAclDescriptor> default_acls;
  std::map<ObjectAddress, std::string> comments;
  // Of objects that have no descriptor of their own: the database, languages.
  std::map<ObjectAddress, Acl> acls;
  std::map<SettingsOwner, SettingsDescriptor> settings;
};

// Anything with a row in pg_class. Exactly one of the pointers is set (an index: its table too).
struct Relation {
  char kind = 'r';  // pg_class.relkind: r table, v view, S sequence, i index, c composite type
  Oid oid = kInvalidOid;
  Oid schema = kInvalidOid;
  std::string name;
  std::shared_ptr<const TableDescriptor> table;
  const IndexDescriptor* index = nullptr;
  std::shared_ptr<const ViewDescriptor> view;
  std::shared_ptr<const SequenceDescriptor> sequence;
  std::shared_ptr<const CompositeDescriptor> composite;
  const VirtualTable* system = nullptr;

  Oid owner() const;
  const Acl& acl() const;
};

// The schemas that unqualified names are looked up in, in order, implicit ones included.
struct SearchPath {
  // Who looks names up: may name no schema without USAGE. kInvalidOid: anything goes (stored text).
  Oid role = kInvalidOid;
  std::vector<Oid> schemas;
  Oid creation_schema = kInvalidOid;  // where new objects go; kInvalidOid: 3F000
  size_t implicit_count = 0;          // how many at the front were not listed

  bool Contains(Oid schema) const;
  bool IsExplicit(Oid schema) const;
};

// A foreign key seen from the table it refers to.
struct IncomingForeignKey {
  std::shared_ptr<const TableDescriptor> table;  // the referencing one
  const ConstraintDescriptor* constraint;
};

class Catalog final : public types::TypeLookup {
 public:
  // Of a tenant without any row: schema public and the built-in roles.
  static std::shared_ptr<const Catalog> Empty();
  explicit Catalog(CatalogContents contents, std::string identity = {});
  Catalog(const Catalog&) = default;

  // --- schemas ---
  const SchemaDescriptor* FindSchema(Oid oid) const;  // built-in ones too
  // "pg_temp" is the session's temporary schema.
  const SchemaDescriptor* FindSchema(std::string_view name) const;
  // For what is in it: 42501 if the path's role may not use it.
  const SchemaDescriptor* FindSchema(const SearchPath& path, std::string_view name) const;
  std::vector<const SchemaDescriptor*> AllSchemas() const;
  Oid temp_schema() const { return temp_schema_; }
  // `names` as search_path lists them ("$user" stands for `user`); those that do not exist are
  // skipped, and those that `role` (unless kInvalidOid) may not use. pg_catalog and the temporary
  // schema come first unless they are listed.
  SearchPath ResolveSearchPath(std::span<const std::string> names, std::string_view user,
                               Oid role = kInvalidOid) const;

  // --- relations: tables, indexes, views, sequences, composite types, system tables ---
  const Relation* FindRelation(Oid oid) const;
  const Relation* FindRelation(Oid schema, std::string_view name) const;
  const Relation* FindRelation(const SearchPath& path, std::string_view name) const;
  // True if `path` finds this one by its bare name.
  bool IsVisible(const SearchPath& path, const Relation& relation) const;
  std::shared_ptr<const TableDescriptor> FindTable(Oid oid) const;
  // User-defined ones, by OID.
  std::vector<const Relation*> AllRelations() const;
  std::span<const IncomingForeignKey> IncomingForeignKeys(Oid table) const;

  // --- types ---
  const types::TypeInfo* FindType(Oid oid) const override;
  const types::TypeInfo* FindType(Oid schema, std::string_view typname) const;
  const types::TypeInfo* FindType(const SearchPath& path, std::string_view typname) const;
  // User-defined ones and members of extensions, by OID.
  std::vector<const types::TypeInfo*> AllTypes() const;

  // --- functions, operators, casts ---
  const functions::ProcInfo* FindProc(Oid oid) const;
  // Of all schemas: the caller filters by search path. Built-in ones first.
  std::span<const functions::ProcInfo* const> ProcsNamed(std::string_view name) const;
  // Keeps one that is user-defined or an extension's alive beyond the snapshot; null for built-in
  // ones.
  std::shared_ptr<const functions::ProcInfo> SharedProc(Oid oid) const;
  const functions::OperatorInfo* FindOperator(Oid oid) const;
  std::span<const functions::OperatorInfo* const> OperatorsNamed(std::string_view name) const;
  const functions::CastInfo* FindCast(Oid source, Oid target) const;
  const functions::AggregateInfo* FindAggregate(Oid function) const;

  // --- roles ---
  const RoleDescriptor* FindRole(Oid oid) const;
  const RoleDescriptor* FindRole(std::string_view name) const;
  // Whether `member` is, directly or through others, a member of `role` (a superuser is of all).
  bool IsMemberOf(Oid member, Oid role) const;
  // Whether `member` has what `role` may do: as IsMemberOf, but NOINHERIT roles pass nothing on.
  bool HasPrivilegesOf(Oid member, Oid role) const;
  bool IsSuperuser(Oid role) const;

  // --- the rest ---
  // Empty if there is none.
  std::string_view Comment(const ObjectAddress& object) const;
  // Of an object without a descriptor of its own.
  const Acl& FindAcl(const ObjectAddress& object) const;
  // All of pg_depend that user-defined objects make.
  std::vector<Dependency> Dependencies() const;
  const CatalogContents& contents() const { return contents_; }
  // What the version row holds: never the same for two different catalogs of a tenant. Empty: the
  // tenant has no rows yet.
  const std::string& identity() const { return identity_; }

 private:
  friend class CatalogWriter;
  struct NameKey {
    Oid schema;
    std::string name;
    bool operator==(const NameKey&) const = default;
  };
  struct NameHash {
    size_t operator()(const NameKey& key) const {
      return std::hash<std::string>()(key.name) ^ (size_t{key.schema} * 0x9E3779B97F4A7C15u);
    }
  };
  using Names = std::unordered_map<NameKey, Oid, NameHash>;
  using ProcList = std::vector<const functions::ProcInfo*>;
  using OperatorList = std::vector<const functions::OperatorInfo*>;

  void Add(const std::shared_ptr<const SchemaDescriptor>& schema);
  void Add(const std::shared_ptr<const TableDescriptor>& table);
  void Add(const std::shared_ptr<const ViewDescriptor>& view);
  void Add(const std::shared_ptr<const SequenceDescriptor>& sequence);
  void Add(const std::shared_ptr<const EnumDescriptor>& type);
  void Add(const std::shared_ptr<const DomainDescriptor>& type);
  void Add(const std::shared_ptr<const CompositeDescriptor>& type);
  void Add(const std::shared_ptr<const FunctionDescriptor>& function);
  void Add(const std::shared_ptr<const RoleDescriptor>& role);
  void Add(const std::shared_ptr<const ExtensionDescriptor>& extension);
  void Remove(const SchemaDescriptor& schema);
  void Remove(const TableDescriptor& table);
  void Remove(const ViewDescriptor& view);
  void Remove(const SequenceDescriptor& sequence);
  void Remove(const EnumDescriptor& type);
  void Remove(const DomainDescriptor& type);
  void Remove(const CompositeDescriptor& type);
  void Remove(const FunctionDescriptor& function);
  void Remove(const RoleDescriptor& role);
  void Remove(const ExtensionDescriptor& extension);
  static const Relation* FindSystemRelation(Oid oid);
  void AddRelation(Relation relation);
  void RemoveRelation(Oid oid);
  void AddType(std::shared_ptr<const types::TypeInfo> type);
  void RemoveType(Oid oid);
  void RenewDomainsOver(Oid base);
  void AddProc(std::shared_ptr<const functions::ProcInfo> proc);
  void RemoveProc(Oid oid);
  void AddOperator(std::shared_ptr<const functions::OperatorInfo> op);
  void RemoveOperator(Oid oid);

  CatalogContents contents_;
  std::string identity_;
  Oid temp_schema_ = kInvalidOid;
  std::unordered_map<std::string, Oid> schemas_by_name_;
  std::unordered_map<Oid, Relation> relations_;
  Names relations_by_name_;
  std::unordered_map<Oid, std::vector<IncomingForeignKey>> incoming_;
  std::unordered_map<Oid, std::shared_ptr<const types::TypeInfo>> types_;
  Names types_by_name_;
  std::unordered_map<Oid, std::shared_ptr<const functions::ProcInfo>> procs_;
  // Only names that have some which are not built in; the lists have the built-in ones too.
  std::unordered_map<std::string, ProcList> procs_by_name_;
  std::unordered_map<Oid, std::shared_ptr<const functions::OperatorInfo>> operators_;
  std::unordered_map<std::string, OperatorList> operators_by_name_;  // as procs_by_name_
  std::unordered_map<std::string, Oid> roles_by_name_;
};

using CatalogPtr = std::shared_ptr<const Catalog>;

// Splits a list of identifiers as search_path and datestyle have them: folds unquoted names to
// lower case, unquotes the others. False if the syntax is wrong.
bool SplitIdentifierList(std::string_view text, std::vector<std::string>& names);

}  // namespace sundog::catalog
