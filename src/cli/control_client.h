// Requests of the command line to a server's HTTP API, signed.
#pragma once

#include <boost/json/object.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "auth/sigv4.h"
#include "cli/access_key.h"

namespace sundog::cli {

struct ControlOptions {
  // Empty: AWS_ENDPOINT_URL_DSQL, else kDefaultEndpoint.
  std::string endpoint;
  // Empty: AWS_REGION or AWS_DEFAULT_REGION, else kDefaultRegion.
  std::string region;
  // With its credentials and certificate authority; empty: the environment's, else ./data.
  std::string data_folder;
  bool json = false;
};

inline constexpr const char* kDefaultEndpoint = "https://localhost:8443";
inline constexpr const char* kDefaultRegion = "us-east-1";
inline constexpr const char* kDefaultFolder = "./data";

std::string EndpointOf(const ControlOptions& options);
std::string RegionOf(const ControlOptions& options);
// PEM; empty: whom the system trusts.
std::string AuthorityOf(const ControlOptions& options);

// Nobody answered.
class NoAnswer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A request that was refused.
class RefusedRequest : public std::runtime_error {
 public:
  RefusedRequest(int status, const std::string& text)
      : std::runtime_error(text), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

// Exit codes beside 0 and 1.
inline constexpr int kWrongUsage = 2;  // as shells and psql have it
inline constexpr int kNoSuchThing = 3;
inline constexpr int kInTheWay = 4;  // what there is already, or what is still used
inline constexpr int kCannotConnect = 5;

// What ends a command with an exit code of its own.
class CommandFailure : public std::runtime_error {
 public:
  CommandFailure(int exit_code, const std::string& text)
      : std::runtime_error(text), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

class ControlClient {
 public:
  // With the token in SUNDOG_API_KEY where no data folder is named. Throws std::exception if there
  // is no access key.
  explicit ControlClient(const ControlOptions& options);

  // `target`: path and query, encoded. Throws RefusedRequest, NoAnswer.
  boost::json::object Ask(std::string_view method, const std::string& target,
                          const boost::json::object& body = {}) const;

 private:
  const std::string endpoint_;
  const std::string region_;
  const std::string authority_;
  const std::string token_;  // of the HTTP API; empty: requests are signed
  const auth::SigV4Credentials key_;
};

// A member of an answer: a string as it is, anything else as JSON, empty when it is not there.
std::string Text(const boost::json::object& object, std::string_view name);
// Of a file, or ("-") of standard input.
std::string ReadDocument(const std::string& file);
// Of standard input, without its end.
std::string FirstLineOfInput();

}  // namespace sundog::cli
