#include "functions/date_from_char.h"

#include <fmt/format.h>

#include <charconv>

#include "base/sql_error.h"
#include "functions/date_fields.h"
#include "types/ascii.h"
#include "types/datetime_number.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using types::IsDigit;
using types::IsSpace;
using Kind = PatternNode::Kind;

constexpr std::string_view kMeridiems[] = {"am", "pm"};
constexpr std::string_view kMeridiemsDots[] = {"a.m.", "p.m."};
constexpr std::string_view kEras[] = {"ad", "bc"};
constexpr std::string_view kErasDots[] = {"a.d.", "b.c."};

SqlError BadFormat(std::string message) {
  return SqlError(sqlstate::kInvalidDatetimeFormat, std::move(message));
}

bool IsSeparator(char c) {
  return c > ' ' && c < 0x7F && !types::IsAlpha(c) && !IsDigit(c);
}

// Years of up to three digits are those nearest to 2020.
int NearestTo2020(int year) {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  return year < 1000 ? year + 1000 : year;
}

// Walks text and template side by side, filling DateFields.
class PatternReader {
 public:
  PatternReader(const DatePattern& pattern, std::string_view text, bool strict)
      : pattern_(pattern), text_(text), strict_(strict), fixed_(strict) {}

  DateFields Run() {
    const auto& nodes = pattern_.nodes();
    size_t i = 0;
    for (; i < nodes.size() && !AtEnd(); ++i) {
      index_ = i;
      node_ = &nodes[i];
      keyword_ = node_->keyword;
      bool is_field = node_->kind == Kind::kField;
      if (!fixed_ && (is_field || i == 0) &&
          !(is_field && keyword_->field == PatternField::kFixed)) {
        SkipSpaces();
      }
      if (!is_field) {
        MatchCharacter();
        continue;
      }
      SetConvention();
      ReadField();
      if (!fixed_) {
        extra_skipped_ = 0;
        SkipSpaces();
      }
    }
    if (strict_) CheckAllRead(i == nodes.size());
    return fields_;
  }

