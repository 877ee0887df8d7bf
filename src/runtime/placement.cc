#include "runtime/placement.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "runtime/reactor.h"
#include "runtime/runtime.h"

namespace sundog::runtime {

namespace {

std::vector<Reactor*> ReactorsOf(Runtime& runtime) {
  std::vector<Reactor*> reactors;
  for (size_t i = 0; i < runtime.size(); ++i) reactors.push_back(&runtime.reactor(i));
  return reactors;
}

}  // namespace

Placement::Placement(Runtime& runtime) : reactors_(ReactorsOf(runtime)) {
  for (Reactor* reactor : reactors_) places_.push_back({reactor, 0, {}});
}

Placement::Place& Placement::PlaceOf(const Reactor* reactor) {
  auto place = std::ranges::find(places_, reactor, &Place::reactor);
  CHECK(place != places_.end());
  return *place;
}

Reactor& Placement::Take() {
  MutexLock lock(mutex_);
  Place& place = *std::ranges::min_element(places_, {}, &Place::connections);
  ++place.connections;
  return *place.reactor;
}

void Placement::TakeAt(const Reactor& reactor) {
  MutexLock lock(mutex_);
  ++PlaceOf(&reactor).connections;
}

void Placement::Leave(Seat& seat) {
  MutexLock lock(mutex_);
  SetWish(seat, nullptr);
  --PlaceOf(seat.reactor_).connections;
}

void Placement::SetWish(Seat& seat, Reactor* wish) {
  std::vector<Seat*>& waiting = PlaceOf(seat.reactor_).waiting;
  if (seat.wish_ == nullptr && wish != nullptr) waiting.push_back(&seat);
  if (seat.wish_ != nullptr && wish == nullptr) std::erase(waiting, &seat);
  seat.wish_ = wish;
}

// Who sits where `seat` wants to be and wants to be where it sits.
Placement::Seat* Placement::FindPartner(const Seat& seat) {
  for (Seat* other : PlaceOf(seat.wish_).waiting) {
    if (other->wish_ == seat.reactor_) return other;
  }
  return nullptr;
}

Reactor* Placement::Review(Seat& seat, Reactor& arrives_on) {
  if (Reactor* granted = Granted(seat)) return granted;
  MutexLock lock(mutex_);
  // Granted since, and told at the next moment.
  if (seat.granted_.load(std::memory_order_relaxed) != nullptr) return nullptr;
  Reactor* wish = &arrives_on == seat.reactor_ ? nullptr : &arrives_on;
  bool lasts = wish != nullptr && wish == seat.wish_;
  SetWish(seat, wish);
  if (!lasts) return nullptr;
  Place& from = PlaceOf(seat.reactor_);
  Place& to = PlaceOf(wish);
  Seat* partner = nullptr;
  if (to.connections >= from.connections) {
    partner = FindPartner(seat);
    if (partner == nullptr) return nullptr;
    SetWish(*partner, nullptr);
    partner->reactor_ = from.reactor;
    partner->granted_.store(from.reactor, std::memory_order_release);
  } else {
    --from.connections;
    ++to.connections;
  }
  SetWish(seat, nullptr);
  seat.reactor_ = wish;
  return wish;
}

Reactor* Placement::Granted(Seat& seat) {
  if (seat.granted_.load(std::memory_order_acquire) == nullptr) return nullptr;
  return seat.granted_.exchange(nullptr, std::memory_order_acq_rel);
}

Reactor& Placement::RunningOn(int cpu, Reactor& preferred) const {
  if (preferred.cpu() == cpu) return preferred;
  for (Reactor* reactor : reactors_) {
    if (reactor->cpu() == cpu) return *reactor;
  }
  return preferred;
}

}  // namespace sundog::runtime
