#include "types/numeric.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sql_error.h"
#include "types/numeric_accumulator.h"
#include "types/numeric_math.h"
#include "types/numeric_var.h"

namespace sundog::types {
namespace {

class NumericTest : public testing::Test {
 protected:
  std::string_view N(std::string_view text) { return ParseNumeric(text, -1, arena_); }
  template <typename Operation>
  std::string Text(Operation&& operation) {
    try {
      return NumericText(operation());
    } catch (const SqlError& error) {
      return std::string(error.state().code());
    }
  }

  // Anything from one digit to far past 64 bits, with any scale.
  std::string RandomNumber(base::Random& random) {
    std::string text = random.Below(2) == 0 ? "-" : "";
    for (uint64_t digits = 1 + random.Below(40); digits > 0; --digits) {
      text += static_cast<char>('0' + random.Below(10));
    }
    if (random.Below(2) == 0) text += '.' + std::string(1 + random.Below(25), '7');
    return text;
  }

  base::Arena arena_;
};

struct BinaryCase {
  const char* a;
  const char* b;
  const char* sum;
  const char* product;
  const char* quotient;
};

TEST_F(NumericTest, ArithmeticHasPostgresqlsScales) {
  constexpr BinaryCase kCases[] = {
      {"1", "3", "4", "3", "0.33333333333333333333"},
      {"1.50", "-2.5", "-1.00", "-3.750", "-0.60000000000000000000"},
      {"9223372036854775807", "1", "9223372036854775808", "9223372036854775807",
       "9223372036854775807"},
      {"99999999999999999999", "0.01", "99999999999999999999.01", "999999999999999999.99",
       "9999999999999999999900.00"},
      {"NaN", "1", "NaN", "NaN", "NaN"},
      {"Infinity", "-1", "Infinity", "-Infinity", "-Infinity"},
      {"Infinity", "-Infinity", "NaN", "-Infinity", "NaN"},
      {"1", "0", "1", "0", "22012"},
  };
  for (const BinaryCase& c : kCases) {
    EXPECT_EQ(Text([&] { return NumericAdd(N(c.a), N(c.b), arena_); }), c.sum) << c.a;
    EXPECT_EQ(Text([&] { return NumericMultiply(N(c.a), N(c.b), arena_); }), c.product) << c.a;
    EXPECT_EQ(Text([&] { return NumericDivide(N(c.a), N(c.b), arena_); }), c.quotient) << c.a;
  }
}

TEST_F(NumericTest, SmallAndBigFormsAgree) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE(seed);
  base::Random random(seed);
  for (int i = 0; i < 2000; ++i) {
    std::string_view a = N(RandomNumber(random));
    std::string_view b = N(RandomNumber(random));
    NumericVar va = NumericVar::FromView(NumericView(a));
    NumericVar vb = NumericVar::FromView(NumericView(b));
    EXPECT_EQ(NumericAdd(a, b, arena_), Add(va, vb).Encode(arena_));
    EXPECT_EQ(NumericSubtract(a, b, arena_), Subtract(va, vb).Encode(arena_));
    EXPECT_EQ(NumericMultiply(a, b, arena_), Multiply(va, vb).Encode(arena_));
    EXPECT_EQ(CompareNumeric(a, b), Compare(va, vb));
    if (vb.is_zero()) continue;
    int scale = SelectDivisionScale(va, vb);
    EXPECT_EQ(NumericDivide(a, b, arena_), Divide(va, vb, scale, true).Encode(arena_));
    // a = b × q + r
    std::string_view whole = NumericDivideTruncated(a, b, arena_);
    std::string_view rest = NumericModulo(a, b, arena_);
    std::string_view back = NumericAdd(NumericMultiply(b, whole, arena_), rest, arena_);
    EXPECT_EQ(CompareNumeric(back, a), 0) << NumericText(a) << " " << NumericText(b);
  }
}

TEST_F(NumericTest, TextAndWireFormsRoundTrip) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE(seed);
  base::Random random(seed);
  for (int i = 0; i < 2000; ++i) {
    std::string_view value = N(RandomNumber(random));
    EXPECT_EQ(N(NumericText(value)), value);
    std::string wire;
    SendNumeric(value, wire);
    EXPECT_EQ(ReceiveNumeric(wire, -1, arena_), value);
  }
}

