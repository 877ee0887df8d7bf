#include "control/identities.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "auth/connect_token.h"
#include "auth/policy.h"
#include "base/clock.h"
#include "base/sql_error.h"
#include "control/credentials_file.h"
#include "control/identity_rows.h"
#include "control/open_identities.h"
#include "kv/store_fixture.h"

namespace sundog::control {
namespace {

using Kind = IdentityError::Kind;

constexpr std::string_view kPolicy =
    R"({"Statement": {"Effect": "Allow", "Action": "dsql:DbConnect", "Resource": "*"}})";
const PrincipalName kAnn{PrincipalKind::kUser, "ann"};
const PrincipalName kApp{PrincipalKind::kRole, "app"};

// Null if `action` is not refused.
template <typename Action>
std::optional<Kind> RefusalOf(Action action) {
  try {
    action();
  } catch (const IdentityError& error) {
    return error.kind();
  }
  return std::nullopt;
}

// Counts what is read.
class CountingStore : public kv::Store {
 public:
  explicit CountingStore(kv::Store& store) : store_(store) {}
  kv::SnapshotPtr Newest() override {
    ++snapshots;
    return store_.Newest();
  }
  kv::Version NewestVersion() override { return store_.NewestVersion(); }
  kv::CommitOutcome Commit(const kv::CommitRequest& request) override {
    return store_.Commit(request);
  }
  kv::Changed ChangedSince(std::string_view key, kv::Version since) override {
    return store_.ChangedSince(key, since);
  }
  std::unique_ptr<kv::Watch> WatchKey(std::string_view key) override {
    return store_.WatchKey(key);
  }
  std::unique_ptr<kv::Feed> OpenFeed(std::string_view prefix, kv::FeedSink& sink) override {
    return store_.OpenFeed(prefix, sink);
  }
  kv::Version OldestSnapshot() override { return store_.OldestSnapshot(); }
  uint64_t EstimateBytes(const kv::KeyRange& range) override {
    return store_.EstimateBytes(range);
  }
  void Flush() override { store_.Flush(); }

  std::atomic<int> snapshots = 0;

 private:
  kv::Store& store_;
};

class IdentitiesTest : public ::testing::Test {
 protected:
  IdentitiesTest() { identities_.Initialize(Identities::GenerateAccessKey()); }

