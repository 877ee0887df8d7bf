#include "control/api_tokens.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <mutex>
#include <utility>

#include "auth/digest.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "control/clusters.h"
#include "kv/store.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

constexpr std::string_view kStart = "sundog_";
constexpr size_t kIdCharacters = 16;
constexpr size_t kSecretCharacters = 43;

std::string TokenKey(std::string_view id) {
  return codec::KeyPrefix(codec::kServerTenant, codec::kTokenStorageId, 0).append(id);
}

std::string Encode(const ApiToken& token) {
  json::object row{{"name", token.name},
                   {"digest", token.digest},
                   {"creator", token.creator},
                   {"created_s", token.created_s},
                   {"expires_s", token.expires_s}};
  json::array& databases = row["databases"].emplace_array();
  for (const TokenScope& scope : token.databases) {
    databases.push_back(
        json::object{{"id", scope.database}, {"access", scope.may_write ? "rw" : "ro"}});
  }
  return json::serialize(row);
}

ApiToken Decode(std::string_view id, std::string_view value) {
  try {
    json::value parsed = json::parse({value.data(), value.size()});
    const json::object& row = parsed.as_object();
    auto text = [](const json::object& from, std::string_view name) {
      return json::value_to<std::string>(from.at(name));
    };
    ApiToken token;
    token.id = id;
    token.name = text(row, "name");
    token.digest = text(row, "digest");
    token.creator = text(row, "creator");
    token.created_s = row.at("created_s").as_int64();
    token.expires_s = row.at("expires_s").as_int64();
    for (const json::value& database : row.at("databases").as_array()) {
      const json::object& members = database.as_object();
      token.databases.push_back({text(members, "id"), text(members, "access") == "rw"});
    }
    return token;
  } catch (const std::exception&) {
    throw SqlError(sqlstate::kDataCorrupted, "the stored description of a token is malformed");
  }
}

void CommitOrThrow(kv::Store& store, const std::vector<kv::Write>& writes) {
  if (store.Commit({.writes = writes}).kind == kv::CommitOutcome::Kind::kCommitted) return;
  throw ClusterError(ClusterError::Kind::kUnknownOutcome,
                     "It is unknown whether the change was made.");
}

}  // namespace

const TokenScope* ApiToken::ScopeOf(std::string_view database) const {
  auto found = std::find_if(databases.begin(), databases.end(),
                            [&](const TokenScope& scope) { return scope.database == database; });
  return found == databases.end() ? nullptr : &*found;
}

ApiTokens::ApiTokens(kv::Store& store, base::Clock& clock) : store_(store), clock_(clock) {
  Load();
}

void ApiTokens::Load() {
  auto rows = store_.Newest()->Scan(
      kv::PrefixRange(codec::StoragePrefix(codec::kServerTenant, codec::kTokenStorageId)));
  runtime::MutexLock lock(mutex_);
  while (true) {
    auto entries = rows->Next(256);
    if (entries.empty()) return;
    for (const kv::Entry& entry : entries) {
      std::string id(entry.key.substr(codec::kKeyPrefixBytes));
      tokens_[id] = std::make_shared<const ApiToken>(Decode(id, entry.value));
    }
  }
}

int64_t ApiTokens::NowSeconds() const { return clock_.WallMicros() / 1'000'000; }

ApiTokens::Made ApiTokens::Create(const ApiToken& wanted,
                                  const std::function<bool(std::string_view)>& exists) {
  auto token = std::make_shared<ApiToken>(wanted);
  token->id = base::SecureRandomText(kIdCharacters, "abcdefghijklmnopqrstuvwxyz234567");
  std::string secret = base::SecureRandomText(
      kSecretCharacters, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
  token->digest = auth::Hex(auth::Sha256(secret));
  token->created_s = NowSeconds();

  std::unique_lock changing(changing_);
  std::vector<std::string> gone;
  for (const ApiTokenPtr& before : List()) {
    bool opens_something = std::any_of(
        before->databases.begin(), before->databases.end(),
        [&](const TokenScope& scope) { return exists(scope.database); });
    if (!opens_something || before->expires_s <= token->created_s) gone.push_back(before->id);
  }
  {
    runtime::MutexLock lock(mutex_);
    if (tokens_.size() - gone.size() >= kMaxTokens) {
      throw ClusterError(ClusterError::Kind::kConflict, "There are too many tokens; revoke some.");
    }
  }
  std::vector<std::string> keys;
  for (const std::string& id : gone) keys.push_back(TokenKey(id));
  std::vector<kv::Write> writes;
  for (const std::string& key : keys) writes.push_back({kv::Write::Kind::kDelete, key, {}});
  std::string key = TokenKey(token->id);
  std::string value = Encode(*token);
  writes.push_back({kv::Write::Kind::kPut, key, value});
  std::sort(writes.begin(), writes.end(),
            [](const kv::Write& a, const kv::Write& b) { return a.key < b.key; });
  CommitOrThrow(store_, writes);
  runtime::MutexLock lock(mutex_);
  for (const std::string& id : gone) tokens_.erase(id);
  tokens_[token->id] = token;
  return {token, std::string(kStart) + token->id + "_" + secret};
}

std::vector<ApiTokenPtr> ApiTokens::List() const {
  std::vector<ApiTokenPtr> list;
  runtime::MutexLock lock(mutex_);
  for (const auto& [id, token] : tokens_) list.push_back(token);
  return list;
}

ApiTokenPtr ApiTokens::Get(std::string_view id) const {
  runtime::MutexLock lock(mutex_);
  auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : found->second;
}

void ApiTokens::Revoke(std::string_view id) {
  std::unique_lock changing(changing_);
  std::string key = TokenKey(id);
  CommitOrThrow(store_, {{kv::Write::Kind::kDelete, key, {}}});
  runtime::MutexLock lock(mutex_);
  if (auto found = tokens_.find(id); found != tokens_.end()) tokens_.erase(found);
}

ApiTokenPtr ApiTokens::Find(std::string_view text) const {
  constexpr size_t kBytes = kStart.size() + kIdCharacters + 1 + kSecretCharacters;
  if (text.size() != kBytes || !text.starts_with(kStart)) return nullptr;
  text.remove_prefix(kStart.size());
  ApiTokenPtr token = Get(text.substr(0, kIdCharacters));
  std::string digest = auth::Hex(auth::Sha256(text.substr(kIdCharacters + 1)));
  bool matches = auth::SameSecret(digest, token == nullptr ? std::string(digest.size(), '0')
                                                           : token->digest);
  return matches && token != nullptr && token->expires_s > NowSeconds() ? token : nullptr;
}

}  // namespace sundog::control
