// Trigonometric and hyperbolic functions, in radians and degrees. The ones in degrees are exact at
// multiples of 30 and 45: each is scaled by what the C library says at a point with a known answer,
// asked at run time, because the compiler's idea of it may differ in the last bit.
#include "functions/families.h"
#include "functions/fast_kernel.h"
#include "functions/float_error.h"
#include "functions/implementations.h"

namespace sundog::functions {

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kRadiansPerDegree = 0.0174532925199432957692;


struct DegreeConstants {
  double sin_30;
  double one_minus_cos_60;
  double asin_half;
  double acos_half;
  double atan_one;

  DegreeConstants() {
    volatile double thirty = 30;
    volatile double sixty = 60;
    volatile double half = 0.5;
    volatile double one = 1;
    sin_30 = std::sin(thirty * kRadiansPerDegree);
    one_minus_cos_60 = 1.0 - std::cos(sixty * kRadiansPerDegree);
    asin_half = std::asin(half);
    acos_half = std::acos(half);
    atan_one = std::atan(one);
  }
};

const DegreeConstants& Constants() {
  static const DegreeConstants constants;
  return constants;
}

double SineTo30(double degrees) {
  return (std::sin(degrees * kRadiansPerDegree) / Constants().sin_30) / 2.0;
}

double CosineTo60(double degrees) {
  double one_minus = 1.0 - std::cos(degrees * kRadiansPerDegree);
  return 1.0 - (one_minus / Constants().one_minus_cos_60) / 2.0;
}

// In the first quadrant, 0 to 90 degrees.
double QuadrantSine(double degrees) {
  return degrees <= 30 ? SineTo30(degrees) : CosineTo60(90 - degrees);
}

double QuadrantCosine(double degrees) {
  return degrees <= 60 ? CosineTo60(degrees) : SineTo30(90 - degrees);
}

double QuadrantArcSine(double x) {
  if (x <= 0.5) return (std::asin(x) / Constants().asin_half) * 30.0;
  return 90.0 - (std::acos(x) / Constants().acos_half) * 60.0;
}

double QuadrantArcCosine(double x) {
  if (x <= 0.5) return 90.0 - (std::asin(x) / Constants().asin_half) * 30.0;
  return (std::acos(x) / Constants().acos_half) * 60.0;
}

// The angle brought to the first quadrant, and how often each kind of mirroring was needed.
struct Reduced {
  double degrees;
  bool negated = false;       // was below zero
  bool past_half = false;     // was above 180
  bool past_quarter = false;  // was above 90
};

Reduced Reduce(double degrees) {
  if (std::isinf(degrees)) ThrowFloatInput();
  Reduced reduced{std::fmod(degrees, 360.0)};
  if (reduced.degrees < 0) {
    reduced.degrees = -reduced.degrees;
    reduced.negated = true;
  }
  if (reduced.degrees > 180) {
    reduced.degrees = 360 - reduced.degrees;
    reduced.past_half = true;
  }
  if (reduced.degrees > 90) {
    reduced.degrees = 180 - reduced.degrees;
    reduced.past_quarter = true;
  }
  return reduced;
}

double SineDegrees(double a) {
  if (std::isnan(a)) return a;
  Reduced reduced = Reduce(a);
  double sign = reduced.negated != reduced.past_half ? -1 : 1;
  return sign * QuadrantSine(reduced.degrees);
}

double CosineDegrees(double a) {
  if (std::isnan(a)) return a;
  Reduced reduced = Reduce(a);
  return (reduced.past_quarter ? -1 : 1) * QuadrantCosine(reduced.degrees);
}

double TangentSign(const Reduced& reduced) {
  return (reduced.negated != reduced.past_half) != reduced.past_quarter ? -1 : 1;
}

double TangentDegrees(double a) {
  if (std::isnan(a)) return a;
  static const double tan_45 = QuadrantSine(45) / QuadrantCosine(45);
  Reduced reduced = Reduce(a);
  double tangent = QuadrantSine(reduced.degrees) / QuadrantCosine(reduced.degrees);
  double result = TangentSign(reduced) * (tangent / tan_45);
  return result == 0 ? 0 : result;  // never -0
}

double CotangentDegrees(double a) {
  if (std::isnan(a)) return a;
  static const double cot_45 = QuadrantCosine(45) / QuadrantSine(45);
  Reduced reduced = Reduce(a);
  double cotangent = QuadrantCosine(reduced.degrees) / QuadrantSine(reduced.degrees);
  double result = TangentSign(reduced) * (cotangent / cot_45);
  return result == 0 ? 0 : result;
}

void CheckUnit(double a) {
  if (a < -1 || a > 1) ThrowFloatInput();
}

double ArcSineDegrees(double a) {
  if (std::isnan(a)) return a;
  CheckUnit(a);
  return a >= 0 ? QuadrantArcSine(a) : -QuadrantArcSine(-a);
}

double ArcCosineDegrees(double a) {
  if (std::isnan(a)) return a;
  CheckUnit(a);
  return a >= 0 ? QuadrantArcCosine(a) : 90.0 + QuadrantArcSine(-a);
}

double ArcTangentDegrees(double a) { return (std::atan(a) / Constants().atan_one) * 45.0; }

double ArcTangent2Degrees(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return a + b;
  return (std::atan2(a, b) / Constants().atan_one) * 45.0;
}

void CheckFinite(double a) {
  if (std::isinf(a)) ThrowFloatInput();
}

double Sine(double a) {
  CheckFinite(a);
  return std::sin(a);
}
double Cosine(double a) {
  CheckFinite(a);
  return std::cos(a);
}
double Tangent(double a) {
  CheckFinite(a);
  return std::tan(a);
}
double Cotangent(double a) {
  CheckFinite(a);
  return 1.0 / std::tan(a);
}
double ArcSine(double a) {
  CheckUnit(a);
  return std::asin(a);
}
double ArcCosine(double a) {
  CheckUnit(a);
  return std::acos(a);
}
double ArcTangent(double a) { return std::atan(a); }
double ArcTangent2(double a, double b) { return std::atan2(a, b); }
double HyperbolicSine(double a) { return std::sinh(a); }
double HyperbolicCosine(double a) { return std::cosh(a); }
double HyperbolicTangent(double a) { return std::tanh(a); }
double AreaSine(double a) { return std::asinh(a); }
double AreaCosine(double a) {
  if (a < 1) ThrowFloatInput();
  return std::acosh(a);
}
double AreaTangent(double a) {
  CheckUnit(a);
  return std::atanh(a);
}

double Degrees(double a) {
  double result = a / kRadiansPerDegree;
  if (std::isinf(result) && !std::isinf(a)) ThrowFloatOverflow();
  return result;
}

double Radians(double a) {
  double result = a * kRadiansPerDegree;
  if (result == 0 && a != 0) ThrowFloatUnderflow();
  return result;
}

void Pi(CallContext&, std::span<const Vector* const>, RowSet rows, Vector& out) {
  rows.ForEach([&](size_t row) { out.Set<double>(row, kPi); });
}

constexpr ScalarEntry kEntries[] = {
    {"dsin", FastKernel<Sine>},
    {"dcos", FastKernel<Cosine>},
    {"dtan", FastKernel<Tangent>},
    {"dcot", FastKernel<Cotangent>},
    {"dasin", FastKernel<ArcSine>},
    {"dacos", FastKernel<ArcCosine>},
    {"datan", FastKernel<ArcTangent>},
    {"datan2", FastKernel<ArcTangent2>},
    {"dsind", FastKernel<SineDegrees>},
    {"dcosd", FastKernel<CosineDegrees>},
    {"dtand", FastKernel<TangentDegrees>},
    {"dcotd", FastKernel<CotangentDegrees>},
    {"dasind", FastKernel<ArcSineDegrees>},
    {"dacosd", FastKernel<ArcCosineDegrees>},
    {"datand", FastKernel<ArcTangentDegrees>},
    {"datan2d", FastKernel<ArcTangent2Degrees>},
    {"dsinh", FastKernel<HyperbolicSine>},
    {"dcosh", FastKernel<HyperbolicCosine>},
    {"dtanh", FastKernel<HyperbolicTangent>},
    {"dasinh", FastKernel<AreaSine>},
    {"dacosh", FastKernel<AreaCosine>},
    {"datanh", FastKernel<AreaTangent>},
    {"degrees", FastKernel<Degrees>},
    {"radians", FastKernel<Radians>},
    {"dpi", Pi},
};

}  // namespace

void RegisterTrigonometry(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
