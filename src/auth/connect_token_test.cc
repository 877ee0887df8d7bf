#include "auth/connect_token.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "auth/access_keys.h"
#include "auth/policy.h"
#include "auth/sigv4.h"
#include "base/random.h"
#include "base/sql_error.h"

namespace sundog::auth {
namespace {

using Reason = TokenRefusal::Reason;

constexpr std::string_view kHost = "peccy.dsql.us-east-1.on.aws";
constexpr std::string_view kRegion = "us-east-1";
constexpr std::string_view kCluster = "arn:aws:dsql:us-east-1:123456789012:cluster/peccy";
constexpr int64_t kNow = 1724716800;  // 20240827T000000Z
constexpr int64_t kExpires = 450;
const std::string kPrefix = "peccy.dsql.us-east-1.on.aws/?";

class Keys : public AccessKeySource {
 public:
  Keys() {
    Add("akid", "", R"({"Statement": {"Effect": "Allow", "Action": "dsql:*", "Resource": "*"}})");
  }
  void Add(std::string id, std::string session_token, std::string_view policy) {
    auto policies = std::make_shared<std::vector<Policy>>();
    if (!policy.empty()) policies->push_back(Policy::Parse(policy));
    owners_[std::move(id)] = {"secret", std::move(session_token),
                              "arn:aws:iam::123456789012:user/ann", policies};
  }
  std::optional<AccessKeyOwner> FindAccessKey(std::string_view id) override {
    auto found = owners_.find(std::string(id));
    if (found == owners_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::map<std::string, AccessKeyOwner> owners_;
};

class ConnectToken : public ::testing::Test {
 protected:
  std::string Make(ConnectAction action = ConnectAction::kDbConnect, std::string_view token = "",
                   std::string_view host = kHost, std::string_view region = kRegion) {
    return MakeConnectToken(action, host, region, {"akid", "secret", std::string(token)}, kNow,
                            kExpires);
  }
  std::variant<ConnectIdentity, TokenRefusal> Verify(std::string_view token,
                                                     std::string_view user = "app",
                                                     int64_t now_s = kNow) {
    ConnectTarget target{user, kRegion, kCluster, hosts_};
    return VerifyConnectToken(token, target, now_s, keys_);
  }
  bool Accepts(std::string_view token, std::string_view user = "app", int64_t now_s = kNow) {
    return std::holds_alternative<ConnectIdentity>(Verify(token, user, now_s));
  }
  TokenRefusal Refusal(std::string_view token, std::string_view user = "app",
                       int64_t now_s = kNow) {
    auto outcome = Verify(token, user, now_s);
    auto* refusal = std::get_if<TokenRefusal>(&outcome);
    if (refusal != nullptr) return *refusal;
    ADD_FAILURE() << "accepted: " << token;
    return {};
  }
  // A token with parameters that MakeConnectToken() would not write.
  std::string Presign(std::vector<NamedValue> query, std::string_view service = "dsql") {
    SigV4Request request;
    request.query = std::move(query);
    request.headers = {{"host", std::string(kHost)}};
    return kPrefix +
           PresignQuery(request, {"akid", "secret", ""}, kRegion, service, kNow, kExpires);
  }

  Keys keys_;
  std::vector<std::string> hosts_{"localhost", std::string(kHost)};
};

// The vectors that AWS's SDKs are tested with.
TEST_F(ConnectToken, IsThatOfThePublishedVectors) {
  constexpr std::string_view kRest =
      "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
      "&X-Amz-Credential=akid%2F20240827%2Fus-east-1%2Fdsql%2Faws4_request"
      "&X-Amz-Date=20240827T000000Z&X-Amz-Expires=450";
  constexpr std::string_view kSession = "&X-Amz-Security-Token=sess%2Ftok%2Ben%3D";
  constexpr std::string_view kEnd = "&X-Amz-SignedHeaders=host&X-Amz-Signature=";
  struct Vector {
    ConnectAction action;
    bool with_session;
    std::string_view signature;
  };
  for (const Vector& vector : {
           Vector{ConnectAction::kDbConnect, false,
                  "f5f2ad764ca5df44045d4ab6ccecba0eef941b0007e5765885a0b6ed3702a3f8"},
           Vector{ConnectAction::kDbConnectAdmin, false,
                  "267cf8d04d84444f7a62d5bdb40c44bfc6cb13dd6c64fa7f772df6bbaa90fff1"},
           Vector{ConnectAction::kDbConnect, true,
                  "e7d923339303d797a989a64ad7a6886abccf40a4025513645e019a806c72c86b"},
           Vector{ConnectAction::kDbConnectAdmin, true,
                  "b5a4680d0c88be4fead163f921401efceaab357d1b441c980b40a925ae587da3"},
       }) {
    std::string expected = kPrefix + "Action=" + std::string(ConnectActionName(vector.action)) +
                           std::string(kRest);
    if (vector.with_session) expected += kSession;
    expected += std::string(kEnd) + std::string(vector.signature);
    std::string session = vector.with_session ? "sess/tok+en=" : "";
    EXPECT_EQ(Make(vector.action, session), expected);
    keys_.Add("akid", session,
              R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})");
    bool admin = vector.action == ConnectAction::kDbConnectAdmin;
    EXPECT_TRUE(Accepts(expected, admin ? "admin" : "app"));
  }
}

TEST_F(ConnectToken, SaysWhoConnects) {
  auto outcome = Verify(Make(ConnectAction::kDbConnectAdmin), "admin");
  const auto* identity = std::get_if<ConnectIdentity>(&outcome);
  ASSERT_NE(identity, nullptr);
  EXPECT_EQ(identity->access_key_id, "akid");
  EXPECT_EQ(identity->arn, "arn:aws:iam::123456789012:user/ann");
  EXPECT_EQ(identity->action, ConnectAction::kDbConnectAdmin);
}

TEST_F(ConnectToken, ParametersComeInAnyOrderAndTheSlashMayBeMissing) {
  std::string token = Make();
  std::string query = token.substr(kPrefix.size());
  EXPECT_TRUE(Accepts(std::string(kHost) + "?" + query));
  size_t first = query.find('&');
  EXPECT_TRUE(Accepts(kPrefix + query.substr(first + 1) + "&" + query.substr(0, first)));
}

TEST_F(ConnectToken, OtherNamesOfTheClusterAreTaken) {
  EXPECT_TRUE(Accepts(Make(ConnectAction::kDbConnect, "", "localhost")));
  EXPECT_TRUE(Accepts(Make(ConnectAction::kDbConnect, "", "LOCALHOST")));
  TokenRefusal refusal = Refusal(Make(ConnectAction::kDbConnect, "", "other.example"));
  EXPECT_EQ(refusal.reason, Reason::kHost);
  EXPECT_EQ(refusal.hint, "The token is for the host 'other.example', which is not this one.");
}

TEST_F(ConnectToken, RegionAndServiceMustBeOurs) {
  TokenRefusal refusal = Refusal(Make(ConnectAction::kDbConnect, "", kHost, "eu-west-1"));
  EXPECT_EQ(refusal.reason, Reason::kScope);
  EXPECT_EQ(refusal.hint, "Credential should be scoped to region 'us-east-1', not 'eu-west-1'.");
  refusal = Refusal(Presign({{"Action", "DbConnect"}}, "rds-db"));
  EXPECT_EQ(refusal.reason, Reason::kScope);
  EXPECT_EQ(refusal.hint, "Credential should be scoped to correct service: 'dsql'.");
}

TEST_F(ConnectToken, IsGoodFromItsDateUntilItExpires) {
  std::string token = Make();
  EXPECT_TRUE(Accepts(token, "app", kNow - 300));
  EXPECT_TRUE(Accepts(token, "app", kNow + kExpires + 300));
  EXPECT_EQ(Refusal(token, "app", kNow + kExpires + 301).hint,
            "Signature expired: 20240827T000730Z is now earlier than 20240827T000731Z "
            "(20240827T001231Z - 5 min.)");
  TokenRefusal refusal = Refusal(token, "app", kNow - 301);
  EXPECT_EQ(refusal.reason, Reason::kTime);
  EXPECT_TRUE(refusal.hint.starts_with("Signature not yet current: ")) << refusal.hint;
}

TEST_F(ConnectToken, TheActionMustBeTheUsers) {
  TokenRefusal refusal = Refusal(Make(), "admin");
  EXPECT_EQ(refusal.reason, Reason::kAction);
  EXPECT_EQ(refusal.hint, "Wrong user to action mapping. user: admin, action: DbConnect");
  EXPECT_EQ(Refusal(Make(ConnectAction::kDbConnectAdmin), "app").hint,
            "Wrong user to action mapping. user: app, action: DbConnectAdmin");
  EXPECT_EQ(Refusal(Presign({{"Action", "Connect"}})).reason, Reason::kMalformed);
  EXPECT_EQ(Refusal(Presign({})).reason, Reason::kMalformed);
}

TEST_F(ConnectToken, PoliciesDecideOnTheClusterAndTheAction) {
  keys_.Add("akid", "", "");
  TokenRefusal refusal = Refusal(Make());
  EXPECT_EQ(refusal.reason, Reason::kNotAuthorized);
  EXPECT_EQ(refusal.hint,
            "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
            "dsql:DbConnect on resource: " +
                std::string(kCluster) +
                " because no identity-based policy allows the dsql:DbConnect action");
  keys_.Add("akid", "", R"({"Statement": [
      {"Effect": "Allow", "Action": "dsql:DbConnect",
       "Resource": "arn:aws:dsql:us-east-1:123456789012:cluster/p*"},
      {"Effect": "Deny", "Action": "dsql:*Admin", "Resource": "*"}]})");
  EXPECT_TRUE(Accepts(Make()));
  refusal = Refusal(Make(ConnectAction::kDbConnectAdmin), "admin");
  EXPECT_TRUE(refusal.hint.starts_with("User: arn:aws:iam::123456789012:user/ann is not authorized "
                                       "to perform: dsql:DbConnectAdmin"));
  EXPECT_TRUE(refusal.hint.ends_with("with an explicit deny in an identity-based policy"));
}

TEST_F(ConnectToken, TheClustersPolicyMayLetInAndKeepOut) {
  constexpr std::string_view kAllow = R"({"Statement": {"Effect": "Allow", "Principal":
      {"AWS": "arn:aws:iam::123456789012:user/ann"}, "Action": "dsql:DbConnect",
      "Resource": "*"}})";
  constexpr std::string_view kDeny = R"({"Statement": {"Effect": "Deny", "Principal": "*",
      "Action": "dsql:DbConnect*", "Resource": "*"}})";
  auto verify = [this](std::string_view policy, ConnectAction action, std::string_view user) {
    Policy parsed = Policy::ParseOfResource(policy);
    ConnectTarget target{user, kRegion, kCluster, hosts_, &parsed};
    return VerifyConnectToken(Make(action), target, kNow, keys_);
  };
  auto denied = verify(kDeny, ConnectAction::kDbConnect, "app");
  EXPECT_TRUE(std::get<TokenRefusal>(denied).hint.ends_with(
      "with an explicit deny in a resource-based policy"));
  keys_.Add("akid", "", "");
  EXPECT_TRUE(std::holds_alternative<ConnectIdentity>(
      verify(kAllow, ConnectAction::kDbConnect, "app")));
  EXPECT_TRUE(std::holds_alternative<TokenRefusal>(
      verify(kAllow, ConnectAction::kDbConnectAdmin, "admin")));
}

