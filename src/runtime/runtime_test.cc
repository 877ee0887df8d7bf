#include "runtime/runtime.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/sql_error.h"
#include "runtime/event.h"
#include "runtime/interrupt.h"
#include "runtime/mutex.h"
#include "runtime/reactor.h"
#include "runtime/stack.h"

namespace sundog::runtime {
namespace {

int64_t Now() { return base::SystemClock().MonotonicMicros(); }

// Runs `body` on a fiber of `reactor` and waits for it on this thread.
void RunOnFiber(Reactor& reactor, std::function<void()> body) {
  OneShotEvent done;
  reactor.PostFiber([&] {
    body();
    done.Signal();
  });
  done.Wait();
}

TEST(OneShotEvent, WakesAFiberFromAPlainThreadAndBack) {
  Runtime runtime(2);
  for (int round = 0; round < 1000; ++round) {
    OneShotEvent ping;
    OneShotEvent pong;
    runtime.reactor(round % 2).PostFiber([&] {
      ping.Wait();
      pong.Signal();
    });
    ping.Signal();
    pong.Wait();
  }
}

TEST(OneShotEvent, WakesAFiberOfAnotherReactor) {
  Runtime runtime(2);
  std::atomic<int> woken = 0;
  constexpr int kPairs = 500;
  OneShotEvent all_done;
  std::vector<std::unique_ptr<OneShotEvent>> events;
  for (int i = 0; i < kPairs; ++i) events.push_back(std::make_unique<OneShotEvent>());
  for (int i = 0; i < kPairs; ++i) {
    runtime.reactor(0).PostFiber([&, i] {
      events[i]->Wait();
      if (++woken == kPairs) all_done.Signal();
    });
    runtime.reactor(1).PostFiber([&, i] { events[i]->Signal(); });
  }
  all_done.Wait();
  EXPECT_EQ(woken, kPairs);
}

TEST(OneShotEvent, TheReactorOutlivesItsSignaller) {
  for (int round = 0; round < 300; ++round) {
    OneShotEvent event;
    std::thread signaller;
    {
      Runtime runtime(1);
      // The runtime ends as soon as the fiber has been woken, whatever the signaller does then.
      runtime.reactor(0).PostFiber([&] {
        signaller = std::thread([&] { event.Signal(); });
        event.Wait();
      });
    }
    signaller.join();
  }
}

TEST(OneShotEvent, DeadlinePassesOnFiberAndThread) {
  Runtime runtime(1);
  OneShotEvent never;
  EXPECT_FALSE(never.WaitUntil(Now() + 1000));
  RunOnFiber(runtime.reactor(0), [&] { EXPECT_FALSE(never.WaitUntil(Now() + 1000)); });
  // The event is as new: a later signal is seen.
  never.Signal();
  EXPECT_TRUE(never.WaitUntil(Now()));
}

TEST(OneShotEvent, SignalAndDeadlineRace) {
  Runtime runtime(2);
  for (int round = 0; round < 300; ++round) {
    auto event = std::make_shared<OneShotEvent>();
    OneShotEvent done;
    runtime.reactor(0).PostFiber([&, event] {
      (void)event->WaitUntil(Now() + round % 50);
      done.Signal();
    });
    runtime.reactor(1).PostFiber([event] { event->Signal(); });
    done.Wait();
  }
}

TEST(CancelToken, EndsAnInterruptibleWaitOnAFiber) {
  Runtime runtime(1);
  auto token = std::make_shared<CancelToken>();
  OneShotEvent never;
  OneShotEvent waiting;
  OneShotEvent done;
  std::string state;
  runtime.reactor(0).PostFiber([&] {
    InterruptScope scope(*token);
    waiting.Signal();
    EXPECT_EQ(never.WaitInterruptible(), WaitOutcome::kInterrupted);
    try {
      CheckInterrupts();
    } catch (const SqlError& error) {
      state = error.state().code();
    }
    done.Signal();
  });
  waiting.Wait();
  token->Cancel(CancelReason::kUserRequest);
  done.Wait();
  EXPECT_EQ(state, "57014");
}

TEST(CancelToken, EndsAnInterruptibleWaitOnAThread) {
  auto token = std::make_shared<CancelToken>();
  OneShotEvent never;
  std::thread canceller([&] { token->Cancel(CancelReason::kLockTimeout); });
  InterruptScope scope(*token);
  EXPECT_EQ(never.WaitInterruptible(), WaitOutcome::kInterrupted);
  EXPECT_THROW(CheckInterrupts(), SqlError);
  canceller.join();
}

TEST(CancelToken, DoesNotEndUninterruptibleWaits) {
  Runtime runtime(1);
  auto token = std::make_shared<CancelToken>();
  OneShotEvent event;
  OneShotEvent done;
  runtime.reactor(0).PostFiber([&] {
    InterruptScope scope(*token);
    token->Cancel(CancelReason::kUserRequest);
    event.Wait();
    UninterruptibleScope commit;
    CheckInterrupts();
    done.Signal();
  });
  event.Signal();
  done.Wait();
}

TEST(CheckInterrupts, LetsOthersRunWhenTheTimeSliceIsOver) {
  Runtime runtime(1);
  std::atomic<bool> other_ran = false;
  RunOnFiber(runtime.reactor(0), [&] {
    Reactor::Current()->Spawn([&] { other_ran = true; });
    while (!other_ran) CheckInterrupts();
  });
  EXPECT_TRUE(other_ran);
}

TEST(Fiber, KeepsItsHandledExceptionAcrossASuspension) {
  Runtime runtime(1);
  OneShotEvent both_caught[2];
  OneShotEvent done;
  int finished = 0;
  for (int i = 0; i < 2; ++i) {
    runtime.reactor(0).PostFiber([&, i] {
      try {
        throw std::runtime_error(i == 0 ? "first" : "second");
      } catch (const std::exception&) {
        both_caught[i].Signal();
        both_caught[1 - i].Wait();
        Yield();
        try {
          throw;
        } catch (const std::exception& again) {
          EXPECT_STREQ(again.what(), i == 0 ? "first" : "second");
        }
      }
      if (++finished == 2) done.Signal();
    });
  }
  done.Wait();
}

int Recurse(int depth) {
  if (depth < 0) return 0;
  CheckStackDepth();
  volatile char frame[128];
  frame[0] = static_cast<char>(depth);
  return Recurse(depth + 1) + frame[0];
}

TEST(CheckStackDepth, StopsEndlessRecursionOnFiberAndThread) {
  Runtime runtime(1);
  auto expect_error = [] {
    try {
      Recurse(0);
      FAIL() << "recursed for ever";
    } catch (const SqlError& error) {
      EXPECT_EQ(error.state(), sqlstate::kStatementTooComplex);
      EXPECT_STREQ(error.what(), "stack depth limit exceeded");
    }
  };
  expect_error();
  for (int i = 0; i < 3; ++i) RunOnFiber(runtime.reactor(0), expect_error);
}

TEST(FiberMutex, ExcludesAcrossSuspensions) {
  Runtime runtime(2);
  FiberMutex mutex;
  int inside = 0;
  std::atomic<int> finished = 0;
  OneShotEvent done;
  constexpr int kFibers = 50;
  for (int i = 0; i < kFibers; ++i) {
    runtime.reactor(i % 2).PostFiber([&] {
      for (int round = 0; round < 20; ++round) {
        std::lock_guard<FiberMutex> guard(mutex);
        EXPECT_EQ(++inside, 1);
        Yield();
        --inside;
      }
      if (++finished == kFibers) done.Signal();
    });
  }
  done.Wait();
}

TEST(FiberDeathTest, SuspendingWithAMutexHeldIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime runtime(1);
        RunOnFiber(runtime.reactor(0), [] {
          Mutex mutex;
          MutexLock lock(mutex);
          Yield();
        });
      },
      "tls_held_mutexes");
}

