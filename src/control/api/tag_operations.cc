// TagResource, UntagResource, ListTagsForResource.
#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "base/check.h"
#include "control/api/api_error.h"
#include "control/api/fields.h"
#include "control/api/operations.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

// The cluster that the path's {resourceArn} names, and the caller may do the action with.
ClusterPtr TaggedCluster(const Call& call, std::string_view action) {
  auto found = call.path.find("resourceArn");
  CHECK(found != call.path.end());
  const std::string& arn = found->second;
  std::string prefix = call.ClusterArn("");
  if (!arn.starts_with(prefix) || !IsClusterId(std::string_view(arn).substr(prefix.size()))) {
    throw ApiError::Fields(
        {{"resourceArn", fmt::format("resourceArn must be of the form {}ID.", prefix)}});
  }
  return call.AuthorizedCluster(action, arn.substr(prefix.size()));
}

void RequireNotOwn(std::string_view field, std::string_view tag) {
  if (!tag.starts_with(kOwnTagPrefix)) return;
  throw ApiError::Fields(
      {{std::string(field), "Tags of the form sundog:… cannot be changed."}});
}

}  // namespace

json::object TagResource(Call& call) {
  ClusterPtr cluster = TaggedCluster(call, "dsql:TagResource");
  Fields fields(call.body);
  fields.Require("tags");
  std::optional<Tags> added = fields.ReadTags("tags");
  fields.Finish();
  for (const auto& [name, value] : *added) RequireNotOwn("tags", name);
  call.clusters.SetTags(cluster->id, [&added](Tags& tags) {
    for (const auto& [name, value] : *added) tags[name] = value;
    if (tags.size() > kMaxTags) {
      throw ApiError::Fields({{"tags", fmt::format("There may be {} tags at most.", kMaxTags)}});
    }
  });
  return {};
}

json::object UntagResource(Call& call) {
  ClusterPtr cluster = TaggedCluster(call, "dsql:UntagResource");
  std::vector<std::string> keys;
  for (const auth::NamedValue& parameter : call.query) {
    if (parameter.name == "tagKeys") keys.push_back(parameter.value);
  }
  if (keys.empty() || keys.size() > kMaxTags) {
    throw ApiError::Fields({{"tagKeys", "There must be 1 to 200 tagKeys."}});
  }
  for (const std::string& key : keys) RequireNotOwn("tagKeys", key);
  call.clusters.SetTags(cluster->id, [&keys](Tags& tags) {
    for (const std::string& key : keys) tags.erase(key);
  });
  return {};
}

json::object ListTagsForResource(Call& call) {
  ClusterPtr cluster = TaggedCluster(call, "dsql:ListTagsForResource");
  json::object members;
  json::object& tags = members["tags"].emplace_object();
  for (const auto& [name, value] : cluster->tags) tags[name] = value;
  return members;
}

}  // namespace sundog::control
