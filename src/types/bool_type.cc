#include "types/bool_type.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/fixed_ops.h"

namespace sundog::types {

namespace {

struct BoolWord {
  std::string_view word;
  size_t shortest;
  bool value;
};

constexpr BoolWord kBoolWords[] = {
    {"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
    {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false},
};

Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  std::optional<bool> value = ParseBool(text);
  if (!value.has_value()) {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("invalid input syntax for type boolean: \"{}\"", text));
  }
  return Datum::From<bool>(*value);
}

void Output(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += value.As<bool>() ? 't' : 'f';
}

Datum Receive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t, base::Arena&) {
  WireReader reader(bytes);
  bool value = reader.Read<int8_t>() != 0;
  reader.Finish();
  return Datum::From<bool>(value);
}

void Send(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += value.As<bool>() ? '\1' : '\0';
}

constexpr TypeOps kBoolOps = {.input = Input,
                              .output = Output,
                              .receive = Receive,
                              .send = Send,
                              .compare = CompareFixed<bool>,
                              .hash = HashFixed<bool>};

constexpr TypeOpsEntry kOps[] = {{oids::kBool, &kBoolOps}};

}  // namespace

std::optional<bool> ParseBool(std::string_view text) {
  text = TrimSpace(text);
  for (const BoolWord& row : kBoolWords) {
    if (text.size() < row.shortest || text.size() > row.word.size()) continue;
    if (EqualsIgnoringCase(text, row.word.substr(0, text.size()))) return row.value;
  }
  return std::nullopt;
}

std::span<const TypeOpsEntry> BoolTypeOps() { return kOps; }

}  // namespace sundog::types