  kv::MemoryBackend backend_;
  CountingStore store_{backend_.store()};
  base::ManualClock clock_{1'000'000'000};
  SecretKey secret_key_ = SecretKey::Random();
  Identities identities_{store_, clock_, secret_key_};
};

TEST_F(IdentitiesTest, ANewAccountHasAnAdministratorWithAllRights) {
  EXPECT_TRUE(IsAccountId(identities_.account()));
  PrincipalName administrator{PrincipalKind::kUser, std::string(kAdministrator)};
  std::vector<AccessKeyInfo> keys = identities_.ListAccessKeys(administrator);
  ASSERT_EQ(keys.size(), 1u);
  auto owner = identities_.FindAccessKey(keys[0].id);
  ASSERT_TRUE(owner.has_value());
  EXPECT_EQ(owner->arn, "arn:aws:iam::" + identities_.account() + ":user/administrator");
  EXPECT_EQ(owner->secret.size(), 40u);
  EXPECT_EQ(auth::Judge(*owner->policies, "dsql:DbConnectAdmin", "arn:aws:dsql:a:b:cluster/c"),
            auth::Verdict::kAllowed);
  EXPECT_EQ(RefusalOf([&] { identities_.Initialize(std::nullopt); }), Kind::kAlreadyExists);
}

TEST_F(IdentitiesTest, AnOlderVersionsAdministratorGetsTheRightsOfANewOne) {
  constexpr std::string_view kOld =
      R"({"Version": "2012-10-17", "Statement": )"
      R"([{"Effect": "Allow", "Action": "dsql:*", "Resource": "*"}]})";
  PrincipalName administrator{PrincipalKind::kUser, std::string(kAdministrator)};
  std::string current = identities_.GetPolicy(administrator, kAdministratorPolicy).value();
  auto renewed = [&](std::string_view before) {
    identities_.PutPolicy(administrator, kAdministratorPolicy, before);
    identities_.RenewAdministratorPolicy();
    return identities_.GetPolicy(administrator, kAdministratorPolicy).value();
  };
  EXPECT_EQ(renewed(kOld), current);
  // Nobody's own choice is undone, be it as good as the old one.
  EXPECT_EQ(renewed(kPolicy), kPolicy);
  std::string spaced = std::string(kOld) + " ";
  EXPECT_EQ(renewed(spaced), spaced);
  uint64_t changes = ReadChanges(*store_.Newest());
  identities_.RenewAdministratorPolicy();
  EXPECT_EQ(ReadChanges(*store_.Newest()), changes);
  identities_.DeletePolicy(administrator, kAdministratorPolicy);
  identities_.RenewAdministratorPolicy();
  EXPECT_TRUE(identities_.ListPolicies(administrator).empty());
}

TEST_F(IdentitiesTest, UsersAndRolesAreMadeListedAndDeleted) {
  PrincipalInfo ann = identities_.Create(kAnn);
  EXPECT_EQ(ann.arn, "arn:aws:iam::" + identities_.account() + ":user/ann");
  EXPECT_EQ(ann.created_s, 1000);
  EXPECT_EQ(identities_.Create(kApp).arn, "arn:aws:iam::" + identities_.account() + ":role/app");
  ASSERT_EQ(identities_.List(PrincipalKind::kUser).size(), 2u);
  EXPECT_EQ(identities_.List(PrincipalKind::kUser)[1].name, kAnn);
  ASSERT_EQ(identities_.List(PrincipalKind::kRole).size(), 1u);
  EXPECT_EQ(identities_.Find(kApp)->created_s, 1000);
  EXPECT_FALSE(identities_.Find({PrincipalKind::kRole, "ann"}).has_value());
  identities_.Delete(kAnn);
  EXPECT_FALSE(identities_.Find(kAnn).has_value());
  EXPECT_EQ(RefusalOf([&] { identities_.Delete(kAnn); }), Kind::kNotFound);
}

TEST_F(IdentitiesTest, NamesAreCheckedAndMayNotDifferInCaseAlone) {
  for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a b"),
                                  std::string("a/b"), std::string("a\0b", 3), std::string("é")}) {
    EXPECT_EQ(RefusalOf([&] { identities_.Create({PrincipalKind::kUser, name}); }),
              Kind::kInvalid)
        << name;
  }
  PrincipalName most{PrincipalKind::kUser, std::string(59, 'a') + "+=,.@"};
  identities_.Create(most);
  auth::SigV4Credentials key = identities_.CreateAccessKey(most);
  EXPECT_EQ(identities_.FindAccessKey(key.access_key_id)->secret, key.secret);
  identities_.Create(kAnn);
  EXPECT_EQ(RefusalOf([&] { identities_.Create({PrincipalKind::kUser, "Ann"}); }),
            Kind::kAlreadyExists);
  EXPECT_EQ(identities_.Find({PrincipalKind::kUser, "ANN"})->name, kAnn);
}

TEST_F(IdentitiesTest, AccessKeysOpenToTheirSecretsUntilTheyAreDeleted) {
  identities_.Create(kApp);
  auth::SigV4Credentials first = identities_.CreateAccessKey(kApp);
  auth::SigV4Credentials second = identities_.CreateAccessKey(kApp);
  EXPECT_EQ(first.access_key_id.size(), 20u);
  EXPECT_TRUE(first.access_key_id.starts_with("AKIA"));
  EXPECT_EQ(first.access_key_id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
            std::string::npos);
  EXPECT_EQ(first.secret.size(), 40u);
  EXPECT_NE(first.secret, second.secret);
  EXPECT_EQ(identities_.FindAccessKey(first.access_key_id)->secret, first.secret);
  EXPECT_EQ(identities_.FindAccessKey(second.access_key_id)->secret, second.secret);
  EXPECT_EQ(identities_.FindAccessKey(first.access_key_id)->arn, identities_.Arn(kApp));
  EXPECT_EQ(RefusalOf([&] { identities_.CreateAccessKey(kApp); }), Kind::kLimit);
  EXPECT_EQ(RefusalOf([&] { identities_.Delete(kApp); }), Kind::kInUse);
  identities_.DeleteAccessKey(first.access_key_id);
  EXPECT_FALSE(identities_.FindAccessKey(first.access_key_id).has_value());
  EXPECT_EQ(identities_.ListAccessKeys(kApp).size(), 1u);
  identities_.DeleteAccessKey(second.access_key_id);
  identities_.Delete(kApp);
  EXPECT_EQ(RefusalOf([&] { identities_.DeleteAccessKey(first.access_key_id); }), Kind::kNotFound);
  EXPECT_EQ(RefusalOf([&] { identities_.CreateAccessKey(kApp); }), Kind::kNotFound);
  EXPECT_FALSE(identities_.FindAccessKey("").has_value());
}

TEST_F(IdentitiesTest, PoliciesArePutReadReplacedAndDeleted) {
  identities_.Create(kAnn);
  std::string key = identities_.CreateAccessKey(kAnn).access_key_id;
  auto judge = [&](std::string_view action) {
    return auth::Judge(*identities_.FindAccessKey(key)->policies, action, "arn");
  };
  EXPECT_EQ(judge("dsql:DbConnect"), auth::Verdict::kNotAllowed);
  identities_.PutPolicy(kAnn, "connect", kPolicy);
  EXPECT_EQ(judge("dsql:DbConnect"), auth::Verdict::kAllowed);
  EXPECT_EQ(identities_.GetPolicy(kAnn, "connect"), kPolicy);
  EXPECT_EQ(identities_.GetPolicy(kAnn, "other"), std::nullopt);
  identities_.PutPolicy(
      kAnn, "connect",
      R"({"Statement": {"Effect": "Deny", "Action": "dsql:DbConnect", "Resource": "*"}})");
  EXPECT_EQ(judge("dsql:DbConnect"), auth::Verdict::kExplicitlyDenied);
  identities_.PutPolicy(kAnn, "another", kPolicy);
  EXPECT_EQ(identities_.ListPolicies(kAnn), (std::vector<std::string>{"another", "connect"}));
  identities_.DeletePolicy(kAnn, "connect");
  EXPECT_EQ(judge("dsql:DbConnect"), auth::Verdict::kAllowed);
  EXPECT_EQ(RefusalOf([&] { identities_.DeletePolicy(kAnn, "connect"); }), Kind::kNotFound);
  identities_.DeleteAccessKey(key);
  EXPECT_EQ(RefusalOf([&] { identities_.Delete(kAnn); }), Kind::kInUse);
  EXPECT_EQ(RefusalOf([&] { identities_.PutPolicy(kAnn, "a b", kPolicy); }), Kind::kInvalid);
  EXPECT_EQ(RefusalOf([&] { identities_.PutPolicy(kAnn, "p", "{}"); }), Kind::kMalformedPolicy);
  EXPECT_EQ(RefusalOf([&] { identities_.PutPolicy(kApp, "p", kPolicy); }), Kind::kNotFound);
}

TEST_F(IdentitiesTest, LookupsReadTheStoreOnlyAfterAChange) {
  identities_.Create(kAnn);
  std::string key = identities_.CreateAccessKey(kAnn).access_key_id;
  EXPECT_TRUE(identities_.FindAccessKey(key).has_value());
  int before = store_.snapshots;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(identities_.FindAccessKey(key).has_value());
  EXPECT_EQ(store_.snapshots, before);
  // Another server on the same store.
  Identities other(backend_.store(), clock_, secret_key_);
  other.DeleteAccessKey(key);
  EXPECT_FALSE(identities_.FindAccessKey(key).has_value());
  EXPECT_EQ(store_.snapshots, before + 1);
}

TEST_F(IdentitiesTest, SecretsAreNowhereInTheStore) {
  identities_.Create(kAnn);
  auth::SigV4Credentials key = identities_.CreateAccessKey(kAnn);
  for (const auto& [row, value] :
       kv::ReadAll(*store_.Newest(), kv::PrefixRange(""), kv::Direction::kForward)) {
    EXPECT_EQ(value.find(key.secret), std::string::npos);
    EXPECT_EQ(row.find(key.secret), std::string::npos);
  }
}

TEST_F(IdentitiesTest, ASealedSecretIsOfUseToItsOwnKeyAlone) {
  identities_.Create(kAnn);
  std::string mine = identities_.CreateAccessKey(kAnn).access_key_id;
  std::string other = identities_.CreateAccessKey(kAnn).access_key_id;
  // The row of one key under the id of the other.
  kv::ReadBuffer buffer;
  kv::SnapshotPtr snapshot = store_.Newest();
  std::string row(*snapshot->Get(AccessKeyKey(mine), buffer));
  std::string changes = EncodeChanges(ReadChanges(*snapshot) + 1);
  kv::WriteList writes;
  writes.Add(ChangesKey(), changes);
  writes.Add(AccessKeyKey(other), row);
  ASSERT_EQ(store_.Commit({.writes = writes.view()}).kind, kv::CommitOutcome::Kind::kCommitted);
  EXPECT_TRUE(identities_.FindAccessKey(mine).has_value());
  EXPECT_THROW((void)identities_.FindAccessKey(other), SqlError);
}

TEST_F(IdentitiesTest, AnotherSecretKeyIsNoticedAtStart) {
  EXPECT_THROW(Identities(store_, clock_, SecretKey::Random()), SqlError);
}

TEST_F(IdentitiesTest, ServersOfOneStoreNeverUndoEachOther) {
  Identities other(backend_.store(), clock_, secret_key_);
  std::atomic<int> made = 0;
  auto create = [&made](Identities& identities) {
    for (int i = 0; i < 200; ++i) {
      PrincipalName user{PrincipalKind::kUser, "user" + std::to_string(i)};
      std::optional<Kind> refusal = RefusalOf([&] {
        identities.Create(user);
        ++made;
      });
      EXPECT_TRUE(!refusal || *refusal == Kind::kAlreadyExists || *refusal == Kind::kConflict);
      (void)identities.FindAccessKey("nobody");
    }
  };
  std::thread first(create, std::ref(identities_));
  std::thread second(create, std::ref(other));
  first.join();
  second.join();
  // The administrator, and each user once.
  EXPECT_EQ(identities_.List(PrincipalKind::kUser).size(), static_cast<size_t>(made) + 1);
  EXPECT_EQ(ReadChanges(*store_.Newest()), static_cast<uint64_t>(made) + 1);
}

TEST_F(IdentitiesTest, ThreadsOfOneServerNeverConflict) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < 50; ++i) {
        PrincipalName user{PrincipalKind::kUser, fmt::format("user-{}-{}", thread, i)};
        identities_.Create(user);
        auth::SigV4Credentials key = identities_.CreateAccessKey(user);
        EXPECT_EQ(identities_.FindAccessKey(key.access_key_id)->secret, key.secret);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(identities_.List(PrincipalKind::kUser).size(), 201u);
}

