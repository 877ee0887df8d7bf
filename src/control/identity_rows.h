// How identities lie in the store: under kServerTenant, kIdentityStorageId (codec/key_space.h).
//
//   index | key after the prefix                  | value
//   ------+---------------------------------------+----------------------------------------------
//   1     | (nothing)                             | number of changes so far, 8 bytes
//   2     | (nothing)                             | format, account (12 digits), key check (sealed)
//   3     | kind, name                            | format, created
//   4     | access key id                         | format, created, kind, length of name (1),
//         |                                       |   name, secret (sealed)
//   5     | kind, name, 00, policy's name         | format, created, the policy's JSON
//
// format: 1 byte, 01. kind: 'r' role, 'u' user. created: seconds since 1970, 8 bytes. Integers are
// little-endian. Sealed: control/secret_key.h, for the purpose "access key ID KIND/NAME" and "key
// check ACCOUNT".
//
// Example: user `ann` made at second 1000 is
//   00000000 00000004 00000003 75 616E6E -> 01 E803000000000000
//
// Invariants:
//  1. Every change rewrites row 1 in its own commit, and is judged against it: changes are in one
//     order, and what was read since row 1 last changed still holds.
//  2. The owner of a key or a policy exists. No two principals of a kind differ in case alone.
//  3. What the key check holds is "sundog": it opens with the right secret key alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/access_keys.h"
#include "control/principal.h"
#include "kv/store.h"

namespace sundog::control {

struct StoredPolicy {
  int64_t created_s = 0;
  std::string json;
};

struct StoredPrincipal {
  PrincipalName name;
  int64_t created_s = 0;
  std::map<std::string, StoredPolicy, std::less<>> policies;
  auth::Policies parsed;  // never null
};

struct StoredAccessKey {
  PrincipalName owner;
  int64_t created_s = 0;
  std::string sealed_secret;
};

// All identities, as one version of the store has them.
struct IdentityState {
  uint64_t changes = 0;
  std::string account;  // empty: there are none yet
  std::string sealed_check;
  // By name in lower case.
  std::map<PrincipalName, StoredPrincipal> principals;
  std::map<std::string, StoredAccessKey, std::less<>> keys;

  const StoredPrincipal* Find(const PrincipalName& name) const;
};

std::string ChangesKey();
std::string AccountKey();
std::string PrincipalKey(const PrincipalName& principal);
std::string AccessKeyKey(std::string_view id);
std::string PolicyKey(const PrincipalName& principal, std::string_view policy);

std::string EncodeChanges(uint64_t changes);
std::string EncodeAccount(std::string_view account, std::string_view sealed_check);
std::string EncodePrincipal(int64_t created_s);
std::string EncodeAccessKey(const StoredAccessKey& key);
std::string EncodePolicy(const StoredPolicy& policy);

std::string AccessKeyPurpose(std::string_view id, const PrincipalName& owner);
std::string KeyCheckPurpose(std::string_view account);
inline constexpr std::string_view kKeyCheck = "sundog";

uint64_t ReadChanges(const kv::Snapshot& snapshot);
// Throws SqlError XX001 when a row is malformed.
IdentityState ReadIdentities(const kv::Snapshot& snapshot);

}  // namespace sundog::control
