// The API as its clients see it: signed requests in, responses out.
#include "control/api/control_api.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <functional>
#include <set>

#include "auth/connect_token.h"
#include "auth/scram.h"
#include "auth/sigv4.h"
#include "base/clock.h"
#include "catalog/catalog.h"
#include "control/clusters.h"
#include "control/databases.h"
#include "control/identities.h"
#include "control/prepare_tenant.h"
#include "control/secret_key.h"
#include "control/stored_roles.h"
#include "control/tenant_sql.h"
#include "kv/memory/memory_store.h"
#include "kv/store.h"
#include "session/engine/engine.h"

namespace sundog::control {
namespace {

namespace json = boost::json;

const auth::SigV4Credentials kAdministratorKey{"AKIAADMINISTRATOR", "the administrator's secret"};
constexpr std::string_view kOpenPolicy =
    R"({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}})";

constexpr std::string_view kAllowListing =
    R"({"Statement": {"Effect": "Allow", "Action": "dsql:ListClusters", "Resource": "*"}})";

struct Answer {
  int status = 0;
  std::string error;  // X-Amzn-ErrorType
  std::string retry_after;
  json::object body;

  std::string Text(std::string_view name) const {
    const json::value* member = body.if_contains(name);
    return member != nullptr && member->is_string() ? json::value_to<std::string>(*member) : "";
  }
  // "400 ValidationException fieldValidationFailed tags policy"
  std::string Summary() const {
    std::string text = std::to_string(status);
    if (!error.empty()) text += " " + error;
    if (!Text("reason").empty()) text += " " + Text("reason");
    if (const json::value* fields = body.if_contains("fieldList")) {
      for (const json::value& field : fields->as_array()) {
        text += " " + json::value_to<std::string>(field.at("name"));
      }
    }
    return text;
  }
};

class ControlApiTest : public ::testing::Test {
 protected:
  ControlApiTest() { identities_.Initialize(kAdministratorKey); }

  http::Request Sign(std::string_view method, std::string_view target, std::string_view body,
                     const auth::SigV4Credentials& key = kAdministratorKey,
                     std::string_view region = "us-east-1", std::string_view service = "dsql",
                     int64_t late_s = 0) {
    auth::SigV4Request request;
    request.method = method;
    size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) {
      request.query = *auth::ParseQuery(target.substr(mark + 1));
    }
    request.headers = {{"Host", "localhost:8443"}};
    request.body = body;
    auth::SignHeaders(request, key, region, service, clock_.WallMicros() / 1'000'000 - late_s);
    return {request.method, std::string(target), request.headers, request.body};
  }
  Answer Send(const http::Request& request) {
    http::Response response = api_->Handle(request);
    Answer answer{response.status, "", "", {}};
    std::set<std::string> names;
    for (const auto& [name, value] : response.headers) {
      names.insert(name);
      if (name == "X-Amzn-ErrorType") answer.error = value;
      if (name == "Retry-After") answer.retry_after = value;
    }
    EXPECT_TRUE(names.contains("X-Amzn-RequestId") && names.contains("Content-Type"));
    answer.body = json::parse(response.body).as_object();
    return answer;
  }
  Answer Ask(std::string_view method, std::string_view target, std::string_view body = "",
             const auth::SigV4Credentials& key = kAdministratorKey) {
    return Send(Sign(method, target, body, key));
  }
  std::string Make(std::string_view body = "") {
    std::string id = Ask("POST", "/cluster", body).Text("identifier");
    clusters_.FinishCreation(id);
    return id;
  }
  std::string Tagged(const std::string& id) {
    return "/tags/arn%3Aaws%3Adsql%3Aus-east-1%3A" + identities_.account() + "%3Acluster%2F" + id;
  }
  auth::SigV4Credentials UserWith(const std::string& name, std::string_view policy) {
    PrincipalName user{PrincipalKind::kUser, name};
    identities_.Create(user);
    if (!policy.empty()) identities_.PutPolicy(user, "policy", policy);
    return identities_.CreateAccessKey(user);
  }

