#include "session/setting_definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cerrno>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/sql_error.h"
#include "base/tsv.h"

extern "C" const char sundog_settings_tsv[];
extern "C" const char sundog_settings_tsv_end[];

namespace sundog::session {

namespace {

struct OwnSetting {
  std::string_view name;
  SettingType type;
  SettingContext context;
  std::string_view boot_value;
  bool hidden;
  std::string_view unit = {};
  double least = 0;
  double most = 0;
  std::string_view enum_values = {};  // as in the recorded table
};

// What pg_settings does not list, and what is ours.
constexpr OwnSetting kOwnSettings[] = {
    {"is_superuser", SettingType::kBool, SettingContext::kInternal, "off", true},
    {"role", SettingType::kString, SettingContext::kUser, "none", true},
    {"session_authorization", SettingType::kString, SettingContext::kUser, "", true},
    // Profile dsql: off lets CREATE INDEX do without ASYNC, on an empty table.
    {"disable_sync_create_index", SettingType::kBool, SettingContext::kUser, "on", false},
    // Off: the plainest plans, to compare answers with.
    {"sundog.planner", SettingType::kBool, SettingContext::kUser, "on", false},
    // How much memory a statement may take before it fails with 53200.
    {"sundog.statement_memory", SettingType::kInteger, SettingContext::kUser, "262144", false, "kB",
     1024, 2147483647},
    // Extension vector's: how indexes of its access methods are searched.
    {"hnsw.ef_search", SettingType::kInteger, SettingContext::kUser, "40", false, "", 1, 1000},
    {"hnsw.iterative_scan", SettingType::kEnum, SettingContext::kUser, "off", false, "", 0, 0,
     "{off,relaxed_order,strict_order}"},
    {"hnsw.max_scan_tuples", SettingType::kInteger, SettingContext::kUser, "20000", false, "", 1,
     2147483647},
    {"hnsw.scan_mem_multiplier", SettingType::kReal, SettingContext::kUser, "1", false, "", 1,
     1000},
    {"ivfflat.probes", SettingType::kInteger, SettingContext::kUser, "1", false, "", 1, 32768},
    {"ivfflat.iterative_scan", SettingType::kEnum, SettingContext::kUser, "off", false, "", 0, 0,
     "{off,relaxed_order}"},
    {"ivfflat.max_probes", SettingType::kInteger, SettingContext::kUser, "32768", false, "", 1,
     32768},
};

// Where we do not start from PostgreSQL's compiled-in value.
struct BootValue {
  std::string_view name;
  std::string_view value;
};
constexpr BootValue kBootValues[] = {
    {"TimeZone", "UTC"},
    {"client_encoding", "UTF8"},
    {"server_encoding", "UTF8"},
    {"server_version", "15.20 (Sundog 0.1.0)"},
    {"lc_collate", "C.UTF-8"},
    {"lc_ctype", "C.UTF-8"},
    {"lc_messages", "C.UTF-8"},
    {"lc_monetary", "C.UTF-8"},
    {"lc_numeric", "C.UTF-8"},
    {"lc_time", "C.UTF-8"},
    {"log_timezone", "UTC"},
    {"default_text_search_config", "pg_catalog.english"},
    {"max_connections", "10000"},
    {"ssl", "on"},
};

// Those PostgreSQL 15 sends as ParameterStatus.
constexpr std::string_view kReported[] = {
    "application_name", "client_encoding", "DateStyle", "default_transaction_read_only",
    "in_hot_standby", "integer_datetimes", "IntervalStyle", "is_superuser", "server_encoding",
    "server_version", "session_authorization", "standard_conforming_strings", "TimeZone"};

// Old names that SET and SHOW still take.
constexpr std::pair<std::string_view, std::string_view> kOldNames[] = {
    {"sort_mem", "work_mem"}, {"vacuum_mem", "maintenance_work_mem"}};

struct Unit {
  std::string_view base;
  std::string_view name;
  double factor;  // one `name` is so many `base`
};

// For each base unit, the largest first.
constexpr Unit kUnits[] = {
    {"B", "TB", 1099511627776.0},
    {"B", "GB", 1073741824.0},
    {"B", "MB", 1048576.0},
    {"B", "kB", 1024.0},
    {"B", "B", 1.0},
    {"kB", "TB", 1073741824.0},
    {"kB", "GB", 1048576.0},
    {"kB", "MB", 1024.0},
    {"kB", "kB", 1.0},
    {"kB", "B", 1.0 / 1024},
    {"8kB", "TB", 134217728.0},
    {"8kB", "GB", 131072.0},
    {"8kB", "MB", 128.0},
    {"8kB", "kB", 1.0 / 8},
    {"8kB", "B", 1.0 / 8192},
    {"MB", "TB", 1048576.0},
    {"MB", "GB", 1024.0},
    {"MB", "MB", 1.0},
    {"MB", "kB", 1.0 / 1024},
    {"MB", "B", 1.0 / 1048576},
    {"ms", "d", 86400000.0},
    {"ms", "h", 3600000.0},
    {"ms", "min", 60000.0},
    {"ms", "s", 1000.0},
    {"ms", "ms", 1.0},
    {"ms", "us", 0.001},
    {"s", "d", 86400.0},
    {"s", "h", 3600.0},
    {"s", "min", 60.0},
    {"s", "s", 1.0},
    {"s", "ms", 0.001},
    {"s", "us", 0.000001},
    {"min", "d", 1440.0},
    {"min", "h", 60.0},
    {"min", "min", 1.0},
    {"min", "s", 1.0 / 60},
    {"min", "ms", 1.0 / 60000},
    {"min", "us", 1.0 / 60000000},
};

std::string Fold(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

SqlError InvalidValue(const SettingDefinition& definition, std::string_view value) {
  return SqlError(sqlstate::kInvalidParameterValue,
                  fmt::format("invalid value for parameter \"{}\": \"{}\"", definition.name,
                              value));
}

std::string UnitHint(std::string_view unit) {
  bool memory = unit.ends_with('B');
  return fmt::format("Valid units for this parameter are {}.",
                     memory ? "\"B\", \"kB\", \"MB\", \"GB\", and \"TB\""
                            : "\"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"");
}

std::string FormatReal(double value) { return fmt::format("{:g}", value); }

// A number with an optional unit, in the setting's own unit.
double ParseNumber(const SettingDefinition& definition, std::string_view value) {
  std::string text(TrimSpace(value));
  char* end = nullptr;
  double number = 0;
  errno = 0;
  if (text.starts_with("0x") || text.starts_with("0X") ||
      definition.type == SettingType::kInteger) {
    // Octal and hexadecimal as C writes them; a fraction or exponent makes it a decimal.
    number = static_cast<double>(std::strtoll(text.c_str(), &end, 0));
    if (*end == '.' || *end == 'e' || *end == 'E' || errno == ERANGE) {
      errno = 0;
      number = std::strtod(text.c_str(), &end);
    }
  } else {
    number = std::strtod(text.c_str(), &end);
  }
  if (text.empty() || end == text.c_str() || std::isnan(number) || errno == ERANGE) {
    throw InvalidValue(definition, value);
  }
  std::string_view unit = TrimSpace(std::string_view(end));
  if (unit.empty()) return number;
  if (definition.unit.empty()) throw InvalidValue(definition, value);
  for (const Unit& known : kUnits) {
    if (known.base == definition.unit && known.name == unit) return number * known.factor;
  }
  throw InvalidValue(definition, value).Hint(UnitHint(definition.unit));
}

std::string CanonicalNumber(const SettingDefinition& definition, std::string_view value) {
  double number = ParseNumber(definition, value);
  bool integer = definition.type == SettingType::kInteger;
  if (integer) {
    number = std::rint(number);
    if (std::abs(number) > 2147483647.0) {
      throw InvalidValue(definition, value).Hint("Value exceeds integer range.");
    }
  }
  if (number < definition.least || number > definition.most) {
    std::string unit = definition.unit.empty() ? "" : " " + definition.unit;
    auto show = [&](double v) {
      return integer ? fmt::format("{}", static_cast<int64_t>(v)) : FormatReal(v);
    };
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("{}{} is outside the valid range for parameter \"{}\" ({} .. {})",
                               show(number), unit, definition.name, show(definition.least),
                               show(definition.most)));
  }
  return integer ? fmt::format("{}", static_cast<int64_t>(number)) : FormatReal(number);
}

std::string CanonicalEnum(const SettingDefinition& definition, std::string_view value) {
  for (const std::string& known : definition.enum_values) {
    if (Fold(known) == Fold(value)) return known;
  }
  // Enums that are really booleans with more.
  if (std::optional<bool> flag = ParseBool(value)) {
    std::string_view word = *flag ? "on" : "off";
    for (const std::string& known : definition.enum_values) {
      if (known == word) return known;
    }
  }
  std::string list;
  for (const std::string& known : definition.enum_values) {
    list += (list.empty() ? "" : ", ") + known;
  }
  // The name as SET folds it, not as it is defined: IntervalStyle is told as "intervalstyle".
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("invalid value for parameter \"{}\": \"{}\"", Fold(definition.name),
                             value))
      .Hint("Available values: " + list + ".");
}

SettingType TypeFromName(std::string_view name) {
  if (name == "bool") return SettingType::kBool;
  if (name == "integer") return SettingType::kInteger;
  if (name == "real") return SettingType::kReal;
  if (name == "enum") return SettingType::kEnum;
  CHECK_EQ(std::string(name), "string");
  return SettingType::kString;
}

SettingContext ContextFromName(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {
      "internal", "postmaster", "sighup", "superuser-backend", "backend", "superuser", "user"};
  auto found = std::find(kNames.begin(), kNames.end(), name);
  CHECK(found != kNames.end());
  return static_cast<SettingContext>(found - kNames.begin());
}

// "{a,b,\"read committed\"}" to its elements.
std::vector<std::string> ParseList(std::string_view text) {
  std::vector<std::string> list;
  if (text.size() < 2) return list;
  std::string element;
  bool quoted = false;
  for (char c : text.substr(1, text.size() - 2)) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      list.push_back(std::exchange(element, {}));
    } else {
      element += c;
    }
  }
  list.push_back(element);
  return list;
}

