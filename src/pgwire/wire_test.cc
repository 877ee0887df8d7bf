// The protocol over a real socket, against a scripted pipeline.
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "auth/authenticator.h"
#include "base/clock.h"
#include "base/random.h"
#include "pgwire/server.h"
#include "pgwire/testing_client.h"
#include "pgwire/testing_credentials.h"
#include "pgwire/testing_tls.h"
#include "pgwire/tls_context.h"
#include "runtime/runtime.h"
#include "session/testing/scripted_pipeline.h"

namespace sundog::pgwire {
namespace {

using session::testing::ScriptedPipeline;
using testing::Describe;
using testing::ErrorField;
using testing::Int16Bytes;
using testing::Int32Bytes;
using testing::Message;
using testing::TestClient;
using testing::TlsClient;
using testing::Z;

class WireTest : public ::testing::Test {
 protected:
  WireTest() { StartServer({}, std::nullopt); }
  ~WireTest() override { server_->Shutdown(); }

  void StartServer(ServerOptions options, std::optional<std::string> password) {
    if (server_ != nullptr) server_->Shutdown();
    server_.reset();
    credentials_ = std::make_unique<testing::OneRole>(std::move(password));
    options.port = 0;
    server_ = std::make_unique<Server>(runtime_, pipeline_, *credentials_, base::SystemClock(),
                                       std::move(options),
                                       std::make_shared<TlsContext>(testing::TestIdentity()));
    server_->Start();
  }

  static std::string Parse(std::string_view name, std::string_view sql) {
    return TestClient::Framed('P', Z(name) + Z(sql) + Int16Bytes(0));
  }
  static std::string Bind(std::string_view portal, std::string_view statement,
                          const std::vector<std::string>& parameters = {}) {
    std::string body = Z(portal) + Z(statement) + Int16Bytes(0) +
                       Int16Bytes(static_cast<int16_t>(parameters.size()));
    for (const std::string& parameter : parameters) {
      body += Int32Bytes(static_cast<int32_t>(parameter.size())) + parameter;
    }
    return TestClient::Framed('B', body + Int16Bytes(0));
  }
  static std::string DescribeWhat(char what, std::string_view name) {
    return TestClient::Framed('D', what + Z(name));
  }
  static std::string Execute(std::string_view portal, int32_t max_rows = 0) {
    return TestClient::Framed('E', Z(portal) + Int32Bytes(max_rows));
  }
  static std::string CloseWhat(char what, std::string_view name) {
    return TestClient::Framed('C', what + Z(name));
  }
  static std::string Flush() { return TestClient::Framed('H', ""); }
  static std::string Sync() { return TestClient::Framed('S', ""); }

  std::string Send(TestClient& client, const std::string& messages) {
    client.Send(messages);
    return Describe(client.ReadUntil('Z'));
  }

