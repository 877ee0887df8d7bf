// Keys sort as the types' own comparison does, equal values have equal keys, and exact types come
// back as they were.
#include "codec/key_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "types/array.h"
#include "types/extension_oids.h"
#include "types/io_settings.h"
#include "types/oids.h"

namespace sundog::codec {
namespace {

namespace oids = types::oids;
using types::Datum;

int Sign(int value) { return value < 0 ? -1 : value > 0; }

class KeyCodecTest : public ::testing::Test {
 protected:
  KeyCodecTest() : random_(seed_) {
    io_.types = &lookup_;
    io_.settings = &settings_;
  }

  Datum Parse(types::Oid type, std::string_view text) {
    return types::InputText(io_, {type, -1}, text, arena_);
  }
  static std::string Encode(const KeyColumn& column, const Datum& value) {
    std::string key;
    AppendKey(column, value, key);
    return key;
  }
  std::string Text(types::Oid type, const Datum& value) {
    std::string text;
    types::OutputText(io_, lookup_.GetType(type), value, text);
    return text;
  }

  // All pairs of the values, ascending and descending.
  void CheckOrder(types::Oid type, const std::vector<Datum>& values) {
    const types::TypeInfo& info = lookup_.GetType(type);
    for (bool descending : {false, true}) {
      KeyColumn column = MakeKeyColumn(lookup_, type, true, descending, false);
      std::vector<std::string> keys;
      for (const Datum& value : values) keys.push_back(Encode(column, value));
      for (size_t i = 0; i < values.size(); ++i) {
        std::string_view rest = keys[i];
        SkipKey(column, rest);
        ASSERT_TRUE(rest.empty());
        if (column.exact) {
          std::string followed = keys[i] + "rest";
          rest = followed;
          Datum back = ReadKey(column, rest, arena_);
          ASSERT_EQ(rest, "rest");
          ASSERT_EQ(Text(type, back), Text(type, values[i]));
        }
        for (size_t j = 0; j < values.size(); ++j) {
          int expected = Sign(info.ops->compare(lookup_, info, values[i], values[j]));
          if (descending) expected = -expected;
          ASSERT_EQ(Sign(keys[i].compare(keys[j])), expected)
              << info.name << ": " << Text(type, values[i]) << " and " << Text(type, values[j]);
        }
      }
    }
  }
  void CheckTexts(types::Oid type, const std::vector<std::string>& texts) {
    std::vector<Datum> values;
    for (const std::string& text : texts) values.push_back(Parse(type, text));
    CheckOrder(type, values);
  }

  std::string RandomDigits(uint64_t most) {
    std::string digits;
    for (uint64_t n = 1 + random_.Below(most); n > 0; --n) {
      digits.push_back(random_.Below(3) ? '0' : static_cast<char>('0' + random_.Below(10)));
    }
    return digits;
  }
  std::string RandomNumeric() {
    std::string text = random_.Below(2) ? "-" : "";
    text += RandomDigits(random_.Below(4) ? 8 : 40);
    if (random_.Below(2)) text += "." + RandomDigits(random_.Below(4) ? 6 : 30);
    return text;
  }