std::unique_ptr<SettingDefinition> FromRow(const base::Tsv& table, size_t row) {
  auto definition = std::make_unique<SettingDefinition>();
  definition->name = table.Text(row, "name");
  definition->type = TypeFromName(table.Text(row, "vartype"));
  definition->context = ContextFromName(table.Text(row, "context"));
  definition->unit = table.Text(row, "unit");
  definition->category = table.Text(row, "category");
  definition->enum_values = ParseList(table.Text(row, "enumvals"));
  definition->boot_value = table.Text(row, "boot_val");
  if (table.Cell(row, "min_val")) {
    definition->least = std::stod(table.Text(row, "min_val"));
    definition->most = std::stod(table.Text(row, "max_val"));
  }
  return definition;
}

}  // namespace

std::optional<bool> ParseBool(std::string_view text) {
  std::string folded = Fold(text);
  auto prefix_of = [&](std::string_view word, size_t least) {
    return folded.size() >= least && word.starts_with(folded);
  };
  if (folded == "1" || prefix_of("true", 1) || prefix_of("yes", 1) || folded == "on") return true;
  if (folded == "0" || prefix_of("false", 1) || prefix_of("no", 1) || prefix_of("off", 2)) {
    return false;
  }
  return std::nullopt;
}

bool SettingNameLess(std::string_view a, std::string_view b) {
  auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [&](char x, char y) { return fold(x) < fold(y); });
}

