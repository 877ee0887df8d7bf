// The settings of one session: what SET, RESET, SHOW, set_config() and the startup packet do.
// Only values that differ from the built-in ones take memory.
//
// Transactions: a SET is undone when its transaction (or savepoint) rolls back; a SET LOCAL also
// when it commits. Every change inside a transaction is logged with what was there before; rolling
// back to a savepoint undoes the log's tail, commit keeps for each setting the last change that was
// not local.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "session/setting_definition.h"

namespace sundog::session {

class SessionSettings {
 public:
  SessionSettings() = default;

  // The startup packet's values and the server's own: what RESET returns to. Checked as SET is,
  // except for the context.
  void SetDefault(std::string_view name, std::string_view value, bool superuser = true);
  // For values the server itself decides (is_superuser, transaction_isolation); not transactional.
  void Force(std::string_view name, std::string_view value);

  // SET; no value means the default. Throws 42704, 42501, 55P02, 22023 as PostgreSQL. `is_local`:
  // until the transaction's end.
  void Set(std::string_view name, std::optional<std::string_view> value, bool is_local,
           bool superuser = true);
  void ResetAll();

  // For ALTER ROLE … SET: the setting's own name, if SET would take the value (nullopt: the
  // default); else throws what SET does.
  std::string CheckStored(std::string_view name, const std::optional<std::string>& value,
                          bool superuser) const;
  bool MayStore(std::string_view name, bool superuser) const;
  // What a session of the role begins with, if the start-up packet does not say it.
  void SetStored(std::string_view name, std::string_view value);

  // As SHOW prints it. Throws 42704 `unrecognized configuration parameter`.
  std::string Show(std::string_view name) const;
  // Null if there is no such setting.
  const SettingDefinition* FindDefinition(std::string_view name) const;
  // The canonical value.
  const std::string& Get(const SettingDefinition& definition) const;
  const std::string& Get(std::string_view name) const;
  bool GetBool(std::string_view name) const { return Get(name) == "on"; }
  int64_t GetInteger(std::string_view name) const;
  // All that SHOW ALL lists.
  std::vector<const SettingDefinition*> Listed() const;

  // Calls `visit(definition, value)` for what may differ from the built-in value.
  template <typename Visit>
  void ForEachOverride(Visit&& visit) const {
    for (const auto& [definition, value] : values_) visit(*definition, value);
    for (const auto& [definition, value] : defaults_) {
      if (!Override(*definition)) visit(*definition, value);
    }
  }

  // Grows with every change, so that derived values are recomputed only then.
  uint64_t generation() const { return generation_; }

  // --- transactions ---
  // The place in the log where a savepoint begins.
  size_t LogPosition() const { return log_.size(); }
  void RollbackTo(size_t log_position);
  void Commit();
  void Rollback() { RollbackTo(0); }

  // Calls `send(name, value)` for each reported setting that changed since the last call.
  template <typename Send>
  void Report(Send&& send) {
    if (reported_generation_ == generation_) return;
    reported_generation_ = generation_;
    for (auto& [definition, last] : reported_) {
      const std::string& now = Get(*definition);
      if (last && *last == now) continue;
      last = now;
      send(definition->name, now);
    }
  }
  // From now on changes are reported; the first Report() sends all.
  void StartReporting();

 private:
  struct Change {
    const SettingDefinition* definition;
    std::optional<std::string> before;  // unset: the default applied
    std::optional<std::string> after;
    bool is_local;
  };

  const SettingDefinition& Require(std::string_view name) const;
  const SettingDefinition& RequireForSet(std::string_view name);
  void Assign(const SettingDefinition& definition, std::optional<std::string> value);
  std::optional<std::string> Override(const SettingDefinition& definition) const;

  // Small: linear search is as fast as any.
  std::vector<std::pair<const SettingDefinition*, std::string>> values_;
  std::vector<std::pair<const SettingDefinition*, std::string>> defaults_;
  std::map<std::string, std::unique_ptr<SettingDefinition>, std::less<>> custom_;
  std::vector<Change> log_;
  std::vector<std::pair<const SettingDefinition*, std::optional<std::string>>> reported_;
  uint64_t generation_ = 1;
  uint64_t reported_generation_ = 0;
};

}  // namespace sundog::session
