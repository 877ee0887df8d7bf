#include "pgwire/tls_transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "pgwire/tls_context.h"

namespace sundog::pgwire {

// A BIO whose data is the transport.
struct TlsTransport::Calls {
  static TlsTransport& Of(BIO* bio) { return *static_cast<TlsTransport*>(BIO_get_data(bio)); }

  static int Read(BIO* bio, char* to, int size) {
    TlsTransport& transport = Of(bio);
    BIO_clear_retry_flags(bio);
    if (std::string& received = transport.received_; !received.empty()) {
      size_t taken = std::min(received.size(), static_cast<size_t>(size));
      std::memcpy(to, received.data(), taken);
      received.erase(0, taken);
      if (received.empty()) received.shrink_to_fit();
      return static_cast<int>(taken);
    }
    ssize_t got = transport.socket_.Read(to, static_cast<size_t>(size));
    if (got < 0 && errno == EAGAIN) BIO_set_retry_read(bio);
    return static_cast<int>(got);
  }

  static int Write(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    ssize_t sent = Of(bio).socket_.Write(from, static_cast<size_t>(size));
    if (sent < 0 && errno == EAGAIN) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
  }

  static long Control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* Method() {
    static const BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sundog socket");
      CHECK(made != nullptr);
      BIO_meth_set_read(made, Read);
      BIO_meth_set_write(made, Write);
      BIO_meth_set_ctrl(made, Control);
      return made;
    }();
    return kMethod;
  }
};

TlsTransport::TlsTransport(runtime::Socket& socket, std::shared_ptr<const TlsContext> context,
                           std::string_view received)
    : socket_(socket),
      context_(std::move(context)),
      ssl_(SSL_new(context_->get())),
      received_(received) {
  CHECK(ssl_ != nullptr);
  BIO* bio = BIO_new(Calls::Method());
  CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

TlsTransport::~TlsTransport() {
  ERR_clear_error();
  // Says goodbye if there is room; nobody waits for the answer.
  if (!failed_ && SSL_is_init_finished(ssl_)) (void)SSL_shutdown(ssl_);
  SSL_free(ssl_);
}

IoResult TlsTransport::Translate(int result) {
  waits_for_write_ = false;
  if (result > 0) return {IoStatus::kOk, static_cast<size_t>(result)};
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: return {IoStatus::kWouldBlock};
    case SSL_ERROR_WANT_WRITE: waits_for_write_ = true; return {IoStatus::kWouldBlock};
    case SSL_ERROR_ZERO_RETURN: return {IoStatus::kClosed};
    default: failed_ = true; return {IoStatus::kClosed};
  }
}

IoResult TlsTransport::Accept() {
  ERR_clear_error();
  IoResult result = Translate(SSL_accept(ssl_));
  if (result.status == IoStatus::kOk) {
    TakeServerName();
    context_.reset();
  }
  return result;
}

void TlsTransport::TakeServerName() {
  const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return;
  server_name_ = name;
  for (char& c : server_name_) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
}

bool TlsTransport::has_agreed_on_protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_, &chosen, &size);
  return size > 0;
}

IoResult TlsTransport::Read(char* to, size_t size_bytes) {
  ERR_clear_error();
  IoResult result = Translate(SSL_read(ssl_, to, static_cast<int>(size_bytes)));
  may_hold_records_ = result.status != IoStatus::kWouldBlock;
  return result;
}

IoResult TlsTransport::Write(const char* from, size_t size_bytes) {
  ERR_clear_error();
  return Translate(SSL_write(ssl_, from, static_cast<int>(size_bytes)));
}

bool TlsTransport::MayRead() const {
  return socket_.MayRead() ||
         (may_hold_records_ && (!received_.empty() || SSL_has_pending(ssl_) == 1));
}

}  // namespace sundog::pgwire
