#include "pgwire/websocket_transport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"

namespace sundog::pgwire {
namespace {

// Gives and takes so much at a time, and would block in between.
class Pipe : public Transport {
 public:
  IoResult Read(char* to, size_t size_bytes) override {
    size_t size = std::min({size_bytes, step, incoming.size()});
    if (size == 0) return {is_closed ? IoStatus::kClosed : IoStatus::kWouldBlock};
    incoming.copy(to, size);
    incoming.erase(0, size);
    return {IoStatus::kOk, size};
  }
  IoResult Write(const char* from, size_t size_bytes) override {
    if (std::exchange(blocks_next_write, step < SIZE_MAX)) {
      blocks_next_write = false;
      return {IoStatus::kWouldBlock};
    }
    size_t size = std::min(size_bytes, step);
    outgoing.append(from, size);
    return {IoStatus::kOk, size};
  }
  bool MayRead() const override { return !incoming.empty() || is_closed; }
  std::string_view server_name() const override { return "db.example"; }

  std::string incoming;
  std::string outgoing;
  size_t step = SIZE_MAX;
  bool blocks_next_write = false;
  bool is_closed = false;
};

// As a client sends it.
std::string Masked(uint8_t first, std::string payload, uint32_t mask = 0x12345678) {
  std::string frame(1, static_cast<char>(first));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(0x80 | 126);
    base::AppendBigEndian(frame, static_cast<uint16_t>(payload.size()));
  } else {
    frame += static_cast<char>(0x80 | 127);
    base::AppendBigEndian(frame, static_cast<uint64_t>(payload.size()));
  }
  std::string key;
  base::AppendBigEndian(key, mask);
  for (size_t i = 0; i < payload.size(); ++i) payload[i] ^= key[i % 4];
  return frame + key + payload;
}

std::string Message(char type, const std::string& body) {
  std::string message(1, type);
  base::AppendBigEndian(message, static_cast<uint32_t>(body.size() + 4));
  return message + body;
}

// A server's frame of one message, without a mask.
std::string Framed(const std::string& payload) {
  std::string frame = Masked(0x82, payload, 0);
  frame[1] = static_cast<char>(frame[1] & 0x7F);
  frame.erase(frame.size() - payload.size() - 4, 4);
  return frame;
}

class WebSocketTransportTest : public ::testing::Test {
 protected:
  void Open(std::string received = {}) {
    auto pipe = std::make_unique<Pipe>();
    pipe_ = pipe.get();
    transport_ = std::make_unique<WebSocketTransport>(std::move(pipe), std::move(received));
  }
  // All that comes until it would block or is closed.
  std::string ReadAll() {
    std::string all;
    char bytes[1000];
    while (true) {
      IoResult result = transport_->Read(bytes, sizeof bytes);
      last_ = result.status;
      if (result.status == IoStatus::kWouldBlock && !pipe_->incoming.empty()) continue;
      if (result.status != IoStatus::kOk) return all;
      all.append(bytes, result.size_bytes);
    }
  }
  void WriteAll(std::string_view bytes) {
    while (!bytes.empty()) {
      IoResult result = transport_->Write(bytes.data(), bytes.size());
      ASSERT_NE(result.status, IoStatus::kClosed);
      if (result.status == IoStatus::kOk) bytes.remove_prefix(result.size_bytes);
    }
  }

