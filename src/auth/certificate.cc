#include "auth/certificate.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <set>

#include "auth/openssl.h"
#include "base/check.h"
#include "base/random.h"

namespace sundog::auth {

namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kSecondsPerDay = 24 * 3600;
constexpr int64_t kBackdatedSeconds = 3600;
constexpr int64_t kAuthorityDays = 10 * 365 + 2;
constexpr int64_t kServerDays = 365;
constexpr size_t kMaxNameBytes = 253;
constexpr size_t kMaxLabelBytes = 63;

using openssl::Certificate;
using openssl::Freer;
using openssl::Key;
using openssl::Require;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

template <typename Write>
std::string Written(Write write) {
  openssl::Bio bio(BIO_new(BIO_s_mem()));
  Require(bio != nullptr && write(bio.get()) == 1, "write PEM");
  char* text = nullptr;
  long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

CertifiedKey ToPem(X509* certificate, EVP_PKEY* key) {
  return {Written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); }),
          Written([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

// --- making ---

void SetSerialNumber(X509* certificate) {
  std::array<unsigned char, 16> bytes;
  base::FillSecureRandom(bytes.data(), bytes.size());
  // Positive, and of full length: RFC 5280, section 4.1.2.2.
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x3f) | 0x40);
  std::unique_ptr<BIGNUM, Freer<BN_free>> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  Require(number != nullptr &&
              BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
          "set a serial number");
}

void SetName(X509_NAME* name, const std::string& common_name) {
  auto add = [&](const char* field, const std::string& value) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
    Require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes,
                                       static_cast<int>(value.size()), -1, 0) == 1,
            "set a certificate's name");
  };
  add("O", "Sundog");
  add("CN", common_name);
}

// A certificate but for its issuer's name, its extensions and its signature.
Certificate Begin(EVP_PKEY* key, const std::string& common_name, int64_t now_us, int64_t days) {
  Certificate certificate(X509_new());
  Require(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1,
          "make a certificate");
  SetSerialNumber(certificate.get());
  SetName(X509_get_subject_name(certificate.get()), common_name);
  time_t begin = static_cast<time_t>(now_us / kMicrosPerSecond - kBackdatedSeconds);
  time_t end = begin + static_cast<time_t>(days * kSecondsPerDay);
  Require(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), begin) != nullptr &&
              ASN1_TIME_set(X509_getm_notAfter(certificate.get()), end) != nullptr &&
              X509_set_pubkey(certificate.get(), key) == 1,
          "make a certificate");
  return certificate;
}

struct Extension {
  int nid;
  std::string value;  // as in an OpenSSL configuration file
};

// In the order given: an authority's key identifier is found in its own certificate.
void End(X509* certificate, X509* issuer, EVP_PKEY* issuer_key,
         const std::vector<Extension>& extensions) {
  Require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1,
          "set a certificate's issuer");
  for (const Extension& each : extensions) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, each.nid, each.value.c_str()));
    Require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
            "add an extension to a certificate");
  }
  Require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "sign a certificate");
}

Key MakeKey() {
  Key key(EVP_EC_gen("P-256"));
  Require(key != nullptr, "make a private key");
  return key;
}

// --- looking at what is there ---

bool IsAddress(const std::string& name, int family) {
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  return inet_pton(family, name.c_str(), bytes.data()) == 1;
}

std::string AddressText(int family, const void* bytes) {
  char text[INET6_ADDRSTRLEN];
  CHECK(inet_ntop(family, bytes, text, sizeof text) != nullptr);
  return text;
}

std::set<std::string> NamesOf(X509* certificate) {
  std::set<std::string> found;
  Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    const unsigned char* bytes = ASN1_STRING_get0_data(name->d.ia5);
    int size = ASN1_STRING_length(name->d.ia5);
    if (name->type == GEN_DNS) {
      found.emplace(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
    } else if (size == sizeof(in_addr)) {
      found.insert(AddressText(AF_INET, bytes));
    } else if (size == sizeof(in6_addr)) {
      found.insert(AddressText(AF_INET6, bytes));
    }
  }
  return found;
}

int64_t Micros(const ASN1_TIME* time) {
  tm parts{};
  Require(ASN1_TIME_to_tm(time, &parts) == 1, "read a certificate's validity");
  return int64_t{timegm(&parts)} * kMicrosPerSecond;
}

bool IsLabel(std::string_view label) {
  auto is_inner = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !label.empty() && label.size() <= kMaxLabelBytes && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), is_inner);
}

}  // namespace

