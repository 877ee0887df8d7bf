// Stacks of fibers: mapped memory that costs only what was touched, with a guard page below; and
// the check that keeps recursive code from running into it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sundog::runtime {

#if defined(SUNDOG_SANITIZE)
inline constexpr size_t kFiberStackBytes = size_t{8} << 20;
#else
inline constexpr size_t kFiberStackBytes = size_t{2} << 20;
#endif

// What CheckStackDepth() leaves for the code that does not call it (libraries, error handling).
#if defined(SUNDOG_TSAN)
// ThreadSanitizer keeps the whole stack of each allocation: full use of the stack, by a function
// that calls itself for one, took 24 GB.
inline constexpr size_t kStackReserveBytes = kFiberStackBytes / 4 * 3;
#else
inline constexpr size_t kStackReserveBytes = kFiberStackBytes / 8;
#endif

// The lowest address recursive code may reach on this fiber or thread; 0 until first asked for.
extern constinit thread_local uintptr_t tls_stack_limit;

void CheckStackDepthSlow(uintptr_t here);

// Recursive code whose depth the user decides (parse trees, expressions, plans) calls this on each
// level. Throws 54001 `stack depth limit exceeded`.
inline void CheckStackDepth() {
  auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (__builtin_expect(here < tls_stack_limit || tls_stack_limit == 0, 0)) {
    CheckStackDepthSlow(here);
  }
}

// A mapped stack; the memory is given back with the object.
class StackMemory {
 public:
  StackMemory();
  ~StackMemory();
  StackMemory(const StackMemory&) = delete;
  StackMemory& operator=(const StackMemory&) = delete;

  // Lowest usable address; the guard page is below it.
  char* bottom() const { return bottom_; }
  char* top() const { return bottom_ + kFiberStackBytes; }
  // Gives back the pages of deep recursions; not while a fiber is on the stack deeper than `keep`.
  void Trim(size_t keep_bytes);

 private:
  char* bottom_;
};

}  // namespace sundog::runtime
