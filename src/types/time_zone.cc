#include "types/time_zone.h"

#include <cctz/time_zone.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>

#include "base/check.h"
#include "types/ascii.h"
#include "types/calendar.h"
#include "types/posix_time_zone.h"

namespace sundog::types {

namespace {

constexpr int64_t kCycleSeconds = int64_t{146097} * kSecondsPerDay;  // 400 years

std::filesystem::path DatabaseFolder() {
  const char* folder = std::getenv("TZDIR");
  return folder != nullptr && *folder != 0 ? folder : "/usr/share/zoneinfo";
}

// Lower-case name to the database's spelling. Zones that count leap seconds are left out.
using NameIndex = std::map<std::string, std::string, std::less<>>;

const NameIndex& DatabaseNames() {
  static const NameIndex* const names = [] {
    auto* made = new NameIndex;
    std::error_code error;
    std::filesystem::path root = DatabaseFolder();
    for (std::filesystem::recursive_directory_iterator at(root, error), end; !error && at != end;
         at.increment(error)) {
      std::error_code not_a_file;
      if (!at->is_regular_file(not_a_file)) continue;
      std::string name = at->path().lexically_relative(root).string();
      if (name.find('.') == std::string::npos && !name.starts_with("right/")) {
        made->emplace(LowerAscii(name), name);
      }
    }
    return made;
  }();
  return *names;
}

// Collects the periods of a zone of the database.
class TableBuilder {
 public:
  explicit TableBuilder(const cctz::time_zone& zone) : zone_(zone) {}

  TimeZone::Table Build() {
    using Seconds = cctz::seconds;
    cctz::time_point<Seconds> at = cctz::time_point<Seconds>::min();
    Add(zone_.lookup(at));
    cctz::time_zone::civil_transition transition;
    while (zone_.next_transition(at, &transition)) {
      cctz::time_point<Seconds> next = zone_.lookup(transition.to).trans;
      CHECK(next > at);
      at = next;
      uint16_t period = Add(zone_.lookup(at));
      table_.transitions.push_back({at.time_since_epoch().count(), period});
    }
    // Rules without end were unrolled for 400 years; a zone without rules ends in our days.
    constexpr int64_t kFarFuture = int64_t{200} * 366 * kSecondsPerDay;
    table_.repeats_forward =
        !table_.transitions.empty() && table_.transitions.back().unix_s > kFarFuture;
    return std::move(table_);
  }

 private:
  uint16_t Add(const cctz::time_zone::absolute_lookup& found) {
    for (size_t i = 0; i < table_.periods.size(); ++i) {
      const ZonePeriod& period = table_.periods[i];
      if (period.offset_s == found.offset && period.is_dst == found.is_dst &&
          period.abbreviation == found.abbr) {
        return static_cast<uint16_t>(i);
      }
    }
    table_.periods.push_back({found.offset, found.is_dst, found.abbr});
    return static_cast<uint16_t>(table_.periods.size() - 1);
  }

  const cctz::time_zone& zone_;
  TimeZone::Table table_;
};

class ZoneCache {
 public:
  const TimeZone* Find(std::string_view name) {
    std::string key = LowerAscii(name);
    std::lock_guard lock(mutex_);
    auto at = zones_.find(key);
    if (at != zones_.end()) return at->second.get();
    std::unique_ptr<TimeZone> zone = Make(key);
    if (zone == nullptr) return nullptr;
    return zones_.emplace(key, std::move(zone)).first->second.get();
  }

