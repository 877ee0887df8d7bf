#include "auth/scram.h"

#include <gtest/gtest.h>

#include "base/sql_error.h"

namespace sundog::auth {
namespace {

// The example of RFC 7677, section 3.
constexpr std::string_view kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr std::string_view kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

ScramVerifier Pencil() {
  std::string salt("\x5b\x6d\x99\x68\x9d\x12\x35\x8e\xec\xa0\x4b\x14\x12\x36\xfa\x81", 16);
  return ScramVerifier::FromPassword("pencil", salt, 4096);
}

TEST(Scram, ExchangeOfTheRfc) {
  ScramExchange exchange(Pencil(), "user", std::string(kServerNonce));
  EXPECT_EQ(exchange.ServerFirst(kClientFirst),
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  EXPECT_EQ(exchange.ServerFinal(kClientFinal), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(Scram, WrongPasswordAndUnknownUserFailAtTheEnd) {
  ScramExchange wrong(ScramVerifier::FromPassword("pen", Pencil().salt), "user",
                      std::string(kServerNonce));
  wrong.ServerFirst(kClientFirst);
  EXPECT_EQ(wrong.ServerFinal(kClientFinal), std::nullopt);
  ScramExchange unknown(std::nullopt, "user", std::string(kServerNonce));
  EXPECT_NE(unknown.ServerFirst(kClientFirst), "");
  EXPECT_EQ(unknown.ServerFinal(kClientFinal), std::nullopt);
}

TEST(Scram, MalformedMessagesAreProtocolViolations) {
  for (std::string_view first : {"", "x", "n,,", "n,,r=abc", "p=tls-unique,,n=,r=a", "n,,n=,r="}) {
    ScramExchange exchange(Pencil(), "user", "nonce");
    EXPECT_THROW(exchange.ServerFirst(first), SqlError) << first;
  }
  for (std::string_view final : {"", "c=biws", "c=biws,r=other,p=AAAA", "c=eSws,r=x,p="}) {
    ScramExchange exchange(Pencil(), "user", std::string(kServerNonce));
    exchange.ServerFirst(kClientFirst);
    EXPECT_THROW((void)exchange.ServerFinal(final), SqlError) << final;
  }
}

TEST(ScramVerifier, FormatsAndParsesAsPostgresStoresIt) {
  std::string text = Pencil().Format();
  EXPECT_EQ(text,
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
            "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
            "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  std::optional<ScramVerifier> parsed = ScramVerifier::Parse(text);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->Format(), text);
  EXPECT_TRUE(parsed->Accepts("pencil"));
  EXPECT_FALSE(parsed->Accepts("Pencil"));
  for (std::string_view bad : {"", "md5abc", "SCRAM-SHA-256$", "SCRAM-SHA-256$x:a$b:c",
                               "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$AAAA:AAAA"}) {
    EXPECT_FALSE(ScramVerifier::Parse(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace sundog::auth
