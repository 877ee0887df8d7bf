// A fiber: a stack of its own on which ordinary code runs until it suspends. Internal to `runtime`;
// other folders use Reactor::Spawn, OneShotEvent and Yield.
//
// Fibers are pooled: between two bodies a fiber keeps its stack and its context, so that starting
// one is a switch, not an allocation. What is thread-wide in C++ but belongs to a flow of control
// is saved and restored with each switch: caught exceptions, the interrupt state, the count of
// memory, the stack limit and what the sanitizers believe about the stack.
#pragma once

#include <boost/context/fiber.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/interrupt.h"
#include "runtime/stack.h"

namespace sundog::runtime {

class Reactor;

class Fiber {
 public:
  explicit Fiber(Reactor& reactor);
  ~Fiber();

  // On the fiber that is running: back to the reactor's loop until resumed.
  static void Suspend();
  // From the reactor's loop: runs until the fiber suspends or its body ends.
  void Resume();
  void SetBody(std::function<void()> body) { body_ = std::move(body); }
  bool finished() const { return finished_; }

  static Fiber* Current();
  Reactor& reactor() const { return reactor_; }
  InterruptState& interrupts() { return interrupts_; }
  // Gives back the memory of a deep recursion; between two bodies.
  void TrimStack() { stack_.Trim(kKeptStackBytes); }

 private:
  static constexpr size_t kKeptStackBytes = 64 << 10;

  // What the C++ runtime keeps a thread (Itanium ABI 2.2.2): exceptions being handled. A fiber may
  // suspend inside a catch block.
  struct ExceptionState {
    void* caught = nullptr;
    unsigned int uncaught = 0;
  };

  boost::context::fiber Main(boost::context::fiber&& scheduler);
  void SwitchToScheduler();
  void EnterState();
  void LeaveState();

  Reactor& reactor_;
  StackMemory stack_;
  boost::context::fiber context_;    // while suspended
  boost::context::fiber scheduler_;  // while running
  std::function<void()> body_;
  bool finished_ = true;
  bool exit_ = false;
  InterruptState interrupts_{};
  base::MemoryCount memory_{};
  ExceptionState exceptions_;
  ExceptionState scheduler_exceptions_;
  InterruptState scheduler_interrupts_{};
  base::MemoryCount scheduler_memory_{};
  uintptr_t scheduler_stack_limit_ = 0;
  // For the sanitizers.
  void* fake_stack_ = nullptr;
  void* scheduler_fake_stack_ = nullptr;
  const void* scheduler_stack_bottom_ = nullptr;
  size_t scheduler_stack_bytes_ = 0;
  void* tsan_fiber_ = nullptr;
  void* tsan_scheduler_ = nullptr;
};

// Finished fibers, ready for the next body.
class FiberPool {
 public:
  explicit FiberPool(Reactor& reactor) : reactor_(reactor) {}

  Fiber* Take();
  void GiveBack(Fiber* fiber);

 private:
  // So many idle stacks are kept; bursts beyond give their memory back.
  static constexpr size_t kKeptFibers = 64;

  Reactor& reactor_;
  std::vector<std::unique_ptr<Fiber>> idle_;
};

}  // namespace sundog::runtime