TEST_F(ConnectToken, UnknownKeysWrongSecretsAndWrongSessionsAreRefused) {
  auto made_with = [](SigV4Credentials key) {
    return MakeConnectToken(ConnectAction::kDbConnect, kHost, kRegion, key, kNow, kExpires);
  };
  EXPECT_EQ(Refusal(made_with({"other", "secret", ""})).reason, Reason::kUnknownKey);
  EXPECT_EQ(Refusal(made_with({"akid", "secret", "session"})).reason, Reason::kUnknownKey);
  EXPECT_EQ(Refusal(made_with({"akid", "Secret", ""})).reason, Reason::kSignature);
}

TEST_F(ConnectToken, ExpiryIsAtMostAWeek) {
  auto with_expiry = [this](std::string_view expires) {
    std::string token = Make();
    size_t at = token.find("X-Amz-Expires=450");
    return token.replace(at, 17, "X-Amz-Expires=" + std::string(expires));
  };
  for (std::string_view bad : {"0", "604801", "-1", "", "1e3", "99999999999999999999", "%2B450"}) {
    TokenRefusal refusal = Refusal(with_expiry(bad));
    EXPECT_EQ(refusal.reason, Reason::kMalformed) << bad;
    EXPECT_NE(refusal.hint.find("X-Amz-Expires"), std::string::npos) << refusal.hint;
  }
  EXPECT_EQ(Refusal(with_expiry("604800")).reason, Reason::kSignature);
}

