#include "auth/tls_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/file.h"
#include "kv/store_fixture.h"

namespace sundog::auth {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 24 * 3600 * kSecond;
const Names kNames{"127.0.0.1", "localhost"};

class TlsFolderTest : public ::testing::Test {
 protected:
  CertifiedKey Open(const Names& names = kNames) { return OpenTlsFolder(folder_, names, clock_); }
  std::string Read(const std::string& name) { return base::ReadFile(folder_ + "/" + name); }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }
  void Remove(const std::string& name) { fs::remove(folder_ + "/" + name); }
  mode_t ModeOf(const std::string& name) {
    struct stat found{};
    EXPECT_EQ(stat((folder_ + "/" + name).c_str(), &found), 0);
    return found.st_mode & 0777;
  }
  std::string Failure() {
    try {
      Open();
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  base::ManualClock clock_{1'800'000'000 * kSecond};
  kv::TemporaryFolder parent_;
  const std::string folder_ = parent_.path() + "/data/tls";
};

TEST_F(TlsFolderTest, TheFirstTimeMakesEverythingAndTheNextTimeNothing) {
  CertifiedKey server = Open();
  EXPECT_EQ(server.certificates, Read("server.pem"));
  EXPECT_EQ(server.key, Read("server.key"));
  EXPECT_EQ(FaultOf(server, Read("ca.pem"), kNames, clock_.WallMicros(), 0), "");
  EXPECT_EQ(ModeOf("ca.key"), 0600u);
  EXPECT_EQ(ModeOf("server.key"), 0600u);
  EXPECT_EQ(ModeOf("ca.pem") & 0444, 0444u);
  std::string authority = Read("ca.pem");
  clock_.Advance(300 * kDay);
  CertifiedKey again = Open();
  EXPECT_EQ(again.certificates, server.certificates);
  EXPECT_EQ(again.key, server.key);
  EXPECT_EQ(Read("ca.pem"), authority);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 4);
}

TEST_F(TlsFolderTest, OtherNamesOrANearEndMakeAnotherCertificateOfTheSameAuthority) {
  CertifiedKey server = Open();
  std::string authority = Read("ca.pem");
  std::string key = Read("ca.key");
  CertifiedKey renamed = Open({"db.example", "localhost"});
  EXPECT_NE(renamed.certificates, server.certificates);
  EXPECT_NE(renamed.key, server.key);
  clock_.Advance(340 * kDay);
  CertifiedKey renewed = Open({"db.example", "localhost"});
  EXPECT_NE(renewed.certificates, renamed.certificates);
  EXPECT_EQ(FaultOf(renewed, authority, {"db.example", "localhost"}, clock_.WallMicros(), 0), "");
  EXPECT_EQ(Read("ca.pem"), authority);
  EXPECT_EQ(Read("ca.key"), key);
}

TEST_F(TlsFolderTest, AServersCertificateThatCannotBeUsedIsMadeAgain) {
  CertifiedKey server = Open();
  Write("server.pem", "junk");
  EXPECT_NE(Open().certificates, server.certificates);
  Write("server.key", server.key);
  EXPECT_NE(Open().key, server.key);
  Remove("server.key");
  EXPECT_NE(Open().key, "");
  // What a start left that was cut short.
  Write("server.pem.new", "half");
  Remove("server.pem");
  EXPECT_EQ(FaultOf(Open(), Read("ca.pem"), kNames, clock_.WallMicros(), 0), "");
}

TEST_F(TlsFolderTest, TheAuthorityIsNeverMadeAgain) {
  Open();
  std::string authority = Read("ca.pem");
  std::string key = Read("ca.key");
  Write("ca.pem", "junk");
  EXPECT_NE(Failure().find(folder_ + "/ca.pem"), std::string::npos) << Failure();
  EXPECT_EQ(Read("ca.pem"), "junk");
  Write("ca.pem", authority);
  Write("ca.key", "junk");
  EXPECT_EQ(Failure(), "");
  Remove("ca.key");
  EXPECT_EQ(Failure(), "");
  Remove("server.pem");
  EXPECT_NE(Failure().find(folder_ + "/ca.key"), std::string::npos) << Failure();
  EXPECT_EQ(Read("ca.pem"), authority);
  Write("ca.key", key);
  EXPECT_EQ(Failure(), "");
}

TEST_F(TlsFolderTest, WhatCannotBeMadeAgainServesToItsEnd) {
  CertifiedKey server = Open();
  Remove("ca.key");
  clock_.Advance(350 * kDay);
  EXPECT_EQ(Open().certificates, server.certificates);
  clock_.Advance(16 * kDay);
  EXPECT_NE(Failure().find(folder_ + "/ca.key"), std::string::npos) << Failure();
}

TEST_F(TlsFolderTest, ANewAuthoritySignsANewCertificate) {
  CertifiedKey server = Open();
  Remove("ca.pem");
  CertifiedKey other = Open();
  EXPECT_NE(other.certificates, server.certificates);
  EXPECT_EQ(FaultOf(other, Read("ca.pem"), kNames, clock_.WallMicros(), 0), "");
}

TEST_F(TlsFolderTest, AFolderThatCannotBeMadeIsNamed) {
  fs::create_directories(parent_.path() + "/data");
  std::ofstream(folder_) << "a file";
  EXPECT_NE(Failure().find(folder_), std::string::npos) << Failure();
}

}  // namespace
}  // namespace sundog::auth