  runtime::Runtime runtime_{2};
  ScriptedPipeline pipeline_;
  std::unique_ptr<testing::OneRole> credentials_;
  std::unique_ptr<Server> server_;
};

TEST_F(WireTest, StartupSendsStatusKeyAndReady) {
  TestClient client(server_->port());
  std::vector<Message> messages = client.Connect(Z("application_name") + Z("me"));
  EXPECT_EQ(Describe(messages), "R K S S S S S S S S S S S S S Z(I)");
  bool seen = false;
  for (const Message& message : messages) {
    seen |= message.body == Z("application_name") + Z("me");
  }
  EXPECT_TRUE(seen);
}

TEST_F(WireTest, RefusesGssAndOldProtocolsAndNegotiatesNewOnes) {
  TestClient client(server_->port());
  client.SendStartup("", 80877104);
  char answer;
  ASSERT_TRUE(client.ReadExactly(&answer, 1));
  EXPECT_EQ(answer, 'N');
  client.SendStartup(TestClient::Parameters(Z("_pq_.novelty") + Z("1")), 196610);
  std::vector<Message> messages = client.ReadUntil('Z');
  EXPECT_EQ(messages[0].type, 'v');
  EXPECT_EQ(messages[0].body, Int32Bytes(0x30000) + Int32Bytes(1) + Z("_pq_.novelty"));
  TestClient old(server_->port());
  old.SendStartup(TestClient::Parameters(), 131072);
  EXPECT_EQ(Describe(old.ReadUntil('Z')), "E(0A000) EOF");
}

TEST_F(WireTest, StartupErrorsAreFatal) {
  TestClient nobody(server_->port());
  nobody.SendStartup(std::string(1, '\0'));
  EXPECT_EQ(Describe(nobody.ReadUntil('Z')), "E(28000) EOF");
  TestClient stranger(server_->port());
  stranger.SendStartup(Z("user") + Z("stranger") + '\0');
  EXPECT_EQ(Describe(stranger.ReadUntil('Z')), "E(28000) EOF");
  TestClient bad_setting(server_->port());
  bad_setting.SendStartup(TestClient::Parameters(Z("no_such_thing") + Z("1")));
  EXPECT_EQ(Describe(bad_setting.ReadUntil('Z')), "R E(42704) EOF");
  TestClient garbage(server_->port());
  garbage.Send(std::string("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(Describe(garbage.ReadUntil('Z')), "E(08P01) EOF");
}

TEST_F(WireTest, OptionsOfTheStartupPacketAreSettings) {
  TestClient client(server_->port());
  client.Connect(Z("options") + Z("-c statement_timeout=5s --geqo=off"));
  EXPECT_EQ(Describe(client.Query("SHOW statement_timeout;SHOW geqo")),
            "T D(5s) C(SHOW) T D(off) C(SHOW) Z(I)");
}

TEST_F(WireTest, SimpleQueries) {
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Describe(client.Query("SELECT 7")), "T D(7) C(SELECT 1) Z(I)");
  EXPECT_EQ(Describe(client.Query("")), "I Z(I)");
  EXPECT_EQ(Describe(client.Query("SELECT 1;ROWS 2;INSERT 3")),
            "T D(1) C(SELECT 1) T D(1,row 1) D(2,row 2) C(SELECT 2) C(INSERT 0 3) Z(I)");
  EXPECT_EQ(Describe(client.Query("SELECT 1;FAIL 22012;SELECT 2")),
            "T D(1) C(SELECT 1) E(22012) Z(I)");
  EXPECT_EQ(Describe(client.Query("SYNTAX")), "E(42601) Z(I)");
  EXPECT_EQ(Describe(client.Query("SELECT 1")), "T D(1) C(SELECT 1) Z(I)");
}

TEST_F(WireTest, ErrorsCarrySeverityCodeMessageAndCharacterPosition) {
  TestClient client(server_->port());
  client.Connect();
  std::vector<Message> messages = client.Query("FAIL 22012");
  EXPECT_EQ(ErrorField(messages[0], 'S'), "ERROR");
  EXPECT_EQ(ErrorField(messages[0], 'V'), "ERROR");
  EXPECT_EQ(ErrorField(messages[0], 'M'), "failed as asked");
  EXPECT_EQ(ErrorField(messages[0], 'P'), "6");
}

TEST_F(WireTest, TransactionBlocks) {
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Describe(client.Query("BEGIN")), "C(BEGIN) Z(T)");
  EXPECT_EQ(Describe(client.Query("BEGIN")), "N(25001) C(BEGIN) Z(T)");
  EXPECT_EQ(Describe(client.Query("FAIL 22012")), "E(22012) Z(E)");
  EXPECT_EQ(Describe(client.Query("SELECT 1")), "E(25P02) Z(E)");
  EXPECT_EQ(Describe(client.Query("COMMIT")), "C(ROLLBACK) Z(I)");
  EXPECT_EQ(Describe(client.Query("COMMIT")), "N(25P01) C(COMMIT) Z(I)");
  EXPECT_EQ(Describe(client.Query("ROLLBACK")), "N(25P01) C(ROLLBACK) Z(I)");
  EXPECT_EQ(Describe(client.Query("SAVEPOINT a")), "E(25P01) Z(I)");
  EXPECT_EQ(Describe(client.Query("BEGIN;SAVEPOINT a;FAIL 22012")),
            "C(BEGIN) C(SAVEPOINT) E(22012) Z(E)");
  EXPECT_EQ(Describe(client.Query("ROLLBACK TO b")), "E(3B001) Z(E)");
  EXPECT_EQ(Describe(client.Query("ROLLBACK TO a")), "C(ROLLBACK) Z(T)");
  EXPECT_EQ(Describe(client.Query("RELEASE a;SELECT 1;COMMIT")),
            "C(RELEASE) T D(1) C(SELECT 1) C(COMMIT) Z(I)");
  EXPECT_EQ(Describe(client.Query("BEGIN;VACUUM")), "C(BEGIN) E(25001) Z(E)");
  EXPECT_EQ(Describe(client.Query("ROLLBACK;VACUUM")), "C(ROLLBACK) C(VACUUM) Z(I)");
}

TEST_F(WireTest, SettingsRollBackAndAreReported) {
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Describe(client.Query("SET application_name x")), "C(SET) S Z(I)");
  EXPECT_EQ(Describe(client.Query("BEGIN;SET application_name y")), "C(BEGIN) C(SET) S Z(T)");
  EXPECT_EQ(Describe(client.Query("ROLLBACK")), "C(ROLLBACK) S Z(I)");
  EXPECT_EQ(Describe(client.Query("SHOW application_name")), "T D(x) C(SHOW) Z(I)");
  EXPECT_EQ(Describe(client.Query("SET LOCAL work_mem 1MB")), "N(25P01) C(SET) Z(I)");
  EXPECT_EQ(Describe(client.Query("BEGIN;SET LOCAL work_mem 1MB;SHOW work_mem;COMMIT")),
            "C(BEGIN) C(SET) T D(1MB) C(SHOW) C(COMMIT) Z(I)");
  EXPECT_EQ(Describe(client.Query("SHOW work_mem")), "T D(4MB) C(SHOW) Z(I)");
  EXPECT_EQ(Describe(client.Query("SHOW transaction_isolation")),
            "T D(read committed) C(SHOW) Z(I)");
}

TEST_F(WireTest, ExtendedQuery) {
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Send(client, Parse("", "SELECT $1") + DescribeWhat('S', "") + Bind("", "", {"42"}) +
                             DescribeWhat('P', "") + Execute("") + Sync()),
            "1 t T 2 T D(42) C(SELECT 1) Z(I)");
  EXPECT_EQ(Send(client, Parse("s", "SELECT $1") + Sync()), "1 Z(I)");
  EXPECT_EQ(Send(client, Bind("", "s", {"1"}) + Execute("") + Bind("", "s", {"2"}) + Execute("") +
                             Sync()),
            "2 D(1) C(SELECT 1) 2 D(2) C(SELECT 1) Z(I)");
  EXPECT_EQ(Send(client, Parse("s", "SELECT 1") + Sync()), "E(42P05) Z(I)");
  EXPECT_EQ(Send(client, CloseWhat('S', "s") + CloseWhat('S', "never") + Sync()), "3 3 Z(I)");
  EXPECT_EQ(Send(client, Bind("", "s") + Sync()), "E(26000) Z(I)");
  EXPECT_EQ(Send(client, Execute("p") + Sync()), "E(34000) Z(I)");
  EXPECT_EQ(Send(client, Parse("", "") + DescribeWhat('S', "") + Bind("", "") + Execute("") +
                             Sync()),
            "1 t n 2 I Z(I)");
  EXPECT_EQ(Send(client, Parse("", "SELECT 1;SELECT 2") + Sync()), "E(42601) Z(I)");
  EXPECT_EQ(Send(client, Parse("", "SELECT $1") + Bind("", "") + Sync()), "1 E(08P01) Z(I)");
  EXPECT_EQ(Send(client, Parse("", "SELECT $1") + Bind("", "", {"x"}) + Sync()),
            "1 E(22P02) Z(I)");
  EXPECT_EQ(Send(client, Parse("", "SHOW work_mem") + Bind("", "") + DescribeWhat('P', "") +
                             Execute("") + Sync()),
            "1 2 T D(4MB) C(SHOW) Z(I)");
}

