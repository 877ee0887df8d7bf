// What holds while a function runs: its owner's rights, and settings of its own.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/descriptors.h"
#include "catalog/owner_scope.h"
#include "session/engine/engine_session.h"

namespace sundog::session {

// CREATE FUNCTION … SET name = value: the values hold while the function runs.
class FunctionSettingsScope {
 public:
  FunctionSettingsScope(EngineSession& session, const catalog::FunctionDescriptor& function);
  ~FunctionSettingsScope();
  FunctionSettingsScope(const FunctionSettingsScope&) = delete;
  FunctionSettingsScope& operator=(const FunctionSettingsScope&) = delete;

 private:
  EngineSession& session_;
  // Where the settings' log was before, and with the function's own in it.
  size_t log_before_;
  size_t log_set_ = 0;
  // Unset: there was no such setting.
  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

// What holds during a call.
class FunctionScope {
 public:
  FunctionScope(EngineSession& session, const catalog::FunctionDescriptor& function) {
    if (function.security_definer) as_owner_.emplace(session, function.owner);
    if (!function.settings.empty()) settings_.emplace(session, function);
  }

 private:
  std::optional<catalog::OwnerScope> as_owner_;
  std::optional<FunctionSettingsScope> settings_;
};

}  // namespace sundog::session
