// A connection's beginning: encryption, the startup packet, authentication.
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/sql_error.h"
#include "pgwire/connection.h"
#include "pgwire/error_response.h"
#include "pgwire/message_reader.h"
#include "pgwire/message_writer.h"
#include "pgwire/server.h"
#include "pgwire/startup_packet.h"
#include "pgwire/tls_context.h"
#include "pgwire/tls_transport.h"

namespace sundog::pgwire {

namespace {

// The first byte of a TLS handshake, where a startup packet's length has a zero.
constexpr char kTlsHandshake = 0x16;
constexpr int32_t kAuthenticationOk = 0;
constexpr int32_t kCleartextPassword = 3;
constexpr int32_t kSasl = 10;
constexpr int32_t kSaslContinue = 11;
constexpr int32_t kSaslFinal = 12;
constexpr std::string_view kMechanism = "SCRAM-SHA-256";

}  // namespace

bool Connection::Startup() {
  startup_deadline_us_ =
      base::SystemClock().MonotonicMicros() + server_.authentication_timeout_ms() * 1000;
  try {
    output_ = TakeOutputBuffer();
    return StartupMessages() && Flush();
  } catch (const SqlError& error) {
    ReportStartupError(error);
  }
  return false;
}

void Connection::ReportStartupError(const SqlError& error) {
  base::ErrorFields fields = error.fields();
  fields.severity = base::Severity::kFatal;
  AppendErrorResponse(output_, fields, 0);
  Flush();
}

bool Connection::WaitForStartupBytes(size_t wanted) {
  while (input_.size() < wanted) {
    switch (ReadMore(wanted)) {
      case ReadResult::kMessage: continue;
      case ReadResult::kClosed: return false;
      case ReadResult::kWouldBlock: break;
    }
    if (!Flush() || draining_ || !WaitForTransport(startup_deadline_us_, false)) return false;
  }
  return true;
}

bool Connection::ReadStartupPacket(std::string_view& packet) {
  if (!WaitForStartupBytes(8)) return false;
  int32_t length = base::LoadBigEndian<int32_t>(input_.data());
  if (length < 8 || static_cast<size_t>(length) > kMaxStartupBytes) {
    ThrowProtocolViolation("invalid length of startup packet");
  }
  if (!WaitForStartupBytes(static_cast<size_t>(length))) return false;
  packet = {input_.data() + 4, static_cast<size_t>(length) - 4};
  return true;
}

bool Connection::StartupMessages() {
  if (!AcceptDirectTls()) return false;
  std::string_view packet;
  while (true) {
    if (!ReadStartupPacket(packet)) return false;
    int32_t code = base::LoadBigEndian<int32_t>(packet.data());
    if (code == kCancelRequestCode) {
      HandleCancelRequest(MessageReader(packet.substr(4)));
      return false;
    }
    if (code != kSslRequestCode && code != kGssEncRequestCode) break;
    input_.Consume(packet.size() + 4);
    bool tls = code == kSslRequestCode && !transport_->is_tls();
    output_ += tls ? 'S' : 'N';
    // Bytes that came before the handshake may not be the client's.
    if (tls && !input_.empty()) {
      output_.clear();
      ThrowProtocolViolation("received unencrypted data after SSL request");
    }
    if (!Flush() || (tls && !AcceptTls(false))) return false;
  }
  StartupPacket startup = ParseStartupPacket(packet);
  input_.Consume(packet.size() + 4);
  NegotiateVersion(startup);
  if (!Authenticate(startup)) return false;
  return session_ != nullptr;
}

bool Connection::AcceptDirectTls() {
  if (transport_->is_tls()) return true;
  if (!WaitForStartupBytes(1)) return false;
  // As in PostgreSQL 17: without ALPN it might be meant for a server of another protocol.
  return input_.data()[0] != kTlsHandshake || AcceptTls(true);
}

bool Connection::AcceptTls(bool wants_alpn) {
  auto tls = std::make_unique<TlsTransport>(*socket_, server_.tls(),
                                            std::string_view(input_.data(), input_.size()));
  input_.Consume(input_.size());
  while (true) {
    IoResult result = tls->Accept();
    if (result.status == IoStatus::kOk) break;
    if (result.status == IoStatus::kClosed) return false;
    runtime::WaitOutcome outcome = tls->waits_for_write()
                                       ? socket_->WaitWritable(startup_deadline_us_)
                                       : socket_->WaitReadable(startup_deadline_us_);
    if (outcome != runtime::WaitOutcome::kSignaled) return false;
  }
  if (wants_alpn && !tls->has_agreed_on_protocol()) return false;
  transport_ = std::move(tls);
  return true;
}

void Connection::HandleCancelRequest(MessageReader reader) {
  int32_t process_id = reader.Int32();
  int32_t secret = reader.Int32();
  reader.End();
  server_.CancelStatement(process_id, secret);
}

void Connection::NegotiateVersion(const StartupPacket& packet) {
  if (packet.minor_version == 0 && packet.unknown_options.empty()) return;
  MessageWriter message(output_, 'v');
  // The newest version that is spoken: 3.0.
  message.Int32(3 << 16);
  message.Int32(static_cast<int32_t>(packet.unknown_options.size()));
  for (const std::string& option : packet.unknown_options) message.String(option);
}

void Connection::SendAuthentication(int32_t code, std::string_view data) {
  MessageWriter message(output_, 'R');
  message.Int32(code);
  message.Bytes(data);
}

bool Connection::Authenticate(const StartupPacket& packet) {
  auth::CredentialSource& source = server_.credentials();
  std::string_view id = auth::ClusterIdOf(transport_->server_name());
  if (id.empty()) id = packet.cluster_id;
  auth::Route route = auth::FindRoute(source, id, packet.user);
  session::SessionIdentity identity;
  // That a cluster is full is for those to know who know it.
  if (!route.by_user_name) Admit(route);
  if (!Prove(route, packet.user, identity)) return false;
  if (route.by_user_name) Admit(route);
  auth::RequireMayConnect(route.role, route.role_name, source.DatabaseExists(packet.database),
                          packet.database);
  SendAuthentication(kAuthenticationOk, {});
  identity.is_superuser = route.role->is_superuser;
  StartSession(packet, route, std::move(identity));
  return true;
}

bool Connection::Prove(const auth::Route& route, std::string_view user,
                       session::SessionIdentity& session) {
  switch (server_.AuthMethodFor(route)) {
    case auth::Method::kTrust:
      if (route.by_user_name && !route.role) auth::ThrowWrongPassword(user);
      return true;
    case auth::Method::kPassword: return AuthenticateWithPassword(route.role, user);
    case auth::Method::kScram: return AuthenticateWithScram(route, user);
    case auth::Method::kToken:
      return AuthenticateWithToken(*route.cluster, route.role, user, session);
  }
  CHECK(false);
}

void Connection::Admit(const auth::Route& route) {
  if (route.cluster->profile != session::Profile::kDsql) return;
  ends_us_ = base::SystemClock().MonotonicMicros() + server_.dsql_connection_age_ms() * 1000;
  max_message_bytes_ = kDsqlMaxMessageBytes;
  // Whoever operates the server gets in.
  if (!route.role || !route.role->is_superuser) {
    ticket_ = server_.admission().Admit(route.cluster->tenant);
  }
}

void Connection::StartSession(const StartupPacket& packet, const auth::Route& route,
                              session::SessionIdentity identity) {
  identity.tenant = route.cluster->tenant;
  identity.profile = route.cluster->profile;
  identity.database = packet.database;
  identity.user = route.role_name;
  identity.process_id = process_id_;
  identity.client_address = peer_;
  identity.uses_tls = transport_->is_tls();
  auto session = std::make_unique<session::Session>(server_.pipeline(), *this, std::move(identity),
                                                    server_.clock());
  for (const auto& [name, value] : packet.settings) {
    session->context().SetInitialSetting(name, value);
  }
  session->context().SetTerminator(
      [&server = server_, process_id = process_id_] { server.Terminate(process_id); });
  session_ = std::move(session);
  server_.Register(*this, session_->context().shared_cancel_token());
  {
    MessageWriter key(output_, 'K');
    key.Int32(process_id_);
    key.Int32(secret_);
  }
  session_->Start();
}

bool Connection::ReadPasswordMessage(std::string_view& body) {
  if (!Flush()) return false;
  char type = 0;
  while (NextMessage(type, body, password_message_bytes_) != ReadResult::kMessage) {
    if (!WaitForStartupBytes(input_.size() + 1)) return false;
    if (input_.size() > kMaxStartupBytes) ThrowProtocolViolation("invalid message length");
  }
  if (type != 'p') {
    ThrowProtocolViolation(
        fmt::format("expected password response, got message type {}", static_cast<int>(type)));
  }
  return true;
}

void Connection::ConsumePasswordMessage() { input_.Consume(password_message_bytes_); }

bool Connection::AuthenticateWithToken(const auth::ClusterEntry& cluster,
                                       const std::optional<auth::Credentials>& role,
                                       std::string_view user,
                                       session::SessionIdentity& session) {
  if (!transport_->is_tls()) {
    auth::ThrowAccessDenied(
        "Connections are encrypted here: connect with sslmode=require or, better, verify-full.");
  }
  SendAuthentication(kCleartextPassword, {});
  std::string_view body;
  if (!ReadPasswordMessage(body)) return false;
  std::string_view token = MessageReader(body).String();
  if (token.empty()) ThrowProtocolViolation("invalid password packet size");
  auth::ConnectIdentity identity =
      server_.credentials().VerifyToken(cluster, user, transport_->server_name(), token);
  ConsumePasswordMessage();
  auth::RequireTrust(role, user, identity);
  // admin is nobody's in particular.
  session.is_mapped = identity.action == auth::ConnectAction::kDbConnect;
  session.iam_arn = std::move(identity.arn);
  return true;
}

bool Connection::AuthenticateWithPassword(const std::optional<auth::Credentials>& role,
                                          std::string_view user) {
  SendAuthentication(kCleartextPassword, {});
  std::string_view body;
  if (!ReadPasswordMessage(body)) return false;
  std::string_view password = MessageReader(body).String();
  // Whom nobody knows takes as long to refuse as a wrong password.
  static const auth::ScramVerifier kNobody;
  bool right = (role && role->verifier ? *role->verifier : kNobody).Accepts(password);
  ConsumePasswordMessage();
  if (!right) auth::ThrowWrongPassword(user);
  return true;
}

bool Connection::AuthenticateWithScram(const auth::Route& route, std::string_view user) {
  auth::ScramExchange exchange(route.role ? route.role->verifier : std::nullopt, route.account,
                               auth::ScramExchange::MakeNonce());
  std::string mechanisms(kMechanism);
  mechanisms.append(2, '\0');
  SendAuthentication(kSasl, mechanisms);
  std::string_view body;
  if (!ReadPasswordMessage(body)) return false;
  MessageReader initial(body);
  if (initial.String() != kMechanism) {
    ThrowProtocolViolation("client selected an invalid SASL authentication mechanism");
  }
  int32_t size = initial.Int32();
  if (size < 0) ThrowProtocolViolation("malformed SCRAM message");
  SendAuthentication(kSaslContinue,
                     exchange.ServerFirst(initial.Bytes(static_cast<size_t>(size))));
  ConsumePasswordMessage();
  if (!ReadPasswordMessage(body)) return false;
  std::optional<std::string> final = exchange.ServerFinal(body);
  ConsumePasswordMessage();
  if (!final) auth::ThrowWrongPassword(user);
  SendAuthentication(kSaslFinal, *final);
  return true;
}

}  // namespace sundog::pgwire
