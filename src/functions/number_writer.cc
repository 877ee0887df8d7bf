// Writing numbers by a picture, place by place. The rules are PostgreSQL's, which follow Oracle's.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "functions/number_format.h"
#include "types/ascii.h"

namespace sundog::functions {

namespace {

std::string_view OrdinalSuffix(std::string_view number, bool lower) {
  if (number.empty() || !types::IsDigit(number.back())) {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("\"{}\" is not a number", number));
  }
  char last = number.back();
  if (number.size() > 1 && number[number.size() - 2] == '1') last = '0';  // 11th, 12th, 13th
  switch (last) {
    case '1': return lower ? "st" : "ST";
    case '2': return lower ? "nd" : "ND";
    case '3': return lower ? "rd" : "RD";
    default: return lower ? "th" : "TH";
  }
}

class NumberWriter {
 public:
  NumberWriter(NumberFormat format, const NumberText& number)
      : format_(std::move(format)), number_(number), blanks_(number.leading_blanks) {
    if (format_.zero_start > 0) --format_.zero_start;
    if (format_.roman) ForgetAllButRoman();
    PrepareSign();
    digit_places_ = format_.post + format_.pre - 1;
    if (format_.fill && format_.decimal) FindLastRelevant();
    if (!sign_written_ && blanks_ == 0) ++digit_places_;
  }

  std::string Run() {
    if (format_.scientific) return number_.digits;
    for (const NumberNode& node : format_.nodes) {
      if (ended_) break;
      Write(node);
    }
    return std::move(out_);
  }

 private:
  bool negative() const { return number_.sign == '-'; }

  void ForgetAllButRoman() {
    NumberFormat roman;
    roman.nodes = std::move(format_.nodes);
    roman.fill = format_.fill;
    roman.zero_start = format_.zero_start;
    roman.zero_end = format_.zero_end;
    roman.roman = true;
    format_ = std::move(roman);
    blanks_ = 0;
  }

  void PrepareSign() {
    if (format_.plus || format_.minus) {
      sign_written_ = !(format_.plus && !format_.minus);
      return;
    }
    if (!negative() && format_.bracket && format_.fill) format_.bracket = false;
    sign_written_ = !negative() && !format_.roman && format_.fill && !format_.has_sign;
    if (format_.sign == LocaleSign::kBefore && format_.pre == format_.digits_before_sign) {
      format_.sign = LocaleSign::kBehind;
    }
  }

  // FM leaves out zeros at the end, but not those that the picture asks for with 0.
  void FindLastRelevant() {
    size_t point = number_.digits.find('.');
    if (point == std::string::npos) return;
    size_t last = number_.digits.find_last_not_of('0');
    last_relevant_ = static_cast<int>(std::max(last, point));
    if (format_.zero_end > blanks_) {
      int last_zero = std::min(static_cast<int>(number_.digits.size()) - 1,
                               format_.zero_end - blanks_);
      last_relevant_ = std::max(last_relevant_, last_zero);
    }
  }

  bool LastRelevantIsPoint() const {
    return last_relevant_ >= 0 && number_.digits[static_cast<size_t>(last_relevant_)] == '.';
  }

  // A zero before the point that a 9 does not show: 0.1 by 9.9 is " .1".
  bool HidesZero() const {
    return !format_.zero && at_ == 0 && number_.digits.starts_with('0') && format_.post != 0;
  }

  void Write(const NumberNode& node) {
    switch (node.pattern) {
      case NumberPattern::kLiteral: out_ += node.literal; return;
      case NumberPattern::kNine:
      case NumberPattern::kZero:
      case NumberPattern::kPoint:
      case NumberPattern::kLocalePoint: return WritePlace(node.pattern);
      case NumberPattern::kComma:
      case NumberPattern::kGroup:
        if (in_number_) {
          out_ += kGroupSeparator;
        } else if (!format_.fill) {
          out_ += ' ';
        }
        return;
      case NumberPattern::kCurrency: out_ += ' '; return;
      case NumberPattern::kRoman: return WriteRoman(number_.digits);
      case NumberPattern::kRomanLower: return WriteRoman(LowerCase(number_.digits));
      case NumberPattern::kOrdinal: return WriteOrdinal(false);
      case NumberPattern::kOrdinalLower: return WriteOrdinal(true);
      case NumberPattern::kMinus: return WriteSignAlone('-');
      case NumberPattern::kPlus: return WriteSignAlone('+');
      case NumberPattern::kPlusOrMinus: out_ += number_.sign; return;
      default: return;
    }
  }

