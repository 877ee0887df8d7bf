#include "types/bit_string.h"

#include <fmt/format.h>

#include <cstring>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/hash.h"
#include "types/integer_type.h"
#include "types/utf8.h"
#include "types/wire_reader.h"

namespace sundog::types {

namespace {

size_t PackedSize(int32_t bits) { return (static_cast<size_t>(bits) + 7) / 8; }

void CheckLength(int64_t bits, int32_t typmod, bool varying) {
  if (bits > kMaxBitLength) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("bit string length exceeds the maximum allowed ({})",
                               kMaxBitLength));
  }
  if (typmod <= 0) return;
  if (varying && bits > typmod) {
    throw SqlError(sqlstate::kStringDataRightTruncation,
                   fmt::format("bit string too long for type bit varying({})", typmod));
  }
  if (!varying && bits != typmod) {
    throw SqlError(sqlstate::kStringDataLengthMismatch,
                   fmt::format("bit string length {} does not match type bit({})", bits, typmod));
  }
}

[[noreturn]] void ThrowDigit(std::string_view rest, const char* kind) {
  throw SqlError(sqlstate::kInvalidTextRepresentation,
                 fmt::format("\"{}\" is not a valid {} digit", rest.substr(0, Utf8Length(rest[0])),
                             kind));
}

// Binary digits, with an optional b before them, or x and hexadecimal digits.
template <bool varying>
Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t typmod,
            base::Arena& arena) {
  char prefix = text.empty() ? '\0' : ToLowerAscii(text[0]);
  bool hex = prefix == 'x';
  if (hex || prefix == 'b') text.remove_prefix(1);
  int64_t bits = static_cast<int64_t>(text.size()) * (hex ? 4 : 1);
  CheckLength(bits, typmod, varying);
  BitBuilder builder(static_cast<int32_t>(bits), arena);
  int32_t at = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    int value = HexDigitValue(text[i]);
    if (hex) {
      if (value < 0) ThrowDigit(text.substr(i), "hexadecimal");
      for (int shift = 3; shift >= 0; --shift) builder.Set(at++, (value >> shift & 1) != 0);
    } else {
      if (value < 0 || value > 1) ThrowDigit(text.substr(i), "binary");
      builder.Set(at++, value == 1);
    }
  }
  return Datum::From(builder.value());
}

void Output(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  BitView view(value.As<std::string_view>());
  for (int32_t i = 0; i < view.size(); ++i) to += view.bit(i) ? '1' : '0';
}

template <bool varying>
Datum Receive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t typmod,
              base::Arena& arena) {
  WireReader reader(bytes);
  int32_t bits = reader.Read<int32_t>();
  if (bits < 0 || bits > kMaxBitLength) {
    throw SqlError(sqlstate::kInvalidBinaryRepresentation,
                   "invalid length in external bit string");
  }
  CheckLength(bits, typmod, varying);
  BitBuilder builder(bits, arena);
  std::string_view packed = reader.ReadBytes(PackedSize(bits));
  reader.Finish();
  packed.copy(builder.packed(), packed.size());
  for (int32_t i = bits; i % 8 != 0; ++i) builder.Set(i, false);
  return Datum::From(builder.value());
}

void Send(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  BitView view(value.As<std::string_view>());
  base::AppendBigEndian<int32_t>(to, view.size());
  to += view.packed();
}

int Compare(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareBits(a.As<std::string_view>(), b.As<std::string_view>());
}

uint64_t Hash(const TypeLookup&, const TypeInfo&, const Datum& value) {
  return HashBytes(value.As<std::string_view>());
}

int32_t LengthTypmod(const char* type, std::span<const std::string_view> arguments) {
  if (arguments.size() != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid type modifier");
  }
  int32_t length = ParseInt32(arguments[0]);
  if (length < 1) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("length for type {} must be at least 1", type));
  }
  if (length > kMaxBitLength) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("length for type {} cannot exceed {}", type, kMaxBitLength));
  }
  return length;
}

int32_t BitTypmodIn(std::span<const std::string_view> arguments) {
  return LengthTypmod("bit", arguments);
}

int32_t VarbitTypmodIn(std::span<const std::string_view> arguments) {
  return LengthTypmod("varbit", arguments);
}

std::string TypmodOut(int32_t typmod) { return typmod < 0 ? "" : fmt::format("({})", typmod); }

constexpr TypeOps kBitOps = {.input = Input<false>,
                             .output = Output,
                             .receive = Receive<false>,
                             .send = Send,
                             .compare = Compare,
                             .hash = Hash,
                             .typmod_in = BitTypmodIn,
                             .typmod_out = TypmodOut};

constexpr TypeOps kVarbitOps = {.input = Input<true>,
                                .output = Output,
                                .receive = Receive<true>,
                                .send = Send,
                                .compare = Compare,
                                .hash = Hash,
                                .typmod_in = VarbitTypmodIn,
                                .typmod_out = TypmodOut};

constexpr TypeOpsEntry kOps[] = {{oids::kBit, &kBitOps}, {oids::kVarbit, &kVarbitOps}};

}  // namespace

BitBuilder::BitBuilder(int32_t bits, base::Arena& arena) : size_(4 + PackedSize(bits)) {
  bytes_ = arena.AllocateBytes(size_);
  std::memset(bytes_, 0, size_);
  std::memcpy(bytes_, &bits, 4);
}

int CompareBits(std::string_view a, std::string_view b) {
  int order = BitView(a).packed().substr(0, BitView(b).packed().size()).compare(
      BitView(b).packed().substr(0, BitView(a).packed().size()));
  if (order != 0) return order;
  return BitView(a).size() < BitView(b).size() ? -1 : BitView(a).size() > BitView(b).size();
}

std::span<const TypeOpsEntry> BitStringTypeOps() { return kOps; }

}  // namespace sundog::types
