// How far long work has come, on a terminal: one line of standard error that is drawn over and
// taken away at the end. Nothing elsewhere, and nothing of what is soon done. Show() is cheap: it
// draws ten times a second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace sundog::cli {

// "copying [#####     ] 50 %"
std::string ProgressLine(const std::string& what, double progress);

class ProgressBar {
 public:
  explicit ProgressBar(std::string what, const base::Clock& clock = base::SystemClock());
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // From 0 to 1.
  void Show(double progress);

 private:
  const std::string what_;
  const base::Clock& clock_;
  const bool is_terminal_;
  int64_t draw_at_us_;
  size_t drawn_ = 0;  // columns
};

}  // namespace sundog::cli
