// Bracket expressions of regular expressions.
#pragma once

#include <string>

#include "functions/regex_reader.h"
#include "functions/regex_translate.h"

namespace sundog::functions {

// Takes the bracket expression that `in` looks at and writes it as PCRE2 does.
std::string TranslateBracket(RegexReader& in, const RegexFlags& flags);

}  // namespace sundog::functions
