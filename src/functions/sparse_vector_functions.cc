// sparsevec: distances, comparison, length.
#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/float_error.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/sparse_vector.h"
#include "types/vector_distance.h"

namespace sundog::functions {

namespace {

using std::string_view;
using types::SparseView;
using types::VectorElement;
using enum types::VectorMetric;

template <types::VectorMetric metric>
double Distance(string_view a, string_view b) {
  static const types::VectorDistance distance =
      types::FindVectorDistance(VectorElement::kSparse, metric);
  int32_t dimensions_a = SparseView(a).dimensions();
  int32_t dimensions_b = SparseView(b).dimensions();
  if (dimensions_a != dimensions_b) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("different sparsevec dimensions {} and {}", dimensions_a,
                               dimensions_b));
  }
  return distance(a, b);
}
double InnerProduct(string_view a, string_view b) {
  return -Distance<kInnerProduct>(a, b);
}

double Norm(string_view a) {
  SparseView x(a);
  double sum = 0;
  for (int32_t i = 0; i < x.count(); ++i) sum += double{x.element(i)} * double{x.element(i)};
  return std::sqrt(sum);
}

string_view Normalize(CallContext& call, string_view a) {
  SparseView x(a);
  double norm = Norm(a);
  types::SparseBuilder result(x.dimensions());
  for (int32_t i = 0; norm > 0 && i < x.count(); ++i) {
    auto element = static_cast<float>(x.element(i) / norm);
    if (std::isinf(element)) ThrowFloatOverflow();
    result.Append(x.place(i), element);
  }
  return result.Finish(call.arena());
}

int32_t Compare(string_view a, string_view b) {
  return types::CompareSparse(SparseView(a), SparseView(b));
}
template <typename Test>
bool Satisfies(string_view a, string_view b) {
  return Test()(Compare(a, b), 0);
}

constexpr ScalarEntry kEntries[] = {
    {"l2_distance(sparsevec,sparsevec)", Kernel<Distance<kL2>>},
    {"inner_product(sparsevec,sparsevec)", Kernel<InnerProduct>},
    {"cosine_distance(sparsevec,sparsevec)", Kernel<Distance<kCosine>>},
    {"l1_distance(sparsevec,sparsevec)", Kernel<Distance<kL1>>},
    {"sparsevec_l2_squared_distance(sparsevec,sparsevec)", Kernel<Distance<kL2Squared>>},
    {"sparsevec_negative_inner_product(sparsevec,sparsevec)", Kernel<Distance<kInnerProduct>>},
    {"l2_norm(sparsevec)", Kernel<Norm>},
    {"l2_normalize(sparsevec)", Kernel<Normalize>},
    {"sparsevec_lt(sparsevec,sparsevec)", Kernel<Satisfies<std::less<>>>},
    {"sparsevec_le(sparsevec,sparsevec)", Kernel<Satisfies<std::less_equal<>>>},
    {"sparsevec_eq(sparsevec,sparsevec)", Kernel<Satisfies<std::equal_to<>>>},
    {"sparsevec_ne(sparsevec,sparsevec)", Kernel<Satisfies<std::not_equal_to<>>>},
    {"sparsevec_ge(sparsevec,sparsevec)", Kernel<Satisfies<std::greater_equal<>>>},
    {"sparsevec_gt(sparsevec,sparsevec)", Kernel<Satisfies<std::greater<>>>},
    {"sparsevec_cmp(sparsevec,sparsevec)", Kernel<Compare>},
};

}  // namespace

void RegisterSparseVectorFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