TEST_F(ConnectToken, WhatIsNoTokenIsSaidToBeNone) {
  std::string token = Make();
  std::string query = token.substr(kPrefix.size());
  std::vector<std::string> bad{
      "",
      "secret",
      "?" + query,
      "/?" + query,
      "https://" + token,
      std::string(kHost) + "//?" + query,
      std::string(kHost) + "/x?" + query,
      std::string(kHost) + "\n?" + query,
      kPrefix,
      kPrefix + "&" + query,
      token + "&",
      token + "&Action",
      token + "&x=%00",
      token + "&x=%C3%A9",
      std::string(70000, 'a') + token,
  };
  // Each parameter left out; given twice with the same and with another value.
  auto parameters = ParseQuery(query);
  ASSERT_TRUE(parameters.has_value());
  for (const NamedValue& parameter : *parameters) {
    std::string text = UriEncode(parameter.name) + "=" + UriEncode(parameter.value);
    bad.push_back(token + "&" + text);
    bad.push_back(token + "&" + UriEncode(parameter.name) + "=x");
    std::string without;
    for (const NamedValue& other : *parameters) {
      if (other.name == parameter.name) continue;
      without += (without.empty() ? kPrefix : "&") + UriEncode(other.name) + "=" +
                 UriEncode(other.value);
    }
    bad.push_back(without);
  }
  // Encodings that SigV4 would not write.
  for (auto [from, to] :
       {std::pair{"%2F", "%2f"}, {"%2F", "/"}, {"=host", "=h%6Fst"}, {"aws4", "aws%"}}) {
    std::string changed = token;
    size_t at = changed.find(from, kPrefix.size());
    changed.replace(at, std::string_view(from).size(), to);
    bad.push_back(changed);
  }
  for (const std::string& text : bad) {
    TokenRefusal refusal = Refusal(text);
    EXPECT_EQ(refusal.reason, Reason::kMalformed) << text;
    EXPECT_TRUE(refusal.hint.starts_with("The password is not a valid connection token."));
  }
}