  base::ManualClock clock_{1'700'000'000'000'000};
  std::unique_ptr<kv::Store> store_ = kv::OpenMemoryStore();
  Identities identities_{*store_, clock_, SecretKey::Random()};
  Clusters clusters_{*store_, clock_, std::nullopt};
  session::Engine engine_{*store_, clock_, "", MakeVerifier};
  Databases databases_{clusters_, engine_};
  std::unique_ptr<http::Handler> api_ =
      MakeControlApi(clusters_, identities_, databases_, clock_, {"us-east-1", "eu-west-1"});
};

TEST_F(ControlApiTest, ACluster) {
  Answer made = Ask("POST", "/cluster", R"({"clientToken": "a", "tags": {"Name": "shop"}})");
  std::string id = made.Text("identifier");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.Text("status"), "CREATING");
  EXPECT_EQ(made.Text("arn"),
            "arn:aws:dsql:us-east-1:" + identities_.account() + ":cluster/" + id);
  EXPECT_EQ(made.Text("endpoint"), id + ".dsql.us-east-1.on.aws");
  EXPECT_EQ(made.body["creationTime"], 1'700'000'000);
  EXPECT_EQ(made.body["deletionProtectionEnabled"], true);
  EXPECT_EQ(made.body["encryptionDetails"],
            json::parse(R"({"encryptionType": "AWS_OWNED_KMS_KEY", "encryptionStatus":
                            "ENABLED"})"));
  clusters_.FinishCreation(id);
  Answer got = Ask("GET", "/cluster/" + id);
  EXPECT_EQ(got.Text("status"), "ACTIVE");
  EXPECT_EQ(got.body["tags"], json::parse(R"({"Name": "shop"})"));

  EXPECT_EQ(Ask("DELETE", "/cluster/" + id + "?client-token=b").Summary(),
            "400 ValidationException deletionProtectionEnabled");
  EXPECT_EQ(Ask("POST", "/cluster/" + id, R"({"deletionProtectionEnabled": false})").status, 200);
  EXPECT_EQ(Ask("DELETE", "/cluster/" + id + "?client-token=b").Text("status"), "DELETING");
  EXPECT_EQ(Ask("GET", "/cluster/" + id).Text("status"), "DELETING");
  clusters_.FinishDeletion(id);
  Answer gone = Ask("GET", "/cluster/" + id);
  EXPECT_EQ(gone.Summary(), "404 ResourceNotFoundException");
  EXPECT_EQ(gone.Text("resourceId"), id);
  EXPECT_EQ(gone.Text("resourceType"), "cluster");
  EXPECT_EQ(Ask("DELETE", "/cluster/" + id).status, 404);
  EXPECT_EQ(Ask("DELETE", "/cluster/" + clusters_.default_cluster()->id).status, 400);
}

TEST_F(ControlApiTest, AClientTokenMakesOneClusterOfOneRequest) {
  Answer made = Ask("POST", "/cluster", R"({"clientToken": "a"})");
  Answer again = Ask("POST", "/cluster", R"({"deletionProtectionEnabled": true,
                                             "clientToken": "a"})");
  EXPECT_EQ(again.Text("identifier"), made.Text("identifier"));
  EXPECT_EQ(Ask("POST", "/cluster", R"({"clientToken": "a", "tags": {"a": ""}})").Summary(),
            "409 ConflictException");
  EXPECT_NE(Ask("POST", "/cluster").Text("identifier"), made.Text("identifier"));
}

TEST_F(ControlApiTest, NothingIsSaidToWhoDoesNotSign) {
  std::string id = Make();
  http::Request good = Sign("GET", "/cluster/" + id, "");
  std::vector<http::Request> bad{{"GET", "/cluster/" + id, {}, ""},
                                 {"GET", "/nosuch", {}, ""},
                                 {"FLY", "/%zz?%", {}, "{"},
                                 Sign("GET", "/cluster/" + id, "", {"AKIANOBODY", "x", ""}),
                                 Sign("GET", "/cluster/" + id, "",
                                      {kAdministratorKey.access_key_id, "wrong", ""}),
                                 Sign("GET", "/cluster/" + id, "",
                                      {kAdministratorKey.access_key_id, kAdministratorKey.secret,
                                       "session"})};
  for (std::string http::Request::* part : {&http::Request::method, &http::Request::target,
                                            &http::Request::body}) {
    bad.push_back(good);
    bad.back().*part += "x";
  }
  bad.push_back(good);
  bad.back().headers.push_back({"X-Amz-Security-Token", "x"});
  std::string text;
  for (const http::Request& request : bad) {
    Answer answer = Send(request);
    EXPECT_EQ(answer.Summary(), "403 AccessDeniedException") << request.target;
    if (text.empty()) text = answer.Text("message");
    EXPECT_EQ(answer.Text("message"), text);
  }
  EXPECT_EQ(Send(good).status, 200);
}

TEST_F(ControlApiTest, ASignatureIsGoodForAPlaceAndATime) {
  auto status = [&](std::string_view region, std::string_view service, int64_t late_s) {
    return Send(Sign("GET", "/cluster", "", kAdministratorKey, region, service, late_s)).status;
  };
  EXPECT_EQ(status("us-east-1", "dsql", 299), 200);
  EXPECT_EQ(status("us-east-1", "dsql", -299), 200);
  EXPECT_EQ(status("us-east-1", "dsql", 301), 403);
  EXPECT_EQ(status("us-east-1", "dsql", -301), 403);
  EXPECT_EQ(status("us-west-1", "dsql", 0), 403);
  EXPECT_EQ(status("us-east-1", "s3", 0), 403);
  std::string id = Make();
  EXPECT_EQ(Send(Sign("GET", "/cluster/" + id, "", kAdministratorKey, "eu-west-1"))
                .Text("endpoint"),
            id + ".dsql.eu-west-1.on.aws");
}

TEST_F(ControlApiTest, PoliciesDecide) {
  std::string id = Make();
  auth::SigV4Credentials none = UserWith("none", "");
  auth::SigV4Credentials reader = UserWith("reader", R"({"Statement": [
      {"Effect": "Allow", "Action": "dsql:Get*", "Resource": "arn:aws:dsql:us-east-1:*:cluster/)" +
                                                         id + R"("},
      {"Effect": "Allow", "Action": "dsql:ListClusters", "Resource": "*"}]})");
  Answer refused = Ask("GET", "/cluster/" + id, "", none);
  EXPECT_EQ(refused.Summary(), "403 AccessDeniedException");
  EXPECT_EQ(refused.Text("message"),
            "User: " + identities_.Arn({PrincipalKind::kUser, "none"}) +
                " is not authorized to perform: dsql:GetCluster on resource: "
                "arn:aws:dsql:us-east-1:" + identities_.account() + ":cluster/" + id +
                " because no identity-based policy allows the dsql:GetCluster action");
  // Whether there is such a cluster is not told either.
  EXPECT_EQ(Ask("GET", "/cluster/" + std::string(26, 'a'), "", none).status, 403);
  EXPECT_EQ(Ask("GET", "/cluster", "", none).status, 403);
  EXPECT_EQ(Ask("POST", "/cluster", "", none).status, 403);
  EXPECT_EQ(Ask("POST", "/iam/list-principals", R"({"kind": "user"})", none).status, 403);
  EXPECT_EQ(Ask("GET", "/cluster/" + id, "", reader).status, 200);
  EXPECT_EQ(Ask("GET", "/cluster", "", reader).status, 200);
  EXPECT_EQ(Ask("DELETE", "/cluster/" + id, "", reader).status, 403);
  EXPECT_EQ(Ask("GET", Tagged(id), "", reader).status, 403);
  EXPECT_EQ(Ask("POST", "/cluster/" + id, "{}", reader).status, 403);
}

