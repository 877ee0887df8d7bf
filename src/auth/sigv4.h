// AWS Signature Version 4, both ways: signing requests and verifying them, as a presigned query
// (connection tokens) or in the Authorization header (the HTTP API).
//
// What is signed, in four steps:
//
//   1. The canonical request, lines joined by '\n':
//        method
//        path        dot segments and repeated slashes resolved, then percent-encoded once more
//        query       all parameters but X-Amz-Signature, encoded, sorted, joined by '&'
//        name:value  each signed header, names in lower case and sorted; an empty line follows
//        names       of the signed headers, joined by ';'
//        payload     SHA-256 of the body, in hexadecimal
//   2. The string to sign: AWS4-HMAC-SHA256, the timestamp, DATE/REGION/SERVICE/aws4_request, and
//      the SHA-256 of the canonical request.
//   3. The key: HMAC of "AWS4" + secret over the date, of that over the region, the service, and
//      "aws4_request".
//   4. The signature: the HMAC of 2 under 3, in hexadecimal.
//
// Verifying: Read…() takes a request apart into a claim; the caller finds the secret of
// claim.access_key_id, asks SignatureMatches(), and only then believes what the claim says. Time,
// region and service are the caller's to judge; TimeProblem() does the first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::auth {

struct SigV4Credentials {
  std::string access_key_id;
  std::string secret;
  std::string session_token;  // of temporary credentials; else empty
};

struct NamedValue {
  std::string name;
  std::string value;
  friend auto operator<=>(const NamedValue&, const NamedValue&) = default;
};

struct SigV4Request {
  std::string method = "GET";
  std::string path = "/";          // as sent, percent-encoded
  std::vector<NamedValue> query;   // decoded
  std::vector<NamedValue> headers;
  std::string body;
};

// Where and when a signature is good.
struct SigV4Scope {
  std::string date;  // YYYYMMDD
  std::string region;
  std::string service;
};

// What a signed request says of itself; to be believed when SignatureMatches() says so.
struct SigV4Claim {
  std::string access_key_id;
  std::string session_token;  // empty if it has none
  SigV4Scope scope;
  int64_t signed_at_s = 0;  // since 1970
  int64_t expires_s = 0;    // a presigned query's; 0 in a header
  std::vector<std::string> signed_headers;  // sorted
  std::string signature;                    // 64 hexadecimal digits
};

// A claim, or why there is none: a sentence for whoever sent the request.
struct [[nodiscard]] SigV4Reading {
  std::optional<SigV4Claim> claim;
  std::string problem;
};

inline constexpr int64_t kMaxExpiresS = 604800;  // a week
inline constexpr int64_t kClockSkewS = 300;

// --- encoding ---

// RFC 3986 as SigV4 has it: all but A-Z a-z 0-9 - . _ ~ becomes %XX, in upper case.
std::string UriEncode(std::string_view bytes, bool keep_slashes = false);
// Null if a '%' is not followed by two hexadecimal digits. '+' stands for itself.
std::optional<std::string> UriDecode(std::string_view text);

enum class QueryEncoding : uint8_t {
  kAny,    // whatever decodes
  kExact,  // only what UriEncode() writes, so that a query can be written in one way
};
// "a=1&b=2" decoded, in its order; null if its encoding is not such.
std::optional<std::vector<NamedValue>> ParseQuery(std::string_view query,
                                                  QueryEncoding encoding = QueryEncoding::kAny);

// "20240827T000000Z", and back; null if it is no such time.
std::string FormatTimestamp(int64_t seconds);
std::optional<int64_t> ParseTimestamp(std::string_view text);

// --- signing ---

std::string CanonicalRequest(const SigV4Request& request,
                             const std::vector<std::string>& signed_headers);
// In hexadecimal.
std::string Sign(const SigV4Request& request, const std::vector<std::string>& signed_headers,
                 const SigV4Scope& scope, int64_t signed_at_s, std::string_view secret);

// The query that presigns `request`: its own parameters, then the signature's. All its headers are
// signed; "host" must be among them.
std::string PresignQuery(const SigV4Request& request, const SigV4Credentials& credentials,
                         std::string_view region, std::string_view service, int64_t now_s,
                         int64_t expires_s);
// Adds X-Amz-Date, X-Amz-Security-Token if there is one, and Authorization. All headers are signed;
// "host" must be among them.
void SignHeaders(SigV4Request& request, const SigV4Credentials& credentials,
                 std::string_view region, std::string_view service, int64_t now_s);

// --- verifying ---

// Out of the parameters X-Amz-…, in any order. "host" must be among the signed headers.
SigV4Reading ReadPresignedQuery(const SigV4Request& request);
// Out of the headers Authorization and X-Amz-Date. "host" and every X-Amz-… must be signed.
SigV4Reading ReadSignedHeaders(const SigV4Request& request);

// In constant time.
bool SignatureMatches(const SigV4Request& request, const SigV4Claim& claim,
                      std::string_view secret);

// "Signature expired: …" or "Signature not yet current: …", with five minutes of clock skew; null
// if the claim is good now.
std::optional<std::string> TimeProblem(const SigV4Claim& claim, int64_t now_s);

}  // namespace sundog::auth
