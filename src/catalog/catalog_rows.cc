#include "catalog/catalog_rows.h"

#include <map>
#include <set>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "catalog/descriptor_format.h"
#include "codec/key_space.h"
#include "txn/transaction.h"

namespace sundog::catalog {

namespace {

enum RowClass : uint32_t {
  kVersionRow = 0,
  kSchemaRow = 1,
  kTableRow = 2,
  kViewRow = 3,
  kSequenceRow = 4,
  kEnumRow = 5,
  kDomainRow = 6,
  kCompositeRow = 7,
  kFunctionRow = 8,
  kRoleRow = 9,
  kExtensionRow = 10,
  kCommentRow = 11,
  kOidCounterRow = 12,
  kStorageIdCounterRow = 13,
  kDefaultAclRow = 14,
  kAclRow = 15,
  kSettingsRow = 16,
};

std::string RowKey(uint32_t tenant, RowClass row_class) {
  return codec::KeyPrefix(tenant, codec::kCatalogStorageId, row_class);
}

std::string RowKey(uint32_t tenant, RowClass row_class, Oid oid) {
  std::string key = RowKey(tenant, row_class);
  base::AppendBigEndian(key, oid);
  return key;
}

std::string ObjectKey(uint32_t tenant, RowClass row_class, const ObjectAddress& object) {
  std::string key = RowKey(tenant, row_class, object.class_oid);
  base::AppendBigEndian(key, object.object);
  base::AppendBigEndian(key, object.sub_object);
  return key;
}

ObjectAddress ObjectOf(std::string_view key_rest) {
  if (key_rest.size() != 12) throw SqlError(sqlstate::kDataCorrupted, "catalog key is malformed");
  return {base::LoadBigEndian<Oid>(key_rest.data()),
          base::LoadBigEndian<Oid>(key_rest.data() + 4),
          base::LoadBigEndian<int32_t>(key_rest.data() + 8)};
}

std::string SettingsKey(uint32_t tenant, const SettingsOwner& owner) {
  std::string key = RowKey(tenant, kSettingsRow, owner.database);
  base::AppendBigEndian(key, owner.role);
  return key;
}

SettingsOwner SettingsOwnerOf(std::string_view key_rest) {
  if (key_rest.size() != 8) throw SqlError(sqlstate::kDataCorrupted, "catalog key is malformed");
  return {base::LoadBigEndian<Oid>(key_rest.data()),
          base::LoadBigEndian<Oid>(key_rest.data() + 4)};
}

template <typename Descriptor>
void LoadInto(DescriptorMap<Descriptor>& map, std::string_view value) {
  map.Put(std::make_shared<const Descriptor>(DecodeDescriptor<Descriptor>(value)));
}

void LoadRow(CatalogContents& contents, RowClass row_class, std::string_view key_rest,
             std::string_view value) {
  switch (row_class) {
    case kSchemaRow: return LoadInto(contents.schemas, value);
    case kTableRow: return LoadInto(contents.tables, value);
    case kViewRow: return LoadInto(contents.views, value);
    case kSequenceRow: return LoadInto(contents.sequences, value);
    case kEnumRow: return LoadInto(contents.enums, value);
    case kDomainRow: return LoadInto(contents.domains, value);
    case kCompositeRow: return LoadInto(contents.composites, value);
    case kFunctionRow: return LoadInto(contents.functions, value);
    case kRoleRow: return LoadInto(contents.roles, value);
    case kExtensionRow: return LoadInto(contents.extensions, value);
    case kDefaultAclRow: return LoadInto(contents.default_acls, value);
    case kCommentRow:
      contents.comments[ObjectOf(key_rest)] = std::string(value);
      return;
    case kAclRow:
      contents.acls[ObjectOf(key_rest)] = DecodeDescriptor<Acl>(value);
      return;
    case kSettingsRow:
      contents.settings[SettingsOwnerOf(key_rest)] = DecodeDescriptor<SettingsDescriptor>(value);
      return;
    case kVersionRow:
    case kOidCounterRow:
    case kStorageIdCounterRow: return;
  }
  throw SqlError(sqlstate::kDataCorrupted, "catalog row of unknown class");
}

template <typename Descriptor>
bool IsTemporary(const Descriptor& descriptor) {
  return IsTemporaryOid(descriptor.oid);
}

class ChangeWriter {
 public:
  ChangeWriter(txn::Transaction& txn, uint32_t tenant, bool all)
      : txn_(txn), tenant_(tenant), all_(all) {}

  template <typename Descriptor>
  void Write(RowClass row_class, const DescriptorMap<Descriptor>& before,
             const DescriptorMap<Descriptor>& after) {
    for (const auto& descriptor : after) {
      if (IsTemporary(*descriptor)) continue;
      if (!all_ && before.Find(descriptor->oid) == descriptor) continue;
      txn_.Put(RowKey(tenant_, row_class, descriptor->oid), EncodeDescriptor(*descriptor));
    }
    for (const auto& descriptor : before) {
      if (IsTemporary(*descriptor) || after.Get(descriptor->oid) != nullptr) continue;
      txn_.Delete(RowKey(tenant_, row_class, descriptor->oid));
    }
  }

  void WriteComments(const CatalogContents& before, const CatalogContents& after) {
    for (const auto& [object, text] : after.comments) {
      if (IsTemporaryOid(object.object)) continue;
      auto old = before.comments.find(object);
      if (!all_ && old != before.comments.end() && old->second == text) continue;
      txn_.Put(ObjectKey(tenant_, kCommentRow, object), text);
    }
    for (const auto& [object, text] : before.comments) {
      if (IsTemporaryOid(object.object) || after.comments.contains(object)) continue;
      txn_.Delete(ObjectKey(tenant_, kCommentRow, object));
    }
  }

