#include "catalog/catalog_writer.h"

#include <fmt/format.h>

#include "base/random.h"
#include "base/sql_error.h"
#include "catalog/acl.h"
#include "codec/key_space.h"

namespace sundog::catalog {

CatalogWriter::CatalogWriter(const CatalogPtr& base, DdlEnvironment environment)
    : base_(base),
      catalog_(std::make_shared<Catalog>(*base)),
      environment_(std::move(environment)) {}

void CatalogWriter::Notice(std::string message) const {
  base::ErrorFields fields;
  fields.severity = base::Severity::kNotice;
  fields.state = sqlstate::kSuccessfulCompletion;
  fields.message = std::move(message);
  Notice(fields);
}

void CatalogWriter::Notice(const base::ErrorFields& fields) const {
  if (environment_.notice) environment_.notice(fields);
}

Oid CatalogWriter::NewOid(Oid schema) {
  if (IsTemporaryOid(schema)) return (*environment_.next_temporary_oid)++;
  return environment_.identifiers->NewOid();
}

uint32_t CatalogWriter::NewStorageId(Oid schema) {
  // No counter is shared between sessions for these: they are drawn.
  if (IsTemporaryOid(schema)) {
    return codec::kFirstTemporaryStorageId +
           static_cast<uint32_t>(environment_.random->Below(0x7FFFFFFF));
  }
  return environment_.identifiers->NewStorageId();
}

Oid CatalogWriter::TemporarySchema() {
  if (catalog_->temp_schema() != kInvalidOid) return catalog_->temp_schema();
  if (!HasPrivileges(*catalog_, DatabaseAcl(*catalog_, kPostgresDatabase), AclObject::kDatabase,
                     kSuperuserRole, role(), kTemporary)) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   fmt::format("permission denied to create temporary tables in database \"{}\"",
                               environment_.database_name));
  }
  SchemaDescriptor schema;
  schema.oid = (*environment_.next_temporary_oid)++;
  schema.name = fmt::format("pg_temp_{}", environment_.backend_id);
  schema.owner = kSuperuserRole;
  Put(schema);
  return schema.oid;
}

void CatalogWriter::Changed(Oid oid) {
  changed_ = true;
  if (!IsTemporaryOid(oid)) persistent_changed_ = true;
}

template <typename Descriptor>
void CatalogWriter::ReplaceIn(DescriptorMap<Descriptor>& map,
                              std::shared_ptr<const Descriptor> descriptor) {
  if (auto old = map.Find(descriptor->oid)) catalog_->Remove(*old);
  map.Put(descriptor);
  catalog_->Add(descriptor);
  Changed(descriptor->oid);
}

template <typename Descriptor>
void CatalogWriter::DropFrom(DescriptorMap<Descriptor>& map, Oid oid) {
  auto old = map.Find(oid);
  if (old == nullptr) return;
  catalog_->Remove(*old);
  map.Erase(oid);
  Changed(oid);
}

void CatalogWriter::Replace(std::shared_ptr<const SchemaDescriptor> schema) {
  ReplaceIn(catalog_->contents_.schemas, std::move(schema));
}
void CatalogWriter::Replace(std::shared_ptr<const TableDescriptor> table) {
  ReplaceIn(catalog_->contents_.tables, std::move(table));
}
void CatalogWriter::Replace(std::shared_ptr<const ViewDescriptor> view) {
  ReplaceIn(catalog_->contents_.views, std::move(view));
}
void CatalogWriter::Replace(std::shared_ptr<const SequenceDescriptor> sequence) {
  ReplaceIn(catalog_->contents_.sequences, std::move(sequence));
}
void CatalogWriter::Replace(std::shared_ptr<const EnumDescriptor> type) {
  ReplaceIn(catalog_->contents_.enums, std::move(type));
}
void CatalogWriter::Replace(std::shared_ptr<const DomainDescriptor> type) {
  ReplaceIn(catalog_->contents_.domains, std::move(type));
}
void CatalogWriter::Replace(std::shared_ptr<const CompositeDescriptor> type) {
  ReplaceIn(catalog_->contents_.composites, std::move(type));
}
void CatalogWriter::Replace(std::shared_ptr<const FunctionDescriptor> function) {
  ReplaceIn(catalog_->contents_.functions, std::move(function));
}
void CatalogWriter::Replace(std::shared_ptr<const RoleDescriptor> role) {
  ReplaceIn(catalog_->contents_.roles, std::move(role));
}
void CatalogWriter::Replace(std::shared_ptr<const ExtensionDescriptor> extension) {
  ReplaceIn(catalog_->contents_.extensions, std::move(extension));
}

