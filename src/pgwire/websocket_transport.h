// PostgreSQL's protocol in WebSocket frames (RFC 6455), the server's side, over another transport;
// the handshake is done (http/websocket_handshake.h).
//
// What comes in: the payload of binary frames, however the client cuts it. What goes out: one
// binary frame for each message, because Aurora DSQL's connector looks at the first byte of each
// frame for the message's type. Pings are answered; a frame that breaks the rules ends the
// connection with a Close frame that says why.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "pgwire/transport.h"

namespace sundog::pgwire {

class WebSocketTransport : public Transport {
 public:
  // `received` has been read already and comes first.
  WebSocketTransport(std::unique_ptr<Transport> below, std::string received);
  // Says goodbye if there is room.
  ~WebSocketTransport() override;

  IoResult Read(char* to, size_t size_bytes) override;
  IoResult Write(const char* from, size_t size_bytes) override;
  bool MayRead() const override;
  bool waits_for_write() const override { return below_->waits_for_write(); }
  bool is_tls() const override { return below_->is_tls(); }
  std::string_view server_name() const override { return below_->server_name(); }

 private:
  enum class Opcode : uint8_t {
    kContinuation = 0x0,
    kText = 0x1,
    kBinary = 0x2,
    kClose = 0x8,
    kPing = 0x9,
    kPong = 0xA,
  };
  enum class CloseCode : uint16_t {
    kNormal = 1000,
    kProtocolError = 1002,
    kUnsupportedData = 1003,
    kPolicyViolation = 1008,
  };
  struct FrameHeader {
    Opcode opcode = Opcode::kContinuation;
    bool is_final = true;
    uint64_t payload_bytes = 0;
    char mask[4] = {};
    size_t header_bytes = 0;
  };

  // --- in ---
  std::string_view undecoded() const {
    return std::string_view(received_).substr(decoded_bytes_);
  }
  // What can be told from what has come; false: the header is not there yet.
  bool ParseHeader(FrameHeader& header);
  // Looks at the next frame; false: more has to come first, or it is closed.
  bool BeginFrame();
  size_t TakePayload(char* to, size_t size_bytes);
  void AnswerControl(const FrameHeader& header, std::string payload);
  void Close(CloseCode code);

  // --- out ---
  void AppendHeader(Opcode opcode, uint64_t payload_bytes);
  // Sends outgoing_ as far as it goes.
  IoResult Flush();
  // Encodes some of it into outgoing_; how much.
  size_t Frame(const char* from, size_t size_bytes);

  std::unique_ptr<Transport> below_;
  std::string received_;
  size_t decoded_bytes_ = 0;  // at its front
  // True when undecoded() holds nothing that could be decoded without more.
  bool needs_more_ = false;
  uint64_t payload_left_ = 0;  // of the data frame that is being read
  char mask_[4] = {};
  size_t mask_at_ = 0;
  bool in_message_ = false;  // a fragmented one, whose last frame has not come
  bool closed_ = false;

  std::string outgoing_;
  size_t framed_bytes_ = 0;   // how much of the caller's bytes is in outgoing_
  uint64_t message_left_ = 0;  // of the message whose frame is being written
  std::string control_;  // frames to be sent between two others
};

}  // namespace sundog::pgwire