TEST_F(WireTest, BinaryFormats) {
  TestClient client(server_->port());
  client.Connect();
  std::string bind = Z("") + Z("") + Int16Bytes(1) + Int16Bytes(1) + Int16Bytes(1) +
                     Int32Bytes(4) + Int32Bytes(258) + Int16Bytes(1) + Int16Bytes(1);
  client.Send(Parse("", "SELECT $1") + TestClient::Framed('B', bind) + Execute("") + Sync());
  std::vector<Message> messages = client.ReadUntil('Z');
  EXPECT_EQ(messages[2].body, Int16Bytes(1) + Int32Bytes(4) + Int32Bytes(258));
}

TEST_F(WireTest, PortalsWithRowLimits) {
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Send(client, Parse("", "ROWS 3") + Bind("p", "") + Execute("p", 2) + Execute("p", 2) +
                             Execute("p", 2) + Sync()),
            "1 2 D(1,row 1) D(2,row 2) s D(3,row 3) C(SELECT 1) C(SELECT 0) Z(I)");
  // The implicit transaction is over, and the portal with it.
  EXPECT_EQ(Send(client, Execute("p") + Sync()), "E(34000) Z(I)");
  EXPECT_EQ(Describe(client.Query("BEGIN")), "C(BEGIN) Z(T)");
  EXPECT_EQ(Send(client, Parse("", "ROWS 3") + Bind("p", "") + Execute("p", 1) + Sync()),
            "1 2 D(1,row 1) s Z(T)");
  EXPECT_EQ(Send(client, Execute("p", 1) + Sync()), "D(2,row 2) s Z(T)");
  EXPECT_EQ(Send(client, CloseWhat('P', "p") + Execute("p", 1) + Sync()), "3 E(34000) Z(E)");
}

