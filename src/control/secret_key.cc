#include "control/secret_key.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

#include "auth/digest.h"
#include "base/check.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "control/private_file.h"
#include "types/ascii.h"

namespace sundog::control {

namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* Bytes(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
const unsigned char* Bytes(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    int high = types::HexDigitValue(text[i]);
    int low = types::HexDigitValue(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

}  // namespace

SecretKey::SecretKey(std::string bytes) : bytes_(std::move(bytes)) {
  CHECK_EQ(bytes_.size(), kKeyBytes);
}

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

SecretKey SecretKey::Random() {
  std::string bytes(kKeyBytes, '\0');
  base::FillSecureRandom(bytes.data(), bytes.size());
  return SecretKey(std::move(bytes));
}

std::optional<SecretKey> SecretKey::Load(const std::string& path) {
  std::optional<std::string> text = ReadPrivateFile(path);
  if (!text) return std::nullopt;
  std::optional<std::string> bytes = FromHex(types::TrimSpace(*text));
  if (!bytes || bytes->size() != kKeyBytes) {
    throw SqlError(sqlstate::kConfigFileError,
                   fmt::format("file \"{}\" does not hold a key of {} hexadecimal digits", path,
                               2 * kKeyBytes));
  }
  return SecretKey(std::move(*bytes));
}

void SecretKey::Save(const std::string& path) const {
  WritePrivateFile(path, auth::Hex(bytes_) + "\n");
}

std::string SecretKey::Seal(std::string_view secret, std::string_view purpose) const {
  std::string sealed(kNonceBytes + secret.size() + kTagBytes, '\0');
  base::FillSecureRandom(sealed.data(), kNonceBytes);
  char* encrypted = sealed.data() + kNonceBytes;
  CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  CHECK_EQ(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(bytes_),
                              Bytes(sealed)),
           1);
  CHECK_EQ(EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(purpose),
                             static_cast<int>(purpose.size())),
           1);
  CHECK_EQ(EVP_EncryptUpdate(context.get(), Bytes(encrypted), &size, Bytes(secret),
                             static_cast<int>(secret.size())),
           1);
  CHECK_EQ(static_cast<size_t>(size), secret.size());
  CHECK_EQ(EVP_EncryptFinal_ex(context.get(), Bytes(encrypted + size), &size), 1);
  CHECK_EQ(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                               encrypted + secret.size()),
           1);
  return sealed;
}

std::optional<std::string> SecretKey::Open(std::string_view sealed,
                                           std::string_view purpose) const {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  std::string_view encrypted =
      sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string secret(encrypted.size(), '\0');
  CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  CHECK_EQ(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(bytes_),
                              Bytes(sealed)),
           1);
  CHECK_EQ(EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(purpose),
                             static_cast<int>(purpose.size())),
           1);
  CHECK_EQ(EVP_DecryptUpdate(context.get(), Bytes(secret.data()), &size, Bytes(encrypted),
                             static_cast<int>(encrypted.size())),
           1);
  CHECK_EQ(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()), 1);
  int rest = 0;
  if (EVP_DecryptFinal_ex(context.get(), Bytes(secret.data() + size), &rest) != 1) {
    return std::nullopt;
  }
  return secret;
}

}  // namespace sundog::control
