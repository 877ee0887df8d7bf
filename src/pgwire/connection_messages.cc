// What a connection does with each frontend message, and COPY's data messages.
#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/sql_error.h"
#include "pgwire/connection.h"
#include "pgwire/message_reader.h"
#include "pgwire/message_writer.h"

namespace sundog::pgwire {

namespace {

// Answers a code that is none, if there was one.
std::optional<int16_t> ReadFormats(MessageReader& reader, std::vector<session::WireFormat>& to) {
  std::optional<int16_t> unsupported;
  to.clear();
  int count = reader.Int16();
  for (int i = 0; i < count; ++i) {
    int16_t code = reader.Int16();
    if (code != 0 && code != 1) {
      unsupported = code;
    }
    to.push_back(static_cast<session::WireFormat>(code));
  }
  return unsupported;
}

}  // namespace

bool Connection::HandleMessage(char type, std::string_view body) {
  if (output_.capacity() < kOutputBufferBytes && output_.empty()) output_ = TakeOutputBuffer();
  MessageReader reader(body);
  if (skip_until_sync_ && type != 'S' && type != 'X') {
    if (std::strchr("QPBDECHdcfF", type) != nullptr) return true;
  }
  switch (type) {
    case 'Q': {
      std::string_view sql = reader.String();
      reader.End();
      session_->Query(sql);
      return true;
    }
    case 'P': HandleParse(reader); return true;
    case 'B': HandleBind(reader); return true;
    case 'D': HandleDescribe(reader); return true;
    case 'E': HandleExecute(reader); return true;
    case 'C': HandleClose(reader); return true;
    case 'H':
      reader.End();
      session_->ForgetRetry();
      Flush();
      return true;
    case 'S':
      reader.End();
      skip_until_sync_ = false;
      session_->Sync();
      return true;
    case 'X': return false;
    case 'F':
      session_->Fail(SqlError(sqlstate::kFeatureNotSupported,
                              "the function call protocol is not supported"));
      session_->Sync();
      return true;
    case 'd':
    case 'c':
    case 'f':
      // Left over from a COPY that failed on our side.
      return true;
    default:
      ThrowProtocolViolation(
          fmt::format("invalid frontend message type {}", static_cast<int>(type)));
  }
}

void Connection::HandleParse(MessageReader reader) {
  std::string_view name = reader.String();
  std::string_view sql = reader.String();
  parameter_types_.clear();
  int count = reader.Int16();
  for (int i = 0; i < count; ++i) {
    parameter_types_.push_back(static_cast<types::Oid>(reader.Int32()));
  }
  reader.End();
  Answer(session_->Parse(name, sql, parameter_types_));
}

void Connection::HandleBind(MessageReader reader) {
  session::BindRequest request;
  request.portal = reader.String();
  request.statement = reader.String();
  std::optional<int16_t> unsupported = ReadFormats(reader, parameter_formats_);
  parameters_.clear();
  // Up to 65535, although PostgreSQL's type says signed.
  int count = static_cast<uint16_t>(reader.Int16());
  for (int i = 0; i < count; ++i) {
    int32_t size = reader.Int32();
    if (size < -1) ThrowProtocolViolation("invalid message format");
    parameters_.push_back(size == -1 ? std::string_view()
                                     : reader.Bytes(static_cast<size_t>(size)));
  }
  std::optional<int16_t> second = ReadFormats(reader, result_formats_);
  if (!unsupported) unsupported = second;
  reader.End();
  if (unsupported) {
    session_->Fail(SqlError(sqlstate::kInvalidParameterValue,
                            fmt::format("unsupported format code: {}", *unsupported)));
    return Answer(false);
  }
  request.parameter_formats = parameter_formats_;
  request.parameters = parameters_;
  request.result_formats = result_formats_;
  Answer(session_->Bind(request));
}

void Connection::HandleDescribe(MessageReader reader) {
  char what = static_cast<char>(reader.Byte());
  std::string_view name = reader.String();
  reader.End();
  if (what == 'S') {
    Answer(session_->DescribeStatement(name));
  } else if (what == 'P') {
    Answer(session_->DescribePortal(name));
  } else {
    ThrowProtocolViolation(fmt::format("invalid DESCRIBE message subtype {}", int{what}));
  }
}

void Connection::HandleExecute(MessageReader reader) {
  std::string_view portal = reader.String();
  int32_t max_rows = reader.Int32();
  reader.End();
  bool ok = session_->Execute(portal, max_rows);
  Answer(ok);
}

void Connection::HandleClose(MessageReader reader) {
  char what = static_cast<char>(reader.Byte());
  std::string_view name = reader.String();
  reader.End();
  if (what == 'S') {
    Answer(session_->CloseStatement(name));
  } else if (what == 'P') {
    Answer(session_->ClosePortal(name));
  } else {
    ThrowProtocolViolation(fmt::format("invalid CLOSE message subtype {}", int{what}));
  }
}

void Connection::BeginCopyIn(session::WireFormat format, int column_count) {
  {
    MessageWriter message(output_, 'G');
    message.Byte(static_cast<char>(format));
    message.Int16(static_cast<int16_t>(column_count));
    for (int i = 0; i < column_count; ++i) message.Int16(static_cast<int16_t>(format));
  }
  if (!Flush()) throw SqlError(sqlstate::kConnectionFailure, "connection to client lost").Fatal();
  // The second COPY of one query finds the buffers as it needs them.
  if (copy_consumed_ != 0) return;
  // The statement's text lies in the input buffer: it stays, and data goes to a buffer of its own.
  char type;
  std::string_view body;
  size_t message_bytes = 0;
  ReadResult current = NextMessage(type, body, message_bytes);
  CHECK(current == ReadResult::kMessage);
  copy_consumed_ = message_bytes;
  InputBuffer data;
  size_t left = input_.size() - message_bytes;
  data.MakeRoom(left + 1);
  std::memcpy(data.tail(), input_.data() + message_bytes, left);
  data.Extend(left);
  copy_outer_input_ = std::move(input_);
  input_ = std::move(data);
  copy_last_bytes_ = 0;
}

void Connection::EndCopyIn() {
  input_.Consume(std::exchange(copy_last_bytes_, 0));
  copy_outer_input_.Consume(copy_outer_input_.size());
  copy_outer_input_.Release();
  copy_consumed_ = 0;
}

bool Connection::ReadCopyData(std::string_view& data) {
  while (true) {
    input_.Consume(std::exchange(copy_last_bytes_, 0));
    char type;
    size_t message_bytes = 0;
    while (NextMessage(type, data, message_bytes) != ReadResult::kMessage) {
      if (WaitForMore(message_bytes)) continue;
      throw SqlError(sqlstate::kConnectionFailure,
                     "unexpected EOF on client connection with an open transaction")
          .Fatal();
    }
    copy_last_bytes_ = message_bytes;
    switch (type) {
      case 'd': return true;
      case 'c':
        input_.Consume(std::exchange(copy_last_bytes_, 0));
        return false;
      case 'f': {
        std::string reason(MessageReader(data).String());
        input_.Consume(std::exchange(copy_last_bytes_, 0));
        throw SqlError(sqlstate::kQueryCanceled, "COPY from stdin failed: " + reason);
      }
      case 'H':
      case 'S': continue;  // allowed, and without effect
      default:
        // The client has lost count of the protocol; PostgreSQL gives up on it too.
        ThrowProtocolViolation(fmt::format(
            "unexpected message type 0x{:02X} during COPY from stdin", static_cast<int>(type)));
    }
  }
}

void Connection::BeginCopyOut(session::WireFormat format, int column_count) {
  MessageWriter message(output_, 'H');
  message.Byte(static_cast<char>(format));
  message.Int16(static_cast<int16_t>(column_count));
  for (int i = 0; i < column_count; ++i) message.Int16(static_cast<int16_t>(format));
}

void Connection::WriteCopyData(std::string_view data) {
  { MessageWriter(output_, 'd').Bytes(data); }
  FlushIfLarge();
}

void Connection::CopyOutDone() { MessageWriter(output_, 'c'); }

}  // namespace sundog::pgwire
