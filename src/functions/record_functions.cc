// Comparison of row values.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/record.h"

namespace sundog::functions {

namespace {

using types::RecordReader;

// A field's bytes; of numbers the most significant first, as PostgreSQL compares its datums.
std::string ImageOf(CallContext& call, const RecordReader& record, int i) {
  Datum value = record.At(i);
  types::PhysicalKind kind = call.types().GetType(record.field_type(i)).physical;
  if (kind == types::PhysicalKind::kVarlen) return std::string(value.As<std::string_view>());
  std::string image(static_cast<const char*>(value.payload()), types::PhysicalWidth(kind));
  if (image.size() <= 8) std::reverse(image.begin(), image.end());
  return image;
}

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

// By the bytes alone: what *= and kin compare. Numbers compare as unsigned bytes, which orders
// records in some way, as it does in PostgreSQL.
int32_t ImageCmp(CallContext& call, std::string_view a_bytes, std::string_view b_bytes) {
  RecordReader a(a_bytes);
  RecordReader b(b_bytes);
  for (int i = 0; i < a.size() && i < b.size(); ++i) {
    if (a.field_type(i) != b.field_type(i)) {
      throw SqlError(
          sqlstate::kDatatypeMismatch,
          fmt::format("cannot compare dissimilar column types {} and {} at record column {}",
                      types::FormatType(call.types(), {a.field_type(i)}),
                      types::FormatType(call.types(), {b.field_type(i)}), i + 1));
    }
    if (a.IsNull(i) || b.IsNull(i)) {
      if (a.IsNull(i) && b.IsNull(i)) continue;
      return a.IsNull(i) ? 1 : -1;
    }
    int order = ImageOf(call, a, i).compare(ImageOf(call, b, i));
    if (order != 0) return order < 0 ? -1 : 1;
  }
  if (a.size() != b.size()) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   "cannot compare record types with different numbers of columns");
  }
  return 0;
}
bool ImageEq(CallContext& call, std::string_view a, std::string_view b) {
  return RecordReader(a).size() == RecordReader(b).size() && ImageCmp(call, a, b) == 0;
}
bool ImageNe(CallContext& call, std::string_view a, std::string_view b) {
  return !ImageEq(call, a, b);
}
bool ImageLt(CallContext& call, std::string_view a, std::string_view b) {
  return ImageCmp(call, a, b) < 0;
}
bool ImageLe(CallContext& call, std::string_view a, std::string_view b) {
  return ImageCmp(call, a, b) <= 0;
}
bool ImageGt(CallContext& call, std::string_view a, std::string_view b) {
  return ImageCmp(call, a, b) > 0;
}
bool ImageGe(CallContext& call, std::string_view a, std::string_view b) {
  return ImageCmp(call, a, b) >= 0;
}

const ScalarEntry kEntries[] = {
    {"record_image_eq", Kernel<ImageEq>}, {"record_image_ne", Kernel<ImageNe>},
    {"record_image_lt", Kernel<ImageLt>}, {"record_image_le", Kernel<ImageLe>},
    {"record_image_gt", Kernel<ImageGt>}, {"record_image_ge", Kernel<ImageGe>},
    {"btrecordimagecmp", Kernel<ImageCmp>},
    {"record_eq", Kernel<RecordEq>},    {"record_ne", Kernel<RecordNe>},
    {"record_lt", Kernel<RecordLt>},    {"record_le", Kernel<RecordLe>},
    {"record_gt", Kernel<RecordGt>},    {"record_ge", Kernel<RecordGe>},
    {"btrecordcmp", Kernel<RecordCmp>},
};

}  // namespace

void RegisterRecordFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
