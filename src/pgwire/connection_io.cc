// A connection's bytes: reading whole messages, sending what is buffered.
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "pgwire/connection.h"
#include "pgwire/message_reader.h"

namespace sundog::pgwire {

namespace {

constexpr size_t kHeaderBytes = 5;
// A result is sent in pieces of about this size; up to it a lost statement can be run again.
constexpr size_t kFlushBytes = 32 << 10;
// Of messages that carry no data.
constexpr int32_t kMaxShortMessageBytes = 10000;

bool MayBeLong(char type) {
  return type == 'Q' || type == 'P' || type == 'B' || type == 'd' || type == 'F' || type == 'p';
}

}  // namespace

Connection::ReadResult Connection::NextMessage(char& type, std::string_view& body,
                                               size_t& message_bytes) {
  message_bytes = kHeaderBytes;
  if (input_.size() >= kHeaderBytes) {
    type = input_.data()[0];
    int32_t length = base::LoadBigEndian<int32_t>(input_.data() + 1);
    if (length < 4 || length > (MayBeLong(type) ? max_message_bytes_ : kMaxShortMessageBytes)) {
      ThrowProtocolViolation("invalid message length");
    }
    message_bytes = static_cast<size_t>(length) + 1;
    if (input_.size() >= message_bytes) {
      body = {input_.data() + kHeaderBytes, message_bytes - kHeaderBytes};
      return ReadResult::kMessage;
    }
  }
  return ReadResult::kWouldBlock;
}

Connection::ReadResult Connection::ReadMore(size_t wanted) {
  input_.MakeRoom(wanted);
  IoResult result = transport_->Read(input_.tail(), input_.tail_size());
  if (result.status == IoStatus::kWouldBlock) return ReadResult::kWouldBlock;
  if (result.status == IoStatus::kClosed) return ReadResult::kClosed;
  input_.Extend(result.size_bytes);
  return ReadResult::kMessage;
}

bool Connection::WaitForMore(size_t wanted) {
  while (true) {
    switch (ReadMore(wanted)) {
      case ReadResult::kMessage: return true;
      case ReadResult::kClosed: broken_ = true; return false;
      case ReadResult::kWouldBlock: break;
    }
    if (!Flush()) return false;
    if (!WaitForTransport(runtime::kNoDeadline, true)) return false;
  }
}

bool Connection::WaitForTransport(int64_t monotonic_us, bool interruptible) {
  runtime::WaitOutcome outcome =
      transport_->waits_for_write() ? socket_->WaitWritable(monotonic_us, interruptible)
                                    : socket_->WaitReadable(monotonic_us, interruptible);
  if (outcome == runtime::WaitOutcome::kInterrupted) runtime::CheckInterrupts();
  return outcome == runtime::WaitOutcome::kSignaled;
}

bool Connection::Flush() {
  size_t sent = 0;
  while (sent < output_.size() && !broken_) {
    IoResult result = transport_->Write(output_.data() + sent, output_.size() - sent);
    if (result.status == IoStatus::kOk) {
      sent += result.size_bytes;
    } else if (result.status == IoStatus::kClosed) {
      broken_ = true;
    } else {
      // A client that does not read holds only its own fiber; Abort() sets it free.
      runtime::WaitOutcome outcome = socket_->WaitWritable();
      if (outcome != runtime::WaitOutcome::kSignaled) broken_ = true;
    }
  }
  flushed_bytes_ += output_.size();
  output_.clear();
  return !broken_;
}

void Connection::FlushIfLarge() {
  if (output_.size() < kFlushBytes) return;
  if (!Flush()) {
    throw SqlError(sqlstate::kConnectionFailure, "connection to client lost").Fatal();
  }
}

bool Connection::Rewind(uint64_t mark) {
  if (mark < flushed_bytes_) return false;
  CHECK_LE(mark, flushed_bytes_ + output_.size());
  output_.resize(mark - flushed_bytes_);
  return true;
}

void Connection::ReleaseBuffers() {
  if (input_.empty()) input_.Release();
  if (output_.capacity() > 0) ReleaseOutputBuffer(std::exchange(output_, std::string()));
  constexpr size_t kKept = 32;
  if (parameters_.capacity() > kKept) parameters_ = {};
  if (parameter_formats_.capacity() > 8 * kKept) parameter_formats_ = {};
  if (result_formats_.capacity() > 8 * kKept) result_formats_ = {};
  if (parameter_types_.capacity() > kKept) parameter_types_ = {};
}

}  // namespace sundog::pgwire
