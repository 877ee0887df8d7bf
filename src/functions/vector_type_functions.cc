// Comparison of oidvectors, and information_schema._pg_expandarray.
#include <functional>

#include "functions/array_elements.h"
#include "functions/array_functions.h"
#include "functions/implementations.h"
#include "functions/kernel.h"

namespace sundog::functions {

namespace {

int32_t OidVectorCmp(CallContext& call, std::string_view a, std::string_view b) {
  const types::TypeInfo& type = call.argument_type_info(0);
  return type.ops->compare(call.types(), type, Datum::From(a), Datum::From(b));
}
template <typename Test>
bool OidVectorTest(CallContext& call, std::string_view a, std::string_view b) {
  return Test()(OidVectorCmp(call, a, b), 0);
}

const ScalarEntry kEntries[] = {
    {"btoidvectorcmp", Kernel<OidVectorCmp>},
    {"oidvectoreq", Kernel<OidVectorTest<std::equal_to<>>>},
    {"oidvectorne", Kernel<OidVectorTest<std::not_equal_to<>>>},
    {"oidvectorlt", Kernel<OidVectorTest<std::less<>>>},
    {"oidvectorle", Kernel<OidVectorTest<std::less_equal<>>>},
    {"oidvectorgt", Kernel<OidVectorTest<std::greater<>>>},
    {"oidvectorge", Kernel<OidVectorTest<std::greater_equal<>>>},
};

// information_schema._pg_expandarray: the elements with their numbers.
class ExpandArrayCall : public SetCall {
 public:
  explicit ExpandArrayCall(std::string_view bytes) : array_(bytes) {}
  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t count = 0;
    for (; count < capacity && next_ < array_.size(); ++count) {
      columns[0]->SetDatum(count, array_.At(next_++));
      columns[1]->Set<int32_t>(count, next_);
    }
    return count;
  }

 private:
  types::ArrayReader array_;
  int32_t next_ = 0;
};

std::unique_ptr<SetCall> ExpandArray(CallContext&, std::span<const Datum> arguments) {
  return std::make_unique<ExpandArrayCall>(arguments[0].As<std::string_view>());
}

const SetEntry kSets[] = {
    {"_pg_expandarray(anyarray)", ExpandArray},
};

}  // namespace

void RegisterVectorTypeFunctions(Implementations& table) {
  table.Add(std::span(kEntries));
  table.Add(std::span(kSets));
}

}  // namespace sundog::functions
