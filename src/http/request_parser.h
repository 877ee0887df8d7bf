// Bytes of a connection to a request, over Boost.Beast's parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/message.h"

namespace sundog::http {

inline constexpr uint32_t kMaxHeaderBytes = 32 << 10;
// The longest requests have a policy of 20480 characters, escaped, or 200 tags.
inline constexpr uint64_t kMaxBodyBytes = 1 << 20;

// For one request.
class RequestParser {
 public:
  enum class State : uint8_t {
    kNeedMore,
    kDone,
    kMalformed,       // 400
    kHeaderTooLarge,  // 431
    kBodyTooLarge,    // 413
  };

  RequestParser();
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Takes as much of `bytes` as belongs to the request, and says how much; what it leaves is to be
  // given again with more behind it.
  size_t Feed(std::string_view bytes);
  State state() const { return state_; }
  // The client waits for "100 Continue" before it sends the body; said once.
  bool TakeExpectation();
  // After kDone: whether the connection may be used again.
  bool keep_alive() const;
  // After kDone: whether the answer's body may come in chunks, which HTTP/1.0 does not have.
  bool takes_chunks() const;
  Request Take();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  State state_ = State::kNeedMore;
};

}  // namespace sundog::http
