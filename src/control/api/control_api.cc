#include "control/api/control_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "control/api/api_error.h"
#include "control/api/caller.h"
#include "control/api/database_call.h"
#include "control/api/operations.h"
#include "control/api/routes.h"
#include "control/clusters.h"
#include "control/databases.h"
#include "control/identities.h"
#include "runtime/mutex.h"
#include "types/ascii.h"
#include "types/uuid_type.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

std::string NewRequestId() {
  types::Uuid id{};
  base::FillSecureRandom(&id, sizeof id);
  std::string text;
  types::AppendUuid(id, text);
  return text;
}

// Null if the query's encoding is malformed.
std::optional<auth::SigV4Request> SignedPart(const http::Request& request) {
  std::string_view target = request.target;
  size_t mark = target.find('?');
  std::string_view query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  auto parameters = query.empty() ? std::vector<auth::NamedValue>() : auth::ParseQuery(query);
  if (!parameters) return std::nullopt;
  return auth::SigV4Request{request.method, std::string(target.substr(0, mark)),
                            std::move(*parameters), request.headers, request.body};
}

json::object ParseBody(const std::string& body) {
  if (body.empty()) return {};
  boost::system::error_code failed;
  json::value value = json::parse(body, failed);
  if (failed || !value.is_object()) {
    throw ApiError::Validation(reason::kCannotParse, "The request's body is no JSON object.");
  }
  return std::move(value.get_object());
}

// The answer says that the log has more.
ApiError InternalBecauseOf(const std::exception& error) {
  base::LogError(fmt::format("a request to the HTTP API failed: {}", error.what()));
  return ApiError::Internal();
}

ApiError Translate(const ClusterError& error, std::string_view id) {
  using Kind = ClusterError::Kind;
  switch (error.kind()) {
    case Kind::kNotFound: return ApiError::NotFound(error.what(), id, resource_type::kCluster);
    case Kind::kNoPolicy:
      return ApiError::NotFound(error.what(), id, resource_type::kClusterPolicy);
    case Kind::kProtected:
      return ApiError::Validation(reason::kDeletionProtectionEnabled, error.what());
    case Kind::kFirst: return ApiError::Validation(reason::kOther, error.what());
    case Kind::kLimit:
      return ApiError::Quota(error.what(), "*", resource_type::kCluster, "clusters-per-account");
    case Kind::kTooManyBranches: return ApiError::TooMany(error.what(), "branches-being-made");
    case Kind::kMalformedPolicy: return ApiError::Fields({{"policy", error.what()}});
    case Kind::kConflict: return ApiError::Conflict(error.what(), id, resource_type::kCluster);
    case Kind::kUnknownOutcome: break;
  }
  return InternalBecauseOf(error);
}

ApiError Translate(const IdentityError& error) {
  using Kind = IdentityError::Kind;
  switch (error.kind()) {
    case Kind::kInvalid: return ApiError::Validation(reason::kOther, error.what());
    case Kind::kMalformedPolicy: return ApiError::Fields({{"policy", error.what()}});
    case Kind::kNotFound: return ApiError::NotFound(error.what(), "", "identity");
    case Kind::kAlreadyExists:
    case Kind::kInUse:
    case Kind::kConflict: return ApiError::Conflict(error.what());
    case Kind::kLimit:
      return ApiError::Quota(error.what(), "", "access-key", "access-keys-per-principal");
    case Kind::kUnknownOutcome: break;
  }
  return InternalBecauseOf(error);
}

// What settings that a role has for its sessions can make of any statement: read-only, too short
// a time, too little memory.
constexpr std::array kOfRolesSettings{sqlstate::kReadOnlySqlTransaction, sqlstate::kQueryCanceled,
                                      sqlstate::kLockNotAvailable, sqlstate::kOutOfMemory};

// What a statement of the operation ended with.
ApiError Translate(const SqlError& error) {
  const std::string& message = error.fields().message;
  if (error.state() == sqlstate::kUndefinedObject) return ApiError::NotFound(message, "", "user");
  if (error.state() == sqlstate::kDuplicateObject ||
      error.state() == sqlstate::kDependentObjectsStillExist ||
      error.state() == sqlstate::kObjectInUse) {
    const std::string& detail = error.fields().detail;
    return ApiError::Conflict(detail.empty() ? message : message + "\n" + detail);
  }
  if (error.state() == sqlstate::kInsufficientPrivilege) return ApiError::AccessDenied(message);
  if (error.state() == sqlstate::kReservedName ||
      error.state() == sqlstate::kInvalidAuthorizationSpecification) {
    return ApiError::Validation(reason::kOther, message);
  }
  if (std::find(kOfRolesSettings.begin(), kOfRolesSettings.end(), error.state()) !=
      kOfRolesSettings.end()) {
    return ApiError::Validation(
        reason::kOther, fmt::format("{} (SQLSTATE {}; see the settings of role admin)", message,
                                    error.state().code()));
  }
  return InternalBecauseOf(error);
}

