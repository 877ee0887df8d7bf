#include "types/time_of_day.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/calendar.h"
#include "types/datetime_decode.h"
#include "types/datetime_encode.h"
#include "types/fixed_ops.h"
#include "types/io_settings.h"
#include "types/timestamp.h"

namespace sundog::types {

namespace {

constexpr int32_t kZoneLimitSeconds = 16 * 3600;

int64_t MicrosOf(const CivilTime& civil) {
  return MicrosOfDay(civil.hour, civil.minute, civil.second, civil.micros);
}

int64_t CheckedTime(int64_t time) {
  if (time < 0 || time > kMicrosPerDay) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange, "time out of range");
  }
  return time;
}

}  // namespace

int64_t ParseTime(const IoSettings& settings, std::string_view text, int32_t typmod) {
  return RoundToPrecision(MicrosOf(DecodeTimeOfDay(settings, text, "time").civil), typmod);
}

TimeTz ParseTimetz(const IoSettings& settings, std::string_view text, int32_t typmod) {
  DecodedDateTime decoded = DecodeTimeOfDay(settings, text, "time with time zone");
  return {RoundToPrecision(MicrosOf(decoded.civil), typmod), decoded.zone_west_s};
}

void AppendTimeText(int64_t time, std::string& to) {
  CivilTime civil;
  SplitMicrosOfDay(time, &civil);
  AppendTimeOfDay(civil, to);
}

void AppendTimetzText(TimeTz time, std::string& to) {
  AppendTimeText(time.micros, to);
  AppendZoneOffset(time.zone, to);
}

int CompareTimetz(TimeTz a, TimeTz b) {
  int by_instant = CompareValues(a.micros + a.zone * kMicrosPerSecond,
                                 b.micros + b.zone * kMicrosPerSecond);
  return by_instant != 0 ? by_instant : CompareValues(a.zone, b.zone);
}

namespace {

Datum InputTime(const IoContext& io, const TypeInfo&, std::string_view text, int32_t typmod,
                base::Arena&) {
  return Datum::From<int64_t>(ParseTime(*io.settings, text, typmod));
}

void OutputTime(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  AppendTimeText(value.As<int64_t>(), to);
}

Datum ReceiveTime(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t typmod,
                  base::Arena&) {
  WireReader reader(bytes);
  int64_t time = CheckedTime(reader.Read<int64_t>());
  reader.Finish();
  return Datum::From<int64_t>(RoundToPrecision(time, typmod));
}

Datum InputTimetz(const IoContext& io, const TypeInfo&, std::string_view text, int32_t typmod,
                  base::Arena&) {
  return Datum::From<TimeTz>(ParseTimetz(*io.settings, text, typmod));
}

void OutputTimetz(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  AppendTimetzText(value.As<TimeTz>(), to);
}

Datum ReceiveTimetz(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t typmod,
                    base::Arena&) {
  WireReader reader(bytes);
  TimeTz time;
  time.micros = CheckedTime(reader.Read<int64_t>());
  time.zone = reader.Read<int32_t>();
  reader.Finish();
  if (time.zone <= -kZoneLimitSeconds || time.zone >= kZoneLimitSeconds) {
    throw SqlError(sqlstate::kInvalidTimeZoneDisplacementValue,
                   "time zone displacement out of range");
  }
  time.micros = RoundToPrecision(time.micros, typmod);
  return Datum::From<TimeTz>(time);
}

void SendTimetz(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  TimeTz time = value.As<TimeTz>();
  base::AppendBigEndian<int64_t>(to, time.micros);
  base::AppendBigEndian<int32_t>(to, time.zone);
}

int CompareTimetzDatums(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareTimetz(a.As<TimeTz>(), b.As<TimeTz>());
}

uint64_t HashTimetz(const TypeLookup&, const TypeInfo&, const Datum& value) {
  TimeTz time = value.As<TimeTz>();
  return CombineHashes(HashInteger(static_cast<uint64_t>(time.micros)),
                       HashInteger(static_cast<uint64_t>(time.zone)));
}

template <bool kWithZone>
int32_t TimeTypmodIn(std::span<const std::string_view> arguments) {
  return PrecisionTypmod(arguments, "TIME", kWithZone ? " WITH TIME ZONE" : "");
}

template <bool kWithZone>
std::string TimeTypmodOut(int32_t typmod) {
  return fmt::format("({}){}", typmod, kWithZone ? " with time zone" : " without time zone");
}

constexpr TypeOps kTimeOps = {.input = InputTime,
                              .output = OutputTime,
                              .receive = ReceiveTime,
                              .send = SendFixed<int64_t>,
                              .compare = CompareFixed<int64_t>,
                              .hash = HashFixed<int64_t>,
                              .typmod_in = TimeTypmodIn<false>,
                              .typmod_out = TimeTypmodOut<false>};

constexpr TypeOps kTimetzOps = {.input = InputTimetz,
                                .output = OutputTimetz,
                                .receive = ReceiveTimetz,
                                .send = SendTimetz,
                                .compare = CompareTimetzDatums,
                                .hash = HashTimetz,
                                .typmod_in = TimeTypmodIn<true>,
                                .typmod_out = TimeTypmodOut<true>};

constexpr TypeOpsEntry kOps[] = {{oids::kTime, &kTimeOps}, {oids::kTimetz, &kTimetzOps}};

}  // namespace

std::span<const TypeOpsEntry> TimeOfDayTypeOps() { return kOps; }

}  // namespace sundog::types
