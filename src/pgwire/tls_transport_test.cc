// TLS over a socket pair: the server's side on a reactor's fiber, the client's on this thread.
#include "pgwire/tls_transport.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>

#include "pgwire/testing_tls.h"
#include "pgwire/tls_context.h"
#include "runtime/event.h"
#include "runtime/reactor.h"
#include "runtime/runtime.h"

namespace sundog::pgwire {
namespace {

using testing::TlsClient;
using testing::TlsClientOptions;

constexpr char kPostgresql[] = "\x0apostgresql";

class TlsTransportTest : public ::testing::Test {
 protected:
  TlsTransportTest() {
    // The client writes to connections that the server has closed.
    std::signal(SIGPIPE, SIG_IGN);
    int pair[2];
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    client_ = pair[0];
    server_ = pair[1];
    CHECK_EQ(fcntl(server_, F_SETFL, O_NONBLOCK), 0);
  }
  ~TlsTransportTest() override {
    ended_.Wait();
    close(client_);
  }

  // Does the handshake, then `then`, which gets the transport and whether the handshake succeeded;
  // closes the connection at its end.
  void Serve(std::function<void(TlsTransport&, runtime::Socket&, bool)> then,
             size_t read_before = 0) {
    runtime_.reactor(0).PostFiber([this, then = std::move(then), read_before] {
      {
        runtime::Socket socket(runtime_.reactor(0), server_);
        std::string received(read_before, '\0');
        for (size_t done = 0; done < read_before;) {
          ssize_t size = socket.Read(received.data() + done, read_before - done);
          if (size > 0) done += static_cast<size_t>(size);
          if (size < 0) (void)socket.WaitReadable();
        }
        TlsTransport transport(socket, context_, received);
        then(transport, socket, Handshake(transport, socket));
      }
      ended_.Signal();
    });
  }

  static bool Handshake(TlsTransport& transport, runtime::Socket& socket) {
    while (true) {
      IoResult result = transport.Accept();
      if (result.status != IoStatus::kWouldBlock) return result.status == IoStatus::kOk;
      transport.waits_for_write() ? socket.WaitWritable() : socket.WaitReadable();
    }
  }

  // Reads until the end and sends everything back.
  static void Echo(TlsTransport& transport, runtime::Socket& socket, bool connected) {
    ASSERT_TRUE(connected);
    char buffer[1000];
    while (true) {
      IoResult result = transport.Read(buffer, sizeof buffer);
      if (result.status == IoStatus::kClosed) return;
      if (result.status == IoStatus::kWouldBlock) {
        // A connection is parked only then.
        EXPECT_FALSE(transport.MayRead());
        (void)socket.WaitReadable();
        continue;
      }
      for (size_t sent = 0; sent < result.size_bytes;) {
        IoResult written = transport.Write(buffer + sent, result.size_bytes - sent);
        if (written.status == IoStatus::kOk) sent += written.size_bytes;
        if (written.status == IoStatus::kWouldBlock) (void)socket.WaitWritable();
        if (written.status == IoStatus::kClosed) return;
      }
    }
  }

