// How bytes go between a connection and its client: in the clear or through TLS. Read and write
// first; when that would block, the caller waits for what Wait() says.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "runtime/socket.h"

struct ssl_ctx_st;
struct ssl_st;

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

// The server's certificate and key; shared by all connections.
class TlsContext {
 public:
  // PEM files. Throws std::runtime_error naming what is wrong with them.
  TlsContext(const std::string& certificate_file, const std::string& key_file);
  // A certificate made now, signed by itself: encrypts, but proves nothing.
  static std::unique_ptr<TlsContext> SelfSigned();
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* get() const { return context_; }

 private:
  TlsContext();
  ssl_ctx_st* context_;
};

class TlsTransport : public Transport {
 public:
  TlsTransport(runtime::Socket& socket, const TlsContext& context);
  ~TlsTransport() override;
  // One step of the handshake; kOk when it is done.
  IoResult Accept();
  IoResult Read(char* to, size_t size_bytes) override;
  IoResult Write(const char* from, size_t size_bytes) override;
  // The library may hold bytes of a record already read.
  bool MayRead() const override { return may_read_ || socket_.MayRead(); }
  bool waits_for_write() const override { return waits_for_write_; }
  bool is_tls() const override { return true; }

 private:
  IoResult Translate(int result);

  runtime::Socket& socket_;
  ssl_st* ssl_;
  bool may_read_ = true;
  bool waits_for_write_ = false;
};

}  // namespace sundog::pgwire
