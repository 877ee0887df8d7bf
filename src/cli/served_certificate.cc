#include "cli/served_certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "auth/certificate.h"
#include "auth/tls_folder.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/serve.h"
#include "http/message.h"
#include "pgwire/tls_context.h"

namespace sundog::cli {

namespace {

ServedTls Serving(const auth::CertifiedKey& identity) {
  return {std::make_shared<pgwire::TlsContext>(identity, pgwire::kPostgresqlProtocol),
          std::make_shared<pgwire::TlsContext>(identity, http::kProtocol)};
}

ServedTls LoadFiles(const std::string& certificate_file, const std::string& key_file) {
  auth::CertifiedKey identity{base::ReadFile(certificate_file), base::ReadFile(key_file)};
  try {
    return Serving(identity);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("certificate \"{}\" with key \"{}\": {}", certificate_file,
                                         key_file, error.what()));
  }
}

}  // namespace

bool IsRegion(const std::string& name) {
  return name.find_first_of(".:") == std::string::npos && auth::CertificateName(name) == name;
}

std::vector<std::string> CertificateNames(const ServeOptions& options) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  for (const std::string& region : options.regions) {
    names.push_back(fmt::format("*.dsql.{}.on.aws", region));
  }
  for (const std::string& given : options.tls_names) {
    std::optional<std::string> name = auth::CertificateName(given);
    CHECK(name.has_value());
    names.push_back(*name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

ServedTls LoadCertificate(const ServeOptions& options) {
  if (!options.tls_certificate_file.empty()) {
    return LoadFiles(options.tls_certificate_file, options.tls_key_file);
  }
  std::vector<std::string> names = CertificateNames(options);
  base::Clock& clock = base::SystemClock();
  if (!options.engine.data_folder.empty()) {
    return Serving(auth::OpenTlsFolder(options.engine.data_folder + "/tls", names, clock));
  }
  return Serving(auth::MakeServerCertificate(auth::MakeAuthority(clock.WallMicros()), names,
                                             clock.WallMicros()));
}

}  // namespace sundog::cli
