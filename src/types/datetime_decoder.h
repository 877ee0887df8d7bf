// The state of one run of datetime_decode.h. Private to it.
#pragma once

#include <optional>
#include <string_view>

#include "types/datetime_decode.h"
#include "types/datetime_error.h"
#include "types/datetime_fields.h"
#include "types/datetime_words.h"
#include "types/io_settings.h"

namespace sundog::types::internal {

// Parts of a date and time, as bits: each may be given once.
enum Part : uint32_t {
  kNoPart = 0,
  kYear = 1u << 0,
  kMonth = 1u << 1,
  kDay = 1u << 2,
  kDayOfYear = 1u << 3,
  kHour = 1u << 4,
  kMinute = 1u << 5,
  kSecond = 1u << 6,
  kMillisecond = 1u << 7,
  kMicrosecond = 1u << 8,
  kZone = 1u << 9,
  kDaylightZone = 1u << 10,
  kDynamicZone = 1u << 11,
  kDaylightModifier = 1u << 12,
  kMeridiem = 1u << 13,
  kEraPart = 1u << 14,
  kWeekday = 1u << 15,
  kReservedWord = 1u << 16,
};
inline constexpr uint32_t kFullDate = kYear | kMonth | kDay;
inline constexpr uint32_t kAnySecond = kSecond | kMillisecond | kMicrosecond;
inline constexpr uint32_t kFullTime = kHour | kMinute | kAnySecond;

class DateTimeDecoder {
 public:
  DateTimeDecoder(const IoSettings& settings, std::string_view text, std::string_view type_name,
                  bool time_only)
      : settings_(settings),
        text_(text),
        type_name_(type_name),
        time_only_(time_only),
        // The room PostgreSQL gives a timestamp's fields, and all others'.
        fields_(type_name.starts_with("timestamp") ? 153 : 129) {}

  DecodedDateTime Run();

 private:
  [[noreturn]] void Fail(DateTimeError error) const {
    ThrowDateTimeError(error, text_, type_name_);
  }
  [[noreturn]] void FailFormat() const { Fail(DateTimeError::kBadFormat); }

  // --- one a kind of field: they set found_ ---
  void OnDate(size_t i);
  void OnClock(std::string_view text);
  void OnNumber(size_t i);
  // False for a word without meaning.
  bool OnWord(size_t i);

  void JulianWithZone(std::string_view text);
  void ZoneNameOrTimeWithZone(std::string_view text);
  void LabelledNumber(std::string_view text);
  void SetLabelled(TimeUnit label, std::string_view text, int value, std::string_view rest);
  void SetJulian(int value, std::string_view fraction);
  void PlainNumberOfDateTime(std::string_view text);
  void PlainNumberOfTime(size_t i);

  bool ZoneAbbreviation(std::string_view word);
  void ReservedOfDateTime(Reserved reserved);
  void ReservedOfTime(Reserved reserved);
  void MonthName(int month);
  void ExpectTimeNext(size_t i);
  void NamedZone(std::string_view name, bool name_in_error);

  // --- numbers of dates: they return what they found ---
  uint32_t DateWithDelimiters(std::string_view text);
  uint32_t MonthNameInDate(std::string_view word, uint32_t seen);
  uint32_t NumberInContext(std::string_view text, bool has_text_month, uint32_t seen);
  uint32_t ChooseDatePart(std::string_view text, int value, bool has_text_month, uint32_t seen);
  uint32_t ConcatenatedNumber(std::string_view text, uint32_t seen);
  uint32_t YearAndMonthKnown(std::string_view text, int value, bool has_text_month);

  int IntegerOrFail(std::string_view text, std::string_view* rest) const;
  int32_t OffsetOrFail(std::string_view text) const;
  CivilTime Now() const;

  // --- after all fields ---
  void ValidateDate();
  void ApplyMeridiem();
  void ResolveZoneOfDateTime();
  void ResolveZoneOfTime();
  CivilTime DateForZone() const;

  const IoSettings& settings_;
  std::string_view text_;
  std::string_view type_name_;
  const bool time_only_;
  FieldList fields_;

  DecodedDateTime result_;
  CivilTime& civil_ = result_.civil;
  uint32_t seen_ = 0;
  uint32_t found_ = 0;
  std::optional<TimeUnit> label_;  // "y" of "y1999": what the next number is
  std::optional<AmPm> meridiem_;
  bool has_text_month_ = false;
  bool is_julian_ = false;
  bool two_digit_year_ = false;
  bool is_bc_ = false;
  int day_of_year_ = 0;
  const TimeZone* named_zone_ = nullptr;
  const TimeZone* dynamic_zone_ = nullptr;
  std::string_view dynamic_abbreviation_;
};

}  // namespace sundog::types::internal
