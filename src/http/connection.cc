#include "http/connection.h"

#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <utility>

#include "base/clock.h"
#include "http/request_parser.h"
#include "http/response_text.h"
#include "http/websocket_handshake.h"
#include "pgwire/server.h"
#include "pgwire/tls_context.h"
#include "pgwire/tls_transport.h"
#include "pgwire/websocket_transport.h"
#include "runtime/reactor.h"

namespace sundog::http {

namespace {

using pgwire::IoResult;
using pgwire::IoStatus;

// The first byte of a TLS handshake.
constexpr char kHandshakeRecord = 0x16;
constexpr size_t kReadBytes = 16 << 10;
constexpr int64_t kLingerMs = 1000;
constexpr size_t kLingerBytes = 1 << 20;

int64_t DeadlineIn(int64_t timeout_ms) {
  return base::SystemClock().MonotonicMicros() + timeout_ms * 1000;
}

Response PlainText(int status, std::string text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text)};
}

Response RefusalOf(RequestParser::State state) {
  switch (state) {
    case RequestParser::State::kHeaderTooLarge:
      return PlainText(431, "The request's header is too large.\n");
    case RequestParser::State::kBodyTooLarge:
      return PlainText(413, "The request's body is too large.\n");
    default:
      return PlainText(400, "The request is malformed.\n");
  }
}

}  // namespace

Connection::Connection(runtime::Reactor& reactor, int file_descriptor, Handler& handler,
                       pgwire::Server& sessions, std::shared_ptr<const pgwire::TlsContext> tls,
                       const Timeouts& timeouts)
    : socket_(std::make_unique<runtime::Socket>(reactor, file_descriptor)),
      handler_(handler),
      sessions_(sessions),
      tls_(std::move(tls)),
      timeouts_(timeouts),
      waits_since_us_(base::SystemClock().MonotonicMicros()) {}

Connection::~Connection() = default;

void Connection::Serve() {
  if (Handshake() == Outcome::kClosed) return;
  while (!draining_ && ServeRequest() == Outcome::kOk) {
    // Who sends requests without waiting for answers shares the reactor all the same.
    runtime::Yield();
  }
}

void Connection::Drain() {
  draining_ = true;
  if (!is_handling_) Shutdown();
}

void Connection::Abort() {
  aborted_ = true;
  Shutdown();
}

void Connection::Shutdown() {
  if (socket_ != nullptr) socket_->Shutdown();
}

Connection::Outcome Connection::Handshake() {
  int64_t deadline_us = DeadlineIn(timeouts_.handshake_ms);
  transport_ = std::make_unique<pgwire::PlainTransport>(*socket_);
  if (ReadMore(deadline_us) == Outcome::kClosed) return Outcome::kClosed;
  if (input_.front() != kHandshakeRecord) {
    ExplainTls();
    return Outcome::kClosed;
  }
  auto tls = std::make_unique<pgwire::TlsTransport>(*socket_, tls_, input_);
  pgwire::TlsTransport& made = *tls;
  transport_ = std::move(tls);
  input_.clear();
  while (true) {
    switch (made.Accept().status) {
      case IoStatus::kOk: return Outcome::kOk;
      case IoStatus::kClosed: return Outcome::kClosed;
      case IoStatus::kWouldBlock: break;
    }
    if (Wait(deadline_us) == Outcome::kClosed) return Outcome::kClosed;
  }
}

void Connection::ExplainTls() {
  Response response = PlainText(400, "This port speaks HTTPS; use https:// and the server's CA.\n");
  if (Respond(response, /*keep_alive=*/false, /*omits_body=*/false) == Outcome::kOk) Linger();
}

Connection::Outcome Connection::ServeRequest() {
  RequestParser parser;
  int64_t deadline_us = DeadlineIn(timeouts_.idle_ms);
  bool has_begun = false;
  while (parser.state() == RequestParser::State::kNeedMore) {
    if (!input_.empty()) {
      if (!std::exchange(has_begun, true)) deadline_us = DeadlineIn(timeouts_.request_ms);
      input_.erase(0, parser.Feed(input_));
      if (parser.state() != RequestParser::State::kNeedMore) break;
      if (parser.TakeExpectation() && Send("HTTP/1.1 100 Continue\r\n\r\n") == Outcome::kClosed) {
        return Outcome::kClosed;
      }
    }
    if (ReadMore(deadline_us) == Outcome::kClosed) return Outcome::kClosed;
  }
  if (parser.state() != RequestParser::State::kDone) {
    Response refusal = RefusalOf(parser.state());
    if (Respond(refusal, /*keep_alive=*/false, /*omits_body=*/false) == Outcome::kOk) Linger();
    return Outcome::kClosed;
  }
  bool keep_alive = parser.keep_alive();
  bool takes_chunks = parser.takes_chunks();
  Request request = parser.Take();
  if (AsksForWebSocket(request)) {
    BecomeSession(request);
    return Outcome::kClosed;
  }
  is_handling_ = true;
  Response response = handler_.Handle(request);
  keep_alive = keep_alive && !draining_;
  Outcome sent = response.make ? RespondMaking(response, keep_alive, takes_chunks)
                               : Respond(response, keep_alive, request.method == "HEAD");
  is_handling_ = false;
  waits_since_us_ = base::SystemClock().MonotonicMicros();
  return keep_alive && !draining_ ? sent : Outcome::kClosed;
}

