// Which reactor serves a connection. A connection is cheapest where its packets arrive: the thread
// that wakes then shares a core with who woke it, a network queue or a client on the same machine.
// Which core that is shows only while the connection is used, and may change.
//
// Reactors are not bound to cores. Connections move so that those which arrive on one core come
// together on the reactor that runs there, but never so that a reactor gets more than its share: a
// connection goes where fewer are, or changes places with one that wants to come.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "runtime/mutex.h"

namespace sundog::runtime {

class Reactor;
class Runtime;

class Placement {
 public:
  // A connection's place, on the reactor that Take() gave; stays at one address until Leave().
  class Seat {
   public:
    explicit Seat(Reactor& reactor) : reactor_(&reactor) {}
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

   private:
    friend class Placement;
    // All but `granted_` belong to the placement's mutex.
    Reactor* reactor_;
    Reactor* wish_ = nullptr;  // null: content
    // Where it is to go, set by the one it changes places with.
    std::atomic<Reactor*> granted_{nullptr};
  };

  explicit Placement(Runtime& runtime);

  // For a new connection: the reactor with the fewest. Counts until its seat is left.
  Reactor& Take();
  // For one that comes with its reactor.
  void TakeAt(const Reactor& reactor);
  void Leave(Seat& seat);

  // When the connection could move: where it is to go; null to stay. `arrives_on` is the reactor
  // that runs where its packets arrive. It moves when that was the same the last time too.
  Reactor* Review(Seat& seat, Reactor& arrives_on);
  // For the moments between two reviews; costs one load.
  static Reactor* Granted(Seat& seat);

  // The reactor that runs on a core now: `preferred` if it is among several, or if none does.
  Reactor& RunningOn(int cpu, Reactor& preferred) const;

 private:
  struct Place {
    Reactor* reactor;
    size_t connections = 0;
    std::vector<Seat*> waiting;  // who sits here and wishes to be elsewhere
  };

  Place& PlaceOf(const Reactor* reactor) REQUIRES(mutex_);
  void SetWish(Seat& seat, Reactor* wish) REQUIRES(mutex_);
  Seat* FindPartner(const Seat& seat) REQUIRES(mutex_);

  const std::vector<Reactor*> reactors_;
  Mutex mutex_;
  std::vector<Place> places_ GUARDED_BY(mutex_);
};

}  // namespace sundog::runtime
