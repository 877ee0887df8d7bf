#include "control/identity_rows.h"

#include <fmt/format.h>

#include <vector>

#include "auth/policy.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "types/ascii.h"

namespace sundog::control {

namespace {

enum Index : uint32_t { kChanges = 1, kAccount, kPrincipals, kAccessKeys, kPolicies };

constexpr char kFormat = 1;
constexpr size_t kAccountBytes = 12;
constexpr size_t kScanBatch = 256;

std::string Prefix(Index index) {
  return codec::KeyPrefix(codec::kServerTenant, codec::kIdentityStorageId, index);
}

char KindLetter(PrincipalKind kind) { return kind == PrincipalKind::kUser ? 'u' : 'r'; }

[[noreturn]] void ThrowMalformed(std::string_view what) {
  throw SqlError(sqlstate::kDataCorrupted, fmt::format("stored {} is malformed", what));
}

// Takes a row apart from its front.
class RowReader {
 public:
  RowReader(std::string_view bytes, std::string_view what) : bytes_(bytes), what_(what) {}

  std::string_view Take(size_t size) {
    if (bytes_.size() < size) ThrowMalformed(what_);
    std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::string_view Rest() { return Take(bytes_.size()); }
  std::string_view TakeUntilZero() {
    size_t zero = bytes_.find('\0');
    if (zero == std::string_view::npos) ThrowMalformed(what_);
    std::string_view taken = Take(zero);
    Take(1);
    return taken;
  }
  void RequireFormat() {
    if (Take(1)[0] != kFormat) ThrowMalformed(what_);
  }
  int64_t TakeTime() { return base::LoadLittleEndian<int64_t>(Take(sizeof(int64_t)).data()); }
  PrincipalKind TakeKind() {
    char letter = Take(1)[0];
    if (letter != 'u' && letter != 'r') ThrowMalformed(what_);
    return letter == 'u' ? PrincipalKind::kUser : PrincipalKind::kRole;
  }

 private:
  std::string_view bytes_;
  std::string_view what_;
};

PrincipalName Folded(const PrincipalName& name) {
  return {name.kind, types::LowerAscii(name.name)};
}

std::string FormatAndTime(int64_t created_s) {
  std::string value(1, kFormat);
  base::AppendLittleEndian(value, created_s);
  return value;
}

template <typename Visit>
void ForEachRow(const kv::Snapshot& snapshot, Index index, Visit visit) {
  auto cursor = snapshot.Scan(kv::PrefixRange(Prefix(index)));
  for (auto rows = cursor->Next(kScanBatch); !rows.empty(); rows = cursor->Next(kScanBatch)) {
    for (const kv::Entry& row : rows) visit(row.key.substr(codec::kKeyPrefixBytes), row.value);
  }
}

StoredPrincipal& OwnerOf(IdentityState& state, const PrincipalName& name) {
  auto found = state.principals.find(Folded(name));
  if (found == state.principals.end()) ThrowMalformed("identity");
  return found->second;
}

void ReadAccount(const kv::Snapshot& snapshot, IdentityState& state) {
  kv::ReadBuffer buffer;
  auto value = snapshot.Get(AccountKey(), buffer);
  if (!value) return;
  RowReader row(*value, "account");
  row.RequireFormat();
  state.account = row.Take(kAccountBytes);
  state.sealed_check = row.Rest();
}

void ReadPrincipals(const kv::Snapshot& snapshot, IdentityState& state) {
  ForEachRow(snapshot, kPrincipals, [&](std::string_view key, std::string_view value) {
    RowReader name(key, "identity");
    StoredPrincipal principal;
    principal.name.kind = name.TakeKind();
    principal.name.name = name.Rest();
    RowReader row(value, "identity");
    row.RequireFormat();
    principal.created_s = row.TakeTime();
    PrincipalName folded = Folded(principal.name);
    state.principals.emplace(std::move(folded), std::move(principal));
  });
}

void ReadAccessKeys(const kv::Snapshot& snapshot, IdentityState& state) {
  ForEachRow(snapshot, kAccessKeys, [&](std::string_view id, std::string_view value) {
    RowReader row(value, "access key");
    row.RequireFormat();
    StoredAccessKey key;
    key.created_s = row.TakeTime();
    key.owner.kind = row.TakeKind();
    auto name_bytes = static_cast<unsigned char>(row.Take(1)[0]);
    key.owner.name = row.Take(name_bytes);
    key.sealed_secret = row.Rest();
    OwnerOf(state, key.owner);
    state.keys.emplace(id, std::move(key));
  });
}

void ReadPolicies(const kv::Snapshot& snapshot, IdentityState& state) {
  ForEachRow(snapshot, kPolicies, [&](std::string_view key, std::string_view value) {
    RowReader names(key, "policy");
    PrincipalName owner;
    owner.kind = names.TakeKind();
    owner.name = names.TakeUntilZero();
    RowReader row(value, "policy");
    row.RequireFormat();
    StoredPolicy policy;
    policy.created_s = row.TakeTime();
    policy.json = row.Rest();
    OwnerOf(state, owner).policies.emplace(names.Rest(), std::move(policy));
  });
}

// They were parsed when they were put; one that this server does not understand must not pass for
// one that allows or denies nothing.
void ParsePolicies(StoredPrincipal& principal) {
  auto parsed = std::make_shared<std::vector<auth::Policy>>();
  for (const auto& [name, policy] : principal.policies) {
    try {
      parsed->push_back(auth::Policy::Parse(policy.json));
    } catch (const auth::PolicyError& error) {
      throw SqlError(sqlstate::kDataCorrupted,
                     fmt::format("stored policy \"{}\" of {} \"{}\" is malformed", name,
                                 PrincipalKindName(principal.name.kind), principal.name.name))
          .Detail(error.what());
    }
  }
  principal.parsed = std::move(parsed);
}

}  // namespace

const StoredPrincipal* IdentityState::Find(const PrincipalName& name) const {
  auto found = principals.find(Folded(name));
  return found == principals.end() ? nullptr : &found->second;
}

std::string ChangesKey() { return Prefix(kChanges); }
std::string AccountKey() { return Prefix(kAccount); }
std::string PrincipalKey(const PrincipalName& principal) {
  return Prefix(kPrincipals) + KindLetter(principal.kind) + principal.name;
}
std::string AccessKeyKey(std::string_view id) { return Prefix(kAccessKeys).append(id); }
std::string PolicyKey(const PrincipalName& principal, std::string_view policy) {
  std::string key = Prefix(kPolicies) + KindLetter(principal.kind) + principal.name;
  key.push_back('\0');
  return key.append(policy);
}

std::string EncodeChanges(uint64_t changes) {
  std::string value;
  base::AppendLittleEndian(value, changes);
  return value;
}

std::string EncodeAccount(std::string_view account, std::string_view sealed_check) {
  CHECK_EQ(account.size(), kAccountBytes);
  return std::string(1, kFormat).append(account).append(sealed_check);
}

std::string EncodePrincipal(int64_t created_s) { return FormatAndTime(created_s); }

std::string EncodeAccessKey(const StoredAccessKey& key) {
  CHECK_LE(key.owner.name.size(), 255u);
  std::string value = FormatAndTime(key.created_s);
  value.push_back(KindLetter(key.owner.kind));
  value.push_back(static_cast<char>(key.owner.name.size()));
  return value.append(key.owner.name).append(key.sealed_secret);
}

std::string EncodePolicy(const StoredPolicy& policy) {
  return FormatAndTime(policy.created_s).append(policy.json);
}

std::string AccessKeyPurpose(std::string_view id, const PrincipalName& owner) {
  return fmt::format("access key {} {}/{}", id, PrincipalKindName(owner.kind), owner.name);
}

std::string KeyCheckPurpose(std::string_view account) {
  return fmt::format("key check {}", account);
}

uint64_t ReadChanges(const kv::Snapshot& snapshot) {
  kv::ReadBuffer buffer;
  auto value = snapshot.Get(ChangesKey(), buffer);
  if (!value) return 0;
  if (value->size() != sizeof(uint64_t)) ThrowMalformed("identity counter");
  return base::LoadLittleEndian<uint64_t>(value->data());
}

IdentityState ReadIdentities(const kv::Snapshot& snapshot) {
  IdentityState state;
  state.changes = ReadChanges(snapshot);
  ReadAccount(snapshot, state);
  ReadPrincipals(snapshot, state);
  ReadAccessKeys(snapshot, state);
  ReadPolicies(snapshot, state);
  for (auto& [name, principal] : state.principals) ParsePolicies(principal);
  return state;
}

}  // namespace sundog::control
