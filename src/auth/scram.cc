#include "auth/scram.h"

#include <openssl/evp.h>

#include <charconv>

#include "auth/digest.h"
#include "base/check.h"
#include "base/random.h"
#include "base/sql_error.h"

namespace sundog::auth {

namespace {

constexpr size_t kKeyBytes = kSha256Bytes;
constexpr size_t kSaltBytes = 16;
constexpr std::string_view kPrefix = "SCRAM-SHA-256$";

std::string Base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                             reinterpret_cast<const unsigned char*>(bytes.data()),
                             static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                             reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<size_t>(size) - padding);
  return bytes;
}

[[noreturn]] void ThrowMalformed(std::string detail) {
  throw SqlError(sqlstate::kProtocolViolation, "malformed SCRAM message")
      .Detail(std::move(detail))
      .Fatal();
}

// Takes "x=value" off the front of a comma-separated list.
std::string_view TakeAttribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') {
    ThrowMalformed(std::string("Expected attribute \"") + name + "\".");
  }
  size_t end = rest.find(',');
  std::string_view value = rest.substr(2, end == std::string_view::npos ? end : end - 2);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return value;
}

}  // namespace

std::optional<ScramVerifier> ScramVerifier::Parse(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  size_t colon = text.find(':');
  size_t dollar = text.find('$');
  if (colon == std::string_view::npos || dollar == std::string_view::npos || colon > dollar) {
    return std::nullopt;
  }
  size_t second_colon = text.find(':', dollar);
  if (second_colon == std::string_view::npos) return std::nullopt;
  ScramVerifier verifier;
  auto [end, error] = std::from_chars(text.data(), text.data() + colon, verifier.iterations);
  auto salt = FromBase64(text.substr(colon + 1, dollar - colon - 1));
  auto stored = FromBase64(text.substr(dollar + 1, second_colon - dollar - 1));
  auto server = FromBase64(text.substr(second_colon + 1));
  if (error != std::errc() || end != text.data() + colon || verifier.iterations < 1 || !salt ||
      !stored || stored->size() != kKeyBytes || !server || server->size() != kKeyBytes) {
    return std::nullopt;
  }
  verifier.salt = *salt;
  verifier.stored_key = *stored;
  verifier.server_key = *server;
  return verifier;
}

std::string ScramVerifier::Format() const {
  return std::string(kPrefix) + std::to_string(iterations) + ":" + Base64(salt) + "$" +
         Base64(stored_key) + ":" + Base64(server_key);
}

ScramVerifier ScramVerifier::FromPassword(std::string_view password, std::string salt,
                                          int iterations) {
  std::string salted(kKeyBytes, '\0');
  CHECK_EQ(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                             reinterpret_cast<const unsigned char*>(salt.data()),
                             static_cast<int>(salt.size()), iterations, EVP_sha256(),
                             static_cast<int>(salted.size()),
                             reinterpret_cast<unsigned char*>(salted.data())),
           1);
  ScramVerifier verifier;
  verifier.iterations = iterations;
  verifier.salt = std::move(salt);
  verifier.stored_key = Sha256(HmacSha256(salted, "Client Key"));
  verifier.server_key = HmacSha256(salted, "Server Key");
  return verifier;
}

ScramVerifier ScramVerifier::FromPassword(std::string_view password) {
  std::string salt(kSaltBytes, '\0');
  base::FillSecureRandom(salt.data(), salt.size());
  return FromPassword(password, std::move(salt));
}

bool ScramVerifier::Accepts(std::string_view password) const {
  return SameSecret(FromPassword(password, salt, iterations).stored_key, stored_key);
}

std::string ScramExchange::MakeNonce() {
  std::string bytes(18, '\0');
  base::FillSecureRandom(bytes.data(), bytes.size());
  return Base64(bytes);
}

ScramExchange::ScramExchange(std::optional<ScramVerifier> verifier, std::string_view user,
                             std::string server_nonce)
    : known_user_(verifier.has_value()), server_nonce_(std::move(server_nonce)) {
  if (verifier) {
    verifier_ = *verifier;
    return;
  }
  // The same salt each time the same unknown user tries, as a real one would have.
  static const std::string secret = MakeNonce();
  verifier_.salt = Sha256(secret + std::string(user)).substr(0, kSaltBytes);
  verifier_.stored_key.assign(kKeyBytes, '\0');
  verifier_.server_key.assign(kKeyBytes, '\0');
}

std::string ScramExchange::ServerFirst(std::string_view client_first) {
  // gs2-header: n,, or y,, ; p= asks for channel binding, which was not offered.
  if (client_first.starts_with("p=")) {
    ThrowMalformed("The client selected SCRAM-SHA-256 with channel binding.");
  }
  if (!client_first.starts_with("n,") && !client_first.starts_with("y,")) {
    ThrowMalformed("Unexpected channel-binding flag.");
  }
  size_t header_end = client_first.find(',', 2);
  if (header_end != 2) base::ThrowNotSupported("SCRAM authorization identity");
  expected_binding_ = Base64(client_first.substr(0, 3));
  client_first_bare_ = client_first.substr(3);
  std::string_view rest = client_first_bare_;
  if (rest.starts_with("m=")) base::ThrowNotSupported("SCRAM extension");
  TakeAttribute(rest, 'n');  // the user of the startup packet counts
  std::string_view client_nonce = TakeAttribute(rest, 'r');
  if (client_nonce.empty()) ThrowMalformed("The nonce is empty.");
  nonce_ = std::string(client_nonce) + server_nonce_;
  server_first_ = "r=" + nonce_ + ",s=" + Base64(verifier_.salt) +
                  ",i=" + std::to_string(verifier_.iterations);
  return server_first_;
}

std::optional<std::string> ScramExchange::ServerFinal(std::string_view client_final) {
  std::string_view rest = client_final;
  std::string_view binding = TakeAttribute(rest, 'c');
  std::string_view nonce = TakeAttribute(rest, 'r');
  size_t proof_at = client_final.rfind(",p=");
  if (proof_at == std::string_view::npos) ThrowMalformed("The proof is missing.");
  std::optional<std::string> proof = FromBase64(client_final.substr(proof_at + 3));
  if (!proof || proof->size() != kKeyBytes) ThrowMalformed("Malformed proof.");
  if (binding != expected_binding_) ThrowMalformed("Unexpected SCRAM channel-binding attribute.");
  if (nonce != nonce_) ThrowMalformed("Nonce does not match.");
  std::string message = client_first_bare_ + "," + server_first_ + "," +
                        std::string(client_final.substr(0, proof_at));
  std::string signature = HmacSha256(verifier_.stored_key, message);
  std::string client_key(kKeyBytes, '\0');
  for (size_t i = 0; i < kKeyBytes; ++i) {
    client_key[i] = static_cast<char>((*proof)[i] ^ signature[i]);
  }
  if (!SameSecret(Sha256(client_key), verifier_.stored_key) || !known_user_) return std::nullopt;
  return "v=" + Base64(HmacSha256(verifier_.server_key, message));
}

}  // namespace sundog::auth
