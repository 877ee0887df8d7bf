#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/sql_error.h"

namespace sundog::base {

namespace {

std::string Aside(const std::string& path) { return path + ".new"; }

}  // namespace

void ThrowFileError(std::string_view doing, const std::string& path, int error) {
  throw SqlError(error == ENOSPC ? sqlstate::kDiskFull : sqlstate::kIoError,
                 fmt::format("could not {} \"{}\": {}", doing, path, std::strerror(error)));
}

OpenFile::OpenFile(std::string path, int flags, mode_t mode)
    : path_(std::move(path)), descriptor_(open(path_.c_str(), flags | O_CLOEXEC, mode)) {
  if (descriptor_ < 0) ThrowFileError("open", path_, errno);
}

OpenFile::~OpenFile() { close(descriptor_); }

std::string OpenFile::ReadAll() const {
  std::string text;
  char piece[4096];
  while (true) {
    ssize_t size = read(descriptor_, piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) ThrowFileError("read", path_, errno);
    if (size == 0) return text;
    text.append(piece, static_cast<size_t>(size));
  }
}

void OpenFile::WriteAll(std::string_view text) const {
  while (!text.empty()) {
    ssize_t written = write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) ThrowFileError("write", path_, errno);
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void OpenFile::Sync() const {
  if (fsync(descriptor_) != 0) ThrowFileError("sync", path_, errno);
}

std::string ReadFile(const std::string& path) { return OpenFile(path, O_RDONLY).ReadAll(); }

void WriteAside(const std::string& path, std::string_view text, mode_t mode) {
  std::string aside = Aside(path);
  // Made new, so that it has this mode and is nobody's link.
  if (unlink(aside.c_str()) != 0 && errno != ENOENT) ThrowFileError("remove", aside, errno);
  OpenFile file(aside, O_WRONLY | O_CREAT | O_EXCL, mode);
  file.WriteAll(text);
  file.Sync();
}

void PutInPlace(const std::string& path) {
  std::string aside = Aside(path);
  if (rename(aside.c_str(), path.c_str()) != 0) ThrowFileError("rename", aside, errno);
}

void SyncFolder(const std::string& folder) { OpenFile(folder, O_RDONLY | O_DIRECTORY).Sync(); }

}  // namespace sundog::base
