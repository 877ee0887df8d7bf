#include "runtime/fiber.h"

#include <cxxabi.h>

#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "runtime/mutex.h"
#include "runtime/reactor.h"

#if defined(SUNDOG_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(SUNDOG_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace sundog::runtime {

namespace {

constinit thread_local Fiber* tls_fiber = nullptr;

// Hands boost a stack that the Fiber owns.
struct BorrowedStack {
  StackMemory* stack;
  boost::context::stack_context allocate() {
    boost::context::stack_context context;
    context.size = kFiberStackBytes;
    context.sp = stack->top();
    return context;
  }
  void deallocate(boost::context::stack_context&) {}
};

// Announce to ASan that execution moves to another stack, and that it has arrived there.
void StartSwitch([[maybe_unused]] void** save_fake_stack, [[maybe_unused]] const void* bottom,
                 [[maybe_unused]] size_t size_bytes) {
#if defined(SUNDOG_ASAN)
  __sanitizer_start_switch_fiber(save_fake_stack, bottom, size_bytes);
#endif
}

void FinishSwitch([[maybe_unused]] void* fake_stack, [[maybe_unused]] const void** old_bottom,
                  [[maybe_unused]] size_t* old_size_bytes) {
#if defined(SUNDOG_ASAN)
  __sanitizer_finish_switch_fiber(fake_stack, old_bottom, old_size_bytes);
#endif
}

void SwapExceptionState(void*& save_caught, unsigned int& save_uncaught, void* caught,
                        unsigned int uncaught) {
  struct Globals {
    void* caught;
    unsigned int uncaught;
  };
  auto* globals = reinterpret_cast<Globals*>(abi::__cxa_get_globals());
  save_caught = globals->caught;
  save_uncaught = globals->uncaught;
  globals->caught = caught;
  globals->uncaught = uncaught;
}

}  // namespace

bool OnFiber() { return tls_fiber != nullptr; }

Fiber* Fiber::Current() { return tls_fiber; }

Fiber::Fiber(Reactor& reactor) : reactor_(reactor) {
#if defined(SUNDOG_TSAN)
  // Making the context runs a few frames on the new stack already, which are not left by returning:
  // on the creator's shadow stack they would stay for ever.
  void* creator = __tsan_get_current_fiber();
  tsan_fiber_ = __tsan_create_fiber(0);
  __tsan_switch_to_fiber(tsan_fiber_, 0);
#endif
  context_ = boost::context::fiber(
      std::allocator_arg, BorrowedStack{&stack_},
      [this](boost::context::fiber&& scheduler) { return Main(std::move(scheduler)); });
#if defined(SUNDOG_TSAN)
  __tsan_switch_to_fiber(creator, 0);
#endif
}

Fiber::~Fiber() {
  CHECK(finished_);
  exit_ = true;
  Resume();
#if defined(SUNDOG_TSAN)
  __tsan_destroy_fiber(tsan_fiber_);
#endif
}

boost::context::fiber Fiber::Main(boost::context::fiber&& scheduler) {
  scheduler_ = std::move(scheduler);
  FinishSwitch(nullptr, &scheduler_stack_bottom_, &scheduler_stack_bytes_);
  while (!exit_) {
    body_();
    body_ = nullptr;
    finished_ = true;
    SwitchToScheduler();
  }
  // A null save slot tells ASan that this stack's fake frames die here.
  StartSwitch(nullptr, scheduler_stack_bottom_, scheduler_stack_bytes_);
  return std::move(scheduler_);
}

void Fiber::SwitchToScheduler() {
  StartSwitch(&fake_stack_, scheduler_stack_bottom_, scheduler_stack_bytes_);
#if defined(SUNDOG_TSAN)
  __tsan_switch_to_fiber(tsan_scheduler_, 0);
#endif
  scheduler_ = std::move(scheduler_).resume();
  FinishSwitch(fake_stack_, &scheduler_stack_bottom_, &scheduler_stack_bytes_);
}

void Fiber::Suspend() {
  CHECK(tls_fiber != nullptr);
  // A mutex held here would stop the whole reactor when its next fiber wants it.
  CHECK_EQ(tls_held_mutexes, 0);
  tls_fiber->SwitchToScheduler();
}

void Fiber::Resume() {
  CHECK(tls_fiber == nullptr);
  EnterState();
#if defined(SUNDOG_TSAN)
  tsan_scheduler_ = __tsan_get_current_fiber();
#endif
  StartSwitch(&scheduler_fake_stack_, stack_.bottom(), kFiberStackBytes);
#if defined(SUNDOG_TSAN)
  __tsan_switch_to_fiber(tsan_fiber_, 0);
#endif
  context_ = std::move(context_).resume();
#if defined(SUNDOG_TSAN)
  // Main's frames are left on the fiber's own shadow stack; only now TSan may change over.
  if (exit_) __tsan_switch_to_fiber(tsan_scheduler_, 0);
#endif
  FinishSwitch(scheduler_fake_stack_, nullptr, nullptr);
  LeaveState();
}

void Fiber::EnterState() {
  finished_ = exit_;
  tls_fiber = this;
  scheduler_interrupts_ = tls_interrupts;
  interrupts_.slice_end_us = base::SystemClock().MonotonicMicros() + kTimeSliceMicros;
  interrupts_.calls_until_clock = kClockEvery;
  tls_interrupts = interrupts_;
  scheduler_memory_ = std::exchange(base::tls_memory, memory_);
  scheduler_stack_limit_ = tls_stack_limit;
  tls_stack_limit = reinterpret_cast<uintptr_t>(stack_.bottom()) + kStackReserveBytes;
  SwapExceptionState(scheduler_exceptions_.caught, scheduler_exceptions_.uncaught,
                     exceptions_.caught, exceptions_.uncaught);
}

void Fiber::LeaveState() {
  SwapExceptionState(exceptions_.caught, exceptions_.uncaught, scheduler_exceptions_.caught,
                     scheduler_exceptions_.uncaught);
  tls_stack_limit = scheduler_stack_limit_;
  interrupts_ = tls_interrupts;
  tls_interrupts = scheduler_interrupts_;
  memory_ = std::exchange(base::tls_memory, scheduler_memory_);
  tls_fiber = nullptr;
}

Fiber* FiberPool::Take() {
  if (idle_.empty()) return std::make_unique<Fiber>(reactor_).release();
  Fiber* fiber = idle_.back().release();
  idle_.pop_back();
  return fiber;
}

void FiberPool::GiveBack(Fiber* fiber) {
  std::unique_ptr<Fiber> owned(fiber);
  if (idle_.size() < kKeptFibers) idle_.push_back(std::move(owned));
}

}  // namespace sundog::runtime
