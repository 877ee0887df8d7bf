#include "control/api/control_api.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "control/api/api_error.h"
#include "control/api/caller.h"
#include "control/api/operations.h"
#include "control/api/routes.h"
#include "control/clusters.h"
#include "control/identities.h"
#include "runtime/mutex.h"
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

class ControlApi final : public http::Handler {
 public:
  ControlApi(Clusters& clusters, Identities& identities, base::Clock& clock,
             std::vector<std::string> regions, const base::RateLimit& rate)
      : clusters_(clusters),
        identities_(identities),
        clock_(clock),
        regions_(std::move(regions)),
        rate_(rate) {}

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
    std::optional<auth::SigV4Request> signed_part = SignedPart(request);
    if (!signed_part) RefuseUnsigned();
    Caller caller =
        Authenticate(*signed_part, regions_, clock_.WallMicros() / 1'000'000, identities_);
    Throttle();
    std::optional<Route> route = FindRoute(request.method, signed_part->path);
    if (!route) {
      throw ApiError::Validation(reason::kUnknownOperation, "There is no such operation.");
    }
    Call call{clusters_,
              identities_,
              std::move(caller),
              std::move(route->parameters),
              std::move(signed_part->query),
              ParseBody(request.body)};
    try {
      return {200, {}, json::serialize(route->operation(call))};
    } catch (const ClusterError& error) {
      auto id = call.path.find("identifier");
      throw Translate(error, id == call.path.end() ? "" : id->second);
    } catch (const IdentityError& error) {
      throw Translate(error);
    }
  }

  void Throttle() {
    constexpr int64_t kSecond = 1'000'000;
    runtime::MutexLock lock(mutex_);
    int64_t wait_us = requests_.Take(rate_, clock_.MonotonicMicros());
    if (wait_us > 0) throw ApiError::Throttled("request-rate", (wait_us + kSecond - 1) / kSecond);
  }

  Clusters& clusters_;
  Identities& identities_;
  base::Clock& clock_;
  const std::vector<std::string> regions_;
  const base::RateLimit rate_;

  runtime::Mutex mutex_;
  // The server has one account.
  base::TokenBucket requests_ GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<http::Handler> MakeControlApi(Clusters& clusters, Identities& identities,
                                              base::Clock& clock,
                                              std::vector<std::string> regions,
                                              const base::RateLimit& rate) {
  return std::make_unique<ControlApi>(clusters, identities, clock, std::move(regions), rate);
}

}  // namespace sundog::control
