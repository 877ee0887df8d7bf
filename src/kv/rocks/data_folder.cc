#include "kv/rocks/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/sql_error.h"

namespace sundog::kv {
namespace {

namespace fs = std::filesystem;

constexpr char kFormatWord[] = "sundog-data";

[[noreturn]] void ThrowErrno(std::string_view doing, const std::string& path, int error) {
  throw SqlError(error == ENOSPC ? sqlstate::kDiskFull : sqlstate::kIoError,
                 fmt::format("could not {} \"{}\": {}", doing, path, std::strerror(error)));
}

// One that is new is its owner's alone, as PostgreSQL's is: everybody's data are in it.
void MakeFolder(const std::string& path) {
  std::error_code error;
  bool made = fs::create_directories(path, error);
  if (made && !error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) ThrowErrno("create folder", path, error.value());
}

void SyncPath(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) ThrowErrno("open", path, errno);
  int result = fsync(fd);
  int error = errno;
  close(fd);
  if (result != 0) ThrowErrno("sync", path, error);
}

}  // namespace

DataFolder::DataFolder(std::string path) : path_(std::move(path)) {
  MakeFolder(path_);
  RefuseForeignFolder();
  Lock();
  try {
    CheckOrWriteFormat();
    MakeFolder(rocksdb_path());
    std::error_code ignored_if_absent;
    fs::remove_all(ingest_path(), ignored_if_absent);
    MakeFolder(ingest_path());
  } catch (...) {
    close(lock_fd_);
    throw;
  }
}

DataFolder::~DataFolder() { close(lock_fd_); }

void DataFolder::Lock() {
  std::string path = path_ + "/LOCK";
  lock_fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0) ThrowErrno("open lock file", path, errno);
  if (flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    int error = errno;
    char holder[32] = {};
    ssize_t got = read(lock_fd_, holder, sizeof holder - 1);
    close(lock_fd_);
    if (error != EWOULDBLOCK) ThrowErrno("lock", path, error);
    std::string process = got > 0 ? fmt::format(" (process {})", holder) : "";
    throw SqlError(sqlstate::kLockFileExists,
                   fmt::format("data folder \"{}\" is in use by another server{}", path_, process))
        .Hint("Stop that server, or give this one a folder of its own.");
  }
  std::string pid = std::to_string(getpid());
  if (ftruncate(lock_fd_, 0) != 0 ||
      pwrite(lock_fd_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    int error = errno;
    close(lock_fd_);
    ThrowErrno("write lock file", path, error);
  }
}

// A folder that is in other use stays as it is: nothing of ours is put beside what it holds.
void DataFolder::RefuseForeignFolder() const {
  if (fs::exists(path_ + "/FORMAT")) return;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, error)) {
    std::string name = entry.path().filename();
    // What a start that was cut short left, a server that kept only its certificate, and what a new
    // file system has.
    if (name == "LOCK" || name == "FORMAT.new" || name == "tls" || name == "lost+found") continue;
    if (fs::exists(rocksdb_path())) {
      throw SqlError(sqlstate::kDataCorrupted,
                     fmt::format("data folder \"{}\" has data but no FORMAT file", path_));
    }
    throw SqlError(sqlstate::kIoError,
                   fmt::format("folder \"{}\" is not empty and no data folder", path_))
        .Detail(fmt::format("It holds \"{}\".", name))
        .Hint("Name a folder that is empty, or that does not exist yet.");
  }
  if (error) ThrowErrno("read folder", path_, error.value());
}

void DataFolder::CheckOrWriteFormat() const {
  std::string path = path_ + "/FORMAT";
  std::ifstream file(path);
  if (!file) {
    WriteFormat();
    return;
  }
  std::string word;
  int number = 0;
  if (!(file >> word >> number) || word != kFormatWord) {
    throw SqlError(sqlstate::kDataCorrupted,
                   fmt::format("file \"{}\" is not the FORMAT file of a data folder", path));
  }
  if (number != kDataFormat) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("data folder \"{}\" has format {}, which is not supported", path_,
                               number))
        .Detail(fmt::format("This server reads and writes format {}.", kDataFormat));
  }
}

// Written aside and renamed, so that a crash leaves a whole file or none.
void DataFolder::WriteFormat() const {
  std::string path = path_ + "/FORMAT";
  std::string aside = path + ".new";
  {
    std::ofstream file(aside, std::ios::trunc);
    file << kFormatWord << ' ' << kDataFormat << '\n';
    file.flush();
    if (!file) ThrowErrno("write", aside, errno);
  }
  SyncPath(aside);
  std::error_code error;
  fs::rename(aside, path, error);
  if (error) ThrowErrno("rename", aside, error.value());
  SyncPath(path_);
}

}  // namespace sundog::kv
