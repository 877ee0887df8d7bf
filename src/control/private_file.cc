#include "control/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/sql_error.h"

namespace sundog::control {

namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;

[[noreturn]] void ThrowErrno(std::string_view doing, const std::string& path, int error) {
  throw SqlError(error == ENOSPC ? sqlstate::kDiskFull : sqlstate::kIoError,
                 fmt::format("could not {} \"{}\": {}", doing, path, std::strerror(error)));
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : path_(path) {
    fd_ = open(path.c_str(), flags | O_CLOEXEC, kOwnerOnly);
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool is_open() const { return fd_ >= 0; }
  int get() const { return fd_; }
  void Sync() const {
    if (fsync(fd_) != 0) ThrowErrno("sync", path_, errno);
  }

 private:
  const std::string path_;
  int fd_ = -1;
};

void WriteAll(const Descriptor& file, const std::string& path, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) ThrowErrno("write", path, errno);
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  Descriptor descriptor(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (!descriptor.is_open()) ThrowErrno("open", folder, errno);
  descriptor.Sync();
}

}  // namespace

void WritePrivateFile(const std::string& path, std::string_view text) {
  std::string aside = path + ".new";
  if (unlink(aside.c_str()) != 0 && errno != ENOENT) ThrowErrno("remove", aside, errno);
  {
    // Made new, so that it has our mode and is nobody's link.
    Descriptor file(aside, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) ThrowErrno("create", aside, errno);
    WriteAll(file, aside, text);
    file.Sync();
  }
  if (rename(aside.c_str(), path.c_str()) != 0) ThrowErrno("rename", aside, errno);
  SyncFolderOf(path);
}

std::optional<std::string> ReadPrivateFile(const std::string& path) {
  Descriptor file(path, O_RDONLY);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    ThrowErrno("open", path, errno);
  }
  struct stat facts {};
  if (fstat(file.get(), &facts) != 0) ThrowErrno("look at", path, errno);
  if ((facts.st_mode & kOthers) != 0) {
    throw SqlError(sqlstate::kConfigFileError,
                   fmt::format("file \"{}\" can be read or changed by others", path))
        .Hint(fmt::format("It holds a secret: chmod 600 \"{}\".", path));
  }
  std::string text;
  char buffer[4096];
  while (true) {
    ssize_t got = read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) ThrowErrno("read", path, errno);
    if (got == 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
}

}  // namespace sundog::control
