// The database behind the server's sockets, as `serve` opens and closes it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/connect_token.h"
#include "auth/sigv4.h"
#include "control/clusters.h"
#include "control/databases.h"
#include "session/engine/cluster_sizes.h"
#include "session/profile.h"

namespace sundog::auth {
class CredentialSource;
}
namespace sundog::http {
class Handler;
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
  // The administrator's, when the identities are made.
  std::optional<auth::SigV4Credentials> administrator_key;
  auth::ServedNames served_names;
  // How many clusters there may be.
  size_t cluster_limit = control::kDefaultClusterLimit;
  // How many of those that are made as databases.
  size_t database_limit = control::kDefaultDatabaseLimit;
  // Those that nobody has used for so many seconds leave memory; 0: none.
  int64_t unload_after_s = 300;
  // What each of those of profile dsql may keep.
  int64_t dsql_cluster_bytes = session::kDefaultClusterBytes;
  // Of memory, for the graphs of hnsw indexes.
  uint64_t vector_bytes = uint64_t{1} << 30;
};

class Engine {
 public:
  // Flushes and closes the store; all connections are gone by then.
  virtual ~Engine() = default;
  virtual session::StatementPipeline& pipeline() = 0;
  virtual auth::CredentialSource& credentials() = 0;
  // Where clients reach it; before the HTTPS listener begins.
  virtual void SetAddress(control::SqlAddress address) = 0;
  // What answers on the HTTPS listener.
  virtual http::Handler& api() = 0;
  // The administrator's, if it became so now.
  virtual std::optional<auth::SigV4Credentials> new_access_key() const = 0;
  // Of the default cluster; empty unless its profile is dsql, whose clients go by it.
  virtual std::string dsql_cluster_id() const = 0;
};

// Throws std::exception with a text for the user: the folder is in use, damaged, of another
// version.
using EngineFactory =
    std::function<std::unique_ptr<Engine>(const EngineOptions&, runtime::Runtime&)>;

}  // namespace sundog::cli
