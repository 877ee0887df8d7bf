#include "auth/tls_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "base/clock.h"
#include "base/log.h"

namespace sundog::auth {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kRenewalMicros = int64_t{30} * 24 * 3600 * 1'000'000;
constexpr mode_t kPublic = 0644;
constexpr mode_t kPrivate = 0600;

[[noreturn]] void ThrowErrno(const char* doing, const std::string& path, int error) {
  throw std::runtime_error(
      fmt::format("could not {} \"{}\": {}", doing, path, std::strerror(error)));
}

// A descriptor of a file or folder, closed at the end of its life.
class Descriptor {
 public:
  Descriptor(std::string path, int flags, mode_t mode = 0)
      : path_(std::move(path)), number_(open(path_.c_str(), flags | O_CLOEXEC, mode)) {
    if (number_ < 0) ThrowErrno("open", path_, errno);
  }
  ~Descriptor() { close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  void Sync() const {
    if (fsync(number_) != 0) ThrowErrno("sync", path_, errno);
  }

 private:
  const std::string path_;
  const int number_;
};

std::string Aside(const std::string& path) { return path + ".new"; }

void WriteAside(const std::string& path, const std::string& text, mode_t mode) {
  // One that was left behind may have another mode.
  (void)unlink(Aside(path).c_str());
  Descriptor file(Aside(path), O_WRONLY | O_CREAT | O_EXCL, mode);
  for (size_t done = 0; done < text.size();) {
    ssize_t size = write(file.number(), text.data() + done, text.size() - done);
    if (size < 0) ThrowErrno("write", Aside(path), errno);
    done += static_cast<size_t>(size);
  }
  file.Sync();
}

void PutInPlace(const std::string& path) {
  if (rename(Aside(path).c_str(), path.c_str()) != 0) ThrowErrno("rename", Aside(path), errno);
}

// A disk that runs full leaves both as they were.
void WriteCertifiedKey(const std::string& folder, const std::string& name,
                       const CertifiedKey& pair) {
  std::string key = folder + "/" + name + ".key";
  std::string certificate = folder + "/" + name + ".pem";
  WriteAside(key, pair.key, kPrivate);
  WriteAside(certificate, pair.certificates, kPublic);
  PutInPlace(key);
  PutInPlace(certificate);
  Descriptor(folder, O_RDONLY | O_DIRECTORY).Sync();
}

void WarnIfEnding(const std::string& path, const std::string& authority, int64_t now_us) {
  if (EndOfCertificate(authority) - now_us >= kRenewalMicros) return;
  base::LogWarning(fmt::format(
      "certificate authority \"{}\" has ended or ends in less than 30 days; a start without that "
      "file makes a new one, which clients have to be given",
      path));
}

// The server's certificate as it lies there; empty where there is none.
CertifiedKey ReadServerCertificate(const std::string& folder) {
  std::string certificate = folder + "/server.pem";
  std::string key = folder + "/server.key";
  if (!fs::exists(certificate) || !fs::exists(key)) return {};
  return {ReadTlsFile(certificate), ReadTlsFile(key)};
}

CertifiedKey ReplaceServerCertificate(const std::string& folder, CertifiedKey authority,
                                      const std::vector<std::string>& names, int64_t now_us,
                                      const std::string& fault) {
  authority.key = ReadTlsFile(folder + "/ca.key");
  CertifiedKey server = MakeServerCertificate(authority, names, now_us);
  WriteCertifiedKey(folder, "server", server);
  base::LogInfo(fmt::format("made the certificate \"{}/server.pem\", because {}", folder, fault));
  return server;
}

// The folder is held and has an authority.
CertifiedKey ServerCertificate(const std::string& folder, const std::string& authority,
                               const std::vector<std::string>& names, int64_t now_us) {
  CertifiedKey server = ReadServerCertificate(folder);
  auto fault_with = [&](int64_t left_us) {
    return server.certificates.empty() ? "there is none"
                                       : FaultOf(server, authority, names, now_us, left_us);
  };
  std::string fault = fault_with(kRenewalMicros);
  if (fault.empty()) return server;
  try {
    return ReplaceServerCertificate(folder, {authority, ""}, names, now_us, fault);
  } catch (const std::runtime_error& failure) {
    if (!fault_with(0).empty()) throw;
    base::LogWarning(fmt::format("certificate \"{}/server.pem\" is about to end: {}", folder,
                                 failure.what()));
    return server;
  }
}

}  // namespace

std::string ReadTlsFile(const std::string& path) {
  Descriptor file(path, O_RDONLY);
  std::string text;
  char piece[4096];
  while (true) {
    ssize_t size = read(file.number(), piece, sizeof piece);
    if (size < 0) ThrowErrno("read", path, errno);
    if (size == 0) return text;
    text.append(piece, static_cast<size_t>(size));
  }
}

CertifiedKey OpenTlsFolder(const std::string& folder, const std::vector<std::string>& names,
                           base::Clock& clock) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) ThrowErrno("create folder", folder, error.value());
  Descriptor held(folder, O_RDONLY | O_DIRECTORY);
  if (flock(held.number(), LOCK_EX) != 0) ThrowErrno("lock", folder, errno);
  int64_t now_us = clock.WallMicros();
  std::string authority_file = folder + "/ca.pem";
  if (!fs::exists(authority_file)) {
    WriteCertifiedKey(folder, "ca", MakeAuthority(now_us));
    base::LogInfo(fmt::format("made the certificate authority \"{}\"", authority_file));
  }
  std::string authority = ReadTlsFile(authority_file);
  try {
    WarnIfEnding(authority_file, authority, now_us);
    return ServerCertificate(folder, authority, names, now_us);
  } catch (const std::runtime_error& failure) {
    throw std::runtime_error(
        fmt::format("certificate authority \"{}\": {}", authority_file, failure.what()));
  }
}

}  // namespace sundog::auth