  runtime::Runtime runtime_{1};
  std::shared_ptr<const TlsContext> context_ =
      std::make_shared<TlsContext>(testing::TestIdentity());
  runtime::OneShotEvent ended_;
  int client_;
  int server_;
};

TEST_F(TlsTransportTest, KeepsTheServerNameInLowerCase) {
  std::string name;
  bool agreed = false;
  Serve([&](TlsTransport& transport, runtime::Socket&, bool connected) {
    EXPECT_TRUE(connected);
    name = transport.server_name();
    agreed = transport.has_agreed_on_protocol();
  });
  {
    TlsClient client(client_, {.alpn = kPostgresql, .server_name = "Abc.DSQL.us-east-1.on.aws"});
    EXPECT_TRUE(client.Connect());
    EXPECT_EQ(client.alpn(), "postgresql");
    EXPECT_EQ(client.Read(1), "");
  }
  ended_.Wait();
  EXPECT_EQ(name, "abc.dsql.us-east-1.on.aws");
  EXPECT_TRUE(agreed);
}

TEST_F(TlsTransportTest, AClientNeedSayNeitherNameNorProtocol) {
  Serve([&](TlsTransport& transport, runtime::Socket&, bool connected) {
    EXPECT_TRUE(connected);
    EXPECT_EQ(transport.server_name(), "");
    EXPECT_FALSE(transport.has_agreed_on_protocol());
  });
  TlsClient client(client_, {.version = TLS1_2_VERSION});
  EXPECT_TRUE(client.Connect());
  EXPECT_EQ(client.Read(1), "");
}

TEST_F(TlsTransportTest, OtherProtocolsAreRefused) {
  Serve([&](TlsTransport&, runtime::Socket&, bool connected) { EXPECT_FALSE(connected); });
  TlsClient client(client_, {.alpn = "\x08http/1.1"});
  EXPECT_FALSE(client.Connect());
}

TEST_F(TlsTransportTest, AHandshakeIsDoneWithTheContextItBeganWith) {
  std::weak_ptr<const TlsContext> kept = context_;
  // The client is done before the server is: nothing of this frame is used there.
  runtime_.reactor(0).PostFiber([this, kept] {
    {
      runtime::Socket socket(runtime_.reactor(0), server_);
      TlsTransport transport(socket, std::move(context_), "");
      EXPECT_FALSE(kept.expired());
      EXPECT_TRUE(Handshake(transport, socket));
      EXPECT_TRUE(transport.has_agreed_on_protocol());
      EXPECT_TRUE(kept.expired());
    }
    ended_.Signal();
  });
  TlsClient client(client_, {.alpn = kPostgresql});
  EXPECT_TRUE(client.Connect());
}

TEST_F(TlsTransportTest, TakesWhatWasReadBefore) {
  Serve(Echo, 11);
  TlsClient client(client_, {.alpn = kPostgresql});
  ASSERT_TRUE(client.Connect());
  ASSERT_TRUE(client.Send("hello"));
  EXPECT_EQ(client.Read(5), "hello");
  shutdown(client_, SHUT_WR);
}

class TlsVersionTest : public TlsTransportTest, public ::testing::WithParamInterface<int> {};

TEST_P(TlsVersionTest, SendsBackWhateverComes) {
  Serve(Echo);
  TlsClient client(client_, {.version = GetParam()});
  ASSERT_TRUE(client.Connect());
  for (size_t size : {1, 999, 1000, 1001, 16384, 16385, 50000}) {
    std::string bytes(size, static_cast<char>('a' + size % 26));
    ASSERT_TRUE(client.Send(bytes));
    EXPECT_EQ(client.Read(size), bytes);
  }
  shutdown(client_, SHUT_WR);
}

TEST_P(TlsVersionTest, RecordsMayComeByteByByte) {
  Serve(Echo);
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  std::thread there([&] {
    char byte;
    while (read(pair[1], &byte, 1) == 1) EXPECT_EQ(write(client_, &byte, 1), 1);
    shutdown(client_, SHUT_WR);
  });
  std::thread back([&] {
    char byte;
    while (read(client_, &byte, 1) == 1) EXPECT_EQ(write(pair[1], &byte, 1), 1);
  });
  {
    TlsClient client(pair[0], {.alpn = kPostgresql, .version = GetParam()});
    ASSERT_TRUE(client.Connect());
    for (const char* word : {"one", "two", "three"}) {
      ASSERT_TRUE(client.Send(word));
      EXPECT_EQ(client.Read(std::strlen(word)), word);
    }
  }
  shutdown(pair[0], SHUT_WR);
  there.join();
  back.join();
  close(pair[0]);
  close(pair[1]);
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsVersionTest,
                         ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

}  // namespace
}  // namespace sundog::pgwire
