// What a new cluster begins with, beside what every catalog has.
#pragma once

#include <cstdint>

#include "session/profile.h"

namespace sundog::session {
class Engine;
}

namespace sundog::control {

// Profile dsql: role admin, who logs in with a token, manages roles, owns schema public and may
// make others. Done once a tenant: what is there stays as it is. From any thread; commits, so it
// may suspend. Throws SqlError when the store fails.
void PrepareTenant(session::Engine& engine, uint32_t tenant, session::Profile profile);

}  // namespace sundog::control
