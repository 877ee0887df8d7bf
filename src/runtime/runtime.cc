#include "runtime/runtime.h"

#include <algorithm>
#include <string>

#include "runtime/reactor.h"

namespace sundog::runtime {

Runtime::Runtime(int reactor_count) {
  size_t count = reactor_count > 0 ? static_cast<size_t>(reactor_count)
                                   : std::max(1u, std::thread::hardware_concurrency());
  for (size_t i = 0; i < count; ++i) {
    reactors_.push_back(std::make_unique<Reactor>("reactor-" + std::to_string(i)));
    threads_.emplace_back([reactor = reactors_.back().get()] { reactor->Run(); });
  }
}

Runtime::~Runtime() {
  for (auto& reactor : reactors_) reactor->Stop();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace sundog::runtime
