#include "control/open_identities.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "control/credentials_file.h"
#include "control/identities.h"
#include "control/secret_key.h"

namespace sundog::control {

namespace {

SecretKey SecretKeyOf(const std::string& data_folder, bool identities_exist) {
  if (data_folder.empty()) return SecretKey::Random();
  std::string path = data_folder + "/secret.key";
  std::optional<SecretKey> key = SecretKey::Load(path);
  if (key) return *key;
  if (identities_exist) {
    throw SqlError(sqlstate::kConfigFileError, fmt::format("file \"{}\" is missing", path))
        .Detail("Stored access keys are encrypted with the key it held.")
        .Hint("Restore it from a backup of the data folder.");
  }
  SecretKey made = SecretKey::Random();
  made.Save(path);
  return made;
}

}  // namespace

OpenedIdentities OpenIdentities(kv::Store& store, base::Clock& clock,
                                const std::string& data_folder,
                                const std::optional<auth::SigV4Credentials>& given) {
  SecretKey secret_key = SecretKeyOf(data_folder, Identities::StoredIn(store));
  OpenedIdentities opened{std::make_unique<Identities>(store, clock, std::move(secret_key)), {}};
  if (opened.identities->initialized()) {
    opened.identities->RenewAdministratorPolicy();
    return opened;
  }
  std::optional<auth::SigV4Credentials> key = given;
  if (!data_folder.empty()) {
    if (!key) key = Identities::GenerateAccessKey();
    // Before the account is made: a crash in between makes another key, which is written here in
    // its turn; the other way round nobody would know the key.
    WriteCredentialsFile(data_folder + "/credentials", *key);
  }
  opened.identities->Initialize(key);
  opened.new_access_key = key;
  return opened;
}

}  // namespace sundog::control
