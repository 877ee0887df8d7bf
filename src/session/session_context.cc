#include "session/session_context.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "parser/dsql/refusals.h"
#include "session/transaction_block.h"
#include "types/calendar.h"

namespace sundog::session {

std::string SessionIdentity::ClientHost() const {
  return client_address.substr(0, client_address.rfind(':'));
}

int32_t SessionIdentity::ClientPort() const {
  int32_t port = -1;
  size_t colon = client_address.rfind(':');
  if (colon != std::string::npos) {
    const char* end = client_address.data() + client_address.size();
    std::from_chars(client_address.data() + colon + 1, end, port);
  }
  return port;
}

SessionContext::SessionContext(SessionIdentity identity, base::Clock& clock)
    : types(&types::BuiltinTypes::Get()),
      identity_(std::move(identity)),
      clock_(clock),
      activity_(clock.WallMicros()) {
  settings_.SetDefault("session_authorization", identity_.user);
  if (identity_.is_superuser) settings_.Force("is_superuser", "on");
}

void SessionContext::FollowChangedSettings() {
  followed_generation_ = settings_.generation();
  io_settings_ = DeriveIoSettings(settings_);
  activity_.SetApplicationName(settings_.Get("application_name"));
  StatementSettings& to = statement_settings_;
  to.transaction.isolation = ParseIsolation(settings_.Get("default_transaction_isolation"));
  to.transaction.read_only = settings_.GetBool("default_transaction_read_only");
  to.transaction.deferrable = settings_.GetBool("default_transaction_deferrable");
  to.statement_timeout_ms = settings_.GetInteger("statement_timeout");
  to.lock_timeout_ms = settings_.GetInteger("lock_timeout");
  to.idle_in_transaction_timeout_ms = settings_.GetInteger("idle_in_transaction_session_timeout");
  to.idle_session_timeout_ms = settings_.GetInteger("idle_session_timeout");
  to.synchronous_commit = settings_.Get("synchronous_commit") != "off";
  to.statement_memory_bytes =
      static_cast<size_t>(settings_.GetInteger("sundog.statement_memory")) << 10;
  to.work_memory_bytes = static_cast<size_t>(settings_.GetInteger("work_mem")) << 10;
  to.maintenance_memory_bytes =
      static_cast<size_t>(settings_.GetInteger("maintenance_work_mem")) << 10;
}

const types::IoSettings& SessionContext::io_settings() {
  FollowSettings();
  io_settings_.transaction_start_us = transaction_start_us_ + types::kUnixEpochMicros;
  return io_settings_;
}

types::IoContext SessionContext::Io() { return {types, &io_settings(), names, domains}; }

std::string SessionContext::ShowSetting(std::string_view name) const {
  if (transaction_block != nullptr) {
    if (std::optional<std::string> value = transaction_block->ShowSetting(name)) return *value;
  }
  return settings_.Show(name);
}

void SessionContext::CheckProfileAllows(std::string_view setting, bool is_local) const {
  if (identity_.profile != Profile::kDsql || parser::DsqlAllowsSetting(setting, is_local)) return;
  parser::ThrowDsqlSetting(setting);
}

void SessionContext::SetInitialSetting(std::string_view name, std::string_view value) {
  CheckProfileAllows(name, false);
  settings_.SetDefault(name, value, identity_.is_superuser);
}

void SessionContext::SetSetting(std::string_view name, std::optional<std::string_view> value,
                                bool is_local) {
  CheckProfileAllows(name, is_local);
  if (transaction_block != nullptr && transaction_block->SetSetting(name, value)) return;
  const SettingDefinition* definition = settings_.FindDefinition(name);
  if (engine != nullptr && value && definition != nullptr) {
    if (definition->name == "role") engine->CheckSetRole(*value);
    if (definition->name == "session_authorization") engine->CheckSetAuthorization(*value);
  }
  bool asks = definition != nullptr && definition->context == SettingContext::kSuperuser;
  bool superuser = asks && engine != nullptr ? engine->IsSuperuser() : identity_.is_superuser;
  settings_.Set(name, value, is_local, superuser);
}

void SessionContext::Warn(base::SqlState state, std::string message) const {
  base::ErrorFields fields;
  fields.severity = base::Severity::kWarning;
  fields.state = state;
  fields.message = std::move(message);
  Notice(fields);
}

void SessionContext::RequireMayWrite(std::string_view what) const {
  if (transaction_block == nullptr || !transaction_block->options().read_only) return;
  throw SqlError(sqlstate::kReadOnlySqlTransaction,
                 fmt::format("cannot execute {} in a read-only transaction", what));
}

void SessionContext::StartTransactionClock() {
  transaction_start_us_ = statement_start_us_;
  activity_.StartTransaction(transaction_start_us_);
}

void SessionContext::StartStatement(std::string_view sql) {
  statement_start_us_ = clock_.WallMicros();
  statement_text_ = sql;
  activity_.StartQuery(sql, statement_start_us_);
}

void SessionContext::BecomeIdle(char status) {
  FollowSettings();
  statement_text_ = {};
  activity_.BecomeIdle(status, clock_.WallMicros());
}

}  // namespace sundog::session