// The example of identity_rows.h.
TEST(IdentityRows, AreAsSpecified) {
  EXPECT_EQ(PrincipalKey(kAnn), std::string("\0\0\0\0\0\0\0\4\0\0\0\3uann", 16));
  EXPECT_EQ(EncodePrincipal(1000), std::string("\1\xe8\3\0\0\0\0\0\0", 9));
  EXPECT_EQ(PolicyKey(kApp, "p"), std::string("\0\0\0\0\0\0\0\4\0\0\0\5rapp\0p", 18));
}

TEST(IdentityRows, MalformedOnesAreSaidToBe) {
  for (const auto& [key, value] : {
           std::pair{ChangesKey(), std::string("1")},
           {AccountKey(), std::string("\1123")},
           {AccountKey(), std::string()},
           {PrincipalKey(kAnn), std::string("\2\0\0\0\0\0\0\0\0", 9)},
           {PrincipalKey(kAnn).replace(12, 1, "x"), EncodePrincipal(1)},
           {AccessKeyKey("A"), std::string("\1\0\0\0\0\0\0\0\0u\5ann", 14)},
           {AccessKeyKey("A"), EncodeAccessKey({kAnn, 1, "x"})},  // of nobody
           {PolicyKey(kAnn, "p"), EncodePolicy({1, "{}"})},
       }) {
    kv::MemoryBackend backend;
    kv::WriteList writes;
    writes.Add(key, value);
    ASSERT_EQ(backend.store().Commit({.writes = writes.view()}).kind,
              kv::CommitOutcome::Kind::kCommitted);
    EXPECT_THROW(ReadIdentities(*backend.store().Newest()), SqlError) << key;
  }
}

