#include "auth/route.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/sql_error.h"

namespace sundog::auth {
namespace {

// Cluster 1 is the default one; `shop` is cluster 2, with the id "shop-id". Both have roles.
class TwoClusters final : public CredentialSource {
 public:
  std::optional<ClusterEntry> FindCluster(std::string_view id) override {
    if (id.empty()) return Entry(1);
    return id == "shop-id" ? Entry(2) : std::nullopt;
  }
  std::optional<ClusterEntry> FindNamedCluster(std::string_view name) override {
    return name == "shop" || name == "shop-id" ? Entry(2) : std::nullopt;
  }
  bool DatabaseExists(std::string_view) override { return true; }
  std::optional<Credentials> FindRole(const ClusterEntry& cluster,
                                      std::string_view role) override {
    ++roles_looked_for;
    bool is_there = cluster.tenant == 1 ? role == "postgres" || role == "a.b" || role == "shop.of1"
                                        : role == "admin" || role == "x.y";
    return is_there ? std::optional(Credentials()) : std::nullopt;
  }
  ConnectIdentity VerifyToken(const ClusterEntry&, std::string_view, std::string_view,
                              std::string_view) override {
    ThrowAccessDenied("none is good");
  }

  int roles_looked_for = 0;

 private:
  static std::optional<ClusterEntry> Entry(uint32_t tenant) {
    return ClusterEntry{tenant, session::Profile::kPostgres, tenant == 2 ? "shop-id" : "", nullptr};
  }
};

// "TENANT ROLE", a "-" for what is not there, and whether the user's name said it.
std::string Describe(const Route& route) {
  return (route.cluster ? std::to_string(route.cluster->tenant) : "-") + " " +
         (route.role ? route.role_name : "-") + (route.by_user_name ? " by user" : "");
}

TEST(SplitUserName, TakesWhatIsBeforeTheFirstDotOrColon) {
  for (std::string_view user : {"shop.admin", "shop:admin"}) {
    auto name = SplitUserName(user);
    ASSERT_TRUE(name) << user;
    EXPECT_EQ(name->tenant, "shop");
    EXPECT_EQ(name->role, "admin");
  }
  EXPECT_EQ(SplitUserName("a.b:c")->role, "b:c");
  EXPECT_EQ(SplitUserName("a:b.c")->role, "b.c");
  for (std::string_view user : {"", "admin", ".admin", ":admin", "shop.", "shop:", "."}) {
    EXPECT_FALSE(SplitUserName(user)) << user;
  }
}

TEST(FindRoute, GoesWhereTheUsersNameSays) {
  TwoClusters source;
  EXPECT_EQ(Describe(FindRoute(source, "", "shop.admin")), "2 admin by user");
  EXPECT_EQ(Describe(FindRoute(source, "", "shop:admin")), "2 admin by user");
  EXPECT_EQ(Describe(FindRoute(source, "", "shop-id.admin")), "2 admin by user");
  EXPECT_EQ(Describe(FindRoute(source, "", "shop.x.y")), "2 x.y by user");
  // Whatever the default cluster has of that name.
  EXPECT_EQ(Describe(FindRoute(source, "", "shop.of1")), "2 - by user");
}

TEST(FindRoute, ANameWithoutAClusterIsARoleOfTheDefaultOne) {
  TwoClusters source;
  EXPECT_EQ(Describe(FindRoute(source, "", "postgres")), "1 postgres");
  EXPECT_EQ(Describe(FindRoute(source, "", "nobody")), "1 -");
  EXPECT_EQ(Describe(FindRoute(source, "", "a.b")), "1 a.b");
  EXPECT_EQ(Describe(FindRoute(source, "", "nowhere.admin")), "- - by user");
}

TEST(FindRoute, AllNamesOfARoleAreOneAccount) {
  TwoClusters source;
  for (std::string_view role : {"admin", "nobody"}) {
    std::string account = FindRoute(source, "", fmt::format("shop.{}", role)).account;
    EXPECT_EQ(FindRoute(source, "", fmt::format("shop:{}", role)).account, account);
    EXPECT_EQ(FindRoute(source, "", fmt::format("shop-id.{}", role)).account, account);
    EXPECT_EQ(FindRoute(source, "shop-id", role).account, account);
    EXPECT_NE(FindRoute(source, "", fmt::format("nowhere.{}", role)).account, account);
    EXPECT_EQ(FindRoute(source, "", fmt::format("nowhere.{}", role)).account,
              FindRoute(source, "", fmt::format("nowhere:{}", role)).account);
  }
  EXPECT_NE(FindRoute(source, "", "shop.admin").account,
            FindRoute(source, "", "shop.nobody").account);
}

TEST(FindRoute, AnIdThatIsSaidOtherwiseComesFirst) {
  TwoClusters source;
  EXPECT_EQ(Describe(FindRoute(source, "shop-id", "x.y")), "2 x.y");
  EXPECT_EQ(Describe(FindRoute(source, "shop-id", "shop.admin")), "2 -");
  EXPECT_THROW(FindRoute(source, "nowhere", "shop.admin"), SqlError);
}

TEST(FindRoute, LooksForAsManyRolesWhetherThereIsTheClusterOrNot) {
  for (std::string_view user : {"shop.admin", "shop.nobody", "nowhere.admin"}) {
    TwoClusters source;
    FindRoute(source, "", user);
    EXPECT_EQ(source.roles_looked_for, 1) << user;
  }
}

}  // namespace
}  // namespace sundog::auth
