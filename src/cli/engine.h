// The database behind the server's sockets, as `serve` opens and closes it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "session/profile.h"

namespace sundog::auth {
class CredentialSource;
}
namespace sundog::runtime {
class Runtime;
}
namespace sundog::session {
class StatementPipeline;
}

namespace sundog::cli {

enum class StoreKind { kRocks, kMemory };

struct EngineOptions {
  // Empty: nothing is to be kept on disk; only with kMemory.
  std::string data_folder;
  StoreKind store = StoreKind::kRocks;
  // Of the cluster "default"; none: what the folder has, postgres for a new one.
  std::optional<session::Profile> profile;
  // For role postgres; set at start when given.
  std::optional<std::string> superuser_password;
};

class Engine {
 public:
  // Flushes and closes the store; all connections are gone by then.
  virtual ~Engine() = default;
  virtual session::StatementPipeline& pipeline() = 0;
  virtual auth::CredentialSource& credentials() = 0;
};

// Throws std::exception with a text for the user: the folder is in use, damaged, of another
// version.
using EngineFactory =
    std::function<std::unique_ptr<Engine>(const EngineOptions&, runtime::Runtime&)>;

}  // namespace sundog::cli
