#include "types/numeric_var.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/sql_error.h"

namespace sundog::types {

namespace {

constexpr int kMaxWeight = 32767;
constexpr int kPowers[] = {1, 10, 100, 1000, 10000};

// Rounds towards minus infinity.
int FloorDivide(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

int Size(const NumericVar& var) { return static_cast<int>(var.digits.size()); }

// |a| + |b|.
NumericVar AddAbsolute(const NumericVar& a, const NumericVar& b) {
  NumericVar sum;
  sum.dscale = std::max(a.dscale, b.dscale);
  int top = std::max(a.weight, b.weight) + 1;  // room for the carry
  int bottom = std::min(a.weight - Size(a), b.weight - Size(b)) + 1;
  sum.weight = top;
  sum.digits.assign(static_cast<size_t>(top - bottom + 1), 0);
  for (const NumericVar* part : {&a, &b}) {
    for (int i = 0; i < Size(*part); ++i) {
      size_t at = static_cast<size_t>(top - part->weight + i);
      sum.digits[at] += part->digits[static_cast<size_t>(i)];
    }
  }
  for (size_t i = sum.digits.size(); i-- > 1;) {
    if (sum.digits[i] >= kNumericBase) {
      sum.digits[i] -= kNumericBase;
      ++sum.digits[i - 1];
    }
  }
  return sum;
}

// |a| - |b| for |a| >= |b|.
NumericVar SubtractAbsolute(const NumericVar& a, const NumericVar& b) {
  NumericVar difference;
  difference.dscale = std::max(a.dscale, b.dscale);
  int bottom = std::min(a.weight - Size(a), b.weight - Size(b)) + 1;
  int top = std::max(a.weight, bottom);
  difference.weight = top;
  difference.digits.assign(static_cast<size_t>(top - bottom + 1), 0);
  auto at = [&](int weight) -> int32_t& {
    return difference.digits[static_cast<size_t>(top - weight)];
  };
  for (int i = 0; i < Size(a); ++i) at(a.weight - i) += a.digits[static_cast<size_t>(i)];
  for (int i = 0; i < Size(b); ++i) at(b.weight - i) -= b.digits[static_cast<size_t>(i)];
  for (size_t i = difference.digits.size(); i-- > 1;) {
    if (difference.digits[i] < 0) {
      difference.digits[i] += kNumericBase;
      --difference.digits[i - 1];
    }
  }
  return difference;
}

NumericVar AddSigned(const NumericVar& a, const NumericVar& b, bool b_negative) {
  NumericVar result;
  if (a.negative == b_negative) {
    result = AddAbsolute(a, b);
    result.negative = a.negative;
  } else if (CompareAbsolute(a, b) >= 0) {
    result = SubtractAbsolute(a, b);
    result.negative = a.negative;
  } else {
    result = SubtractAbsolute(b, a);
    result.negative = b_negative;
  }
  result.Normalise();
  return result;
}

// Knuth's algorithm D on base-10000 digits, most significant first: `remainder` holds the dividend
// with one leading zero and becomes the remainder (times `scale`), the quotient is returned.
std::vector<int32_t> LongDivide(std::vector<int32_t>& remainder, std::vector<int32_t> divisor) {
  int32_t scale = kNumericBase / (divisor[0] + 1);
  for (auto* digits : {&remainder, &divisor}) {
    int32_t carry = 0;
    for (size_t i = digits->size(); i-- > 0;) {
      int32_t value = (*digits)[i] * scale + carry;
      (*digits)[i] = value % kNumericBase;
      carry = value / kNumericBase;
    }
  }
  size_t n = divisor.size();
  std::vector<int32_t> quotient(remainder.size() - n, 0);
  int64_t second = n > 1 ? divisor[1] : 0;
  for (size_t j = 0; j < quotient.size(); ++j) {
    int64_t top = int64_t{remainder[j]} * kNumericBase + remainder[j + 1];
    int64_t third = n > 1 ? remainder[j + 2] : 0;
    int64_t guess = std::min<int64_t>(top / divisor[0], kNumericBase - 1);
    while (guess * second > (top - guess * divisor[0]) * kNumericBase + third) --guess;
    int64_t borrow = 0;
    for (size_t i = n; i-- > 0;) {
      int64_t value = remainder[j + 1 + i] - guess * divisor[i] - borrow;
      borrow = value < 0 ? (-value + kNumericBase - 1) / kNumericBase : 0;
      remainder[j + 1 + i] = static_cast<int32_t>(value + borrow * kNumericBase);
    }
    remainder[j] -= static_cast<int32_t>(borrow);
    if (remainder[j] < 0) {  // one too many: add the divisor back
      --guess;
      int32_t carry = 0;
      for (size_t i = n; i-- > 0;) {
        int32_t value = remainder[j + 1 + i] + divisor[i] + carry;
        carry = value >= kNumericBase;
        remainder[j + 1 + i] = value - carry * kNumericBase;
      }
      remainder[j] += carry;
    }
    quotient[j] = static_cast<int32_t>(guess);
  }
  return quotient;
}

}  // namespace

void ThrowNumericOverflow() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "value overflows numeric format");
}

