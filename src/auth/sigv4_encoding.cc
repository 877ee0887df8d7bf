// How SigV4 writes bytes, queries and times.
#include <fmt/format.h>

#include <chrono>

#include "auth/sigv4.h"
#include "types/ascii.h"

namespace sundog::auth {

namespace {

constexpr size_t kTimestampBytes = 16;

bool IsUnreserved(char c) {
  return types::IsAlpha(c) || types::IsDigit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// Null if there is anything but digits.
std::optional<int> Digits(std::string_view text) {
  int number = 0;
  for (char c : text) {
    if (!types::IsDigit(c)) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

std::string UriEncode(std::string_view bytes, bool keep_slashes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size());
  for (char c : bytes) {
    if (IsUnreserved(c) || (c == '/' && keep_slashes)) {
      text.push_back(c);
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    text.push_back('%');
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::optional<std::string> UriDecode(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = types::HexDigitValue(text[i + 1]);
    int low = types::HexDigitValue(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return bytes;
}

std::optional<std::vector<NamedValue>> ParseQuery(std::string_view query,
                                                  QueryEncoding encoding) {
  std::vector<NamedValue> parameters;
  bool exact = encoding == QueryEncoding::kExact;
  while (!query.empty()) {
    size_t end = query.find('&');
    std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (exact && end != std::string_view::npos && query.empty()) return std::nullopt;
    size_t equals = pair.find('=');
    if (exact && equals == std::string_view::npos) return std::nullopt;
    if (pair.empty()) continue;
    std::string_view name = pair.substr(0, equals);
    std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    std::optional<std::string> decoded_name = UriDecode(name);
    std::optional<std::string> decoded_value = UriDecode(value);
    if (!decoded_name || !decoded_value) return std::nullopt;
    if (exact && (UriEncode(*decoded_name) != name || UriEncode(*decoded_value) != value)) {
      return std::nullopt;
    }
    parameters.push_back({std::move(*decoded_name), std::move(*decoded_value)});
  }
  return parameters;
}

std::string FormatTimestamp(int64_t seconds) {
  std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<int64_t> ParseTimestamp(std::string_view text) {
  if (text.size() != kTimestampBytes || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  std::optional<int> year = Digits(text.substr(0, 4));
  std::optional<int> month = Digits(text.substr(4, 2));
  std::optional<int> day = Digits(text.substr(6, 2));
  std::optional<int> hour = Digits(text.substr(9, 2));
  std::optional<int> minute = Digits(text.substr(11, 2));
  std::optional<int> second = Digits(text.substr(13, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*year),
                                   std::chrono::month(static_cast<unsigned>(*month)),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  std::chrono::sys_seconds time =
      std::chrono::sys_days(date) + std::chrono::seconds(*hour * 3600 + *minute * 60 + *second);
  return time.time_since_epoch().count();
}

}  // namespace sundog::auth