TEST_F(ConnectToken, AnyChangedByteIsRefused) {
  constexpr uint64_t kSeed = 20240827;
  base::Random random(kSeed);
  for (std::string session : {"", "sess/tok+en="}) {
    keys_.Add("akid", session,
              R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})");
    std::string token = Make(ConnectAction::kDbConnect, session);
    ASSERT_TRUE(Accepts(token));
    for (size_t at = 0; at < token.size(); ++at) {
      for (int i = 0; i < 40; ++i) {
        std::string changed = token;
        // Half of them other printable characters: what is nearly a token.
        changed[at] = static_cast<char>(i % 2 == 0 ? random.Below(256) : '!' + random.Below(94));
        if (changed[at] == token[at]) continue;
        EXPECT_FALSE(Accepts(changed)) << "seed " << kSeed << ": " << changed;
      }
    }
  }
}

TEST_F(ConnectToken, CutAndGrownTokensDoNoHarm) {
  constexpr uint64_t kSeed = 7;
  base::Random random(kSeed);
  std::string token = Make();
  for (size_t size = 0; size < token.size(); ++size) {
    EXPECT_FALSE(Accepts(token.substr(0, size))) << size;
  }
  for (int i = 0; i < 2000; ++i) {
    std::string changed = token;
    for (uint64_t edits = 1 + random.Below(8); edits > 0; --edits) {
      size_t at = random.Below(changed.size());
      changed.insert(at, 1, "%&=?/+2F"[random.Below(8)]);
    }
    EXPECT_FALSE(Accepts(changed)) << "seed " << kSeed << ": " << changed;
  }
}

TEST_F(ConnectToken, ARefusalIsTheErrorOfDsql) {
  try {
    ThrowAccessDenied({Reason::kTime, "Signature expired: x"});
    FAIL();
  } catch (const SqlError& error) {
    EXPECT_EQ(error.state().code(), "08006");
    EXPECT_EQ(error.fields().severity, base::Severity::kFatal);
    EXPECT_EQ(error.fields().message, "unable to accept connection, access denied");
    EXPECT_EQ(error.fields().hint, "Signature expired: x");
  }
}

}  // namespace
}  // namespace sundog::auth
