#include "cli/access_key.h"

#include <optional>
#include <stdexcept>
#include <string_view>

#include "cli/environment.h"
#include "control/credentials_file.h"

namespace sundog::cli {

namespace {

// Null if the environment has no key; half a key is a mistake, not a reason to use another.
std::optional<auth::SigV4Credentials> FromEnvironment() {
  auth::SigV4Credentials key{Environment("AWS_ACCESS_KEY_ID"),
                             Environment("AWS_SECRET_ACCESS_KEY"),
                             Environment("AWS_SESSION_TOKEN")};
  if (key.access_key_id.empty() && key.secret.empty()) return std::nullopt;
  if (key.access_key_id.empty() || key.secret.empty()) {
    throw std::runtime_error(
        "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set in the environment");
  }
  return key;
}

std::string Or(const std::string& text, std::string_view otherwise) {
  return text.empty() ? std::string(otherwise) : text;
}

}  // namespace

// What the command line names comes before the environment, as with AWS's own command line.
auth::SigV4Credentials FindAccessKey(const AccessKeyOptions& options) {
  bool named = !options.profile.empty() || !options.credentials_file.empty() ||
               !options.data_folder.empty();
  if (named) {
    std::string folder = Or(options.data_folder, "./data");
    return control::ReadCredentialsFile(
        Or(options.credentials_file, folder + "/credentials"),
        Or(options.profile, control::kDefaultProfile));
  }
  if (auto key = FromEnvironment()) return *key;
  return control::ReadCredentialsFile(
      Or(Environment("AWS_SHARED_CREDENTIALS_FILE"), "./data/credentials"),
      Or(Environment("AWS_PROFILE"), control::kDefaultProfile));
}

}  // namespace sundog::cli
