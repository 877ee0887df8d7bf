#include "control/credentials_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/sql_error.h"
#include "control/private_file.h"
#include "types/ascii.h"

namespace sundog::control {

void WriteCredentialsFile(const std::string& path, const auth::SigV4Credentials& credentials) {
  std::string text =
      fmt::format("[{}]\naws_access_key_id = {}\naws_secret_access_key = {}\n", kDefaultProfile,
                  credentials.access_key_id, credentials.secret);
  if (!credentials.session_token.empty()) {
    text += fmt::format("aws_session_token = {}\n", credentials.session_token);
  }
  WritePrivateFile(path, text);
}

auth::SigV4Credentials ReadCredentialsFile(const std::string& path, std::string_view profile) {
  std::ifstream file(path);
  if (!file) {
    throw SqlError(sqlstate::kIoError, fmt::format("could not read credentials file \"{}\": {}",
                                                   path, std::strerror(errno)));
  }
  auth::SigV4Credentials credentials;
  bool here = false;
  bool found = false;
  for (std::string text; std::getline(file, text);) {
    std::string_view line = types::TrimSpace(text);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      here = line.back() == ']' && types::TrimSpace(line.substr(1, line.size() - 2)) == profile;
      found = found || here;
      continue;
    }
    size_t equals = line.find('=');
    if (!here || equals == std::string_view::npos) continue;
    std::string name = types::LowerAscii(types::TrimSpaceRight(line.substr(0, equals)));
    std::string value(types::TrimSpaceLeft(line.substr(equals + 1)));
    if (name == "aws_access_key_id") credentials.access_key_id = value;
    if (name == "aws_secret_access_key") credentials.secret = value;
    if (name == "aws_session_token") credentials.session_token = value;
  }
  if (!found) {
    throw SqlError(sqlstate::kConfigFileError,
                   fmt::format("credentials file \"{}\" has no profile \"{}\"", path, profile));
  }
  if (credentials.access_key_id.empty() || credentials.secret.empty()) {
    throw SqlError(
        sqlstate::kConfigFileError,
        fmt::format("profile \"{}\" of credentials file \"{}\" lacks aws_access_key_id or "
                    "aws_secret_access_key",
                    profile, path));
  }
  return credentials;
}

}  // namespace sundog::control
