#include "types/sparse_vector.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "types/dense_vector.h"
#include "types/extension_oids.h"
#include "types/float_type.h"
#include "types/hash.h"
#include "types/vector_text.h"
#include "types/wire_reader.h"

namespace sundog::types {

namespace {

constexpr char kName[] = "sparsevec";

struct Element {
  int32_t place;
  float value;
};

[[noreturn]] void Throw(const char* message) {
  throw SqlError(sqlstate::kDataException, message);
}

void CheckElementCount(int64_t count) {
  if (count <= kMaxSparseElements) return;
  throw SqlError(sqlstate::kProgramLimitExceeded,
                 fmt::format("sparsevec cannot have more than {} non-zero elements",
                             kMaxSparseElements));
}

void CheckPlace(int32_t place, int32_t dimensions, int32_t last) {
  if (place < 0 || place >= dimensions) Throw("sparsevec index out of bounds");
  if (place < last) Throw("sparsevec indices must be in ascending order");
  if (place == last) Throw("sparsevec indices must not contain duplicates");
}

// What stands between the braces, unsorted and without zeros.
std::vector<Element> TakeElements(VectorScanner& scanner) {
  std::vector<Element> elements;
  if (scanner.Take('}')) return elements;
  std::string text;
  do {
    scanner.SkipSpaces();
    int32_t place = scanner.TakeInteger();
    scanner.SkipSpaces();
    if (!scanner.Take(':')) scanner.ThrowSyntax();
    scanner.SkipSpaces();
    float value = scanner.TakeFloat(/*zero_is_error=*/true, text);
    CheckVectorElement(kName, value);
    if (value != 0) elements.push_back({place - 1, value});
    scanner.SkipSpaces();
  } while (scanner.Take(','));
  if (!scanner.Take('}')) scanner.ThrowSyntax();
  return elements;
}

Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t typmod,
            base::Arena& arena) {
  CheckElementCount(std::count(text.begin(), text.end(), ',') + 1);
  VectorScanner scanner(kName, text);
  scanner.SkipSpaces();
  if (!scanner.Take('{')) scanner.ThrowSyntax("Vector contents must start with \"{\".");
  scanner.SkipSpaces();
  std::vector<Element> elements = TakeElements(scanner);
  scanner.SkipSpaces();
  if (!scanner.Take('/')) scanner.ThrowSyntax("Unexpected end of input.");
  scanner.SkipSpaces();
  int32_t dimensions = scanner.TakeInteger();
  scanner.SkipSpaces();
  if (!scanner.AtEnd()) scanner.ThrowSyntax("Junk after closing.");
  CheckSparseDimensions(dimensions);
  CheckExpectedDimensions(typmod, dimensions);
  std::sort(elements.begin(), elements.end(),
            [](const Element& a, const Element& b) { return a.place < b.place; });
  SparseBuilder builder(dimensions);
  int32_t last = -1;
  for (const Element& element : elements) {
    CheckPlace(element.place, dimensions, last);
    builder.Append(element.place, element.value);
    last = element.place;
  }
  return Datum::From(builder.Finish(arena));
}

void Output(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  SparseView view(value.As<std::string_view>());
  to += '{';
  for (int32_t i = 0; i < view.count(); ++i) {
    if (i > 0) to += ',';
    to += fmt::format("{}:", view.place(i) + 1);
    AppendFloat32(view.element(i), /*extra_float_digits=*/1, to);
  }
  to += fmt::format("}}/{}", view.dimensions());
}

void CheckWireCounts(int32_t dimensions, int32_t count) {
  CheckSparseDimensions(dimensions);
  if (count < 0) Throw("sparsevec cannot have negative number of elements");
  CheckElementCount(count);
  if (count > dimensions) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   "sparsevec cannot have more elements than dimensions");
  }
}

