#include "auth/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "auth/digest.h"
#include "base/check.h"
#include "types/ascii.h"

namespace sundog::auth {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kScopeEnd = "aws4_request";
constexpr std::string_view kSignatureParameter = "X-Amz-Signature";
constexpr size_t kDateBytes = 8;

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Dot segments and repeated slashes resolved (RFC 3986, 5.2.4), then encoded.
std::string CanonicalPath(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::string_view segment : Split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  std::string normalized;
  for (std::string_view segment : segments) normalized.append("/").append(segment);
  if (normalized.empty() || path.ends_with('/')) normalized.push_back('/');
  return UriEncode(normalized, /*keep_slashes=*/true);
}

std::string CanonicalQuery(const std::vector<NamedValue>& query) {
  std::vector<NamedValue> encoded;
  for (const NamedValue& parameter : query) {
    if (parameter.name == kSignatureParameter) continue;
    encoded.push_back({UriEncode(parameter.name), UriEncode(parameter.value)});
  }
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const NamedValue& parameter : encoded) {
    if (!text.empty()) text.push_back('&');
    text.append(parameter.name).append("=").append(parameter.value);
  }
  return text;
}

// Without spaces around it, and one where there were several.
void AppendTrimmed(std::string& to, std::string_view value) {
  size_t begin = to.size();
  for (char c : value) {
    if (c != ' ' && c != '\t') {
      to.push_back(c);
    } else if (to.size() > begin && to.back() != ' ') {
      to.push_back(' ');
    }
  }
  if (to.size() > begin && to.back() == ' ') to.pop_back();
}

// By name, in lower case. A header sent more than once has its values joined by commas.
std::map<std::string, std::string, std::less<>> HeaderValues(
    const std::vector<NamedValue>& headers) {
  std::map<std::string, std::string, std::less<>> values;
  for (const NamedValue& header : headers) {
    auto [value, is_first] = values.try_emplace(types::LowerAscii(header.name));
    if (!is_first) value->second.push_back(',');
    AppendTrimmed(value->second, header.value);
  }
  return values;
}

std::vector<std::string> HeaderNames(const std::vector<NamedValue>& headers) {
  std::vector<std::string> names;
  for (const NamedValue& header : headers) names.push_back(types::LowerAscii(header.name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string JoinNames(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ";"));
}

std::string ScopeText(const SigV4Scope& scope) {
  return fmt::format("{}/{}/{}/{}", scope.date, scope.region, scope.service, kScopeEnd);
}

SigV4Scope ScopeAt(int64_t now_s, std::string_view region, std::string_view service) {
  return {FormatTimestamp(now_s).substr(0, kDateBytes), std::string(region), std::string(service)};
}

// Collects what a request says of itself; the first thing wrong is kept.
class ClaimReader {
 public:
  explicit ClaimReader(std::string_view where) : where_(where) {}

  void Fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  void Require(const std::optional<std::string>& value, std::string_view name) {
    if (!value) Fail(fmt::format("AWS {} must include '{}'.", where_, name));
  }

  // AKID/YYYYMMDD/REGION/SERVICE/aws4_request
  void ReadCredential(std::string_view text) {
    std::vector<std::string_view> parts = Split(text, '/');
    if (parts.size() != 5 || parts[4] != kScopeEnd || parts[0].empty()) {
      Fail("Credential must have the form ACCESS_KEY_ID/YYYYMMDD/REGION/SERVICE/aws4_request.");
      return;
    }
    claim_.access_key_id = parts[0];
    claim_.scope = {std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
  }
  // After the credential.
  void ReadDate(std::string_view text) {
    std::optional<int64_t> time = ParseTimestamp(text);
    if (!time) {
      Fail("X-Amz-Date must be in the ISO 8601 basic format YYYYMMDDTHHMMSSZ.");
    } else if (text.substr(0, kDateBytes) != claim_.scope.date) {
      Fail("The date in Credential is not that of X-Amz-Date.");
    } else {
      claim_.signed_at_s = *time;
    }
  }
  void ReadExpires(std::string_view text) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), claim_.expires_s);
    if (error != std::errc() || end != text.data() + text.size() || claim_.expires_s < 1 ||
        claim_.expires_s > kMaxExpiresS) {
      Fail(fmt::format("X-Amz-Expires must be between 1 and {} seconds.", kMaxExpiresS));
    }
  }
  void ReadSignedHeaders(std::string_view text, const std::vector<NamedValue>& headers,
                         bool amz_must_be_signed) {
    for (std::string_view name : Split(text, ';')) claim_.signed_headers.emplace_back(name);
    const std::vector<std::string>& names = claim_.signed_headers;
    if (!std::is_sorted(names.begin(), names.end()) ||
        std::adjacent_find(names.begin(), names.end()) != names.end()) {
      Fail("SignedHeaders must be sorted, and no name be given twice.");
    }
    auto is_signed = [&names](std::string_view name) {
      return std::binary_search(names.begin(), names.end(), name);
    };
    if (!is_signed("host")) Fail("'Host' must be a signed header.");
    std::vector<std::string> sent = HeaderNames(headers);
    for (const std::string& name : names) {
      if (!std::binary_search(sent.begin(), sent.end(), name)) {
        Fail(fmt::format("The signed header '{}' was not sent.", name));
      }
    }
    for (const std::string& name : sent) {
      if (amz_must_be_signed && name.starts_with("x-amz-") && !is_signed(name)) {
        Fail(fmt::format("The header '{}' must be signed.", name));
      }
    }
  }
  void ReadSignature(std::string_view text) {
    if (text.size() != 2 * kSha256Bytes) Fail("The signature must have 64 hexadecimal digits.");
    claim_.signature = text;
  }
  void ReadSessionToken(const std::optional<std::string>& text) {
    if (text) claim_.session_token = *text;
  }

  bool failed() const { return !problem_.empty(); }
  SigV4Reading Finish() {
    if (failed()) return {std::nullopt, std::move(problem_)};
    return {std::move(claim_), ""};
  }

 private:
  std::string_view where_;
  SigV4Claim claim_;
  std::string problem_;
};