bool IsAboutDatabases(std::string_view path) { return path.starts_with("/customer/"); }

// The token of `Authorization: Bearer TOKEN`; null: there is none.
std::optional<std::string_view> BearerOf(const http::Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  for (const auto& [name, value] : request.headers) {
    if (!types::EqualsIgnoringCase(name, "authorization")) continue;
    std::string_view text = value;
    if (!types::EqualsIgnoringCase(text.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    return text.substr(kScheme.size());
  }
  return std::nullopt;
}

[[noreturn]] void RefuseToken() {
  throw ApiError(401, "UnauthorizedException",
                 "The token is not one of this server's, has expired or was revoked.");
}

std::string HostOf(const http::Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (types::EqualsIgnoringCase(name, "host")) return value;
  }
  return "";
}

class ControlApi final : public http::Handler {
 public:
  ControlApi(Clusters& clusters, Identities& identities, Databases& databases,
             base::Clock& clock, std::vector<std::string> regions, const ApiRates& rates)
      : clusters_(clusters),
        identities_(identities),
        databases_(databases),
        clock_(clock),
        regions_(std::move(regions)),
        rates_(rates) {}

  http::Response Handle(const http::Request& request) override {
    http::Response response;
    try {
      response = Answer(request);
    } catch (const ApiError& error) {
      response = error.ToResponse();
    } catch (const std::exception& error) {
      response = InternalBecauseOf(error).ToResponse();
    }
    response.headers.push_back({"Content-Type", "application/json"});
    response.headers.push_back({"X-Amzn-RequestId", NewRequestId()});
    return response;
  }

 private:
  http::Response Answer(const http::Request& request) {
    if (request.method == "GET" && request.target == kOpenApiPath) {
      return {200, {}, std::string(OpenApiDocument()), nullptr};
    }
    std::optional<auth::SigV4Request> signed_part = SignedPart(request);
    if (!signed_part) RefuseUnsigned();
    ApiTokenPtr token;
    Caller caller;
    if (std::optional<std::string_view> text = BearerOf(request)) {
      token = databases_.tokens().Find(*text);
      if (token == nullptr) RefuseToken();
    } else {
      caller = Authenticate(*signed_part, regions_, clock_.WallMicros() / 1'000'000, identities_);
    }
    std::optional<Route> route = FindRoute(request.method, signed_part->path);
    // What sessions do is not counted as requests are, by whatever way they come in.
    bool is_sql = route && route->maker == RunSql;
    if (!is_sql) Throttle(IsAboutDatabases(signed_part->path));
    if (!route) {
      throw ApiError::Validation(reason::kUnknownOperation, "There is no such operation.");
    }
    if (token != nullptr && !route->takes_tokens) {
      throw ApiError::AccessDenied("Tokens are not for this; sign the request.");
    }
    Call call{clusters_,
              identities_,
              databases_,
              std::move(caller),
              std::move(token),
              std::move(route->parameters),
              std::move(signed_part->query),
              ParseBody(request.body),
              HostOf(request)};
    try {
      if (route->maker != nullptr) return route->maker(call);
      return {200, {}, json::serialize(route->operation(call)), nullptr};
    } catch (const ClusterError& error) {
      auto id = call.path.find("identifier");
      throw Translate(error, id == call.path.end() ? "" : id->second);
    } catch (const IdentityError& error) {
      throw Translate(error);
    } catch (const SqlError& error) {
      // It may have been deleted while its statement ran.
      if (call.path.contains("database")) NamedAndActive(call);
      throw Translate(error);
    }
  }

  void Throttle(bool about_databases) {
    constexpr int64_t kSecond = 1'000'000;
    runtime::MutexLock lock(mutex_);
    base::TokenBucket& bucket = about_databases ? database_requests_ : cluster_requests_;
    const base::RateLimit& rate = about_databases ? rates_.databases : rates_.clusters;
    int64_t wait_us = bucket.Take(rate, clock_.MonotonicMicros());
    if (wait_us > 0) throw ApiError::Throttled("request-rate", (wait_us + kSecond - 1) / kSecond);
  }

  Clusters& clusters_;
  Identities& identities_;
  Databases& databases_;
  base::Clock& clock_;
  const std::vector<std::string> regions_;
  const ApiRates rates_;

  runtime::Mutex mutex_;
  // The server has one account.
  base::TokenBucket cluster_requests_ GUARDED_BY(mutex_);
  base::TokenBucket database_requests_ GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<http::Handler> MakeControlApi(Clusters& clusters, Identities& identities,
                                              Databases& databases, base::Clock& clock,
                                              std::vector<std::string> regions,
                                              const ApiRates& rates) {
  return std::make_unique<ControlApi>(clusters, identities, databases, clock, std::move(regions),
                                      rates);
}

}  // namespace sundog::control
