// Sundog's own operations on databases, by the paths that DB9 has for them. Databases are clusters:
// policies speak of both with the same words.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>

#include "auth/connect_token.h"
#include "control/api/api_error.h"
#include "control/api/database_call.h"
#include "control/api/fields.h"
#include "control/api/operations.h"
#include "control/database_names.h"
#include "control/databases.h"
#include "types/utf8.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

constexpr size_t kMaxNameCharacters = 63;
constexpr size_t kMaxRoleBytes = 63;
constexpr size_t kMaxPasswordCharacters = 1000;

[[noreturn]] void ThrowNoDatabase(const std::string& name) {
  throw ApiError::NotFound(fmt::format("There is no database \"{}\".", name), name, "database");
}

}  // namespace

ClusterPtr Named(const Call& call, std::string_view action, std::string_view part) {
  const std::string& name = call.path.find(part)->second;
  ClusterPtr found = call.clusters.GetNamed(name);
  if (call.token != nullptr) {
    bool is_for_it = found != nullptr && call.token->ScopeOf(found->id) != nullptr;
    if (!is_for_it) ThrowNoDatabase(name);
    return found;
  }
  try {
    call.Authorize(action, call.ClusterArn(found == nullptr ? name : found->id), found.get());
  } catch (const ApiError&) {
    // Its own words would tell the identifier, and so that it is there.
    throw ApiError::AccessDenied(fmt::format("{} is not authorized to perform {} on the database "
                                             "\"{}\".",
                                             call.caller.arn, action, name));
  }
  if (found == nullptr) ThrowNoDatabase(name);
  return found;
}

ClusterPtr NamedAndActive(const Call& call, std::string_view action) {
  ClusterPtr database = Named(call, action);
  if (database->state != ClusterState::kActive) {
    throw ApiError::Conflict(fmt::format("The database is {}.", ClusterStateName(database->state)),
                             database->id, "database");
  }
  return database;
}

namespace {

// What comes before the dot in a user's name.
std::string TenantOf(const Call& call, const Cluster& database) {
  if (!IsDatabaseName(database.name())) return database.id;
  ClusterPtr of_that_name = call.clusters.GetNamed(database.name());
  // Nobody has a name any more when its database is going.
  bool is_another = of_that_name != nullptr && of_that_name->id != database.id;
  return is_another ? database.id : std::string(database.name());
}

SqlAddress AddressFor(const Call& call) {
  SqlAddress address = call.databases.address();
  if (address.host.empty()) address.host = call.HostName();
  return address;
}

// `password`: empty to leave it out.
std::string ConnectionString(const Call& call, const Cluster& database, std::string_view user,
                             const std::string& password = {}) {
  SqlAddress address = AddressFor(call);
  bool is_ipv6 = address.host.find(':') != std::string::npos;
  return fmt::format("postgresql://{}.{}{}{}@{}:{}/postgres", TenantOf(call, database),
                     auth::UriEncode(user), password.empty() ? "" : ":", auth::UriEncode(password),
                     is_ipv6 ? "[" + address.host + "]" : address.host, address.port);
}

json::object Summary(const Call& call, const Cluster& database) {
  json::object members;
  members["id"] = database.id;
  members["name"] = database.name();
  members["state"] = ClusterStateName(database.state);
  members["profile"] = ProfileName(database.profile);
  members["created_at"] = database.created_us / 1'000'000;
  members["connection_string"] = ConnectionString(call, database, auth::kAdminUser);
  if (!database.source.empty()) members["parent_id"] = database.source;
  if (!database.reason.empty()) members["state_reason"] = database.reason;
  return members;
}

// The body's, empty if it has none.
std::string NewName(Fields& fields) {
  std::string name = fields.Text("name", 1, kMaxNameCharacters).value_or("");
  if (!name.empty() && !IsDatabaseName(name)) {
    fields.Problem("name",
                   "A database's name has 1 to 63 of a-z, 0-9 and -, begins and ends with none of "
                   "the latter, and is no identifier.");
  }
  return name;
}

// Its identifier is not known yet.
void AuthorizeCreation(const Call& call) {
  std::string any = call.ClusterArn("*");
  call.Authorize("dsql:CreateCluster", any);
  call.Authorize(kAsAdmin, any);
}

json::object WithPassword(const Call& call, const Cluster& database, std::string_view user,
                          const std::string& password) {
  SqlAddress address = AddressFor(call);
  return {{"user", fmt::format("{}.{}", TenantOf(call, database), user)},
          {"password", password},
          {"host", address.host},
          {"port", address.port},
          {"connection_string", ConnectionString(call, database, user, password)}};
}

// With the password that is told once.
json::object SummaryOfMade(const Call& call, const Databases::Made& made) {
  json::object members = Summary(call, *made.cluster);
  for (auto& member : WithPassword(call, *made.cluster, auth::kAdminUser, made.password)) {
    members[member.key()] = std::move(member.value());
  }
  return members;
}

// What a statement would cut, or refuse as no text, is not asked of it.
bool IsRoleName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxRoleBytes &&
         types::FindInvalidUtf8(name) == std::string_view::npos;
}

