#include "http/response_text.h"

#include <array>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <ctime>

#include "base/check.h"

namespace sundog::http {

namespace {

namespace beast = boost::beast::http;

// RFC 9110, 5.6.7.
std::string FormatDate(int64_t now_s) {
  std::time_t now = now_s;
  std::tm parts{};
  CHECK(gmtime_r(&now, &parts) != nullptr);
  std::array<char, 64> text{};
  size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

}  // namespace

std::string FormatResponse(const Response& response, const ResponseOptions& options) {
  beast::response<beast::string_body> message;
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  message.set(beast::field::date, FormatDate(options.now_s));
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.body() = response.body;
  message.keep_alive(options.keep_alive);
  message.chunked(options.chunked);
  // 101 has no body, and says nothing of one.
  if (response.status >= 200 && !options.body_follows) message.prepare_payload();
  if (options.omits_body) message.body().clear();
  beast::response_serializer<beast::string_body> serializer(message);
  serializer.split(options.body_follows);
  std::string text;
  boost::system::error_code error;
  while (!serializer.is_done() && !(options.body_follows && serializer.is_header_done())) {
    serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
      size_t size = 0;
      for (auto buffer : boost::beast::buffers_range_ref(buffers)) {
        text.append(static_cast<const char*>(buffer.data()), buffer.size());
        size += buffer.size();
      }
      serializer.consume(size);
    });
    CHECK(!error);
  }
  return text;
}

}  // namespace sundog::http
