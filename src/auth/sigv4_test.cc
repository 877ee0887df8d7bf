#include "auth/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "auth/digest.h"

namespace sundog::auth {
namespace {

const SigV4Credentials kKey{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
constexpr int64_t kNow = 1440938160;  // 20150830T123600Z

SigV4Request Get(std::string path, std::vector<NamedValue> query = {}) {
  return {.path = std::move(path),
          .query = std::move(query),
          .headers = {{"Host", "example.amazonaws.com"}}};
}

std::string SignatureOf(const SigV4Request& request) {
  for (const NamedValue& header : request.headers) {
    if (header.name == "Authorization") return header.value.substr(header.value.rfind('=') + 1);
  }
  return "";
}

SigV4Request Signed(SigV4Request request) {
  SignHeaders(request, kKey, "us-east-1", "service", kNow);
  return request;
}

NamedValue& Header(SigV4Request& request, std::string_view name) {
  return *std::find_if(request.headers.begin(), request.headers.end(),
                       [name](const NamedValue& header) { return header.name == name; });
}

bool Verifies(const SigV4Request& request) {
  SigV4Reading reading = ReadSignedHeaders(request);
  return reading.claim && SignatureMatches(request, *reading.claim, kKey.secret);
}

// Vectors of AWS's own test suite for signers.
TEST(SigV4, SignsAsThePublishedVectorsDo) {
  EXPECT_EQ(SignatureOf(Signed(Get("/"))),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(SignatureOf(Signed(Get("/", {{"Param2", "value2"}, {"Param1", "value1"}}))),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  SigV4Request post = Get("/");
  post.method = "POST";
  EXPECT_EQ(SignatureOf(Signed(post)),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST(SigV4, CanonicalRequestHasPathQueryAndHeadersInOneForm) {
  SigV4Request request = Get("/a//./b/../c%2Fd/", {{"b", "2"}, {"a", "x y"}, {"a", "+"}});
  request.headers.push_back({"X-Note", "  two   words "});
  request.headers.push_back({"x-note", "more"});
  EXPECT_EQ(CanonicalRequest(request, {"host", "x-note"}),
            "GET\n/a/c%252Fd/\na=%2B&a=x%20y&b=2\nhost:example.amazonaws.com\n"
            "x-note:two words,more\n\nhost;x-note\n" +
                Hex(Sha256("")));
}

TEST(SigV4, PathsAboveTheRootEndAtTheRoot) {
  for (std::string_view path : {"", "/", "//", "/.", "/..", "/../", "/a/.."}) {
    std::string canonical = CanonicalRequest(Get(std::string(path)), {"host"});
    EXPECT_EQ(canonical.substr(0, 6), "GET\n/\n") << path;
  }
}

TEST(SigV4, HeadersVerifyWhatTheySigned) {
  SigV4Request request = Get("/cluster/abc", {{"client-token", "a b"}});
  request.method = "DELETE";
  request.body = "{}";
  request.headers.push_back({"Content-Type", "application/json"});
  SigV4Request signed_request = Signed(request);
  EXPECT_TRUE(Verifies(signed_request));
  // Headers that nobody signed may come along.
  signed_request.headers.push_back({"User-Agent", "curl"});
  EXPECT_TRUE(Verifies(signed_request));

  SigV4Request changed = signed_request;
  changed.method = "GET";
  EXPECT_FALSE(Verifies(changed));
  changed = signed_request;
  changed.path = "/cluster/abd";
  EXPECT_FALSE(Verifies(changed));
  changed = signed_request;
  changed.query[0].value = "a c";
  EXPECT_FALSE(Verifies(changed));
  changed = signed_request;
  changed.body = "{ }";
  EXPECT_FALSE(Verifies(changed));
  changed = signed_request;
  Header(changed, "Host").value = "other.amazonaws.com";
  EXPECT_FALSE(Verifies(changed));
  changed = signed_request;
  Header(changed, "X-Amz-Date").value = "20150830T123601Z";
  EXPECT_FALSE(Verifies(changed));
}

TEST(SigV4, HeadersThatSayTooLittleAreRefused) {
  EXPECT_EQ(ReadSignedHeaders(Get("/")).problem, "AWS requests must include 'Authorization'.");
  SigV4Request request = Signed(Get("/"));
  std::erase_if(request.headers, [](const NamedValue& h) { return h.name == "X-Amz-Date"; });
  EXPECT_EQ(ReadSignedHeaders(request).problem, "AWS requests must include 'X-Amz-Date'.");

  request = Signed(Get("/"));
  request.headers.push_back({"X-Amz-Target", "x"});
  EXPECT_EQ(ReadSignedHeaders(request).problem, "The header 'x-amz-target' must be signed.");
  request = Signed(Get("/"));
  request.headers.push_back({"X-Amz-Content-Sha256", Hex(Sha256("else"))});
  EXPECT_EQ(ReadSignedHeaders(request).problem,
            "X-Amz-Content-Sha256 is not the SHA-256 of the body.");
  request = Signed(Get("/"));
  request.headers.push_back(Header(request, "Authorization"));
  EXPECT_EQ(ReadSignedHeaders(request).problem, "'authorization' is given twice.");

  std::string scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
                      "aws4_request, SignedHeaders=";
  std::string signature(64, '0');
  for (std::string value :
       {std::string(""), std::string("Basic abc"), std::string("AWS4-HMAC-SHA256"),
        std::string("AWS4-HMAC-SHA256 "), std::string("AWS4-HMAC-SHA256 Credential"),
        scope + "x-amz-date, Signature=" + signature, scope + "host;host, Signature=" + signature,
        scope + "x-amz-date;host, Signature=" + signature, scope + "host;x-amz-date, Signature=0",
        scope + "host;not-sent;x-amz-date, Signature=" + signature}) {
    request = Signed(Get("/"));
    Header(request, "Authorization").value = value;
    EXPECT_FALSE(ReadSignedHeaders(request).claim.has_value()) << value;
  }
}

TEST(SigV4, AuthorizationMayComeWithoutSpaces) {
  SigV4Request request = Signed(Get("/"));
  std::string& value = Header(request, "Authorization").value;
  for (size_t at = value.find(", "); at != std::string::npos; at = value.find(", ")) {
    value.erase(at + 1, 1);
  }
  EXPECT_TRUE(Verifies(request));
}

TEST(SigV4, APresignedQueryVerifies) {
  SigV4Request request = Get("/object", {{"versionId", "1/2"}});
  SigV4Credentials temporary = kKey;
  temporary.session_token = "sess/tok+en=";
  auto query = ParseQuery(PresignQuery(request, temporary, "us-east-1", "service", kNow, 60),
                          QueryEncoding::kExact);
  ASSERT_TRUE(query.has_value());
  request.query = *query;
  std::reverse(request.query.begin(), request.query.end());
  SigV4Reading reading = ReadPresignedQuery(request);
  ASSERT_TRUE(reading.claim.has_value()) << reading.problem;
  EXPECT_TRUE(SignatureMatches(request, *reading.claim, kKey.secret));
  EXPECT_FALSE(SignatureMatches(request, *reading.claim, "other"));
  EXPECT_EQ(reading.claim->session_token, "sess/tok+en=");
  EXPECT_EQ(reading.claim->scope.region, "us-east-1");
  EXPECT_EQ(reading.claim->expires_s, 60);
  request.query.push_back({"more", ""});
  EXPECT_FALSE(SignatureMatches(request, *reading.claim, kKey.secret));
}

TEST(SigV4, TimesHaveFiveMinutesOfSkew) {
  SigV4Claim claim{.signed_at_s = kNow, .expires_s = 60};
  EXPECT_EQ(TimeProblem(claim, kNow - 300), std::nullopt);
  EXPECT_EQ(TimeProblem(claim, kNow + 360), std::nullopt);
  EXPECT_EQ(TimeProblem(claim, kNow - 301),
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z "
            "(20150830T123059Z + 5 min.)");
  EXPECT_EQ(TimeProblem(claim, kNow + 361),
            "Signature expired: 20150830T123700Z is now earlier than 20150830T123701Z "
            "(20150830T124201Z - 5 min.)");
}

TEST(SigV4Encoding, IsThatOfRfc3986) {
  EXPECT_EQ(UriEncode("aZ09-._~ /+=&%*'()!\xc3\xa9"),
            "aZ09-._~%20%2F%2B%3D%26%25%2A%27%28%29%21%C3%A9");
  EXPECT_EQ(UriEncode("a/b c", true), "a/b%20c");
  EXPECT_EQ(UriDecode("a%2fb%2Fc+d"), "a/b/c+d");
  for (std::string_view bad : {"%", "%2", "a%2", "%zz", "%-1", "%%20"}) {
    EXPECT_EQ(UriDecode(bad), std::nullopt) << bad;
  }
}

TEST(SigV4Encoding, QueriesInAnyFormAndInTheOneExactForm) {
  std::vector<NamedValue> expected{{"a", "1 2"}, {"b", ""}};
  EXPECT_EQ(ParseQuery("a=1%202&b="), expected);
  EXPECT_EQ(ParseQuery("a=1 2&&b"), expected);
  EXPECT_EQ(ParseQuery("a=1%202&b=", QueryEncoding::kExact), expected);
  EXPECT_EQ(ParseQuery(""), std::vector<NamedValue>());
  EXPECT_EQ(ParseQuery("a=%2"), std::nullopt);
  for (std::string_view bad : {"a", "a=1&", "&a=1", "a=1&&b=2", "a=1 2", "a=1+2", "a=%2f", "a=%41",
                               "a=b=c", "a/b=1", "a=%"}) {
    EXPECT_EQ(ParseQuery(bad, QueryEncoding::kExact), std::nullopt) << bad;
  }
}

TEST(SigV4Encoding, TimestampsBothWays) {
  EXPECT_EQ(FormatTimestamp(kNow), "20150830T123600Z");
  EXPECT_EQ(ParseTimestamp("20150830T123600Z"), kNow);
  EXPECT_EQ(ParseTimestamp("20240229T235959Z"), 1709251199);
  for (std::string_view bad :
       {"", "20150830T123600", "20150830 123600Z", "2015083xT123600Z", "20150230T123600Z",
        "20151330T123600Z", "20150830T243600Z", "20150830T126000Z", "20150830T123660Z",
        "20150830T1236000Z", "+0150830T123600Z"}) {
    EXPECT_EQ(ParseTimestamp(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace sundog::auth
