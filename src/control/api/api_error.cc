#include "control/api/api_error.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace sundog::control {

namespace {

constexpr std::string_view kServiceCode = "dsql";

}  // namespace

ApiError ApiError::Validation(std::string_view reason, const std::string& message) {
  return {400, "ValidationException", message, {{"reason", std::string(reason)}}};
}

ApiError ApiError::Fields(Members problems) {
  std::string message =
      fmt::format("{} validation error{} detected: {}", problems.size(),
                  problems.size() == 1 ? "" : "s",
                  problems.empty() ? std::string() : problems.front().second);
  ApiError error = Validation(reason::kFieldValidationFailed, message);
  error.fields_ = std::move(problems);
  return error;
}

ApiError ApiError::AccessDenied(const std::string& message) {
  return {403, "AccessDeniedException", message};
}

ApiError ApiError::NotFound(const std::string& message, std::string_view id,
                            std::string_view type) {
  return {404, "ResourceNotFoundException", message,
          {{"resourceId", std::string(id)}, {"resourceType", std::string(type)}}};
}

ApiError ApiError::Conflict(const std::string& message, std::string_view id,
                            std::string_view type) {
  Members members;
  if (!id.empty()) members.emplace_back("resourceId", id);
  if (!type.empty()) members.emplace_back("resourceType", type);
  return {409, "ConflictException", message, std::move(members)};
}

ApiError ApiError::Quota(const std::string& message, std::string_view id, std::string_view type,
                         std::string_view quota) {
  return {402, "ServiceQuotaExceededException", message,
          {{"resourceId", std::string(id)},
           {"resourceType", std::string(type)},
           {"serviceCode", std::string(kServiceCode)},
           {"quotaCode", std::string(quota)}}};
}

ApiError ApiError::Throttled(std::string_view quota, int64_t retry_after_s) {
  ApiError error = TooMany("Rate exceeded", quota);
  error.retry_after_s_ = retry_after_s;
  return error;
}

ApiError ApiError::TooMany(const std::string& message, std::string_view quota) {
  ApiError error{429, "ThrottlingException", message,
                 {{"serviceCode", std::string(kServiceCode)}, {"quotaCode", std::string(quota)}}};
  error.retry_after_s_ = 1;
  return error;
}

ApiError ApiError::Internal() {
  ApiError error{500, "InternalServerException",
                 "The request failed because of an internal error; the server's log says more."};
  error.retry_after_s_ = 1;
  return error;
}

http::Response ApiError::ToResponse() const {
  namespace json = boost::json;
  json::object body;
  body["message"] = what();
  for (const auto& [name, value] : members_) body[name] = value;
  if (!fields_.empty()) {
    json::array& list = body["fieldList"].emplace_array();
    for (const auto& [name, message] : fields_) {
      list.push_back(json::object{{"name", name}, {"message", message}});
    }
  }
  http::Response response{status_, {{"X-Amzn-ErrorType", type_}}, json::serialize(body)};
  if (retry_after_s_ > 0) {
    response.headers.push_back({"Retry-After", std::to_string(retry_after_s_)});
  }
  return response;
}

}  // namespace sundog::control
