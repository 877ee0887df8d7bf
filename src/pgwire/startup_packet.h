// The first packets of a connection, before messages have types.
//
//   int32 length (with itself) · int32 code · body
//   code 196608 (3.0) and other 3.x: name\0 value\0 … \0    80877103: SSLRequest
//   80877102: CancelRequest, int32 process id, int32 secret  80877104: GSSENCRequest
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sundog::pgwire {

inline constexpr int32_t kSslRequestCode = 80877103;
inline constexpr int32_t kGssEncRequestCode = 80877104;
inline constexpr int32_t kCancelRequestCode = 80877102;
inline constexpr size_t kMaxStartupBytes = 10000;

struct StartupPacket {
  int32_t minor_version = 0;
  std::string user;
  std::string database;
  // The setting amzn-cluster-id, which no setting is: where the client wants to go.
  std::string cluster_id;
  // Settings in order, those of `options` first.
  std::vector<std::pair<std::string, std::string>> settings;
  // Protocol extensions (_pq_.…) nobody here knows.
  std::vector<std::string> unknown_options;
};

// `body` starts with the protocol version. Throws FATAL 0A000 for another major version, 28000
// without a user, 08P01 when malformed.
StartupPacket ParseStartupPacket(std::string_view body);

// The words of the `options` parameter: `-c name=value`, `--name=value`; a backslash takes the next
// character as it is. Throws FATAL 42601 for anything else.
std::vector<std::pair<std::string, std::string>> ParseStartupOptions(std::string_view options);

}  // namespace sundog::pgwire
