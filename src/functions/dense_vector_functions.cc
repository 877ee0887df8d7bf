// vector and halfvec: distances, arithmetic, comparison, parts.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "functions/dense_vector_math.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/bit_string.h"
#include "types/vector_distance.h"

namespace sundog::functions {

namespace {

using std::string_view;
using types::DenseBuilder;
using types::VectorElement;
using enum types::VectorMetric;

// --- distances ---

template <typename Stored, types::VectorMetric metric>
double Distance(string_view a, string_view b) {
  constexpr auto kElement = std::is_same_v<Stored, float> ? VectorElement::kFloat
                                                          : VectorElement::kHalf;
  static const types::VectorDistance distance = types::FindVectorDistance(kElement, metric);
  CheckSameDimensions(Dense<Stored>(a), Dense<Stored>(b));
  return distance(a, b);
}
template <typename Stored>
double InnerProduct(string_view a, string_view b) {
  return -Distance<Stored, kInnerProduct>(a, b);
}

// Of vectors of length 1: the angle between them, 1 being half a turn.
template <typename Stored>
double Spherical(string_view a, string_view b) {
  double product = InnerProduct<Stored>(a, b);
  if (product > 1) product = 1;
  if (product < -1) product = -1;
  return std::acos(product) / std::numbers::pi;
}

template <typename Stored>
double Norm(string_view a) {
  Dense<Stored> x(a);
  double sum = 0;
  for (int32_t i = 0; i < x.size(); ++i) sum += double{x.At(i)} * double{x.At(i)};
  return std::sqrt(sum);
}

// --- arithmetic ---

template <typename Stored>
string_view Add(CallContext& call, string_view a, string_view b) {
  return AddVectors<Stored>(call.arena(), a, b);
}

template <typename Stored>
string_view Subtract(CallContext& call, string_view a, string_view b) {
  Dense<Stored> x(a);
  Dense<Stored> y(b);
  CheckSameDimensions(x, y);
  DenseBuilder<Stored> result(x.size(), call.arena());
  for (int32_t i = 0; i < x.size(); ++i) {
    result.SetStored(i, RoundedElement<Stored>(x.At(i) - y.At(i)));
  }
  return result.value();
}

template <typename Stored>
string_view Multiply(CallContext& call, string_view a, string_view b) {
  Dense<Stored> x(a);
  Dense<Stored> y(b);
  CheckSameDimensions(x, y);
  DenseBuilder<Stored> result(x.size(), call.arena());
  for (int32_t i = 0; i < x.size(); ++i) {
    result.SetStored(i, RoundedElement<Stored>(x.At(i) * y.At(i)));
    bool vanished = Dense<Stored>(result.value()).At(i) == 0;
    if (vanished && x.At(i) != 0 && y.At(i) != 0) ThrowFloatUnderflow();
  }
  return result.value();
}

template <typename Stored>
string_view Normalize(CallContext& call, string_view a) {
  Dense<Stored> x(a);
  DenseBuilder<Stored> result(x.size(), call.arena());
  double norm = Norm<Stored>(a);
  if (norm > 0) {
    for (int32_t i = 0; i < x.size(); ++i) {
      result.SetStored(i, RoundedElement<Stored>(static_cast<float>(x.At(i) / norm)));
    }
  }
  return result.value();
}

// --- parts ---

template <typename Stored>
int32_t Dimensions(string_view a) {
  return Dense<Stored>(a).size();
}

template <typename Stored>
string_view Concatenate(CallContext& call, string_view a, string_view b) {
  Dense<Stored> x(a);
  Dense<Stored> y(b);
  types::CheckVectorDimensions(types::kVectorTypeName<Stored>, int64_t{x.size()} + y.size());
  char* bytes = call.arena().AllocateBytes(a.size() + b.size());
  a.copy(bytes, a.size());
  b.copy(bytes + a.size(), b.size());
  return {bytes, a.size() + b.size()};
}

// As substring: from 1, and what lies outside is left out.
template <typename Stored>
string_view Subvector(CallContext&, string_view a, int32_t start, int32_t count) {
  Dense<Stored> x(a);
  int64_t end = std::min<int64_t>(int64_t{start} + count, int64_t{x.size()} + 1);
  int64_t begin = std::max<int64_t>(start, 1);
  types::CheckVectorDimensions(types::kVectorTypeName<Stored>,
                               count < 1 ? 0 : std::max<int64_t>(end - begin, 0));
  return a.substr(static_cast<size_t>(begin - 1) * sizeof(Stored),
                  static_cast<size_t>(end - begin) * sizeof(Stored));
}

// A bit an element: whether it is above zero.
template <typename Stored>
string_view Quantize(CallContext& call, string_view a) {
  Dense<Stored> x(a);
  types::BitBuilder bits(x.size(), call.arena());
  for (int32_t i = 0; i < x.size(); ++i) bits.Set(i, x.At(i) > 0);
  return bits.value();
}

// --- order ---

template <typename Stored>
int32_t Compare(string_view a, string_view b) {
  return types::CompareDense(Dense<Stored>(a), Dense<Stored>(b));
}
template <typename Stored, typename Test>
bool Satisfies(string_view a, string_view b) {
  return Test()(Compare<Stored>(a, b), 0);
}

using Half = uint16_t;

constexpr ScalarEntry kEntries[] = {
    {"l2_distance(vector,vector)", Kernel<Distance<float, kL2>>},
    {"inner_product(vector,vector)", Kernel<InnerProduct<float>>},
    {"cosine_distance(vector,vector)", Kernel<Distance<float, kCosine>>},
    {"l1_distance(vector,vector)", Kernel<Distance<float, kL1>>},
    {"vector_l2_squared_distance(vector,vector)", Kernel<Distance<float, kL2Squared>>},
    {"vector_negative_inner_product(vector,vector)", Kernel<Distance<float, kInnerProduct>>},
    {"vector_spherical_distance(vector,vector)", Kernel<Spherical<float>>},
    {"vector_dims(vector)", Kernel<Dimensions<float>>},
    {"vector_norm(vector)", Kernel<Norm<float>>},
    {"l2_normalize(vector)", Kernel<Normalize<float>>},
    {"binary_quantize(vector)", Kernel<Quantize<float>>},
    {"subvector(vector,int4,int4)", Kernel<Subvector<float>>},
    {"vector_add(vector,vector)", Kernel<Add<float>>},
    {"vector_sub(vector,vector)", Kernel<Subtract<float>>},
    {"vector_mul(vector,vector)", Kernel<Multiply<float>>},
    {"vector_concat(vector,vector)", Kernel<Concatenate<float>>},
    {"vector_lt(vector,vector)", Kernel<Satisfies<float, std::less<>>>},
    {"vector_le(vector,vector)", Kernel<Satisfies<float, std::less_equal<>>>},
    {"vector_eq(vector,vector)", Kernel<Satisfies<float, std::equal_to<>>>},
    {"vector_ne(vector,vector)", Kernel<Satisfies<float, std::not_equal_to<>>>},
    {"vector_ge(vector,vector)", Kernel<Satisfies<float, std::greater_equal<>>>},
    {"vector_gt(vector,vector)", Kernel<Satisfies<float, std::greater<>>>},
    {"vector_cmp(vector,vector)", Kernel<Compare<float>>},
    {"l2_distance(halfvec,halfvec)", Kernel<Distance<Half, kL2>>},
    {"inner_product(halfvec,halfvec)", Kernel<InnerProduct<Half>>},
    {"cosine_distance(halfvec,halfvec)", Kernel<Distance<Half, kCosine>>},
    {"l1_distance(halfvec,halfvec)", Kernel<Distance<Half, kL1>>},
    {"halfvec_l2_squared_distance(halfvec,halfvec)", Kernel<Distance<Half, kL2Squared>>},
    {"halfvec_negative_inner_product(halfvec,halfvec)", Kernel<Distance<Half, kInnerProduct>>},
    {"halfvec_spherical_distance(halfvec,halfvec)", Kernel<Spherical<Half>>},
    {"vector_dims(halfvec)", Kernel<Dimensions<Half>>},
    {"l2_norm(halfvec)", Kernel<Norm<Half>>},
    {"l2_normalize(halfvec)", Kernel<Normalize<Half>>},
    {"binary_quantize(halfvec)", Kernel<Quantize<Half>>},
    {"subvector(halfvec,int4,int4)", Kernel<Subvector<Half>>},
    {"halfvec_add(halfvec,halfvec)", Kernel<Add<Half>>},
    {"halfvec_sub(halfvec,halfvec)", Kernel<Subtract<Half>>},
    {"halfvec_mul(halfvec,halfvec)", Kernel<Multiply<Half>>},
    {"halfvec_concat(halfvec,halfvec)", Kernel<Concatenate<Half>>},
    {"halfvec_lt(halfvec,halfvec)", Kernel<Satisfies<Half, std::less<>>>},
    {"halfvec_le(halfvec,halfvec)", Kernel<Satisfies<Half, std::less_equal<>>>},
    {"halfvec_eq(halfvec,halfvec)", Kernel<Satisfies<Half, std::equal_to<>>>},
    {"halfvec_ne(halfvec,halfvec)", Kernel<Satisfies<Half, std::not_equal_to<>>>},
    {"halfvec_ge(halfvec,halfvec)", Kernel<Satisfies<Half, std::greater_equal<>>>},
    {"halfvec_gt(halfvec,halfvec)", Kernel<Satisfies<Half, std::greater<>>>},
    {"halfvec_cmp(halfvec,halfvec)", Kernel<Compare<Half>>},
};

}  // namespace

void RegisterDenseVectorFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