std::string SettingDefinition::Canonical(std::string_view value) const {
  if (check != nullptr) return check(*this, value);
  switch (type) {
    case SettingType::kBool: {
      std::optional<bool> flag = ParseBool(value);
      if (!flag) {
        throw SqlError(sqlstate::kInvalidParameterValue,
                       fmt::format("parameter \"{}\" requires a Boolean value", name));
      }
      return *flag ? "on" : "off";
    }
    case SettingType::kInteger:
    case SettingType::kReal: return CanonicalNumber(*this, value);
    case SettingType::kEnum: return CanonicalEnum(*this, value);
    case SettingType::kString: return std::string(value);
  }
  return std::string(value);
}

std::string SettingDefinition::Display(std::string_view canonical) const {
  if (unit.empty() || type == SettingType::kString) return std::string(canonical);
  // Not stod(), which throws for what is too small for a normal number.
  double number = std::strtod(std::string(canonical).c_str(), nullptr);
  if (number <= 0) return std::string(canonical);
  for (const Unit& known : kUnits) {
    if (known.base != unit) continue;
    double in_unit = number / known.factor;
    if (known.factor >= 1 ? std::fmod(number, known.factor) == 0 : in_unit == std::rint(in_unit)) {
      return fmt::format("{}{}", static_cast<int64_t>(in_unit), known.name);
    }
  }
  return std::string(canonical) + unit;
}

SettingCatalog::SettingCatalog() {
  base::Tsv table(std::string_view(sundog_settings_tsv,
                                   sundog_settings_tsv_end - sundog_settings_tsv));
  for (size_t row = 0; row < table.row_count(); ++row) all_.push_back(FromRow(table, row));
  for (const OwnSetting& own : kOwnSettings) {
    auto definition = std::make_unique<SettingDefinition>();
    definition->name = own.name;
    definition->type = own.type;
    definition->context = own.context;
    definition->boot_value = own.boot_value;
    definition->hidden = own.hidden;
    definition->unit = own.unit;
    definition->least = own.least;
    definition->most = own.most;
    definition->enum_values = ParseList(own.enum_values);
    if (own.name.find('.') != own.name.npos) definition->category = "Customized Options";
    all_.push_back(std::move(definition));
  }
  std::sort(all_.begin(), all_.end(),
            [](const auto& a, const auto& b) { return SettingNameLess(a->name, b->name); });
  for (auto& definition : all_) definition->check = FindSettingCheck(definition->name);
  auto find = [&](std::string_view name) {
    return const_cast<SettingDefinition*>(Find(name));
  };
  for (std::string_view name : kReported) find(name)->reported = true;
  for (const BootValue& boot : kBootValues) find(boot.name)->boot_value = boot.value;
}

const SettingCatalog& SettingCatalog::Get() {
  static const SettingCatalog catalog;
  return catalog;
}

const SettingDefinition* SettingCatalog::Find(std::string_view name) const {
  for (const auto& [old_name, new_name] : kOldNames) {
    if (!SettingNameLess(name, old_name) && !SettingNameLess(old_name, name)) name = new_name;
  }
  auto found = std::lower_bound(
      all_.begin(), all_.end(), name,
      [](const auto& definition, std::string_view key) {
        return SettingNameLess(definition->name, key);
      });
  if (found == all_.end() || SettingNameLess(name, (*found)->name)) return nullptr;
  return found->get();
}

}  // namespace sundog::session
