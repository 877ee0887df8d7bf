#include "control/databases.h"

#include <fmt/format.h>

#include <utility>

#include "auth/connect_token.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "control/database_names.h"
#include "control/prepare_tenant.h"
#include "control/stored_roles.h"
#include "control/tenant_sql.h"
#include "session/engine/engine.h"
#include "types/identifier.h"

namespace sundog::control {

namespace {

constexpr size_t kPasswordCharacters = 24;

// 144 random bits that need no encoding in a URL.
std::string MakePassword() {
  return base::SecureRandomText(kPasswordCharacters,
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}

// Statements have no password in them, only what is stored of it.
std::string PasswordClause(const std::string& password) {
  return fmt::format("PASSWORD {}", types::QuoteLiteral(MakeVerifier(password)));
}

}  // namespace

Databases::Databases(Clusters& clusters, session::Engine& engine)
    : clusters_(clusters),
      engine_(engine),
      copier_(clusters, engine),
      tokens_(engine.store(), engine.clock()) {}

Databases::Made Databases::CreateNamed(std::string_view name, NewCluster wanted,
                                       std::string password) {
  constexpr int kAttempts = 20;
  wanted.deletion_protected = false;
  wanted.is_database = true;
  base::Random random(base::SecureSeed());
  for (int attempt = 1;; ++attempt) {
    wanted.tags[std::string(kNameTag)] =
        name.empty() ? MakeDatabaseName(random) : std::string(name);
    try {
      return {clusters_.Create(wanted), std::move(password)};
    } catch (const ClusterError& error) {
      // One that was made up may be taken, another one is not.
      bool may_try_again = name.empty() && error.kind() == ClusterError::Kind::kConflict;
      if (!may_try_again || attempt == kAttempts) throw;
    }
  }
}

Databases::Made Databases::Create(std::string_view name, session::Profile profile) {
  std::string password = MakePassword();
  NewCluster wanted;
  wanted.profile = profile;
  wanted.first_rows = [this, verifier = MakeVerifier(password)](uint32_t tenant) {
    return FirstRows(engine_, tenant, verifier);
  };
  return CreateNamed(name, std::move(wanted), std::move(password));
}

Databases::Made Databases::CreateBranch(const Cluster& source, std::string_view name) {
  if (engine_.NewestCatalog(source.tenant)->FindRole(kAdminRole) == nullptr) {
    throw ClusterError(ClusterError::Kind::kConflict,
                       fmt::format("\"{}\" has no role admin, whose password a branch would have; "
                                   "only databases that were created can be copied.",
                                   source.name()));
  }
  std::string password = MakePassword();
  NewCluster wanted;
  wanted.profile = source.profile;
  wanted.source = source.id;
  std::string verifier = MakeVerifier(password);
  Made made = CreateNamed(name, std::move(wanted), std::move(password));
  copier_.Start(made.cluster, source.tenant, std::move(verifier));
  return made;
}

std::vector<ClusterPtr> Databases::BranchesOf(const Cluster& source) {
  std::vector<ClusterPtr> branches = clusters_.List("", SIZE_MAX);
  std::erase_if(branches, [&](const ClusterPtr& one) { return one->source != source.id; });
  return branches;
}

bool Databases::IsLoaded(const Cluster& cluster) {
  return engine_.loaded_tenants().IsLoaded(cluster.tenant);
}

int64_t Databases::SizeBytes(const Cluster& cluster) {
  return engine_.cluster_sizes().Measure(cluster.tenant);
}

size_t Databases::ConnectionCount(const Cluster& cluster) {
  return engine_.sessions().Count(cluster.tenant);
}

std::vector<DatabaseUser> Databases::Users(const Cluster& cluster) {
  SqlRows found = RunAs(engine_, cluster, auth::kAdminUser,
                        "SELECT rolname, rolcanlogin, rolcreaterole FROM pg_roles "
                        "WHERE rolname <> 'postgres' AND rolname NOT LIKE 'pg\\_%' ORDER BY 1");
  std::vector<DatabaseUser> users;
  for (const auto& row : found.rows) users.push_back({*row[0], row[1] == "t", row[2] == "t"});
  return users;
}

std::string Databases::CreateUser(const Cluster& cluster, std::string_view name,
                                  const std::optional<std::string>& password) {
  std::string given = password ? *password : MakePassword();
  RunAs(engine_, cluster, auth::kAdminUser,
        fmt::format("CREATE ROLE {} LOGIN {}", types::QuoteIdentifier(name),
                    PasswordClause(given)));
  return given;
}

std::string Databases::ResetPassword(const Cluster& cluster, std::string_view user) {
  std::string password = MakePassword();
  RunAs(engine_, cluster, auth::kAdminUser,
        fmt::format("ALTER ROLE {} {}", types::QuoteIdentifier(user), PasswordClause(password)));
  return password;
}

void Databases::DropUser(const Cluster& cluster, std::string_view name) {
  RunAs(engine_, cluster, auth::kAdminUser,
        fmt::format("DROP ROLE {}", types::QuoteIdentifier(name)));
}

void Databases::SetAddress(SqlAddress address) {
  runtime::MutexLock lock(mutex_);
  address_ = std::move(address);
}

SqlAddress Databases::address() {
  runtime::MutexLock lock(mutex_);
  return address_;
}

}  // namespace sundog::control
