// generate_series over integers, and generate_subscripts.
#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "types/array.h"

namespace sundog::functions {

namespace {

// first, first + step, … while it does not pass `last`; ends before it would overflow.
template <typename T>
class IntegerSeries : public SetCall {
 public:
  IntegerSeries(T first, T last, T step) : next_(first), last_(last), step_(step) {
    done_ = step > 0 ? first > last : first < last;
  }

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    if (done_) return 0;
    T* to = columns[0]->Data<T>();
    size_t count = 0;
    while (count < capacity && !done_) {
      to[count++] = next_;
      done_ = __builtin_add_overflow(next_, step_, &next_) ||
              (step_ > 0 ? next_ > last_ : next_ < last_);
    }
    return count;
  }

 private:
  T next_;
  T last_;
  T step_;
  bool done_;
};

template <typename T>
std::unique_ptr<SetCall> GenerateSeries(CallContext&, std::span<const Datum> arguments) {
  T step = arguments.size() > 2 ? arguments[2].As<T>() : T{1};
  if (step == 0) {
    throw SqlError(sqlstate::kInvalidParameterValue, "step size cannot equal zero");
  }
  return std::make_unique<IntegerSeries<T>>(arguments[0].As<T>(), arguments[1].As<T>(), step);
}

std::unique_ptr<SetCall> GenerateSubscripts(CallContext&, std::span<const Datum> arguments) {
  types::ArrayReader array(arguments[0].As<std::string_view>());
  int32_t dimension = arguments[1].As<int32_t>();
  if (dimension <= 0 || dimension > array.dimensions()) {
    return std::make_unique<IntegerSeries<int32_t>>(1, 0, 1);
  }
  int32_t lower = array.shape().lower_bounds[dimension - 1];
  int32_t upper = array.shape().upper_bound(dimension - 1);
  if (arguments.size() > 2 && arguments[2].As<bool>()) {
    return std::make_unique<IntegerSeries<int32_t>>(upper, lower, -1);
  }
  return std::make_unique<IntegerSeries<int32_t>>(lower, upper, 1);
}

const SetEntry kEntries[] = {
    {"generate_series(int4,int4)", GenerateSeries<int32_t>},
    {"generate_series(int4,int4,int4)", GenerateSeries<int32_t>},
    {"generate_series(int8,int8)", GenerateSeries<int64_t>},
    {"generate_series(int8,int8,int8)", GenerateSeries<int64_t>},
    {"generate_subscripts(anyarray,int4)", GenerateSubscripts},
    {"generate_subscripts(anyarray,int4,bool)", GenerateSubscripts},
};

}  // namespace

void RegisterSeriesFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