  const types::BuiltinTypes& lookup_ = types::BuiltinTypes::Get();
  types::IoSettings settings_;
  types::IoContext io_;
  base::Arena arena_;
  uint64_t seed_ = base::SecureSeed();
  base::Random random_;
};

TEST_F(KeyCodecTest, VectorsOfFewElementsInAllWays) {
  std::vector<std::string> dense = {"[-0]", "[0.5]", "[-1e38]", "[1e-40,1]"};
  std::vector<std::string> sparse = {"{}/1000000000", "{300:-2}/1000", "{300:2}/1000",
                                     "{301:-2}/1000", "{301:2}/1001"};
  for (int count = 1; count <= 3; ++count) {
    for (int code = 0; code < (count == 1 ? 3 : count == 2 ? 9 : 27); ++code) {
      std::string in_full;
      std::string in_short;
      int rest = code;
      for (int i = 1; i <= count; ++i, rest /= 3) {
        std::string comma = i > 1 ? "," : "";
        in_full += comma + std::to_string(rest % 3 - 1);
        in_short += comma + std::to_string(i) + ":" + std::to_string(rest % 3 - 1);
      }
      dense.push_back("[" + in_full + "]");
      sparse.push_back("{" + in_short + "}/" + std::to_string(count));
    }
  }
  CheckTexts(oids::kVector, dense);
  CheckTexts(oids::kSparsevec, sparse);
  dense[2] = "[-65504]";
  CheckTexts(oids::kHalfvec, dense);
  KeyColumn column = MakeKeyColumn(lookup_, oids::kSparsevec, false, false, false);
  EXPECT_EQ(Encode(column, Parse(oids::kSparsevec, "{2:1.5}/3")),
            std::string("\x03\xff\xff\xff\xfe\x01\xbf\xc0\x00\x00\x01\x00\x00\x00\x03\x00", 16));
}

TEST_F(KeyCodecTest, ExampleOfTheHeader) {
  KeyColumn number = MakeKeyColumn(lookup_, oids::kInt4, true, false, false);
  KeyColumn text = MakeKeyColumn(lookup_, oids::kText, true, true, false);
  std::string key = Encode(number, Datum::From(int32_t{5}));
  AppendKey(text, Datum::From(std::string_view("ab")), key);
  EXPECT_EQ(key, std::string("\x01\x80\x00\x00\x05\x01\x9e\x9d\xff", 9));
  KeyColumn numeric = MakeKeyColumn(lookup_, oids::kNumeric, false, false, false);
  EXPECT_EQ(Encode(numeric, Parse(oids::kNumeric, "12.5")),
            std::string("\x03\x80\x00\x00\x0d\x13\x89\x00\x00", 9));
}

TEST_F(KeyCodecTest, NullsGoWhereTheyBelong) {
  for (bool first : {false, true}) {
    for (bool descending : {false, true}) {
      KeyColumn column = MakeKeyColumn(lookup_, oids::kInt4, true, descending, first);
      std::string null = Encode(column, Datum());
      std::string_view rest = null;
      EXPECT_TRUE(ReadKey(column, rest, arena_).is_null());
      EXPECT_TRUE(rest.empty());
      for (int32_t value : {INT32_MIN, 0, INT32_MAX}) {
        EXPECT_EQ(null < Encode(column, Datum::From(value)), first);
      }
    }
  }
}

TEST_F(KeyCodecTest, FixedWidthTypes) {
  CheckTexts(oids::kBool, {"f", "t"});
  CheckTexts(oids::kInt2, {"-32768", "-1", "0", "1", "32767"});
  CheckTexts(oids::kInt4, {"-2147483648", "-256", "-1", "0", "1", "255", "256", "2147483647"});
  CheckTexts(oids::kInt8, {"-9223372036854775808", "-1", "0", "1", "9223372036854775807"});
  CheckTexts(oids::kOid, {"0", "1", "4294967295"});
  CheckTexts(oids::kDate, {"-infinity", "0044-03-15 BC", "1999-12-31", "2024-02-29", "infinity"});
  CheckTexts(oids::kTime, {"00:00", "12:34:56.789", "24:00"});
  CheckTexts(oids::kTimestamp, {"-infinity", "1999-12-31 23:59:59.999999", "2000-01-01",
                                "2000-01-01 00:00:00.000001", "infinity"});
  CheckTexts(oids::kTimestamptz, {"-infinity", "2000-01-01 00:00+02", "2000-01-01 00:00+00",
                                  "infinity"});
  CheckTexts(oids::kTimetz, {"00:00+14", "12:00+02", "10:00+00", "11:00+01", "09:00-01",
                             "24:00-15:59"});
  CheckTexts(oids::kUuid, {"00000000-0000-0000-0000-000000000000",
                           "7fffffff-ffff-ffff-ffff-ffffffffffff",
                           "80000000-0000-0000-0000-000000000000",
                           "ffffffff-ffff-ffff-ffff-ffffffffffff"});
}

TEST_F(KeyCodecTest, FloatsTreatZerosAndNansAsEqual) {
  std::vector<Datum> doubles;
  std::vector<Datum> floats;
  for (double value : {-std::numeric_limits<double>::infinity(), -1e300, -1.5, -5e-324, -0.0, 0.0,
                       5e-324, 1.5, 1e300, std::numeric_limits<double>::infinity(),
                       std::nan(""), -std::nan("")}) {
    doubles.push_back(Datum::From(value));
    floats.push_back(Datum::From(static_cast<float>(value)));
  }
  CheckOrder(oids::kFloat8, doubles);
  CheckOrder(oids::kFloat4, floats);
}

TEST_F(KeyCodecTest, Numerics) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  std::vector<std::string> texts = {"NaN", "Infinity", "-Infinity", "0", "-0.000", "1.0", "1.00",
                                    "10000", "9999", "9999.9999", "0.0001", "0.00010", "-0.0001",
                                    "1e100", "1.000e100", "-1e100", "1e-50", "99999999999999999999",
                                    "9223372036854775807", "-9223372036854775808"};
  for (int i = 0; i < 200; ++i) texts.push_back(RandomNumeric());
  CheckTexts(oids::kNumeric, texts);
}

TEST_F(KeyCodecTest, TextsAndBytes) {
  CheckTexts(oids::kText, {"", "a", "ab", "b", "B", "\xc3\xa4", "a\x01", "\x01"});
  CheckTexts(oids::kVarchar, {"", "a", "ab"});
  CheckTexts(oids::kBpchar, {"", "a", "a ", "a  ", "ab"});
  CheckTexts(oids::kBytea, {"\\x", "\\x00", "\\x0000", "\\x0001", "\\x00ff", "\\x01", "\\xff",
                            "\\xffff", "\\xff00"});
}

TEST_F(KeyCodecTest, IntervalsCompareByLength) {
  CheckTexts(oids::kInterval, {"1 month", "30 days", "720 hours", "29 days 24:00:00.000001",
                               "-1 day", "-24 hours", "0", "1 us", "178000000 years",
                               "-178000000 years"});
}

TEST_F(KeyCodecTest, Arrays) {
  CheckTexts(oids::kInt4Array, {"{}", "{1}", "{1,2}", "{1,NULL}", "{2}", "{NULL}", "{{1},{2}}",
                                "{{1,2}}", "[0:1]={1,2}"});
  CheckTexts(oids::kTextArray, {"{}", "{a}", "{\"\"}", "{a,b}", "{ab}", "{NULL,a}"});
  CheckTexts(oids::kNumericArray, {"{1.0,2}", "{1.00,2}", "{-5}", "{1}"});
}

TEST_F(KeyCodecTest, Json) {
  CheckTexts(oids::kJsonb,
             {R"([])", R"(null)", R"("")", R"("a")", R"("ab")", R"("b")", R"(-1)", R"(0)",
              R"(1.0)", R"(1.00)", R"(1e3)", R"(false)", R"(true)", R"([null])", R"([1])",
              R"([2])", R"([1,2])", R"([[]])", R"(["a"])", R"({})", R"({"a":1})", R"({"a":2})",
              R"({"b":1})", R"({"a":1,"b":{}})", R"({"a":[1,{"c":null}],"b":false})"});
}

TEST_F(KeyCodecTest, EnumsSortByTheirOrder) {
  types::TypeInfo type;
  type.oid = 20000;
  type.name = "mood";
  type.kind_code = 'e';
  type.physical = types::PhysicalKind::kUint32;
  type.enum_labels = {{20001, 2, "ok"}, {20002, 1, "sad"}, {20003, 1.5, "so-so"}};
  struct Lookup : types::TypeLookup {
    const types::TypeInfo* type;
    const types::TypeInfo* FindType(types::Oid) const override { return type; }
  } lookup;
  lookup.type = &type;
  KeyColumn column = MakeKeyColumn(lookup, type.oid, false, false, false);
  std::string ok = Encode(column, Datum::From(uint32_t{20001}));
  std::string sad = Encode(column, Datum::From(uint32_t{20002}));
  std::string so_so = Encode(column, Datum::From(uint32_t{20003}));
  EXPECT_LT(sad, so_so);
  EXPECT_LT(so_so, ok);
  std::string_view rest = so_so;
  EXPECT_EQ(ReadKey(column, rest, arena_).As<uint32_t>(), 20003u);
}

TEST_F(KeyCodecTest, TypesWithoutOrderAreRefused) {
  EXPECT_FALSE(CanBeKey(lookup_, oids::kJson));
  EXPECT_TRUE(CanBeKey(lookup_, oids::kInt4Array));
}

}  // namespace
}  // namespace sundog::codec
