// How the key space is divided.
//
//   bytes | part     | value
//   ------+----------+---------------------------------------------------------------
//   0-3   | tenant   | big-endian; 0 is the server itself (identities, jobs)
//   4-7   | storage  | big-endian; a table's storage id, or a reserved id below
//   8-11  | index    | big-endian; a table's: catalog::kRowIndexNumber is the rows
//   12-   | columns  | order-preserving (codec/key_codec.h)
//
// Example: tenant 7, storage 1000, rows, an int4 key of 5: 00000007 000003E8 00000001 80000005.
//
// Invariants:
//  1. Tables have storage ids from kFirstTableStorageId on; an id is never used twice in a tenant.
//  2. No key is outside this scheme, and none has the tenant 0xFFFFFFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sundog::codec {

inline constexpr size_t kKeyPrefixBytes = 12;

inline constexpr uint32_t kServerTenant = 0;
// Of the cluster that a new data folder has.
inline constexpr uint32_t kFirstTenant = 1;
inline constexpr uint32_t kCatalogStorageId = 1;
inline constexpr uint32_t kSequenceStorageId = 2;
inline constexpr uint32_t kJobStorageId = 3;
inline constexpr uint32_t kIdentityStorageId = 4;
inline constexpr uint32_t kStatisticsStorageId = 5;
inline constexpr uint32_t kClusterStorageId = 6;
inline constexpr uint32_t kDeletedStorageId = 7;
inline constexpr uint32_t kTokenStorageId = 8;
inline constexpr uint32_t kFirstTableStorageId = 1000;
// From here on they are of one session's temporary tables and sequences.
inline constexpr uint32_t kFirstTemporaryStorageId = 0x80000000;

// All that a tenant keeps.
inline std::string TenantPrefix(uint32_t tenant) {
  std::string prefix;
  base::AppendBigEndian(prefix, tenant);
  return prefix;
}

inline std::string KeyPrefix(uint32_t tenant, uint32_t storage, uint32_t index) {
  std::string prefix;
  prefix.reserve(kKeyPrefixBytes + 16);
  base::AppendBigEndian(prefix, tenant);
  base::AppendBigEndian(prefix, storage);
  base::AppendBigEndian(prefix, index);
  return prefix;
}

// All indexes of one storage id.
inline std::string StoragePrefix(uint32_t tenant, uint32_t storage) {
  std::string prefix;
  base::AppendBigEndian(prefix, tenant);
  base::AppendBigEndian(prefix, storage);
  return prefix;
}

// Where txn::Sequences keeps the position of the sequence with this storage id.
inline std::string SequenceKey(uint32_t tenant, uint32_t sequence_storage) {
  return KeyPrefix(tenant, kSequenceStorageId, sequence_storage);
}

}  // namespace sundog::codec
