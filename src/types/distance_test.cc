// Every set of kernels against sums in double precision, on random data of many lengths.
#include "types/distance.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/random.h"
#include "types/half_float.h"

namespace sundog::types {
namespace {

class DistanceTest : public testing::Test {
 protected:
  DistanceTest() : random_(seed_) {
    RecordProperty("seed", std::to_string(seed_));
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed_));
  }

  float Element() {
    return static_cast<float>(static_cast<int64_t>(random_.Below(2'000'001)) - 1'000'000) / 250e3f;
  }

  // Bytes of `count` elements behind `offset` others, so that they are not aligned.
  template <typename Stored>
  std::string Pack(const std::vector<float>& elements, size_t offset) {
    std::string bytes(offset, '\xff');
    for (float element : elements) {
      Stored stored;
      if constexpr (sizeof(Stored) == 4) {
        stored = element;
      } else {
        stored = FloatToHalf(element);
      }
      bytes.append(reinterpret_cast<const char*>(&stored), sizeof stored);
    }
    return bytes;
  }

  // The elements as they are after packing.
  template <typename Stored>
  std::vector<float> Random(size_t count) {
    std::vector<float> elements(count);
    for (float& element : elements) {
      element = Element();
      if (sizeof(Stored) == 2) element = HalfToFloat(FloatToHalf(element));
    }
    return elements;
  }

  template <typename Stored>
  void Check(const VectorKernels& kernels, std::string_view name, size_t count) {
    SCOPED_TRACE(std::string(name) + " " + std::to_string(count));
    std::vector<float> a = Random<Stored>(count);
    std::vector<float> b = Random<Stored>(count);
    double l2 = 0;
    double l1 = 0;
    double product = 0;
    double norm_a = 0;
    double norm_b = 0;
    double absolute = 0;  // what the product's terms add up to without their signs
    for (size_t i = 0; i < count; ++i) {
      double x = a[i];
      double y = b[i];
      l2 += (x - y) * (x - y);
      l1 += std::fabs(x - y);
      product += x * y;
      absolute += std::fabs(x * y);
      norm_a += x * x;
      norm_b += y * y;
    }
    size_t offset = 1 + random_.Below(7);
    std::string bytes_a = Pack<Stored>(a, offset);
    std::string bytes_b = Pack<Stored>(b, 0);
    const char* at_a = bytes_a.data() + offset;
    const char* at_b = bytes_b.data();
    // A sum of n terms in single precision is off by at most n half units in the last place.
    double tolerance = (static_cast<double>(count) + 4) * 0x1p-24;
    EXPECT_NEAR(kernels.l2_squared(at_a, at_b, count), l2, l2 * tolerance);
    EXPECT_NEAR(kernels.l1(at_a, at_b, count), l1, l1 * tolerance);
    EXPECT_NEAR(kernels.inner_product(at_a, at_b, count), product, absolute * tolerance);
    CosineParts parts = kernels.cosine(at_a, at_b, count);
    EXPECT_NEAR(parts.product, product, absolute * tolerance);
    EXPECT_NEAR(parts.norm_a, norm_a, norm_a * tolerance);
    EXPECT_NEAR(parts.norm_b, norm_b, norm_b * tolerance);
  }

  uint64_t seed_ = base::SecureSeed();
  base::Random random_;
};

TEST_F(DistanceTest, EverySetAgreesWithDoublePrecisionWithinRounding) {
  for (const DistanceKernels* set : SupportedDistances()) {
    for (size_t count = 0; count < 130; ++count) {
      Check<float>(set->floats, set->name, count);
      Check<uint16_t>(set->halves, set->name, count);
    }
    for (size_t count : {768u, 1536u, 16384u}) {
      Check<float>(set->floats, set->name, count);
      Check<uint16_t>(set->halves, set->name, count);
    }
  }
}