TEST_F(WireTest, APipelineSkipsToSyncAfterAnError) {
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Send(client, Parse("", "INSERT 1") + Bind("", "") + Execute("") + Parse("", "SYNTAX") +
                             Bind("", "") + Execute("") + CloseWhat('S', "") + Sync()),
            "1 2 C(INSERT 0 1) E(42601) Z(I)");
  EXPECT_EQ(pipeline_.counters.committed, 0);
  EXPECT_EQ(pipeline_.counters.rolled_back, 1);
  EXPECT_EQ(Send(client, Parse("", "INSERT 1") + Bind("", "") + Execute("") + Sync()),
            "1 2 C(INSERT 0 1) Z(I)");
  EXPECT_EQ(pipeline_.counters.committed, 1);
}

TEST_F(WireTest, FlushSendsWithoutSync) {
  TestClient client(server_->port());
  client.Connect();
  client.Send(Parse("", "SELECT 1") + TestClient::Framed('H', ""));
  EXPECT_EQ(client.Read().type, '1');
  EXPECT_EQ(Send(client, Sync()), "Z(I)");
}

TEST_F(WireTest, SqlLevelPreparedStatements) {
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Describe(client.Query("PREPARE p SELECT $1;EXECUTE p 5")),
            "C(PREPARE) T D(5) C(SELECT 1) Z(I)");
  EXPECT_EQ(Describe(client.Query("EXECUTE p")), "E(42601) Z(I)");
  EXPECT_EQ(Describe(client.Query("EXECUTE q")), "E(26000) Z(I)");
  EXPECT_EQ(Send(client, Bind("", "p", {"8"}) + Execute("") + Sync()),
            "2 D(8) C(SELECT 1) Z(I)");
  EXPECT_EQ(Describe(client.Query("DEALLOCATE p;EXECUTE p 1")), "C(DEALLOCATE) E(26000) Z(I)");
}

TEST_F(WireTest, Cursors) {
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Describe(client.Query("DECLARE c ROWS 3")), "E(25P01) Z(I)");
  EXPECT_EQ(Describe(client.Query("BEGIN;DECLARE c ROWS 3;FETCH 2 c")),
            "C(BEGIN) C(DECLARE CURSOR) T D(1,row 1) D(2,row 2) C(FETCH 2) Z(T)");
  EXPECT_EQ(Describe(client.Query("FETCH 2 c")), "T D(3,row 3) C(FETCH 1) Z(T)");
  EXPECT_EQ(Describe(client.Query("FETCH -1 c")), "T E(55000) Z(E)");
  EXPECT_EQ(Describe(client.Query("ROLLBACK;FETCH 1 c")), "C(ROLLBACK) E(34000) Z(I)");
  EXPECT_EQ(Describe(client.Query("BEGIN;DECLARE scroll ROWS 3;FETCH 2 scroll;FETCH -1 scroll")),
            "C(BEGIN) C(DECLARE CURSOR) T D(1,row 1) D(2,row 2) C(FETCH 2) T D(1,row 1) "
            "C(FETCH 1) Z(T)");
  EXPECT_EQ(Describe(client.Query("DECLARE hold ROWS 2;COMMIT;FETCH 5 hold")),
            "C(DECLARE CURSOR) C(COMMIT) T D(1,row 1) D(2,row 2) C(FETCH 2) Z(I)");
}

