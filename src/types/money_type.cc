#include "types/money_type.h"

#include <fmt/format.h>

#include <limits>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/fixed_ops.h"

namespace sundog::types {

namespace {

constexpr int kFractionDigits = 2;

[[noreturn]] void ThrowRange(std::string_view text) {
  throw SqlError(sqlstate::kNumericValueOutOfRange,
                 fmt::format("value \"{}\" is out of range for type money", text));
}

[[noreturn]] void ThrowSyntax(std::string_view text) {
  throw SqlError(sqlstate::kInvalidTextRepresentation,
                 fmt::format("invalid input syntax for type money: \"{}\"", text));
}

void SkipBlanksAndSymbol(std::string_view* rest) {
  *rest = TrimSpaceLeft(*rest);
  if (rest->starts_with('$')) rest->remove_prefix(1);
  *rest = TrimSpaceLeft(*rest);
}

// The digits as a non-positive number of cents, commas skipped, a third fraction digit rounding.
int64_t TakeCents(std::string_view* rest, std::string_view text) {
  int64_t cents = 0;
  int fraction = -1;  // digits behind the point so far; -1 before it
  auto add = [&](int digit, int64_t base) {
    if (__builtin_mul_overflow(cents, base, &cents) ||
        __builtin_sub_overflow(cents, digit, &cents)) {
      ThrowRange(text);
    }
  };
  for (; !rest->empty(); rest->remove_prefix(1)) {
    char c = (*rest)[0];
    if (IsDigit(c) && fraction < kFractionDigits) {
      add(c - '0', 10);
      if (fraction >= 0) ++fraction;
    } else if (c == '.' && fraction < 0) {
      fraction = 0;
    } else if (c != ',') {
      break;
    }
  }
  if (!rest->empty() && (*rest)[0] >= '5' && (*rest)[0] <= '9') add(1, 1);
  for (fraction = std::max(fraction, 0); fraction < kFractionDigits; ++fraction) add(0, 10);
  while (!rest->empty() && IsDigit((*rest)[0])) rest->remove_prefix(1);
  return cents;
}

// A minus sign or parenthesis makes the amount negative; the sign may also follow it.
Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  std::string_view rest = text;
  SkipBlanksAndSymbol(&rest);
  bool negative = rest.starts_with('-') || rest.starts_with('(');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  SkipBlanksAndSymbol(&rest);
  int64_t cents = TakeCents(&rest, text);
  for (char c : rest) {
    if (c == '-') negative = true;
    if (!IsSpace(c) && std::string_view(")-+$").find(c) == std::string_view::npos) {
      ThrowSyntax(text);
    }
  }
  if (negative) return Datum::From<int64_t>(cents);
  if (cents == std::numeric_limits<int64_t>::min()) ThrowRange(text);
  return Datum::From<int64_t>(-cents);
}

void Output(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  int64_t cents = value.As<int64_t>();
  auto absolute = static_cast<uint64_t>(cents);
  if (cents < 0) absolute = -absolute;
  std::string whole = fmt::format("{}", absolute / 100);
  for (int at = static_cast<int>(whole.size()) - 3; at > 0; at -= 3) {
    whole.insert(static_cast<size_t>(at), 1, ',');
  }
  to += fmt::format("{}${}.{:02}", cents < 0 ? "-" : "", whole, absolute % 100);
}

constexpr TypeOps kMoneyOps = {.input = Input,
                               .output = Output,
                               .receive = ReceiveFixed<int64_t>,
                               .send = SendFixed<int64_t>,
                               .compare = CompareFixed<int64_t>,
                               .hash = HashFixed<int64_t>};

constexpr TypeOpsEntry kOps[] = {{oids::kMoney, &kMoneyOps}};

}  // namespace

std::span<const TypeOpsEntry> MoneyTypeOps() { return kOps; }

}  // namespace sundog::types