TEST_F(ControlApiTest, AClustersPolicyDecidesToo) {
  std::string id = Make();
  std::string path = "/cluster/" + id + "/policy";
  auth::SigV4Credentials guest = UserWith("guest", "");
  EXPECT_EQ(Ask("GET", path).Summary(), "404 ResourceNotFoundException");
  EXPECT_EQ(Ask("POST", path, "{}").Summary(),
            "400 ValidationException fieldValidationFailed policy");
  EXPECT_EQ(Ask("POST", path, R"({"policy": "{}"})").Summary(),
            "400 ValidationException fieldValidationFailed policy");
  json::object put{{"policy", kOpenPolicy}, {"clientToken", "a"}};
  EXPECT_EQ(Ask("POST", path, json::serialize(put)).Text("policyVersion"), "1");
  EXPECT_EQ(Ask("POST", path, json::serialize(put)).Text("policyVersion"), "1");
  EXPECT_EQ(Ask("GET", path).Text("policy"), kOpenPolicy);
  EXPECT_EQ(Ask("GET", "/cluster/" + id, "", guest).status, 200);
  EXPECT_EQ(Ask("GET", "/cluster/" + std::string(26, 'a'), "", guest).status, 403);

  std::string closed = R"({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*",
                                         "Resource": "*"}})";
  json::object lock{{"policy", closed}, {"expectedPolicyVersion", "1"}};
  EXPECT_EQ(Ask("POST", path, json::serialize(lock)).Summary(),
            "400 ValidationException fieldValidationFailed policy");
  lock["bypassPolicyLockoutSafetyCheck"] = true;
  lock["expectedPolicyVersion"] = "7";
  EXPECT_EQ(Ask("POST", path, json::serialize(lock)).Summary(), "409 ConflictException");
  EXPECT_EQ(Ask("DELETE", path + "?expected-policy-version=7").Summary(),
            "409 ConflictException");
  EXPECT_EQ(Ask("DELETE", path + "?expected-policy-version=x").status, 400);
  EXPECT_EQ(Ask("DELETE", path + "?expected-policy-version=1").Text("policyVersion"), "2");
  EXPECT_EQ(Ask("GET", "/cluster/" + id, "", guest).status, 403);
  lock["expectedPolicyVersion"] = "2";
  EXPECT_EQ(Ask("POST", path, json::serialize(lock)).Text("policyVersion"), "3");
  EXPECT_EQ(Ask("GET", "/cluster/" + id).Summary(), "403 AccessDeniedException");
}

