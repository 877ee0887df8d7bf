// Sundog's own operations on identities. Actions and resources are IAM's, so that policies speak of
// both with the same words.
#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "auth/policy.h"
#include "control/api/api_error.h"
#include "control/api/fields.h"
#include "control/api/operations.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

constexpr size_t kMaxNameCharacters = 128;

std::string_view KindWord(PrincipalKind kind) {
  return kind == PrincipalKind::kUser ? "User" : "Role";
}

// A request's members, with the kind of principal that all have: "kind": "user" or "role".
class IamFields : public Fields {
 public:
  explicit IamFields(const Call& call) : Fields(call.body) {
    std::string text = RequiredText("kind");
    if (text == "role") kind_ = PrincipalKind::kRole;
    if (text != "role" && text != "user") Problem("kind", "kind must be user or role.");
  }

  std::string RequiredText(std::string_view name, size_t max = kMaxNameCharacters) {
    Require(name);
    return Text(name, 1, max).value_or("");
  }
  PrincipalKind kind() const { return kind_; }
  // Their "name"; allowed to be of no principal that there is.
  PrincipalName Principal() { return {kind_, RequiredText("name")}; }

 private:
  PrincipalKind kind_ = PrincipalKind::kUser;
};

// "iam:" + verb + "User" + rest: iam:PutUserPolicy.
std::string IamAction(std::string_view verb, PrincipalKind kind, std::string_view rest = "") {
  return fmt::format("iam:{}{}{}", verb, KindWord(kind), rest);
}

// The principal that a request is about, with the right to do the action with it.
PrincipalName Authorized(const Call& call, IamFields& fields, const std::string& action) {
  PrincipalName principal = fields.Principal();
  fields.Finish();
  call.Authorize(action, call.identities.Arn(principal));
  return principal;
}

json::object Describe(const PrincipalInfo& principal) {
  return {{"name", principal.name.name},
          {"arn", principal.arn},
          {"creationTime", principal.created_s}};
}

}  // namespace

json::object CreatePrincipal(Call& call) {
  IamFields fields(call);
  PrincipalName principal = Authorized(call, fields, IamAction("Create", fields.kind()));
  return Describe(call.identities.Create(principal));
}

json::object ListPrincipals(Call& call) {
  IamFields fields(call);
  fields.Finish();
  call.Authorize(IamAction("List", fields.kind(), "s"), "*");
  json::object members;
  json::array& list = members["principals"].emplace_array();
  for (const PrincipalInfo& principal : call.identities.List(fields.kind())) {
    list.push_back(Describe(principal));
  }
  return members;
}

json::object DeletePrincipal(Call& call) {
  IamFields fields(call);
  call.identities.Delete(Authorized(call, fields, IamAction("Delete", fields.kind())));
  return {};
}

json::object CreateAccessKey(Call& call) {
  IamFields fields(call);
  PrincipalName owner = Authorized(call, fields, "iam:CreateAccessKey");
  auth::SigV4Credentials key = call.identities.CreateAccessKey(owner);
  return {{"accessKeyId", key.access_key_id}, {"secretAccessKey", key.secret}};
}

json::object ListAccessKeys(Call& call) {
  IamFields fields(call);
  PrincipalName owner = Authorized(call, fields, "iam:ListAccessKeys");
  json::object members;
  json::array& list = members["accessKeys"].emplace_array();
  for (const AccessKeyInfo& key : call.identities.ListAccessKeys(owner)) {
    list.push_back(json::object{{"accessKeyId", key.id}, {"creationTime", key.created_s}});
  }
  return members;
}

json::object DeleteAccessKey(Call& call) {
  IamFields fields(call);
  std::string id = fields.RequiredText("accessKeyId");
  PrincipalName owner = Authorized(call, fields, "iam:DeleteAccessKey");
  // The right is to the owner's keys.
  for (const AccessKeyInfo& key : call.identities.ListAccessKeys(owner)) {
    if (key.id != id) continue;
    call.identities.DeleteAccessKey(id);
    return {};
  }
  throw IdentityError(IdentityError::Kind::kNotFound,
                      fmt::format("The access key {} does not exist.", id));
}

json::object PutPolicy(Call& call) {
  IamFields fields(call);
  std::string policy = fields.RequiredText("policyName");
  std::string document = fields.RequiredText("policy", auth::kMaxPolicyBytes);
  PrincipalName owner = Authorized(call, fields, IamAction("Put", fields.kind(), "Policy"));
  call.identities.PutPolicy(owner, policy, document);
  return {};
}

json::object GetPolicy(Call& call) {
  IamFields fields(call);
  std::string policy = fields.RequiredText("policyName");
  PrincipalName owner = Authorized(call, fields, IamAction("Get", fields.kind(), "Policy"));
  std::optional<std::string> document = call.identities.GetPolicy(owner, policy);
  if (!document) {
    throw IdentityError(IdentityError::Kind::kNotFound,
                        fmt::format("{} has no policy {}.", owner.name, policy));
  }
  return {{"policyName", policy}, {"policy", *document}};
}

json::object ListPolicies(Call& call) {
  IamFields fields(call);
  PrincipalName owner = Authorized(call, fields, IamAction("List", fields.kind(), "Policies"));
  json::object members;
  json::array& list = members["policyNames"].emplace_array();
  for (const std::string& name : call.identities.ListPolicies(owner)) list.emplace_back(name);
  return members;
}

json::object DeletePolicy(Call& call) {
  IamFields fields(call);
  std::string policy = fields.RequiredText("policyName");
  PrincipalName owner = Authorized(call, fields, IamAction("Delete", fields.kind(), "Policy"));
  call.identities.DeletePolicy(owner, policy);
  return {};
}

}  // namespace sundog::control
