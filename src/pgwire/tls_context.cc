#include "pgwire/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "auth/openssl.h"

namespace sundog::pgwire {

namespace {

using auth::openssl::Freer;
using auth::openssl::Require;
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;

void UseCertificates(SSL_CTX* context, const std::string& pem) {
  auth::openssl::Bio bio = auth::openssl::Reading(pem);
  auth::openssl::Certificate own(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
  Require(own != nullptr && SSL_CTX_use_certificate(context, own.get()) == 1,
          "use the certificate");
  while (X509* above = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    Require(SSL_CTX_add0_chain_cert(context, above) == 1, "use the certificate's chain");
  }
  // Anything but the end of the text is damage.
  Require(ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE,
          "use the certificate's chain");
  ERR_clear_error();
}

void UseKey(SSL_CTX* context, const std::string& pem) {
  auth::openssl::Key key = auth::openssl::ParseKey(pem);
  Require(key != nullptr && SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
              SSL_CTX_check_private_key(context) == 1,
          "use the private key");
}

int ChooseAlpn(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
               const unsigned char* offered, unsigned int offered_size, void* served) {
  const auto& alpn = *static_cast<const std::string*>(served);
  unsigned char* common = nullptr;
  if (SSL_select_next_proto(&common, chosen_size,
                            reinterpret_cast<const unsigned char*>(alpn.data()),
                            static_cast<unsigned int>(alpn.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = common;
  return SSL_TLSEXT_ERR_OK;
}

// Any name is served; RFC 6066 wants it said that the name was heard.
int AcknowledgeServerName(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

}  // namespace

TlsContext::TlsContext(const auth::CertifiedKey& identity, std::string_view protocol)
    : alpn_(std::string(1, static_cast<char>(protocol.size())).append(protocol)) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  Require(context != nullptr, "create a TLS context");
  SSL_CTX* made = context.get();
  SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(made, TLS1_3_VERSION);
  Require(SSL_CTX_set_cipher_list(made, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1, "choose ciphers");
  SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                             SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(made, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
  // TLS 1.3 would send stateful ones yet.
  SSL_CTX_set_num_tickets(made, 0);
  // A record's header and body come with one system call.
  SSL_CTX_set_read_ahead(made, 1);
  SSL_CTX_set_alpn_select_cb(made, ChooseAlpn, const_cast<std::string*>(&alpn_));
  SSL_CTX_set_tlsext_servername_callback(made, AcknowledgeServerName);
  UseCertificates(made, identity.certificates);
  UseKey(made, identity.key);
  context_ = context.release();
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

}  // namespace sundog::pgwire
