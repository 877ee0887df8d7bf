#include "runtime/stack.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "base/check.h"
#include "base/sql_error.h"

namespace sundog::runtime {

constinit thread_local uintptr_t tls_stack_limit = 0;

namespace {

uintptr_t LimitOfThisThread() {
  pthread_attr_t attributes;
  CHECK_EQ(pthread_getattr_np(pthread_self(), &attributes), 0);
  void* bottom;
  size_t size_bytes;
  CHECK_EQ(pthread_attr_getstack(&attributes, &bottom, &size_bytes), 0);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<uintptr_t>(bottom) + size_bytes / 8;
}

size_t PageBytes() {
  static const size_t size_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size_bytes;
}

}  // namespace

void CheckStackDepthSlow(uintptr_t here) {
  if (tls_stack_limit == 0) tls_stack_limit = LimitOfThisThread();
  if (here >= tls_stack_limit) return;
  throw SqlError(sqlstate::kStatementTooComplex, "stack depth limit exceeded")
      .Hint("Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after "
            "ensuring the platform's stack depth limit is adequate.");
}

StackMemory::StackMemory() {
  size_t guard = PageBytes();
  void* base = mmap(nullptr, kFiberStackBytes + guard, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (base == MAP_FAILED) throw std::bad_alloc();
  CHECK_EQ(mprotect(base, guard, PROT_NONE), 0);
  bottom_ = static_cast<char*>(base) + guard;
  // One huge page would make every small stack cost 2 MiB.
  madvise(bottom_, kFiberStackBytes, MADV_NOHUGEPAGE);
}

StackMemory::~StackMemory() {
  size_t guard = PageBytes();
  munmap(bottom_ - guard, kFiberStackBytes + guard);
}

void StackMemory::Trim(size_t keep_bytes) {
  if (keep_bytes < kFiberStackBytes) {
    madvise(bottom_, kFiberStackBytes - keep_bytes, MADV_DONTNEED);
  }
}

}  // namespace sundog::runtime
