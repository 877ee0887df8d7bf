#include "control/stored_roles.h"

#include "base/arena.h"
#include "base/clock.h"
#include "catalog/acl.h"
#include "catalog/catalog.h"
#include "control/clusters.h"
#include "control/prepare_tenant.h"
#include "session/engine/engine.h"
#include "types/calendar.h"
#include "types/io_settings.h"
#include "types/oids.h"
#include "types/type_info.h"

namespace sundog::control {

namespace {

constexpr std::string_view kSuperuser = "postgres";
constexpr std::string_view kDatabase = "postgres";

// VALID UNTIL says that the password does not count any more.
bool PasswordExpired(const catalog::RoleDescriptor& role, int64_t now_us) {
  if (role.valid_until.empty()) return false;
  types::IoSettings settings;
  settings.transaction_start_us = now_us + types::kUnixEpochMicros;
  base::Arena arena{256};
  types::Datum until =
      types::InputText({&types::BuiltinTypes::Get(), &settings, nullptr},
                       {types::oids::kTimestamptz, -1}, role.valid_until, arena);
  return until.As<int64_t>() < settings.transaction_start_us;
}

std::optional<auth::ClusterEntry> EntryOf(const ClusterPtr& cluster) {
  if (cluster == nullptr) return std::nullopt;
  return auth::ClusterEntry{cluster->tenant, cluster->profile, cluster->id,
                            cluster->parsed_policy};
}

}  // namespace

std::string MakeVerifier(const std::string& password) {
  if (auth::ScramVerifier::Parse(password)) return password;
  return auth::ScramVerifier::FromPassword(password).Format();
}

StoredRoles::StoredRoles(session::Engine& engine, const Clusters& clusters,
                         TokenVerifier& tokens,
                         const std::optional<std::string>& superuser_password)
    : engine_(engine), clusters_(clusters), tokens_(tokens) {
  if (!superuser_password) return;
  catalog::CatalogPtr catalog = engine_.NewestCatalog(clusters_.default_cluster()->tenant);
  if (const auto* role = catalog->FindRole(kSuperuser)) stored_at_start_ = role->password;
  superuser_verifier_ = auth::ScramVerifier::FromPassword(*superuser_password);
}

std::optional<auth::ClusterEntry> StoredRoles::FindCluster(std::string_view id) {
  return EntryOf(id.empty() ? clusters_.default_cluster() : clusters_.Find(id));
}

std::optional<auth::ClusterEntry> StoredRoles::FindNamedCluster(std::string_view name) {
  return EntryOf(clusters_.FindNamed(name));
}

bool StoredRoles::DatabaseExists(std::string_view database) { return database == kDatabase; }

std::optional<auth::Credentials> StoredRoles::FindRole(const auth::ClusterEntry& cluster,
                                                       std::string_view name) {
  catalog::CatalogPtr catalog = engine_.NewestCatalog(cluster.tenant);
  const catalog::RoleDescriptor* role = catalog->FindRole(name);
  if (role == nullptr) return std::nullopt;
  auth::Credentials credentials;
  credentials.can_login = role->login;
  credentials.is_superuser = role->superuser;
  credentials.may_connect = catalog::HasPrivileges(
      *catalog, catalog::DatabaseAcl(*catalog, catalog::kPostgresDatabase),
      catalog::AclObject::kDatabase, catalog::kSuperuserRole, role->oid, catalog::kConnect);
  credentials.takes_token = !role->iam_trusts.empty() || role->oid == kAdminRole ||
                            (cluster.profile == session::Profile::kDsql && !role->superuser);
  for (const catalog::IamTrust& trust : role->iam_trusts) {
    credentials.trusted_arns.push_back(trust.arn);
  }
  bool is_first = cluster.tenant == clusters_.default_cluster()->tenant;
  bool is_given = name == kSuperuser && superuser_verifier_ &&
                  role->password == (is_first ? stored_at_start_ : std::string());
  if (is_given) {
    credentials.verifier = superuser_verifier_;
  } else if (!role->password.empty()) {
    credentials.verifier = auth::ScramVerifier::Parse(role->password);
    if (PasswordExpired(*role, engine_.clock().WallMicros())) {
      // One that nothing matches: without any, a server that trusts would let everyone in.
      credentials.verifier->stored_key.clear();
    }
  }
  return credentials;
}

}  // namespace sundog::control
