#include "cli/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace sundog::cli {

namespace {

constexpr int64_t kPatienceUs = 500'000;
constexpr int64_t kPauseUs = 100'000;
constexpr size_t kWidth = 30;

void Draw(const std::string& line) {
  std::fprintf(stderr, "\r%s", line.c_str());
  std::fflush(stderr);
}

}  // namespace

std::string ProgressLine(const std::string& what, double progress) {
  double done = std::clamp(progress, 0.0, 1.0);
  auto filled = static_cast<size_t>(done * kWidth);
  return fmt::format("{} [{}{}] {:3.0f} %", what, std::string(filled, '#'),
                     std::string(kWidth - filled, ' '), done * 100);
}

ProgressBar::ProgressBar(std::string what, const base::Clock& clock)
    : what_(std::move(what)),
      clock_(clock),
      is_terminal_(isatty(STDERR_FILENO) != 0),
      draw_at_us_(clock.MonotonicMicros() + kPatienceUs) {}

ProgressBar::~ProgressBar() {
  if (drawn_ > 0) Draw(std::string(drawn_, ' ') + "\r");
}

void ProgressBar::Show(double progress) {
  if (!is_terminal_) return;
  int64_t now_us = clock_.MonotonicMicros();
  if (now_us < draw_at_us_) return;
  draw_at_us_ = now_us + kPauseUs;
  std::string line = ProgressLine(what_, progress);
  drawn_ = line.size();
  Draw(line);
}

}  // namespace sundog::cli
