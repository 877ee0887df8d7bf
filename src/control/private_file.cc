#include "control/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/file.h"
#include "base/sql_error.h"

namespace sundog::control {

namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;

}  // namespace

void WritePrivateFile(const std::string& path, std::string_view text) {
  base::WriteAside(path, text, kOwnerOnly);
  base::PutInPlace(path);
  std::string folder = std::filesystem::path(path).parent_path().string();
  base::SyncFolder(folder.empty() ? "." : folder);
}

std::optional<std::string> ReadPrivateFile(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0 && errno == ENOENT) return std::nullopt;
  base::OpenFile file(path, O_RDONLY);
  if (fstat(file.descriptor(), &facts) != 0) base::ThrowFileError("look at", path, errno);
  if ((facts.st_mode & kOthers) != 0) {
    throw SqlError(sqlstate::kConfigFileError,
                   fmt::format("file \"{}\" can be read or changed by others", path))
        .Hint(fmt::format("It holds a secret: chmod 600 \"{}\".", path));
  }
  return file.ReadAll();
}

}  // namespace sundog::control
