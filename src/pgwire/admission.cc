#include "pgwire/admission.h"

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

Admission::Ticket Admission::Admit(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
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
  bool is_as_new = cluster.connections == 0 &&
                   cluster.new_ones.IsFull(limits_.new_ones, clock_.MonotonicMicros());
  if (is_as_new) clusters_.erase(found);
}

}  // namespace sundog::pgwire