constexpr const char* kRoleNameProblem = "A user's name has 1 to 63 bytes of UTF-8.";

// A member of the body; empty if it has none.
std::string RoleIn(Fields& fields, std::string_view member) {
  std::optional<std::string> role = fields.Text(member, 0, SIZE_MAX);
  if (role && !IsRoleName(*role)) fields.Problem(member, kRoleNameProblem);
  return role.value_or("");
}

std::string RoleOf(const Call& call) {
  const std::string& role = call.path.at("user");
  if (!IsRoleName(role)) throw ApiError::Fields({{"user", kRoleNameProblem}});
  return role;
}

}  // namespace

json::object CreateDatabase(Call& call) {
  Fields fields(call.body);
  std::string name = NewName(fields);
  std::string word = fields.Text("profile", 1, 20).value_or("postgres");
  std::optional<session::Profile> profile = ParseProfile(word);
  if (!profile) fields.Problem("profile", "profile must be postgres or dsql.");
  AuthorizeCreation(call);
  fields.Finish();
  return SummaryOfMade(call, call.databases.Create(name, *profile));
}

json::object CreateBranch(Call& call) {
  Fields fields(call.body);
  std::string name = NewName(fields);
  // Whoever has a copy can read all of it.
  ClusterPtr source = NamedAndActive(call);
  AuthorizeCreation(call);
  fields.Finish();
  return SummaryOfMade(call, call.databases.CreateBranch(*source, name));
}

json::object ListBranches(Call& call) {
  ClusterPtr source = Named(call, "dsql:GetCluster");
  json::object members;
  json::array& list = members["branches"].emplace_array();
  for (const ClusterPtr& branch : call.databases.BranchesOf(*source)) {
    list.push_back(Summary(call, *branch));
  }
  return members;
}

json::object DeleteBranch(Call& call) {
  ClusterPtr source = Named(call, "dsql:GetCluster");
  ClusterPtr branch = Named(call, "dsql:DeleteCluster", "branch");
  if (branch->source != source->id) {
    throw ApiError::NotFound(fmt::format("\"{}\" is no branch of \"{}\".", branch->name(),
                                         source->name()),
                             branch->id, "database");
  }
  return Summary(call, *call.clusters.Delete(branch->id));
}

json::object ListDatabases(Call& call) {
  call.Authorize("dsql:ListClusters", "*");
  json::object members;
  json::array& list = members["databases"].emplace_array();
  for (const ClusterPtr& database : call.clusters.List("", SIZE_MAX)) {
    list.push_back(Summary(call, *database));
  }
  return members;
}

json::object GetDatabase(Call& call) {
  ClusterPtr database = Named(call, "dsql:GetCluster");
  json::object members = Summary(call, *database);
  SqlAddress address = AddressFor(call);
  members["host"] = address.host;
  members["port"] = address.port;
  if (database->state == ClusterState::kActive) {
    members["size_bytes"] = call.databases.SizeBytes(*database);
    members["connections"] = call.databases.ConnectionCount(*database);
    members["in_memory"] = call.databases.IsLoaded(*database);
  } else if (database->state == ClusterState::kCloning) {
    members["progress"] = call.databases.CloningProgress(*database);
  }
  return members;
}

json::object DeleteDatabase(Call& call) {
  ClusterPtr database = Named(call, "dsql:DeleteCluster");
  return Summary(call, *call.clusters.Delete(database->id));
}

json::object ResetDatabasePassword(Call& call) {
  Fields fields(call.body);
  std::string user = RoleIn(fields, "user");
  if (user.empty()) user = auth::kAdminUser;
  ClusterPtr database = NamedAndActive(call);
  fields.Finish();
  return WithPassword(call, *database, user, call.databases.ResetPassword(*database, user));
}

json::object ListDatabaseUsers(Call& call) {
  ClusterPtr database = NamedAndActive(call);
  json::object members;
  json::array& list = members["users"].emplace_array();
  for (const DatabaseUser& user : call.databases.Users(*database)) {
    list.push_back(json::object{{"name", user.name},
                                {"can_login", user.can_login},
                                {"can_create_roles", user.may_create_roles}});
  }
  return members;
}

json::object CreateDatabaseUser(Call& call) {
  Fields fields(call.body);
  fields.Require("name");
  std::string name = RoleIn(fields, "name");
  std::optional<std::string> password = fields.Text("password", 1, kMaxPasswordCharacters);
  ClusterPtr database = NamedAndActive(call);
  fields.Finish();
  return WithPassword(call, *database, name,
                      call.databases.CreateUser(*database, name, password));
}

json::object DeleteDatabaseUser(Call& call) {
  std::string name = RoleOf(call);
  call.databases.DropUser(*NamedAndActive(call), name);
  return {{"name", name}};
}

}  // namespace sundog::control
