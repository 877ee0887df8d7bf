#include "types/datetime_encode.h"

#include "types/io_settings.h"

namespace sundog::types {

namespace {

constexpr std::string_view kDayNames[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view kMonthNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Years before Christ are counted from 1 and marked at the end of the text.
void AppendYear(const CivilTime& civil, std::string& to) {
  AppendPadded(to, static_cast<uint64_t>(civil.year > 0 ? civil.year : 1 - civil.year), 4);
}

void AppendEra(const CivilTime& civil, std::string& to) {
  if (civil.year <= 0) to += " BC";
}

void AppendThree(std::string& to, int first, char delimiter, int second, const CivilTime& civil) {
  AppendPadded(to, static_cast<uint64_t>(first), 2);
  to += delimiter;
  AppendPadded(to, static_cast<uint64_t>(second), 2);
  to += delimiter;
  AppendYear(civil, to);
}

// The date as all styles but the traditional timestamp write it.
void AppendNumericDate(const IoSettings& settings, const CivilTime& civil, std::string& to) {
  bool day_first = settings.date_order == DateOrder::kDmy;
  int first = day_first ? civil.day : civil.month;
  int second = day_first ? civil.month : civil.day;
  switch (settings.date_style) {
    case DateStyle::kIso:
      AppendYear(civil, to);
      to += '-';
      AppendPadded(to, static_cast<uint64_t>(civil.month), 2);
      to += '-';
      AppendPadded(to, static_cast<uint64_t>(civil.day), 2);
      break;
    case DateStyle::kSql: AppendThree(to, first, '/', second, civil); break;
    case DateStyle::kGerman: AppendThree(to, civil.day, '.', civil.month, civil); break;
    case DateStyle::kPostgres: AppendThree(to, first, '-', second, civil); break;
  }
}

// "Wed Dec 17 07:37:16 1997"
void AppendTraditional(const IoSettings& settings, const CivilTime& civil, std::string& to) {
  int64_t julian = JulianFromCivil(civil.year, civil.month, civil.day);
  std::string_view month = kMonthNames[civil.month - 1];
  to += kDayNames[DayOfWeek(julian)];
  to += ' ';
  if (settings.date_order == DateOrder::kDmy) {
    AppendPadded(to, static_cast<uint64_t>(civil.day), 2);
    to += ' ';
    to += month;
  } else {
    to += month;
    to += ' ';
    AppendPadded(to, static_cast<uint64_t>(civil.day), 2);
  }
  to += ' ';
  AppendTimeOfDay(civil, to);
  to += ' ';
  AppendYear(civil, to);
}

}  // namespace

void AppendPadded(std::string& to, uint64_t value, int width) {
  char digits[20];
  char* end = digits + sizeof(digits);
  char* begin = end;
  while (value != 0 || end - begin < width) {
    *--begin = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  to.append(begin, static_cast<size_t>(end - begin));
}

void AppendFraction(std::string& to, int micros) {
  if (micros == 0) return;
  to += '.';
  AppendPadded(to, static_cast<uint64_t>(micros), 6);
  to.resize(to.find_last_not_of('0') + 1);
}

void AppendDate(const IoSettings& settings, const CivilTime& civil, std::string& to) {
  AppendNumericDate(settings, civil, to);
  AppendEra(civil, to);
}

void AppendTimeOfDay(const CivilTime& civil, std::string& to) {
  AppendPadded(to, static_cast<uint64_t>(civil.hour), 2);
  to += ':';
  AppendPadded(to, static_cast<uint64_t>(civil.minute), 2);
  to += ':';
  AppendPadded(to, static_cast<uint64_t>(civil.second), 2);
  AppendFraction(to, civil.micros);
}

void AppendZoneOffset(int32_t west_s, std::string& to) {
  to += west_s <= 0 ? '+' : '-';
  uint64_t amount_s = static_cast<uint64_t>(west_s < 0 ? -west_s : west_s);
  AppendPadded(to, amount_s / 3600, 2);
  if (amount_s % 3600 == 0) return;
  to += ':';
  AppendPadded(to, amount_s / 60 % 60, 2);
  if (amount_s % 60 == 0) return;
  to += ':';
  AppendPadded(to, amount_s % 60, 2);
}

void AppendDateTime(const IoSettings& settings, const CivilTime& civil, const ZoneText* zone,
                    std::string& to) {
  constexpr size_t kLongestAbbreviation = 10;
  if (settings.date_style == DateStyle::kPostgres) {
    AppendTraditional(settings, civil, to);
  } else {
    AppendNumericDate(settings, civil, to);
    to += ' ';
    AppendTimeOfDay(civil, to);
  }
  if (zone != nullptr) {
    if (settings.date_style == DateStyle::kIso) {
      AppendZoneOffset(zone->west_s, to);
    } else {
      to += ' ';
      to += zone->abbreviation.substr(0, kLongestAbbreviation);
    }
  }
  AppendEra(civil, to);
}

}  // namespace sundog::types