TEST_F(ControlApiTest, WhatIsWrongWithARequestIsSaidOfEachField) {
  auto summary = [&](std::string_view body) { return Ask("POST", "/cluster", body).Summary(); };
  EXPECT_EQ(summary("{"), "400 ValidationException cannotParse");
  EXPECT_EQ(summary("[]"), "400 ValidationException cannotParse");
  EXPECT_EQ(summary("{\"a\": \"\xff\"}"), "400 ValidationException cannotParse");
  const std::string failed = "400 ValidationException fieldValidationFailed ";
  EXPECT_EQ(summary(R"({"deletionProtectionEnabled": "yes", "clientToken": "a b",
                        "policy": 7, "bypassPolicyLockoutSafetyCheck": 1})"),
            failed + "deletionProtectionEnabled policy clientToken "
                     "bypassPolicyLockoutSafetyCheck");
  EXPECT_EQ(summary(R"({"clientToken": ")" + std::string(129, 'a') + "\"}"),
            failed + "clientToken");
  EXPECT_EQ(summary(R"({"tags": []})"), failed + "tags");
  EXPECT_EQ(summary(R"({"tags": {"": "x"}})"), failed + "tags");
  EXPECT_EQ(summary(R"({"tags": {"aws:x": "x"}})"), failed + "tags");
  EXPECT_EQ(summary(R"({"tags": {"sundog:x": "x"}})"), failed + "tags");
  EXPECT_EQ(summary(R"({"tags": {"sundog:profile": "x"}})"), failed + "tags");
  EXPECT_EQ(summary(R"({"tags": {"a": ")" + std::string(257, 'a') + "\"}}"), failed + "tags");
  EXPECT_EQ(summary(R"({"multiRegionProperties": {"witnessRegion": "us-west-2"}})"),
            failed + "multiRegionProperties");
  EXPECT_EQ(summary(R"({"kmsEncryptionKey": "arn:aws:kms:x"})"), failed + "kmsEncryptionKey");
  EXPECT_EQ(summary(R"({"kmsEncryptionKey": ""})"), failed + "kmsEncryptionKey");
  // Nulls are as if they were not there.
  EXPECT_EQ(summary(R"({"kmsEncryptionKey": "AWS_OWNED_KMS_KEY", "tags": null})"), "200");
  EXPECT_EQ(Ask("GET", "/cluster/abc").Summary(), failed + "identifier");
  EXPECT_EQ(Ask("GET", "/cluster/" + std::string(26, 'A')).Summary(), failed + "identifier");
  EXPECT_EQ(Ask("DELETE", "/cluster/" + std::string(26, 'a') + "?client-token=").Summary(),
            failed + "clientToken");
  EXPECT_EQ(Ask("POST", "/cluster/" + Make(), R"({"multiRegionProperties": {}})").Summary(),
            failed + "multiRegionProperties");
}

TEST_F(ControlApiTest, AProfileIsChosenByATagThatStays) {
  EXPECT_EQ(clusters_.Get(Make())->profile, session::Profile::kDsql);
  std::string id = Make(R"({"tags": {"sundog:profile": "postgres"}})");
  EXPECT_EQ(clusters_.Get(id)->profile, session::Profile::kPostgres);
  EXPECT_EQ(Ask("POST", Tagged(id), R"({"tags": {"sundog:profile": "dsql"}})").status, 400);
  EXPECT_EQ(Ask("DELETE", Tagged(id) + "?tagKeys=sundog%3Aprofile").status, 400);
}

TEST_F(ControlApiTest, Tags) {
  std::string id = Make();
  EXPECT_EQ(Ask("POST", Tagged(id), R"({"tags": {"a": "1", "b": "2", "ü /": ""}})").status, 200);
  EXPECT_EQ(Ask("DELETE", Tagged(id) + "?tagKeys=a&tagKeys=%C3%BC%20%2F").status, 200);
  EXPECT_EQ(Ask("GET", Tagged(id)).body["tags"], json::parse(R"({"b": "2"})"));
  EXPECT_EQ(Ask("DELETE", Tagged(id)).status, 400);
  EXPECT_EQ(Ask("POST", Tagged(id), "{}").status, 400);
  json::object many;
  for (int i = 0; i < 200; ++i) many[std::to_string(i)] = "";
  EXPECT_EQ(Ask("POST", Tagged(id), json::serialize(json::object{{"tags", many}})).status, 400);
  EXPECT_EQ(Ask("GET", Tagged(id)).body["tags"], json::parse(R"({"b": "2"})"));
  EXPECT_EQ(Ask("GET", "/tags/arn%3Aaws%3As3%3A%3A%3Ab").status, 400);
  EXPECT_EQ(Ask("GET", Tagged(std::string(26, 'a'))).status, 404);
}

