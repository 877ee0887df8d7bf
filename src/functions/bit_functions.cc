// bit and bit varying: comparison, logic, shifts, cutting, casts; extension vector's distances.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/bit_string.h"
#include "types/vector_distance.h"

namespace sundog::functions {

namespace {

using std::string_view;
using types::BitBuilder;
using types::BitView;

bool Equal(string_view a, string_view b) { return a == b; }
bool NotEqual(string_view a, string_view b) { return a != b; }
bool Less(string_view a, string_view b) { return types::CompareBits(a, b) < 0; }
bool LessOrEqual(string_view a, string_view b) { return types::CompareBits(a, b) <= 0; }
bool Greater(string_view a, string_view b) { return types::CompareBits(a, b) > 0; }
bool GreaterOrEqual(string_view a, string_view b) { return types::CompareBits(a, b) >= 0; }
int32_t Compare(string_view a, string_view b) { return types::CompareBits(a, b); }

template <typename Operation>
string_view Combine(CallContext& call, string_view a, string_view b, const char* name,
                    Operation&& operation) {
  if (BitView(a).size() != BitView(b).size()) {
    throw SqlError(sqlstate::kStringDataLengthMismatch,
                   fmt::format("cannot {} bit strings of different sizes", name));
  }
  BitBuilder result(BitView(a).size(), call.arena());
  for (size_t i = 0; i < BitView(a).packed().size(); ++i) {
    result.packed()[i] =
        static_cast<char>(operation(BitView(a).packed()[i], BitView(b).packed()[i]));
  }
  return result.value();
}

string_view And(CallContext& call, string_view a, string_view b) {
  return Combine(call, a, b, "AND", [](char x, char y) { return x & y; });
}
string_view Or(CallContext& call, string_view a, string_view b) {
  return Combine(call, a, b, "OR", [](char x, char y) { return x | y; });
}
string_view Xor(CallContext& call, string_view a, string_view b) {
  return Combine(call, a, b, "XOR", [](char x, char y) { return x ^ y; });
}

// `count` bits, the i-th being bit `i + offset` of `from` where it has one.
string_view Shifted(CallContext& call, BitView from, int64_t offset, int32_t count) {
  BitBuilder result(count, call.arena());
  for (int32_t i = 0; i < count; ++i) {
    int64_t source = i + offset;
    if (source >= 0 && source < from.size()) result.Set(i, from.bit(static_cast<int32_t>(source)));
  }
  return result.value();
}

string_view Not(CallContext& call, string_view a) {
  BitBuilder result(BitView(a).size(), call.arena());
  for (int32_t i = 0; i < BitView(a).size(); ++i) result.Set(i, !BitView(a).bit(i));
  return result.value();
}

string_view ShiftLeft(CallContext& call, string_view a, int32_t count) {
  return Shifted(call, BitView(a), count, BitView(a).size());
}
string_view ShiftRight(CallContext& call, string_view a, int32_t count) {
  return Shifted(call, BitView(a), -int64_t{count}, BitView(a).size());
}

string_view Concatenate(CallContext& call, string_view a, string_view b) {
  BitView first(a);
  BitView second(b);
  int64_t size = int64_t{first.size()} + second.size();
  if (size > types::kMaxBitLength) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("bit string length exceeds the maximum allowed ({})",
                               types::kMaxBitLength));
  }
  BitBuilder result(static_cast<int32_t>(size), call.arena());
  for (int32_t i = 0; i < first.size(); ++i) result.Set(i, first.bit(i));
  for (int32_t i = 0; i < second.size(); ++i) result.Set(first.size() + i, second.bit(i));
  return result.value();
}

// --- cutting ---

string_view Slice(CallContext& call, BitView bits, int64_t start, int64_t end) {
  start = std::clamp<int64_t>(start, 1, int64_t{bits.size()} + 1);
  end = std::clamp<int64_t>(end, start, int64_t{bits.size()} + 1);
  return Shifted(call, bits, start - 1, static_cast<int32_t>(end - start));
}

[[noreturn]] void ThrowNegativeLength() {
  throw SqlError(sqlstate::kSubstringError, "negative substring length not allowed");
}

string_view Substring(CallContext& call, string_view a, int32_t start, int32_t length) {
  if (length < 0) ThrowNegativeLength();
  return Slice(call, BitView(a), start, int64_t{start} + length);
}

string_view SubstringToEnd(CallContext& call, string_view a, int32_t start) {
  return Slice(call, BitView(a), start, std::numeric_limits<int64_t>::max());
}

string_view Overlay(CallContext& call, string_view a, string_view by, int32_t start,
                    int32_t length) {
  if (start <= 0) ThrowNegativeLength();
  int32_t after = 0;
  if (__builtin_add_overflow(start, length, &after)) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
  }
  string_view head = Slice(call, BitView(a), 1, start);
  return Concatenate(call, Concatenate(call, head, by), SubstringToEnd(call, a, after));
}

string_view OverlayWhole(CallContext& call, string_view a, string_view by, int32_t start) {
  return Overlay(call, a, by, start, BitView(by).size());
}

int32_t Position(string_view a, string_view part) {
  BitView bits(a);
  BitView wanted(part);
  if (bits.size() == 0 || wanted.size() > bits.size()) return 0;
  for (int32_t at = 0; at + wanted.size() <= bits.size(); ++at) {
    int32_t i = 0;
    while (i < wanted.size() && bits.bit(at + i) == wanted.bit(i)) ++i;
    if (i == wanted.size()) return at + 1;
  }
  return 0;
}

