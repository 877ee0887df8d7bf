// Certificates for TLS: a private certificate authority, and what it signs for a server.
//
//   authority  ECDSA P-256, ten years; basicConstraints CA with path length 0; keyUsage keyCertSign
//              and cRLSign
//   server     ECDSA P-256, a year; keyUsage digitalSignature, extendedKeyUsage serverAuth, its
//              names as subjectAltName
//
// Both are X.509 v3 with a random positive serial number and key identifiers (RFC 5280, as strict
// verifiers want it), and begin an hour before they are made, for clients whose clock is behind.
// All times are microseconds since 1970. What OpenSSL refuses is a std::runtime_error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::auth {

// A certificate, with those above it if there are any, and its private key; PEM.
struct CertifiedKey {
  std::string certificates;
  std::string key;
};

// A DNS name, whose first label may be `*`, or an IP address, in the form in which it is compared;
// null if it is neither.
std::optional<std::string> CertificateName(std::string_view name);

CertifiedKey MakeAuthority(int64_t now_us);
// The names are as CertificateName() answers them.
CertifiedKey MakeServerCertificate(const CertifiedKey& authority,
                                   const std::vector<std::string>& names, int64_t now_us);

// What is wrong with a server's certificate that is to be signed by `authority` (PEM), to be for
// exactly these names, and to hold at least `left_us` yet: "it has other names". Empty if nothing.
std::string FaultOf(const CertifiedKey& server, const std::string& authority,
                    const std::vector<std::string>& names, int64_t now_us, int64_t left_us);

// When the first certificate of the PEM text ends.
int64_t EndOfCertificate(const std::string& certificates);

}  // namespace sundog::auth
