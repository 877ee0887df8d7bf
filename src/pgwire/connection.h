// One client's connection: reads messages, drives its session, and appends the answers to a send
// buffer.
//
// A fiber serves it only while there is something to do. When all that came is answered and nothing
// more is there, buffers go back to their pool, the socket is parked and the fiber ends; the next
// byte starts another one. Inside a statement (COPY data, a full send buffer) the fiber waits.
//
// After an error in an extended-protocol message everything up to the next Sync is skipped. A
// malformed message ends this connection with FATAL 08P01 and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/route.h"
#include "pgwire/admission.h"
#include "pgwire/buffer_pool.h"
#include "pgwire/row_encoder.h"
#include "pgwire/transport.h"
#include "runtime/placement.h"
#include "runtime/socket.h"
#include "session/client.h"
#include "session/session.h"

namespace sundog::pgwire {

class MessageReader;
class Server;
struct StartupPacket;

// PostgreSQL's own limit for one message, and Aurora DSQL's.
inline constexpr int32_t kMaxMessageBytes = 0x3fffffff;
inline constexpr int32_t kDsqlMaxMessageBytes = 10 << 20;

class Connection : public session::Client {
 public:
  Connection(Server& server, std::unique_ptr<runtime::Socket> socket,
             std::unique_ptr<Transport> transport);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  runtime::Placement::Seat& seat() { return seat_; }

  // Starts serving, on a fiber of the reactor.
  void Start();
  // To change reactors between two transactions: the last act on the present one; then the server
  // posts Arrive() to the other.
  void Depart(runtime::Reactor& to);
  void Arrive(runtime::Reactor& reactor);
  // The server stops: at the end of the running statement, at once when there is none.
  void Drain();
  // The server stops now: the running statement is cancelled.
  void Terminate();
  // The server cannot wait any longer: whoever waits for this client stops waiting.
  void Abort() { socket_->Shutdown(); }

  // Somebody asked for its end, with Terminate() or through the session.
  bool terminated() const;

  int32_t process_id() const { return process_id_; }
  int32_t secret() const { return secret_; }

  // --- session::Client ---
  void ParseComplete() override;
  void BindComplete() override;
  void CloseComplete() override;
  void ParameterDescription(std::span<const uint32_t> types) override;
  void RowDescription(std::span<const session::ResultColumn> columns,
                      const session::ResultFormats& formats) override;
  void NoData() override;
  void Rows(const types::Chunk& chunk, size_t first, size_t count,
            std::span<const session::ResultColumn> columns,
            const session::ResultFormats& formats, const types::IoContext& io) override;
  void PortalSuspended() override;
  void CommandComplete(std::string_view tag) override;
  void EmptyQuery() override;
  void CopyOutDone() override;
  void Error(const base::ErrorFields& fields, int character_position) override;
  void Notice(const base::ErrorFields& fields, int character_position) override;
  void ParameterStatus(std::string_view name, std::string_view value) override;
  void Notification(int32_t process_id, std::string_view channel,
                    std::string_view payload) override;
  void ReadyForQuery(char transaction_status) override;
  uint64_t Mark() const override { return flushed_bytes_ + output_.size(); }
  bool Rewind(uint64_t mark) override;
  void BeginCopyIn(session::WireFormat format, int column_count) override;
  void BeginCopyOut(session::WireFormat format, int column_count) override;
  bool ReadCopyData(std::string_view& data) override;
  void WriteCopyData(std::string_view data) override;

 private:
  enum class ReadResult { kMessage, kWouldBlock, kClosed };

  // --- connection.cc: the fiber's life ---
  void Serve();
  bool ServeUntilIdle();
  void Wake();
  void Park();
  // Where it should be served from now on; null to stay.
  runtime::Reactor* BetterReactor();
  void Close();
  void ArmIdleTimeout();
  void OnIdleTimeout();
  // Between transactions; true when it is older than it may become.
  bool IsTooOld() const;

