// The key that secrets are stored under: AES-256-GCM, with a fresh nonce for each.
//
// What Seal() makes:
//
//   bytes | part
//   ------+-----------------------------------
//   0-11  | nonce
//   12-   | the secret, encrypted; as long as it was
//   last 16 | tag
//
// The key's file holds its 32 bytes as 64 hexadecimal digits in one line, mode 0600.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sundog::control {

class SecretKey {
 public:
  // A new one.
  static SecretKey Random();
  // Null if there is no such file. Throws SqlError F0000 if it holds no key or others may read it.
  static std::optional<SecretKey> Load(const std::string& path);
  void Save(const std::string& path) const;

  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

  // `purpose` is not stored: Open() fails with another one, so that what is sealed cannot be used
  // in another's place.
  std::string Seal(std::string_view secret, std::string_view purpose) const;
  // Null if it was not sealed with this key for this purpose, or was changed.
  std::optional<std::string> Open(std::string_view sealed, std::string_view purpose) const;

 private:
  explicit SecretKey(std::string bytes);

  std::string bytes_;
};

}  // namespace sundog::control