TEST_F(WireTest, CopyInAndOut) {
  TestClient client(server_->port());
  client.Connect();
  client.SendMessage('Q', Z("COPYIN"));
  EXPECT_EQ(client.Read().type, 'G');
  client.SendMessage('d', "1\n");
  client.SendMessage('d', "22\n");
  client.SendMessage('c', "");
  EXPECT_EQ(Describe(client.ReadUntil('Z')), "C(COPY 2) Z(I)");
  EXPECT_EQ(pipeline_.counters.copied_bytes, 5);
  client.SendMessage('Q', Z("COPYIN;SELECT 1"));
  client.Send(TestClient::Framed('d', "1\n") + TestClient::Framed('f', Z("enough")));
  EXPECT_EQ(Describe(client.ReadUntil('Z')), "G E(57014) Z(I)");
  client.SendMessage('Q', Z("COPYIN;COPYIN;SELECT 4"));
  client.Send(TestClient::Framed('d', "1\n") + TestClient::Framed('c', "") +
              TestClient::Framed('d', "2\n") + TestClient::Framed('c', ""));
  EXPECT_EQ(Describe(client.ReadUntil('Z')),
            "G C(COPY 1) G C(COPY 1) T D(4) C(SELECT 1) Z(I)");
  EXPECT_EQ(Describe(client.Query("COPYOUT 2")), "H d d c C(COPY 2) Z(I)");
  // The extended protocol, as libpq does it: a Sync before the data, and one after.
  client.Send(Parse("", "COPYIN") + Bind("", "") + Execute("") + Sync() +
              TestClient::Framed('d', "x") + TestClient::Framed('c', "") + Sync());
  EXPECT_EQ(Describe(client.ReadUntil('Z')), "1 2 G C(COPY 1) Z(I)");
}

TEST_F(WireTest, LargeResultsAndLargeMessages) {
  TestClient client(server_->port());
  client.Connect();
  std::vector<Message> messages = client.Query("ROWS 100000");
  EXPECT_EQ(messages.size(), 100000u + 3);
  EXPECT_EQ(Describe({messages[100000]}), "D(100000,row 100000)");
  std::string padded = "SELECT 1 " + std::string(3'000'000, ' ');
  EXPECT_EQ(Describe(client.Query(padded)), "T D(1) C(SELECT 1) Z(I)");
}

TEST_F(WireTest, CancelRequestEndsTheStatementOnly) {
  TestClient client(server_->port());
  std::vector<Message> messages = client.Connect();
  std::string key = messages[1].body;
  client.SendMessage('Q', Z("HANG"));
  while (pipeline_.counters.hanging == 0) std::this_thread::yield();
  {
    TestClient wrong(server_->port());
    wrong.SendStartup(key.substr(0, 4) + Int32Bytes(~base::LoadBigEndian<int32_t>(&key[4])),
                      80877102);
    EXPECT_EQ(wrong.Read().type, 0);
  }
  TestClient canceller(server_->port());
  canceller.SendStartup(key, 80877102);
  messages = client.ReadUntil('Z');
  EXPECT_EQ(Describe(messages), "E(57014) Z(I)");
  EXPECT_EQ(ErrorField(messages[0], 'M'), "canceling statement due to user request");
  EXPECT_EQ(Describe(client.Query("SELECT 1")), "T D(1) C(SELECT 1) Z(I)");
}

TEST_F(WireTest, Timeouts) {
  TestClient client(server_->port());
  client.Connect(Z("options") + Z("-c statement_timeout=10"));
  std::vector<Message> messages = client.Query("HANG");
  EXPECT_EQ(Describe(messages), "E(57014) Z(I)");
  EXPECT_EQ(ErrorField(messages[0], 'M'), "canceling statement due to statement timeout");
  client.Query("SET idle_in_transaction_session_timeout 10");
  EXPECT_EQ(Describe(client.Query("BEGIN")), "C(BEGIN) Z(T)");
  EXPECT_EQ(Describe(client.ReadUntil('Z')), "E(25P03) EOF");
}

TEST_F(WireTest, MalformedMessagesEndTheirConnectionOnly) {
  TestClient bystander(server_->port());
  bystander.Connect();
  const std::string bad[] = {
      TestClient::Framed('y', ""),                             // no such message
      TestClient::Framed('Q', "no zero"),                      // unterminated
      TestClient::Framed('Q', Z("SELECT 1") + "x"),            // too long
      std::string("Q\0\0\0\3", 5),                             // length below 4
      std::string("Q\x7f\xff\xff\xff", 5),                     // length beyond all bounds
      std::string("S\0\1\0\0", 5),                             // a Sync of 64 KiB
      TestClient::Framed('D', std::string("Q") + Z("")),       // neither statement nor portal
      TestClient::Framed('B', Z("") + Z("") + Int16Bytes(9)),  // nine formats announced
      TestClient::Framed('B', Z("") + Z("") + Int16Bytes(0) + Int16Bytes(1) + Int32Bytes(-7)),
  };
  for (const std::string& bytes : bad) {
    TestClient client(server_->port());
    client.Connect();
    client.Send(bytes);
    std::vector<Message> messages = client.ReadUntil('Z');
    EXPECT_EQ(Describe(messages), "E(08P01) EOF");
    EXPECT_EQ(ErrorField(messages[0], 'S'), "FATAL");
  }
  EXPECT_EQ(Describe(bystander.Query("SELECT 1")), "T D(1) C(SELECT 1) Z(I)");
}