TEST_F(ControlApiTest, ListsPages) {
  std::set<std::string> made{clusters_.default_cluster()->id};
  for (int i = 0; i < 4; ++i) made.insert(Make());
  EXPECT_EQ(Ask("GET", "/cluster").body["clusters"].as_array().size(), 5u);
  std::set<std::string> seen;
  std::string next;
  int pages = 0;
  do {
    Answer page = Ask("GET", "/cluster?max-results=2" +
                                 (next.empty() ? "" : "&next-token=" + next));
    for (const json::value& one : page.body["clusters"].as_array()) {
      seen.insert(json::value_to<std::string>(one.at("identifier")));
    }
    next = page.Text("nextToken");
    ++pages;
  } while (!next.empty());
  EXPECT_EQ(seen, made);
  EXPECT_EQ(pages, 3);
  for (const char* bad : {"max-results=0", "max-results=101", "max-results=x",
                          "max-results=1&max-results=1", "next-token=x"}) {
    EXPECT_EQ(Ask("GET", std::string("/cluster?") + bad).status, 400) << bad;
  }
}

TEST_F(ControlApiTest, ADatabase) {
  databases_.SetAddress({"", 5432});
  Answer made = Ask("POST", "/customer/databases", R"({"name": "shop"})");
  EXPECT_EQ(made.Summary(), "200");
  EXPECT_EQ(made.Text("state"), "ACTIVE");
  EXPECT_EQ(made.Text("profile"), "postgres");
  EXPECT_EQ(made.Text("user"), "shop.admin");
  std::string password = made.Text("password");
  EXPECT_EQ(password.size(), 24u);
  EXPECT_EQ(made.Text("connection_string"),
            "postgresql://shop.admin:" + password + "@localhost:5432/postgres");
  std::string id = made.Text("id");
  EXPECT_FALSE(engine_.loaded_tenants().IsLoaded(clusters_.Get(id)->tenant));
  for (const std::string& named : {std::string("shop"), id}) {
    Answer found = Ask("GET", "/customer/databases/" + named);
    EXPECT_EQ(found.Text("id"), id);
    EXPECT_EQ(found.Text("state"), "ACTIVE");
    EXPECT_EQ(found.Text("connection_string"), "postgresql://shop.admin@localhost:5432/postgres");
    EXPECT_EQ(json::value_to<int>(found.body.at("connections")), 0);
    EXPECT_EQ(found.body.at("in_memory"), false);
    EXPECT_EQ(engine_.cluster_sizes().count(), 0u);
    EXPECT_FALSE(found.body.contains("password"));
  }
  catalog::CatalogPtr catalog = engine_.NewestCatalog(clusters_.Get(id)->tenant);
  const catalog::RoleDescriptor* admin = catalog->FindRole(auth::kAdminUser);
  EXPECT_TRUE(auth::ScramVerifier::Parse(admin->password)->Accepts(password));
  EXPECT_EQ(Ask("GET", "/customer/databases").body.at("databases").as_array().size(), 2u);
  EXPECT_EQ(Ask("DELETE", "/customer/databases/shop").Text("state"), "DELETING");
  EXPECT_EQ(Ask("GET", "/customer/databases/shop").Summary(), "404 ResourceNotFoundException");
}

// Who was asked for its answer, and had gone by then.
class GoneClient final : public http::ResponseStream {
 public:
  bool Write(std::string_view) override { return false; }
  void WhenGone(std::function<void()> callback) override {
    if (callback) callback();
  }
};

TEST_F(ControlApiTest, WhatIsAskedByAClientThatHasGoneIsNotRun) {
  std::string id = Ask("POST", "/customer/databases", R"({"name": "shop"})").Text("id");
  for (const char* body : {R"({"query": "create schema s"})",
                           R"({"query": "create schema s", "parameters": [1]})"}) {
    http::Response response = api_->Handle(Sign("POST", "/customer/databases/shop/sql", body));
    ASSERT_TRUE(response.make);
    GoneClient client;
    response.make(response, client);
    EXPECT_EQ(response.status, 400);
    EXPECT_NE(response.body.find("08006"), std::string::npos) << response.body;
  }
  EXPECT_EQ(engine_.NewestCatalog(clusters_.Get(id)->tenant)->FindSchema("s"), nullptr);
}

TEST_F(ControlApiTest, ADatabaseIsOneCommit) {
  kv::Version before = store_->NewestVersion();
  EXPECT_EQ(Ask("POST", "/customer/databases").status, 200);
  EXPECT_EQ(store_->NewestVersion(), before + 1);
}