TEST(Timer, FiresInOrderOfDeadlineAndNotWhenDisarmed) {
  Runtime runtime(1);
  std::vector<int> fired;
  RunOnFiber(runtime.reactor(0), [&] {
    Reactor& reactor = *Reactor::Current();
    std::vector<std::unique_ptr<Timer>> timers;
    OneShotEvent last;
    int64_t start_us = Now();
    for (int i = 0; i < 100; ++i) {
      timers.push_back(std::make_unique<Timer>([&fired, i] { fired.push_back(i); }));
      reactor.Arm(*timers.back(), start_us + 1000 + (i * 37) % 100);
    }
    for (int i = 0; i < 100; i += 2) reactor.Disarm(*timers[i]);
    Timer end([&] { last.Signal(); });
    reactor.Arm(end, start_us + 2000);
    last.Wait();
  });
  ASSERT_EQ(fired.size(), 50u);
  for (size_t i = 1; i < fired.size(); ++i) {
    EXPECT_LT((fired[i - 1] * 37) % 100, (fired[i] * 37) % 100);
  }
}

TEST(Fiber, TenThousandMayWaitAtOnce) {
  Runtime runtime(2);
#if defined(SUNDOG_TSAN)
  constexpr int kFibers = 1'000;  // TSan keeps a large trace a fiber
#else
  constexpr int kFibers = 10'000;
#endif
  std::atomic<int> waiting = 0;
  std::atomic<int> finished = 0;
  std::vector<std::unique_ptr<OneShotEvent>> events;
  for (int i = 0; i < kFibers; ++i) events.push_back(std::make_unique<OneShotEvent>());
  OneShotEvent all_waiting;
  OneShotEvent all_finished;
  for (int i = 0; i < kFibers; ++i) {
    runtime.reactor(i % 2).PostFiber([&, i] {
      if (++waiting == kFibers) all_waiting.Signal();
      events[i]->Wait();
      if (++finished == kFibers) all_finished.Signal();
    });
  }
  all_waiting.Wait();
  for (auto& event : events) event->Signal();
  all_finished.Wait();
}

}  // namespace
}  // namespace sundog::runtime
