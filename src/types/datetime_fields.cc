#include "types/datetime_fields.h"

#include "base/check.h"
#include "types/ascii.h"
#include "types/datetime_words.h"

namespace sundog::types {

namespace {

bool IsPunctuation(char c) { return c > ' ' && c < 127 && !IsAlphanumeric(c); }

}  // namespace

void FieldList::Take() {
  if (used_bytes_ + 1 >= max_bytes_) {
    overflow_ = true;
    ++at_;
    return;
  }
  char c = text_[at_++];
  bytes_[used_bytes_++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool FieldList::Split(std::string_view text) {
  CHECK_LE(max_bytes_, kMaxBytes);
  text_ = text;
  while (!AtEnd()) {
    if (IsSpace(Peek())) {
      ++at_;
      continue;
    }
    if (count_ == kMaxFields) return false;
    field_begin_ = used_bytes_;
    Step step = TakeField();
    if (step == Step::kBad || overflow_) return false;
    if (step == Step::kSkipped) continue;
    fields_[count_++] = {kind_, {bytes_ + field_begin_, used_bytes_ - field_begin_}};
    ++used_bytes_;  // the terminator's place
  }
  return true;
}

FieldList::Step FieldList::TakeField() {
  char c = Peek();
  if (IsDigit(c)) {
    TakeNumber();
  } else if (c == '.') {
    Take();
    TakeWhile(IsDigit);
    kind_ = FieldKind::kNumber;
  } else if (IsAlpha(c)) {
    TakeWord();
  } else if (c == '+' || c == '-') {
    return TakeSigned() ? Step::kField : Step::kBad;
  } else if (IsPunctuation(c)) {
    ++at_;  // separates fields and means nothing
    return Step::kSkipped;
  } else {
    return Step::kBad;
  }
  return Step::kField;
}

void FieldList::TakeNumber() {
  TakeWhile(IsDigit);
  char c = Peek();
  if (c == ':') {
    kind_ = FieldKind::kClock;
    TakeWhile([](char d) { return IsDigit(d) || d == ':' || d == '.'; });
  } else if (c == '-' || c == '/' || c == '.') {
    TakeDate();
  } else {
    kind_ = FieldKind::kNumber;
  }
}

// After the first digits, at a delimiter. Delimiters must agree to make a date of three parts.
void FieldList::TakeDate() {
  char delimiter = Peek();
  Take();
  if (!IsDigit(Peek())) {
    kind_ = FieldKind::kDate;
    TakeWhile([delimiter](char c) { return IsAlphanumeric(c) || c == delimiter; });
    return;
  }
  kind_ = delimiter == '.' ? FieldKind::kNumber : FieldKind::kDate;
  TakeWhile(IsDigit);
  if (Peek() == delimiter) {
    kind_ = FieldKind::kDate;
    TakeWhile([delimiter](char c) { return IsDigit(c) || c == delimiter; });
  }
}

void FieldList::TakeWord() {
  kind_ = FieldKind::kWord;
  TakeWhile(IsAlpha);
  // Text that goes on with punctuation is a date ("jan-08-1999") or the name of a zone. Before a
  // digit or '+' only an unknown word can be a zone's name: "jan08" is not.
  char c = Peek();
  bool goes_on = c == '-' || c == '/' || c == '.';
  if (c == '+' || IsDigit(c)) {
    std::string_view word(bytes_ + field_begin_, used_bytes_ - field_begin_);
    goes_on = FindDateWord(word) == nullptr;
  }
  if (!goes_on) return;
  kind_ = FieldKind::kDate;
  TakeWhile([](char d) {
    return IsAlphanumeric(d) || d == '+' || d == '-' || d == '/' || d == '_' || d == '.' ||
           d == ':';
  });
}

bool FieldList::TakeSigned() {
  Take();
  while (!AtEnd() && IsSpace(Peek())) ++at_;
  if (IsDigit(Peek())) {
    kind_ = FieldKind::kSigned;
    TakeWhile([](char c) { return IsDigit(c) || c == ':' || c == '.' || c == '-'; });
    return true;
  }
  if (IsAlpha(Peek())) {
    kind_ = FieldKind::kSignedWord;
    TakeWhile(IsAlpha);
    return true;
  }
  return false;
}

}  // namespace sundog::types
