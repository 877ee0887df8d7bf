// The catalog as keys and values of the store.
//
//   key: tenant (4) · kCatalogStorageId (4) · class (4) · OID (4)
//
//   class | OID            | value
//   ------+----------------+------------------------------------------------------------------
//   0     | absent         | the version: the identity of this state of the catalog, 16 bytes
//   1     | the object's   | SchemaDescriptor (catalog/descriptor_format.h)
//   2     |                | TableDescriptor
//   3     |                | ViewDescriptor
//   4     |                | SequenceDescriptor
//   5     |                | EnumDescriptor
//   6     |                | DomainDescriptor
//   7     |                | CompositeDescriptor
//   8     |                | FunctionDescriptor
//   9     |                | RoleDescriptor
//   10    |                | ExtensionDescriptor
//   11    | of the class   | a comment; the key goes on with the object's OID and column (4 + 4)
//   12    | absent         | the counter of OIDs (a txn::Sequences position)
//   13    | absent         | the counter of storage ids
//
// Invariants:
//  1. Every change of a row changes the version row in the same commit, so whoever read the version
//     knows all other rows.
//  2. A tenant without a version row has no other rows and is Catalog::Empty(); the first change
//     writes the rows of that one, too.
#pragma once

#include <cstdint>
#include <string>

#include "catalog/catalog.h"

namespace sundog::txn {
class ReadView;
class Transaction;
}  // namespace sundog::txn

namespace sundog::catalog {

std::string CatalogVersionKey(uint32_t tenant);
// Where a role's RoleDescriptor is.
std::string RoleKey(uint32_t tenant, Oid role);
std::string OidCounterKey(uint32_t tenant);
std::string StorageIdCounterKey(uint32_t tenant);

// The version row as the view sees it; empty if there is none.
std::string ReadCatalogIdentity(const txn::ReadView& view, uint32_t tenant);
// Reads all rows. Throws XX001 if one is malformed.
CatalogPtr LoadCatalog(const txn::ReadView& view, uint32_t tenant);

// Writes what differs between two snapshots, and the new one's identity. The caller holds the lock
// on the version row. Temporary objects are left out. Storage that no descriptor names any more is
// deleted at commit.
void WriteCatalogChanges(txn::Transaction& txn, uint32_t tenant, const Catalog& before,
                         const Catalog& after);

}  // namespace sundog::catalog
