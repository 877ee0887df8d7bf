#include "codec/numeric_key.h"

#include "base/bytes.h"
#include "types/numeric.h"

namespace sundog::codec {
namespace {

enum Class : char {
  kNegativeInfinity = 0,
  kNegative = 1,
  kZero = 2,
  kPositive = 3,
  kInfinity = 4,
  kNan = 5,
};

constexpr int kBase = 10000;
constexpr int kBaseDigits = 4;
constexpr int kWeightBias = 0x8000;
// A 64-bit mantissa shifted by up to three decimal digits.
constexpr int kMaxSmallDigits = 6;

struct DigitWriter {
  std::string& to;
  uint16_t flip;

  void Weight(int weight) const { Append(static_cast<uint16_t>(weight + kWeightBias)); }
  void Digit(int digit) const { Append(static_cast<uint16_t>(digit + 1)); }
  void End() const { Append(0); }

 private:
  void Append(uint16_t value) const {
    base::AppendBigEndian(to, static_cast<uint16_t>(value ^ flip));
  }
};

DigitWriter Begin(std::string& to, bool negative) {
  to.push_back(negative ? kNegative : kPositive);
  return {to, static_cast<uint16_t>(negative ? 0xffff : 0)};
}

void AppendSmall(int64_t mantissa, int scale, std::string& to) {
  if (mantissa == 0) {
    to.push_back(kZero);
    return;
  }
  bool negative = mantissa < 0;
  unsigned __int128 rest = negative ? -static_cast<__int128>(mantissa) : mantissa;
  // Make the decimal places a multiple of the base's.
  for (; scale % kBaseDigits != 0; ++scale) rest *= 10;
  int digits[kMaxSmallDigits];
  int count = 0;
  for (; rest != 0; rest /= kBase) digits[count++] = static_cast<int>(rest % kBase);
  DigitWriter writer = Begin(to, negative);
  writer.Weight(count - 1 - scale / kBaseDigits);
  int last = 0;
  while (digits[last] == 0) ++last;
  for (int i = count - 1; i >= last; --i) writer.Digit(digits[i]);
  writer.End();
}

}  // namespace

void AppendNumericKey(std::string_view numeric, std::string& to) {
  types::NumericView view(numeric);
  if (view.is_special()) {
    to.push_back(view.is_nan() ? kNan
                               : view.is_positive_infinity() ? kInfinity : kNegativeInfinity);
    return;
  }
  if (view.is_small()) return AppendSmall(view.mantissa(), view.small_scale(), to);
  if (view.digit_count() == 0) {
    to.push_back(kZero);
    return;
  }
  DigitWriter writer = Begin(to, view.is_negative());
  writer.Weight(view.weight());
  for (int i = 0; i < view.digit_count(); ++i) writer.Digit(view.digit(i));
  writer.End();
}

size_t NumericKeyWidth(std::string_view key, uint8_t flip) {
  char kind = static_cast<char>(static_cast<uint8_t>(key[0]) ^ flip);
  if (kind != kNegative && kind != kPositive) return 1;
  uint16_t end = (kind == kNegative) != (flip != 0) ? 0xffff : 0;
  size_t at = 3;
  while (base::LoadBigEndian<uint16_t>(key.data() + at) != end) at += 2;
  return at + 2;
}

}  // namespace sundog::codec
