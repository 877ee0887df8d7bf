// Who may ask this server for anything beside password users: one account with users and roles,
// their access keys, and the policies attached to them. Kept in the store (control/identity_rows.h
// has the format), secrets encrypted under the server's secret key.
//
// Safe from all threads and fibers; changes suspend. Outlived by store and clock. Reading does not
// go to the store as long as nothing has changed: the last state read is shared, and the store is
// asked only whether a change came after it.
//
// What is refused throws IdentityError; asking about a user or role that does not exist is refused
// too (kNotFound), but for Find().
//
// Roles have access keys here, as users do: there is no service that would give out temporary ones.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "auth/access_keys.h"
#include "auth/sigv4.h"
#include "control/principal.h"
#include "control/secret_key.h"
#include "kv/store.h"
#include "runtime/mutex.h"

namespace sundog::base {
class Clock;
}

namespace sundog::control {

struct IdentityState;

// A change that is refused; what() is a sentence for whoever asked.
class IdentityError : public std::runtime_error {
 public:
  enum class Kind : uint8_t {
    kInvalid,          // a name that cannot be
    kMalformedPolicy,  // see auth::PolicyError
    kNotFound,
    kAlreadyExists,
    kInUse,            // has keys or policies still
    kLimit,
    kConflict,         // another server changed identities at the same time; nothing was done
    kUnknownOutcome,   // the store's answer was lost
  };
  IdentityError(Kind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

struct PrincipalInfo {
  PrincipalName name;
  std::string arn;
  int64_t created_s = 0;
};

struct AccessKeyInfo {
  std::string id;
  PrincipalName owner;
  int64_t created_s = 0;
};

// The user that has all rights on a new account, and the policy that gives them.
inline constexpr std::string_view kAdministrator = "administrator";
inline constexpr std::string_view kAdministratorPolicy = "administrator-access";
inline constexpr size_t kMaxAccessKeysPerPrincipal = 2;  // as IAM has it

class Identities final : public auth::AccessKeySource {
 public:
  // Throws SqlError: F0000 if stored secrets are under another key, XX001 if rows are malformed.
  Identities(kv::Store& store, base::Clock& clock, SecretKey secret_key);
  ~Identities() override;

  // Whether there is an account yet; without one nothing below but Initialize() may be called.
  bool initialized();
  static bool StoredIn(kv::Store& store);
  // Makes the account, its administrator, and (if given) the administrator's access key.
  void Initialize(const std::optional<auth::SigV4Credentials>& administrator_key);
  // Gives the administrator of an account that an older version made the policy of a new one, if it
  // still has the one that it was made with.
  void RenewAdministratorPolicy();

  // AKIA and 16 characters of base32; a secret of 40.
  static auth::SigV4Credentials GenerateAccessKey();

  // Twelve digits; never changes.
  std::string account();
  std::string Arn(const PrincipalName& principal);

  // --- users and roles ---
  PrincipalInfo Create(const PrincipalName& principal);
  std::optional<PrincipalInfo> Find(const PrincipalName& principal);
  // By name.
  std::vector<PrincipalInfo> List(PrincipalKind kind);
  // Only without keys and policies.
  void Delete(const PrincipalName& principal);

  // --- access keys ---
  // The only time that the secret is told.
  auth::SigV4Credentials CreateAccessKey(const PrincipalName& owner);
  std::vector<AccessKeyInfo> ListAccessKeys(const PrincipalName& owner);
  void DeleteAccessKey(std::string_view id);
  std::optional<auth::AccessKeyOwner> FindAccessKey(std::string_view id) override;

  // --- policies ---
  // In place of one with that name.
  void PutPolicy(const PrincipalName& owner, std::string_view policy, std::string_view json);
  // As it was put; null if there is none of that name.
  std::optional<std::string> GetPolicy(const PrincipalName& owner, std::string_view policy);
  std::vector<std::string> ListPolicies(const PrincipalName& owner);
  void DeletePolicy(const PrincipalName& owner, std::string_view policy);

 private:
  using StatePtr = std::shared_ptr<const IdentityState>;
  // Keys with their new values; null: the row is deleted.
  using RowChanges = std::map<std::string, std::optional<std::string>>;

  StatePtr Current();
  StatePtr At(const kv::Snapshot& snapshot);
  void Change(const std::function<void(const IdentityState&, RowChanges&)>& make);
  void AddAccessKey(RowChanges& rows, const PrincipalName& owner,
                    const auth::SigV4Credentials& key) const;
  int64_t NowSeconds() const;

  kv::Store& store_;
  base::Clock& clock_;
  const SecretKey secret_key_;

  // One change at a time; held across the commit.
  runtime::FiberMutex changing_;

  runtime::Mutex mutex_;
  StatePtr state_ GUARDED_BY(mutex_);
  // The newest version at which `state_` was found to hold.
  kv::Version state_version_ GUARDED_BY(mutex_) = 0;
};

}  // namespace sundog::control
