// Comparison of row values.
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/record.h"

namespace sundog::functions {

namespace {

using types::RecordReader;

bool RecordEq(CallContext& call, std::string_view a, std::string_view b) {
  return types::RecordsEqual(call.types(), RecordReader(a), RecordReader(b));
}
bool RecordNe(CallContext& call, std::string_view a, std::string_view b) {
  return !RecordEq(call, a, b);
}
int32_t RecordCmp(CallContext& call, std::string_view a, std::string_view b) {
  return types::CompareRecords(call.types(), RecordReader(a), RecordReader(b));
}
bool RecordLt(CallContext& call, std::string_view a, std::string_view b) {
  return RecordCmp(call, a, b) < 0;
}
bool RecordLe(CallContext& call, std::string_view a, std::string_view b) {
  return RecordCmp(call, a, b) <= 0;
}
bool RecordGt(CallContext& call, std::string_view a, std::string_view b) {
  return RecordCmp(call, a, b) > 0;
}
bool RecordGe(CallContext& call, std::string_view a, std::string_view b) {
  return RecordCmp(call, a, b) >= 0;
}

const ScalarEntry kEntries[] = {
    {"record_eq", Kernel<RecordEq>},    {"record_ne", Kernel<RecordNe>},
    {"record_lt", Kernel<RecordLt>},    {"record_le", Kernel<RecordLe>},
    {"record_gt", Kernel<RecordGt>},    {"record_ge", Kernel<RecordGe>},
    {"btrecordcmp", Kernel<RecordCmp>},
};

}  // namespace

void RegisterRecordFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