TEST_F(ControlApiTest, ABranch) {
  std::string id = Ask("POST", "/customer/databases", R"({"name": "shop"})").Text("id");
  Answer made = Ask("POST", "/customer/databases/shop/branches", R"({"name": "copy"})");
  EXPECT_EQ(made.Summary(), "200");
  EXPECT_EQ(made.Text("state"), "CLONING");
  EXPECT_EQ(made.Text("parent_id"), id);
  Answer found;
  do {
    found = Ask("GET", "/customer/databases/copy");
  } while (found.Text("state") == "CLONING");
  EXPECT_EQ(found.Text("state"), "ACTIVE");
  EXPECT_EQ(found.Text("parent_id"), id);
  const auto* admin = engine_.NewestCatalog(clusters_.Get(found.Text("id"))->tenant)
                          ->FindRole(kAdminRole);
  EXPECT_TRUE(auth::ScramVerifier::Parse(admin->password)->Accepts(made.Text("password")));
  Answer list = Ask("GET", "/customer/databases/shop/branches");
  ASSERT_EQ(list.body.at("branches").as_array().size(), 1u);
  EXPECT_EQ(Ask("GET", "/customer/databases/copy/branches").body.at("branches").as_array().size(),
            0u);
  EXPECT_EQ(Ask("DELETE", "/customer/databases/copy/branches/shop").Summary(),
            "404 ResourceNotFoundException");
  EXPECT_EQ(Ask("DELETE", "/customer/databases/shop/branches/copy").Text("state"), "DELETING");
  for (const char* bad : {"default", "shop", "A"}) {
    EXPECT_NE(Ask("POST", "/customer/databases/shop/branches",
                  std::string(R"({"name": ")") + bad + R"("})").status,
              200);
  }
  // The server's first cluster is its operator's.
  EXPECT_EQ(Ask("POST", "/customer/databases/default/branches").Summary(),
            "409 ConflictException");
  EXPECT_EQ(Ask("POST", "/customer/databases/nosuch/branches").status, 404);
  auth::SigV4Credentials ann = UserWith("ann", kAllowListing);
  EXPECT_EQ(Ask("POST", "/customer/databases/shop/branches", "", ann).status, 403);
}

TEST_F(ControlApiTest, TwoBranchesAreMadeAtATime) {
  std::string id = Ask("POST", "/customer/databases", R"({"name": "shop"})").Text("id");
  for (const char* name : {"a", "b"}) {
    NewCluster wanted;
    wanted.is_database = true;
    wanted.source = id;
    wanted.deletion_protected = false;
    wanted.tags[std::string(kNameTag)] = name;
    clusters_.Create(wanted);  // copied by nobody
  }
  Answer refused = Ask("POST", "/customer/databases/shop/branches");
  EXPECT_EQ(refused.Summary(), "429 ThrottlingException");
  EXPECT_EQ(refused.Text("quotaCode"), "branches-being-made");
  Ask("DELETE", "/customer/databases/a");
  EXPECT_EQ(Ask("POST", "/customer/databases/shop/branches").status, 200);
}

TEST_F(ControlApiTest, WhatADatabaseCannotBe) {
  EXPECT_EQ(Ask("POST", "/customer/databases", R"({"name": "default"})").Summary(),
            "409 ConflictException");
  for (const char* body : {R"({"name": "a.b"})", R"({"name": "A"})", R"({"name": 1})"}) {
    EXPECT_EQ(Ask("POST", "/customer/databases", body).Summary(),
              "400 ValidationException fieldValidationFailed name");
  }
  EXPECT_EQ(Ask("POST", "/customer/databases", R"({"profile": "mysql"})").Summary(),
            "400 ValidationException fieldValidationFailed profile");
  EXPECT_EQ(Ask("DELETE", "/customer/databases/nosuch").Summary(),
            "404 ResourceNotFoundException");
  EXPECT_EQ(Ask("DELETE", "/customer/databases/default").Summary(),
            "400 ValidationException other");
}

TEST_F(ControlApiTest, AUsersNameIsOneThatAStatementLeavesAsItIs) {
  Ask("POST", "/customer/databases", R"({"name": "shop"})");
  std::string many;
  for (int i = 0; i < 32; ++i) many += "\xC3\xA9";
  for (const std::string& bad : {std::string(), many, std::string("a\\u0000b")}) {
    EXPECT_EQ(Ask("POST", "/customer/databases/shop/users", R"({"name": ")" + bad + R"("})")
                  .Summary(),
              "400 ValidationException fieldValidationFailed name");
    EXPECT_EQ(Ask("POST", "/customer/databases/shop/reset-password",
                  R"({"user": ")" + bad + R"("})").Summary(),
              "400 ValidationException fieldValidationFailed user");
  }
  EXPECT_EQ(Ask("POST", "/customer/databases/shop/users", R"({"name": 1})").Summary(),
            "400 ValidationException fieldValidationFailed name");
  EXPECT_EQ(Ask("DELETE", "/customer/databases/shop/users/a%FF").Summary(),
            "400 ValidationException fieldValidationFailed user");
}

TEST_F(ControlApiTest, ANumberTooLargeIsNotTakenForInfinity) {
  Ask("POST", "/customer/databases", R"({"name": "shop"})");
  for (const char* parameter : {"1e400", "[1, -1e400]", R"({"a": [1e400]})"}) {
    EXPECT_EQ(Ask("POST", "/customer/databases/shop/sql",
                  std::string(R"({"query": "select $1", "parameters": [)") + parameter + "]}")
                  .Summary(),
              "400 ValidationException fieldValidationFailed parameters");
  }
}

TEST_F(ControlApiTest, WhatARolesSettingsRefuseIsNoErrorOfTheServer) {
  std::string id = Ask("POST", "/customer/databases", R"({"name": "shop"})").Text("id");
  ClusterPtr shop = clusters_.Get(id);
  RunAs(engine_, *shop, auth::kAdminUser,
        "ALTER ROLE admin SET default_transaction_read_only = on");
  for (const char* path : {"/customer/databases/shop/users",
                           "/customer/databases/shop/reset-password"}) {
    Answer refused = Ask("POST", path, R"({"name": "ann"})");
    EXPECT_EQ(refused.Summary(), "400 ValidationException other") << path;
    EXPECT_NE(refused.Text("message").find("25006"), std::string::npos) << path;
  }
}

TEST_F(ControlApiTest, DatabasesAreForThoseWhoMay) {
  auth::SigV4Credentials ann = UserWith("ann", kAllowListing);
  EXPECT_EQ(Ask("GET", "/customer/databases", "", ann).status, 200);
  // Whether there is one is not told.
  for (const char* name : {"default", "nosuch"}) {
    std::string path = std::string("/customer/databases/") + name;
    EXPECT_EQ(Ask("GET", path, "", ann).Summary(), "403 AccessDeniedException") << name;
    EXPECT_EQ(Ask("DELETE", path, "", ann).Summary(), "403 AccessDeniedException") << name;
    EXPECT_EQ(Ask("GET", path + "/users", "", ann).Summary(), "403 AccessDeniedException");
    EXPECT_EQ(Ask("POST", path + "/reset-password", "", ann).Summary(),
              "403 AccessDeniedException");
  }
  EXPECT_EQ(Ask("POST", "/customer/databases", "", ann).Summary(), "403 AccessDeniedException");
  // Its password comes with it.
  auth::SigV4Credentials bob = UserWith(
      "bob",
      R"({"Statement": {"Effect": "Allow", "Action": "dsql:CreateCluster", "Resource": "*"}})");
  EXPECT_EQ(Ask("POST", "/customer/databases", "", bob).Summary(), "403 AccessDeniedException");
}

TEST_F(ControlApiTest, ThereIsALimitOfClusters) {
  for (int i = 0; i < 19; ++i) Make();
  Answer refused = Ask("POST", "/cluster");
  EXPECT_EQ(refused.Summary(), "402 ServiceQuotaExceededException");
  EXPECT_EQ(refused.Text("message"), "You have reached the cluster limit.");
  EXPECT_EQ(refused.Text("serviceCode"), "dsql");
}

TEST_F(ControlApiTest, TheRateOfAnAccountsRequestsIsLimited) {
  auth::SigV4Credentials ann = UserWith("ann", kAllowListing);
  api_ = MakeControlApi(clusters_, identities_, databases_, clock_, {"us-east-1"},
                        {.clusters = {.burst = 3, .per_second = 1},
                         .databases = {.burst = 1, .per_second = 1}});
  // What is not signed takes no place away from the account.
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Send({"GET", "/cluster", {}, ""}).status, 403);
    EXPECT_EQ(Ask("GET", "/cluster", "", {ann.access_key_id, "wrong", ""}).status, 403);
  }
  EXPECT_EQ(Ask("GET", "/cluster").status, 200);
  EXPECT_EQ(Ask("GET", "/cluster", "", ann).status, 200);
  EXPECT_EQ(Ask("GET", "/nonsense").status, 400);
  Answer refused = Ask("GET", "/cluster", "", ann);
  EXPECT_EQ(refused.Summary(), "429 ThrottlingException");
  EXPECT_EQ(refused.Text("serviceCode"), "dsql");
  EXPECT_EQ(refused.Text("quotaCode"), "request-rate");
  EXPECT_EQ(refused.retry_after, "1");
  // Those about databases have a rate of their own.
  EXPECT_EQ(Ask("GET", "/customer/databases", "", ann).status, 200);
  EXPECT_EQ(Ask("GET", "/customer/databases", "", ann).status, 429);
  clock_.Advance(1'000'000);
  EXPECT_EQ(Ask("GET", "/cluster", "", ann).status, 200);
  EXPECT_EQ(Ask("GET", "/cluster").status, 429);
}