class OpenIdentitiesTest : public ::testing::Test {
 protected:
  OpenedIdentities Open(const std::optional<auth::SigV4Credentials>& given = std::nullopt) {
    return OpenIdentities(backend_.store(), base::SystemClock(), backend_.path(), given);
  }
  std::string Path(std::string_view file) { return backend_.path() + "/" + std::string(file); }
  static mode_t ModeOf(const std::string& path) {
    struct stat facts {};
    EXPECT_EQ(stat(path.c_str(), &facts), 0) << path;
    return facts.st_mode & 0777;
  }

  kv::RocksBackend backend_;
};

TEST_F(OpenIdentitiesTest, ANewFolderGetsAKeyThatConnectsAndThatStays) {
  std::string account;
  {
    OpenedIdentities opened = Open();
    account = opened.identities->account();
    EXPECT_EQ(ModeOf(Path("secret.key")), 0600u);
    EXPECT_EQ(ModeOf(Path("credentials")), 0600u);
    EXPECT_EQ(ReadCredentialsFile(Path("credentials"), "default").access_key_id,
              opened.new_access_key->access_key_id);
  }
  backend_.Reopen();
  OpenedIdentities opened = Open();
  EXPECT_FALSE(opened.new_access_key.has_value());
  EXPECT_EQ(opened.identities->account(), account);
  auth::SigV4Credentials key = ReadCredentialsFile(Path("credentials"), "default");
  std::string token = auth::MakeConnectToken(auth::ConnectAction::kDbConnectAdmin, "localhost",
                                             "us-east-1", key, 1000);
  std::vector<std::string> hosts{"localhost"};
  auto outcome = auth::VerifyConnectToken(token, {"admin", "us-east-1", "arn:aws:dsql", hosts},
                                          1000, *opened.identities);
  ASSERT_TRUE(std::holds_alternative<auth::ConnectIdentity>(outcome));
  EXPECT_EQ(std::get<auth::ConnectIdentity>(outcome).arn,
            "arn:aws:iam::" + account + ":user/administrator");
}

