// Where access keys are looked up: what verifying a signature needs of the server's identities.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::auth {

class Policy;
using Policies = std::shared_ptr<const std::vector<Policy>>;

struct AccessKeyOwner {
  std::string secret;
  // What a request must carry beside its signature; empty for keys that last.
  std::string session_token;
  // Who requests are made by: arn:aws:iam::ACCOUNT:user/NAME or …:role/NAME.
  std::string arn;
  // What they may do; never null.
  Policies policies;
};

class AccessKeySource {
 public:
  virtual ~AccessKeySource() = default;
  // Null if there is no such key. From any thread; cheap, as it is asked for each connection.
  virtual std::optional<AccessKeyOwner> FindAccessKey(std::string_view access_key_id) = 0;
};

}  // namespace sundog::auth