void Connection::BecomeSession(const Request& request) {
  Response response = AnswerWebSocket(request);
  bool accepted = response.status == 101;
  if (Respond(response, /*keep_alive=*/accepted, /*omits_body=*/false) == Outcome::kClosed) return;
  if (!accepted || draining_) return;
  auto transport =
      std::make_unique<pgwire::WebSocketTransport>(std::move(transport_), std::move(input_));
  sessions_.Adopt(std::move(socket_), std::move(transport));
}

Connection::Outcome Connection::ReadMore(int64_t deadline_us) {
  std::array<char, kReadBytes> bytes;
  // Who sends without a pause is never waited for: the deadline and the others count here, too.
  runtime::Yield();
  if (base::SystemClock().MonotonicMicros() >= deadline_us) return Outcome::kClosed;
  while (true) {
    IoResult result = transport_->Read(bytes.data(), bytes.size());
    if (result.status == IoStatus::kClosed) return Outcome::kClosed;
    if (result.status == IoStatus::kOk) {
      input_.append(bytes.data(), result.size_bytes);
      return Outcome::kOk;
    }
    if (Wait(deadline_us) == Outcome::kClosed) return Outcome::kClosed;
  }
}

Connection::Outcome Connection::Respond(const Response& response, bool keep_alive,
                                        bool omits_body) {
  return Send(FormatResponse(response, {.keep_alive = keep_alive,
                                        .omits_body = omits_body,
                                        .now_s = base::SystemClock().WallMicros() / 1'000'000}));
}

// The body in chunks, as RFC 9112 has them; for who takes none it ends with the connection.
class Connection::Stream final : public ResponseStream {
 public:
  Stream(Connection& connection, const Response& response, bool keep_alive, bool takes_chunks)
      : connection_(connection),
        response_(response),
        keep_alive_(keep_alive && takes_chunks),
        takes_chunks_(takes_chunks) {}
  ~Stream() override { WhenGone(nullptr); }

  bool Write(std::string_view bytes) override {
    if (bytes.empty()) return outcome_ == Outcome::kOk;
    std::string text;
    if (!std::exchange(begun_, true)) {
      text = FormatResponse(response_, {.keep_alive = keep_alive_,
                                        .body_follows = true,
                                        .chunked = takes_chunks_,
                                        .now_s = base::SystemClock().WallMicros() / 1'000'000});
    }
    if (!takes_chunks_) return Send(text.append(bytes));
    std::array<char, 24> size;
    int digits = std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    text.append(size.data(), static_cast<size_t>(digits)).append(bytes).append("\r\n");
    return Send(text);
  }
  void WhenGone(std::function<void()> callback) override {
    connection_.socket_->OnEnded(std::move(callback));
  }

  bool begun() const { return begun_; }
  Outcome Finish() {
    if (!takes_chunks_) return Outcome::kClosed;
    (void)Send("0\r\n\r\n");
    return outcome_;
  }

 private:
  bool Send(std::string_view text) {
    if (outcome_ == Outcome::kOk) outcome_ = connection_.Send(text);
    return outcome_ == Outcome::kOk;
  }

  Connection& connection_;
  const Response& response_;
  const bool keep_alive_;
  const bool takes_chunks_;
  bool begun_ = false;
  Outcome outcome_ = Outcome::kOk;
};

Connection::Outcome Connection::RespondMaking(Response& response, bool keep_alive,
                                              bool takes_chunks) {
  Stream stream(*this, response, keep_alive, takes_chunks);
  response.make(response, stream);
  if (stream.begun()) return stream.Finish();
  return Respond(response, keep_alive, /*omits_body=*/false);
}

Connection::Outcome Connection::Send(std::string_view bytes) {
  int64_t deadline_us = DeadlineIn(timeouts_.response_ms);
  while (!bytes.empty()) {
    IoResult result = transport_->Write(bytes.data(), bytes.size());
    if (result.status == IoStatus::kClosed) return Outcome::kClosed;
    if (result.status == IoStatus::kOk) {
      bytes.remove_prefix(result.size_bytes);
      continue;
    }
    bool in_time = transport_->is_tls() && !transport_->waits_for_write()
                       ? socket_->WaitReadable(deadline_us) == runtime::WaitOutcome::kSignaled
                       : socket_->WaitWritable(deadline_us) == runtime::WaitOutcome::kSignaled;
    if (!in_time) return Outcome::kClosed;
  }
  return Outcome::kOk;
}

Connection::Outcome Connection::Wait(int64_t deadline_us) {
  runtime::WaitOutcome outcome = transport_->waits_for_write() ? socket_->WaitWritable(deadline_us)
                                                               : socket_->WaitReadable(deadline_us);
  return outcome == runtime::WaitOutcome::kSignaled ? Outcome::kOk : Outcome::kClosed;
}

void Connection::Linger() {
  (void)shutdown(socket_->file_descriptor(), SHUT_WR);
  int64_t deadline_us = DeadlineIn(kLingerMs);
  for (size_t discarded = 0; discarded < kLingerBytes && !draining_; discarded += input_.size()) {
    input_.clear();
    if (ReadMore(deadline_us) == Outcome::kClosed) return;
  }
}

}  // namespace sundog::http