TEST_F(OpenIdentitiesTest, AStartThatWasCutShortIsDoneAgain) {
  SecretKey::Random().Save(Path("secret.key"));
  WriteCredentialsFile(Path("credentials"), {"AKIAOLD", "old", ""});
  OpenedIdentities opened = Open();
  EXPECT_TRUE(opened.identities->FindAccessKey(opened.new_access_key->access_key_id).has_value());
  EXPECT_EQ(ReadCredentialsFile(Path("credentials"), "default").access_key_id,
            opened.new_access_key->access_key_id);
}

TEST_F(OpenIdentitiesTest, AnOlderFoldersAdministratorIsBroughtUpToDate) {
  PrincipalName administrator{PrincipalKind::kUser, std::string(kAdministrator)};
  {
    OpenedIdentities opened = Open();
    opened.identities->PutPolicy(
        administrator, kAdministratorPolicy,
        R"({"Version": "2012-10-17", "Statement": )"
        R"([{"Effect": "Allow", "Action": "dsql:*", "Resource": "*"}]})");
  }
  OpenedIdentities opened = Open();
  auto policy = opened.identities->GetPolicy(administrator, kAdministratorPolicy);
  EXPECT_NE(policy->find("iam:*"), std::string::npos);
}

TEST_F(OpenIdentitiesTest, AGivenKeyIsTheAdministrators) {
  OpenedIdentities opened = Open(auth::SigV4Credentials{"AKIAGIVEN", "given", ""});
  EXPECT_EQ(opened.new_access_key->access_key_id, "AKIAGIVEN");
  EXPECT_EQ(opened.identities->FindAccessKey("AKIAGIVEN")->secret, "given");
  EXPECT_EQ(ReadCredentialsFile(Path("credentials"), "default").secret, "given");
}

