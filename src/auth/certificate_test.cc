#include "auth/certificate.h"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

#include "auth/openssl.h"

namespace sundog::auth {
namespace {

using openssl::Freer;
using Names = std::vector<std::string>;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 24 * 3600 * kSecond;
constexpr int64_t kNow = 1'800'000'000 * kSecond;
const Names kNames{"*.dsql.us-east-1.on.aws", "127.0.0.1", "::1", "localhost"};

openssl::Certificate Parsed(const CertifiedKey& pair) {
  openssl::Certificate certificate = openssl::ParseCertificate(pair.certificates);
  EXPECT_NE(certificate, nullptr);
  return certificate;
}

// As a strict client verifies the server it reached under a name; "" when it trusts it.
std::string Verify(const CertifiedKey& server, const CertifiedKey& authority,
                   const std::string& name, int64_t at_us) {
  std::unique_ptr<X509_STORE, Freer<X509_STORE_free>> trusted(X509_STORE_new());
  X509_STORE_add_cert(trusted.get(), Parsed(authority).get());
  std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  openssl::Certificate certificate = Parsed(server);
  X509_STORE_CTX_init(context.get(), trusted.get(), certificate.get(), nullptr);
  X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_auth_level(wanted, 2);
  X509_VERIFY_PARAM_set_time(wanted, static_cast<time_t>(at_us / kSecond));
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), name.size());
  }
  if (X509_verify_cert(context.get()) == 1) return "";
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

TEST(Certificate, AStrictClientTrustsItUnderEachOfItsNames) {
  CertifiedKey authority = MakeAuthority(kNow);
  CertifiedKey server = MakeServerCertificate(authority, kNames, kNow);
  for (const char* name :
       {"localhost", "127.0.0.1", "::1", "abc.dsql.us-east-1.on.aws", "LOCALHOST"}) {
    EXPECT_EQ(Verify(server, authority, name, kNow), "") << name;
  }
  for (const char* name : {"abc.dsql.eu-west-1.on.aws", "a.b.dsql.us-east-1.on.aws",
                           "dsql.us-east-1.on.aws", "localhost.com"}) {
    EXPECT_EQ(Verify(server, authority, name, kNow), "hostname mismatch") << name;
  }
  EXPECT_EQ(Verify(server, authority, "127.0.0.2", kNow), "IP address mismatch");
  EXPECT_NE(Verify(server, MakeAuthority(kNow), "localhost", kNow), "");
}

TEST(Certificate, TheServersHoldsAYearAndTheAuthorityTen) {
  CertifiedKey authority = MakeAuthority(kNow);
  CertifiedKey server = MakeServerCertificate(authority, kNames, kNow);
  auto at = [&](const CertifiedKey& which, int64_t time_us) {
    return Verify(which, authority, "localhost", time_us);
  };
  EXPECT_EQ(at(server, kNow - 3000 * kSecond), "");
  EXPECT_NE(at(server, kNow - 2 * 3600 * kSecond), "");
  EXPECT_EQ(at(server, kNow + 364 * kDay), "");
  EXPECT_EQ(at(server, kNow + 365 * kDay), "certificate has expired");
  int64_t late = kNow + 3649 * kDay;
  EXPECT_EQ(at(MakeServerCertificate(authority, kNames, late), late), "");
  EXPECT_EQ(EndOfCertificate(server.certificates), kNow + 365 * kDay - 3600 * kSecond);
}

TEST(Certificate, SaysWhatItIsForAndNoMore) {
  CertifiedKey authority = MakeAuthority(kNow);
  openssl::Certificate issuer = Parsed(authority);
  openssl::Certificate server = Parsed(MakeServerCertificate(authority, kNames, kNow));
  EXPECT_EQ(X509_get_version(server.get()), X509_VERSION_3);
  EXPECT_EQ(X509_get_extended_key_usage(server.get()), uint32_t{XKU_SSL_SERVER});
  EXPECT_EQ(X509_get_key_usage(server.get()), uint32_t{KU_DIGITAL_SIGNATURE});
  EXPECT_EQ(X509_get_key_usage(issuer.get()), uint32_t{KU_KEY_CERT_SIGN | KU_CRL_SIGN});
  EXPECT_EQ(X509_check_ca(server.get()), 0);
  EXPECT_EQ(X509_check_ca(issuer.get()), 1);
  EXPECT_EQ(X509_get_pathlen(issuer.get()), 0);
  EXPECT_NE(X509_get0_subject_key_id(server.get()), nullptr);
  EXPECT_EQ(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(server.get()),
                                  X509_get0_subject_key_id(issuer.get())),
            0);
}

