// Tokens of the HTTP API: whoever has one may run SQL in the databases it is for, read-only or not,
// until it expires or is revoked.
//
//   sundog_ID_SECRET      ID: 16 of [a-z2-7]; SECRET: 43 of base64url's alphabet, 258 random bits
//
// Stored under the server's own tenant, one row a token, as JSON:
//   key: KeyPrefix(kServerTenant, kTokenStorageId, 0) ID
//   value: {"name":"ci","digest":"9f…","creator":"arn:…","created_s":1760000000,
//           "expires_s":1791536000,"databases":[{"id":"kq3…","access":"ro"}]}
//
// Of the secret only its SHA-256 is kept. One pass of a fast hash is enough: slow hashes and salts
// protect what people choose, and nobody finds one of 2^258 by trying. The id says which row it is;
// the digests are then compared in constant time, with an empty one where there is no such row.
//
// Invariants: a secret is told once, to whoever makes it, and is in no log. A token's databases are
// named by identifiers, which are never given twice: it is for none that is made later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/mutex.h"

namespace sundog::base {
class Clock;
}
namespace sundog::kv {
class Store;
}

namespace sundog::control {

struct TokenScope {
  std::string database;  // a cluster's identifier
  bool may_write = false;
};

struct ApiToken {
  std::string id;
  std::string name;
  std::string digest;   // of the secret, in hexadecimal
  std::string creator;  // an ARN
  int64_t created_s = 0;
  int64_t expires_s = 0;
  std::vector<TokenScope> databases;

  // Null: it is not for this one.
  const TokenScope* ScopeOf(std::string_view database) const;
};

using ApiTokenPtr = std::shared_ptr<const ApiToken>;

// Safe from all threads and fibers; changes suspend. Outlived by store and clock.
class ApiTokens {
 public:
  static constexpr size_t kMaxTokens = 10'000;

  ApiTokens(kv::Store& store, base::Clock& clock);

  struct Made {
    ApiTokenPtr token;
    std::string text;  // the only time that it is told
  };
  // Takes all but id and digest from `wanted`. Tokens that have expired, or of whose databases
  // `exists` says that there is none any more, are deleted with it. ClusterError: there are too
  // many.
  Made Create(const ApiToken& wanted, const std::function<bool(std::string_view)>& exists);
  // Expired ones, too.
  std::vector<ApiTokenPtr> List() const;
  ApiTokenPtr Get(std::string_view id) const;
  // From when it returns on the token opens nothing.
  void Revoke(std::string_view id);
  // By its text; null if it is unknown, wrong or expired, which are all one.
  ApiTokenPtr Find(std::string_view text) const;

 private:
  int64_t NowSeconds() const;
  void Load();

  kv::Store& store_;
  base::Clock& clock_;
  // One change at a time; held across the commit.
  runtime::FiberMutex changing_;

  mutable runtime::Mutex mutex_;
  std::map<std::string, ApiTokenPtr, std::less<>> tokens_ GUARDED_BY(mutex_);  // by id
};

}  // namespace sundog::control