void ThrowDivisionByZero() { throw SqlError(sqlstate::kDivisionByZero, "division by zero"); }

NumericVar NumericVar::FromView(NumericView view) {
  if (view.is_small()) return FromScaled(view.mantissa(), view.small_scale());
  CHECK(!view.is_special());
  NumericVar var;
  var.negative = view.is_negative();
  var.weight = view.weight();
  var.dscale = view.dscale();
  var.digits.resize(static_cast<size_t>(view.digit_count()));
  for (size_t i = 0; i < var.digits.size(); ++i) var.digits[i] = view.digit(static_cast<int>(i));
  return var;
}

NumericVar NumericVar::FromScaled(Int128 mantissa, int dscale) {
  NumericVar var;
  var.dscale = dscale;
  if (mantissa == 0) return var;
  var.negative = mantissa < 0;
  auto rest = static_cast<unsigned __int128>(mantissa);
  if (var.negative) rest = -rest;
  int pad = (kNumericDigitWidth - dscale % kNumericDigitWidth) % kNumericDigitWidth;
  int lowest = -(dscale + pad) / kNumericDigitWidth;
  auto low = static_cast<int32_t>(rest % static_cast<unsigned>(kPowers[kNumericDigitWidth - pad]));
  var.digits.push_back(low * kPowers[pad]);
  rest /= static_cast<unsigned>(kPowers[kNumericDigitWidth - pad]);
  while (rest != 0) {
    var.digits.push_back(static_cast<int32_t>(rest % kNumericBase));
    rest /= kNumericBase;
  }
  var.weight = lowest + Size(var) - 1;
  std::reverse(var.digits.begin(), var.digits.end());
  var.Normalise();
  return var;
}

bool NumericVar::ToScaled(int scale, Int128* value) const {
  *value = 0;
  if (is_zero()) return true;
  if ((weight + 1) * kNumericDigitWidth + scale > 37) return false;
  Int128 result = 0;
  // Whole digits first, then the part of the last one that the scale still shows.
  int whole = FloorDivide(scale, kNumericDigitWidth);
  for (int at = weight; at >= -whole; --at) {
    size_t i = static_cast<size_t>(weight - at);
    result = result * kNumericBase + (i < digits.size() ? digits[i] : 0);
  }
  int partial = scale - whole * kNumericDigitWidth;
  if (partial > 0) {
    int i = weight + whole + 1;
    int32_t digit = i >= 0 && i < Size(*this) ? digits[static_cast<size_t>(i)] : 0;
    result = result * kPowers[partial] + digit / kPowers[kNumericDigitWidth - partial];
  }
  *value = negative ? -result : result;
  return true;
}

