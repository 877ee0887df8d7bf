#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace sundog::base {

namespace {

spdlog::logger& Logger() {
  static std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::stderr_logger_mt("sundog");
    made->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum Translate(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void SetLogLevel(LogLevel least) { Logger().set_level(Translate(least)); }

void Log(LogLevel level, std::string_view text) { Logger().log(Translate(level), "{}", text); }

}  // namespace sundog::base
