// Which catalog snapshot a statement works on.
//
// CatalogCache: the server's snapshots, shared by all sessions of a tenant, by version identity.
// SessionCatalog: one session's view of it: the snapshot that its statement's ReadView sees, with
// the session's temporary objects laid over it.
//
// How a version is found out: the version row is read through the view, so that a transaction sees
// its own DDL, and what is rolled back (to a savepoint, too) is gone by itself. Temporary objects
// are not in rows; the session takes a Mark() at each savepoint and goes back to it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/catalog_writer.h"
#include "kv/store.h"
#include "runtime/mutex.h"

namespace sundog::txn {
class ReadView;
class Transaction;
}  // namespace sundog::txn

namespace sundog::catalog {

// Safe from all threads.
class CatalogCache {
 public:
  // The catalog of `tenant` that `view` sees; loaded if no session had it before.
  CatalogPtr Find(const txn::ReadView& view, uint32_t tenant);
  // A snapshot made by DDL, for the statements that follow it.
  void Put(uint32_t tenant, const CatalogPtr& catalog);
  // What it had, for the caller to destroy where nobody waits for that.
  [[nodiscard]] std::vector<CatalogPtr> TakeTenant(uint32_t tenant);

 private:
  // The last few versions of a tenant, newest first.
  static constexpr size_t kVersionsKept = 8;
  runtime::Mutex mutex_;
  std::unordered_map<uint32_t, std::vector<CatalogPtr>> tenants_ GUARDED_BY(mutex_);
};

// One a session; used by one fiber at a time.
class SessionCatalog {
 public:
  // Temporary objects at one point of the transaction.
  using Mark = std::shared_ptr<const CatalogContents>;

  SessionCatalog(CatalogCache& cache, uint32_t tenant);

  // For a statement that reads through `view`.
  CatalogPtr Find(const txn::ReadView& view);

  // Puts a writer's result into the transaction: takes the lock on the version row, writes rows and
  // notes the temporary objects. Throws txn::StatementRestart or 40001 when another transaction's
  // DDL came between.
  void Apply(txn::Transaction& txn, const CatalogPtr& before, const CatalogPtr& after);

  Mark mark() const { return temporary_; }
  // ROLLBACK [TO SAVEPOINT].
  void RollbackTo(const Mark& mark);

  Oid* next_temporary_oid() { return &next_temporary_oid_; }
  uint32_t tenant() const { return tenant_; }

 private:
  CatalogPtr FindPermanent(const txn::ReadView& view);

  CatalogCache& cache_;
  uint32_t tenant_;
  const std::string version_key_;
  // What the last statement found, without its own transaction's DDL, and the version of the store
  // it found it at. Weak: an idle session keeps no catalog alive.
  std::weak_ptr<const Catalog> known_;
  kv::Version known_at_ = 0;
  Mark temporary_;  // null: none
  Oid next_temporary_oid_ = kFirstTemporaryOid;
  // The last merge of the two.
  CatalogPtr merged_base_;
  Mark merged_temporary_;
  CatalogPtr merged_;
};

}  // namespace sundog::catalog
