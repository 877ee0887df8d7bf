// The certificate that `serve` serves TLS with: from files that were named, or else one signed by
// the data folder's own authority (auth/tls_folder.h). A server that keeps nothing on disk has an
// authority of its own that is gone with it, so clients cannot verify that one.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace sundog::pgwire {
class TlsContext;
}

namespace sundog::cli {

struct ServeOptions;

// The names of the server's certificate: of this machine, of Aurora DSQL's clusters in the server's
// regions, and those given.
std::vector<std::string> CertificateNames(const ServeOptions& options);

// One certificate for both listeners, which differ in their ALPN.
struct ServedTls {
  std::shared_ptr<const pgwire::TlsContext> postgresql;
  std::shared_ptr<const pgwire::TlsContext> https;
};

// Reads, or makes, what is to be served from now on. Throws std::runtime_error naming the file.
ServedTls LoadCertificate(const ServeOptions& options);

// One label of a host name, as AWS's regions are.
bool IsRegion(const std::string& name);

}  // namespace sundog::cli
