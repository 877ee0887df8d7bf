#include "pgwire/admission.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/sql_error.h"

namespace sundog::pgwire {

namespace {

constexpr int64_t kOne = 1'000'000;

}  // namespace

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
  int64_t now_us = clock_.MonotonicMicros();
  auto [at, is_new] = clusters_.try_emplace(tenant);
  Cluster& cluster = at->second;
  const int64_t full = limits_.burst * kOne;
  // Past that long a bucket is full, whatever was in it; so the product below cannot overflow.
  int64_t since_us = std::min(now_us - cluster.filled_us, full / limits_.per_second + kOne);
  cluster.bucket_micros =
      is_new ? full : std::min(full, cluster.bucket_micros + since_us * limits_.per_second);
  cluster.filled_us = now_us;
  if (cluster.connections >= limits_.most_connections) {
    throw SqlError(sqlstate::kTooManyConnections,
                   "Unable to accept connection, too many open connections.")
        .Fatal();
  }
  if (cluster.bucket_micros < kOne) {
    throw SqlError(sqlstate::kConfigurationLimitExceeded,
                   "Unable to accept connection, rate exceeded.")
        .Fatal();
  }
  cluster.bucket_micros -= kOne;
  ++cluster.connections;
  return Ticket(this, tenant);
}

void Admission::Release(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  Cluster& cluster = clusters_.at(tenant);
  --cluster.connections;
  CHECK_GE(cluster.connections, 0);
}

}  // namespace sundog::pgwire
