// Settings whose values need more than their type: lists of words, names of encodings and zones.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/sql_error.h"
#include "session/io_settings.h"
#include "session/setting_definition.h"

namespace sundog::session {

namespace {

SqlError Invalid(const SettingDefinition& definition, std::string_view value) {
  return SqlError(sqlstate::kInvalidParameterValue,
                  fmt::format("invalid value for parameter \"{}\": \"{}\"", definition.name,
                              value));
}

// What is wrong with a DateStyle: its first word that is none, or else words against each other.
std::string DateStyleFault(std::string_view value) {
  size_t begin = 0;
  while (begin <= value.size()) {
    size_t end = std::min(value.find(',', begin), value.size());
    std::string word;
    for (char c : value.substr(begin, end - begin)) {
      if (c == '"' || c == '\'' || (word.empty() && c == ' ')) continue;
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    while (word.ends_with(' ')) word.pop_back();
    if (word.empty() || word.find(' ') != std::string::npos) return "List syntax is invalid.";
    if (!ParseDateStyle(word)) return "Unrecognized key word: \"" + word + "\".";
    begin = end + 1;
  }
  return "Conflicting \"datestyle\" specifications.";
}

std::string CheckDateStyle(const SettingDefinition& definition, std::string_view value) {
  std::optional<types::IoSettings> parsed = ParseDateStyle(value);
  if (!parsed) throw Invalid(definition, value).Detail(DateStyleFault(value));
  return FormatDateStyle(*parsed);
}

std::string CheckTimeZone(const SettingDefinition& definition, std::string_view value) {
  std::optional<std::string> canonical = CanonicalTimeZone(value);
  if (!canonical) throw Invalid(definition, value);
  return *canonical;
}

// The client's encoding is the server's, or bytes nobody looks at: nothing is converted.
std::string CheckClientEncoding(const SettingDefinition& definition, std::string_view value) {
  std::string name;
  for (char c : value) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  if (name == "utf8") return "UTF8";
  if (name == "unicode") return "UNICODE";
  if (name == "sqlascii") return "SQL_ASCII";
  constexpr std::array<std::string_view, 12> kKnown = {
      "latin1", "latin2", "latin9", "win1250", "win1251", "win1252",
      "eucjp",  "sjis",   "euckr",  "gbk",     "big5",    "koi8r"};
  if (std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end()) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("conversion between {} and UTF8 is not supported", value));
  }
  throw Invalid(definition, value);
}

std::string CheckRole(const SettingDefinition&, std::string_view value) {
  return value.empty() ? "none" : std::string(value);
}

// Printable ASCII only, as PostgreSQL cleans it.
std::string CheckApplicationName(const SettingDefinition&, std::string_view value) {
  std::string clean(value.substr(0, 63));
  for (char& c : clean) {
    if (c < 32 || c > 126) c = '?';
  }
  return clean;
}

struct CheckRow {
  std::string_view name;
  SettingCheck check;
};

constexpr CheckRow kChecks[] = {
    {"DateStyle", CheckDateStyle},
    {"TimeZone", CheckTimeZone},
    {"application_name", CheckApplicationName},
    {"client_encoding", CheckClientEncoding},
    {"log_timezone", CheckTimeZone},
    {"role", CheckRole},
};

}  // namespace

SettingCheck FindSettingCheck(std::string_view name) {
  for (const CheckRow& row : kChecks) {
    if (row.name == name) return row.check;
  }
  return nullptr;
}

}  // namespace sundog::session
