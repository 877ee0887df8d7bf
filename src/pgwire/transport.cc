#include "pgwire/transport.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <stdexcept>

#include "base/check.h"
#include "base/random.h"

namespace sundog::pgwire {

namespace {

IoResult FromSystemCall(ssize_t size) {
  if (size > 0) return {IoStatus::kOk, static_cast<size_t>(size)};
  if (size < 0 && errno == EAGAIN) return {IoStatus::kWouldBlock};
  return {IoStatus::kClosed};
}

[[noreturn]] void ThrowTls(const std::string& what) {
  char reason[256] = "unknown error";
  if (unsigned long code = ERR_get_error()) ERR_error_string_n(code, reason, sizeof reason);
  throw std::runtime_error(what + ": " + reason);
}

}  // namespace

IoResult PlainTransport::Read(char* to, size_t size_bytes) {
  return FromSystemCall(socket_.Read(to, size_bytes));
}

IoResult PlainTransport::Write(const char* from, size_t size_bytes) {
  return FromSystemCall(socket_.Write(from, size_bytes));
}

TlsContext::TlsContext() : context_(SSL_CTX_new(TLS_server_method())) {
  if (context_ == nullptr) ThrowTls("could not create a TLS context");
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context_, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
}

TlsContext::TlsContext(const std::string& certificate_file, const std::string& key_file)
    : TlsContext() {
  if (SSL_CTX_use_certificate_chain_file(context_, certificate_file.c_str()) != 1) {
    ThrowTls("could not load the certificate \"" + certificate_file + "\"");
  }
  if (SSL_CTX_use_PrivateKey_file(context_, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context_) != 1) {
    ThrowTls("could not load the private key \"" + key_file + "\"");
  }
}

std::unique_ptr<TlsContext> TlsContext::SelfSigned() {
  std::unique_ptr<TlsContext> made(new TlsContext());
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  if (key == nullptr || certificate == nullptr) ThrowTls("could not make a TLS key");
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), base::SecureSeed() >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 10L * 365 * 24 * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("sundog"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  bool ok = X509_sign(certificate, key, EVP_sha256()) > 0 &&
            SSL_CTX_use_certificate(made->context_, certificate) == 1 &&
            SSL_CTX_use_PrivateKey(made->context_, key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (!ok) ThrowTls("could not make a self-signed certificate");
  return made;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsTransport::TlsTransport(runtime::Socket& socket, const TlsContext& context)
    : socket_(socket), ssl_(SSL_new(context.get())) {
  CHECK(ssl_ != nullptr);
  CHECK_EQ(SSL_set_fd(ssl_, socket.file_descriptor()), 1);
  SSL_set_accept_state(ssl_);
}

TlsTransport::~TlsTransport() {
  // Says goodbye if there is room; nobody waits for the answer.
  ERR_clear_error();
  (void)SSL_shutdown(ssl_);
  SSL_free(ssl_);
}

IoResult TlsTransport::Translate(int result) {
  waits_for_write_ = false;
  if (result > 0) return {IoStatus::kOk, static_cast<size_t>(result)};
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: socket_.NoteReadWouldBlock(); return {IoStatus::kWouldBlock};
    case SSL_ERROR_WANT_WRITE:
      socket_.NoteWriteWouldBlock();
      waits_for_write_ = true;
      return {IoStatus::kWouldBlock};
    default: return {IoStatus::kClosed};
  }
}

IoResult TlsTransport::Accept() {
  ERR_clear_error();
  return Translate(SSL_accept(ssl_));
}

IoResult TlsTransport::Read(char* to, size_t size_bytes) {
  ERR_clear_error();
  IoResult result = Translate(SSL_read(ssl_, to, static_cast<int>(size_bytes)));
  may_read_ = result.status != IoStatus::kWouldBlock;
  return result;
}

IoResult TlsTransport::Write(const char* from, size_t size_bytes) {
  ERR_clear_error();
  return Translate(SSL_write(ssl_, from, static_cast<int>(size_bytes)));
}

}  // namespace sundog::pgwire
