#include "session/engine/copy_binary.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/sql_error.h"

namespace sundog::session {

namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr uint32_t kWithOidsFlag = uint32_t{1} << 16;
constexpr int32_t kMaxFieldBytes = 0x3ffffffe;
constexpr int16_t kTrailer = -1;

[[noreturn]] void ThrowBadData(std::string message) {
  throw SqlError(sqlstate::kBadCopyFileFormat, std::move(message));
}

}  // namespace

bool BinaryCopyReader::Receive() {
  message_ = {};
  if (!ended_) ended_ = !channel_.ReadCopyData(message_);
  return !ended_;
}

std::string_view BinaryCopyReader::Take(size_t size_bytes) {
  if (size_bytes <= message_.size()) {
    std::string_view taken = message_.substr(0, size_bytes);
    message_.remove_prefix(size_bytes);
    return taken;
  }
  joined_ = message_;
  while (joined_.size() < size_bytes && Receive()) {
    size_t part = std::min(size_bytes - joined_.size(), message_.size());
    joined_ += message_.substr(0, part);
    message_.remove_prefix(part);
  }
  return joined_;
}

template <typename T>
std::optional<T> BinaryCopyReader::TakeNumber() {
  std::string_view bytes = Take(sizeof(T));
  if (bytes.size() < sizeof(T)) return std::nullopt;
  return base::LoadBigEndian<T>(bytes.data());
}

void BinaryCopyReader::Skip(size_t size_bytes) {
  while (size_bytes > message_.size()) {
    size_bytes -= message_.size();
    if (!Receive()) ThrowBadData("invalid COPY file header (wrong length)");
  }
  message_.remove_prefix(size_bytes);
}

void BinaryCopyReader::ReadHeader() {
  if (Take(kSignature.size()) != kSignature) ThrowBadData("COPY file signature not recognized");
  std::optional<uint32_t> flags = TakeNumber<uint32_t>();
  if (!flags) ThrowBadData("invalid COPY file header (missing flags)");
  if ((*flags & kWithOidsFlag) != 0) ThrowBadData("invalid COPY file header (WITH OIDS)");
  if (*flags >= kWithOidsFlag) ThrowBadData("unrecognized critical flags in COPY file header");
  int32_t extension_bytes = TakeNumber<int32_t>().value_or(-1);
  if (extension_bytes < 0) ThrowBadData("invalid COPY file header (missing length)");
  Skip(static_cast<size_t>(extension_bytes));
}

bool BinaryCopyReader::NextRow(size_t field_count) {
  ++line_;
  std::optional<int16_t> count = TakeNumber<int16_t>();
  if (!count) return false;
  if (*count == kTrailer) {
    if (!Take(1).empty()) ThrowBadData("received copy data after EOF marker");
    return false;
  }
  if (*count < 0 || static_cast<size_t>(*count) != field_count) {
    ThrowBadData(fmt::format("row field count is {}, expected {}", *count, field_count));
  }
  return true;
}

std::optional<std::string_view> BinaryCopyReader::NextField() {
  std::optional<int32_t> size = TakeNumber<int32_t>();
  if (!size) ThrowBadData("unexpected EOF in COPY data");
  if (*size == -1) return std::nullopt;
  if (*size < 0) ThrowBadData("invalid field size");
  if (*size > kMaxFieldBytes) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "out of memory")
        .Detail(fmt::format(
            "Cannot enlarge string buffer containing 0 bytes by {} more bytes.", *size));
  }
  auto size_bytes = static_cast<size_t>(*size);
  std::string_view field = Take(size_bytes);
  if (field.size() < size_bytes) ThrowBadData("unexpected EOF in COPY data");
  return field;
}

void AppendBinaryCopyHeader(std::string& to) {
  to += kSignature;
  base::AppendBigEndian<uint32_t>(to, 0);
  base::AppendBigEndian<int32_t>(to, 0);
}

void AppendBinaryCopyTrailer(std::string& to) { base::AppendBigEndian<int16_t>(to, kTrailer); }

}  // namespace sundog::session