TEST_F(WireTest, RandomBytesNeverHarmTheServer) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  for (int round = 0; round < 200; ++round) {
    TestClient client(server_->port());
    if (round % 4 != 0) client.Connect();
    std::string bytes;
    for (uint64_t i = random.Below(64) + 1; i > 0; --i) {
      bytes += round % 2 == 0 ? static_cast<char>(random.Next())
                              : "QPBDECHSdcfFpX\0\0\0\0\5\6\7"[random.Below(21)];
    }
    client.Send(bytes);
    shutdown(client.descriptor(), SHUT_WR);
    while (client.Read().type != 0) {
    }
  }
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Describe(client.Query("SELECT 1")), "T D(1) C(SELECT 1) Z(I)");
}

TEST_F(WireTest, FunctionCallsAreRefused) {
  TestClient client(server_->port());
  client.Connect();
  EXPECT_EQ(Send(client, TestClient::Framed('F', Int32Bytes(1))), "E(0A000) Z(I)");
}

TEST_F(WireTest, ALostAutocommitStatementRunsAgain) {
  TestClient client(server_->port());
  client.Connect();
  pipeline_.counters.conflicts_to_come = 3;
  EXPECT_EQ(Describe(client.Query("INSERT 1")), "C(INSERT 0 1) Z(I)");
  EXPECT_EQ(pipeline_.counters.runs, 4);
  pipeline_.counters.conflicts_to_come = 2;
  EXPECT_EQ(Send(client, Parse("", "INSERT 1") + Bind("", "") + Execute("") + Sync()),
            "1 2 C(INSERT 0 1) Z(I)");
  pipeline_.counters.conflicts_to_come = 1;
  EXPECT_EQ(Send(client, Parse("", "SELECT $1") + Bind("", "", {"6"}) + DescribeWhat('P', "") +
                             Execute("") + Sync()),
            "1 2 T D(6) C(SELECT 1) Z(I)");
  // In a block the client decides.
  pipeline_.counters.conflicts_to_come = 1;
  EXPECT_EQ(Describe(client.Query("BEGIN;INSERT 1;COMMIT")),
            "C(BEGIN) C(INSERT 0 1) E(40001) Z(I)");
  // Two statements of one pipeline are a transaction of their own.
  pipeline_.counters.conflicts_to_come = 1;
  EXPECT_EQ(Send(client, Parse("", "INSERT 1") + Bind("", "") + Execute("") + Bind("", "") +
                             Execute("") + Flush() + Sync()),
            "1 2 C(INSERT 0 1) 2 C(INSERT 0 1) E(40001) Z(I)");
  // What it was planned for may have changed when it runs again.
  pipeline_.counters.conflicts_to_come = 2;
  pipeline_.counters.conflicts_define = true;
  EXPECT_EQ(Send(client, Parse("", "INSERT 1") + Bind("", "") + Execute("") + Sync()),
            "1 2 C(INSERT 0 1) Z(I)");
  EXPECT_EQ(pipeline_.counters.stale_runs, 0);
  pipeline_.counters.conflicts_define = false;
  // Rows already sent cannot be taken back.
  pipeline_.counters.conflicts_to_come = 1;
  std::vector<Message> messages = client.Query("ROWS 100000");
  EXPECT_EQ(Describe({messages[messages.size() - 2], messages.back()}), "E(40001) Z(I)");
}

TEST_F(WireTest, ScramAndCleartextPasswords) {
  StartServer({.auth_method = auth::Method::kPassword}, "secret");
  auto log_in = [&](const std::string& password) {
    TestClient client(server_->port());
    client.SendStartup(TestClient::Parameters());
    EXPECT_EQ(client.Read().body, Int32Bytes(3));
    client.SendMessage('p', Z(password));
    return client.Read();
  };
  EXPECT_EQ(log_in("secret").body, Int32Bytes(0));
  Message refused = log_in("Secret");
  EXPECT_EQ(ErrorField(refused, 'C'), "28P01");
  EXPECT_EQ(ErrorField(refused, 'M'), "password authentication failed for user \"postgres\"");
  // With a password set, trust means SCRAM.
  StartServer({}, "secret");
  TestClient client(server_->port());
  client.SendStartup(TestClient::Parameters());
  EXPECT_EQ(client.Read().body, Int32Bytes(10) + Z("SCRAM-SHA-256") + '\0');
  client.SendMessage('p', Z("SCRAM-SHA-256") + Int32Bytes(8) + "n,,n=,r=");
  EXPECT_EQ(ErrorField(client.Read(), 'C'), "08P01");
}

