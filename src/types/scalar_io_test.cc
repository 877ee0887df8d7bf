// Text and wire forms of the scalar types, their order and hashes, by table.
#include <gtest/gtest.h>

#include "base/sql_error.h"
#include "types/io_settings.h"
#include "types/type_info.h"
#include "types/utf8.h"

namespace sundog::types {
namespace {

class ScalarIoTest : public testing::Test {
 protected:
  ScalarIoTest() {
    io_.types = &BuiltinTypes::Get();
    io_.settings = &settings_;
  }

  const TypeInfo& Type(const char* name) { return *BuiltinTypes::Get().FindByName(name); }

  std::string RoundTrip(const char* type, std::string_view text, int32_t typmod = -1) {
    try {
      const TypeInfo& info = Type(type);
      Datum value = InputText(io_, {info.oid, typmod}, text, arena_);
      std::string direct;
      OutputText(io_, info, value, direct);
      std::string wire;
      info.ops->send(io_, info, value, wire);
      Datum back = info.ops->receive(io_, info, wire, typmod, arena_);
      EXPECT_EQ(info.ops->compare(*io_.types, info, value, back), 0) << type << " " << text;
      EXPECT_EQ(info.ops->hash(*io_.types, info, value), info.ops->hash(*io_.types, info, back));
      return direct;
    } catch (const SqlError& error) {
      return std::string(error.state().code()) + " " + error.what();
    }
  }

  IoSettings settings_;
  IoContext io_;
  base::Arena arena_;
};

struct IoCase {
  const char* type;
  const char* text;
  const char* expected;
  int32_t typmod = -1;
};

TEST_F(ScalarIoTest, TextIsReadAndWrittenAsPostgresqlDoes) {
  constexpr IoCase kCases[] = {
      {"bool", " YES ", "t"},
      {"bool", "o", "22P02 invalid input syntax for type boolean: \"o\""},
      {"int2", "-32768", "-32768"},
      {"int2", "32768", "22003 value \"32768\" is out of range for type smallint"},
      {"int4", "1.5", "22P02 invalid input syntax for type integer: \"1.5\""},
      {"int8", " 9223372036854775807 ", "9223372036854775807"},
      {"oid", "-1", "4294967295"},
      {"float8", "1e23", "9.999999999999999e+22"},
      {"float8", "1e15", "1e+15"},
      {"float8", "123456789012345", "123456789012345"},
      {"float8", "-0", "-0"},
      {"float8", "1e400", "22003 \"1e400\" is out of range for type double precision"},
      {"float4", "0.1", "0.1"},
      {"float4", "1e6", "1e+06"},
      {"varchar", "abc   ", "abc", 7},
      {"varchar", "abcd", "22001 value too long for type character varying(3)", 7},
      {"bpchar", "ab", "ab ", 7},
      {"name", "abc", "abc"},
      {"char", "\\377", "\\377"},
      {"bytea", "a\\000\\\\", "\\x61005c"},
      {"uuid", "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"bit", "xF", "1111", 4},
      {"varbit", "10101", "22001 bit string too long for type bit varying(4)", 4},
      {"money", "-$1,234.565", "-$1,234.57"},
      {"tid", "(1,2)", "(1,2)"},
      {"pg_lsn", "16/B374D848", "16/B374D848"},
      {"xid8", "18446744073709551615", "18446744073709551615"},
  };
  for (const IoCase& c : kCases) {
    EXPECT_EQ(RoundTrip(c.type, c.text, c.typmod), c.expected) << c.type << " " << c.text;
  }
}

TEST_F(ScalarIoTest, MalformedWireValuesAreRefused) {
  const TypeInfo& info = Type("int4");
  for (auto [wire, state] : {std::pair<std::string_view, std::string_view>{"abc", "08P01"},
                             {"abcde", "22P03"}}) {
    try {
      info.ops->receive(io_, info, wire, -1, arena_);
      FAIL();
    } catch (const SqlError& error) {
      EXPECT_EQ(error.state().code(), state);
    }
  }
}

TEST_F(ScalarIoTest, TextInBinaryIsUtf8) {
  for (auto [type, wire] :
       {std::pair<const char*, std::string_view>{"text", "a\xff"}, {"name", "a\xff"},
        {"json", "\"\xff\""}, {"jsonb", "\1\"\xff\""}, {"jsonpath", "\1$.\"\xff\""}}) {
    const TypeInfo& info = Type(type);
    try {
      info.ops->receive(io_, info, wire, -1, arena_);
      ADD_FAILURE() << type;
    } catch (const SqlError& error) {
      EXPECT_EQ(error.state().code(), "22021") << type << ": " << error.what();
    }
  }
}

TEST_F(ScalarIoTest, IntegersOfAnyWidthHashAlike) {
  auto hash = [&](const char* type, const char* text) {
    const TypeInfo& info = Type(type);
    return info.ops->hash(*io_.types, info, InputText(io_, {info.oid}, text, arena_));
  };
  EXPECT_EQ(hash("int2", "-5"), hash("int8", "-5"));
  EXPECT_EQ(hash("int4", "7"), hash("int8", "7"));
  EXPECT_EQ(hash("float4", "1.5"), hash("float8", "1.5"));
  EXPECT_EQ(hash("float8", "-0"), hash("float8", "0"));
  EXPECT_EQ(hash("bpchar", "a  "), hash("bpchar", "a"));
}

TEST_F(ScalarIoTest, TypeNamesAreSqls) {
  auto name = [&](const char* type, int32_t typmod) {
    return FormatType(*io_.types, {Type(type).oid, typmod});
  };
  EXPECT_EQ(name("varchar", 14), "character varying(10)");
  EXPECT_EQ(name("_numeric", 655366), "numeric(10,2)[]");
  EXPECT_EQ(name("char", -1), "\"char\"");
  EXPECT_EQ(name("int2vector", -1), "int2vector");
  EXPECT_EQ(name("any", -1), "\"any\"");
}

TEST(Utf8, InvalidBytesAreFound) {
  for (std::string_view bad : {"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                               "12345678\x80", "\xe2\x82"}) {
    EXPECT_NE(FindInvalidUtf8(bad), std::string_view::npos);
    EXPECT_THROW(ValidateUtf8(bad), SqlError);
  }
  EXPECT_EQ(FindInvalidUtf8(std::string_view("a\0b", 3)), 1u);
  EXPECT_EQ(FindInvalidUtf8("plain ascii, äöü, 日本語 and 😀"), std::string_view::npos);
  EXPECT_EQ(CountCharacters("日本😀"), 3u);
  EXPECT_EQ(ClipToBytes("日本", 5), "日");
}

}  // namespace
}  // namespace sundog::types
