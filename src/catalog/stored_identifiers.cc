// Object and storage numbers from counters kept in the store.
#include "catalog/catalog_rows.h"
#include "catalog/catalog_writer.h"
#include "codec/key_space.h"
#include "txn/sequences.h"

namespace sundog::catalog {

Oid StoredIdentifiers::NewOid() {
  int64_t last;
  return static_cast<Oid>(sequences_.Next(
      OidCounterKey(tenant_), "oid", {types::kFirstUserOid, 1, 1, kFirstTemporaryOid - 1, false},
      1, &last));
}

uint32_t StoredIdentifiers::NewStorageId() {
  int64_t last;
  return static_cast<uint32_t>(sequences_.Next(
      StorageIdCounterKey(tenant_), "storage id",
      {codec::kFirstTableStorageId, 1, 1, INT32_MAX, false}, 1, &last));
}

}  // namespace sundog::catalog