void CatalogWriter::Replace(std::shared_ptr<const DefaultAclDescriptor> acl) {
  Oid oid = acl->oid;
  catalog_->contents_.default_acls.Put(std::move(acl));
  Changed(oid);
}

void CatalogWriter::DropSchema(Oid oid) {
  DropFrom(catalog_->contents_.schemas, oid);
  DropComments(classes::kNamespace, oid);
}

void CatalogWriter::DropTable(Oid oid) {
  if (auto table = catalog_->FindTable(oid)) {
    for (const auto& constraint : table->constraints) {
      DropComments(classes::kConstraint, constraint.oid);
    }
    for (const auto& index : table->indexes) DropComments(classes::kClass, index.oid);
  }
  DropFrom(catalog_->contents_.tables, oid);
  DropComments(classes::kClass, oid);
}

void CatalogWriter::DropView(Oid oid) {
  DropFrom(catalog_->contents_.views, oid);
  DropComments(classes::kClass, oid);
}

void CatalogWriter::DropSequence(Oid oid) {
  DropFrom(catalog_->contents_.sequences, oid);
  DropComments(classes::kClass, oid);
}

void CatalogWriter::DropEnum(Oid oid) {
  DropFrom(catalog_->contents_.enums, oid);
  DropComments(classes::kType, oid);
}

void CatalogWriter::DropDomain(Oid oid) {
  DropFrom(catalog_->contents_.domains, oid);
  DropComments(classes::kType, oid);
}

void CatalogWriter::DropComposite(Oid oid) {
  DropFrom(catalog_->contents_.composites, oid);
  DropComments(classes::kType, oid);
}

void CatalogWriter::DropFunction(Oid oid) {
  DropFrom(catalog_->contents_.functions, oid);
  DropComments(classes::kProc, oid);
}

void CatalogWriter::DropRole(Oid oid) {
  DropFrom(catalog_->contents_.roles, oid);
  DropComments(classes::kAuthid, oid);
}

void CatalogWriter::DropExtension(Oid oid) {
  DropFrom(catalog_->contents_.extensions, oid);
  DropComments(classes::kExtension, oid);
}

void CatalogWriter::DropDefaultAcl(Oid oid) {
  catalog_->contents_.default_acls.Erase(oid);
  Changed(oid);
}

void CatalogWriter::SetAcl(const ObjectAddress& object, Acl acl) {
  catalog_->contents_.acls[object] = std::move(acl);
  Changed(object.object);
}

void CatalogWriter::SetSettings(const SettingsOwner& owner, SettingsDescriptor settings) {
  if (settings.values.empty()) {
    catalog_->contents_.settings.erase(owner);
  } else {
    catalog_->contents_.settings[owner] = std::move(settings);
  }
  Changed(owner.role);
}

void CatalogWriter::SetComment(const ObjectAddress& object, std::string text) {
  auto& comments = catalog_->contents_.comments;
  if (text.empty()) {
    comments.erase(object);
  } else {
    comments[object] = std::move(text);
  }
  Changed(object.object);
}

void CatalogWriter::DropComments(Oid class_oid, Oid oid) {
  auto& comments = catalog_->contents_.comments;
  auto at = comments.lower_bound({class_oid, oid, 0});
  while (at != comments.end() && at->first.class_oid == class_oid && at->first.object == oid) {
    at = comments.erase(at);
  }
}

CatalogPtr CatalogWriter::Finish() {
  if (!changed_) return base_;
  if (persistent_changed_) {
    std::string identity;
    while (identity.size() < 16) {
      uint64_t bits = environment_.random->Next();
      identity.append(reinterpret_cast<const char*>(&bits), sizeof(bits));
    }
    catalog_->identity_ = std::move(identity);
  }
  changed_ = false;
  return std::move(catalog_);
}

}  // namespace sundog::catalog
