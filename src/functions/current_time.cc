// now() and its kin, timeofday(), isfinite().
#include "base/clock.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "types/calendar.h"
#include "types/datetime_encode.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

// All calls without arguments: one value for every row.
template <int64_t (*Now)(CallContext&)>
void Constant(CallContext& call, std::span<const Vector* const>, RowSet rows, Vector& out) {
  int64_t now = Now(call);
  rows.ForEach([&](size_t row) { out.Set<int64_t>(row, now); });
}

int64_t StatementStart(CallContext& call) { return call.environment().statement_start_us; }
int64_t TransactionStartOf(CallContext& call) { return TransactionStart(call); }

int64_t ClockNow(CallContext& call) {
  return call.environment().clock->WallMicros() + types::kUnixEpochMicros;
}

// The clock moves between rows.
void ClockTimestamp(CallContext& call, std::span<const Vector* const>, RowSet rows, Vector& out) {
  rows.ForEach([&](size_t row) { out.Set<int64_t>(row, ClockNow(call)); });
}

// "Wed Feb 19 21:07:32.123456 2020 CET"
std::string TimeOfDayText(CallContext& call) {
  types::ZonedTime now = types::ToZone(SessionZone(call), ClockNow(call));
  types::IoSettings traditional = *call.io().settings;
  traditional.date_style = types::DateStyle::kPostgres;
  traditional.date_order = types::DateOrder::kMdy;
  int micros = now.civil.micros;
  now.civil.micros = 0;
  std::string text;
  types::AppendDateTime(traditional, now.civil, nullptr, text);
  std::string fraction = ".";
  types::AppendPadded(fraction, static_cast<uint64_t>(micros), 6);
  text.insert(text.rfind(' '), fraction);
  return text + " " + std::string(now.abbreviation);
}

void TimeOfDay(CallContext& call, std::span<const Vector* const>, RowSet rows, Vector& out) {
  rows.ForEach([&](size_t row) {
    out.Set<std::string_view>(row, out.CopyBytes(TimeOfDayText(call)));
  });
}

bool IsFiniteDate(int32_t date) { return types::IsFiniteDate(date); }
bool IsFiniteTimestamp(int64_t timestamp) { return types::IsFiniteTimestamp(timestamp); }
bool IsFiniteInterval(types::Interval) { return true; }

constexpr ScalarEntry kEntries[] = {
    {"now", Constant<TransactionStartOf>},
    {"statement_timestamp", Constant<StatementStart>},
    {"clock_timestamp", ClockTimestamp},
    {"timeofday", TimeOfDay},
    {"date_finite", Kernel<IsFiniteDate>},
    {"timestamp_finite", Kernel<IsFiniteTimestamp>},
    {"interval_finite", Kernel<IsFiniteInterval>},
};

}  // namespace

void RegisterCurrentTime(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
