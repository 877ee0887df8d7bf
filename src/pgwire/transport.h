// How bytes go between a connection and its client: in the clear, or through TLS
// (tls_transport.h). Read and write first; when that would block, the caller waits for what
// waits_for_write() says.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "runtime/socket.h"

namespace sundog::pgwire {

enum class IoStatus { kOk, kWouldBlock, kClosed };

struct IoResult {
  IoStatus status;
  size_t size_bytes = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual IoResult Read(char* to, size_t size_bytes) = 0;
  virtual IoResult Write(const char* from, size_t size_bytes) = 0;
  // False when a Read() would certainly block.
  virtual bool MayRead() const = 0;
  // After kWouldBlock: does the operation wait for room to write?
  virtual bool waits_for_write() const { return false; }
  virtual bool is_tls() const { return false; }
  // The host that the client says it wants to reach (TLS's SNI), in lower case; empty if it does
  // not say.
  virtual std::string_view server_name() const { return {}; }
};

class PlainTransport : public Transport {
 public:
  explicit PlainTransport(runtime::Socket& socket) : socket_(socket) {}
  IoResult Read(char* to, size_t size_bytes) override;
  IoResult Write(const char* from, size_t size_bytes) override;
  bool MayRead() const override { return socket_.MayRead(); }

 private:
  runtime::Socket& socket_;
};

}  // namespace sundog::pgwire
