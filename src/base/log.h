// The server's log: one line an event, to standard error. Never a secret, never a row's content.
#pragma once

#include <string_view>

namespace sundog::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

void SetLogLevel(LogLevel least);
void Log(LogLevel level, std::string_view text);
inline void LogInfo(std::string_view text) { Log(LogLevel::kInfo, text); }
inline void LogWarning(std::string_view text) { Log(LogLevel::kWarning, text); }
inline void LogError(std::string_view text) { Log(LogLevel::kError, text); }

}  // namespace sundog::base
