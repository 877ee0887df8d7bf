// `sundog serve`: the server's life from options to exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/engine.h"

namespace sundog::cli {

struct ServeOptions {
  EngineOptions engine;
  std::string listen = "127.0.0.1:5432";
  // Of the HTTP API; "none": it is not served. Empty: kDefaultHttp, if nobody else listens there.
  std::string http;
  // "trust", "password", "scram-sha-256"; empty: trust on loopback for roles without a password,
  // SCRAM for all others.
  std::string auth;
  int reactors = 0;  // 0: one a core
  // Empty: a certificate of the data folder's own authority.
  std::string tls_certificate_file;
  std::string tls_key_file;
  // What that certificate is for besides this machine's names; IsRegion(), auth::CertificateName().
  std::vector<std::string> regions{"us-east-1"};
  std::vector<std::string> tls_names;
  int shutdown_grace_s = 10;
  // The administrator's access key, for when identities are made; both or none.
  std::string access_key_id;
  std::string secret_access_key;
};

inline constexpr const char* kDefaultHttp = "127.0.0.1:8443";
inline constexpr const char* kNoHttp = "none";

struct ListenAddress {
  std::string host;
  uint16_t port = 0;
};

// "127.0.0.1:5432", "[::1]:5432", "localhost:5432", ":5432" (all addresses). Null if malformed.
std::optional<ListenAddress> ParseListenAddress(const std::string& text);
bool IsLoopback(const std::string& host);

// Serves until SIGTERM or SIGINT, reading its certificate again at SIGHUP; 0 then, 1 with a line on
// standard error when it could not start.
int Serve(const ServeOptions& options, const EngineFactory& open_engine);

}  // namespace sundog::cli
