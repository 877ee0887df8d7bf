// The control plane's API: Aurora DSQL's operations as its SDKs send them (restJson1, signed with
// SigV4), and Sundog's own for identities and databases beside them.
//
// A request's way: 1. its signature is verified, and nothing is said before it holds; 2. it takes
// its place in the account's rate; 3. its route is looked up; 4. the operation reads it, asks
// whether the caller may, and does it; 5. what is refused becomes an error as the SDKs read it.
//
// To add an operation: its row in routes.cc, its function in operations.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/token_bucket.h"
#include "http/message.h"

namespace sundog::base {
class Clock;
}

namespace sundog::control {

class Clusters;
class Databases;
class Identities;

// Of all signed requests to an account together.
struct ApiRates {
  // Aurora DSQL's operations. Wide enough for whoever waits for a cluster.
  base::RateLimit clusters{.burst = 200, .per_second = 50};
  // Those on databases: whoever runs thousands makes them with one key.
  base::RateLimit databases{.burst = 100'000, .per_second = 5'000};
};

// Outlived by what it is given; from any fiber. `regions`: see Authenticate().
std::unique_ptr<http::Handler> MakeControlApi(Clusters& clusters, Identities& identities,
                                              Databases& databases, base::Clock& clock,
                                              std::vector<std::string> regions,
                                              const ApiRates& rates = {});

}  // namespace sundog::control
