// The listener over real sockets, with a handler that says what it was asked.
#include "http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "http/request_parser.h"
#include "pgwire/server.h"
#include "pgwire/testing_client.h"
#include "pgwire/testing_credentials.h"
#include "pgwire/testing_tls.h"
#include "pgwire/tls_context.h"
#include "runtime/event.h"
#include "runtime/runtime.h"
#include "session/testing/scripted_pipeline.h"

namespace sundog::http {
namespace {

using pgwire::testing::TestIdentity;
using pgwire::testing::TlsClient;

// "METHOD TARGET BODY"; a request for /slow is answered when it is let go, one for /hold stops the
// reactor's thread until then; the answer to /made is made while it is sent.
class Echo : public Handler {
 public:
  Response Handle(const Request& request) override {
    targets.push_back(request.target);
    if (request.target == "/hold") {
      entered.Signal();
      held.get_future().wait();
    }
    if (request.target == "/slow") {
      entered.Signal();
      let_go.Wait();
    }
    Response response;
    if (request.target == "/made") {
      response.make = [](Response&, ResponseStream& stream) {
        EXPECT_TRUE(stream.Write("one piece, ") && stream.Write("another"));
      };
    }
    response.headers = {{"X-Host", ""}};
    for (const auto& [name, value] : request.headers) {
      if (name == "Host") response.headers[0].value = value;
    }
    response.body = request.method + " " + request.target + " " + request.body;
    return response;
  }

  runtime::OneShotEvent entered;
  runtime::OneShotEvent let_go;
  std::promise<void> held;
  std::vector<std::string> targets;  // as they came
};

class Descriptor {
 public:
  explicit Descriptor(uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    timeval limit{30, 0};
    CHECK_EQ(setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    // What is sent is there at once, whether the server has said yet that it got what came before.
    int on = 1;
    CHECK_EQ(setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
  }
  ~Descriptor() { close(descriptor_); }
  int get() const { return descriptor_; }
  void Send(std::string_view bytes) const {
    CHECK_EQ(send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
             static_cast<ssize_t>(bytes.size()));
  }
  // To the end.
  std::string ReadAll() const {
    std::string all;
    char bytes[4096];
    while (true) {
      ssize_t size = recv(descriptor_, bytes, sizeof bytes, 0);
      if (size <= 0) return all;
      all.append(bytes, static_cast<size_t>(size));
    }
  }

 private:
  int descriptor_;
};

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    sessions_.Start();
    Start({});
  }
  ~HttpServerTest() override {
    server_->Shutdown();
    sessions_.Shutdown();
  }

  void Start(ServerOptions options) {
    if (server_ != nullptr) server_->Shutdown();
    options.port = 0;
    server_ = std::make_unique<Server>(runtime_.reactor(0), handler_, sessions_, options, Tls());
    server_->Start();
  }
  static std::shared_ptr<const pgwire::TlsContext> Tls() {
    return std::make_shared<pgwire::TlsContext>(TestIdentity(), kProtocol);
  }
  // What comes back until the server closes.
  std::string Exchange(std::string_view sent) {
    Descriptor socket(server_->port());
    TlsClient client(socket.get(), {.alpn = "\x08http/1.1"});
    CHECK(client.Connect());
    CHECK(client.Send(sent));
    return client.Read(1 << 20);
  }
  static bool Contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
  }

