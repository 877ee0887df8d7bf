// The server's reactors, each on its own thread.
#pragma once

#include <memory>
#include <thread>
#include <vector>

namespace sundog::runtime {

class Reactor;

class Runtime {
 public:
  // 0 reactors: as many as the machine has cores. The threads start at once.
  explicit Runtime(int reactor_count);
  // Stops the reactors and waits for their fibers to end.
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  size_t size() const { return reactors_.size(); }
  Reactor& reactor(size_t index) { return *reactors_[index]; }

 private:
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::vector<std::thread> threads_;
};

}  // namespace sundog::runtime
