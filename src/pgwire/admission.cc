#include "pgwire/admission.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/sql_error.h"

namespace sundog::pgwire {

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : from_(std::exchange(other.from_, nullptr)), tenant_(other.tenant_) {}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
  std::swap(from_, other.from_);
  std::swap(tenant_, other.tenant_);
  return *this;
}

Admission::Ticket::~Ticket() {
  if (from_ != nullptr) from_->Release(tenant_);
}

bool Admission::IsAsNew(const Cluster& cluster, int64_t now_us) const {
  return cluster.connections == 0 && cluster.new_ones.IsFull(limits_.new_ones, now_us);
}

void Admission::ForgetOld() {
  int64_t now_us = clock_.MonotonicMicros();
  std::erase_if(clusters_, [&](const auto& entry) { return IsAsNew(entry.second, now_us); });
  forget_at_ = std::max(kFew, 2 * clusters_.size());
}

Admission::Ticket Admission::Admit(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  if (clusters_.size() >= forget_at_) ForgetOld();
  Cluster& cluster = clusters_[tenant];
  if (cluster.connections >= limits_.most_connections) {
    throw SqlError(sqlstate::kTooManyConnections,
                   "Unable to accept connection, too many open connections.")
        .Fatal();
  }
  if (cluster.new_ones.Take(limits_.new_ones, clock_.MonotonicMicros()) != 0) {
    throw SqlError(sqlstate::kConfigurationLimitExceeded,
                   "Unable to accept connection, rate exceeded.")
        .Fatal();
  }
  ++cluster.connections;
  return Ticket(this, tenant);
}

void Admission::Release(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  auto found = clusters_.find(tenant);
  CHECK(found != clusters_.end());
  Cluster& cluster = found->second;
  --cluster.connections;
  CHECK_GE(cluster.connections, 0);
  if (IsAsNew(cluster, clock_.MonotonicMicros())) clusters_.erase(found);
}

}  // namespace sundog::pgwire
