#include "session/engine/function_scopes.h"

#include <string_view>

namespace sundog::session {

FunctionSettingsScope::FunctionSettingsScope(EngineSession& session,
                                             const catalog::FunctionDescriptor& function)
    : session_(session), log_before_(session.context().settings().LogPosition()) {
  const SessionSettings& settings = session.context().settings();
  for (const std::string& setting : function.settings) {
    size_t equals = setting.find('=');
    std::string name = setting.substr(0, equals);
    std::optional<std::string> value;
    if (settings.FindDefinition(name) != nullptr) value = settings.Get(name);
    before_.emplace_back(name, std::move(value));
    session.context().SetSetting(name, std::string_view(setting).substr(equals + 1),
                                 /*is_local=*/true);
  }
  log_set_ = settings.LogPosition();
}

FunctionSettingsScope::~FunctionSettingsScope() {
  SessionSettings& settings = session_.context().settings();
  if (settings.LogPosition() == log_set_) {
    settings.RollbackTo(log_before_);
    return;
  }
  // The function set others, which stay. These were in force before, so they are taken again.
  for (auto at = before_.rbegin(); at != before_.rend(); ++at) {
    std::optional<std::string_view> value;
    if (at->second) value = *at->second;
    settings.Set(at->first, value, /*is_local=*/true);
  }
}

}  // namespace sundog::session
