// Exact sums of numerics, for sum(), avg(), variance() and kin. Additions of small values are one
// 128-bit addition; only values that do not fit go through NumericVar.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "types/numeric.h"

namespace sundog::types {

struct NumericVar;

// A multiset of numerics of which the sum, and if asked the sum of squares, is kept. Values can be
// taken back out (moving window frames), after which results are as if they had never been in.
class NumericAccumulator {
 public:
  explicit NumericAccumulator(bool with_squares = false);
  ~NumericAccumulator();
  NumericAccumulator(const NumericAccumulator&) = delete;
  NumericAccumulator& operator=(const NumericAccumulator&) = delete;

  void Add(std::string_view numeric) { Update(numeric, 1); }
  void Remove(std::string_view numeric) { Update(numeric, -1); }
  // Integers, and money-like scaled integers, without making a numeric of them.
  void AddInt(int64_t value) { UpdateScaled(value, 0, 1); }
  void RemoveInt(int64_t value) { UpdateScaled(value, 0, -1); }
  void Merge(const NumericAccumulator& other);

  int64_t count() const { return count_; }
  // Of an empty accumulator these are SQL null: ask count() first.
  std::string_view Sum(base::Arena& arena) const;
  std::string_view Average(base::Arena& arena) const;
  // Sample (n - 1) or population (n) variance; needs with_squares. `sample` with count() = 1 is
  // SQL null: ask first. NaN if a value was NaN or infinite.
  std::string_view Variance(bool sample, base::Arena& arena) const;
  std::string_view StandardDeviation(bool sample, base::Arena& arena) const;

 private:
  struct Big;
  void Update(std::string_view numeric, int sign);
  void UpdateScaled(int64_t mantissa, int scale, int sign);
  void AddBig(const NumericVar& var, int sign);
  void CountScale(int scale, int64_t count);
  int MaxScale() const;
  void RaiseScale(int scale);
  void Flush();
  Big& big();
  NumericVar TotalSum() const;
  NumericVar TotalOfSquares() const;
  bool SpecialSum(std::string_view* sum) const;
  bool VarianceVar(bool sample, NumericVar* variance) const;

  int64_t count_ = 0;  // with specials
  int64_t nan_count_ = 0;
  int64_t positive_infinity_count_ = 0;
  int64_t negative_infinity_count_ = 0;
  bool with_squares_;
  // The small values' sum is sum_ / 10^scale_ (plus what is in big_).
  int scale_ = 0;
  Int128 sum_ = 0;
  Int128 sum_of_squares_ = 0;  // over 10^(2 × scale_)
  // How many finite values have each dscale, kept once two scales were seen.
  int single_scale_ = 0;
  int64_t single_scale_count_ = 0;
  std::vector<int64_t> counts_by_scale_;
  std::unique_ptr<Big> big_;
};

}  // namespace sundog::types