  runtime::Runtime runtime_{2};
  Echo handler_;
  session::testing::ScriptedPipeline pipeline_;
  pgwire::testing::OneRole role_{std::nullopt};
  pgwire::Server sessions_{runtime_,
                           pipeline_,
                           role_,
                           base::SystemClock(),
                           {.port = 0},
                           std::make_shared<pgwire::TlsContext>(TestIdentity())};
  std::unique_ptr<Server> server_;
};

TEST_F(HttpServerTest, AnswersARequest) {
  std::string answer = Exchange(
      "POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(Contains(answer, "\r\nContent-Length: 14\r\n")) << answer;
  EXPECT_TRUE(Contains(answer, "\r\nDate: ")) << answer;
  EXPECT_TRUE(Contains(answer, "\r\nX-Host: h:1\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nPOST /a?b=c hi")) << answer;
}

TEST_F(HttpServerTest, KeepsAConnectionAsLongAsTheClientWants) {
  std::string answer = Exchange(
      "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
      "HEAD /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /4 HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(Contains(answer, "GET /1 ")) << answer;
  EXPECT_TRUE(Contains(answer, "GET /2 ")) << answer;
  EXPECT_TRUE(Contains(answer, "\r\nContent-Length: 8\r\n")) << answer;
  EXPECT_FALSE(Contains(answer, "HEAD /3")) << answer;
  EXPECT_FALSE(Contains(answer, "GET /4")) << answer;
  EXPECT_TRUE(Contains(Exchange("GET /old HTTP/1.0\r\n\r\n"), "GET /old "));
}

TEST_F(HttpServerTest, TakesBodiesInPiecesAndSaysContinue) {
  EXPECT_TRUE(Contains(Exchange("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
                                "Connection: close\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
                       "PUT / hello"));
  Descriptor socket(server_->port());
  TlsClient client(socket.get(), {});
  ASSERT_TRUE(client.Connect());
  ASSERT_TRUE(client.Send("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                          "Connection: close\r\n\r\n"));
  EXPECT_EQ(client.Read(25), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.Send("ok"));
  EXPECT_TRUE(Contains(client.Read(1 << 20), "PUT / ok"));
}

TEST_F(HttpServerTest, SendsABodyWhileItIsMade) {
  std::string answer = Exchange("GET /made HTTP/1.1\r\n\r\n"
                                "GET /next HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(Contains(answer, "\r\nTransfer-Encoding: chunked\r\n")) << answer;
  EXPECT_FALSE(Contains(answer, "\r\nContent-Length: 0\r\n")) << answer;
  EXPECT_TRUE(Contains(answer, "\r\n\r\nb\r\none piece, \r\n7\r\nanother\r\n0\r\n\r\nHTTP/1.1 200"))
      << answer;
  // HTTP/1.0 knows of no chunks: the body goes up to the end, whatever else the client wants.
  answer = Exchange("GET /made HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_FALSE(Contains(answer, "chunked") || Contains(answer, "Content-Length")) << answer;
  EXPECT_TRUE(Contains(answer, "\r\nConnection: close\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\none piece, another")) << answer;
}

TEST_F(HttpServerTest, RefusesWhatIsMalformedOrTooLarge) {
  for (std::string_view bad :
       {"\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nA b\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    EXPECT_TRUE(Exchange(bad).starts_with("HTTP/1.1 400 Bad Request\r\n")) << bad;
  }
  std::string many(kMaxHeaderBytes + 100, 'a');
  EXPECT_TRUE(Exchange("GET / HTTP/1.1\r\nA: " + many + "\r\n\r\n").starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(Exchange("GET / HTTP/1.1\r\nA: " + many).starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(Exchange("PUT / HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n")
                  .starts_with("HTTP/1.1 413"));
  std::string chunked = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(Exchange(chunked + "5;a=" + many).starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(Exchange(chunked + "0\r\nA: " + many).starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(Contains(Exchange("GET /still HTTP/1.0\r\n\r\n"), "GET /still"));
}

TEST_F(HttpServerTest, ManyRequestsAtOnceLeaveRoomForOthers) {
  Descriptor other(server_->port());
  TlsClient client(other.get(), {});
  ASSERT_TRUE(client.Connect());
  std::string many = "GET /hold HTTP/1.1\r\n\r\n";
  for (int i = 0; i < 100; ++i) many += "GET /one-of-many HTTP/1.1\r\n\r\n";
  many += "GET /last HTTP/1.1\r\nConnection: close\r\n\r\n";
  std::thread sending([&] { EXPECT_TRUE(Contains(Exchange(many), "GET /last")); });
  // The reactor stands still until the other's request has come, too.
  handler_.entered.Wait();
  ASSERT_TRUE(client.Send("GET /other HTTP/1.0\r\n\r\n"));
  handler_.held.set_value();
  EXPECT_TRUE(Contains(client.Read(1 << 20), "GET /other"));
  sending.join();
  server_->Shutdown();
  auto place = [this](std::string_view target) {
    return std::find(handler_.targets.begin(), handler_.targets.end(), target);
  };
  EXPECT_LT(place("/other"), place("/last"));
}

TEST_F(HttpServerTest, TellsPlainTextToUseTls) {
  Descriptor socket(server_->port());
  socket.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  std::string answer = socket.ReadAll();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
  EXPECT_TRUE(Contains(answer, "https://")) << answer;
  // Neither kind of garbage is answered for ever.
  Descriptor garbage(server_->port());
  garbage.Send(std::string("\x16\x03garbage that is no handshake at all, of any version"));
  garbage.ReadAll();
}

TEST_F(HttpServerTest, RefusesOtherProtocols) {
  Descriptor socket(server_->port());
  EXPECT_FALSE(TlsClient(socket.get(), {.alpn = "\x0apostgresql"}).Connect());
}

TEST_F(HttpServerTest, WaitsForAClientOnlySoLong) {
  ServerOptions options;
  options.timeouts = {.handshake_ms = 50, .idle_ms = 50, .request_ms = 50};
  Start(options);
  Descriptor silent(server_->port());
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_EQ(Exchange("GET / HTTP/1.1\r\n"), "");
  std::string answered = Exchange("GET /idle HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(answered.ends_with("GET /idle ")) << answered;
}

TEST_F(HttpServerTest, HasALimitOfConnections) {
  ServerOptions options;
  options.max_connections = 1;
  Start(options);
  std::thread asking(
      [&] { EXPECT_TRUE(Contains(Exchange("GET /slow HTTP/1.0\r\n\r\n"), "GET /slow")); });
  handler_.entered.Wait();
  EXPECT_EQ(Descriptor(server_->port()).ReadAll(), "");
  handler_.let_go.Signal();
  asking.join();
}

TEST_F(HttpServerTest, WhoWaitsLongestGivesWay) {
  ServerOptions options;
  options.max_connections = 2;
  Start(options);
  Descriptor silent(server_->port());
  TlsClient quiet(silent.get(), {});
  ASSERT_TRUE(quiet.Connect());
  Descriptor second(server_->port());
  TlsClient client(second.get(), {});
  ASSERT_TRUE(client.Connect());
  EXPECT_TRUE(Contains(Exchange("GET /third HTTP/1.0\r\n\r\n"), "GET /third"));
  EXPECT_EQ(quiet.Read(1 << 20), "");
  ASSERT_TRUE(client.Send("GET /second HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(Contains(client.Read(1 << 20), "GET /second"));
}

TEST_F(HttpServerTest, ShutsDownAfterWhatIsBeingAnswered) {
  Descriptor idle(server_->port());
  TlsClient quiet(idle.get(), {});
  ASSERT_TRUE(quiet.Connect());
  std::string answer;
  std::thread asking([&] { answer = Exchange("GET /slow HTTP/1.1\r\n\r\n"); });
  handler_.entered.Wait();
  std::thread stopping([&] { server_->Shutdown(); });
  // The idle one ends while the other is waited for.
  EXPECT_EQ(quiet.Read(1), "");
  handler_.let_go.Signal();
  stopping.join();
  asking.join();
  EXPECT_TRUE(Contains(answer, "GET /slow")) << answer;
  EXPECT_TRUE(Contains(answer, "Connection: close")) << answer;
}

// RFC 6455's own example of a key.
constexpr char kAsksForWebSocket[] =
    "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

// A frame with the mask 0.
std::string MaskedFrame(char opcode, std::string_view payload) {
  CHECK_LT(payload.size(), 126u);
  std::string frame{static_cast<char>(0x80 | opcode), static_cast<char>(0x80 | payload.size())};
  return frame + std::string(4, '\0') + std::string(payload);
}

TEST_F(HttpServerTest, AWebSocketGoesOnAsASession) {
  using pgwire::testing::Int32Bytes;
  Descriptor socket(server_->port());
  TlsClient client(socket.get(), {.alpn = "\x08http/1.1", .server_name = "db.example"});
  ASSERT_TRUE(client.Connect());
  std::string parameters = Int32Bytes(196608) + pgwire::testing::TestClient::Parameters();
  std::string startup = Int32Bytes(static_cast<int32_t>(parameters.size()) + 4) + parameters;
  // The first frames may come with the request.
  ASSERT_TRUE(client.Send(std::string(kAsksForWebSocket) + "Sec-WebSocket-Version: 13\r\n\r\n" +
                          MaskedFrame(2, startup)));
  std::string answer;
  while (!answer.ends_with("\r\n\r\n")) answer += client.Read(1);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << answer;
  EXPECT_TRUE(Contains(answer, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
      << answer;
  EXPECT_TRUE(Contains(answer, "\r\nUpgrade: websocket\r\n")) << answer;
  EXPECT_FALSE(Contains(answer, "Content-Length")) << answer;
  // A frame a message: AuthenticationOk is nine bytes.
  EXPECT_EQ(client.Read(11), "\x82\x09R" + Int32Bytes(8) + Int32Bytes(0));
  ASSERT_TRUE(client.Send(MaskedFrame(2, pgwire::testing::TestClient::Framed('X', ""))));
  std::string rest = client.Read(1 << 20);
  EXPECT_TRUE(rest.ends_with("\x88\x02\x03\xe8")) << "no Close frame";
}

TEST_F(HttpServerTest, RefusesWebSocketsOfAnotherVersionOrWithoutAKey) {
  EXPECT_TRUE(Exchange(std::string(kAsksForWebSocket) + "Sec-WebSocket-Version: 8\r\n\r\n")
                  .starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
  EXPECT_TRUE(Exchange("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n")
                  .starts_with("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_TRUE(Contains(Exchange("POST / HTTP/1.1\r\nConnection: Upgrade, close\r\n"
                                "Upgrade: websocket\r\nContent-Length: 0\r\n\r\n"),
                       "POST / "));
}

TEST_F(HttpServerTest, TakesAnotherCertificate) {
  auto served = [this] {
    Descriptor socket(server_->port());
    TlsClient client(socket.get(), {});
    CHECK(client.Connect());
    return client.certificate();
  };
  std::string before = served();
  EXPECT_EQ(served(), before);
  server_->SetTls(Tls());
  EXPECT_NE(served(), before);
}

}  // namespace
}  // namespace sundog::http
