#include "auth/tls_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

namespace sundog::auth {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kRenewalMicros = int64_t{30} * 24 * 3600 * 1'000'000;
constexpr mode_t kPublic = 0644;
constexpr mode_t kPrivate = 0600;

// A disk that runs full leaves both as they were.
void WriteCertifiedKey(const std::string& folder, const std::string& name,
                       const CertifiedKey& pair) {
  std::string key = folder + "/" + name + ".key";
  std::string certificate = folder + "/" + name + ".pem";
  base::WriteAside(key, pair.key, kPrivate);
  base::WriteAside(certificate, pair.certificates, kPublic);
  base::PutInPlace(key);
  base::PutInPlace(certificate);
  base::SyncFolder(folder);
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
  return {base::ReadFile(certificate), base::ReadFile(key)};
}

CertifiedKey ReplaceServerCertificate(const std::string& folder, CertifiedKey authority,
                                      const std::vector<std::string>& names, int64_t now_us,
                                      const std::string& fault) {
  authority.key = base::ReadFile(folder + "/ca.key");
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
  } catch (const std::exception& failure) {
    if (!fault_with(0).empty()) throw;
    base::LogWarning(fmt::format("certificate \"{}/server.pem\" is about to end: {}", folder,
                                 failure.what()));
    return server;
  }
}

}  // namespace

CertifiedKey OpenTlsFolder(const std::string& folder, const std::vector<std::string>& names,
                           base::Clock& clock) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) base::ThrowFileError("create folder", folder, error.value());
  base::OpenFile held(folder, O_RDONLY | O_DIRECTORY);
  if (flock(held.descriptor(), LOCK_EX) != 0) base::ThrowFileError("lock", folder, errno);
  int64_t now_us = clock.WallMicros();
  std::string authority_file = folder + "/ca.pem";
  if (!fs::exists(authority_file)) {
    WriteCertifiedKey(folder, "ca", MakeAuthority(now_us));
    base::LogInfo(fmt::format("made the certificate authority \"{}\"", authority_file));
  }
  std::string authority = base::ReadFile(authority_file);
  try {
    WarnIfEnding(authority_file, authority, now_us);
    return ServerCertificate(folder, authority, names, now_us);
  } catch (const std::exception& failure) {
    throw std::runtime_error(
        fmt::format("certificate authority \"{}\": {}", authority_file, failure.what()));
  }
}

}  // namespace sundog::auth