// --- single bits ---

int32_t Length(string_view a) { return BitView(a).size(); }
int32_t OctetLength(string_view a) { return (BitView(a).size() + 7) / 8; }

int64_t BitCount(string_view a) {
  int64_t count = 0;
  for (char c : BitView(a).packed()) count += __builtin_popcount(static_cast<uint8_t>(c));
  return count;
}

void CheckIndex(BitView bits, int32_t index) {
  if (index < 0 || index >= bits.size()) {
    throw SqlError(sqlstate::kArraySubscriptError,
                   fmt::format("bit index {} out of valid range (0..{})", index, bits.size() - 1));
  }
}

int32_t GetBit(string_view a, int32_t index) {
  CheckIndex(BitView(a), index);
  return BitView(a).bit(index);
}

string_view SetBit(CallContext& call, string_view a, int32_t index, int32_t bit) {
  CheckIndex(BitView(a), index);
  if (bit != 0 && bit != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "new bit must be 0 or 1");
  }
  BitBuilder result(BitView(a).size(), call.arena());
  BitView(a).packed().copy(result.packed(), BitView(a).packed().size());
  result.Set(index, bit == 1);
  return result.value();
}

// --- distances ---

template <types::VectorMetric metric>
double Distance(string_view a, string_view b) {
  static const types::VectorDistance distance =
      types::FindVectorDistance(types::VectorElement::kBit, metric);
  if (BitView(a).size() != BitView(b).size()) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("different bit lengths {} and {}", BitView(a).size(),
                               BitView(b).size()));
  }
  return distance(a, b);
}

// --- casts ---

string_view ToBit(CallContext& call, string_view a, int32_t length, bool is_explicit) {
  BitView bits(a);
  if (length <= 0 || length == bits.size()) return a;
  if (!is_explicit) {
    throw SqlError(sqlstate::kStringDataLengthMismatch,
                   fmt::format("bit string length {} does not match type bit({})", bits.size(),
                               length));
  }
  return Shifted(call, bits, 0, length);
}

string_view ToVarbit(CallContext& call, string_view a, int32_t length, bool is_explicit) {
  BitView bits(a);
  if (length <= 0 || length >= bits.size()) return a;
  if (!is_explicit) {
    throw SqlError(sqlstate::kStringDataRightTruncation,
                   fmt::format("bit string too long for type bit varying({})", length));
  }
  return Shifted(call, bits, 0, length);
}

// The lowest `length` bits, sign-extended; one without a length.
template <typename T>
string_view FromInteger(CallContext& call, T value, int32_t length) {
  if (length <= 0 || length > types::kMaxBitLength) length = 1;
  BitBuilder result(length, call.arena());
  for (int32_t i = 0; i < length; ++i) {
    int shift = std::min<int32_t>(i, static_cast<int32_t>(sizeof(T) * 8 - 1));
    result.Set(length - 1 - i, (value >> shift & 1) != 0);
  }
  return result.value();
}

template <typename T>
T ToInteger(string_view a) {
  BitView bits(a);
  if (bits.size() > static_cast<int32_t>(sizeof(T) * 8)) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   sizeof(T) == 4 ? "integer out of range" : "bigint out of range");
  }
  uint64_t value = 0;
  for (int32_t i = 0; i < bits.size(); ++i) value = value << 1 | bits.bit(i);
  return static_cast<T>(value);
}

constexpr ScalarEntry kEntries[] = {
    {"biteq", Kernel<Equal>},
    {"bitne", Kernel<NotEqual>},
    {"bitlt", Kernel<Less>},
    {"bitle", Kernel<LessOrEqual>},
    {"bitgt", Kernel<Greater>},
    {"bitge", Kernel<GreaterOrEqual>},
    {"bitcmp", Kernel<Compare>},
    {"bit_and", Kernel<And>},
    {"bit_or", Kernel<Or>},
    {"bitxor", Kernel<Xor>},
    {"bitnot", Kernel<Not>},
    {"bitshiftleft", Kernel<ShiftLeft>},
    {"bitshiftright", Kernel<ShiftRight>},
    {"bitcat", Kernel<Concatenate>},
    {"bitsubstr", Kernel<Substring>},
    {"bitsubstr_no_len", Kernel<SubstringToEnd>},
    {"bitoverlay", Kernel<Overlay>},
    {"bitoverlay_no_len", Kernel<OverlayWhole>},
    {"bitposition", Kernel<Position>},
    {"bitlength", Kernel<Length>},
    {"bit_length(bit)", Kernel<Length>},
    {"bitoctetlength", Kernel<OctetLength>},
    {"bit_bit_count", Kernel<BitCount>},
    {"bitgetbit", Kernel<GetBit>},
    {"bitsetbit", Kernel<SetBit>},
    {"bit", Kernel<ToBit>},
    {"varbit", Kernel<ToVarbit>},
    {"bitfromint4", Kernel<FromInteger<int32_t>>},
    {"bitfromint8", Kernel<FromInteger<int64_t>>},
    {"bittoint4", Kernel<ToInteger<int32_t>>},
    {"bittoint8", Kernel<ToInteger<int64_t>>},
    {"hamming_distance(bit,bit)", Kernel<Distance<types::VectorMetric::kHamming>>},
    {"jaccard_distance(bit,bit)", Kernel<Distance<types::VectorMetric::kJaccard>>},
};

}  // namespace

void RegisterBitFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
