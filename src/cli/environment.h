// What the environment gives to a command.
#pragma once

#include <cstdlib>
#include <string>

namespace sundog::cli {

// Empty: it is not set.
inline std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace sundog::cli
