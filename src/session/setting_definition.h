// What the server knows of a setting (PostgreSQL: GUC): a row of the embedded settings.tsv,
// recorded from PostgreSQL 15, or of our own table in setting_definition.cc. Values are kept as
// canonical strings: booleans on/off, numbers in the setting's unit, enums as listed.
//
// To add a setting, add a row to kOwnSettings; to give one a check of its own, add a row to the
// table in setting_checks.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::session {

enum class SettingType : uint8_t { kBool, kInteger, kReal, kString, kEnum };

// Who may change it, and when; ascending freedom.
enum class SettingContext : uint8_t {
  kInternal,
  kPostmaster,
  kSighup,
  kSuperuserBackend,
  kBackend,
  kSuperuser,
  kUser,
};

struct SettingDefinition;

// Turns a value into its canonical form or throws 22023.
using SettingCheck = std::string (*)(const SettingDefinition& definition, std::string_view value);

struct SettingDefinition {
  std::string name;
  SettingType type = SettingType::kString;
  SettingContext context = SettingContext::kUser;
  std::string unit;  // "ms", "s", "min", "B", "kB", "8kB", "MB" or nothing
  std::string category;
  std::vector<std::string> enum_values;
  std::string boot_value;
  double least = 0;
  double most = 0;
  bool reported = false;  // sent to the client as ParameterStatus
  bool hidden = false;    // not in SHOW ALL
  bool custom = false;    // made by a SET of a name with a dot
  SettingCheck check = nullptr;

  // The canonical form of what the user wrote; throws PostgreSQL's 22023.
  std::string Canonical(std::string_view value) const;
  // A canonical value as SHOW prints it: 4096 (kB) is "4MB".
  std::string Display(std::string_view canonical) const;
};

// "on", "yes", "t", "1", … as PostgreSQL's bool input takes them.
std::optional<bool> ParseBool(std::string_view text);

// All built-in settings; lives for ever, safe from all threads.
class SettingCatalog {
 public:
  static const SettingCatalog& Get();
  // Case does not matter; knows PostgreSQL's old names too. Null if there is none.
  const SettingDefinition* Find(std::string_view name) const;
  // Sorted by name without regard to case.
  const std::vector<std::unique_ptr<SettingDefinition>>& all() const { return all_; }

 private:
  SettingCatalog();
  std::vector<std::unique_ptr<SettingDefinition>> all_;
};

// By name, ascending, ASCII letters folded.
bool SettingNameLess(std::string_view a, std::string_view b);

// The check of a setting that has one of its own; null otherwise.
SettingCheck FindSettingCheck(std::string_view name);

}  // namespace sundog::session
