// Changes to a catalog within one statement: a private copy of the snapshot that DDL operations
// (catalog/ddl/) read and change, and that becomes the transaction's new snapshot at the end.
//
//   CatalogWriter writer(snapshot, environment);
//   ddl::CreateTable(writer, spec);
//   CatalogPtr after = writer.Finish();
//   WriteCatalogChanges(txn, tenant, *snapshot, *after);
//
// Nothing is written and nobody else sees anything before Finish; leaving the writer undoes all.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "catalog/catalog.h"

namespace sundog::base {
struct ErrorFields;
class Random;
}  // namespace sundog::base
namespace sundog::txn {
class Sequences;
}

namespace sundog::catalog {

// Hands out numbers that are never given twice in a tenant, whatever becomes of the transaction.
class Identifiers {
 public:
  virtual ~Identifiers() = default;
  virtual Oid NewOid() = 0;
  virtual uint32_t NewStorageId() = 0;
};

// Counters kept in the store.
class StoredIdentifiers final : public Identifiers {
 public:
  StoredIdentifiers(txn::Sequences& sequences, uint32_t tenant)
      : sequences_(sequences), tenant_(tenant) {}
  Oid NewOid() override;
  uint32_t NewStorageId() override;

 private:
  txn::Sequences& sequences_;
  uint32_t tenant_;
};

// Who makes the change, and where its numbers and notices go.
struct DdlEnvironment {
  Oid role = kSuperuserRole;
  Oid session_role = kSuperuserRole;
  std::string database_name;
  SearchPath search_path;
  Identifiers* identifiers = nullptr;
  base::Random* random = nullptr;
  std::function<void(const base::ErrorFields&)> notice;
  // Of the session: the number in its temporary schema's name, and its own counter of OIDs.
  int32_t backend_id = 1;
  Oid* next_temporary_oid = nullptr;
};

class CatalogWriter {
 public:
  CatalogWriter(const CatalogPtr& base, DdlEnvironment environment);

  // With all changes so far. Pointers into it die with the next change of their object.
  const Catalog& catalog() const { return *catalog_; }
  // A snapshot of that, which later changes leave alone.
  CatalogPtr Snapshot() const { return std::make_shared<const Catalog>(*catalog_); }
  const DdlEnvironment& environment() const { return environment_; }
  Oid role() const { return environment_.role; }
  const SearchPath& search_path() const { return environment_.search_path; }

  void Notice(std::string message) const;
  void Notice(const base::ErrorFields& fields) const;

  // --- numbers; `schema` decides whether the object is temporary ---
  Oid NewOid(Oid schema);
  uint32_t NewStorageId(Oid schema);
  // The session's temporary schema, made if it is not there yet.
  Oid TemporarySchema();

  // --- changes: add or replace, by OID ---
  template <typename Descriptor>
  void Put(Descriptor descriptor) {
    Replace(std::make_shared<const Descriptor>(std::move(descriptor)));
  }
  void DropSchema(Oid oid);
  void DropTable(Oid oid);
  void DropView(Oid oid);
  void DropSequence(Oid oid);
  void DropEnum(Oid oid);
  void DropDomain(Oid oid);
  void DropComposite(Oid oid);
  void DropFunction(Oid oid);
  void DropRole(Oid oid);
  void DropExtension(Oid oid);
  void DropDefaultAcl(Oid oid);
  // The empty text takes the comment away.
  void SetComment(const ObjectAddress& object, std::string text);
  // Of an object without a descriptor of its own.
  void SetAcl(const ObjectAddress& object, Acl acl);
  // No settings take the entry away.
  void SetSettings(const SettingsOwner& owner, SettingsDescriptor settings);

  // The changed snapshot; the base itself if nothing changed. The writer is empty afterwards.
  CatalogPtr Finish();

 private:
  void Replace(std::shared_ptr<const SchemaDescriptor> schema);
  void Replace(std::shared_ptr<const TableDescriptor> table);
  void Replace(std::shared_ptr<const ViewDescriptor> view);
  void Replace(std::shared_ptr<const SequenceDescriptor> sequence);
  void Replace(std::shared_ptr<const EnumDescriptor> type);
  void Replace(std::shared_ptr<const DomainDescriptor> type);
  void Replace(std::shared_ptr<const CompositeDescriptor> type);
  void Replace(std::shared_ptr<const FunctionDescriptor> function);
  void Replace(std::shared_ptr<const RoleDescriptor> role);
  void Replace(std::shared_ptr<const ExtensionDescriptor> extension);
  void Replace(std::shared_ptr<const DefaultAclDescriptor> acl);
  template <typename Descriptor>
  void ReplaceIn(DescriptorMap<Descriptor>& map, std::shared_ptr<const Descriptor> descriptor);
  template <typename Descriptor>
  void DropFrom(DescriptorMap<Descriptor>& map, Oid oid);
  void Changed(Oid oid);
  void DropComments(Oid class_oid, Oid oid);

  CatalogPtr base_;
  std::shared_ptr<Catalog> catalog_;
  DdlEnvironment environment_;
  bool changed_ = false;
  bool persistent_changed_ = false;
};

}  // namespace sundog::catalog