double NumericVar::ToDouble() const {
  double value = 0;
  int count = std::min(Size(*this), 6);
  for (int i = 0; i < count; ++i) value = value * kNumericBase + digits[static_cast<size_t>(i)];
  value *= std::pow(10.0, (weight - count + 1) * kNumericDigitWidth);
  return negative ? -value : value;
}

void NumericVar::Normalise() {
  size_t leading = 0;
  while (leading < digits.size() && digits[leading] == 0) ++leading;
  if (leading > 0) {
    digits.erase(digits.begin(), digits.begin() + static_cast<ptrdiff_t>(leading));
    weight -= static_cast<int>(leading);
  }
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
  if (digits.empty()) {
    negative = false;
    weight = 0;
  }
}

void NumericVar::Truncate(int scale) {
  dscale = scale;
  int kept = (weight + 1) * kNumericDigitWidth + scale;  // decimal digits from digits[0] on
  if (kept <= 0) {
    digits.clear();
  } else {
    int whole = kept / kNumericDigitWidth;
    int partial = kept % kNumericDigitWidth;
    if (whole < Size(*this)) {
      digits.resize(static_cast<size_t>(whole + (partial > 0)));
      if (partial > 0) digits.back() -= digits.back() % kPowers[kNumericDigitWidth - partial];
    }
  }
  Normalise();
}

void NumericVar::Round(int scale) {
  int kept = (weight + 1) * kNumericDigitWidth + scale;
  int index = kept >= 0 ? kept / kNumericDigitWidth : -1;  // of the digit that is cut or dropped
  if (index >= Size(*this) || kept < 0) return Truncate(scale);
  int unit = kPowers[kNumericDigitWidth - kept % kNumericDigitWidth];
  bool up = digits[static_cast<size_t>(index)] % unit * 2 >= unit;
  int old_weight = weight;
  std::vector<int32_t> kept_digits(digits.begin(), digits.begin() + index);
  int32_t partial = digits[static_cast<size_t>(index)];
  partial = partial - partial % unit + (up ? unit : 0);
  kept_digits.push_back(partial);
  for (size_t i = kept_digits.size(); i-- > 1 && kept_digits[i] >= kNumericBase;) {
    kept_digits[i] -= kNumericBase;
    ++kept_digits[i - 1];
  }
  weight = old_weight;
  if (kept_digits[0] >= kNumericBase) {
    kept_digits[0] -= kNumericBase;
    kept_digits.insert(kept_digits.begin(), 1);
    ++weight;
  }
  digits = std::move(kept_digits);
  dscale = scale;
  Normalise();
}

std::string_view NumericVar::Encode(base::Arena& arena) const {
  Int128 scaled = 0;
  if (dscale <= kNumericSmallMaxScale && ToScaled(dscale, &scaled) &&
      scaled == static_cast<int64_t>(scaled)) {
    return NumericFromScaled(scaled, dscale, arena);
  }
  if (weight > kMaxWeight || weight < -kMaxWeight - 1 || dscale > kNumericMaxScale) {
    ThrowNumericOverflow();
  }
  size_t size = 5 + 2 * digits.size();
  char* bytes = arena.AllocateBytes(size);
  bytes[0] = negative ? '\x81' : '\x80';
  auto dscale16 = static_cast<uint16_t>(dscale);
  auto weight16 = static_cast<int16_t>(weight);
  std::memcpy(bytes + 1, &dscale16, 2);
  std::memcpy(bytes + 3, &weight16, 2);
  for (size_t i = 0; i < digits.size(); ++i) {
    auto digit = static_cast<uint16_t>(digits[i]);
    std::memcpy(bytes + 5 + 2 * i, &digit, 2);
  }
  return {bytes, size};
}

int CompareAbsolute(const NumericVar& a, const NumericVar& b) {
  if (a.is_zero() || b.is_zero()) return static_cast<int>(!a.is_zero()) - !b.is_zero();
  if (a.weight != b.weight) return a.weight < b.weight ? -1 : 1;
  size_t common = std::min(a.digits.size(), b.digits.size());
  for (size_t i = 0; i < common; ++i) {
    if (a.digits[i] != b.digits[i]) return a.digits[i] < b.digits[i] ? -1 : 1;
  }
  return a.digits.size() == b.digits.size() ? 0 : a.digits.size() < b.digits.size() ? -1 : 1;
}

