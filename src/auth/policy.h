// Policies of the form AWS IAM has: JSON that allows or denies actions on resources.
//
//   {"Version": "2012-10-17",
//    "Statement": [{"Sid": "Connect", "Effect": "Allow",
//                   "Action": ["dsql:DbConnect", "dsql:Get*"],
//                   "Resource": "arn:aws:dsql:us-east-1:123456789012:cluster/*"}]}
//
// 1. A statement applies if its Action matches (or its NotAction does not) and its Resource
//    matches (or its NotResource does not). `*` stands for any characters, `?` for one; actions are
//    compared without regard to case, resources with.
// 2. An applying Deny decides; else an applying Allow does; else the action is denied.
// 3. A policy is understood as a whole or refused. Condition, Principal and everything else that is
//    not named here, policy variables, and a name given twice are refused; nothing is passed over.
//    (Id and Sid are labels: checked, and without effect, as in AWS.)
//
// Other services' actions and resources are taken, and match nothing here.
//
// A policy of a resource says in each statement whom it is about, too: "Principal": "*", or
// {"AWS": …} with one or several of "*", an account's twelve digits, arn:aws:iam::ACCOUNT:root (the
// same) and ARNs of users and roles.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::auth {

// A policy that is refused when it is put; what() is a sentence for its author.
class PolicyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Verdict : uint8_t {
  kAllowed,
  kExplicitlyDenied,
  kDeniedByResource,  // explicitly, by the resource's policy
  kNotAllowed,
};

inline constexpr size_t kMaxPolicyBytes = 20480;

class Policy {
 public:
  // Throws PolicyError.
  static Policy Parse(std::string_view json);
  static Policy ParseOfResource(std::string_view json);

  // kNotAllowed if no statement applies. `caller`: the ARN of who asks; only a resource's policy
  // looks at it.
  Verdict Judge(std::string_view action, std::string_view resource,
                std::string_view caller = {}) const;

 private:
  struct Statement {
    bool allows = false;
    bool other_actions = false;  // NotAction
    std::vector<std::string> actions;
    bool other_resources = false;  // NotResource
    std::vector<std::string> resources;
    std::vector<std::string> principals;  // of a resource's policy
  };
  friend class PolicyReader;

  std::vector<Statement> statements_;
};

// All of a caller's policies together.
Verdict Judge(std::span<const Policy> policies, std::string_view action,
              std::string_view resource);

// With the policy of the resource (null: it has none): either may allow, each may deny.
Verdict Judge(std::span<const Policy> policies, const Policy* of_resource, std::string_view caller,
              std::string_view action, std::string_view resource);

// "User: ARN is not authorized to perform: ACTION on resource: RESOURCE …", as AWS says it.
std::string DescribeRefusal(Verdict verdict, std::string_view caller, std::string_view action,
                            std::string_view resource);

// Whether `text` matches a pattern with `*` and `?`.
bool MatchesPattern(std::string_view pattern, std::string_view text, bool ignore_case);

}  // namespace sundog::auth