Datum Receive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t typmod,
              base::Arena& arena) {
  WireReader reader(bytes);
  auto dimensions = reader.Read<int32_t>();
  auto count = reader.Read<int32_t>();
  auto unused = reader.Read<int32_t>();
  CheckWireCounts(dimensions, count);
  CheckExpectedDimensions(typmod, dimensions);
  if (unused != 0) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("expected unused to be 0, not {}", unused));
  }
  std::vector<int32_t> places;
  int32_t last = -1;
  for (int32_t i = 0; i < count; ++i) {
    places.push_back(reader.Read<int32_t>());
    CheckPlace(places.back(), dimensions, last);
    last = places.back();
  }
  SparseBuilder builder(dimensions);
  for (int32_t place : places) {
    auto element = std::bit_cast<float>(reader.Read<uint32_t>());
    if (element == 0) Throw("binary representation of sparsevec cannot contain zero values");
    builder.Append(place, element);
  }
  reader.Finish();
  return Datum::From(builder.Finish(arena));
}

void Send(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  SparseView view(value.As<std::string_view>());
  base::AppendBigEndian(to, view.dimensions());
  base::AppendBigEndian(to, view.count());
  base::AppendBigEndian(to, int32_t{0});
  for (int32_t i = 0; i < view.count(); ++i) base::AppendBigEndian(to, view.place(i));
  for (int32_t i = 0; i < view.count(); ++i) {
    base::AppendBigEndian(to, std::bit_cast<uint32_t>(view.element(i)));
  }
}

int Compare(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareSparse(SparseView(a.As<std::string_view>()),
                       SparseView(b.As<std::string_view>()));
}

uint64_t Hash(const TypeLookup&, const TypeInfo&, const Datum& value) {
  return HashBytes(value.As<std::string_view>());
}

int32_t TypmodIn(std::span<const std::string_view> arguments) {
  return DimensionsTypmod(kName, kMaxSparseDimensions, arguments);
}

constexpr TypeOps kSparseOps = {.input = Input,
                                .output = Output,
                                .receive = Receive,
                                .send = Send,
                                .compare = Compare,
                                .hash = Hash,
                                .typmod_in = TypmodIn};

constexpr TypeOpsEntry kOps[] = {{oids::kSparsevec, &kSparseOps}};

// How a value with `element` at a place stands to one that is zero there; `other_dimensions`: of
// the latter, which may have ended before that place.
int AgainstZero(int32_t place, float element, int32_t other_dimensions) {
  if (place >= other_dimensions) return 1;
  return element < 0 ? -1 : 1;
}

}  // namespace

void SparseBuilder::Append(int32_t place, float element) {
  CheckVectorElement(kName, element);
  if (element == 0) return;
  CHECK(places_.empty() || places_.back() < place);
  CheckElementCount(static_cast<int64_t>(places_.size()) + 1);
  places_.push_back(place);
  elements_.push_back(element);
}

std::string_view SparseBuilder::Finish(base::Arena& arena) const {
  size_t run = places_.size() * 4;
  char* bytes = arena.AllocateBytes(4 + 2 * run);
  std::memcpy(bytes, &dimensions_, 4);
  if (run > 0) {
    std::memcpy(bytes + 4, places_.data(), run);
    std::memcpy(bytes + 4 + run, elements_.data(), run);
  }
  return {bytes, 4 + 2 * run};
}

void CheckSparseDimensions(int64_t count) {
  if (count < 1) Throw("sparsevec must have at least 1 dimension");
  if (count <= kMaxSparseDimensions) return;
  throw SqlError(sqlstate::kProgramLimitExceeded,
                 fmt::format("sparsevec cannot have more than {} dimensions",
                             kMaxSparseDimensions));
}

int CompareSparse(SparseView a, SparseView b) {
  for (int32_t i = 0; i < a.count() || i < b.count(); ++i) {
    int32_t in_a = i < a.count() ? a.place(i) : std::numeric_limits<int32_t>::max();
    int32_t in_b = i < b.count() ? b.place(i) : std::numeric_limits<int32_t>::max();
    if (in_a < in_b) return AgainstZero(in_a, a.element(i), b.dimensions());
    if (in_b < in_a) return -AgainstZero(in_b, b.element(i), a.dimensions());
    if (a.element(i) != b.element(i)) return a.element(i) < b.element(i) ? -1 : 1;
  }
  return a.dimensions() < b.dimensions() ? -1 : a.dimensions() > b.dimensions();
}

std::span<const TypeOpsEntry> SparseVectorTypeOps() { return kOps; }

}  // namespace sundog::types
