#include "control/token_verifier.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "auth/connect_token.h"
#include "base/clock.h"
#include "base/sql_error.h"
#include "control/identities.h"
#include "kv/store_fixture.h"

namespace sundog::control {
namespace {

constexpr char kId[] = "abcdefghijklmnopqrstuvwxyz";
constexpr int64_t kNow_s = 1'800'000'000;

class TokenVerifierTest : public ::testing::Test {
 protected:
  TokenVerifierTest() { identities_.Initialize(key_); }

  bool IsHost(std::string_view host, std::string_view server_name) {
    std::vector<std::string> hosts = verifier_.HostsOf(cluster_, "us-east-1", server_name);
    return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
  }
  bool IsHost(std::string_view name) { return IsHost(name, name); }

  // Empty if it is let in.
  std::string Refusal(std::string_view host, std::string_view region) {
    std::string token = auth::MakeConnectToken(auth::ConnectAction::kDbConnectAdmin, host, region,
                                               key_, kNow_s);
    try {
      auto identity = verifier_.Verify(cluster_, "admin", host, token);
      EXPECT_EQ(identity.arn, identities_.Arn({PrincipalKind::kUser, std::string(kAdministrator)}));
      return "";
    } catch (const SqlError& error) {
      EXPECT_EQ(error.fields().state, sqlstate::kConnectionFailure);
      return error.fields().hint;
    }
  }

  base::ManualClock clock_{kNow_s * 1'000'000};
  std::unique_ptr<kv::Store> store_ = kv::OpenMemoryStore();
  Identities identities_{*store_, clock_, SecretKey::Random()};
  auth::SigV4Credentials key_ = Identities::GenerateAccessKey();
  auth::ClusterEntry cluster_{2, session::Profile::kDsql, kId};
  TokenVerifier verifier_{identities_, clock_,
                          {{"us-east-1", "eu-west-1"},
                           {"localhost", "*.dsql.us-east-1.on.aws", "*.db.example"}}};
};

TEST_F(TokenVerifierTest, AClustersOwnNameIsItsHostWhereverTheClientWent) {
  EXPECT_TRUE(IsHost("abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws", ""));
  EXPECT_TRUE(IsHost("abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws", "vpce-1.amazonaws.com"));
  EXPECT_FALSE(IsHost("zbcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws"));
  EXPECT_FALSE(IsHost("abcdefghijklmnopqrstuvwxyz.dsql.eu-west-1.on.aws"));
}

TEST_F(TokenVerifierTest, APrivateEndpointIsAHostForItsCluster) {
  EXPECT_TRUE(IsHost("abcdefghijklmnopqrstuvwxyz.dsql-fnh4.us-east-1.on.aws"));
  EXPECT_FALSE(IsHost("abcdefghijklmnopqrstuvwxyz.dsql-fnh4.us-east-1.on.aws", ""));
  EXPECT_FALSE(IsHost("zbcdefghijklmnopqrstuvwxyz.dsql-fnh4.us-east-1.on.aws"));
  EXPECT_FALSE(IsHost("abcdefghijklmnopqrstuvwxyz.dsql-a.b.us-east-1.on.aws"));
  EXPECT_FALSE(IsHost("abcdefghijklmnopqrstuvwxyz.dsql-.us-east-1.on.aws"));
}

TEST_F(TokenVerifierTest, AServedNameIsAHost) {
  EXPECT_TRUE(IsHost("localhost"));
  EXPECT_TRUE(IsHost("localhost", ""));
  EXPECT_TRUE(IsHost("a.db.example"));
  EXPECT_TRUE(IsHost("abcdefghijklmnopqrstuvwxyz.db.example"));
  EXPECT_FALSE(IsHost("a.db.example", ""));
  EXPECT_FALSE(IsHost("zbcdefghijklmnopqrstuvwxyz.db.example"));
  EXPECT_FALSE(IsHost("a.b.db.example"));
  EXPECT_FALSE(IsHost(".db.example"));
  EXPECT_FALSE(IsHost("other.example"));
}

TEST_F(TokenVerifierTest, ATokenIsForOneOfTheServersRegions) {
  EXPECT_EQ(Refusal("localhost", "us-east-1"), "");
  EXPECT_EQ(Refusal("localhost", "eu-west-1"), "");
  EXPECT_NE(Refusal("localhost", "us-west-2"), "");
  EXPECT_EQ(Refusal("abcdefghijklmnopqrstuvwxyz.dsql.eu-west-1.on.aws", "eu-west-1"), "");
  EXPECT_NE(Refusal("abcdefghijklmnopqrstuvwxyz.dsql.eu-west-1.on.aws", "us-east-1"), "");
}

}  // namespace
}  // namespace sundog::control
