#include "session/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/check.h"
#include "base/sql_error.h"

namespace sundog::session {

namespace {

// Each part between dots is an identifier.
bool IsCustomName(std::string_view name) {
  bool has_dot = false;
  bool at_start = true;
  for (char c : name) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '.') {
      if (at_start) return false;
      has_dot = at_start = true;
    } else if (at_start) {
      if (!std::isalpha(byte) && c != '_' && byte < 0x80) return false;
      at_start = false;
    } else if (!std::isalnum(byte) && c != '_' && c != '$' && byte < 0x80) {
      return false;
    }
  }
  return has_dot && !at_start;
}

template <typename List>
auto FindIn(List& list, const SettingDefinition* definition) {
  return std::find_if(list.begin(), list.end(),
                      [&](const auto& entry) { return entry.first == definition; });
}

void Put(std::vector<std::pair<const SettingDefinition*, std::string>>& list,
         const SettingDefinition* definition, std::optional<std::string> value) {
  auto found = FindIn(list, definition);
  if (!value) {
    if (found != list.end()) list.erase(found);
  } else if (found != list.end()) {
    found->second = std::move(*value);
  } else {
    list.emplace_back(definition, std::move(*value));
  }
}

SqlError Unrecognized(std::string_view name) {
  return SqlError(sqlstate::kUndefinedObject,
                  fmt::format("unrecognized configuration parameter \"{}\"", name));
}

SqlError InvalidName(std::string_view name) {
  return SqlError(sqlstate::kInvalidName,
                  fmt::format("invalid configuration parameter name \"{}\"", name))
      .Detail("Custom parameter names must be two or more simple identifiers separated by dots.");
}

// Throws for what cannot be a name of the user's own.
void CheckCustomName(std::string_view name) {
  if (!IsCustomName(name)) throw InvalidName(name);
  std::string_view prefix = name.substr(0, name.find('.'));
  for (const auto& known : SettingCatalog::Get().all()) {
    std::string_view taken = known->name;
    if (taken.substr(0, taken.find('.')) != prefix || taken == prefix) continue;
    throw SqlError(sqlstate::kInvalidName,
                   fmt::format("invalid configuration parameter name \"{}\"", name))
        .Detail(fmt::format("\"{}\" is a reserved prefix.", prefix));
  }
}

void CheckMayChange(const SettingDefinition& definition, bool superuser) {
  auto refuse = [&](std::string_view how) {
    throw SqlError(sqlstate::kCantChangeRuntimeParam,
                   fmt::format("parameter \"{}\" cannot be {}", definition.name, how));
  };
  switch (definition.context) {
    case SettingContext::kInternal: return refuse("changed");
    case SettingContext::kPostmaster: return refuse("changed without restarting the server");
    case SettingContext::kSighup: return refuse("changed now");
    case SettingContext::kSuperuserBackend:
    case SettingContext::kBackend: return refuse("set after connection start");
    case SettingContext::kSuperuser:
      if (superuser) return;
      throw SqlError(sqlstate::kInsufficientPrivilege,
                     fmt::format("permission denied to set parameter \"{}\"", definition.name));
    case SettingContext::kUser: return;
  }
}

}  // namespace

const SettingDefinition* SessionSettings::FindDefinition(std::string_view name) const {
  if (const SettingDefinition* builtin = SettingCatalog::Get().Find(name)) return builtin;
  auto custom = custom_.find(name);
  return custom == custom_.end() ? nullptr : custom->second.get();
}

const SettingDefinition& SessionSettings::Require(std::string_view name) const {
  const SettingDefinition* definition = FindDefinition(name);
  if (definition == nullptr) throw Unrecognized(name);
  return *definition;
}

const SettingDefinition& SessionSettings::RequireForSet(std::string_view name) {
  if (const SettingDefinition* definition = FindDefinition(name)) return *definition;
  if (name.find('.') == std::string_view::npos) throw Unrecognized(name);
  CheckCustomName(name);
  auto definition = std::make_unique<SettingDefinition>();
  definition->name = name;
  definition->category = "Customized Options";
  definition->custom = true;
  return *(custom_[std::string(name)] = std::move(definition));
}

void SessionSettings::SetDefault(std::string_view name, std::string_view value, bool superuser) {
  const SettingDefinition& definition = RequireForSet(name);
  bool backend = definition.context == SettingContext::kBackend ||
                 (definition.context == SettingContext::kSuperuserBackend && superuser);
  if (!backend) CheckMayChange(definition, superuser);
  Put(defaults_, &definition, definition.Canonical(value));
  ++generation_;
}

void SessionSettings::Force(std::string_view name, std::string_view value) {
  Put(values_, &Require(name), std::string(value));
  ++generation_;
}