TEST_F(NumericTest, EqualValuesHashAlikeWhateverTheirScale) {
  constexpr const char* kEqual[][2] = {
      {"1", "1.0"},     {"0", "0.00000000000000000000000"}, {"100", "100.00"},
      {"1e20", "100000000000000000000.000"}, {"-0.5", "-0.50000000000000000000000"},
      {"9223372036854775807", "9223372036854775807.0"}};
  for (auto& pair : kEqual) {
    EXPECT_EQ(CompareNumeric(N(pair[0]), N(pair[1])), 0);
    EXPECT_EQ(HashNumeric(N(pair[0])), HashNumeric(N(pair[1]))) << pair[0];
  }
  EXPECT_NE(HashNumeric(N("1")), HashNumeric(N("10")));
}

TEST_F(NumericTest, BadInputIsRefused) {
  for (const char* text : {"", "-", "1.2.3", "1e", "abc", "1 2", "NaNx", "0x10"}) {
    EXPECT_EQ(Text([&] { return N(text); }), "22P02") << text;
  }
  EXPECT_EQ(Text([&] { return N("1e200000"); }), "22003");
  int32_t typmod = MakeNumericTypmod(4, 2);
  EXPECT_EQ(Text([&] { return ParseNumeric("99.994", typmod, arena_); }), "99.99");
  EXPECT_EQ(Text([&] { return ParseNumeric("99.995", typmod, arena_); }), "22003");
  EXPECT_EQ(NumericTypmodScale(MakeNumericTypmod(3, -2)), -2);
}

TEST_F(NumericTest, RootIsRoundedCorrectlyHoweverCloseTheTie) {
  EXPECT_EQ(NumericText(NumericSqrt(N("1.000000000000000000001"), arena_)),
            "1.000000000000000000000");
  EXPECT_EQ(NumericText(NumericSqrt(N("4"), arena_)), "2.000000000000000");
  EXPECT_EQ(Text([&] { return NumericSqrt(N("-1"), arena_); }), "2201F");
}

// Sums of a window that moves over random values, against adding them up afresh.
TEST_F(NumericTest, AccumulatorForgetsWhatIsRemoved) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE(seed);
  base::Random random(seed);
  std::vector<std::string_view> values;
  for (int i = 0; i < 300; ++i) values.push_back(N(RandomNumber(random)));
  constexpr size_t kWindow = 7;
  NumericAccumulator moving(true);
  for (size_t i = 0; i < values.size(); ++i) {
    moving.Add(values[i]);
    if (i >= kWindow) moving.Remove(values[i - kWindow]);
    NumericAccumulator fresh(true);
    std::string_view sum = N("0");
    for (size_t j = i >= kWindow ? i - kWindow + 1 : 0; j <= i; ++j) {
      fresh.Add(values[j]);
      sum = NumericAdd(sum, values[j], arena_);
    }
    ASSERT_EQ(moving.Sum(arena_), sum) << i;
    ASSERT_EQ(fresh.Sum(arena_), sum) << i;
    ASSERT_EQ(moving.Average(arena_), fresh.Average(arena_)) << i;
    ASSERT_EQ(moving.Variance(false, arena_), fresh.Variance(false, arena_)) << i;
  }
}

TEST_F(NumericTest, AccumulatorsMerge) {
  NumericAccumulator a(true);
  NumericAccumulator b(true);
  for (const char* text : {"1.5", "2", "1e30"}) a.Add(N(text));
  for (const char* text : {"-1e30", "0.25"}) b.Add(N(text));
  a.Merge(b);
  EXPECT_EQ(NumericText(a.Sum(arena_)), "3.75");
  EXPECT_EQ(a.count(), 5);
  a.Add(N("NaN"));
  EXPECT_EQ(NumericText(a.Sum(arena_)), "NaN");
  a.Remove(N("NaN"));
  EXPECT_EQ(NumericText(a.Sum(arena_)), "3.75");
}

}  // namespace
}  // namespace sundog::types
