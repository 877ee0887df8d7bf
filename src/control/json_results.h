// A session's client that writes what it is told as JSON, piece by piece, so that a result of any
// size takes little memory:
//
//   {"results":[{"columns":[{"name":"id","type":"int4","type_oid":23}],"rows":[[1],[2]],
//                "command":"SELECT","row_count":2},
//               {"command":"CREATE TABLE"}],
//    "notices":[{"severity":"NOTICE","sqlstate":"00000","message":"…"}],
//    "error":{"severity":"ERROR","sqlstate":"42P01","message":"…","position":15},
//    "message":"…"}
//
// Values are as to_json() makes them. `notices`, `error` and `message` (the error's) are there only
// if there were any; `notices` has the first ones. A result that an error broke off has no command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/silent_client.h"

namespace sundog::control {

// Members of a command's tag: `"command":"SELECT","row_count":2` of "SELECT 2", the row count of
// "INSERT 0 5" is 5, and "CREATE TABLE" has none.
void AppendJsonCommand(std::string& to, std::string_view tag);

class JsonResults final : public SilentClient {
 public:
  // Takes pieces of kPieceBytes or so; false: nobody reads them any more.
  using Sink = std::function<bool(std::string_view)>;
  static constexpr size_t kPieceBytes = 64 << 10;

  explicit JsonResults(Sink sink) : sink_(std::move(sink)) {}

  // What has not been given to the sink, to the end of the text.
  std::string Finish();
  // Something was given to the sink.
  bool sent() const { return taken_ > 0; }
  const std::optional<base::ErrorFields>& error() const { return error_; }
  // Of the statement that was described last.
  const std::vector<uint32_t>& parameter_types() const { return parameter_types_; }
  // The columns of a prepared statement are not those of a result.
  void SetDescribing(bool describing) { describing_ = describing; }

  void ParameterDescription(std::span<const uint32_t> types) override {
    parameter_types_.assign(types.begin(), types.end());
  }
  void RowDescription(std::span<const session::ResultColumn> columns,
                      const session::ResultFormats& formats) override;
  void Rows(const types::Chunk& chunk, size_t first, size_t count,
            std::span<const session::ResultColumn> columns, const session::ResultFormats& formats,
            const types::IoContext& io) override;
  void CommandComplete(std::string_view tag) override;
  void Error(const base::ErrorFields& fields, int character_position) override;
  void Notice(const base::ErrorFields& fields, int character_position) override;
  // Bytes of the text and notices that came, together; see PositionOf().
  uint64_t Mark() const override { return End() + kept_.size(); }
  bool Rewind(uint64_t mark) override;

 private:
  static constexpr size_t kMaxNotices = 100;
  static constexpr uint64_t kOpen = UINT64_MAX;
  // A notice, by what there was when it came.
  struct KeptNotice {
    uint64_t text_end = 0;
    size_t notices_size = 0;
  };
  // What there was at a mark.
  struct Position {
    uint64_t text_end = 0;
    size_t kept = 0;  // notices
  };
  // From its first byte to behind its last.
  struct Result {
    uint64_t begin = 0;
    uint64_t end = kOpen;
  };

  uint64_t End() const { return taken_ + text_.size(); }
  Position PositionOf(uint64_t mark) const;
  bool HasOpenResult() const { return !results_.empty() && results_.back().end == kOpen; }
  void BeginResult();
  void Flush();

  Sink sink_;
  std::string text_ = "{\"results\":[";
  uint64_t taken_ = 0;  // bytes that the sink has
  std::vector<Result> results_;
  bool describing_ = false;
  std::vector<uint32_t> parameter_types_;
  std::optional<base::ErrorFields> error_;
  std::string error_text_;
  std::string notices_;
  std::vector<KeptNotice> kept_;  // those in notices_
};

}  // namespace sundog::control
