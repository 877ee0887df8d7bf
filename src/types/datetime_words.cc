#include "types/datetime_words.h"

#include <algorithm>
#include <span>

namespace sundog::types {

namespace {

using enum WordKind;

constexpr size_t kCountedLetters = 10;

constexpr DateTimeWord Unit(std::string_view text, TimeUnit unit) {
  return {text, kUnit, static_cast<int>(unit)};
}
constexpr DateTimeWord Special(std::string_view text, Reserved reserved) {
  return {text, kReserved, static_cast<int>(reserved)};
}

constexpr DateTimeWord kDateWords[] = {
    Special("-infinity", Reserved::kMinusInfinity),
    {"ad", kEra, 0},
    Special("allballs", Reserved::kMidnightUtc),
    {"am", kAmPm, static_cast<int>(AmPm::kAm)},
    {"apr", kMonth, 4},
    {"april", kMonth, 4},
    {"at", kIgnored, 0},
    {"aug", kMonth, 8},
    {"august", kMonth, 8},
    {"bc", kEra, 1},
    Unit("d", TimeUnit::kDay),
    {"dec", kMonth, 12},
    {"december", kMonth, 12},
    Unit("dow", TimeUnit::kDayOfWeek),
    Unit("doy", TimeUnit::kDayOfYear),
    {"dst", kDstModifier, 3600},
    Special("epoch", Reserved::kEpoch),
    {"feb", kMonth, 2},
    {"february", kMonth, 2},
    {"fri", kDayOfWeek, 5},
    {"friday", kDayOfWeek, 5},
    Unit("h", TimeUnit::kHour),
    Special("infinity", Reserved::kInfinity),
    Unit("isodow", TimeUnit::kIsoDayOfWeek),
    Unit("isoyear", TimeUnit::kIsoYear),
    Unit("j", TimeUnit::kJulian),
    {"jan", kMonth, 1},
    {"january", kMonth, 1},
    Unit("jd", TimeUnit::kJulian),
    {"jul", kMonth, 7},
    Unit("julian", TimeUnit::kJulian),
    {"july", kMonth, 7},
    {"jun", kMonth, 6},
    {"june", kMonth, 6},
    Unit("m", TimeUnit::kMonth),
    {"mar", kMonth, 3},
    {"march", kMonth, 3},
    {"may", kMonth, 5},
    Unit("mm", TimeUnit::kMinute),
    {"mon", kDayOfWeek, 1},
    {"monday", kDayOfWeek, 1},
    {"nov", kMonth, 11},
    {"november", kMonth, 11},
    Special("now", Reserved::kNow),
    {"oct", kMonth, 10},
    {"october", kMonth, 10},
    {"on", kIgnored, 0},
    {"pm", kAmPm, static_cast<int>(AmPm::kPm)},
    Unit("s", TimeUnit::kSecond),
    {"sat", kDayOfWeek, 6},
    {"saturday", kDayOfWeek, 6},
    {"sep", kMonth, 9},
    {"sept", kMonth, 9},
    {"september", kMonth, 9},
    {"sun", kDayOfWeek, 0},
    {"sunday", kDayOfWeek, 0},
    {"t", kIsoTime, static_cast<int>(TimeUnit::kTime)},
    {"thu", kDayOfWeek, 4},
    {"thur", kDayOfWeek, 4},
    {"thurs", kDayOfWeek, 4},
    {"thursday", kDayOfWeek, 4},
    Special("today", Reserved::kToday),
    Special("tomorrow", Reserved::kTomorrow),
    {"tue", kDayOfWeek, 2},
    {"tues", kDayOfWeek, 2},
    {"tuesday", kDayOfWeek, 2},
    {"wed", kDayOfWeek, 3},
    {"wednesday", kDayOfWeek, 3},
    {"weds", kDayOfWeek, 3},
    Unit("y", TimeUnit::kYear),
    Special("yesterday", Reserved::kYesterday),
};

constexpr DateTimeWord kIntervalWords[] = {
    {"@", kIgnored, 0},
    {"ago", kAgo, 0},
    Unit("c", TimeUnit::kCentury),
    Unit("cent", TimeUnit::kCentury),
    Unit("centuries", TimeUnit::kCentury),
    Unit("century", TimeUnit::kCentury),
    Unit("d", TimeUnit::kDay),
    Unit("day", TimeUnit::kDay),
    Unit("days", TimeUnit::kDay),
    Unit("dec", TimeUnit::kDecade),
    Unit("decade", TimeUnit::kDecade),
    Unit("decades", TimeUnit::kDecade),
    Unit("decs", TimeUnit::kDecade),
    Unit("h", TimeUnit::kHour),
    Unit("hour", TimeUnit::kHour),
    Unit("hours", TimeUnit::kHour),
    Unit("hr", TimeUnit::kHour),
    Unit("hrs", TimeUnit::kHour),
    Unit("m", TimeUnit::kMinute),
    Unit("microsecon", TimeUnit::kMicrosecond),
    Unit("mil", TimeUnit::kMillennium),
    Unit("millennia", TimeUnit::kMillennium),
    Unit("millennium", TimeUnit::kMillennium),
    Unit("millisecon", TimeUnit::kMillisecond),
    Unit("mils", TimeUnit::kMillennium),
    Unit("min", TimeUnit::kMinute),
    Unit("mins", TimeUnit::kMinute),
    Unit("minute", TimeUnit::kMinute),
    Unit("minutes", TimeUnit::kMinute),
    Unit("mon", TimeUnit::kMonth),
    Unit("mons", TimeUnit::kMonth),
    Unit("month", TimeUnit::kMonth),
    Unit("months", TimeUnit::kMonth),
    Unit("ms", TimeUnit::kMillisecond),
    Unit("msec", TimeUnit::kMillisecond),
    Unit("msecond", TimeUnit::kMillisecond),
    Unit("mseconds", TimeUnit::kMillisecond),
    Unit("msecs", TimeUnit::kMillisecond),
    Unit("qtr", TimeUnit::kQuarter),
    Unit("quarter", TimeUnit::kQuarter),
    Unit("s", TimeUnit::kSecond),
    Unit("sec", TimeUnit::kSecond),
    Unit("second", TimeUnit::kSecond),
    Unit("seconds", TimeUnit::kSecond),
    Unit("secs", TimeUnit::kSecond),
    Unit("timezone", TimeUnit::kZone),
    Unit("timezone_h", TimeUnit::kZoneHour),
    Unit("timezone_m", TimeUnit::kZoneMinute),
    Unit("us", TimeUnit::kMicrosecond),
    Unit("usec", TimeUnit::kMicrosecond),
    Unit("usecond", TimeUnit::kMicrosecond),
    Unit("useconds", TimeUnit::kMicrosecond),
    Unit("usecs", TimeUnit::kMicrosecond),
    Unit("w", TimeUnit::kWeek),
    Unit("week", TimeUnit::kWeek),
    Unit("weeks", TimeUnit::kWeek),
    Unit("y", TimeUnit::kYear),
    Unit("year", TimeUnit::kYear),
    Unit("years", TimeUnit::kYear),
    Unit("yr", TimeUnit::kYear),
    Unit("yrs", TimeUnit::kYear),
};

constexpr bool IsSorted(std::span<const DateTimeWord> words) {
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i - 1].text >= words[i].text) return false;
  }
  return true;
}
static_assert(IsSorted(kDateWords));
static_assert(IsSorted(kIntervalWords));

const DateTimeWord* Find(std::span<const DateTimeWord> words, std::string_view word) {
  word = word.substr(0, kCountedLetters);
  auto at = std::lower_bound(
      words.begin(), words.end(), word,
      [](const DateTimeWord& entry, std::string_view key) { return entry.text < key; });
  return at != words.end() && at->text == word ? &*at : nullptr;
}

}  // namespace

const DateTimeWord* FindDateWord(std::string_view word) { return Find(kDateWords, word); }

const DateTimeWord* FindIntervalWord(std::string_view word) { return Find(kIntervalWords, word); }

}  // namespace sundog::types
