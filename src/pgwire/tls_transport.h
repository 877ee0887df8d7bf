// TLS over a connection's socket. OpenSSL reads and writes through the socket's own calls, so that
// the socket knows what has been read to its end and a quiet connection costs no extra system call.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pgwire/transport.h"

struct ssl_st;

namespace sundog::pgwire {

class TlsContext;

class TlsTransport : public Transport {
 public:
  // `received` has been read from the socket already and comes first. The context is shared until
  // the handshake is done: a server may have another one before that.
  TlsTransport(runtime::Socket& socket, std::shared_ptr<const TlsContext> context,
               std::string_view received);
  ~TlsTransport() override;
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  // One step of the handshake; kOk when it is done.
  IoResult Accept();
  // The client offered ALPN `postgresql`; after the handshake.
  bool has_agreed_on_protocol() const;

  IoResult Read(char* to, size_t size_bytes) override;
  IoResult Write(const char* from, size_t size_bytes) override;
  bool MayRead() const override;
  bool waits_for_write() const override { return waits_for_write_; }
  bool is_tls() const override { return true; }
  std::string_view server_name() const override { return server_name_; }

 private:
  struct Calls;  // what OpenSSL calls

  IoResult Translate(int result);
  void TakeServerName();

  runtime::Socket& socket_;
  std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_;
  std::string received_;
  std::string server_name_;
  // Of what OpenSSL holds, whole records may be left.
  bool may_hold_records_ = true;
  bool waits_for_write_ = false;
  bool failed_ = false;
};

}  // namespace sundog::pgwire
