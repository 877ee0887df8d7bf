// The server's identities at start: opened, and made where there are none yet.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "auth/sigv4.h"

namespace sundog::base {
class Clock;
}
namespace sundog::kv {
class Store;
}

namespace sundog::control {

class Identities;

struct OpenedIdentities {
  std::unique_ptr<Identities> identities;
  // The administrator's, if it became so now.
  std::optional<auth::SigV4Credentials> new_access_key;
};

// With a data folder, which has the files:
//   secret.key    what stored secrets are encrypted with; made at first start
//   credentials   the administrator's access key (control/credentials_file.h); written when the
//                 account is made, and not looked at again by the server
// both of mode 0600. A folder that lacks its secret.key is refused.
//
// Without (empty): nothing is written to disk, and the secret key is gone with the process.
//
// `given`: the administrator's access key when the account is made now. Without it, one is
// generated for a data folder; in memory, where it could not be kept, there is none.
//
// Throws SqlError.
OpenedIdentities OpenIdentities(kv::Store& store, base::Clock& clock,
                                const std::string& data_folder,
                                const std::optional<auth::SigV4Credentials>& given);

}  // namespace sundog::control
