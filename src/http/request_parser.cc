#include "http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "types/ascii.h"

namespace sundog::http {

namespace beast = boost::beast::http;

struct RequestParser::Parts {
  beast::request_parser<beast::string_body> parser;
  bool expectation_is_answered = false;
};

RequestParser::RequestParser() : parts_(std::make_unique<Parts>()) {
  parts_->parser.header_limit(kMaxHeaderBytes);
  parts_->parser.body_limit(kMaxBodyBytes);
  parts_->parser.eager(true);
}

RequestParser::~RequestParser() = default;

size_t RequestParser::Feed(std::string_view bytes) {
  boost::system::error_code error;
  size_t taken = parts_->parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error == beast::error::need_more) {
    // Beast counts a header only once it is whole, and what stands beside a body's chunks never.
    if (bytes.size() - taken > kMaxHeaderBytes) {
      state_ = parts_->parser.is_header_done() ? State::kMalformed : State::kHeaderTooLarge;
    }
  } else if (error == beast::error::header_limit) {
    state_ = State::kHeaderTooLarge;
  } else if (error == beast::error::body_limit) {
    state_ = State::kBodyTooLarge;
  } else if (error) {
    state_ = State::kMalformed;
  } else if (parts_->parser.is_done()) {
    state_ = State::kDone;
  }
  return taken;
}

bool RequestParser::TakeExpectation() {
  if (parts_->expectation_is_answered || !parts_->parser.is_header_done()) return false;
  std::string_view expectation = parts_->parser.get()[beast::field::expect];
  parts_->expectation_is_answered = true;
  return types::EqualsIgnoringCase(expectation, "100-continue");
}

bool RequestParser::keep_alive() const { return parts_->parser.keep_alive(); }

bool RequestParser::takes_chunks() const { return parts_->parser.get().version() >= 11; }

Request RequestParser::Take() {
  auto message = parts_->parser.release();
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace sundog::http