// Null if it is not there; given twice, it fails.
std::optional<std::string> Single(const std::vector<NamedValue>& values, std::string_view name,
                                  ClaimReader& reader) {
  std::optional<std::string> found;
  for (const NamedValue& value : values) {
    if (value.name != name) continue;
    if (found) reader.Fail(fmt::format("'{}' is given twice.", name));
    found = value.value;
  }
  return found;
}

std::vector<NamedValue> WithLowerNames(const std::vector<NamedValue>& headers) {
  std::vector<NamedValue> result = headers;
  for (NamedValue& header : result) header.name = types::LowerAscii(header.name);
  return result;
}

// "Credential=…, SignedHeaders=…, Signature=…", with or without the spaces.
std::vector<NamedValue> AuthorizationParts(std::string_view text) {
  std::vector<NamedValue> parts;
  for (std::string_view part : Split(text, ',')) {
    part = types::TrimSpace(part);
    size_t equals = std::min(part.find('='), part.size());
    std::string_view value = part.substr(std::min(equals + 1, part.size()));
    parts.push_back({std::string(part.substr(0, equals)), std::string(value)});
  }
  return parts;
}

}  // namespace

std::string CanonicalRequest(const SigV4Request& request,
                             const std::vector<std::string>& signed_headers) {
  std::string text = fmt::format("{}\n{}\n{}\n", request.method, CanonicalPath(request.path),
                                 CanonicalQuery(request.query));
  auto values = HeaderValues(request.headers);
  for (const std::string& name : signed_headers) {
    text.append(name).append(":").append(values[name]).append("\n");
  }
  text.append("\n").append(JoinNames(signed_headers)).append("\n");
  return text + Hex(Sha256(request.body));
}

std::string Sign(const SigV4Request& request, const std::vector<std::string>& signed_headers,
                 const SigV4Scope& scope, int64_t signed_at_s, std::string_view secret) {
  std::string text =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, FormatTimestamp(signed_at_s), ScopeText(scope),
                  Hex(Sha256(CanonicalRequest(request, signed_headers))));
  std::string key = HmacSha256("AWS4" + std::string(secret), scope.date);
  key = HmacSha256(key, scope.region);
  key = HmacSha256(key, scope.service);
  key = HmacSha256(key, kScopeEnd);
  return Hex(HmacSha256(key, text));
}

std::string PresignQuery(const SigV4Request& request, const SigV4Credentials& credentials,
                         std::string_view region, std::string_view service, int64_t now_s,
                         int64_t expires_s) {
  std::vector<std::string> names = HeaderNames(request.headers);
  CHECK(std::binary_search(names.begin(), names.end(), "host"));
  CHECK(expires_s >= 1 && expires_s <= kMaxExpiresS);
  SigV4Scope scope = ScopeAt(now_s, region, service);
  SigV4Request presigned = request;
  auto add = [&presigned](std::string_view name, std::string value) {
    presigned.query.push_back({std::string(name), std::move(value)});
  };
  add("X-Amz-Algorithm", std::string(kAlgorithm));
  add("X-Amz-Credential", credentials.access_key_id + "/" + ScopeText(scope));
  add("X-Amz-Date", FormatTimestamp(now_s));
  add("X-Amz-Expires", std::to_string(expires_s));
  if (!credentials.session_token.empty()) add("X-Amz-Security-Token", credentials.session_token);
  add("X-Amz-SignedHeaders", JoinNames(names));
  return fmt::format("{}&{}={}", CanonicalQuery(presigned.query), kSignatureParameter,
                     Sign(presigned, names, scope, now_s, credentials.secret));
}

