// Whose connection token it is, and whether it is good for a cluster of this server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/authenticator.h"

namespace sundog::base {
class Clock;
}

namespace sundog::control {

class Identities;

// Safe from all threads; outlived by identities and clock.
class TokenVerifier {
 public:
  TokenVerifier(Identities& identities, base::Clock& clock, auth::ServedNames names);

  // As auth::CredentialSource::VerifyToken().
  auth::ConnectIdentity Verify(const auth::ClusterEntry& cluster, std::string_view user,
                               std::string_view server_name, std::string_view token);

  // What a token for the cluster may name as its host. A name that the client made up is not among
  // them: whoever got hold of a token for another host could bring it here otherwise.
  std::vector<std::string> HostsOf(const auth::ClusterEntry& cluster, std::string_view region,
                                   std::string_view server_name) const;

 private:
  Identities& identities_;
  base::Clock& clock_;
  const auth::ServedNames names_;
};

}  // namespace sundog::control
