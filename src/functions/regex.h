// Compiled regular expressions, and where a call site keeps them.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "functions/function.h"
#include "functions/regex_translate.h"

namespace sundog::functions {

// Byte offsets; -1 for a group that took no part in the match.
struct RegexSpan {
  ptrdiff_t begin = -1;
  ptrdiff_t end = -1;
  bool matched() const { return begin >= 0; }
  std::string_view In(std::string_view subject) const {
    return subject.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  }
};

// One expression. Not for several threads at once: matching uses buffers of its own.
class Regex {
 public:
  Regex(std::string_view pattern, RegexFlags flags);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  int groups() const { return groups_; }
  // Does it match anywhere?
  bool Matches(std::string_view subject);
  // The leftmost match that starts at or after byte `start`; spans[0] is the whole match.
  bool Search(std::string_view subject, size_t start, std::vector<RegexSpan>* spans);

 private:
  struct Program;
  bool SearchFirst(std::string_view subject, size_t start, uint32_t options);
  void CopySpans(std::vector<RegexSpan>* spans) const;

  int groups_;
  std::unique_ptr<Program> program_;
};

// The expressions a call site used last. Patterns are usually constant, and few where they are not.
class RegexCache {
 public:
  static Regex& For(CallContext& call, std::string_view pattern, RegexFlags flags = {});

 private:
  struct Entry {
    std::string pattern;
    RegexFlags flags;
    std::unique_ptr<Regex> regex;
  };
  std::deque<Entry> entries_;
};

}  // namespace sundog::functions
