// The session's view of the one it talks to. Implemented by pgwire's connection; tests script it.
// Calls append to a send buffer and reach the client in order, at the latest with ReadyForQuery.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql_error.h"
#include "types/vector.h"

namespace sundog::types {
struct IoContext;
}

namespace sundog::session {

struct ResultColumn;

enum class WireFormat : uint8_t { kText = 0, kBinary = 1 };

// The result formats of a Bind message: none (all text), one (for all), or one a column.
class ResultFormats {
 public:
  ResultFormats() = default;
  explicit ResultFormats(std::vector<WireFormat> formats) : formats_(std::move(formats)) {}
  WireFormat Of(size_t column) const {
    if (formats_.empty()) return WireFormat::kText;
    return formats_.size() == 1 ? formats_[0] : formats_[column];
  }
  size_t size() const { return formats_.size(); }
  std::vector<WireFormat>& formats() { return formats_; }

 private:
  std::vector<WireFormat> formats_;
};

// COPY's data, as bytes; what they mean is the executor's business.
class CopyChannel {
 public:
  virtual ~CopyChannel() = default;
  // CopyInResponse / CopyOutResponse, before the first byte.
  virtual void BeginCopyIn(WireFormat format, int column_count) = 0;
  virtual void BeginCopyOut(WireFormat format, int column_count) = 0;
  // The next piece of the client's data; false at CopyDone. Throws 57014 on CopyFail. The bytes are
  // valid until the next call.
  virtual bool ReadCopyData(std::string_view& data) = 0;
  // One CopyData message, usually a row.
  virtual void WriteCopyData(std::string_view data) = 0;
};

class Client : public CopyChannel {
 public:
  virtual void ParseComplete() = 0;
  virtual void BindComplete() = 0;
  virtual void CloseComplete() = 0;
  virtual void ParameterDescription(std::span<const uint32_t> types) = 0;
  virtual void RowDescription(std::span<const ResultColumn> columns,
                              const ResultFormats& formats) = 0;
  virtual void NoData() = 0;
  // `count` rows from the `first`-th of the chunk's row set. May wait for the socket.
  virtual void Rows(const types::Chunk& chunk, size_t first, size_t count,
                    std::span<const ResultColumn> columns, const ResultFormats& formats,
                    const types::IoContext& io) = 0;
  virtual void PortalSuspended() = 0;
  virtual void CommandComplete(std::string_view tag) = 0;
  virtual void EmptyQuery() = 0;
  virtual void CopyOutDone() = 0;

  virtual void Error(const base::ErrorFields& fields, int character_position) = 0;
  virtual void Notice(const base::ErrorFields& fields, int character_position) = 0;
  virtual void ParameterStatus(std::string_view name, std::string_view value) = 0;
  virtual void Notification(int32_t process_id, std::string_view channel,
                            std::string_view payload) = 0;
  // 'I', 'T' or 'E'.
  virtual void ReadyForQuery(char transaction_status) = 0;

  // Where the send buffer stands, and back to there: false when what came after has been sent.
  virtual uint64_t Mark() const = 0;
  [[nodiscard]] virtual bool Rewind(uint64_t mark) = 0;
};

}  // namespace sundog::session