TEST_F(ControlApiTest, WhatIsNotThereIsRefusedByName) {
  std::string id = Make();
  for (auto [method, target] : {std::pair("POST", "/stream/" + id),
                                std::pair("GET", "/stream/" + id),
                                std::pair("DELETE", "/stream/" + id + "/" + id),
                                std::pair("GET", "/clusters/" + id +
                                                     "/vpc-endpoint-service-name")}) {
    EXPECT_EQ(Ask(method, target, "{}").Summary(), "400 ValidationException other") << target;
  }
  for (const char* target : {"/", "/clusters", "/cluster/", "//cluster", "/cluster/a/b/c",
                             "/cluster/%zz", "/iam", "/tags/"}) {
    EXPECT_EQ(Ask("GET", target).Summary(), "400 ValidationException unknownOperation") << target;
  }
  EXPECT_EQ(Ask("PATCH", "/cluster").Summary(), "400 ValidationException unknownOperation");
}

TEST_F(ControlApiTest, Identities) {
  auto ask = [&](const char* operation, std::string_view body) {
    return Ask("POST", std::string("/iam/") + operation, body);
  };
  EXPECT_EQ(ask("create-principal", R"({"kind": "user", "name": "u"})").Text("arn"),
            identities_.Arn({PrincipalKind::kUser, "u"}));
  EXPECT_EQ(ask("create-principal", R"({"kind": "user", "name": "u"})").Summary(),
            "409 ConflictException");
  EXPECT_EQ(ask("create-principal", R"({"kind": "user", "name": "a b"})").status, 400);
  EXPECT_EQ(ask("create-principal", R"({"kind": "dog"})").Summary(),
            "400 ValidationException fieldValidationFailed kind name");
  EXPECT_EQ(ask("list-principals", R"({"kind": "user"})").body["principals"].as_array().size(),
            2u);
  Answer key = ask("create-access-key", R"({"kind": "user", "name": "u"})");
  auth::SigV4Credentials made{key.Text("accessKeyId"), key.Text("secretAccessKey"), ""};
  EXPECT_EQ(Ask("GET", "/cluster", "", made).Text("message").substr(0, 5), "User:");
  EXPECT_EQ(ask("put-policy", R"({"kind": "user", "name": "u", "policyName": "p",
                                  "policy": "{}"})").status, 400);
  EXPECT_EQ(ask("put-policy", R"({"kind": "user", "name": "u", "policyName": "p", "policy":
      "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"dsql:*\", \"Resource\": \"*\"}}"})")
                .status,
            200);
  EXPECT_EQ(Ask("GET", "/cluster", "", made).status, 200);
  // What is allowed in dsql is no right to make users.
  EXPECT_EQ(Ask("POST", "/iam/create-principal", R"({"kind": "user", "name": "v"})", made).status,
            403);
  EXPECT_EQ(ask("list-policies", R"({"kind": "user", "name": "u"})").body["policyNames"],
            json::parse(R"(["p"])"));
  EXPECT_EQ(ask("get-policy", R"({"kind": "user", "name": "u", "policyName": "q"})").status, 404);
  EXPECT_EQ(ask("get-policy", R"({"kind": "user", "name": "u", "policyName": "p"})").status, 200);
  EXPECT_EQ(ask("delete-principal", R"({"kind": "user", "name": "u"})").Summary(),
            "409 ConflictException");
  EXPECT_EQ(ask("delete-policy", R"({"kind": "user", "name": "u", "policyName": "p"})").status,
            200);
  std::string id = made.access_key_id;
  EXPECT_EQ(ask("list-access-keys", R"({"kind": "user", "name": "u"})")
                .body["accessKeys"].as_array()[0].at("accessKeyId"),
            json::value(id));
  EXPECT_EQ(ask("delete-access-key", R"({"kind": "user", "name": "administrator",
                                         "accessKeyId": ")" + id + "\"}").status, 404);
  EXPECT_EQ(ask("delete-access-key", R"({"kind": "user", "name": "u", "accessKeyId": ")" + id +
                                         "\"}").status, 200);
  EXPECT_EQ(Ask("GET", "/cluster", "", made).status, 403);
  EXPECT_EQ(ask("delete-principal", R"({"kind": "user", "name": "u"})").status, 200);
  EXPECT_EQ(ask("delete-principal", R"({"kind": "user", "name": "u"})").status, 404);
}

}  // namespace
}  // namespace sundog::control
