#include "types/integer_type.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/fixed_ops.h"

namespace sundog::types {

namespace {

[[noreturn]] void ThrowSyntax(std::string_view type, std::string_view text) {
  throw SqlError(sqlstate::kInvalidTextRepresentation,
                 fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
}

[[noreturn]] void ThrowRange(std::string_view type, std::string_view text) {
  throw SqlError(sqlstate::kNumericValueOutOfRange,
                 fmt::format("value \"{}\" is out of range for type {}", text, type));
}

// Counts downwards, so that the most negative value needs no special care.
template <typename T>
T Parse(std::string_view type, std::string_view text) {
  std::string_view rest = TrimSpaceLeft(text);
  bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  if (rest.empty() || !IsDigit(rest[0])) ThrowSyntax(type, text);
  T value = 0;
  while (!rest.empty() && IsDigit(rest[0])) {
    if (__builtin_mul_overflow(value, static_cast<T>(10), &value) ||
        __builtin_sub_overflow(value, static_cast<T>(rest[0] - '0'), &value)) {
      ThrowRange(type, text);
    }
    rest.remove_prefix(1);
  }
  if (!TrimSpaceLeft(rest).empty()) ThrowSyntax(type, text);
  if (negative) return value;
  if (value == std::numeric_limits<T>::min()) ThrowRange(type, text);
  return static_cast<T>(-value);
}

template <typename T, T (*ParseText)(std::string_view)>
Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  return Datum::From<T>(ParseText(text));
}

template <typename T>
void Output(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  AppendInteger(value.As<T>(), to);
}

template <typename T, T (*ParseText)(std::string_view)>
constexpr TypeOps MakeOps() {
  return {.input = Input<T, ParseText>,
          .output = Output<T>,
          .receive = ReceiveFixed<T>,
          .send = SendFixed<T>,
          .compare = CompareFixed<T>,
          .hash = HashFixed<T>};
}

constexpr TypeOps kInt2Ops = MakeOps<int16_t, ParseInt16>();
constexpr TypeOps kInt4Ops = MakeOps<int32_t, ParseInt32>();
constexpr TypeOps kInt8Ops = MakeOps<int64_t, ParseInt64>();

constexpr TypeOpsEntry kOps[] = {
    {oids::kInt2, &kInt2Ops}, {oids::kInt4, &kInt4Ops}, {oids::kInt8, &kInt8Ops}};

}  // namespace

int16_t ParseInt16(std::string_view text) { return Parse<int16_t>("smallint", text); }
int32_t ParseInt32(std::string_view text) { return Parse<int32_t>("integer", text); }
int64_t ParseInt64(std::string_view text) { return Parse<int64_t>("bigint", text); }

void AppendInteger(int64_t value, std::string& to) {
  char buffer[24];
  auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  to.append(buffer, static_cast<size_t>(result.ptr - buffer));
}

std::span<const TypeOpsEntry> IntegerTypeOps() { return kOps; }

}  // namespace sundog::types
