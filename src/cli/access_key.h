// The access key that a command signs with.
#pragma once

#include <string>

#include "auth/sigv4.h"

namespace sundog::cli {

// Where it is. All empty: the environment (AWS_ACCESS_KEY_ID, …, or AWS_SHARED_CREDENTIALS_FILE and
// AWS_PROFILE), else the file of ./data.
struct AccessKeyOptions {
  std::string profile;
  std::string credentials_file;
  std::string data_folder;
};

// Throws std::exception saying what is missing.
auth::SigV4Credentials FindAccessKey(const AccessKeyOptions& options);

}  // namespace sundog::cli
