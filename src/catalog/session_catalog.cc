#include "catalog/session_catalog.h"

#include <algorithm>

#include "catalog/catalog_rows.h"
#include "txn/transaction.h"

namespace sundog::catalog {

namespace {

template <typename Descriptor>
void CopyTemporary(const DescriptorMap<Descriptor>& from, DescriptorMap<Descriptor>& to) {
  for (const auto& descriptor : from) {
    if (IsTemporaryOid(descriptor->oid)) to.Put(descriptor);
  }
}

// Visits each descriptor map of both together.
template <typename Visit>
void ForEachMap(const CatalogContents& from, CatalogContents& to, Visit visit) {
  visit(from.schemas, to.schemas);
  visit(from.tables, to.tables);
  visit(from.views, to.views);
  visit(from.sequences, to.sequences);
  visit(from.enums, to.enums);
  visit(from.domains, to.domains);
  visit(from.composites, to.composites);
  visit(from.functions, to.functions);
  visit(from.default_acls, to.default_acls);
}

void LayOver(const CatalogContents& from, CatalogContents& to) {
  ForEachMap(from, to, [](const auto& source, auto& target) { CopyTemporary(source, target); });
  for (const auto& [object, text] : from.comments) {
    if (IsTemporaryOid(object.object)) to.comments[object] = text;
  }
}

CatalogPtr WithoutTemporary(const CatalogPtr& catalog) {
  if (catalog->temp_schema() == kInvalidOid) return catalog;
  CatalogContents permanent = catalog->contents();
  ForEachMap(catalog->contents(), permanent, [](const auto& source, auto& target) {
    for (const auto& descriptor : source) {
      if (IsTemporaryOid(descriptor->oid)) target.Erase(descriptor->oid);
    }
  });
  std::erase_if(permanent.comments,
                [](const auto& comment) { return IsTemporaryOid(comment.first.object); });
  return std::make_shared<const Catalog>(std::move(permanent), catalog->identity());
}

}  // namespace

CatalogPtr CatalogCache::Find(const txn::ReadView& view, uint32_t tenant) {
  std::string identity = ReadCatalogIdentity(view, tenant);
  if (identity.empty()) return Catalog::Empty();
  {
    runtime::MutexLock lock(mutex_);
    for (const CatalogPtr& catalog : tenants_[tenant]) {
      if (catalog->identity() == identity) return catalog;
    }
  }
  CatalogPtr loaded = LoadCatalog(view, tenant);
  Put(tenant, loaded);
  return loaded;
}

void CatalogCache::Put(uint32_t tenant, const CatalogPtr& catalog) {
  CatalogPtr oldest;  // outlives the lock
  runtime::MutexLock lock(mutex_);
  std::vector<CatalogPtr>& versions = tenants_[tenant];
  std::erase_if(versions, [&](const CatalogPtr& other) {
    return other->identity() == catalog->identity();
  });
  versions.insert(versions.begin(), catalog);
  if (versions.size() <= kVersionsKept) return;
  oldest = std::move(versions.back());
  versions.pop_back();
}

std::vector<CatalogPtr> CatalogCache::TakeTenant(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  auto taken = tenants_.extract(tenant);
  return taken.empty() ? std::vector<CatalogPtr>() : std::move(taken.mapped());
}

SessionCatalog::SessionCatalog(CatalogCache& cache, uint32_t tenant)
    : cache_(cache), tenant_(tenant), version_key_(CatalogVersionKey(tenant)) {}

CatalogPtr SessionCatalog::FindPermanent(const txn::ReadView& view) {
  if (CatalogPtr known = known_.lock(); known && view.ShowsAsOf(version_key_, known_at_)) {
    known_at_ = view.version();
    return known;
  }
  CatalogPtr found = cache_.Find(view, tenant_);
  if (view.ShowsAsOf(version_key_, view.version())) {
    known_ = found;
    known_at_ = view.version();
  }
  return found;
}

CatalogPtr SessionCatalog::Find(const txn::ReadView& view) {
  CatalogPtr base = FindPermanent(view);
  if (temporary_ == nullptr) return base;
  if (merged_ == nullptr || merged_base_ != base || merged_temporary_ != temporary_) {
    CatalogContents contents = base->contents();
    LayOver(*temporary_, contents);
    merged_ = std::make_shared<const Catalog>(std::move(contents), base->identity());
    merged_base_ = base;
    merged_temporary_ = temporary_;
  }
  return merged_;
}

void SessionCatalog::Apply(txn::Transaction& txn, const CatalogPtr& before,
                           const CatalogPtr& after) {
  if (before == after) return;
  if (before->identity() != after->identity()) {
    txn::RowLockOutcome outcome =
        txn.LockRow(txn.View(), CatalogVersionKey(tenant_), txn::RowLockMode::kUpdate);
    if (outcome == txn::RowLockOutcome::kChanged) throw txn::StatementRestart();
  }
  WriteCatalogChanges(txn, tenant_, *before, *after);
  if (before->identity() != after->identity()) cache_.Put(tenant_, WithoutTemporary(after));
  if (after->temp_schema() != kInvalidOid || temporary_ != nullptr) {
    auto temporary = std::make_shared<CatalogContents>();
    LayOver(after->contents(), *temporary);
    temporary_ = std::move(temporary);
  }
}

void SessionCatalog::RollbackTo(const Mark& mark) { temporary_ = mark; }

}  // namespace sundog::catalog
