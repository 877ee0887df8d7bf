// Reading numbers by a picture, for to_number().
#include "base/sql_error.h"
#include "functions/number_format.h"
#include "types/ascii.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

class NumberReader {
 public:
  NumberReader(const NumberFormat& format, std::string_view text) : format_(format), in_(text) {}

  std::string Run(int* digits_behind_point) {
    for (const NumberNode& node : format_.nodes) {
      if (in_.empty()) break;
      if (Read(node)) Skip(1);
    }
    if (digits_.ends_with('.')) digits_.pop_back();
    *digits_behind_point = read_post_;
    return sign_ + digits_;
  }

 private:
  char Peek(size_t ahead = 0) const { return ahead < in_.size() ? in_[ahead] : '\0'; }
  void Skip(size_t bytes) { in_.remove_prefix(std::min(bytes, in_.size())); }

  // True if one character of the input was used and is still to be skipped.
  bool Read(const NumberNode& node) {
    switch (node.pattern) {
      case NumberPattern::kLiteral: Skip(types::Utf8Length(in_[0])); return false;
      case NumberPattern::kNine:
      case NumberPattern::kZero: return ReadPlace(true);
      case NumberPattern::kPoint:
      case NumberPattern::kLocalePoint: return ReadPlace(false);
      // As no group can begin before a digit is read, FM makes them vanish altogether.
      case NumberPattern::kComma:
      case NumberPattern::kGroup: return !format_.fill && Peek() == kGroupSeparator;
      case NumberPattern::kCurrency: return EatOthers(1);
      case NumberPattern::kOrdinal:
      case NumberPattern::kOrdinalLower:
        if (sign_ == "-" || format_.decimal) return false;
        return EatOthers(2);
      case NumberPattern::kMinus: return ReadSign("-");
      case NumberPattern::kPlus: return ReadSign("+");
      case NumberPattern::kPlusOrMinus: return ReadSign("-+");
      default: return false;
    }
  }

  bool ReadSign(std::string_view signs) {
    if (signs.find(Peek()) == std::string_view::npos) return EatOthers(1);
    sign_ = std::string(1, Peek());
    return true;
  }

  // Skips up to `count` characters that cannot belong to a number.
  bool EatOthers(int count) {
    for (; count > 0 && !in_.empty(); --count) {
      if (std::string_view("0123456789.,+-").find(in_[0]) != std::string_view::npos) break;
      Skip(types::Utf8Length(in_[0]));
    }
    return false;
  }

  void ReadLeadingSign() {
    char c = Peek();
    if (format_.has_sign && format_.sign == LocaleSign::kBefore) {
      if (c != '-' && c != '+') return;
    } else if (c == '<' && format_.bracket) {
      c = '-';
    } else if (c != '-' && c != '+') {
      return;
    }
    sign_ = std::string(1, c);
    Skip(1);
  }

  bool ReadPlace(bool is_digit) {
    if (Peek() == ' ') Skip(1);
    if (in_.empty()) return true;
    if (sign_ == " " && is_digit && read_pre_ + read_post_ == 0) ReadLeadingSign();
    if (in_.empty()) return true;
    bool read = false;
    if (types::IsDigit(Peek())) {
      if (read_point_ && read_post_ == format_.post) return true;
      digits_ += Peek();
      ++(read_point_ ? read_post_ : read_pre_);
      read = true;
    } else if (format_.decimal && !read_point_ && Peek() == '.') {
      digits_ += '.';
      read_point_ = true;
      read = true;
    }
    if (sign_ == " " && read_pre_ + read_post_ > 0) ReadTrailingSign(read);
    return true;
  }

  // S behind the last digit; MI, PL and SG where the picture does not say where.
  void ReadTrailingSign(bool read) {
    if (format_.has_sign && read && in_.size() > 1 && !types::IsDigit(Peek(1))) {
      if (Peek(1) != '-' && Peek(1) != '+') return;
      sign_ = std::string(1, Peek(1));
      Skip(1);
    } else if (!read && !format_.has_sign && (format_.plus || format_.minus)) {
      if (Peek() == '-' || Peek() == '+') sign_ = std::string(1, Peek());
    }
  }

  const NumberFormat& format_;
  std::string_view in_;
  std::string sign_ = " ";
  std::string digits_;
  int read_pre_ = 0;
  int read_post_ = 0;
  bool read_point_ = false;
};

}  // namespace

std::string ReadNumber(NumberFormat* format, std::string_view text) {
  if (format->scientific) {
    throw SqlError(sqlstate::kFeatureNotSupported, "\"EEEE\" not supported for input");
  }
  if (format->roman) {
    throw SqlError(sqlstate::kFeatureNotSupported, "\"RN\" not supported for input");
  }
  int post = 0;
  std::string number = NumberReader(*format, text).Run(&post);
  format->post = post;
  return number;
}

}  // namespace sundog::functions
