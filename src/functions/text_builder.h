// Making string results.
#pragma once

#include <string>
#include <string_view>

#include "functions/function.h"

namespace sundog::functions {

// PostgreSQL's limit on a value: 54000 `requested length too large` above it.
void CheckTextSize(int64_t size_bytes);

// Room in the result's arena, after CheckTextSize().
char* AllocateText(CallContext& call, int64_t size_bytes);

// Collects a string of unknown length and puts it into the result's arena.
class TextBuilder {
 public:
  TextBuilder& Append(std::string_view text) {
    text_.append(text);
    return *this;
  }
  TextBuilder& Append(char c) {
    text_ += c;
    return *this;
  }
  std::string& text() { return text_; }
  std::string_view Finish(CallContext& call) const { return call.arena().Copy(text_); }

 private:
  std::string text_;
};

}  // namespace sundog::functions
