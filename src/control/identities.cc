#include "control/identities.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/policy.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "control/identity_rows.h"

namespace sundog::control {

namespace {

using Kind = IdentityError::Kind;

constexpr std::string_view kAllowAll =
    R"({"Version": "2012-10-17", "Statement": )"
    R"([{"Effect": "Allow", "Action": ["dsql:*", "iam:*"], "Resource": "*"}]})";

// What an administrator was made with before there were actions on identities.
constexpr std::string_view kAllowAllOfClusters =
    R"({"Version": "2012-10-17", "Statement": )"
    R"([{"Effect": "Allow", "Action": "dsql:*", "Resource": "*"}]})";

PrincipalName Administrator() { return {PrincipalKind::kUser, std::string(kAdministrator)}; }

std::string RandomAccount() {
  constexpr uint64_t kAccounts = 1'000'000'000'000;
  return fmt::format("{:012}", base::SecureSeed() % kAccounts);
}

std::string Describe(const PrincipalName& principal) {
  return fmt::format("The {} {}", PrincipalKindName(principal.kind), principal.name);
}

void RequirePrincipalName(const PrincipalName& principal) {
  if (IsPrincipalName(principal.name)) return;
  throw IdentityError(Kind::kInvalid,
                      fmt::format("The name of a {} must be 1 to 64 letters, digits and any of "
                                  "+=,.@_-.",
                                  PrincipalKindName(principal.kind)));
}

void RequirePolicyName(std::string_view policy) {
  if (IsPolicyName(policy)) return;
  throw IdentityError(Kind::kInvalid,
                      "The name of a policy must be 1 to 128 letters, digits and any of +=,.@_-.");
}

const StoredPrincipal& Require(const IdentityState& state, const PrincipalName& principal) {
  const StoredPrincipal* found = state.Find(principal);
  if (found == nullptr) {
    throw IdentityError(Kind::kNotFound, Describe(principal) + " does not exist.");
  }
  return *found;
}

size_t CountKeys(const IdentityState& state, const PrincipalName& owner) {
  return static_cast<size_t>(
      std::count_if(state.keys.begin(), state.keys.end(),
                    [&owner](const auto& key) { return key.second.owner == owner; }));
}

PrincipalInfo InfoOf(const IdentityState& state, const StoredPrincipal& principal) {
  return {principal.name, ArnOf(state.account, principal.name), principal.created_s};
}

}  // namespace

Identities::Identities(kv::Store& store, base::Clock& clock, SecretKey secret_key)
    : store_(store), clock_(clock), secret_key_(std::move(secret_key)) {
  StatePtr state = Current();
  if (state->account.empty()) return;
  if (secret_key_.Open(state->sealed_check, KeyCheckPurpose(state->account)) != kKeyCheck) {
    throw SqlError(sqlstate::kConfigFileError,
                   "the secret key is not the one that stored access keys are encrypted with");
  }
}

Identities::~Identities() = default;

bool Identities::initialized() { return !Current()->account.empty(); }

bool Identities::StoredIn(kv::Store& store) {
  kv::ReadBuffer buffer;
  return store.Newest()->Get(AccountKey(), buffer).has_value();
}

void Identities::Initialize(const std::optional<auth::SigV4Credentials>& administrator_key) {
  Change([&](const IdentityState& state, RowChanges& rows) {
    if (!state.account.empty()) {
      throw IdentityError(Kind::kAlreadyExists, "The account exists already.");
    }
    PrincipalName administrator = Administrator();
    std::string account = RandomAccount();
    rows[AccountKey()] =
        EncodeAccount(account, secret_key_.Seal(kKeyCheck, KeyCheckPurpose(account)));
    rows[PrincipalKey(administrator)] = EncodePrincipal(NowSeconds());
    rows[PolicyKey(administrator, kAdministratorPolicy)] =
        EncodePolicy({NowSeconds(), std::string(kAllowAll)});
    if (administrator_key) AddAccessKey(rows, administrator, *administrator_key);
  });
}

void Identities::RenewAdministratorPolicy() {
  StatePtr state = Current();
  const StoredPrincipal* administrator = state->Find(Administrator());
  if (administrator == nullptr) return;
  auto policy = administrator->policies.find(kAdministratorPolicy);
  if (policy == administrator->policies.end()) return;
  if (policy->second.json == kAllowAllOfClusters) {
    PutPolicy(administrator->name, kAdministratorPolicy, kAllowAll);
  }
}

auth::SigV4Credentials Identities::GenerateAccessKey() {
  constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return {"AKIA" + base::SecureRandomText(16, kBase32), base::SecureRandomText(40, kBase64), ""};
}

std::string Identities::account() { return Current()->account; }

std::string Identities::Arn(const PrincipalName& principal) {
  return ArnOf(account(), principal);
}

// --- users and roles ---

PrincipalInfo Identities::Create(const PrincipalName& principal) {
  RequirePrincipalName(principal);
  int64_t created_s = NowSeconds();
  Change([&](const IdentityState& state, RowChanges& rows) {
    if (state.Find(principal) != nullptr) {
      throw IdentityError(Kind::kAlreadyExists, Describe(principal) + " exists already.");
    }
    rows[PrincipalKey(principal)] = EncodePrincipal(created_s);
  });
  return {principal, Arn(principal), created_s};
}

std::optional<PrincipalInfo> Identities::Find(const PrincipalName& principal) {
  StatePtr state = Current();
  const StoredPrincipal* found = state->Find(principal);
  if (found == nullptr) return std::nullopt;
  return InfoOf(*state, *found);
}

std::vector<PrincipalInfo> Identities::List(PrincipalKind kind) {
  StatePtr state = Current();
  std::vector<PrincipalInfo> list;
  for (const auto& [folded, principal] : state->principals) {
    if (folded.kind == kind) list.push_back(InfoOf(*state, principal));
  }
  return list;
}

void Identities::Delete(const PrincipalName& principal) {
  Change([&](const IdentityState& state, RowChanges& rows) {
    const StoredPrincipal& found = Require(state, principal);
    if (!found.policies.empty()) {
      throw IdentityError(Kind::kInUse, Describe(found.name) + " has policies; delete them first.");
    }
    if (CountKeys(state, found.name) > 0) {
      throw IdentityError(Kind::kInUse,
                          Describe(found.name) + " has access keys; delete them first.");
    }
    rows[PrincipalKey(found.name)] = std::nullopt;
  });
}

// --- access keys ---

auth::SigV4Credentials Identities::CreateAccessKey(const PrincipalName& owner) {
  auth::SigV4Credentials key = GenerateAccessKey();
  Change([&](const IdentityState& state, RowChanges& rows) {
    const StoredPrincipal& found = Require(state, owner);
    if (CountKeys(state, found.name) >= kMaxAccessKeysPerPrincipal) {
      throw IdentityError(Kind::kLimit, fmt::format("{} has {} access keys, which is the limit.",
                                                    Describe(found.name),
                                                    kMaxAccessKeysPerPrincipal));
    }
    CHECK(!state.keys.contains(key.access_key_id));  // one in 2^80
    AddAccessKey(rows, found.name, key);
  });
  return key;
}

std::vector<AccessKeyInfo> Identities::ListAccessKeys(const PrincipalName& owner) {
  StatePtr state = Current();
  const StoredPrincipal& found = Require(*state, owner);
  std::vector<AccessKeyInfo> list;
  for (const auto& [id, key] : state->keys) {
    if (key.owner == found.name) list.push_back({id, key.owner, key.created_s});
  }
  return list;
}

void Identities::DeleteAccessKey(std::string_view id) {
  Change([&](const IdentityState& state, RowChanges& rows) {
    if (state.keys.find(id) == state.keys.end()) {
      throw IdentityError(Kind::kNotFound, fmt::format("The access key {} does not exist.", id));
    }
    rows[AccessKeyKey(id)] = std::nullopt;
  });
}

std::optional<auth::AccessKeyOwner> Identities::FindAccessKey(std::string_view id) {
  StatePtr state = Current();
  auto found = state->keys.find(id);
  if (found == state->keys.end()) return std::nullopt;
  const StoredAccessKey& key = found->second;
  std::optional<std::string> secret =
      secret_key_.Open(key.sealed_secret, AccessKeyPurpose(id, key.owner));
  if (!secret) {
    throw SqlError(sqlstate::kDataCorrupted,
                   fmt::format("the secret of access key {} cannot be decrypted", id));
  }
  return auth::AccessKeyOwner{std::move(*secret), "", ArnOf(state->account, key.owner),
                              Require(*state, key.owner).parsed};
}

void Identities::AddAccessKey(RowChanges& rows, const PrincipalName& owner,
                              const auth::SigV4Credentials& key) const {
  CHECK(key.session_token.empty());
  rows[AccessKeyKey(key.access_key_id)] = EncodeAccessKey(
      {owner, NowSeconds(),
       secret_key_.Seal(key.secret, AccessKeyPurpose(key.access_key_id, owner))});
}

// --- policies ---

void Identities::PutPolicy(const PrincipalName& owner, std::string_view policy,
                           std::string_view json) {
  RequirePolicyName(policy);
  try {
    auth::Policy::Parse(json);
  } catch (const auth::PolicyError& error) {
    throw IdentityError(Kind::kMalformedPolicy, error.what());
  }
  Change([&](const IdentityState& state, RowChanges& rows) {
    rows[PolicyKey(Require(state, owner).name, policy)] =
        EncodePolicy({NowSeconds(), std::string(json)});
  });
}

std::optional<std::string> Identities::GetPolicy(const PrincipalName& owner,
                                                 std::string_view policy) {
  StatePtr state = Current();
  const auto& policies = Require(*state, owner).policies;
  auto found = policies.find(policy);
  if (found == policies.end()) return std::nullopt;
  return found->second.json;
}

std::vector<std::string> Identities::ListPolicies(const PrincipalName& owner) {
  StatePtr state = Current();
  std::vector<std::string> names;
  for (const auto& [name, policy] : Require(*state, owner).policies) names.push_back(name);
  return names;
}

void Identities::DeletePolicy(const PrincipalName& owner, std::string_view policy) {
  Change([&](const IdentityState& state, RowChanges& rows) {
    const StoredPrincipal& found = Require(state, owner);
    if (found.policies.find(policy) == found.policies.end()) {
      throw IdentityError(Kind::kNotFound, fmt::format("{} has no policy {}.",
                                                       Describe(found.name), policy));
    }
    rows[PolicyKey(found.name, policy)] = std::nullopt;
  });
}

// --- reading and writing the store ---

Identities::StatePtr Identities::Current() {
  {
    runtime::MutexLock lock(mutex_);
    if (state_ && store_.ChangedSince(ChangesKey(), state_version_) == kv::Changed::kNo) {
      return state_;
    }
  }
  return At(*store_.Newest());
}

// The state at a snapshot; kept for the next reader unless a newer one is kept already.
Identities::StatePtr Identities::At(const kv::Snapshot& snapshot) {
  StatePtr state;
  {
    runtime::MutexLock lock(mutex_);
    state = state_;
  }
  if (!state || state->changes != ReadChanges(snapshot)) {
    state = std::make_shared<const IdentityState>(ReadIdentities(snapshot));
  }
  runtime::MutexLock lock(mutex_);
  if (!state_ || snapshot.version() >= state_version_) {
    state_ = state;
    state_version_ = snapshot.version();
  }
  return state;
}

void Identities::Change(const std::function<void(const IdentityState&, RowChanges&)>& make) {
  std::unique_lock lock(changing_);
  kv::SnapshotPtr snapshot = store_.Newest();
  StatePtr state = At(*snapshot);
  RowChanges rows;
  make(*state, rows);
  rows[ChangesKey()] = EncodeChanges(state->changes + 1);
  std::vector<kv::Write> writes;
  for (const auto& [key, value] : rows) {
    writes.push_back({value ? kv::Write::Kind::kPut : kv::Write::Kind::kDelete, key,
                      value ? std::string_view(*value) : std::string_view()});
  }
  std::string changes_key = ChangesKey();
  kv::KeyCheck check{changes_key, snapshot->version()};
  kv::CommitOutcome outcome = store_.Commit({.writes = writes, .key_checks = {&check, 1}});
  switch (outcome.kind) {
    case kv::CommitOutcome::Kind::kCommitted:
      return;
    case kv::CommitOutcome::Kind::kMaybeCommitted:
      throw IdentityError(Kind::kUnknownOutcome, "It is unknown whether the change was made.");
    case kv::CommitOutcome::Kind::kConflict:
    case kv::CommitOutcome::Kind::kTooOld:
      throw IdentityError(Kind::kConflict,
                          "Identities were changed at the same time; nothing was done. Try again.");
  }
}

int64_t Identities::NowSeconds() const { return clock_.WallMicros() / 1'000'000; }

}  // namespace sundog::control
