// The first step of reading dates, times and intervals: text to fields.
//
// Fields are told apart by their shape only, as PostgreSQL does; what a field means depends on
// its neighbours and is decided later (datetime_decode.h, interval.h). Words come out in lower
// case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sundog::types {

enum class FieldKind : uint8_t {
  kNumber,      // "1999", "040506.789", ".5", "2001.360"
  kDate,        // "1999-01-08", "8-jan-99", but also "america/new_york", "gmt-8"
  kClock,       // "04:05", "04:05:06.789"
  kSigned,      // "+05:30", "-8", "-1.5": a zone's offset, or a number
  kWord,        // "january", "pst", "noon"
  kSignedWord,  // "-infinity"
};

struct Field {
  FieldKind kind;
  std::string_view text;
};

// A decomposed input. Owns the lowered text; not copyable since fields point into it.
class FieldList {
 public:
  static constexpr size_t kMaxFields = 25;
  static constexpr size_t kMaxBytes = 256;

  // `max_bytes` counts all fields, each with a terminator.
  explicit FieldList(size_t max_bytes) : max_bytes_(max_bytes) {}
  FieldList(const FieldList&) = delete;
  FieldList& operator=(const FieldList&) = delete;

  // False if the text holds something that no field begins with, or too much of it.
  [[nodiscard]] bool Split(std::string_view text);

  size_t size() const { return count_; }
  const Field& operator[](size_t i) const { return fields_[i]; }

 private:
  enum class Step : uint8_t { kField, kSkipped, kBad };
  Step TakeField();
  void TakeNumber();
  void TakeDate();
  void TakeWord();
  bool TakeSigned();

  bool AtEnd() const { return at_ == text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  // Copies the next character to the buffer, in lower case.
  void Take();
  template <typename Accept>
  void TakeWhile(Accept accept) {
    while (!AtEnd() && accept(Peek())) Take();
  }

  size_t max_bytes_;
  std::string_view text_;
  size_t at_ = 0;
  size_t used_bytes_ = 0;
  bool overflow_ = false;
  size_t count_ = 0;
  FieldKind kind_ = FieldKind::kNumber;  // of the field being taken
  size_t field_begin_ = 0;
  Field fields_[kMaxFields];
  char bytes_[kMaxBytes];
};

}  // namespace sundog::types
