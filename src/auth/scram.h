// SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side, and the form in which PostgreSQL stores a
// password:
//
//   SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>      (all but the count in base64)
//
// Example, password "pencil", salt "W22ZaJ0SNY7soEsUEjb6gQ==", 4096 iterations:
//   SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:
//   wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=
//
// An exchange: client-first -> ServerFirst(), client-final -> ServerFinal(). It runs to its end for
// unknown users too, so that nobody learns who exists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sundog::auth {

struct ScramVerifier {
  int iterations = 4096;
  std::string salt;        // bytes
  std::string stored_key;  // 32 bytes
  std::string server_key;  // 32 bytes

  // Null if `text` is not of the form above.
  static std::optional<ScramVerifier> Parse(std::string_view text);
  std::string Format() const;
  static ScramVerifier FromPassword(std::string_view password, std::string salt,
                                    int iterations = 4096);
  // With a fresh salt.
  static ScramVerifier FromPassword(std::string_view password);
  bool Accepts(std::string_view password) const;
};

class ScramExchange {
 public:
  // No verifier: the user does not exist or has no password; the exchange will fail at its end.
  // `server_nonce`: printable, without comma.
  ScramExchange(std::optional<ScramVerifier> verifier, std::string_view user,
                std::string server_nonce);
  static std::string MakeNonce();

  // Throws 08P01 when the client's message is malformed.
  std::string ServerFirst(std::string_view client_first);
  // Null if the proof is wrong.
  std::optional<std::string> ServerFinal(std::string_view client_final);

 private:
  bool known_user_;
  ScramVerifier verifier_;
  std::string server_nonce_;
  std::string nonce_;
  std::string client_first_bare_;
  std::string server_first_;
  std::string expected_binding_;
};

}  // namespace sundog::auth
