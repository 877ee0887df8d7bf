#include "pgwire/websocket_transport.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"

namespace sundog::pgwire {

namespace {

constexpr size_t kReadBytes = 16 << 10;
// As much is framed at a time, and as much of control frames kept for a client that does not read.
constexpr size_t kFramedBytes = 64 << 10;
// What an idle connection may keep of its buffer.
constexpr size_t kKeptBytes = 256;
constexpr size_t kMaxControlPayload = 125;
// Pings and empty frames in a row, without a pause: who sends more keeps the reactor from others.
constexpr size_t kMostFramesAtOnce = 10'000;
constexpr uint8_t kFinal = 0x80;
constexpr uint8_t kReserved = 0x70;
constexpr uint8_t kMasked = 0x80;
constexpr uint8_t kTwoByteLength = 126;
constexpr uint8_t kEightByteLength = 127;
// A message's type and length.
constexpr size_t kMessageHeaderBytes = 5;

}  // namespace

WebSocketTransport::WebSocketTransport(std::unique_ptr<Transport> below, std::string received)
    : below_(std::move(below)), received_(std::move(received)) {}

WebSocketTransport::~WebSocketTransport() {
  Close(CloseCode::kNormal);
  (void)Flush();
}

// --- in ---

bool WebSocketTransport::ParseHeader(FrameHeader& header) {
  std::string_view received = undecoded();
  if (received.size() < 2) return false;
  auto first = static_cast<uint8_t>(received[0]);
  auto second = static_cast<uint8_t>(received[1]);
  header.is_final = (first & kFinal) != 0;
  header.opcode = static_cast<Opcode>(first & 0x0F);
  header.payload_bytes = second & 0x7F;
  header.header_bytes = 2;
  if (header.payload_bytes == kTwoByteLength) {
    header.header_bytes += 2;
  } else if (header.payload_bytes == kEightByteLength) {
    header.header_bytes += 8;
  }
  header.header_bytes += sizeof header.mask;
  // A client's frames are masked, and no extension has given the reserved bits a meaning.
  if ((first & kReserved) != 0 || (second & kMasked) == 0) {
    Close(CloseCode::kProtocolError);
    return false;
  }
  if (received.size() < header.header_bytes) return false;
  const char* length = received.data() + 2;
  if (header.payload_bytes == kTwoByteLength) {
    header.payload_bytes = base::LoadBigEndian<uint16_t>(length);
  } else if (header.payload_bytes == kEightByteLength) {
    header.payload_bytes = base::LoadBigEndian<uint64_t>(length);
  }
  received.copy(header.mask, sizeof header.mask, header.header_bytes - sizeof header.mask);
  return true;
}

bool WebSocketTransport::BeginFrame() {
  FrameHeader header;
  if (!ParseHeader(header)) return false;
  bool is_control = (static_cast<uint8_t>(header.opcode) & 0x8) != 0;
  if (is_control) {
    if (!header.is_final || header.payload_bytes > kMaxControlPayload) {
      Close(CloseCode::kProtocolError);
      return false;
    }
    if (undecoded().size() < header.header_bytes + header.payload_bytes) return false;
    std::string payload(undecoded().substr(header.header_bytes, header.payload_bytes));
    for (size_t i = 0; i < payload.size(); ++i) payload[i] ^= header.mask[i % 4];
    decoded_bytes_ += header.header_bytes + header.payload_bytes;
    AnswerControl(header, std::move(payload));
    return !closed_;
  }
  bool continues = header.opcode == Opcode::kContinuation;
  if (header.opcode == Opcode::kText) {
    Close(CloseCode::kUnsupportedData);
    return false;
  }
  if ((!continues && header.opcode != Opcode::kBinary) || continues != in_message_ ||
      header.payload_bytes > static_cast<uint64_t>(INT64_MAX)) {
    Close(CloseCode::kProtocolError);
    return false;
  }
  in_message_ = !header.is_final;
  payload_left_ = header.payload_bytes;
  std::copy(std::begin(header.mask), std::end(header.mask), mask_);
  mask_at_ = 0;
  decoded_bytes_ += header.header_bytes;
  return true;
}

void WebSocketTransport::AnswerControl(const FrameHeader& header, std::string payload) {
  switch (header.opcode) {
    case Opcode::kPing:
      // One that does not read what it asked for has had enough answers.
      if (control_.size() < kFramedBytes) {
        std::swap(control_, outgoing_);
        AppendHeader(Opcode::kPong, payload.size());
        outgoing_ += payload;
        std::swap(control_, outgoing_);
      }
      return;
    case Opcode::kPong: return;
    case Opcode::kClose: return Close(CloseCode::kNormal);
    default: return Close(CloseCode::kProtocolError);
  }
}

size_t WebSocketTransport::TakePayload(char* to, size_t size_bytes) {
  std::string_view received = undecoded();
  size_t taken = std::min({size_bytes, received.size(),
                           static_cast<size_t>(std::min<uint64_t>(payload_left_, SIZE_MAX))});
  for (size_t i = 0; i < taken; ++i) {
    to[i] = static_cast<char>(received[i] ^ mask_[mask_at_++ % 4]);
  }
  decoded_bytes_ += taken;
  payload_left_ -= taken;
  return taken;
}

IoResult WebSocketTransport::Read(char* to, size_t size_bytes) {
  size_t frames = 0;
  while (true) {
    if (payload_left_ > 0 && !undecoded().empty()) {
      return {IoStatus::kOk, TakePayload(to, size_bytes)};
    }
    if (closed_) return {IoStatus::kClosed};
    needs_more_ = payload_left_ > 0 || !BeginFrame();
    if (!needs_more_ && ++frames > kMostFramesAtOnce) Close(CloseCode::kPolicyViolation);
    if (!needs_more_ && !closed_) continue;
    if (!control_.empty() && Flush().status == IoStatus::kClosed) closed_ = true;
    if (closed_) return {IoStatus::kClosed};
    std::array<char, kReadBytes> bytes;
    IoResult result = below_->Read(bytes.data(), bytes.size());
    received_.erase(0, std::exchange(decoded_bytes_, 0));
    if (result.status != IoStatus::kOk) {
      // It may stay idle for long.
      if (received_.empty()) received_ = std::string();
      return result;
    }
    received_.append(bytes.data(), result.size_bytes);
    needs_more_ = false;
  }
}

bool WebSocketTransport::MayRead() const {
  return closed_ || (!needs_more_ && !undecoded().empty()) || below_->MayRead();
}

// --- out ---

void WebSocketTransport::AppendHeader(Opcode opcode, uint64_t payload_bytes) {
  outgoing_ += static_cast<char>(kFinal | static_cast<uint8_t>(opcode));
  if (payload_bytes < kTwoByteLength) {
    outgoing_ += static_cast<char>(payload_bytes);
  } else if (payload_bytes <= UINT16_MAX) {
    outgoing_ += static_cast<char>(kTwoByteLength);
    base::AppendBigEndian(outgoing_, static_cast<uint16_t>(payload_bytes));
  } else {
    outgoing_ += static_cast<char>(kEightByteLength);
    base::AppendBigEndian(outgoing_, payload_bytes);
  }
}

void WebSocketTransport::Close(CloseCode code) {
  if (std::exchange(closed_, true)) return;
  std::swap(control_, outgoing_);
  AppendHeader(Opcode::kClose, sizeof(uint16_t));
  base::AppendBigEndian(outgoing_, static_cast<uint16_t>(code));
  std::swap(control_, outgoing_);
}

IoResult WebSocketTransport::Flush() {
  if (outgoing_.empty() && message_left_ == 0) std::swap(outgoing_, control_);
  while (!outgoing_.empty()) {
    IoResult result = below_->Write(outgoing_.data(), outgoing_.size());
    if (result.status != IoStatus::kOk) return result;
    outgoing_.erase(0, result.size_bytes);
    if (outgoing_.empty() && message_left_ == 0) std::swap(outgoing_, control_);
  }
  if (outgoing_.capacity() > kKeptBytes) outgoing_ = std::string();
  return {IoStatus::kOk};
}

size_t WebSocketTransport::Frame(const char* from, size_t size_bytes) {
  size_t framed = 0;
  while (framed < size_bytes && outgoing_.size() < kFramedBytes) {
    size_t left = size_bytes - framed;
    if (message_left_ == 0) {
      outgoing_ += std::exchange(control_, {});
      // What has no message's header is a frame as it is: the answer to a request for encryption.
      message_left_ = left < kMessageHeaderBytes
                          ? left
                          : 1 + base::LoadBigEndian<uint32_t>(from + framed + 1);
      AppendHeader(Opcode::kBinary, message_left_);
    }
    size_t taken = std::min({left, static_cast<size_t>(message_left_), kFramedBytes});
    outgoing_.append(from + framed, taken);
    message_left_ -= taken;
    framed += taken;
  }
  return framed;
}

IoResult WebSocketTransport::Write(const char* from, size_t size_bytes) {
  if (closed_) return {IoStatus::kClosed};
  if (framed_bytes_ == 0) {
    if (IoResult before = Flush(); before.status != IoStatus::kOk) return before;
    framed_bytes_ = Frame(from, size_bytes);
  }
  if (IoResult result = Flush(); result.status != IoStatus::kOk) return result;
  return {IoStatus::kOk, std::exchange(framed_bytes_, 0)};
}

}  // namespace sundog::pgwire