  static std::string LowerCase(std::string text) {
    for (char& c : text) c = types::ToLowerAscii(c);
    return text;
  }

  void WriteRoman(const std::string& numeral) {
    out_ += format_.fill ? numeral : fmt::format("{:>15}", numeral);
  }

  void WriteOrdinal(bool lower) {
    if (format_.roman || number_.digits.starts_with('#') || negative() || format_.decimal) return;
    out_ += OrdinalSuffix(number_.digits, lower);
  }

  void WriteSignAlone(char sign) {
    if (number_.sign == sign) {
      out_ += sign;
    } else if (!format_.fill) {
      out_ += ' ';
    }
  }

  // The sign goes before the first place that shows something.
  void WriteLeadingSign() {
    bool starts = place_ >= blanks_ || (format_.zero && format_.zero_start == place_);
    if (sign_written_ || !starts || (HidesZero() && !LastRelevantIsPoint())) return;
    if (format_.has_sign) {
      if (format_.sign != LocaleSign::kBefore) return;
      out_ += number_.sign;
    } else if (format_.bracket) {
      out_ += negative() ? '<' : ' ';
    } else if (negative()) {
      out_ += '-';
    } else if (!format_.fill) {
      out_ += ' ';
    }
    sign_written_ = true;
  }

  void WritePlace(NumberPattern pattern) {
    if (format_.roman) return;
    in_number_ = false;
    WriteLeadingSign();
    if (place_ < blanks_) {
      if (format_.zero && format_.zero_start <= place_) {
        out_ += '0';
        in_number_ = true;
      } else if (!format_.fill) {
        out_ += ' ';
      }
    } else {
      WriteCharacter(pattern);
    }
    WriteTrailingSign();
    ++place_;
  }

  void WriteCharacter(NumberPattern pattern) {
    if (at_ >= static_cast<int>(number_.digits.size())) {
      // The number has fewer digits than the picture, having no more to show: the text ends here.
      bool dropped = last_relevant_ >= 0 && at_ > last_relevant_ && pattern != NumberPattern::kZero;
      if (!dropped) ended_ = true;
      return;
    }
    char c = number_.digits[static_cast<size_t>(at_)];
    if (c == '.') {
      if (!LastRelevantIsPoint() || format_.fill) out_ += '.';
    } else if (last_relevant_ >= 0 && at_ > last_relevant_ && pattern != NumberPattern::kZero) {
      // left out by FM
    } else if (HidesZero()) {
      if (!format_.fill) {
        out_ += ' ';
      } else if (LastRelevantIsPoint()) {
        out_ += '0';
      }
    } else {
      out_ += c;
      in_number_ = true;
    }
    ++at_;
  }

  void WriteTrailingSign() {
    if (ended_) return;
    int end = digit_places_ + (blanks_ > 0 ? 1 : 0) + (format_.decimal ? 1 : 0);
    if (last_relevant_ >= 0 && last_relevant_ == at_) end = place_;
    if (place_ + 1 != end) return;
    if (sign_written_ && format_.bracket) {
      out_ += negative() ? '>' : ' ';
    } else if (format_.has_sign && format_.sign == LocaleSign::kBehind) {
      out_ += number_.sign;
    }
  }

  NumberFormat format_;
  const NumberText& number_;
  std::string out_;
  int blanks_;
  int at_ = 0;     // in the number's digits
  int place_ = 0;  // in the picture's digit places
  int digit_places_ = 0;
  int last_relevant_ = -1;  // index of the last digit shown; -1: all are
  bool sign_written_ = false;
  bool in_number_ = false;
  bool ended_ = false;
};

}  // namespace

std::string WriteNumber(NumberFormat format, const NumberText& number) {
  return NumberWriter(std::move(format), number).Run();
}

}  // namespace sundog::functions
