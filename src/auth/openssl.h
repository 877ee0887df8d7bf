// OpenSSL's objects with owners, its errors as exceptions. For source files: its headers are heavy.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace sundog::auth::openssl {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;

// Throws std::runtime_error "could not <doing>: <OpenSSL's reason>" unless ok.
void Require(bool ok, const char* doing);

// The text has to outlive it.
Bio Reading(const std::string& pem);
// The first one in the PEM text; null, with OpenSSL's reason in its queue, if it cannot be read.
Certificate ParseCertificate(const std::string& pem);
// The same; one with a passphrase cannot be read, instead of asking the terminal for it.
Key ParseKey(const std::string& pem);

}  // namespace sundog::auth::openssl
