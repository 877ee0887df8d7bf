#include "cli/control_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "cli/environment.h"
#include "http/client.h"
#include "types/ascii.h"

namespace sundog::cli {

namespace {

namespace json = boost::json;

constexpr std::string_view kScheme = "https://";

// "https://host:port" with nothing behind it.
http::Endpoint ParseEndpoint(const std::string& url) {
  auto fail = [&url] {
    throw std::runtime_error(
        fmt::format("\"{}\" is not an endpoint; write https://HOST:PORT", url));
  };
  if (!url.starts_with(kScheme)) fail();
  std::string_view rest = std::string_view(url).substr(kScheme.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  http::Endpoint endpoint;
  size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos) {
    std::string_view port = rest.substr(colon + 1);
    auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc() || end != port.data() + port.size()) fail();
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  if (rest.empty() || rest.find('/') != std::string_view::npos) fail();
  endpoint.host = rest;
  return endpoint;
}

http::Response Exchange(const http::Endpoint& endpoint, const http::Request& request,
                        const std::string& authority) {
  try {
    return http::Send(endpoint, request, {.ca_file = authority});
  } catch (const std::runtime_error& error) {
    throw NoAnswer(fmt::format(
        "{}\nIs sundog serve running, with its --http there? --endpoint says where to ask, --data "
        "whom to trust.",
        error.what()));
  }
}

std::string HeaderOf(const http::Response& response, std::string_view wanted) {
  for (const auto& [name, value] : response.headers) {
    if (types::EqualsIgnoringCase(name, wanted)) return value;
  }
  return "";
}

// Whoever asks too often is asked to come back, and does so a few times.
http::Response ExchangePatiently(const http::Endpoint& endpoint, const http::Request& request,
                                 const std::string& authority) {
  constexpr int kTooManyRequests = 429;
  constexpr int kAttempts = 5;
  constexpr int kLongestWaitS = 5;
  for (int attempt = 1;; ++attempt) {
    http::Response response = Exchange(endpoint, request, authority);
    if (response.status != kTooManyRequests || attempt == kAttempts) return response;
    int wait_s = std::atoi(HeaderOf(response, "Retry-After").c_str());
    std::this_thread::sleep_for(std::chrono::seconds(std::clamp(wait_s, 1, kLongestWaitS)));
  }
}

[[noreturn]] void Refuse(const http::Response& response, const json::object& body) {
  std::string type = HeaderOf(response, "X-Amzn-ErrorType");
  std::string message = Text(body, "message");
  if (const json::value* fields = body.if_contains("fieldList"); fields && fields->is_array()) {
    for (const json::value& field : fields->get_array()) {
      if (!field.is_object()) continue;
      message += fmt::format("\n  {}: {}", Text(field.get_object(), "name"),
                             Text(field.get_object(), "message"));
    }
  }
  if (message.find("not signed with an access key") != std::string::npos) {
    message += "\nName the server's data folder with --data, or set AWS_SHARED_CREDENTIALS_FILE.";
  }
  if (type.empty()) message = fmt::format("the server answered with status {}", response.status);
  throw RefusedRequest(response.status, type.empty() ? message : type + ": " + message);
}

}  // namespace

std::string Text(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr) return "";
  return member->is_string() ? json::value_to<std::string>(*member) : json::serialize(*member);
}

std::string ReadDocument(const std::string& file) {
  if (file != "-") return base::ReadFile(file);
  std::string text;
  std::array<char, 4096> bytes;
  while (size_t size = std::fread(bytes.data(), 1, bytes.size(), stdin)) {
    text.append(bytes.data(), size);
  }
  return text;
}

std::string FirstLineOfInput() {
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
    line += static_cast<char>(c);
  }
  return line;
}

std::string EndpointOf(const ControlOptions& options) {
  if (!options.endpoint.empty()) return options.endpoint;
  std::string given = Environment("AWS_ENDPOINT_URL_DSQL");
  return given.empty() ? kDefaultEndpoint : given;
}

std::string RegionOf(const ControlOptions& options) {
  if (!options.region.empty()) return options.region;
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (std::string given = Environment(name); !given.empty()) return given;
  }
  return kDefaultRegion;
}

std::string AuthorityOf(const ControlOptions& options) {
  constexpr const char* kFile = "/tls/ca.pem";
  if (!options.data_folder.empty()) return options.data_folder + kFile;
  std::string given = Environment("AWS_CA_BUNDLE");
  if (!given.empty()) return given;
  std::string here = std::string(kDefaultFolder) + kFile;
  return std::filesystem::exists(here) ? here : "";
}

ControlClient::ControlClient(const ControlOptions& options)
    : endpoint_(EndpointOf(options)),
      region_(RegionOf(options)),
      authority_(AuthorityOf(options)),
      token_(options.data_folder.empty() ? Environment("SUNDOG_API_KEY") : ""),
      key_(token_.empty() ? FindAccessKey({.data_folder = options.data_folder})
                          : auth::SigV4Credentials()) {}

json::object ControlClient::Ask(std::string_view method, const std::string& target,
                                const json::object& body) const {
  http::Endpoint endpoint = ParseEndpoint(endpoint_);
  auth::SigV4Request request;
  request.method = method;
  size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = *auth::ParseQuery(target.substr(mark + 1));
  request.headers = {{"Host", endpoint.authority()}, {"Content-Type", "application/json"}};
  if (method == "POST") request.body = json::serialize(body);
  if (token_.empty()) {
    auth::SignHeaders(request, key_, region_, "dsql",
                      base::SystemClock().WallMicros() / 1'000'000);
  } else {
    request.headers.push_back({"Authorization", "Bearer " + token_});
  }
  http::Response response = ExchangePatiently(
      endpoint, {request.method, target, request.headers, request.body}, authority_);
  boost::system::error_code failed;
  json::value answer = json::parse(response.body, failed);
  bool is_object = !failed && answer.is_object();
  if (response.status != 200 || !is_object) {
    Refuse(response, is_object ? answer.get_object() : json::object());
  }
  return std::move(answer.get_object());
}

}  // namespace sundog::cli
