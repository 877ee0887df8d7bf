// A blocking TLS client over a descriptor, for tests; and a server's certificate for them.
#pragma once

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <string>
#include <string_view>

#include "auth/certificate.h"
#include "auth/openssl.h"
#include "base/check.h"
#include "base/clock.h"

namespace sundog::pgwire::testing {

inline auth::CertifiedKey TestIdentity() {
  int64_t now_us = base::SystemClock().WallMicros();
  return auth::MakeServerCertificate(auth::MakeAuthority(now_us), {"localhost"}, now_us);
}

struct TlsClientOptions {
  // Names with their lengths before them, as ALPN has them: "\x0apostgresql".
  std::string alpn;
  std::string server_name;
  int version = TLS1_3_VERSION;
};

class TlsClient {
 public:
  TlsClient(int descriptor, const TlsClientOptions& options) {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context_, options.version);
    SSL_CTX_set_max_proto_version(context_, options.version);
    ssl_ = SSL_new(context_);
    if (!options.alpn.empty()) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(options.alpn.data());
      CHECK_EQ(SSL_set_alpn_protos(ssl_, bytes, static_cast<unsigned>(options.alpn.size())), 0);
    }
    if (!options.server_name.empty()) {
      CHECK_EQ(SSL_set_tlsext_host_name(ssl_, options.server_name.c_str()), 1L);
    }
    CHECK_EQ(SSL_set_fd(ssl_, descriptor), 1);
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Both false, and empty, when the connection ends.
  bool Connect() { return SSL_connect(ssl_) == 1; }
  std::string Read(size_t size_bytes) {
    std::string bytes(size_bytes, '\0');
    size_t done = 0;
    while (done < size_bytes) {
      int got = SSL_read(ssl_, bytes.data() + done, static_cast<int>(size_bytes - done));
      if (got <= 0) break;
      done += static_cast<size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }
  bool Send(std::string_view bytes) {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  // The server's, in PEM.
  std::string certificate() const {
    auth::openssl::Bio bio(BIO_new(BIO_s_mem()));
    CHECK_EQ(PEM_write_bio_X509(bio.get(), SSL_get0_peer_certificate(ssl_)), 1);
    char* text = nullptr;
    long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<size_t>(size));
  }
  std::string alpn() const {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &chosen, &size);
    return std::string(reinterpret_cast<const char*>(chosen), size);
  }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
};

}  // namespace sundog::pgwire::testing
