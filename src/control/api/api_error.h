// What the API refuses, as AWS's SDKs read it: HTTP status, X-Amzn-ErrorType, and a JSON body.
//
//   exception                      | status | members beside message
//   -------------------------------+--------+---------------------------------------------------
//   ValidationException            | 400    | reason, fieldList [{name, message}]
//   ServiceQuotaExceededException  | 402    | resourceId, resourceType, serviceCode, quotaCode
//   AccessDeniedException          | 403    |
//   ResourceNotFoundException      | 404    | resourceId, resourceType
//   ConflictException              | 409    | resourceId, resourceType
//   ThrottlingException            | 429    | serviceCode, quotaCode; header Retry-After
//   InternalServerException        | 500    | header Retry-After
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace sundog::control {

class ApiError : public std::runtime_error {
 public:
  using Members = std::vector<std::pair<std::string, std::string>>;

  ApiError(int status, std::string_view type, const std::string& message, Members members = {})
      : std::runtime_error(message), status_(status), type_(type), members_(std::move(members)) {}

  static ApiError Validation(std::string_view reason, const std::string& message);
  // Of several members at once: names and what is wrong with each.
  static ApiError Fields(Members problems);
  static ApiError AccessDenied(const std::string& message);
  static ApiError NotFound(const std::string& message, std::string_view id,
                           std::string_view type);
  static ApiError Conflict(const std::string& message, std::string_view id = {},
                           std::string_view type = {});
  static ApiError Quota(const std::string& message, std::string_view id, std::string_view type,
                        std::string_view quota);
  // 429, of things that are under way; soon there is room again.
  static ApiError TooMany(const std::string& message, std::string_view quota);
  static ApiError Throttled(std::string_view quota, int64_t retry_after_s);
  static ApiError Internal();

  http::Response ToResponse() const;

 private:
  int status_;
  std::string type_;
  Members members_;
  Members fields_;
  int64_t retry_after_s_ = 0;  // 0: it is not said
};

namespace reason {
inline constexpr std::string_view kUnknownOperation = "unknownOperation";
inline constexpr std::string_view kCannotParse = "cannotParse";
inline constexpr std::string_view kFieldValidationFailed = "fieldValidationFailed";
inline constexpr std::string_view kDeletionProtectionEnabled = "deletionProtectionEnabled";
inline constexpr std::string_view kOther = "other";
}  // namespace reason

namespace resource_type {
inline constexpr std::string_view kCluster = "cluster";
inline constexpr std::string_view kClusterPolicy = "cluster-policy";
}  // namespace resource_type

}  // namespace sundog::control
