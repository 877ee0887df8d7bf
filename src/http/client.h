// One HTTPS request from the command line; blocks the thread.
#pragma once

#include <cstdint>
#include <string>

#include "http/message.h"

namespace sundog::http {

struct Endpoint {
  std::string host;
  uint16_t port = 443;

  // "localhost:8443", as the header Host has it; without the port where it is 443.
  std::string authority() const;
};

struct ClientOptions {
  // What signed the server's certificate (PEM); empty: whom the system trusts.
  std::string ca_file;
  int64_t timeout_ms = 30'000;
};

// The server's name is verified. `request` has its header Host. Throws std::runtime_error saying
// what did not work.
Response Send(const Endpoint& endpoint, const Request& request, const ClientOptions& options);

}  // namespace sundog::http
