#include "types/enum_type.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "types/fixed_ops.h"
#include "types/text_type.h"
#include "types/utf8.h"

namespace sundog::types {

namespace {

const EnumLabel& GetLabel(const TypeInfo& type, Oid oid) {
  const EnumLabel* label = FindEnumLabel(type, oid);
  if (label == nullptr) {
    throw SqlError(sqlstate::kInvalidBinaryRepresentation,
                   fmt::format("invalid internal value for enum: {}", oid));
  }
  return *label;
}

Datum Input(const IoContext& io, const TypeInfo& type, std::string_view text, int32_t,
            base::Arena&) {
  const EnumLabel* label =
      text.size() > kNameMaxBytes ? nullptr : FindEnumLabel(type, text);
  if (label == nullptr) {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("invalid input value for enum {}: \"{}\"",
                               FormatType(*io.types, {type.oid}), text));
  }
  return Datum::From<uint32_t>(label->oid);
}

void Output(const IoContext&, const TypeInfo& type, const Datum& value, std::string& to) {
  to += GetLabel(type, value.As<uint32_t>()).label;
}

Datum Receive(const IoContext& io, const TypeInfo& type, std::string_view bytes, int32_t typmod,
              base::Arena& arena) {
  ValidateUtf8(bytes);
  return Input(io, type, bytes, typmod, arena);
}

int Compare(const TypeLookup&, const TypeInfo& type, const Datum& a, const Datum& b) {
  return CompareEnum(type, a.As<uint32_t>(), b.As<uint32_t>());
}

}  // namespace

constinit const TypeOps kEnumOps = {.input = Input,
                                    .output = Output,
                                    .receive = Receive,
                                    .send = Output,
                                    .compare = Compare,
                                    .hash = HashFixed<uint32_t>};

const EnumLabel* FindEnumLabel(const TypeInfo& type, Oid label) {
  auto at = std::lower_bound(type.enum_labels.begin(), type.enum_labels.end(), label,
                             [](const EnumLabel& row, Oid oid) { return row.oid < oid; });
  return at != type.enum_labels.end() && at->oid == label ? &*at : nullptr;
}

const EnumLabel* FindEnumLabel(const TypeInfo& type, std::string_view label) {
  for (const EnumLabel& row : type.enum_labels) {
    if (row.label == label) return &row;
  }
  return nullptr;
}

int CompareEnum(const TypeInfo& type, Oid a, Oid b) {
  if (a == b) return 0;
  return CompareValues(GetLabel(type, a).sort_order, GetLabel(type, b).sort_order);
}

std::vector<const EnumLabel*> OrderedEnumLabels(const TypeInfo& type) {
  std::vector<const EnumLabel*> labels;
  for (const EnumLabel& row : type.enum_labels) labels.push_back(&row);
  std::sort(labels.begin(), labels.end(), [](const EnumLabel* a, const EnumLabel* b) {
    return a->sort_order < b->sort_order;
  });
  return labels;
}

}  // namespace sundog::types
