// What all TLS connections of a server share: its certificate, and what it agrees to. TLS 1.2 and
// 1.3, forward secret authenticated ciphers only, no renegotiation, no compression, no session
// tickets (connections live long). ALPN: a client that offers protocols has to offer the server's.
#pragma once

#include <string>
#include <string_view>

#include "auth/certificate.h"

struct ssl_ctx_st;

namespace sundog::pgwire {

inline constexpr std::string_view kPostgresqlProtocol = "postgresql";

// Immutable; used from any thread.
class TlsContext {
 public:
  // Throws std::runtime_error saying what is wrong with the certificate or its key.
  explicit TlsContext(const auth::CertifiedKey& identity,
                      std::string_view protocol = kPostgresqlProtocol);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* get() const { return context_; }

 private:
  const std::string alpn_;  // as ALPN's wire format has it
  ssl_ctx_st* context_;
};

}  // namespace sundog::pgwire