TEST_F(OpenIdentitiesTest, ALostOrOpenSecretKeyIsRefused) {
  Open();
  auto message = [this] {
    try {
      Open();
    } catch (const SqlError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  chmod(Path("secret.key").c_str(), 0640);
  EXPECT_EQ(message(), "file \"" + Path("secret.key") + "\" can be read or changed by others");
  chmod(Path("secret.key").c_str(), 0600);
  EXPECT_EQ(message(), "none");
  std::ofstream(Path("secret.key")) << "00\n";
  EXPECT_EQ(message(),
            "file \"" + Path("secret.key") + "\" does not hold a key of 64 hexadecimal digits");
  std::filesystem::remove(Path("secret.key"));
  EXPECT_EQ(message(), "file \"" + Path("secret.key") + "\" is missing");
  EXPECT_FALSE(std::filesystem::exists(Path("secret.key")));
}

TEST(OpenIdentitiesInMemory, WritesNothingAndHasAKeyOnlyIfOneIsGiven) {
  kv::MemoryBackend backend;
  OpenedIdentities opened = OpenIdentities(backend.store(), base::SystemClock(), "", std::nullopt);
  EXPECT_FALSE(opened.new_access_key.has_value());
  EXPECT_TRUE(opened.identities->initialized());
  kv::MemoryBackend other;
  opened = OpenIdentities(other.store(), base::SystemClock(), "",
                          auth::SigV4Credentials{"AKIAGIVEN", "given", ""});
  EXPECT_EQ(opened.identities->FindAccessKey("AKIAGIVEN")->secret, "given");
}

TEST(Principal, SessionsOfARoleAreTheRole) {
  EXPECT_EQ(FoldAssumedRole("arn:aws:sts::123456789012:assumed-role/app/session"),
            "arn:aws:iam::123456789012:role/app");
  for (std::string_view other :
       {"arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:role/app",
        "arn:aws:sts::123456789012:assumed-role/app", "arn:aws:sts::123456789012:assumed-role/app/",
        "arn:aws:sts::123456789012:assumed-role//s", "arn:aws:sts::12345678901:assumed-role/a/s",
        "arn:aws:sts::123456789012:federated-user/ann", "arn:aws:sts::", "arn:aws:sts::1234", ""}) {
    EXPECT_EQ(FoldAssumedRole(other), other);
  }
}

TEST(Principal, ArnsOfOtherAccountsNameNobody) {
  EXPECT_EQ(ParsePrincipalArn("arn:aws:iam::123456789012:user/ann", "123456789012"), kAnn);
  EXPECT_EQ(ParsePrincipalArn("arn:aws:sts::123456789012:assumed-role/app/s", "123456789012"),
            kApp);
  for (std::string_view other :
       {"arn:aws:iam::000000000000:user/ann", "arn:aws:iam::123456789012:user/",
        "arn:aws:iam::123456789012:group/ann", "arn:aws:iam::123456789012:user/a/b", "ann", ""}) {
    EXPECT_EQ(ParsePrincipalArn(other, "123456789012"), std::nullopt) << other;
  }
}

TEST(SecretKeyTest, OpensWhatItSealedAndNothingElse) {
  SecretKey key = SecretKey::Random();
  for (std::string secret : {"", "x", "a secret of some length"}) {
    std::string sealed = key.Seal(secret, "purpose");
    EXPECT_EQ(sealed.size(), secret.size() + 28);
    EXPECT_NE(sealed, key.Seal(secret, "purpose"));
    EXPECT_EQ(key.Open(sealed, "purpose"), secret);
    EXPECT_EQ(key.Open(sealed, "another"), std::nullopt);
    EXPECT_EQ(SecretKey::Random().Open(sealed, "purpose"), std::nullopt);
    for (size_t i = 0; i < sealed.size(); ++i) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_EQ(key.Open(changed, "purpose"), std::nullopt);
      EXPECT_EQ(key.Open(sealed.substr(0, i), "purpose"), std::nullopt);
    }
  }
}

TEST(CredentialsFile, ProfilesAreReadAsAwsWritesThem) {
  kv::TemporaryFolder folder;
  std::string path = folder.path() + "/credentials";
  std::ofstream(path) << "# mine\n[other]\nregion=us-east-1\n"
                         "AWS_ACCESS_KEY_ID=AKIAOTHER\naws_secret_access_key=a=b/+\n"
                         "\n[ default ]\r\n  aws_access_key_id = AKIADEFAULT\r\n; no\r\n"
                         "aws_secret_access_key = s\r\naws_session_token = t\r\n"
                         "[half]\naws_access_key_id = AKIAHALF\n[\n[]\n";
  auth::SigV4Credentials key = ReadCredentialsFile(path, "default");
  EXPECT_EQ(key.access_key_id, "AKIADEFAULT");
  EXPECT_EQ(key.secret, "s");
  EXPECT_EQ(key.session_token, "t");
  key = ReadCredentialsFile(path, "other");
  EXPECT_EQ(key.access_key_id, "AKIAOTHER");
  EXPECT_EQ(key.secret, "a=b/+");
  EXPECT_EQ(key.session_token, "");
  EXPECT_THROW((void)ReadCredentialsFile(path, "half"), SqlError);
  EXPECT_THROW((void)ReadCredentialsFile(path, "none"), SqlError);
  EXPECT_THROW((void)ReadCredentialsFile(path + "x", "default"), SqlError);
}

}  // namespace
}  // namespace sundog::control