 private:
  bool AtEnd() const { return at_ == text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  std::string_view Rest() const { return text_.substr(at_); }
  void SkipCharacter() {
    if (!AtEnd()) at_ += types::FirstCharacterLength(Rest());
  }

  // Spaces beyond those of the template let as many of its characters match nothing.
  void SkipSpaces() {
    while (IsSpace(Peek())) {
      ++at_;
      ++extra_skipped_;
    }
  }

  void MatchCharacter() {
    bool separator = node_->kind != Kind::kText;
    if (strict_) {
      MatchStrictly(separator);
    } else if (fixed_) {
      SkipCharacter();
    } else if (separator) {
      // One or none; which one does not matter.
      if (IsSpace(Peek()) || IsSeparator(Peek())) {
        ++at_;
      } else {
        --extra_skipped_;
      }
    } else if (extra_skipped_ > 0) {
      --extra_skipped_;
    } else {
      SkipCharacter();
    }
  }

  void MatchStrictly(bool separator) {
    if (!Rest().starts_with(node_->text)) {
      throw BadFormat(fmt::format("unmatched format {} \"{}\"",
                                  separator ? "separator" : "character", node_->text));
    }
    at_ += node_->text.size();
  }

  void CheckAllRead(bool all_nodes) {
    if (!all_nodes) throw BadFormat("input string is too short for datetime format");
    while (IsSpace(Peek())) ++at_;
    if (!AtEnd()) {
      throw BadFormat("trailing characters remain in input string after datetime format");
    }
  }

  void SetConvention() {
    if (keyword_->convention == DateConvention::kNone) return;
    if (fields_.convention == DateConvention::kNone) fields_.convention = keyword_->convention;
    if (fields_.convention != keyword_->convention) {
      throw BadFormat("invalid combination of date conventions")
          .Hint("Do not mix Gregorian and ISO week date conventions in a formatting template.");
    }
  }

  void Set(int* field, int value) {
    if (*field != 0 && *field != value) {
      throw BadFormat(fmt::format("conflicting values for \"{}\" field in formatting string",
                                  keyword_->name))
          .Detail("This value contradicts a previous setting for the same field type.");
    }
    *field = value;
  }

  // Reads a number of `width` digits, or, where something else follows or FM is given, of as many
  // as there are. Returns how many characters it took, spaces before it too.
  size_t Number(int* field, int width) {
    size_t begin = at_;
    while (IsSpace(Peek())) ++at_;
    std::string_view shown = Rest().substr(0, static_cast<size_t>(width));
    types::ParsedInteger number;
    if (node_->fill_mode || pattern_.EndsBeforeNonDigit(index_)) {
      number = types::ParseLeadingInteger(Rest());
      at_ = number.consumed_bytes == 0 ? begin : at_ + number.consumed_bytes;
    } else {
      CheckWidth(shown.size(), width);
      number = types::ParseLeadingInteger(shown);
      if (number.consumed_bytes > 0 && number.consumed_bytes < shown.size()) {
        throw BadFormat(fmt::format("invalid value \"{}\" for \"{}\"", shown, keyword_->name))
            .Detail(fmt::format("Field requires {} characters, but only {} could be parsed.",
                                width, number.consumed_bytes))
            .Hint("If your source string is not fixed-width, try using the \"FM\" modifier.");
      }
      at_ += number.consumed_bytes;
    }
    if (at_ == begin) {
      throw BadFormat(fmt::format("invalid value \"{}\" for \"{}\"", shown, keyword_->name))
          .Detail("Value must be an integer.");
    }
    if (!number.fits_int()) {
      throw SqlError(sqlstate::kDatetimeValueOutOfRange,
                     fmt::format("value for \"{}\" in source string is out of range",
                                 keyword_->name))
          .Detail("Value must be in the range -2147483648 to 2147483647.");
    }
    if (field != nullptr) Set(field, static_cast<int>(number.value));
    return at_ - begin;
  }

  void CheckWidth(size_t available, int width) const {
    if (available >= static_cast<size_t>(width)) return;
    throw BadFormat(fmt::format("source string too short for \"{}\" formatting field",
                                keyword_->name))
        .Detail(fmt::format("Field requires {} characters, but only {} remain.", width,
                            Rest().size()))
        .Hint("If your source string is not fixed-width, try using the \"FM\" modifier.");
  }

  size_t NumberAndOrdinal(int* field, int width) {
    size_t taken = Number(field, width);
    SkipOrdinal();
    return taken;
  }

  void SkipOrdinal() {
    if (node_->ordinal == OrdinalSuffix::kNone) return;
    SkipCharacter();
    SkipCharacter();
  }

  // The index of the name that the text goes on with, in any case.
  int Name(std::span<const std::string_view> names) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (types::EqualsIgnoringCase(Rest().substr(0, names[i].size()), names[i])) {
        at_ += names[i].size();
        return static_cast<int>(i);
      }
    }
    std::string_view word = Rest();
    size_t end = 0;
    while (end < word.size() && !IsSpace(word[end])) ++end;
    throw BadFormat(
        fmt::format("invalid value \"{}\" for \"{}\"", word.substr(0, end), keyword_->name))
        .Detail("The given value did not match any of the allowed values for this field.");
  }

  void ReadField() {
    if (!ReadTime() && !ReadZone() && !ReadDay()) ReadMonthOrYear();
  }

  bool ReadTime() {
    switch (keyword_->field) {
      case PatternField::kFixed: fixed_ = true; return true;
      case PatternField::kMeridiem: Meridiem(kMeridiems); return true;
      case PatternField::kMeridiemDots: Meridiem(kMeridiemsDots); return true;
      case PatternField::kHour12:
        Number(&fields_.hour, 2);
        fields_.twelve_hour_clock = true;
        SkipOrdinal();
        return true;
      case PatternField::kHour24: NumberAndOrdinal(&fields_.hour, 2); return true;
      case PatternField::kMinute: NumberAndOrdinal(&fields_.minute, 2); return true;
      case PatternField::kSecond: NumberAndOrdinal(&fields_.second, 2); return true;
      case PatternField::kSecondOfDay:
        NumberAndOrdinal(&fields_.second_of_day, static_cast<int>(keyword_->name.size()));
        return true;
      case PatternField::kMillisecond: ScaledFraction(&fields_.millis, 3); return true;
      case PatternField::kFraction:
        fields_.fraction_digits = keyword_->width;
        ScaledFraction(&fields_.micros, keyword_->width);
        return true;
      case PatternField::kMicrosecond: ScaledFraction(&fields_.micros, 6); return true;
      default: return false;
    }
  }

  void Meridiem(std::span<const std::string_view> names) {
    Set(&fields_.pm, Name(names));
    fields_.twelve_hour_clock = true;
  }

  // ".25" is a quarter however many digits the template asks for: what is missing is zeros.
  void ScaledFraction(int* field, int width) {
    size_t taken = Number(field, width);
    int64_t scaled = *field;
    for (size_t digits = taken; digits < (field == &fields_.millis ? 3u : 6u); ++digits) {
      scaled *= 10;
    }
    *field = static_cast<int>(scaled);
    SkipOrdinal();
  }

  bool ReadZone() {
    switch (keyword_->field) {
      case PatternField::kZone:
      case PatternField::kOffset:
        throw SqlError(sqlstate::kFeatureNotSupported,
                       fmt::format("formatting field \"{}\" is only supported in to_char",
                                   keyword_->name));
      case PatternField::kZoneHour:
        if (Peek() == '+' || Peek() == '-' || Peek() == ' ') {
          fields_.zone_sign = Peek() == '-' ? -1 : 1;
          ++at_;
        } else {
          // A separator of the template may have taken the minus.
          bool minus = extra_skipped_ > 0 && at_ > 0 && text_[at_ - 1] == '-';
          fields_.zone_sign = minus ? -1 : 1;
        }
        Number(&fields_.zone_hour, 2);
        return true;
      case PatternField::kZoneMinute:
        if (fields_.zone_sign == 0) fields_.zone_sign = 1;
        Number(&fields_.zone_minute, 2);
        return true;
      default: return false;
    }
  }

  bool ReadDay() {
    switch (keyword_->field) {
      case PatternField::kDayName: DayName(kDayNames); return true;
      case PatternField::kDayNameShort: DayName(kDayNamesShort); return true;
      case PatternField::kDayOfYear:
      case PatternField::kIsoDayOfYear: NumberAndOrdinal(&fields_.day_of_year, 3); return true;
      case PatternField::kDayOfMonth: NumberAndOrdinal(&fields_.day, 2); return true;
      case PatternField::kDayOfWeek: NumberAndOrdinal(&fields_.day_of_week, 1); return true;
      case PatternField::kIsoDayOfWeek:
        Number(&fields_.day_of_week, 1);
        if (++fields_.day_of_week > 7) fields_.day_of_week = 1;
        SkipOrdinal();
        return true;
      case PatternField::kWeekOfYear:
      case PatternField::kIsoWeek: NumberAndOrdinal(&fields_.week, 2); return true;
      case PatternField::kWeekOfMonth: NumberAndOrdinal(&fields_.week_of_month, 1); return true;
      case PatternField::kJulian: NumberAndOrdinal(&fields_.julian, 1); return true;
      default: return false;
    }
  }

  void DayName(std::span<const std::string_view> names) {
    Set(&fields_.day_of_week, Name(names));
    ++fields_.day_of_week;
  }

  void ReadMonthOrYear() {
    switch (keyword_->field) {
      case PatternField::kEra: Set(&fields_.bc, Name(kEras)); return;
      case PatternField::kEraDots: Set(&fields_.bc, Name(kErasDots)); return;
      case PatternField::kMonth: NumberAndOrdinal(&fields_.month, 2); return;
      case PatternField::kMonthName: Set(&fields_.month, Name(kMonthNames) + 1); return;
      case PatternField::kMonthNameShort: Set(&fields_.month, Name(kMonthNamesShort) + 1); return;
      case PatternField::kMonthRoman: Set(&fields_.month, 12 - Name(kMonthsRoman)); return;
      // Which day of a quarter would be meant is unclear, and it may stand beside a month.
      case PatternField::kQuarter: NumberAndOrdinal(nullptr, 1); return;
      case PatternField::kCentury: NumberAndOrdinal(&fields_.century, 2); return;
      case PatternField::kYearComma: YearWithComma(); return;
      case PatternField::kYear:
      case PatternField::kIsoYear: Year(); return;
      default: return;
    }
  }

  void Year() {
    size_t taken = Number(&fields_.year, keyword_->width);
    if (keyword_->width < 4 && taken < 4) fields_.year = NearestTo2020(fields_.year);
    fields_.year_digits = keyword_->width;
    SkipOrdinal();
  }

  void YearWithComma() {
    while (IsSpace(Peek())) ++at_;
    types::ParsedInteger thousands = types::ParseLeadingInteger(Rest());
    if (thousands.consumed_bytes == 0 || !thousands.rest.starts_with(',')) {
      throw BadFormat("invalid input string for \"Y,YYY\"");
    }
    at_ += thousands.consumed_bytes + 1;
    while (IsSpace(Peek())) ++at_;
    types::ParsedInteger rest = types::ParseLeadingInteger(Rest().substr(0, 3));
    if (rest.consumed_bytes == 0) throw BadFormat("invalid input string for \"Y,YYY\"");
    at_ += rest.consumed_bytes;
    Set(&fields_.year, static_cast<int>(rest.value + thousands.value * 1000));
    fields_.year_digits = 4;
    SkipOrdinal();
  }

  const DatePattern& pattern_;
  std::string_view text_;
  bool strict_;
  bool fixed_;  // FX: characters of text and template match one to one
  size_t at_ = 0;
  size_t index_ = 0;
  const PatternNode* node_ = nullptr;
  const PatternKeyword* keyword_ = nullptr;
  int extra_skipped_ = 0;
  DateFields fields_;
};

}  // namespace

PatternResult ReadByPattern(const DatePattern& pattern, std::string_view text, bool strict) {
  return ResolveDateFields(PatternReader(pattern, text, strict).Run(), text);
}

}  // namespace sundog::functions
