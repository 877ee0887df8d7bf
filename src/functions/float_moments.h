// What the variance and regression families keep of their floating-point input.
//
// Sums of squares are kept by Youngs and Cramer's updates, in PostgreSQL's order of operations, so
// that results agree to the last bit:
//   N += 1;  Sx += x;  Sxx += (x·N − Sx)² / (N·(N−1))
#pragma once

#include <cmath>
#include <limits>

#include "functions/float_error.h"

namespace sundog::functions {

inline constexpr double kFloatNan = std::numeric_limits<double>::quiet_NaN();

// 22003 if two finite numbers have an infinite sum.
inline double AddFinite(double a, double b) {
  double sum = a + b;
  if (std::isinf(sum) && !std::isinf(a) && !std::isinf(b)) ThrowFloatOverflow();
  return sum;
}

struct Moments {
  double count = 0;
  double sum = 0;
  double squares = 0;  // of the distances from the mean

  void Add(double x) {
    double old_sum = sum;
    double old_count = count;
    count += 1;
    sum += x;
    if (old_count > 0) {
      double distance = x * count - sum;
      squares += distance * distance / (count * old_count);
      if (std::isinf(sum) || std::isinf(squares)) {
        if (!std::isinf(old_sum) && !std::isinf(x)) ThrowFloatOverflow();
        squares = kFloatNan;
      }
    } else if (!std::isfinite(x)) {
      squares = kFloatNan;
    }
  }

  void Combine(const Moments& other) {
    if (other.count == 0) return;
    if (count == 0) {
      *this = other;
      return;
    }
    double total = count + other.count;
    double distance = sum / count - other.sum / other.count;
    double merged =
        squares + other.squares + count * other.count * distance * distance / total;
    if (std::isinf(merged) && !std::isinf(squares) && !std::isinf(other.squares)) {
      ThrowFloatOverflow();
    }
    sum = AddFinite(sum, other.sum);
    squares = merged;
    count = total;
  }
};

// Of pairs (Y, X), in SQL's order of arguments.
struct Regression {
  double count = 0;
  double sum_x = 0;
  double squares_x = 0;
  double sum_y = 0;
  double squares_y = 0;
  double products = 0;

  void Add(double y, double x) {
    double old_count = count;
    double old_x = sum_x;
    double old_y = sum_y;
    count += 1;
    sum_x += x;
    sum_y += y;
    if (old_count > 0) {
      double distance_x = x * count - sum_x;
      double distance_y = y * count - sum_y;
      double scale = 1.0 / (count * old_count);
      squares_x += distance_x * distance_x * scale;
      squares_y += distance_y * distance_y * scale;
      products += distance_x * distance_y * scale;
      bool finite_x = !std::isinf(old_x) && !std::isinf(x);
      bool finite_y = !std::isinf(old_y) && !std::isinf(y);
      CheckOverflow(finite_x, finite_y);
    } else {
      if (!std::isfinite(x)) squares_x = products = kFloatNan;
      if (!std::isfinite(y)) squares_y = products = kFloatNan;
    }
  }

  void Combine(const Regression& other) {
    if (other.count == 0) return;
    if (count == 0) {
      *this = other;
      return;
    }
    double weight = count * other.count / (count + other.count);
    double distance_x = sum_x / count - other.sum_x / other.count;
    double distance_y = sum_y / count - other.sum_y / other.count;
    squares_x = AddFinite(squares_x + other.squares_x, weight * distance_x * distance_x);
    squares_y = AddFinite(squares_y + other.squares_y, weight * distance_y * distance_y);
    products = AddFinite(products + other.products, weight * distance_x * distance_y);
    sum_x = AddFinite(sum_x, other.sum_x);
    sum_y = AddFinite(sum_y, other.sum_y);
    count += other.count;
  }

  void CheckOverflow(bool finite_x, bool finite_y) {
    bool x = std::isinf(sum_x) || std::isinf(squares_x);
    bool y = std::isinf(sum_y) || std::isinf(squares_y);
    bool product = std::isinf(products);
    bool overflow = (x && finite_x) || (y && finite_y) || (product && finite_x && finite_y);
    if (overflow) ThrowFloatOverflow();
    if (std::isinf(squares_x)) squares_x = kFloatNan;
    if (std::isinf(squares_y)) squares_y = kFloatNan;
    if (product) products = kFloatNan;
  }
};

}  // namespace sundog::functions
