#include "catalog/index_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/vector_index.h"
#include "types/bool_type.h"

namespace sundog::catalog {

namespace {

// A number between `least` and `most`; `least` == `most`: a boolean.
struct OptionInfo {
  Oid method;
  std::string_view name;
  int usual;
  int least = 0;
  int most = 0;

  bool is_boolean() const { return least == most; }
};

constexpr OptionInfo kOptions[] = {
    {kBtreeAccessMethod, "fillfactor", 90, 10, 100},
    {kBtreeAccessMethod, "deduplicate_items", 1},
    {kHashAccessMethod, "fillfactor", 75, 10, 100},
    {kHnswAccessMethod, "m", 16, 2, 100},
    {kHnswAccessMethod, "ef_construction", 64, 4, 1000},
    {kIvfflatAccessMethod, "lists", 100, 1, 32768},
};

const OptionInfo* FindOption(Oid method, std::string_view name) {
  for (const OptionInfo& option : kOptions) {
    if (option.method == method && option.name == name) return &option;
  }
  return nullptr;
}

std::string NameOf(const std::string& option) { return option.substr(0, option.find('=')); }
std::string ValueOf(const std::string& option) { return option.substr(option.find('=') + 1); }

// As settings are read: fractions are rounded, and 0x10 is a number.
std::optional<int> ParseNumber(const std::string& text) {
  char* end = nullptr;
  double number = std::rint(std::strtod(text.c_str(), &end));
  while (*end == ' ') ++end;
  if (text.empty() || *end != '\0' || !(std::abs(number) <= std::numeric_limits<int>::max())) {
    return std::nullopt;
  }
  return static_cast<int>(number);
}

SqlError Invalid(std::string message) {
  return SqlError(sqlstate::kInvalidParameterValue, std::move(message));
}

void CheckValue(const OptionInfo& option, const std::string& value) {
  if (option.is_boolean()) {
    if (types::ParseBool(value)) return;
    throw Invalid(fmt::format("invalid value for boolean option \"{}\": {}", option.name, value));
  }
  std::optional<int> number = ParseNumber(value);
  if (!number) {
    throw Invalid(fmt::format("invalid value for integer option \"{}\": {}", option.name, value));
  }
  if (*number >= option.least && *number <= option.most) return;
  throw Invalid(fmt::format("value {} out of bounds for option \"{}\"", value, option.name))
      .Detail(fmt::format("Valid values are between \"{}\" and \"{}\".", option.least,
                          option.most));
}

}  // namespace

void CheckIndexOptions(Oid method, std::span<const std::string> options) {
  std::vector<const OptionInfo*> seen;
  for (const std::string& option : options) {
    const OptionInfo* known = FindOption(method, NameOf(option));
    if (known == nullptr) {
      throw Invalid(fmt::format("unrecognized parameter \"{}\"", NameOf(option)));
    }
    if (std::find(seen.begin(), seen.end(), known) != seen.end()) {
      throw Invalid(fmt::format("parameter \"{}\" specified more than once", known->name));
    }
    seen.push_back(known);
    CheckValue(*known, ValueOf(option));
  }
}

int IndexOption(const IndexDescriptor& index, std::string_view name) {
  const OptionInfo* known = FindOption(index.access_method, name);
  CHECK(known != nullptr);
  for (const std::string& option : index.options) {
    if (NameOf(option) == name) return ParseNumber(ValueOf(option)).value_or(known->usual);
  }
  return known->usual;
}

}  // namespace sundog::catalog