TEST_F(DistanceTest, WholeNumbersAreExactInEverySet) {
  for (size_t count : {1u, 7u, 16u, 33u, 100u}) {
    std::vector<float> a;
    std::vector<float> b;
    for (size_t i = 0; i < count; ++i) {
      a.push_back(static_cast<float>(random_.Below(21)) - 10);
      b.push_back(static_cast<float>(random_.Below(21)) - 10);
    }
    std::string bytes_a = Pack<float>(a, 0);
    std::string bytes_b = Pack<float>(b, 0);
    const VectorKernels& plain = kPlainDistances.floats;
    for (const DistanceKernels* set : SupportedDistances()) {
      const VectorKernels& other = set->floats;
      EXPECT_EQ(other.l2_squared(bytes_a.data(), bytes_b.data(), count),
                plain.l2_squared(bytes_a.data(), bytes_b.data(), count));
      EXPECT_EQ(other.inner_product(bytes_a.data(), bytes_b.data(), count),
                plain.inner_product(bytes_a.data(), bytes_b.data(), count));
      EXPECT_EQ(other.l1(bytes_a.data(), bytes_b.data(), count),
                plain.l1(bytes_a.data(), bytes_b.data(), count));
    }
  }
}

TEST_F(DistanceTest, BitsAreCountedOneByOne) {
  for (size_t size = 0; size < 40; ++size) {
    std::string a(size, '\0');
    std::string b(size, '\0');
    uint64_t hamming = 0;
    BitCounts expected;
    for (size_t i = 0; i < size * 8; ++i) {
      bool in_a = random_.Below(2) == 1;
      bool in_b = random_.Below(2) == 1;
      if (in_a) a[i / 8] = static_cast<char>(a[i / 8] | 1 << i % 8);
      if (in_b) b[i / 8] = static_cast<char>(b[i / 8] | 1 << i % 8);
      hamming += in_a != in_b;
      expected.both += in_a && in_b;
      expected.either += in_a || in_b;
    }
    for (const DistanceKernels* set : SupportedDistances()) {
      EXPECT_EQ(set->hamming(a.data(), b.data(), size), hamming) << set->name;
      BitCounts counts = set->bit_counts(a.data(), b.data(), size);
      EXPECT_EQ(counts.both, expected.both) << set->name;
      EXPECT_EQ(counts.either, expected.either) << set->name;
    }
  }
}

TEST(HalfFloat, EveryHalfReadsBackAsItself) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    auto bits = static_cast<uint16_t>(half);
    if (IsHalfNan(bits)) {
      EXPECT_TRUE(std::isnan(HalfToFloat(bits)));
      continue;
    }
    ASSERT_EQ(FloatToHalf(HalfToFloat(bits)), bits);
    double expected = std::ldexp((bits & 0x3FF) + ((bits & 0x7C00) != 0 ? 0x400 : 0),
                                 std::max((bits >> 10 & 0x1F) - 25, -24));
    if (IsHalfInfinite(bits)) expected = INFINITY;
    ASSERT_EQ(std::fabs(HalfToFloat(bits)), expected) << half;
    ASSERT_EQ(std::signbit(HalfToFloat(bits)), (half & 0x8000) != 0);
  }
}

TEST(HalfFloat, RoundsToTheNearestAndTiesToEven) {
  for (uint16_t half = 0; half < 0x7BFF; ++half) {
    double here = HalfToFloat(half);
    double next = HalfToFloat(static_cast<uint16_t>(half + 1));
    auto middle = static_cast<float>((here + next) / 2);  // exact: one more bit
    uint16_t even = half % 2 == 0 ? half : static_cast<uint16_t>(half + 1);
    ASSERT_EQ(FloatToHalf(middle), even) << half;
    ASSERT_EQ(FloatToHalf(std::nextafter(middle, 0.0f)), half);
    ASSERT_EQ(FloatToHalf(std::nextafter(middle, INFINITY)), half + 1);
    ASSERT_EQ(FloatToHalf(-middle), even | 0x8000);
  }
  EXPECT_EQ(FloatToHalf(65519.996f), 0x7BFF);
  EXPECT_TRUE(IsHalfInfinite(FloatToHalf(65520.0f)));
  EXPECT_TRUE(IsHalfInfinite(FloatToHalf(3e38f)));
  EXPECT_TRUE(IsHalfNan(FloatToHalf(NAN)));
}

}  // namespace
}  // namespace sundog::types
