#include "codec/vector_key.h"

#include <bit>

#include "base/bytes.h"
#include "types/dense_vector.h"
#include "types/extension_oids.h"
#include "types/sparse_vector.h"

namespace sundog::codec {

namespace {

constexpr char kDenseEnd = '\x01';
constexpr char kDenseElement = '\x02';
constexpr char kSparseNegative = '\x01';  // and the end of a sparse vector
constexpr char kSparsePositive = '\x03';
constexpr char kSparseEnd = '\x00';
constexpr char kSparseElement = '\x01';
constexpr size_t kDenseBytes = 5;
constexpr size_t kSparseBytes = 10;
constexpr size_t kSparseEndBytes = 6;

// Finite values only.
void AppendElement(float element, std::string& to) {
  constexpr uint32_t kSignBit = uint32_t{1} << 31;
  auto bits = std::bit_cast<uint32_t>(element == 0 ? 0.0f : element);
  base::AppendBigEndian(to, (bits & kSignBit) != 0 ? ~bits : bits ^ kSignBit);
}

template <typename Stored>
void AppendDense(types::DenseView<Stored> view, std::string& to) {
  for (int32_t i = 0; i < view.size(); ++i) {
    to.push_back(kDenseElement);
    AppendElement(view.At(i), to);
  }
  to.push_back(kDenseEnd);
}

void AppendSparse(types::SparseView view, std::string& to) {
  for (int32_t i = 0; i < view.count(); ++i) {
    auto place = static_cast<uint32_t>(view.place(i));
    bool negative = view.element(i) < 0;
    to.push_back(negative ? kSparseNegative : kSparsePositive);
    base::AppendBigEndian(to, negative ? place : ~place);
    to.push_back(kSparseElement);
    AppendElement(view.element(i), to);
  }
  to.push_back(kSparseNegative);
  base::AppendBigEndian(to, static_cast<uint32_t>(view.dimensions()));
  to.push_back(kSparseEnd);
}

}  // namespace

void AppendVectorKey(types::Oid type, std::string_view value, std::string& to) {
  if (type == types::oids::kSparsevec) return AppendSparse(types::SparseView(value), to);
  if (type == types::oids::kHalfvec) return AppendDense(types::HalfvecView(value), to);
  AppendDense(types::VectorView(value), to);
}

size_t VectorKeyWidth(types::Oid type, std::string_view key, uint8_t flip) {
  auto at = [&](size_t i) { return static_cast<char>(static_cast<uint8_t>(key[i]) ^ flip); };
  size_t i = 0;
  if (type == types::oids::kSparsevec) {
    while (at(i + 5) != kSparseEnd) i += kSparseBytes;
    return i + kSparseEndBytes;
  }
  while (at(i) != kDenseEnd) i += kDenseBytes;
  return i + 1;
}

}  // namespace sundog::codec
