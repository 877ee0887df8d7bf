#include "types/dense_vector.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <vector>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "types/extension_oids.h"
#include "types/float_type.h"
#include "types/hash.h"
#include "types/vector_text.h"
#include "types/wire_reader.h"

namespace sundog::types {

namespace {

template <typename Stored>
std::string_view Packed(const std::vector<Stored>& elements, base::Arena& arena) {
  return arena.Copy({reinterpret_cast<const char*>(elements.data()),
                     elements.size() * sizeof(Stored)});
}

template <typename Stored>
Stored TakeElement(VectorScanner& scanner) {
  std::string text;
  float value = scanner.TakeFloat(/*zero_is_error=*/false, text);
  if constexpr (std::is_same_v<Stored, float>) {
    CheckVectorElement(kVectorTypeName<Stored>, value);
    return value;
  } else {
    uint16_t half = FloatToHalf(value);
    if (IsHalfInfinite(half) && !std::isinf(value)) scanner.ThrowRange(text);
    CheckVectorElement(kVectorTypeName<Stored>, value);
    return half;
  }
}

template <typename Stored>
Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t typmod,
            base::Arena& arena) {
  VectorScanner scanner(kVectorTypeName<Stored>, text);
  scanner.SkipSpaces();
  if (!scanner.Take('[')) scanner.ThrowSyntax("Vector contents must start with \"[\".");
  scanner.SkipSpaces();
  if (scanner.next() == ']') CheckVectorDimensions(kVectorTypeName<Stored>, 0);
  std::vector<Stored> elements;
  do {
    CheckVectorDimensions(kVectorTypeName<Stored>, static_cast<int64_t>(elements.size()) + 1);
    scanner.SkipSpaces();
    elements.push_back(TakeElement<Stored>(scanner));
    scanner.SkipSpaces();
  } while (scanner.Take(','));
  if (!scanner.Take(']')) scanner.ThrowSyntax();
  scanner.SkipSpaces();
  if (!scanner.AtEnd()) scanner.ThrowSyntax("Junk after closing right brace.");
  CheckExpectedDimensions(typmod, static_cast<int64_t>(elements.size()));
  return Datum::From(Packed(elements, arena));
}

template <typename Stored>
void Output(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  DenseView<Stored> view(value.As<std::string_view>());
  to += '[';
  for (int32_t i = 0; i < view.size(); ++i) {
    if (i > 0) to += ',';
    AppendFloat32(view.At(i), /*extra_float_digits=*/1, to);
  }
  to += ']';
}

template <typename Stored>
Datum Receive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t typmod,
              base::Arena& arena) {
  WireReader reader(bytes);
  int32_t count = reader.Read<uint16_t>();
  int32_t unused = reader.Read<uint16_t>();
  CheckVectorDimensions(kVectorTypeName<Stored>, count);
  CheckExpectedDimensions(typmod, count);
  if (unused != 0) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("expected unused to be 0, not {}", unused));
  }
  DenseBuilder<Stored> builder(count, arena);
  using Bits = std::conditional_t<sizeof(Stored) == 4, uint32_t, uint16_t>;
  for (int32_t i = 0; i < count; ++i) {
    builder.SetStored(i, std::bit_cast<Stored>(reader.Read<Bits>()));
  }
  reader.Finish();
  DenseView<Stored> view(builder.value());
  for (int32_t i = 0; i < count; ++i) CheckVectorElement(kVectorTypeName<Stored>, view.At(i));
  return Datum::From(builder.value());
}

template <typename Stored>
void Send(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  DenseView<Stored> view(value.As<std::string_view>());
  base::AppendBigEndian(to, static_cast<uint16_t>(view.size()));
  base::AppendBigEndian(to, uint16_t{0});
  using Bits = std::conditional_t<sizeof(Stored) == 4, uint32_t, uint16_t>;
  for (int32_t i = 0; i < view.size(); ++i) {
    base::AppendBigEndian(to, std::bit_cast<Bits>(view.stored(i)));
  }
}

template <typename Stored>
int Compare(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareDense(DenseView<Stored>(a.As<std::string_view>()),
                      DenseView<Stored>(b.As<std::string_view>()));
}

// -0 as 0, since they are equal.
template <typename Stored>
uint64_t Hash(const TypeLookup&, const TypeInfo&, const Datum& value) {
  DenseView<Stored> view(value.As<std::string_view>());
  uint64_t hash = static_cast<uint64_t>(view.size());
  for (int32_t i = 0; i < view.size(); ++i) {
    float element = view.At(i);
    hash = CombineHashes(hash, std::bit_cast<uint32_t>(element == 0 ? 0.0f : element));
  }
  return hash;
}

template <typename Stored>
int32_t TypmodIn(std::span<const std::string_view> arguments) {
  return DimensionsTypmod(kVectorTypeName<Stored>, kMaxVectorDimensions, arguments);
}

template <typename Stored>
constexpr TypeOps kOpsOf = {.input = Input<Stored>,
                            .output = Output<Stored>,
                            .receive = Receive<Stored>,
                            .send = Send<Stored>,
                            .compare = Compare<Stored>,
                            .hash = Hash<Stored>,
                            .typmod_in = TypmodIn<Stored>};

constexpr TypeOpsEntry kOps[] = {{oids::kVector, &kOpsOf<float>},
                                 {oids::kHalfvec, &kOpsOf<uint16_t>}};

}  // namespace

void CheckVectorDimensions(const char* type, int64_t count) {
  if (count < 1) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("{} must have at least 1 dimension", type));
  }
  if (count > kMaxVectorDimensions) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("{} cannot have more than {} dimensions", type,
                               kMaxVectorDimensions));
  }
}

void CheckExpectedDimensions(int32_t typmod, int64_t count) {
  if (typmod == -1 || typmod == count) return;
  throw SqlError(sqlstate::kDataException,
                 fmt::format("expected {} dimensions, not {}", typmod, count));
}

void CheckVectorElement(const char* type, float value) {
  if (std::isfinite(value)) return;
  throw SqlError(sqlstate::kDataException,
                 fmt::format("{} not allowed in {}", std::isnan(value) ? "NaN" : "infinite value",
                             type));
}

std::span<const TypeOpsEntry> DenseVectorTypeOps() { return kOps; }

}  // namespace sundog::types
