// Tokens of the HTTP API, by the paths that DB9 has for them: control/api_tokens.h.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/clock.h"
#include "control/api/api_error.h"
#include "control/api/database_call.h"
#include "control/api/fields.h"
#include "control/api/operations.h"
#include "control/databases.h"
#include "session/engine/engine.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

constexpr int64_t kSecondsADay = 86'400;
constexpr int64_t kDefaultDays = 365;
constexpr int64_t kMaxDays = 3650;
constexpr size_t kMaxDatabases = 100;

// Whoever may do in a database what its token may.
bool MayHave(const Call& call, std::string_view database) {
  ClusterPtr found = call.clusters.Get(database);
  try {
    call.Authorize(kAsAdmin, call.ClusterArn(database), found.get());
    return true;
  } catch (const ApiError&) {
    return false;
  }
}

bool MayHave(const Call& call, const ApiToken& token) {
  return std::all_of(token.databases.begin(), token.databases.end(),
                     [&](const TokenScope& scope) { return MayHave(call, scope.database); });
}

json::object Describe(const Call& call, const ApiToken& token) {
  json::object members{{"id", token.id},
                       {"name", token.name},
                       {"creator", token.creator},
                       {"created_at", token.created_s},
                       {"expires_at", token.expires_s}};
  json::array& databases = members["databases"].emplace_array();
  for (const TokenScope& scope : token.databases) {
    ClusterPtr database = call.clusters.Get(scope.database);
    databases.push_back(
        json::object{{"id", scope.database},
                     {"name", database == nullptr ? std::string_view() : database->name()},
                     {"access", scope.may_write ? "rw" : "ro"}});
  }
  return members;
}

// {"id": a name or identifier, "access": "ro" or "rw"}
TokenScope ReadScope(Call& call, const json::value& value) {
  if (!value.is_object()) {
    throw ApiError::Fields({{"databases", "Each of databases must be an object."}});
  }
  Fields fields(value.get_object());
  fields.Require("id");
  std::string access = fields.Text("access", 2, 2).value_or("ro");
  if (access != "ro" && access != "rw") fields.Problem("access", "access must be ro or rw.");
  call.path["database"] = fields.Text("id", 1, 63).value_or("");
  fields.Finish();
  return {Named(call, kAsAdmin)->id, access == "rw"};
}

}  // namespace

json::object CreateToken(Call& call) {
  Fields fields(call.body);
  fields.Require("name");
  fields.Require("databases");
  ApiToken wanted;
  wanted.name = fields.Text("name", 1, 100).value_or("");
  int64_t days = fields.Number("expires_in_days", 1, kMaxDays).value_or(kDefaultDays);
  const json::array* databases = fields.List("databases");
  if (databases != nullptr && (databases->empty() || databases->size() > kMaxDatabases)) {
    fields.Problem("databases", "A token is for 1 to 100 databases.");
  }
  fields.Finish();
  for (const json::value& value : *databases) {
    TokenScope scope = ReadScope(call, value);
    if (wanted.ScopeOf(scope.database) != nullptr) {
      throw ApiError::Fields({{"databases", "A database is named twice."}});
    }
    wanted.databases.push_back(std::move(scope));
  }
  wanted.creator = call.caller.arn;
  int64_t now_s = call.databases.engine().clock().WallMicros() / 1'000'000;
  wanted.expires_s = now_s + days * kSecondsADay;
  ApiTokens::Made made = call.databases.tokens().Create(
      wanted, [&call](std::string_view id) { return call.clusters.Get(id) != nullptr; });
  json::object members = Describe(call, *made.token);
  members["token"] = made.text;
  return members;
}

json::object ListTokens(Call& call) {
  json::object members;
  json::array& list = members["tokens"].emplace_array();
  for (const ApiTokenPtr& token : call.databases.tokens().List()) {
    if (MayHave(call, *token)) list.push_back(Describe(call, *token));
  }
  return members;
}

json::object RevokeToken(Call& call) {
  const std::string& id = call.path.at("token");
  ApiTokenPtr token = call.databases.tokens().Get(id);
  if (token == nullptr || !MayHave(call, *token)) {
    throw ApiError::NotFound(fmt::format("There is no token \"{}\".", id), id, "token");
  }
  call.databases.tokens().Revoke(id);
  return Describe(call, *token);
}

}  // namespace sundog::control
