// Casts of vector, halfvec and sparsevec: to a modifier, from and to arrays, to each other.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/dense_vector_math.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/array.h"
#include "types/numeric.h"
#include "types/sparse_vector.h"

namespace sundog::functions {

namespace {

using std::string_view;
using types::ArrayReader;
using types::DenseBuilder;
using types::PhysicalKind;
using types::SparseBuilder;
using types::SparseView;

// --- to a modifier: only the number of dimensions is looked at ---

template <typename Stored>
string_view DenseToTypmod(string_view a, int32_t typmod, bool) {
  types::CheckExpectedDimensions(typmod, Dense<Stored>(a).size());
  return a;
}

string_view SparseToTypmod(string_view a, int32_t typmod, bool) {
  types::CheckExpectedDimensions(typmod, SparseView(a).dimensions());
  return a;
}

// --- arrays ---

ArrayReader PlainArray(string_view bytes) {
  ArrayReader array(bytes);
  if (array.dimensions() > 1) throw SqlError(sqlstate::kDataException, "array must be 1-D");
  if (array.has_nulls()) {
    throw SqlError(sqlstate::kNullValueNotAllowed, "array must not contain nulls");
  }
  return array;
}

float ElementOf(const ArrayReader& array, int32_t i) {
  switch (array.element_kind()) {
    case PhysicalKind::kInt32: return static_cast<float>(array.ValueAt<int32_t>(i));
    case PhysicalKind::kFloat32: return array.ValueAt<float>(i);
    case PhysicalKind::kFloat64: return static_cast<float>(array.ValueAt<double>(i));
    default: return types::NumericToFloat(array.ValueAt<string_view>(i));
  }
}

template <typename Stored>
string_view ArrayToDense(CallContext& call, string_view bytes, int32_t typmod, bool) {
  ArrayReader array = PlainArray(bytes);
  types::CheckVectorDimensions(types::kVectorTypeName<Stored>, array.size());
  types::CheckExpectedDimensions(typmod, array.size());
  DenseBuilder<Stored> result(array.size(), call.arena());
  for (int32_t i = 0; i < array.size(); ++i) {
    result.SetStored(i, ConvertedElement<Stored>(ElementOf(array, i)));
  }
  return result.value();
}

string_view ArrayToSparse(CallContext& call, string_view bytes, int32_t typmod, bool) {
  ArrayReader array = PlainArray(bytes);
  types::CheckSparseDimensions(array.size());
  types::CheckExpectedDimensions(typmod, array.size());
  SparseBuilder result(array.size());
  for (int32_t i = 0; i < array.size(); ++i) result.Append(i, ElementOf(array, i));
  return result.Finish(call.arena());
}

template <typename Stored>
string_view DenseToArray(CallContext& call, string_view a, int32_t, bool) {
  Dense<Stored> x(a);
  types::ArrayBuilder array(types::oids::kFloat4, PhysicalKind::kFloat32);
  for (int32_t i = 0; i < x.size(); ++i) array.Append(Datum::From(x.At(i)));
  return array.Finish(call.arena());
}

// --- each other ---

template <typename From, typename To>
string_view DenseToDense(CallContext& call, string_view a, int32_t typmod, bool) {
  Dense<From> x(a);
  types::CheckExpectedDimensions(typmod, x.size());
  DenseBuilder<To> result(x.size(), call.arena());
  for (int32_t i = 0; i < x.size(); ++i) result.SetStored(i, ConvertedElement<To>(x.At(i)));
  return result.value();
}

template <typename From>
string_view DenseToSparse(CallContext& call, string_view a, int32_t typmod, bool) {
  Dense<From> x(a);
  types::CheckExpectedDimensions(typmod, x.size());
  SparseBuilder result(x.size());
  for (int32_t i = 0; i < x.size(); ++i) result.Append(i, x.At(i));
  return result.Finish(call.arena());
}

template <typename To>
string_view SparseToDense(CallContext& call, string_view a, int32_t typmod, bool) {
  SparseView x(a);
  types::CheckVectorDimensions(types::kVectorTypeName<To>, x.dimensions());
  types::CheckExpectedDimensions(typmod, x.dimensions());
  DenseBuilder<To> result(x.dimensions(), call.arena());
  for (int32_t i = 0; i < x.count(); ++i) {
    result.SetStored(x.place(i), ConvertedElement<To>(x.element(i)));
  }
  return result.value();
}

using Half = uint16_t;

constexpr ScalarEntry kEntries[] = {
    {"vector(vector,int4,bool)", Kernel<DenseToTypmod<float>>},
    {"halfvec(halfvec,int4,bool)", Kernel<DenseToTypmod<Half>>},
    {"sparsevec(sparsevec,int4,bool)", Kernel<SparseToTypmod>},
    {"array_to_vector(_int4,int4,bool)", Kernel<ArrayToDense<float>>},
    {"array_to_vector(_float4,int4,bool)", Kernel<ArrayToDense<float>>},
    {"array_to_vector(_float8,int4,bool)", Kernel<ArrayToDense<float>>},
    {"array_to_vector(_numeric,int4,bool)", Kernel<ArrayToDense<float>>},
    {"array_to_halfvec(_int4,int4,bool)", Kernel<ArrayToDense<Half>>},
    {"array_to_halfvec(_float4,int4,bool)", Kernel<ArrayToDense<Half>>},
    {"array_to_halfvec(_float8,int4,bool)", Kernel<ArrayToDense<Half>>},
    {"array_to_halfvec(_numeric,int4,bool)", Kernel<ArrayToDense<Half>>},
    {"array_to_sparsevec(_int4,int4,bool)", Kernel<ArrayToSparse>},
    {"array_to_sparsevec(_float4,int4,bool)", Kernel<ArrayToSparse>},
    {"array_to_sparsevec(_float8,int4,bool)", Kernel<ArrayToSparse>},
    {"array_to_sparsevec(_numeric,int4,bool)", Kernel<ArrayToSparse>},
    {"vector_to_float4(vector,int4,bool)", Kernel<DenseToArray<float>>},
    {"halfvec_to_float4(halfvec,int4,bool)", Kernel<DenseToArray<Half>>},
    {"halfvec_to_vector(halfvec,int4,bool)", Kernel<DenseToDense<Half, float>>},
    {"vector_to_halfvec(vector,int4,bool)", Kernel<DenseToDense<float, Half>>},
    {"vector_to_sparsevec(vector,int4,bool)", Kernel<DenseToSparse<float>>},
    {"halfvec_to_sparsevec(halfvec,int4,bool)", Kernel<DenseToSparse<Half>>},
    {"sparsevec_to_vector(sparsevec,int4,bool)", Kernel<SparseToDense<float>>},
    {"sparsevec_to_halfvec(sparsevec,int4,bool)", Kernel<SparseToDense<Half>>},
};

}  // namespace

void RegisterVectorCasts(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
