#include "kv/rocks/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/file.h"
#include "base/sql_error.h"

namespace sundog::kv {
namespace {

namespace fs = std::filesystem;

constexpr char kFormatWord[] = "sundog-data";

// One that is new is its owner's alone, as PostgreSQL's is: everybody's data are in it.
void MakeFolder(const std::string& path) {
  std::error_code error;
  bool made = fs::create_directories(path, error);
  if (made && !error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) base::ThrowFileError("create folder", path, error.value());
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
  if (lock_fd_ < 0) base::ThrowFileError("open lock file", path, errno);
  if (flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    int error = errno;
    char holder[32] = {};
    ssize_t got = read(lock_fd_, holder, sizeof holder - 1);
    close(lock_fd_);
    if (error != EWOULDBLOCK) base::ThrowFileError("lock", path, error);
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
    base::ThrowFileError("write lock file", path, error);
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
  if (error) base::ThrowFileError("read folder", path_, error.value());
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

void DataFolder::WriteFormat() const {
  std::string path = path_ + "/FORMAT";
  base::WriteAside(path, fmt::format("{} {}\n", kFormatWord, kDataFormat), 0644);
  base::PutInPlace(path);
  base::SyncFolder(path_);
}

}  // namespace sundog::kv