TEST(Certificate, SerialNumbersAreLongPositiveAndDiffer) {
  CertifiedKey authority = MakeAuthority(kNow);
  openssl::Certificate one = Parsed(MakeServerCertificate(authority, kNames, kNow));
  openssl::Certificate other = Parsed(MakeServerCertificate(authority, kNames, kNow));
  for (X509* each : {one.get(), other.get()}) {
    EXPECT_EQ(ASN1_STRING_length(X509_get0_serialNumber(each)), 16);
    EXPECT_EQ(ASN1_STRING_type(X509_get0_serialNumber(each)), V_ASN1_INTEGER);
  }
  EXPECT_NE(
      ASN1_INTEGER_cmp(X509_get0_serialNumber(one.get()), X509_get0_serialNumber(other.get())), 0);
  EXPECT_NE(X509_NAME_cmp(X509_get_subject_name(Parsed(authority).get()),
                          X509_get_subject_name(Parsed(MakeAuthority(kNow)).get())),
            0);
}

TEST(Certificate, FaultsAreNamed) {
  CertifiedKey authority = MakeAuthority(kNow);
  CertifiedKey server = MakeServerCertificate(authority, kNames, kNow);
  CertifiedKey other = MakeServerCertificate(authority, kNames, kNow);
  auto fault = [&](const CertifiedKey& pair, int64_t now_us = kNow) {
    return FaultOf(pair, authority.certificates, kNames, now_us, 30 * kDay);
  };
  EXPECT_EQ(fault(server), "");
  EXPECT_EQ(fault({"junk", server.key}), "it cannot be read");
  EXPECT_EQ(fault({server.certificates, ""}), "its private key cannot be read");
  EXPECT_EQ(fault({server.certificates, other.key}), "its private key is another one's");
  EXPECT_EQ(fault(MakeServerCertificate(MakeAuthority(kNow), kNames, kNow)),
            "another authority signed it");
  EXPECT_EQ(fault(MakeServerCertificate(authority, {"localhost"}, kNow)), "it has other names");
  EXPECT_EQ(fault(server, kNow + 334 * kDay), "");
  EXPECT_EQ(fault(server, kNow + 335 * kDay), "it has ended or is about to");
  EXPECT_EQ(FaultOf(server, authority.certificates, kNames, kNow + 364 * kDay, 0), "");
  EXPECT_EQ(fault(server, kNow - kDay), "it begins in the future");
  Names reversed(kNames.rbegin(), kNames.rend());
  EXPECT_EQ(FaultOf(server, authority.certificates, reversed, kNow, 0), "");
}

TEST(Certificate, AnotherKeyThanTheAuthoritysIsRefused) {
  CertifiedKey authority = MakeAuthority(kNow);
  authority.key = MakeAuthority(kNow).key;
  EXPECT_THROW(MakeServerCertificate(authority, kNames, kNow), std::runtime_error);
  authority.key = "junk";
  EXPECT_THROW(MakeServerCertificate(authority, kNames, kNow), std::runtime_error);
}

TEST(Certificate, NamesAreHostsAndAddresses) {
  EXPECT_EQ(CertificateName("Db.Example.COM"), "db.example.com");
  EXPECT_EQ(CertificateName("*.example.com"), "*.example.com");
  EXPECT_EQ(CertificateName("localhost"), "localhost");
  EXPECT_EQ(CertificateName("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(CertificateName("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  for (const char* bad :
       {"", ".", "*", "*.", "a..b", "a.", "-a", "a-", "a*.b", "a.*.b", "a b", "a,DNS:b",
        "dns:a", "a\nb", "[::1]", "\xc3\xa4.example",
        "a123456789012345678901234567890123456789012345678901234567890123.example"}) {
    EXPECT_EQ(CertificateName(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace sundog::auth
