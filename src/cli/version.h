// The version of this build.
#pragma once

namespace sundog::cli {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace sundog::cli
