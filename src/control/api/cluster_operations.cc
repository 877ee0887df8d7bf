// CreateCluster, GetCluster, UpdateCluster, DeleteCluster, ListClusters.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "auth/digest.h"
#include "auth/policy.h"
#include "control/api/api_error.h"
#include "control/api/fields.h"
#include "control/api/operations.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

constexpr size_t kMaxListed = 100;
constexpr std::string_view kOwnedKey = "AWS_OWNED_KMS_KEY";

// As Aurora DSQL's SDKs know it.
std::string_view StatusOf(const Cluster& cluster) {
  switch (cluster.state) {
    case ClusterState::kCloning: return "CREATING";
    case ClusterState::kCreateFailed: return "FAILED";
    default: return ClusterStateName(cluster.state);
  }
}

// What every answer about one cluster has.
json::object Summary(const Call& call, const Cluster& cluster) {
  json::object members;
  members["identifier"] = cluster.id;
  members["arn"] = call.ClusterArn(cluster.id);
  members["status"] = StatusOf(cluster);
  members["creationTime"] = cluster.created_us / 1'000'000;
  return members;
}

json::object Description(const Call& call, const Cluster& cluster) {
  json::object members = Summary(call, cluster);
  members["deletionProtectionEnabled"] = cluster.deletion_protected;
  members["encryptionDetails"] =
      json::object{{"encryptionType", kOwnedKey}, {"encryptionStatus", "ENABLED"}};
  members["endpoint"] = fmt::format("{}.dsql.{}.on.aws", cluster.id, call.caller.region);
  return members;
}

// Of members that create and update have; what Sundog does not have is refused by name.
void RefuseUnsupported(Fields& fields) {
  if (fields.Has("multiRegionProperties")) {
    fields.Problem("multiRegionProperties", "Multi-Region clusters are not supported.");
  }
  std::optional<std::string> key = fields.Text("kmsEncryptionKey", 1, 2048);
  if (key && *key != kOwnedKey) {
    fields.Problem("kmsEncryptionKey", "Customer managed encryption keys are not supported.");
  }
}

session::Profile ReadProfile(Fields& fields, const Tags& tags) {
  for (const auto& [name, value] : tags) {
    if (name.starts_with(kOwnTagPrefix) && name != kProfileTag) {
      fields.Problem("tags", fmt::format("Tags of the form sundog:… are reserved; {} is the only "
                                         "one that can be given.",
                                         kProfileTag));
    }
  }
  auto tag = tags.find(kProfileTag);
  if (tag == tags.end()) return session::Profile::kDsql;
  std::optional<session::Profile> profile = ParseProfile(tag->second);
  if (!profile) {
    fields.Problem("tags", fmt::format("{} must be dsql or postgres.", kProfileTag));
  }
  return profile.value_or(session::Profile::kDsql);
}

std::string DigestOf(const NewCluster& wanted) {
  json::object asked;
  asked["protected"] = wanted.deletion_protected;
  asked["policy"] = wanted.policy;
  json::object& tags = asked["tags"].emplace_object();
  for (const auto& [name, value] : wanted.tags) tags[name] = value;
  return auth::Hex(auth::Sha256(json::serialize(asked)));
}

size_t ReadMaxResults(const Call& call) {
  std::optional<std::string> text = call.Query("max-results");
  if (!text) return kMaxListed;
  size_t number = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < 1 ||
      number > kMaxListed) {
    throw ApiError::Fields({{"maxResults", "maxResults must be between 1 and 100."}});
  }
  return number;
}

}  // namespace

json::object CreateCluster(Call& call) {
  Fields fields(call.body);
  NewCluster wanted;
  wanted.deletion_protected = fields.Flag("deletionProtectionEnabled").value_or(true);
  wanted.tags = fields.ReadTags("tags").value_or(Tags());
  wanted.policy = fields.Text("policy", 1, auth::kMaxPolicyBytes).value_or("");
  wanted.request = fields.ClientToken();
  bool may_lock_out = fields.Flag("bypassPolicyLockoutSafetyCheck").value_or(false);
  wanted.profile = ReadProfile(fields, wanted.tags);
  RefuseUnsupported(fields);
  // Its identifier is not known yet.
  std::string any = call.ClusterArn("*");
  call.Authorize("dsql:CreateCluster", any);
  if (!wanted.tags.empty()) call.Authorize("dsql:TagResource", any);
  if (!wanted.policy.empty()) call.Authorize("dsql:PutClusterPolicy", any);
  fields.Finish();
  if (!wanted.policy.empty() && !may_lock_out) RequireNoLockout(call, wanted.policy, any);
  wanted.request_digest = DigestOf(wanted);
  return Description(call, *call.clusters.Create(wanted));
}

json::object GetCluster(Call& call) {
  ClusterPtr cluster = call.AuthorizedCluster("dsql:GetCluster", call.Identifier());
  json::object members = Description(call, *cluster);
  json::object& tags = members["tags"].emplace_object();
  for (const auto& [name, value] : cluster->tags) tags[name] = value;
  return members;
}

json::object UpdateCluster(Call& call) {
  const std::string& id = call.Identifier();
  Fields fields(call.body);
  std::optional<bool> is_protected = fields.Flag("deletionProtectionEnabled");
  // The change makes no difference when it is made again, so its token need not be kept.
  fields.ClientToken();
  RefuseUnsupported(fields);
  ClusterPtr cluster = call.AuthorizedCluster("dsql:UpdateCluster", id);
  fields.Finish();
  if (is_protected) cluster = call.clusters.SetDeletionProtection(id, *is_protected);
  return Summary(call, *cluster);
}

json::object DeleteCluster(Call& call) {
  const std::string& id = call.Identifier();
  (void)call.QueryClientToken();
  (void)call.AuthorizedCluster("dsql:DeleteCluster", id);
  return Summary(call, *call.clusters.Delete(id));
}

json::object ListClusters(Call& call) {
  call.Authorize("dsql:ListClusters", "*");
  size_t most = ReadMaxResults(call);
  // A page's token is the last identifier of the one before.
  std::string after = call.Query("next-token").value_or("");
  if (!after.empty() && !IsClusterId(after)) {
    throw ApiError::Fields({{"nextToken", "nextToken is none that was given out."}});
  }
  std::vector<ClusterPtr> page = call.clusters.List(after, most + 1);
  json::object members;
  json::array& list = members["clusters"].emplace_array();
  for (size_t i = 0; i < page.size() && i < most; ++i) {
    list.push_back(
        json::object{{"identifier", page[i]->id}, {"arn", call.ClusterArn(page[i]->id)}});
  }
  if (page.size() > most) members["nextToken"] = page[most - 1]->id;
  return members;
}

}  // namespace sundog::control
