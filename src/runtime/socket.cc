#include "runtime/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "runtime/interrupt.h"

namespace sundog::runtime {

Socket::Socket(Reactor& reactor, int file_descriptor)
    : reactor_(&reactor), file_descriptor_(file_descriptor) {
  int on = 1;
  // Fails on sockets that are not TCP, where it does not matter.
  (void)setsockopt(file_descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)setsockopt(file_descriptor_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  reactor_->Watch(file_descriptor_, *this);
}

Socket::~Socket() {
  CHECK(reader_ == nullptr && writer_ == nullptr);
  reactor_->Unwatch(file_descriptor_);
  close(file_descriptor_);
}

std::string Socket::PeerName() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getpeername(file_descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "?";
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  if (getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host.data(), host.size(),
                  service.data(), service.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  return std::string(host.data()) + ":" + service.data();
}

ssize_t Socket::Read(void* to, size_t size_bytes) {
  ssize_t size = recv(file_descriptor_, to, size_bytes, 0);
  // A short read has emptied the socket too: what comes later makes a new edge. The end of the
  // stream, though, may have been announced with the edge that brought these bytes.
  if (size < 0 ? errno == EAGAIN : size > 0 && static_cast<size_t>(size) < size_bytes) {
    readable_ = ended_;
  }
  return size;
}

ssize_t Socket::Write(const void* from, size_t size_bytes) {
  ssize_t size = send(file_descriptor_, from, size_bytes, MSG_NOSIGNAL);
  if (size < 0 && errno == EAGAIN) writable_ = false;
  return size;
}

WaitOutcome Socket::WaitReadable(int64_t monotonic_us, bool interruptible) {
  return WaitFor(readable_, reader_, monotonic_us, interruptible);
}

WaitOutcome Socket::WaitWritable(int64_t monotonic_us, bool interruptible) {
  return WaitFor(writable_, writer_, monotonic_us, interruptible);
}

WaitOutcome Socket::WaitFor(bool& ready, OneShotEvent*& waiter, int64_t monotonic_us,
                            bool interruptible) {
  if (ready) return WaitOutcome::kSignaled;
  CHECK(waiter == nullptr);
  OneShotEvent event;
  waiter = &event;
  WaitOutcome outcome;
  if (interruptible) {
    outcome = event.WaitInterruptible(monotonic_us);
  } else {
    outcome = event.WaitUntil(monotonic_us) ? WaitOutcome::kSignaled : WaitOutcome::kTimedOut;
  }
  waiter = nullptr;
  return outcome;
}

bool Socket::Park(std::function<void()> on_readable) {
  if (readable_) return false;
  on_readable_ = std::move(on_readable);
  return true;
}

void Socket::Detach() {
  CHECK(reactor_->IsCurrent() && reader_ == nullptr && writer_ == nullptr && !parked());
  reactor_->Unwatch(file_descriptor_);
  reactor_ = nullptr;
}

void Socket::Attach(Reactor& reactor) {
  CHECK(reactor.IsCurrent() && reactor_ == nullptr);
  reactor_ = &reactor;
  reactor.Watch(file_descriptor_, *this);
}

int Socket::IncomingCpu() const {
  int cpu = -1;
  socklen_t size = sizeof cpu;
  if (getsockopt(file_descriptor_, SOL_SOCKET, SO_INCOMING_CPU, &cpu, &size) != 0) return -1;
  return cpu;
}

void Socket::Shutdown() { (void)shutdown(file_descriptor_, SHUT_RDWR); }

std::function<void()> Socket::Unpark() { return std::exchange(on_readable_, nullptr); }

void Socket::OnEnded(std::function<void()> on_ended) {
  on_ended_ = std::move(on_ended);
  if (ended_ && on_ended_) std::exchange(on_ended_, nullptr)();
}

void Socket::OnIo(uint32_t epoll_events) {
  if ((epoll_events & (EPOLLHUP | EPOLLERR)) != 0 && on_broken_) on_broken_();
  if ((epoll_events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
    writable_ = true;
    if (OneShotEvent* writer = std::exchange(writer_, nullptr)) writer->Signal();
  }
  if ((epoll_events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    readable_ = true;
    if ((epoll_events & ~uint32_t{EPOLLIN | EPOLLOUT}) != 0) {
      ended_ = true;
      if (on_ended_) std::exchange(on_ended_, nullptr)();
    }
    if (OneShotEvent* reader = std::exchange(reader_, nullptr)) reader->Signal();
    // The last touch of this object: the callback may end the connection.
    if (on_readable_) std::exchange(on_readable_, nullptr)();
  }
}

Listener::Listener(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  std::string where = host + ":" + std::to_string(port);
  int failure = getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(),
                            &hints, &found);
  if (failure != 0) {
    throw std::system_error(EADDRNOTAVAIL, std::generic_category(),
                            "could not resolve \"" + where + "\": " + gai_strerror(failure));
  }
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
  auto fail = [&](const char* what) {
    int error = errno;
    if (file_descriptor_ >= 0) close(file_descriptor_);
    throw std::system_error(error, std::generic_category(),
                            std::string("could not ") + what + " " + where);
  };
  file_descriptor_ = socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (file_descriptor_ < 0) fail("create a socket for");
  int on = 1;
  (void)setsockopt(file_descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(file_descriptor_, list->ai_addr, list->ai_addrlen) != 0) fail("bind to");
  if (listen(file_descriptor_, 4096) != 0) fail("listen at");
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  CHECK_EQ(getsockname(file_descriptor_, reinterpret_cast<sockaddr*>(&bound), &size), 0);
  port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                            : reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

Listener::~Listener() {
  CHECK(reactor_ == nullptr);
  close(file_descriptor_);
}

void Listener::Start(Reactor& reactor, std::function<void(int)> on_connection) {
  reactor_ = &reactor;
  on_connection_ = std::move(on_connection);
  retry_.callback = [this] { OnIo(EPOLLIN); };
  reactor.Watch(file_descriptor_, *this);
}

void Listener::Stop() {
  if (reactor_ == nullptr) return;
  reactor_->Disarm(retry_);
  reactor_->Unwatch(file_descriptor_);
  reactor_ = nullptr;
}

void Listener::OnIo(uint32_t) {
  // Edge-triggered: all that wait now.
  while (true) {
    int accepted = accept4(file_descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      on_connection_(accepted);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      base::LogWarning("could not accept a connection: " +
                       std::generic_category().message(errno));
      reactor_->Arm(retry_, base::SystemClock().MonotonicMicros() + 100'000);
      return;
    }
    // Anything else is about that one connection, which is gone.
  }
}

}  // namespace sundog::runtime
