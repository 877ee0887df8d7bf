#include "types/numeric_accumulator.h"

#include "types/numeric_math.h"
#include "types/numeric_var.h"

namespace sundog::types {

// What did not fit into 128 bits.
struct NumericAccumulator::Big {
  NumericVar sum;
  NumericVar sum_of_squares;
};

namespace {

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

NumericVar Signed(NumericVar var, int sign) {
  if (sign < 0 && !var.is_zero()) var.negative = !var.negative;
  return var;
}

}  // namespace

NumericAccumulator::NumericAccumulator(bool with_squares) : with_squares_(with_squares) {}
NumericAccumulator::~NumericAccumulator() = default;

NumericAccumulator::Big& NumericAccumulator::big() {
  if (big_ == nullptr) big_ = std::make_unique<Big>();
  return *big_;
}

// Values of one scale, the usual column, need only a count.
void NumericAccumulator::CountScale(int scale, int64_t count) {
  if (counts_by_scale_.empty()) {
    if (single_scale_count_ == 0) single_scale_ = scale;
    if (single_scale_ == scale) {
      single_scale_count_ += count;
      return;
    }
    counts_by_scale_.resize(static_cast<size_t>(single_scale_) + 1, 0);
    counts_by_scale_[static_cast<size_t>(single_scale_)] = single_scale_count_;
  }
  if (counts_by_scale_.size() <= static_cast<size_t>(scale)) {
    counts_by_scale_.resize(static_cast<size_t>(scale) + 1, 0);
  }
  counts_by_scale_[static_cast<size_t>(scale)] += count;
}

int NumericAccumulator::MaxScale() const {
  if (counts_by_scale_.empty()) return single_scale_count_ > 0 ? single_scale_ : 0;
  for (size_t scale = counts_by_scale_.size(); scale-- > 0;) {
    if (counts_by_scale_[scale] > 0) return static_cast<int>(scale);
  }
  return 0;
}

void NumericAccumulator::Update(std::string_view numeric, int sign) {
  NumericView view(numeric);
  if (view.is_small()) return UpdateScaled(view.mantissa(), view.small_scale(), sign);
  count_ += sign;
  if (view.is_nan()) {
    nan_count_ += sign;
  } else if (view.is_positive_infinity()) {
    positive_infinity_count_ += sign;
  } else if (view.is_negative_infinity()) {
    negative_infinity_count_ += sign;
  } else {
    CountScale(view.dscale(), sign);
    AddBig(NumericVar::FromView(view), sign);
  }
}

void NumericAccumulator::AddBig(const NumericVar& var, int sign) {
  big().sum = types::Add(big().sum, Signed(var, sign));
  if (with_squares_) {
    big().sum_of_squares = types::Add(big().sum_of_squares, Signed(Multiply(var, var), sign));
  }
}

// Moves the 128-bit sums, which are about to overflow, to big_.
void NumericAccumulator::Flush() {
  Big& to = big();
  to.sum = types::Add(to.sum, NumericVar::FromScaled(sum_, scale_));
  to.sum_of_squares =
      types::Add(to.sum_of_squares, NumericVar::FromScaled(sum_of_squares_, 2 * scale_));
  sum_ = 0;
  sum_of_squares_ = 0;
}

void NumericAccumulator::RaiseScale(int scale) {
  Int128 factor = PowerOfTen(scale - scale_);
  Int128 sum;
  Int128 squares;
  if (__builtin_mul_overflow(sum_, factor, &sum) ||
      __builtin_mul_overflow(sum_of_squares_, factor, &squares) ||
      __builtin_mul_overflow(squares, factor, &squares)) {
    Flush();
  } else {
    sum_ = sum;
    sum_of_squares_ = squares;
  }
  scale_ = scale;
}

void NumericAccumulator::UpdateScaled(int64_t mantissa, int scale, int sign) {
  count_ += sign;
  CountScale(scale, sign);
  if (scale > scale_) RaiseScale(scale);
  Int128 value = mantissa;
  if (scale < scale_) value *= PowerOfTen(scale_ - scale);
  if (sign < 0) value = -value;
  if (with_squares_) {
    Int128 square;
    if (__builtin_mul_overflow(value, value, &square)) {
      return AddBig(NumericVar::FromScaled(mantissa, scale), sign);
    }
    if (sign < 0) square = -square;
    Int128 squares;
    if (__builtin_add_overflow(sum_of_squares_, square, &squares)) {
      Flush();
      squares = square;
    }
    sum_of_squares_ = squares;
  }
  Int128 sum;
  if (__builtin_add_overflow(sum_, value, &sum)) {
    Flush();
    sum = value;
  }
  sum_ = sum;
}

void NumericAccumulator::Merge(const NumericAccumulator& other) {
  count_ += other.count_;
  nan_count_ += other.nan_count_;
  positive_infinity_count_ += other.positive_infinity_count_;
  negative_infinity_count_ += other.negative_infinity_count_;
  if (other.counts_by_scale_.empty()) {
    if (other.single_scale_count_ > 0) {
      CountScale(other.single_scale_, other.single_scale_count_);
    }
  } else {
    for (size_t scale = 0; scale < other.counts_by_scale_.size(); ++scale) {
      if (other.counts_by_scale_[scale] == 0) continue;
      CountScale(static_cast<int>(scale), other.counts_by_scale_[scale]);
    }
  }
  Big& to = big();
  to.sum = types::Add(to.sum, other.TotalSum());
  to.sum_of_squares = types::Add(to.sum_of_squares, other.TotalOfSquares());
}

NumericVar NumericAccumulator::TotalSum() const {
  NumericVar total = NumericVar::FromScaled(sum_, scale_);
  if (big_ != nullptr) total = types::Add(total, big_->sum);
  total.dscale = MaxScale();
  return total;
}

NumericVar NumericAccumulator::TotalOfSquares() const {
  NumericVar total = NumericVar::FromScaled(sum_of_squares_, 2 * scale_);
  if (big_ != nullptr) total = types::Add(total, big_->sum_of_squares);
  total.dscale = 2 * MaxScale();
  return total;
}

// The sum where a value was not finite; false if all were.
bool NumericAccumulator::SpecialSum(std::string_view* sum) const {
  bool both = positive_infinity_count_ > 0 && negative_infinity_count_ > 0;
  if (nan_count_ > 0 || both) {
    *sum = NumericNan();
  } else if (positive_infinity_count_ > 0 || negative_infinity_count_ > 0) {
    *sum = NumericInfinity(negative_infinity_count_ > 0);
  } else {
    return false;
  }
  return true;
}

std::string_view NumericAccumulator::Sum(base::Arena& arena) const {
  std::string_view special;
  if (SpecialSum(&special)) return special;
  if (big_ == nullptr && MaxScale() == scale_) return NumericFromScaled(sum_, scale_, arena);
  return TotalSum().Encode(arena);
}

std::string_view NumericAccumulator::Average(base::Arena& arena) const {
  std::string_view special;
  if (SpecialSum(&special)) return special;
  return NumericDivide(Sum(arena), NumericFromInt64(count_, arena), arena);
}

// (N Σx² - (Σx)²) / (N (N - 1)), or / N² for the population's.
bool NumericAccumulator::VarianceVar(bool sample, NumericVar* variance) const {
  NumericVar n = NumericVar::FromInt(count_);
  NumericVar sum = TotalSum();
  NumericVar numerator = Subtract(Multiply(n, TotalOfSquares()), Multiply(sum, sum));
  if (numerator.negative || numerator.is_zero()) return false;
  NumericVar denominator = Multiply(n, NumericVar::FromInt(sample ? count_ - 1 : count_));
  int scale = SelectDivisionScale(numerator, denominator);
  *variance = Divide(numerator, denominator, scale, true);
  return true;
}

std::string_view NumericAccumulator::Variance(bool sample, base::Arena& arena) const {
  std::string_view special;
  if (SpecialSum(&special)) return NumericNan();
  NumericVar variance;
  if (!VarianceVar(sample, &variance)) return NumericFromInt64(0, arena);
  return variance.Encode(arena);
}

std::string_view NumericAccumulator::StandardDeviation(bool sample, base::Arena& arena) const {
  std::string_view special;
  if (SpecialSum(&special)) return NumericNan();
  NumericVar variance;
  if (!VarianceVar(sample, &variance)) return NumericFromInt64(0, arena);
  return SquareRoot(variance, variance.dscale).Encode(arena);
}

}  // namespace sundog::types