TEST_F(WireTest, ATokenIsAskedForInsideTlsOnly) {
  auto log_in = [&](const std::string& token) {
    TestClient plain(server_->port());
    TlsClient client(plain.descriptor(), {.alpn = "\x0apostgresql", .server_name = "db.example"});
    EXPECT_TRUE(client.Connect());
    std::string body = Int32Bytes(196608) + TestClient::Parameters();
    EXPECT_TRUE(client.Send(Int32Bytes(static_cast<int32_t>(body.size()) + 4) + body));
    EXPECT_EQ(client.Read(9), "R" + Int32Bytes(8) + Int32Bytes(3));
    EXPECT_TRUE(client.Send(TestClient::Framed('p', Z(token))));
    return client.Read(1);
  };
  credentials_->credentials().takes_token = true;
  EXPECT_EQ(log_in("bad"), "E");
  // The role trusts nobody yet.
  EXPECT_EQ(log_in("good"), "E");
  credentials_->credentials().trusted_arns = {"arn:of-token"};
  EXPECT_EQ(log_in("good"), "R");
  EXPECT_EQ(credentials_->token_user, "postgres");
  EXPECT_EQ(credentials_->token_server_name, "db.example");
  TestClient plain(server_->port());
  plain.SendStartup(TestClient::Parameters());
  EXPECT_EQ(Describe(plain.ReadUntil('Z')), "E(08006) EOF");
}

TEST_F(WireTest, ARoleWithAPasswordOrAServerThatTrustsTakesNoToken) {
  StartServer({.auth_method = auth::Method::kPassword}, "secret");
  credentials_->credentials().takes_token = true;
  TestClient client(server_->port());
  client.SendStartup(TestClient::Parameters());
  EXPECT_EQ(client.Read().body, Int32Bytes(3));
  StartServer({.password_if_set = false}, std::nullopt);
  credentials_->credentials().takes_token = true;
  TestClient trusted(server_->port());
  EXPECT_EQ(trusted.Connect().back().type, 'Z');
}

TEST_F(WireTest, InProfileDsqlAConnectionEndsWhenItIsTooOld) {
  StartServer({.dsql_connection_age_ms = 0}, std::nullopt);
  TestClient other(server_->port());
  EXPECT_EQ(other.Connect().back().type, 'Z');
  EXPECT_EQ(Describe(other.Query("ROWS 1")), "T D(1,row 1) C(SELECT 1) Z(I)");
  credentials_->cluster().profile = session::Profile::kDsql;
  TestClient client(server_->port());
  client.Connect();
  std::vector<Message> end = client.ReadUntil('Z');
  EXPECT_EQ(Describe(end), "E(57P01) EOF");
  EXPECT_EQ(ErrorField(end[0], 'M'), "terminating connection due to connection age limit");
}

TEST_F(WireTest, InProfileDsqlAMessageHasTenMebibytesAtMost) {
  const int32_t most = 10 << 20;
  auto send_header = [&](int32_t length) {
    auto client = std::make_unique<TestClient>(server_->port());
    client->Connect();
    client->Send("Q" + Int32Bytes(length));
    return client;
  };
  credentials_->cluster().profile = session::Profile::kDsql;
  std::vector<Message> end = send_header(most + 1)->ReadUntil('Z');
  EXPECT_EQ(Describe(end), "E(08P01) EOF");
  EXPECT_EQ(ErrorField(end[0], 'M'), "invalid message length");
  auto client = send_header(most);
  client->Send(std::string(most - 5, ' ') + '\0');
  EXPECT_EQ(Describe(client->ReadUntil('Z')), "I Z(I)");
  credentials_->cluster().profile = session::Profile::kPostgres;
  client = send_header(most + 1);
  client->Send(std::string(most - 4, ' ') + '\0');
  EXPECT_EQ(Describe(client->ReadUntil('Z')), "I Z(I)");
}

TEST_F(WireTest, AnHourIsTheAgeOfAConnectionInProfileDsql) {
  EXPECT_EQ(ServerOptions().dsql_connection_age_ms, 3'600'000);
}

TEST_F(WireTest, InProfileDsqlConnectionsAreLimitedButForSuperusers) {
  StartServer({.admission = {.most_connections = 1}}, std::nullopt);
  credentials_->cluster().profile = session::Profile::kDsql;
  credentials_->credentials().is_superuser = false;
  TestClient first(server_->port());
  EXPECT_EQ(first.Connect().back().type, 'Z');
  TestClient second(server_->port());
  EXPECT_EQ(Describe(second.Connect()), "E(53300) EOF");
  credentials_->credentials().is_superuser = true;
  TestClient operator_(server_->port());
  EXPECT_EQ(operator_.Connect().back().type, 'Z');
  first.SendMessage('X', "");
  EXPECT_EQ(first.Read().type, 0);
  credentials_->credentials().is_superuser = false;
  // The place is free when the server has seen the end, soon after the client has.
  while (true) {
    TestClient third(server_->port());
    if (third.Connect().back().type == 'Z') break;
  }
}

