// generate_series() over timestamps, pg_timezone_names(), pg_timezone_abbrevs().
#include "base/sql_error.h"
#include "functions/datetime_arithmetic.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/session_zone.h"
#include "types/calendar.h"
#include "types/interval.h"
#include "types/time_zone.h"
#include "types/time_zone_abbreviations.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

// Steps by the zone's clocks, or, without a zone, by the calendar alone.
class TimestampSeries : public SetCall {
 public:
  TimestampSeries(const types::TimeZone* zone, int64_t first, int64_t last, const Interval& step)
      : zone_(zone), next_(first), last_(last), step_(step) {
    int sign = types::CompareIntervals(step, {});
    if (sign == 0) {
      throw SqlError(sqlstate::kInvalidParameterValue, "step size cannot equal zero");
    }
    upwards_ = sign > 0;
  }

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    int64_t* to = columns[0]->Data<int64_t>();
    size_t count = 0;
    while (count < capacity && (upwards_ ? next_ <= last_ : next_ >= last_)) {
      to[count++] = next_;
      next_ = zone_ != nullptr ? AddToTimestamptz(*zone_, next_, step_)
                               : AddToTimestamp(next_, step_);
    }
    return count;
  }

 private:
  const types::TimeZone* zone_;
  int64_t next_;
  int64_t last_;
  Interval step_;
  bool upwards_;
};

std::unique_ptr<SetCall> TimestampSeriesOf(CallContext&, std::span<const Datum> arguments) {
  return std::make_unique<TimestampSeries>(nullptr, arguments[0].As<int64_t>(),
                                           arguments[1].As<int64_t>(),
                                           arguments[2].As<Interval>());
}

std::unique_ptr<SetCall> TimestamptzSeriesOf(CallContext& call,
                                             std::span<const Datum> arguments) {
  return std::make_unique<TimestampSeries>(&SessionZone(call), arguments[0].As<int64_t>(),
                                           arguments[1].As<int64_t>(),
                                           arguments[2].As<Interval>());
}

int64_t UnixSecondsOfTransaction(CallContext& call) {
  return types::FloorDivide(TransactionStart(call), types::kMicrosPerSecond) -
         types::kUnixEpochSeconds;
}

Interval OffsetInterval(int64_t east_s) { return {east_s * types::kMicrosPerSecond, 0, 0}; }

// Columns: name, abbreviation, offset, is_dst.
class ZoneNames : public SetCall {
 public:
  explicit ZoneNames(int64_t unix_s) : unix_s_(unix_s), names_(types::TimeZone::Names()) {}

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t count = 0;
    while (count < capacity && at_ < names_.size()) {
      const std::string& name = names_[at_++];
      // Zones that are not kept: this list would fill the cache with all of them.
      std::unique_ptr<types::TimeZone> zone = types::TimeZone::Load(name);
      if (zone == nullptr) continue;
      const types::ZonePeriod& period = zone->PeriodAt(unix_s_);
      columns[0]->Set(count, columns[0]->CopyBytes(name));
      columns[1]->Set(count, columns[1]->CopyBytes(period.abbreviation));
      columns[2]->Set(count, OffsetInterval(period.offset_s));
      columns[3]->Set(count, period.is_dst);
      ++count;
    }
    return count;
  }

 private:
  int64_t unix_s_;
  std::vector<std::string> names_;
  size_t at_ = 0;
};

// Columns: abbreviation, offset, is_dst.
class ZoneAbbreviations : public SetCall {
 public:
  explicit ZoneAbbreviations(int64_t unix_s) : unix_s_(unix_s) {}

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    auto all = types::TimeZoneAbbreviations();
    size_t count = 0;
    for (; count < capacity && at_ < all.size(); ++at_, ++count) {
      const types::TimeZoneAbbreviation& entry = all[at_];
      int32_t offset_s = entry.offset_s;
      bool is_dst = entry.is_dst;
      if (!entry.zone_name.empty()) {
        const types::TimeZone& zone = types::ZoneOfAbbreviation(entry);
        const types::ZonePeriod* named = zone.PeriodOfAbbreviation(entry.name, unix_s_);
        const types::ZonePeriod& period = named != nullptr ? *named : zone.PeriodAt(unix_s_);
        offset_s = period.offset_s;
        is_dst = period.is_dst;
      }
      columns[0]->Set(count, entry.name);
      columns[1]->Set(count, OffsetInterval(offset_s));
      columns[2]->Set(count, is_dst);
    }
    return count;
  }

 private:
  int64_t unix_s_;
  size_t at_ = 0;
};

template <typename Call>
std::unique_ptr<SetCall> ListZones(CallContext& call, std::span<const Datum>) {
  return std::make_unique<Call>(UnixSecondsOfTransaction(call));
}

const SetEntry kEntries[] = {
    {"generate_series_timestamp", TimestampSeriesOf},
    {"generate_series_timestamptz", TimestamptzSeriesOf},
    {"pg_timezone_names", ListZones<ZoneNames>},
    {"pg_timezone_abbrevs", ListZones<ZoneAbbreviations>},
};

}  // namespace

void RegisterDateTimeSeries(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