  Pipe* pipe_ = nullptr;
  std::unique_ptr<WebSocketTransport> transport_;
  IoStatus last_ = IoStatus::kOk;
};

TEST_F(WebSocketTransportTest, TheClientCutsItsBytesAsItLikes) {
  std::string sent = Masked(0x82, "one") + Masked(0x02, "two") + Masked(0x00, "") +
                     Masked(0x80, "three") + Masked(0x82, std::string(200, 'x')) +
                     Masked(0x82, std::string(70'000, 'y'));
  std::string expected = "onetwothree" + std::string(200, 'x') + std::string(70'000, 'y');
  for (size_t step : {size_t{1}, size_t{7}, SIZE_MAX}) {
    Open();
    pipe_->incoming = sent;
    pipe_->step = step;
    EXPECT_EQ(ReadAll(), expected);
    EXPECT_EQ(last_, IoStatus::kWouldBlock);
    EXPECT_FALSE(transport_->MayRead());
  }
  Open(sent.substr(0, 10));
  EXPECT_TRUE(transport_->MayRead());
  pipe_->incoming = sent.substr(10);
  EXPECT_EQ(ReadAll(), expected);
}

TEST_F(WebSocketTransportTest, EachMessageIsAFrame) {
  std::string messages, frames;
  std::vector<size_t> begins;
  for (size_t size : {0, 1, 100, 121, 122, 300, 65'530, 65'531, 65'532, 200'000}) {
    std::string message = Message('D', std::string(size, 'd'));
    begins.push_back(messages.size());
    messages += message;
    frames += Framed(message);
  }
  for (size_t step : {size_t{1}, size_t{1000}, SIZE_MAX}) {
    Open();
    pipe_->step = step;
    WriteAll(messages);
    EXPECT_TRUE(pipe_->outgoing == frames) << step;
  }
  // However it is handed over, but for headers of messages: those are written at once.
  auto cuts_header = [&](size_t at) {
    return std::any_of(begins.begin(), begins.end(),
                       [at](size_t begin) { return at > begin && at < begin + 5; });
  };
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Open();
    base::Random random(seed);
    for (size_t at = 0; at < messages.size();) {
      size_t end = std::min<size_t>(messages.size(), at + 1 + random.Below(90'000));
      while (cuts_header(end)) ++end;
      WriteAll(std::string_view(messages).substr(at, end - at));
      at = end;
    }
    EXPECT_TRUE(pipe_->outgoing == frames) << seed;
  }
}

TEST_F(WebSocketTransportTest, PingsAreAnsweredBetweenFrames) {
  Open();
  pipe_->incoming = Masked(0x89, "are you there") + Masked(0x82, "x") + Masked(0x8A, "unasked");
  EXPECT_EQ(ReadAll(), "x");
  EXPECT_EQ(pipe_->outgoing, "\x8A\x0D" "are you there");
  // In the midst of a frame that is being written, it has to wait.
  Open();
  std::string message = Message('D', std::string(100'000, 'd'));
  pipe_->step = 10;
  ASSERT_EQ(transport_->Write(message.data(), message.size()).status, IoStatus::kWouldBlock);
  pipe_->incoming = Masked(0x89, "?");
  EXPECT_EQ(ReadAll(), "");
  WriteAll(message);
  WriteAll(Message('Z', "I"));
  EXPECT_TRUE(pipe_->outgoing == Framed(message) + "\x8A\x01?" + Framed(Message('Z', "I")));
}

TEST_F(WebSocketTransportTest, WhatBreaksTheRulesEndsIt) {
  std::string unmasked = Masked(0x82, "x", 0);
  unmasked[1] = 1;
  struct {
    std::string sent;
    std::string code;
  } cases[] = {
      {Masked(0x81, "text"), "\x03\xeb"},
      {unmasked, "\x03\xea"},
      {Masked(0xC2, "reserved bit"), "\x03\xea"},
      {Masked(0x83, "reserved opcode"), "\x03\xea"},
      {Masked(0x8B, "reserved control"), "\x03\xea"},
      {Masked(0x80, "continues nothing"), "\x03\xea"},
      {Masked(0x02, "begins") + Masked(0x82, "begins again"), "\x03\xea"},
      {Masked(0x09, "a ping in parts"), "\x03\xea"},
      {Masked(0x89, std::string(126, 'x')), "\x03\xea"},
      {Masked(0x88, "\x03\xe8"), "\x03\xe8"},
  };
  for (const auto& [sent, code] : cases) {
    Open();
    pipe_->incoming = sent;
    ReadAll();
    EXPECT_EQ(last_, IoStatus::kClosed);
    EXPECT_EQ(pipe_->outgoing, "\x88\x02" + code);
    EXPECT_TRUE(transport_->MayRead());
    std::string message = Message('Z', "I");
    EXPECT_EQ(transport_->Write(message.data(), message.size()).status, IoStatus::kClosed);
  }
}

TEST_F(WebSocketTransportTest, FramesWithoutEndAndWithoutDataEndIt) {
  for (uint8_t first : {0x89, 0x8A, 0x82}) {
    Open();
    std::string frame = Masked(first, "");
    for (int i = 0; i < 8'000; ++i) pipe_->incoming += frame;
    EXPECT_EQ(ReadAll(), "");
    EXPECT_EQ(last_, IoStatus::kWouldBlock);
    for (int i = 0; i < 12'000; ++i) pipe_->incoming += frame;
    pipe_->outgoing.clear();
    EXPECT_EQ(ReadAll(), "");
    EXPECT_EQ(last_, IoStatus::kClosed);
    EXPECT_TRUE(pipe_->outgoing.ends_with("\x88\x02\x03\xf0"));
  }
}

TEST_F(WebSocketTransportTest, RandomBytesEndIt) {
  base::Random random(7);
  for (int i = 0; i < 2000; ++i) {
    Open();
    for (uint64_t size = random.Below(300); size > 0; --size) {
      pipe_->incoming += static_cast<char>(random.Below(256));
    }
    pipe_->step = 1 + random.Below(50);
    pipe_->is_closed = true;
    ReadAll();
    EXPECT_EQ(last_, IoStatus::kClosed);
  }
}

}  // namespace
}  // namespace sundog::pgwire