int Compare(const NumericVar& a, const NumericVar& b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  return a.negative ? -CompareAbsolute(a, b) : CompareAbsolute(a, b);
}

NumericVar Add(const NumericVar& a, const NumericVar& b) { return AddSigned(a, b, b.negative); }

NumericVar Subtract(const NumericVar& a, const NumericVar& b) {
  return AddSigned(a, b, !b.negative);
}

NumericVar Multiply(const NumericVar& a, const NumericVar& b) {
  NumericVar product;
  product.dscale = a.dscale + b.dscale;
  if (a.is_zero() || b.is_zero()) return product;
  product.negative = a.negative != b.negative;
  product.weight = a.weight + b.weight + 1;
  // Sums of up to 2^63 / 10^8 products fit a 64-bit cell: carries can wait to the end.
  std::vector<int64_t> cells(a.digits.size() + b.digits.size(), 0);
  for (size_t i = 0; i < a.digits.size(); ++i) {
    int64_t digit = a.digits[i];
    if (digit == 0) continue;
    for (size_t j = 0; j < b.digits.size(); ++j) cells[i + j + 1] += digit * b.digits[j];
  }
  product.digits.resize(cells.size());
  int64_t carry = 0;
  for (size_t i = cells.size(); i-- > 0;) {
    int64_t value = cells[i] + carry;
    product.digits[i] = static_cast<int32_t>(value % kNumericBase);
    carry = value / kNumericBase;
  }
  CHECK_EQ(carry, 0);
  product.Normalise();
  return product;
}

NumericVar Multiply(const NumericVar& a, const NumericVar& b, int scale) {
  NumericVar product = Multiply(a, b);
  product.Round(scale);
  return product;
}

NumericVar Divide(const NumericVar& a, const NumericVar& b, int scale, bool round) {
  if (b.is_zero()) ThrowDivisionByZero();
  NumericVar quotient;
  quotient.dscale = scale;
  if (a.is_zero()) return quotient;
  quotient.negative = a.negative != b.negative;
  // The quotient's first digit weighs a.weight - b.weight (it may be zero); one decimal beyond the
  // scale decides rounding, and what is below it cannot.
  quotient.weight = a.weight - b.weight;
  int wanted = quotient.weight + 1 + FloorDivide(scale + kNumericDigitWidth, kNumericDigitWidth);
  wanted = std::max(wanted, 1);
  std::vector<int32_t> remainder(1, 0);
  remainder.insert(remainder.end(), a.digits.begin(), a.digits.end());
  remainder.resize(static_cast<size_t>(wanted) + b.digits.size(), 0);
  quotient.digits = LongDivide(remainder, b.digits);
  quotient.Normalise();
  if (round) {
    quotient.Round(scale);
  } else {
    quotient.Truncate(scale);
  }
  return quotient;
}

NumericVar DivideByInt(const NumericVar& a, int32_t divisor, int scale) {
  return Divide(a, NumericVar::FromInt(divisor), scale, true);
}

NumericVar Modulo(const NumericVar& a, const NumericVar& b) {
  return Subtract(a, Multiply(b, Divide(a, b, 0, false)));
}

int SelectDivisionScale(const NumericVar& a, const NumericVar& b) {
  int first_a = a.is_zero() ? 0 : a.digits[0];
  int first_b = b.is_zero() ? 0 : b.digits[0];
  int quotient_weight = a.weight - b.weight - (first_a <= first_b ? 1 : 0);
  constexpr int kMinSignificantDigits = 16;
  constexpr int kMaxDisplayScale = 1000;
  int scale = kMinSignificantDigits - quotient_weight * kNumericDigitWidth;
  return std::min(std::max({scale, a.dscale, b.dscale, 0}), kMaxDisplayScale);
}

}  // namespace sundog::types
