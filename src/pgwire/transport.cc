#include "pgwire/transport.h"

#include <cerrno>

namespace sundog::pgwire {

namespace {

IoResult FromSystemCall(ssize_t size) {
  if (size > 0) return {IoStatus::kOk, static_cast<size_t>(size)};
  if (size < 0 && errno == EAGAIN) return {IoStatus::kWouldBlock};
  return {IoStatus::kClosed};
}

}  // namespace

IoResult PlainTransport::Read(char* to, size_t size_bytes) {
  return FromSystemCall(socket_.Read(to, size_bytes));
}

IoResult PlainTransport::Write(const char* from, size_t size_bytes) {
  return FromSystemCall(socket_.Write(from, size_bytes));
}

}  // namespace sundog::pgwire