  // --- connection_io.cc: bytes in and out ---
  // The next whole message; `kWouldBlock` when it is not there yet.
  ReadResult NextMessage(char& type, std::string_view& body, size_t& message_bytes);
  ReadResult ReadMore(size_t wanted);
  // As ReadMore, but waits. False when the connection is closed.
  bool WaitForMore(size_t wanted);
  bool WaitForTransport(int64_t monotonic_us, bool interruptible);
  // As WaitForMore, until authentication_timeout is over.
  bool WaitForStartupBytes(size_t wanted);
  // Sends what is buffered; false when the connection is closed.
  bool Flush();
  void FlushIfLarge();
  void ReleaseBuffers();

  // --- connection_startup.cc ---
  // All up to the first ReadyForQuery; false when the connection ends here.
  bool Startup();
  bool StartupMessages();
  bool ReadStartupPacket(std::string_view& packet);
  void ReportStartupError(const SqlError& error);
  // A client may begin with TLS itself instead of asking for it.
  bool AcceptDirectTls();
  bool AcceptTls(bool wants_alpn);
  void HandleCancelRequest(MessageReader reader);
  void NegotiateVersion(const StartupPacket& packet);
  void StartSession(const StartupPacket& packet, const auth::Route& route,
                    session::SessionIdentity identity);
  bool Authenticate(const StartupPacket& packet);
  // Whether the client is who it says: FATAL if it is not, false when the connection ended.
  // Notes in `session` whose token it is.
  bool Prove(const auth::Route& route, std::string_view user, session::SessionIdentity& session);
  // What Aurora DSQL limits: number, rate, age.
  void Admit(const auth::Route& route);
  bool AuthenticateWithPassword(const std::optional<auth::Credentials>& role,
                                std::string_view user);
  bool AuthenticateWithScram(const auth::Route& route, std::string_view user);
  // Notes in `session` whose token it is.
  bool AuthenticateWithToken(const auth::ClusterEntry& cluster,
                             const std::optional<auth::Credentials>& role, std::string_view user,
                             session::SessionIdentity& session);
  bool ReadPasswordMessage(std::string_view& body);
  void ConsumePasswordMessage();
  void SendAuthentication(int32_t code, std::string_view data);

  // --- connection_messages.cc ---
  // False when the connection is to end.
  bool HandleMessage(char type, std::string_view body);
  void HandleParse(MessageReader reader);
  void HandleBind(MessageReader reader);
  void HandleDescribe(MessageReader reader);
  void HandleExecute(MessageReader reader);
  void HandleClose(MessageReader reader);
  // After the message that COPY data came in: its text is no longer in use.
  void EndCopyIn();
  // The session's answer to an extended-protocol message; false starts skipping.
  void Answer(bool ok) { skip_until_sync_ = !ok; }

  Server& server_;
  runtime::Reactor* reactor_;
  runtime::Placement::Seat seat_;
  uint32_t idle_moments_ = 0;
  std::unique_ptr<runtime::Socket> socket_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<session::Session> session_;
  std::string peer_;
  int32_t process_id_;
  int32_t secret_;
  InputBuffer input_;
  // While COPY data comes in: the buffer with the message that began it, whose text is in use.
  InputBuffer copy_outer_input_;
  size_t copy_consumed_ = 0;
  size_t copy_last_bytes_ = 0;  // of the CopyData message handed out
  size_t password_message_bytes_ = 0;
  int64_t startup_deadline_us_ = 0;
  std::string output_;
  uint64_t flushed_bytes_ = 0;
  bool started_ = false;
  bool skip_until_sync_ = false;

  bool broken_ = false;
  bool draining_ = false;
  runtime::Timer idle_timer_;
  Admission::Ticket ticket_;
  int64_t ends_us_ = INT64_MAX;  // on the monotonic clock: when it will be too old
  int32_t max_message_bytes_ = kMaxMessageBytes;
  RowEncoder encoder_;
  std::vector<session::WireFormat> parameter_formats_;
  std::vector<session::WireFormat> result_formats_;
  std::vector<std::string_view> parameters_;
  std::vector<types::Oid> parameter_types_;
};

}  // namespace sundog::pgwire