void SignHeaders(SigV4Request& request, const SigV4Credentials& credentials,
                 std::string_view region, std::string_view service, int64_t now_s) {
  request.headers.push_back({"X-Amz-Date", FormatTimestamp(now_s)});
  if (!credentials.session_token.empty()) {
    request.headers.push_back({"X-Amz-Security-Token", credentials.session_token});
  }
  std::vector<std::string> names = HeaderNames(request.headers);
  CHECK(std::binary_search(names.begin(), names.end(), "host"));
  SigV4Scope scope = ScopeAt(now_s, region, service);
  std::string signature = Sign(request, names, scope, now_s, credentials.secret);
  request.headers.push_back(
      {"Authorization",
       fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                   credentials.access_key_id, ScopeText(scope), JoinNames(names), signature)});
}

SigV4Reading ReadPresignedQuery(const SigV4Request& request) {
  ClaimReader reader("query-string parameters");
  std::vector<std::optional<std::string>> values;
  for (std::string_view name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date",
                                "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"}) {
    values.push_back(Single(request.query, name, reader));
    reader.Require(values.back(), name);
  }
  reader.ReadSessionToken(Single(request.query, "X-Amz-Security-Token", reader));
  if (reader.failed()) return reader.Finish();
  if (values[0] != kAlgorithm) reader.Fail("X-Amz-Algorithm must be AWS4-HMAC-SHA256.");
  reader.ReadCredential(*values[1]);
  reader.ReadDate(*values[2]);
  reader.ReadExpires(*values[3]);
  reader.ReadSignedHeaders(*values[4], request.headers, /*amz_must_be_signed=*/false);
  reader.ReadSignature(*values[5]);
  return reader.Finish();
}

SigV4Reading ReadSignedHeaders(const SigV4Request& request) {
  ClaimReader reader("requests");
  std::vector<NamedValue> headers = WithLowerNames(request.headers);
  std::optional<std::string> authorization = Single(headers, "authorization", reader);
  std::optional<std::string> date = Single(headers, "x-amz-date", reader);
  reader.Require(authorization, "Authorization");
  reader.Require(date, "X-Amz-Date");
  reader.ReadSessionToken(Single(headers, "x-amz-security-token", reader));
  std::optional<std::string> payload = Single(headers, "x-amz-content-sha256", reader);
  if (payload && *payload != Hex(Sha256(request.body))) {
    reader.Fail("X-Amz-Content-Sha256 is not the SHA-256 of the body.");
  }
  if (reader.failed()) return reader.Finish();
  if (!authorization->starts_with(std::string(kAlgorithm) + " ")) {
    reader.Fail("Authorization must use AWS4-HMAC-SHA256.");
    return reader.Finish();
  }
  std::vector<NamedValue> parts =
      AuthorizationParts(std::string_view(*authorization).substr(kAlgorithm.size() + 1));
  std::vector<std::optional<std::string>> values;
  for (std::string_view name : {"Credential", "SignedHeaders", "Signature"}) {
    values.push_back(Single(parts, name, reader));
    reader.Require(values.back(), name);
  }
  if (reader.failed()) return reader.Finish();
  reader.ReadCredential(*values[0]);
  reader.ReadDate(*date);
  reader.ReadSignedHeaders(*values[1], request.headers, /*amz_must_be_signed=*/true);
  reader.ReadSignature(*values[2]);
  return reader.Finish();
}

bool SignatureMatches(const SigV4Request& request, const SigV4Claim& claim,
                      std::string_view secret) {
  return SameSecret(
      claim.signature,
      Sign(request, claim.signed_headers, claim.scope, claim.signed_at_s, secret));
}

std::optional<std::string> TimeProblem(const SigV4Claim& claim, int64_t now_s) {
  int64_t ends_s = claim.signed_at_s + claim.expires_s;
  std::string now = FormatTimestamp(now_s);
  if (ends_s < now_s - kClockSkewS) {
    return fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)",
                       FormatTimestamp(ends_s), FormatTimestamp(now_s - kClockSkewS), now);
  }
  if (claim.signed_at_s > now_s + kClockSkewS) {
    return fmt::format("Signature not yet current: {} is still later than {} ({} + 5 min.)",
                       FormatTimestamp(claim.signed_at_s), FormatTimestamp(now_s + kClockSkewS),
                       now);
  }
  return std::nullopt;
}

}  // namespace sundog::auth
