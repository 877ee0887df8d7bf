#include "http/client.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>

namespace sundog::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using Error = boost::system::error_code;

constexpr uint16_t kHttpsPort = 443;

// Asio's steps, one at a time, each with a limit of time.
class Exchange {
 public:
  Exchange(const Endpoint& endpoint, const ClientOptions& options)
      : endpoint_(endpoint),
        where_(fmt::format("https://{}", endpoint.authority())),
        timeout_(options.timeout_ms),
        context_(asio::ssl::context::tls_client) {
    Error error;
    if (options.ca_file.empty()) {
      context_.set_default_verify_paths(error);
    } else {
      context_.load_verify_file(options.ca_file, error);
    }
    if (error) {
      throw std::runtime_error(fmt::format("could not read the certificate authority \"{}\": {}",
                                           options.ca_file, error.message()));
    }
    stream_.emplace(loop_, context_);
  }

  void Connect() {
    Tcp::resolver resolver(loop_);
    Error error;
    auto found = resolver.resolve(endpoint_.host, std::to_string(endpoint_.port), error);
    if (error) Fail("resolve", error);
    Run("connect to", [&](auto done) {
      beast::get_lowest_layer(*stream_).async_connect(
          found, [done](Error result, const Tcp::endpoint&) { done(result); });
    });
    stream_->set_verify_mode(asio::ssl::verify_peer);
    stream_->set_verify_callback(asio::ssl::host_name_verification(endpoint_.host));
    if (SSL_set_tlsext_host_name(stream_->native_handle(), endpoint_.host.c_str()) != 1) {
      throw std::runtime_error(fmt::format("\"{}\" is not a host name", endpoint_.host));
    }
    Run("make a TLS connection with", [&](auto done) {
      stream_->async_handshake(asio::ssl::stream_base::client, done);
    });
  }

  Response Send(const Request& request) {
    beast::http::request<beast::http::string_body> message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.target);
    for (const auto& [name, value] : request.headers) message.insert(name, value);
    message.body() = request.body;
    message.keep_alive(false);
    message.prepare_payload();
    Run("send a request to", [&](auto done) {
      beast::http::async_write(*stream_, message, [done](Error result, size_t) { done(result); });
    });
    beast::flat_buffer buffer;
    beast::http::response<beast::http::string_body> answer;
    Run("read the answer of", [&](auto done) {
      beast::http::async_read(*stream_, buffer, answer,
                              [done](Error result, size_t) { done(result); });
    });
    Response response;
    response.status = static_cast<int>(answer.result_int());
    for (const auto& field : answer) {
      response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    response.body = std::move(answer.body());
    return response;
  }

 private:
  template <typename Start>
  void Run(const char* doing, Start start) {
    beast::get_lowest_layer(*stream_).expires_after(timeout_);
    Error result;
    start([&result](Error error) { result = error; });
    loop_.restart();
    loop_.run();
    if (result) Fail(doing, result);
  }

  [[noreturn]] void Fail(const char* doing, const Error& error) {
    throw std::runtime_error(fmt::format("could not {} {}: {}", doing, where_, error.message()));
  }

  const Endpoint& endpoint_;
  const std::string where_;
  const std::chrono::milliseconds timeout_;
  asio::io_context loop_;
  asio::ssl::context context_;
  std::optional<beast::ssl_stream<beast::tcp_stream>> stream_;
};

}  // namespace

std::string Endpoint::authority() const {
  std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == kHttpsPort ? name : fmt::format("{}:{}", name, port);
}

Response Send(const Endpoint& endpoint, const Request& request, const ClientOptions& options) {
  Exchange exchange(endpoint, options);
  exchange.Connect();
  return exchange.Send(request);
}

}  // namespace sundog::http
