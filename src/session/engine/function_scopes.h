// What holds while a function runs: its owner's rights, and settings of its own.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/descriptors.h"
#include "session/engine/engine_session.h"

namespace sundog::session {

// Makes a SECURITY DEFINER function's owner the current role while the function runs.
class DefinerScope {
 public:
  DefinerScope(EngineSession& session, const catalog::FunctionDescriptor& function);
  ~DefinerScope();
  DefinerScope(const DefinerScope&) = delete;
  DefinerScope& operator=(const DefinerScope&) = delete;

 private:
  EngineSession& session_;
  bool switched_;
  types::Oid before_ = types::kInvalidOid;
};

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

}  // namespace sundog::session
