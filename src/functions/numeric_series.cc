// generate_series over numeric.
#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "types/numeric.h"

namespace sundog::functions {

namespace {

class NumericSeries : public SetCall {
 public:
  NumericSeries(std::string_view first, std::string_view last, std::string_view step)
      : next_(first), last_(last), step_(step), descending_(types::NumericSign(step) < 0) {}

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    Vector& out = *columns[0];
    size_t count = 0;
    while (count < capacity) {
      int order = types::CompareNumeric(next_, last_);
      if (descending_ ? order < 0 : order > 0) break;
      out.Set<std::string_view>(count++, out.CopyBytes(next_));
      scratch_.Reset();
      next_ = types::NumericAdd(next_, step_, scratch_);
    }
    return count;
  }

 private:
  std::string next_;
  std::string last_;
  std::string step_;
  bool descending_;
  base::Arena scratch_;
};

void CheckSeriesArgument(std::string_view value, std::string_view what) {
  types::NumericView view(value);
  if (!view.is_special()) return;
  throw SqlError(sqlstate::kInvalidParameterValue,
                 std::string(what) + (view.is_nan() ? " cannot be NaN" : " cannot be infinity"));
}

std::unique_ptr<SetCall> GenerateNumericSeries(CallContext&, std::span<const Datum> arguments) {
  base::Arena scratch;
  auto first = arguments[0].As<std::string_view>();
  auto last = arguments[1].As<std::string_view>();
  CheckSeriesArgument(first, "start value");
  CheckSeriesArgument(last, "stop value");
  std::string_view step = types::NumericFromInt64(1, scratch);
  if (arguments.size() > 2) {
    step = arguments[2].As<std::string_view>();
    CheckSeriesArgument(step, "step size");
    if (types::NumericSign(step) == 0) {
      throw SqlError(sqlstate::kInvalidParameterValue, "step size cannot equal zero");
    }
  }
  return std::make_unique<NumericSeries>(first, last, step);
}

const SetEntry kEntries[] = {
    {"generate_series(numeric,numeric)", GenerateNumericSeries},
    {"generate_series(numeric,numeric,numeric)", GenerateNumericSeries},
};

}  // namespace

void RegisterNumericSeriesFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