std::optional<std::string> CertificateName(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  for (int family : {AF_INET, AF_INET6}) {
    if (!IsAddress(lower, family)) continue;
    std::array<unsigned char, sizeof(in6_addr)> bytes;
    inet_pton(family, lower.c_str(), bytes.data());
    return AddressText(family, bytes.data());
  }
  std::string_view rest = lower;
  if (rest.size() > kMaxNameBytes) return std::nullopt;
  if (rest.starts_with("*.")) rest.remove_prefix(2);
  while (true) {
    size_t dot = rest.find('.');
    if (!IsLabel(rest.substr(0, dot))) return std::nullopt;
    if (dot == std::string_view::npos) return lower;
    rest.remove_prefix(dot + 1);
  }
}

CertifiedKey MakeAuthority(int64_t now_us) {
  Key key = MakeKey();
  // Two of them in one trust store are told apart by their names.
  std::string name = fmt::format("Sundog certificate authority {:08x}",
                                 static_cast<uint32_t>(base::SecureSeed()));
  Certificate certificate = Begin(key.get(), name, now_us, kAuthorityDays);
  End(certificate.get(), certificate.get(), key.get(),
      {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
       {NID_key_usage, "critical,keyCertSign,cRLSign"},
       {NID_subject_key_identifier, "hash"},
       {NID_authority_key_identifier, "keyid:always"}});
  return ToPem(certificate.get(), key.get());
}

CertifiedKey MakeServerCertificate(const CertifiedKey& authority,
                                   const std::vector<std::string>& names, int64_t now_us) {
  CHECK(!names.empty());
  Certificate issuer = openssl::ParseCertificate(authority.certificates);
  Require(issuer != nullptr, "read the authority's certificate");
  Key issuer_key = openssl::ParseKey(authority.key);
  Require(issuer_key != nullptr, "read the authority's private key");
  Require(X509_check_private_key(issuer.get(), issuer_key.get()) == 1,
          "sign with a private key that is not the authority's");
  std::string alternatives;
  for (const std::string& name : names) {
    CHECK(CertificateName(name) == name);
    bool is_address = IsAddress(name, AF_INET) || IsAddress(name, AF_INET6);
    alternatives += fmt::format("{}{}:{}", alternatives.empty() ? "" : ",",
                                is_address ? "IP" : "DNS", name);
  }
  Key key = MakeKey();
  Certificate certificate = Begin(key.get(), "Sundog server", now_us, kServerDays);
  End(certificate.get(), issuer.get(), issuer_key.get(),
      {{NID_basic_constraints, "critical,CA:FALSE"},
       {NID_key_usage, "critical,digitalSignature"},
       {NID_ext_key_usage, "serverAuth"},
       {NID_subject_key_identifier, "hash"},
       {NID_authority_key_identifier, "keyid:always"},
       {NID_subject_alt_name, alternatives}});
  return ToPem(certificate.get(), key.get());
}

std::string FaultOf(const CertifiedKey& server, const std::string& authority,
                    const std::vector<std::string>& names, int64_t now_us, int64_t left_us) {
  Certificate certificate = openssl::ParseCertificate(server.certificates);
  Key key = openssl::ParseKey(server.key);
  ERR_clear_error();
  if (certificate == nullptr) return "it cannot be read";
  if (key == nullptr) return "its private key cannot be read";
  bool matches = X509_check_private_key(certificate.get(), key.get()) == 1;
  Certificate issuer = openssl::ParseCertificate(authority);
  Require(issuer != nullptr, "read the authority's certificate");
  bool is_signed = X509_check_issued(issuer.get(), certificate.get()) == X509_V_OK &&
                   X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1;
  ERR_clear_error();
  if (!matches) return "its private key is another one's";
  if (!is_signed) return "another authority signed it";
  if (NamesOf(certificate.get()) != std::set<std::string>(names.begin(), names.end())) {
    return "it has other names";
  }
  if (Micros(X509_get0_notBefore(certificate.get())) > now_us) return "it begins in the future";
  bool holds = Micros(X509_get0_notAfter(certificate.get())) - now_us >= left_us;
  return holds ? "" : "it has ended or is about to";
}

int64_t EndOfCertificate(const std::string& certificates) {
  Certificate certificate = openssl::ParseCertificate(certificates);
  Require(certificate != nullptr, "read a certificate");
  return Micros(X509_get0_notAfter(certificate.get()));
}

}  // namespace sundog::auth
