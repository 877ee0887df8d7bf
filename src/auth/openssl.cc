#include "auth/openssl.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdexcept>

#include "base/check.h"

namespace sundog::auth::openssl {

void Require(bool ok, const char* doing) {
  if (ok) return;
  char reason[256] = "unknown error";
  if (unsigned long code = ERR_get_error()) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  throw std::runtime_error(fmt::format("could not {}: {}", doing, reason));
}

Bio Reading(const std::string& pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CHECK(bio != nullptr);
  return bio;
}

Certificate ParseCertificate(const std::string& pem) {
  ERR_clear_error();
  return Certificate(PEM_read_bio_X509(Reading(pem).get(), nullptr, nullptr, nullptr));
}

Key ParseKey(const std::string& pem) {
  ERR_clear_error();
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  return Key(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr, no_passphrase, nullptr));
}

}  // namespace sundog::auth::openssl
