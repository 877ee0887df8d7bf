// How names and strings are written back into SQL text.
#pragma once

#include <string>
#include <string_view>

namespace sundog::types {

// True if the identifier reads back as itself only in double quotes: it has other characters than
// lower-case ASCII letters, digits and underscores, or is a keyword that is not unreserved.
bool NeedsQuotes(std::string_view identifier);

// As SQL's quote_ident().
std::string QuoteIdentifier(std::string_view identifier);

// As SQL's quote_literal(): E'…' where there is a backslash.
std::string QuoteLiteral(std::string_view text);

}  // namespace sundog::types
