#include "http/websocket_handshake.h"

#include <openssl/evp.h>

#include <array>
#include <string>
#include <string_view>

#include "base/check.h"
#include "types/ascii.h"

namespace sundog::http {

namespace {

constexpr std::string_view kVersion = "13";
// 16 bytes in base64.
constexpr size_t kKeyChars = 24;
// What every server appends to the client's key.
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// All values of a header, joined as if sent once.
std::string ValueOf(const Request& request, std::string_view name) {
  std::string value;
  for (const auto& header : request.headers) {
    if (!types::EqualsIgnoringCase(header.name, name)) continue;
    if (!value.empty()) value += ',';
    value += header.value;
  }
  return value;
}

// A list as "keep-alive, Upgrade".
bool HasToken(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    size_t comma = list.find(',');
    if (types::EqualsIgnoringCase(types::TrimSpace(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

std::string Base64(const unsigned char* bytes, size_t size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');  // the function ends it with a zero
  int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes,
                               static_cast<int>(size));
  text.resize(static_cast<size_t>(length));
  return text;
}

std::string AcceptOf(const std::string& key) {
  std::string text = key + std::string(kGuid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  CHECK_EQ(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr), 1);
  return Base64(digest.data(), size);
}

bool IsKey(const std::string& key) {
  std::array<unsigned char, kKeyChars> bytes;
  return key.size() == kKeyChars && key.ends_with("==") &&
         EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(key.data()),
                         static_cast<int>(key.size())) > 0;
}

}  // namespace

bool AsksForWebSocket(const Request& request) {
  return request.method == "GET" && HasToken(ValueOf(request, "Upgrade"), "websocket") &&
         HasToken(ValueOf(request, "Connection"), "upgrade");
}

Response AnswerWebSocket(const Request& request) {
  if (ValueOf(request, "Sec-WebSocket-Version") != kVersion) {
    return {426, {{"Sec-WebSocket-Version", std::string(kVersion)}}, ""};
  }
  std::string key = ValueOf(request, "Sec-WebSocket-Key");
  if (!IsKey(key)) return {400, {}, "Sec-WebSocket-Key must be 16 bytes in base64.\n"};
  return {101,
          {{"Upgrade", "websocket"},
           {"Connection", "Upgrade"},
           {"Sec-WebSocket-Accept", AcceptOf(key)}},
          ""};
}

}  // namespace sundog::http
