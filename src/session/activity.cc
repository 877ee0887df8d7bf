#include "session/activity.h"

namespace sundog::session {

namespace {

// At most `limit` bytes, and no part of a character.
std::string_view Clip(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string_view NameOf(char status) {
  switch (status) {
    case 'T': return "idle in transaction";
    case 'E': return "idle in transaction (aborted)";
    default: return "idle";
  }
}

}  // namespace

Activity::Activity(int64_t now_us) {
  state_.session_start_us = now_us;
  state_.change_us = now_us;
}

void Activity::StartQuery(std::string_view sql, int64_t now_us) {
  runtime::MutexLock lock(mutex_);
  state_.name = "active";
  state_.query_start_us = now_us;
  state_.change_us = now_us;
  state_.query.assign(Clip(sql, kQueryBytes));
}

void Activity::StartTransaction(int64_t now_us) {
  runtime::MutexLock lock(mutex_);
  state_.transaction_start_us = now_us;
}

void Activity::BecomeIdle(char status, int64_t now_us) {
  runtime::MutexLock lock(mutex_);
  state_.name = NameOf(status);
  state_.change_us = now_us;
  if (status == 'I') state_.transaction_start_us.reset();
}

void Activity::SetApplicationName(const std::string& name) {
  runtime::MutexLock lock(mutex_);
  state_.application_name = name;
}

Activity::State Activity::Read() const {
  runtime::MutexLock lock(mutex_);
  return state_;
}

}  // namespace sundog::session