  // Few and small: those that changed are found by their bytes.
  void WriteAcls(const CatalogContents& before, const CatalogContents& after) {
    WriteMap(before.acls, after.acls,
             [this](const ObjectAddress& object) { return ObjectKey(tenant_, kAclRow, object); });
  }
  void WriteSettings(const CatalogContents& before, const CatalogContents& after) {
    WriteMap(before.settings, after.settings,
             [this](const SettingsOwner& owner) { return SettingsKey(tenant_, owner); });
  }

 private:
  template <typename Map, typename KeyOf>
  void WriteMap(const Map& before, const Map& after, KeyOf key_of) {
    for (const auto& [name, value] : after) {
      std::string bytes = EncodeDescriptor(value);
      auto old = before.find(name);
      if (!all_ && old != before.end() && EncodeDescriptor(old->second) == bytes) continue;
      txn_.Put(key_of(name), bytes);
    }
    for (const auto& [name, value] : before) {
      if (!after.contains(name)) txn_.Delete(key_of(name));
    }
  }

  txn::Transaction& txn_;
  uint32_t tenant_;
  bool all_;
};

// Where data lies: (storage id, index number), and whole storage ids as (storage id, 0).
std::set<std::pair<uint32_t, uint32_t>> UsedStorage(const CatalogContents& contents) {
  std::set<std::pair<uint32_t, uint32_t>> used;
  for (const auto& table : contents.tables) {
    used.emplace(table->storage_id, 0);
    for (const IndexDescriptor& index : table->indexes) {
      used.emplace(table->storage_id, index.number);
    }
  }
  return used;
}

void DropUnusedStorage(txn::Transaction& txn, uint32_t tenant, const CatalogContents& before,
                       const CatalogContents& after) {
  auto used = UsedStorage(after);
  for (const auto& [storage, index] : UsedStorage(before)) {
    if (used.contains({storage, index})) continue;
    if (index == 0) {
      txn.DeleteRangeAtCommit(kv::PrefixRange(codec::StoragePrefix(tenant, storage)));
    } else if (used.contains({storage, 0})) {
      txn.DeleteRangeAtCommit(kv::PrefixRange(codec::KeyPrefix(tenant, storage, index)));
    }
  }
  std::set<uint32_t> sequences;
  for (const auto& sequence : after.sequences) sequences.insert(sequence->storage_id);
  for (const auto& sequence : before.sequences) {
    if (sequences.contains(sequence->storage_id)) continue;
    txn.DeleteRangeAtCommit(kv::PrefixRange(codec::SequenceKey(tenant, sequence->storage_id)));
  }
}

}  // namespace

std::string CatalogVersionKey(uint32_t tenant) { return RowKey(tenant, kVersionRow); }
std::string RoleKey(uint32_t tenant, Oid role) { return RowKey(tenant, kRoleRow, role); }
std::string OidCounterKey(uint32_t tenant) { return RowKey(tenant, kOidCounterRow); }
std::string StorageIdCounterKey(uint32_t tenant) { return RowKey(tenant, kStorageIdCounterRow); }

std::string ReadCatalogIdentity(const txn::ReadView& view, uint32_t tenant) {
  kv::ReadBuffer buffer;
  auto value = view.Get(CatalogVersionKey(tenant), buffer);
  return value ? std::string(*value) : std::string();
}

CatalogPtr LoadCatalog(const txn::ReadView& view, uint32_t tenant) {
  std::string identity = ReadCatalogIdentity(view, tenant);
  if (identity.empty()) return Catalog::Empty();
  CatalogContents contents;
  auto cursor =
      view.Scan(kv::PrefixRange(codec::StoragePrefix(tenant, codec::kCatalogStorageId)));
  for (auto entries = cursor->Next(256); !entries.empty(); entries = cursor->Next(256)) {
    for (const kv::Entry& entry : entries) {
      auto row_class = static_cast<RowClass>(base::LoadBigEndian<uint32_t>(entry.key.data() + 8));
      LoadRow(contents, row_class, entry.key.substr(codec::kKeyPrefixBytes), entry.value);
    }
  }
  return std::make_shared<const Catalog>(std::move(contents), std::move(identity));
}

void WriteCatalogChanges(txn::Transaction& txn, uint32_t tenant, const Catalog& before,
                         const Catalog& after) {
  const CatalogContents& old_rows = before.contents();
  const CatalogContents& new_rows = after.contents();
  DropUnusedStorage(txn, tenant, old_rows, new_rows);
  if (before.identity() == after.identity()) return;  // only temporary objects changed
  ChangeWriter writer(txn, tenant, before.identity().empty());
  writer.Write(kSchemaRow, old_rows.schemas, new_rows.schemas);
  writer.Write(kTableRow, old_rows.tables, new_rows.tables);
  writer.Write(kViewRow, old_rows.views, new_rows.views);
  writer.Write(kSequenceRow, old_rows.sequences, new_rows.sequences);
  writer.Write(kEnumRow, old_rows.enums, new_rows.enums);
  writer.Write(kDomainRow, old_rows.domains, new_rows.domains);
  writer.Write(kCompositeRow, old_rows.composites, new_rows.composites);
  writer.Write(kFunctionRow, old_rows.functions, new_rows.functions);
  writer.Write(kRoleRow, old_rows.roles, new_rows.roles);
  writer.Write(kExtensionRow, old_rows.extensions, new_rows.extensions);
  writer.Write(kDefaultAclRow, old_rows.default_acls, new_rows.default_acls);
  writer.WriteComments(old_rows, new_rows);
  writer.WriteAcls(old_rows, new_rows);
  writer.WriteSettings(old_rows, new_rows);
  txn.Put(CatalogVersionKey(tenant), after.identity());
}

}  // namespace sundog::catalog