TEST_F(WireTest, UnencryptedBytesAfterSslRequestAreRefused) {
  TestClient client(server_->port());
  client.Send(Int32Bytes(8) + Int32Bytes(80877103) + "Q");
  EXPECT_EQ(Describe(client.ReadUntil('Z')), "E(08P01) EOF");
}

TEST_F(WireTest, TlsMayBeAskedForOrBegunAtOnce) {
  for (bool direct : {false, true}) {
    TestClient plain(server_->port());
    if (!direct) {
      plain.SendStartup("", 80877103);
      char answer;
      ASSERT_TRUE(plain.ReadExactly(&answer, 1));
      ASSERT_EQ(answer, 'S');
    }
    TlsClient client(plain.descriptor(), {.alpn = "\x0apostgresql"});
    ASSERT_TRUE(client.Connect());
    EXPECT_EQ(client.alpn(), "postgresql");
    std::string body = Int32Bytes(196608) + TestClient::Parameters();
    ASSERT_TRUE(client.Send(Int32Bytes(static_cast<int32_t>(body.size()) + 4) + body));
    EXPECT_EQ(client.Read(9), "R" + Int32Bytes(8) + Int32Bytes(0));
  }
}

TEST_F(WireTest, TlsBegunAtOnceNeedsAlpn) {
  TestClient plain(server_->port());
  TlsClient client(plain.descriptor(), {});
  // In TLS 1.3 a client's handshake ends before the server's.
  if (client.Connect()) {
    std::string body = Int32Bytes(196608) + TestClient::Parameters();
    (void)client.Send(Int32Bytes(static_cast<int32_t>(body.size()) + 4) + body);
    EXPECT_EQ(client.Read(1), "");
  }
}

TEST_F(WireTest, AnotherCertificateIsForConnectionsToCome) {
  auto ask = [&](TestClient& plain) {
    plain.SendStartup("", 80877103);
    char answer;
    EXPECT_TRUE(plain.ReadExactly(&answer, 1) && answer == 'S');
  };
  TestClient before(server_->port());
  ask(before);
  TlsClient kept(before.descriptor(), {});
  ASSERT_TRUE(kept.Connect());
  auth::CertifiedKey identity = testing::TestIdentity();
  server_->SetTls(std::make_shared<TlsContext>(identity));
  TestClient after(server_->port());
  ask(after);
  TlsClient client(after.descriptor(), {});
  ASSERT_TRUE(client.Connect());
  EXPECT_EQ(client.certificate(), identity.certificates);
  EXPECT_NE(kept.certificate(), identity.certificates);
  std::string body = Int32Bytes(196608) + TestClient::Parameters();
  ASSERT_TRUE(kept.Send(Int32Bytes(static_cast<int32_t>(body.size()) + 4) + body));
  EXPECT_EQ(kept.Read(9), "R" + Int32Bytes(8) + Int32Bytes(0));
}

TEST_F(WireTest, ASlowHandshakeOrStartupEndsInTime) {
  StartServer({.authentication_timeout_ms = 50}, std::nullopt);
  for (std::string begin : {std::string(), std::string("\x16\x03\x01\x02"), Int32Bytes(100)}) {
    TestClient client(server_->port());
    client.Send(begin);
    char byte;
    EXPECT_FALSE(client.ReadExactly(&byte, 1));
  }
}

TEST_F(WireTest, ShutdownLetsTheRunningStatementEndAndClosesTheRest) {
  StartServer({.shutdown_grace_ms = 100}, std::nullopt);
  TestClient idle(server_->port());
  idle.Connect();
  TestClient busy(server_->port());
  busy.Connect();
  busy.SendMessage('Q', Z("HANG"));
  while (pipeline_.counters.hanging == 0) std::this_thread::yield();
  server_->Shutdown();
  std::vector<Message> messages = idle.ReadUntil('Z');
  EXPECT_EQ(Describe(messages), "E(57P01) EOF");
  EXPECT_EQ(Describe(busy.ReadUntil('Z')).substr(0, 8), "E(57P01)");
}

}  // namespace
}  // namespace sundog::pgwire
