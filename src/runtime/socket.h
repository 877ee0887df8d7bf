// Stream sockets on a reactor. A socket is read and written first and waited for only when it would
// block; a socket nobody waits for is parked with a callback and costs no fiber.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/event.h"
#include "runtime/reactor.h"

namespace sundog::runtime {

// Belongs to one reactor at a time; used only on its thread, by one fiber at a time.
class Socket : public IoHandler {
 public:
  // Takes the descriptor over (non-blocking, connected).
  Socket(Reactor& reactor, int file_descriptor);
  ~Socket() override;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int file_descriptor() const { return file_descriptor_; }
  Reactor& reactor() const { return *reactor_; }
  // Host and port of the other side, "127.0.0.1:40000".
  std::string PeerName() const;

  // As recv(2) and send(2): -1 with errno EAGAIN when it would block, 0 at the end of the stream.
  ssize_t Read(void* to, size_t size_bytes);
  ssize_t Write(const void* from, size_t size_bytes);

  // False when a Read() would certainly block.
  bool MayRead() const { return readable_; }

  // For libraries that read the descriptor themselves: the last read or write would have blocked.
  void NoteReadWouldBlock() { readable_ = ended_; }
  void NoteWriteWouldBlock() { writable_ = false; }

  // Suspends the fiber until there is something to read (or room to write), at once if there is.
  // Interrupted by a cancellation only when `interruptible`.
  WaitOutcome WaitReadable(int64_t monotonic_us = kNoDeadline, bool interruptible = false);
  WaitOutcome WaitWritable(int64_t monotonic_us = kNoDeadline, bool interruptible = false);

  // No fiber waits any more: `on_readable` runs once on the reactor's loop when there is something
  // to read. False, and not parked, if there is already.
  [[nodiscard]] bool Park(std::function<void()> on_readable);
  bool parked() const { return on_readable_ != nullptr; }
  // Takes the callback back out; null if it ran.
  std::function<void()> Unpark();

  // To change reactors when nobody waits and it is not parked: Detach() on the present one, then
  // Attach() on the other one's thread. What arrived in between is seen there.
  void Detach();
  void Attach(Reactor& reactor);
  // The core on which the last packet arrived; -1 if the system cannot tell.
  int IncomingCpu() const;

  // Runs on the loop when the connection broke down in both directions.
  void OnBroken(std::function<void()> on_broken) { on_broken_ = std::move(on_broken); }

  // Runs once on the loop when the other side will send nothing more, or the connection broke down;
  // null: not any more. At once where it is so already.
  void OnEnded(std::function<void()> on_ended);

  // Breaks the connection down in both directions: whoever waits wakes up.
  void Shutdown();

  void OnIo(uint32_t epoll_events) override;

 private:
  WaitOutcome WaitFor(bool& ready, OneShotEvent*& waiter, int64_t monotonic_us,
                      bool interruptible);

  Reactor* reactor_;
  int file_descriptor_;
  bool readable_ = true;
  bool writable_ = true;
  bool ended_ = false;  // no further edge will come for reading
  OneShotEvent* reader_ = nullptr;
  OneShotEvent* writer_ = nullptr;
  std::function<void()> on_readable_;
  std::function<void()> on_broken_;
  std::function<void()> on_ended_;
};

// Accepts connections on a reactor and hands their descriptors out.
class Listener : public IoHandler {
 public:
  // Binds and listens at once; throws std::system_error naming the address. Port 0: any free one.
  Listener(const std::string& host, uint16_t port);
  ~Listener() override;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // On the reactor's thread.
  void Start(Reactor& reactor, std::function<void(int file_descriptor)> on_connection);
  void Stop();

  uint16_t port() const { return port_; }
  void OnIo(uint32_t epoll_events) override;

 private:
  int file_descriptor_ = -1;
  uint16_t port_ = 0;
  Reactor* reactor_ = nullptr;
  Timer retry_;
  std::function<void(int)> on_connection_;
};

}  // namespace sundog::runtime
