// The listener over real sockets, with a handler that says what it was asked.
#include "http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/check.h"
#include "http/request_parser.h"
#include "pgwire/testing_tls.h"
#include "pgwire/tls_context.h"
#include "runtime/event.h"
#include "runtime/runtime.h"

namespace sundog::http {
namespace {

using pgwire::testing::TestIdentity;
using pgwire::testing::TlsClient;

// "METHOD TARGET BODY"; a request for /slow is answered when it is let go.
class Echo : public Handler {
 public:
  Response Handle(const Request& request) override {
    if (request.target == "/slow") {
      entered.Signal();
      let_go.Wait();
    }
    Response response;
    response.headers = {{"X-Host", ""}};
    for (const auto& [name, value] : request.headers) {
      if (name == "Host") response.headers[0].value = value;
    }
    response.body = request.method + " " + request.target + " " + request.body;
    return response;
  }

  runtime::OneShotEvent entered;
  runtime::OneShotEvent let_go;
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
  HttpServerTest() { Start({}); }
  ~HttpServerTest() override { server_->Shutdown(); }

  void Start(ServerOptions options) {
    if (server_ != nullptr) server_->Shutdown();
    options.port = 0;
    server_ = std::make_unique<Server>(runtime_.reactor(0), handler_, options, Tls());
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
  EXPECT_TRUE(Contains(Exchange("GET /still HTTP/1.0\r\n\r\n"), "GET /still"));
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
  Descriptor first(server_->port());
  TlsClient client(first.get(), {});
  ASSERT_TRUE(client.Connect());
  EXPECT_EQ(Descriptor(server_->port()).ReadAll(), "");
  ASSERT_TRUE(client.Send("GET /first HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(Contains(client.Read(1 << 20), "GET /first"));
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
