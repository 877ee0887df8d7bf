// A blocking protocol client for tests: sends exact bytes, reads whole messages.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"

namespace sundog::pgwire::testing {

struct Message {
  char type;
  std::string body;
};

inline std::string Int32Bytes(int32_t value) {
  std::string bytes;
  base::AppendBigEndian(bytes, value);
  return bytes;
}
inline std::string Int16Bytes(int16_t value) {
  std::string bytes;
  base::AppendBigEndian(bytes, value);
  return bytes;
}
inline std::string Z(std::string_view text) { return std::string(text) + '\0'; }

class TestClient {
 public:
  explicit TestClient(uint16_t port) {
    descriptor_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    CHECK_EQ(connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    int on = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~TestClient() { Close(); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  void Close() {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = -1;
  }
  int descriptor() const { return descriptor_; }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  static std::string Framed(char type, std::string_view body) {
    return type + Int32Bytes(static_cast<int32_t>(body.size()) + 4) + std::string(body);
  }
  void SendMessage(char type, std::string_view body) { Send(Framed(type, body)); }
  void SendStartup(std::string_view parameters, int32_t code = 196608) {
    std::string body = Int32Bytes(code) + std::string(parameters);
    Send(Int32Bytes(static_cast<int32_t>(body.size()) + 4) + body);
  }
  static std::string Parameters(std::string_view extra = {}) {
    return Z("user") + Z("postgres") + Z("database") + Z("postgres") + std::string(extra) + '\0';
  }

  // False at the end of the stream.
  bool ReadExactly(char* to, size_t size) {
    while (size > 0) {
      ssize_t got = recv(descriptor_, to, size, 0);
      if (got <= 0) return false;
      to += got;
      size -= static_cast<size_t>(got);
    }
    return true;
  }
  // Type 0 at the end of the stream.
  Message Read() {
    char header[5];
    if (!ReadExactly(header, sizeof header)) return {0, ""};
    std::string body(static_cast<size_t>(base::LoadBigEndian<int32_t>(header + 1)) - 4, '\0');
    if (!ReadExactly(body.data(), body.size())) return {0, ""};
    return {header[0], body};
  }
  // Up to and with the first message of `type`, or the end of the stream.
  std::vector<Message> ReadUntil(char type) {
    std::vector<Message> messages;
    do {
      messages.push_back(Read());
    } while (messages.back().type != type && messages.back().type != 0);
    return messages;
  }
  std::vector<Message> Connect(std::string_view extra = {}) {
    SendStartup(Parameters(extra));
    return ReadUntil('Z');
  }
  std::vector<Message> Query(std::string_view sql) {
    SendMessage('Q', Z(sql));
    return ReadUntil('Z');
  }

 private:
  int descriptor_;
};

// One field of an ErrorResponse.
inline std::string ErrorField(const Message& message, char code) {
  size_t at = 0;
  while (at < message.body.size() && message.body[at] != '\0') {
    size_t end = message.body.find('\0', at);
    if (message.body[at] == code) return message.body.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  return "";
}

// A script of what came back, a word a message: "T D(1) C(SELECT 1) Z(I)".
inline std::string Describe(const std::vector<Message>& messages) {
  std::string text;
  for (const Message& message : messages) {
    if (!text.empty()) text += ' ';
    if (message.type == 0) {
      text += "EOF";
      continue;
    }
    text += message.type;
    if (message.type == 'C') text += "(" + message.body.substr(0, message.body.size() - 1) + ")";
    if (message.type == 'Z') text += "(" + message.body + ")";
    if (message.type == 'E' || message.type == 'N') text += "(" + ErrorField(message, 'C') + ")";
    if (message.type == 'D') {
      text += '(';
      size_t at = 2;
      for (int i = 0; i < base::LoadBigEndian<int16_t>(message.body.data()); ++i) {
        int32_t size = base::LoadBigEndian<int32_t>(message.body.data() + at);
        at += 4;
        if (i > 0) text += ',';
        text += size < 0 ? "null" : message.body.substr(at, static_cast<size_t>(size));
        if (size > 0) at += static_cast<size_t>(size);
      }
      text += ')';
    }
  }
  return text;
}

}  // namespace sundog::pgwire::testing