 private:
  static std::unique_ptr<TimeZone> Make(const std::string& key) {
    if (key == "gmt") {
      return std::make_unique<TimeZone>("GMT", TimeZone::Table{{{0, false, "GMT"}}, {}});
    }
    auto known = DatabaseNames().find(key);
    if (known != DatabaseNames().end()) {
      if (auto zone = TimeZone::Load(known->second)) return zone;
    }
    std::string upper = UpperAscii(key);
    std::optional<TimeZone::Table> table = ParsePosixTimeZone(upper);
    if (!table.has_value()) return nullptr;
    return std::make_unique<TimeZone>(upper, std::move(*table));
  }

  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<TimeZone>, std::less<>> zones_;  // GUARDED_BY(mutex_)
};

}  // namespace

const TimeZone& TimeZone::Utc() {
  static const TimeZone* const utc = new TimeZone("UTC", Table{{{0, false, "UTC"}}, {}});
  return *utc;
}

const TimeZone* TimeZone::Find(std::string_view name) {
  constexpr size_t kLongestName = 255;
  static ZoneCache* const cache = new ZoneCache;
  if (name.empty() || name.size() > kLongestName) return nullptr;
  return cache->Find(name);
}

const TimeZone* TimeZone::OfOffset(int32_t east_s) {
  int32_t left = east_s < 0 ? -east_s : east_s;
  std::string amount;
  auto append = [&amount](int32_t value) {
    amount += static_cast<char>('0' + value / 10 % 10);
    amount += static_cast<char>('0' + value % 10);
  };
  append(left / 3600);
  if (left % 3600 != 0) {
    amount += ':';
    append(left / 60 % 60);
    if (left % 60 != 0) {
      amount += ':';
      append(left % 60);
    }
  }
  const char* east_sign = east_s < 0 ? "-" : "+";
  const char* west_sign = east_s < 0 ? "+" : "-";
  return Find("<" + (east_sign + amount) + ">" + west_sign + amount);
}

std::vector<std::string> TimeZone::Names() {
  std::vector<std::string> names;
  for (const auto& [lower, name] : DatabaseNames()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::unique_ptr<TimeZone> TimeZone::Load(std::string_view name) {
  cctz::time_zone zone;
  if (!cctz::load_time_zone(std::string(name), &zone)) return nullptr;
  return std::make_unique<TimeZone>(std::string(name), TableBuilder(zone).Build());
}

int64_t TimeZone::IntoTable(int64_t unix_s) const {
  const auto& transitions = table_.transitions;
  if (table_.repeats_forward && unix_s >= transitions.back().unix_s) {
    int64_t cycles = (unix_s - transitions.back().unix_s) / kCycleSeconds + 1;
    return unix_s - cycles * kCycleSeconds;
  }
  if (table_.repeats_backward && unix_s < transitions.front().unix_s) {
    int64_t cycles = (transitions.front().unix_s - 1 - unix_s) / kCycleSeconds + 1;
    return unix_s + cycles * kCycleSeconds;
  }
  return unix_s;
}

size_t TimeZone::FirstAfter(int64_t unix_s) const {
  const auto& transitions = table_.transitions;
  auto at = std::upper_bound(transitions.begin(), transitions.end(), unix_s,
                             [](int64_t t, const Transition& x) { return t < x.unix_s; });
  return static_cast<size_t>(at - transitions.begin());
}

const ZonePeriod& TimeZone::PeriodBefore(size_t transition) const {
  return transition == 0 ? table_.periods[0]
                         : table_.periods[table_.transitions[transition - 1].period];
}

const ZonePeriod& TimeZone::PeriodAt(int64_t unix_s) const {
  return PeriodBefore(FirstAfter(IntoTable(unix_s)));
}

const ZonePeriod& TimeZone::PeriodOfWallClock(int64_t wall_s) const {
  // No offset exceeds a day, so the one transition that may matter is the first after a day ago.
  int64_t day_before = wall_s - kSecondsPerDay;
  int64_t in_table = IntoTable(day_before);
  int64_t wall = wall_s + (in_table - day_before);
  size_t next = FirstAfter(in_table);
  const ZonePeriod& before = PeriodBefore(next);
  if (next == table_.transitions.size()) return before;
  const ZonePeriod& after = PeriodBefore(next + 1);
  int64_t boundary = table_.transitions[next].unix_s;
  int64_t if_before = wall - before.offset_s;
  int64_t if_after = wall - after.offset_s;
  if (if_before < boundary && if_after < boundary) return before;
  if (if_before > boundary && if_after >= boundary) return after;
  return if_before > if_after ? before : after;
}

const ZonePeriod* TimeZone::PeriodOfAbbreviation(std::string_view abbreviation,
                                                 int64_t unix_s) const {
  size_t first_after = FirstAfter(unix_s);
  for (size_t i = first_after; i > 0; --i) {
    const ZonePeriod& period = table_.periods[table_.transitions[i - 1].period];
    if (period.abbreviation == abbreviation) return &period;
  }
  for (size_t i = first_after; i < table_.transitions.size(); ++i) {
    const ZonePeriod& period = table_.periods[table_.transitions[i].period];
    if (period.abbreviation == abbreviation) return &period;
  }
  return nullptr;
}

std::optional<int32_t> TimeZone::fixed_offset_s() const {
  for (const ZonePeriod& period : table_.periods) {
    if (period.offset_s != table_.periods[0].offset_s) return std::nullopt;
  }
  return table_.periods[0].offset_s;
}

}  // namespace sundog::types
