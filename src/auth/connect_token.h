// Connection tokens: what Aurora DSQL's clients send as password. A token is a presigned URL
// (auth/sigv4.h) without its scheme, made offline, good from its date until it expires:
//
//   HOST/?Action=DbConnect&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…&X-Amz-Date=…
//     &X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=…
//
// GET, path "/", an empty body, service "dsql", the one signed header `host`. Parameters come in
// any order; some clients leave out the slash. A token can be written in one way only: an encoding
// that SigV4 would not write is refused.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sundog::auth {

class AccessKeySource;
class Policy;
struct SigV4Credentials;

enum class ConnectAction : uint8_t { kDbConnect, kDbConnectAdmin };

// "DbConnect", "DbConnectAdmin".
std::string_view ConnectActionName(ConnectAction action);

inline constexpr int64_t kDefaultTokenExpiresS = 900;
// The user that DbConnectAdmin is for; every other one needs DbConnect.
inline constexpr std::string_view kAdminUser = "admin";

// `host`: a name without scheme or port. `expires_s`: 1 to kMaxExpiresS.
std::string MakeConnectToken(ConnectAction action, std::string_view host, std::string_view region,
                             const SigV4Credentials& credentials, int64_t now_s,
                             int64_t expires_s = kDefaultTokenExpiresS);

// What a client connects to, and as whom.
struct ConnectTarget {
  std::string_view user;
  std::string_view region;
  // arn:aws:dsql:REGION:ACCOUNT:cluster/ID
  std::string_view cluster_arn;
  // The names this cluster answers to; compared without regard to case.
  std::span<const std::string> hosts;
  // The cluster's own; null: it has none.
  const Policy* policy = nullptr;
};

// What clients call a server.
struct ServedNames {
  // AWS regions it stands in: its clusters are ID.dsql.REGION.on.aws.
  std::vector<std::string> regions;
  // The names of its certificate; "*.…" stands for one label.
  std::vector<std::string> hosts;
};

struct ConnectIdentity {
  std::string access_key_id;
  // arn:aws:iam::ACCOUNT:user/NAME or …:role/NAME: what database roles are mapped to.
  std::string arn;
  ConnectAction action = ConnectAction::kDbConnect;
};

struct TokenRefusal {
  enum class Reason : uint8_t {
    kMalformed,
    kUnknownKey,
    kSignature,
    kScope,    // another region or service
    kHost,
    kTime,     // expired, or not yet good
    kAction,   // not for this user
    kNotAuthorized,
  };
  Reason reason = Reason::kMalformed;
  std::string hint;  // for the client; holds no secret
};

// Checks all that needs no look at the cluster's own state: that the token's signature holds; then
// its region, service, host, time, that the action is the user's, and that the key's policies or
// the cluster's allow it. (Whether the ARN is mapped to the role is the cluster's to say.)
[[nodiscard]] std::variant<ConnectIdentity, TokenRefusal> VerifyConnectToken(
    std::string_view token, const ConnectTarget& target, int64_t now_s, AccessKeySource& keys);

// FATAL 08006 `unable to accept connection, access denied` with the hint.
[[noreturn]] void ThrowAccessDenied(const TokenRefusal& refusal);

}  // namespace sundog::auth