void SessionSettings::Set(std::string_view name, std::optional<std::string_view> value,
                          bool is_local, bool superuser) {
  const SettingDefinition& definition = RequireForSet(name);
  CheckMayChange(definition, superuser);
  std::optional<std::string> canonical;
  if (value) canonical = definition.Canonical(*value);
  log_.push_back({&definition, Override(definition), canonical, is_local});
  Assign(definition, std::move(canonical));
}

std::string SessionSettings::CheckStored(std::string_view name,
                                         const std::optional<std::string>& value,
                                         bool superuser) const {
  const SettingDefinition* definition = SettingCatalog::Get().Find(name);
  if (definition == nullptr) {
    if (name.find('.') == std::string_view::npos) throw Unrecognized(name);
    CheckCustomName(name);
    // Nobody knows what its values mean.
    if (superuser) return std::string(name);
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   fmt::format("permission denied to set parameter \"{}\"", name));
  }
  CheckMayChange(*definition, superuser);
  if (value) static_cast<void>(definition->Canonical(*value));
  return definition->name;
}

bool SessionSettings::MayStore(std::string_view name, bool superuser) const {
  const SettingDefinition* definition = SettingCatalog::Get().Find(name);
  return superuser || (definition != nullptr && definition->context == SettingContext::kUser);
}

void SessionSettings::SetStored(std::string_view name, std::string_view value) {
  const SettingDefinition& definition = RequireForSet(name);
  if (FindIn(defaults_, &definition) != defaults_.end()) return;
  Put(defaults_, &definition, definition.Canonical(value));
  ++generation_;
}

void SessionSettings::ResetAll() {
  auto values = values_;
  for (const auto& [definition, value] : values) {
    // Those the server or the transaction decides stay.
    bool keeps = definition->hidden || definition->context <= SettingContext::kBackend ||
                 definition->name.starts_with("transaction_");
    if (!keeps) Set(definition->name, std::nullopt, false);
  }
}

std::string SessionSettings::Show(std::string_view name) const {
  const SettingDefinition& definition = Require(name);
  return definition.Display(Get(definition));
}

const std::string& SessionSettings::Get(const SettingDefinition& definition) const {
  if (auto found = FindIn(values_, &definition); found != values_.end()) return found->second;
  if (auto found = FindIn(defaults_, &definition); found != defaults_.end()) return found->second;
  return definition.boot_value;
}

const std::string& SessionSettings::Get(std::string_view name) const { return Get(Require(name)); }

int64_t SessionSettings::GetInteger(std::string_view name) const {
  const std::string& text = Get(name);
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  CHECK(error == std::errc());
  return value;
}

std::vector<const SettingDefinition*> SessionSettings::Listed() const {
  std::vector<const SettingDefinition*> listed;
  for (const auto& definition : SettingCatalog::Get().all()) {
    if (!definition->hidden) listed.push_back(definition.get());
  }
  for (const auto& [name, definition] : custom_) listed.push_back(definition.get());
  std::stable_sort(listed.begin(), listed.end(), [](const auto* a, const auto* b) {
    return SettingNameLess(a->name, b->name);
  });
  return listed;
}

std::optional<std::string> SessionSettings::Override(const SettingDefinition& definition) const {
  auto found = FindIn(values_, &definition);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

void SessionSettings::Assign(const SettingDefinition& definition,
                             std::optional<std::string> value) {
  Put(values_, &definition, std::move(value));
  ++generation_;
}

void SessionSettings::RollbackTo(size_t log_position) {
  CHECK_LE(log_position, log_.size());
  while (log_.size() > log_position) {
    Change change = std::move(log_.back());
    log_.pop_back();
    Assign(*change.definition, std::move(change.before));
  }
}

void SessionSettings::Commit() {
  if (log_.empty()) return;
  std::vector<Change> log = std::exchange(log_, {});
  std::vector<const SettingDefinition*> done;
  for (auto last = log.rbegin(); last != log.rend(); ++last) {
    const SettingDefinition* definition = last->definition;
    if (std::find(done.begin(), done.end(), definition) != done.end()) continue;
    done.push_back(definition);
    if (!last->is_local) continue;  // its value is in force
    auto of_this = [&](const Change& change) { return change.definition == definition; };
    auto kept = std::find_if(log.rbegin(), log.rend(), [&](const Change& change) {
      return of_this(change) && !change.is_local;
    });
    Assign(*definition, kept != log.rend() ? kept->after
                                           : std::find_if(log.begin(), log.end(), of_this)->before);
  }
}

void SessionSettings::StartReporting() {
  for (const auto& definition : SettingCatalog::Get().all()) {
    if (definition->reported) reported_.emplace_back(definition.get(), std::nullopt);
  }
  reported_generation_ = 0;
}

}  // namespace sundog::session
