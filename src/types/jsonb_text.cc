// The text and binary forms of jsonb, and the operations of the type.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/json_lexer.h"
#include "types/jsonb.h"
#include "types/jsonb_builder.h"
#include "types/numeric.h"
#include "types/utf8.h"

namespace sundog::types {

namespace {

class TextWriter {
 public:
  TextWriter(std::string& to, bool indent) : to_(to), indent_(indent) {}

  void Write(Jsonb value) {
    switch (value.tag()) {
      case JsonbTag::kNull: to_ += "null"; break;
      case JsonbTag::kString: AppendJsonString(value.string(), to_); break;
      case JsonbTag::kNumber: AppendNumericText(value.number(), to_); break;
      case JsonbTag::kFalse: to_ += "false"; break;
      case JsonbTag::kTrue: to_ += "true"; break;
      case JsonbTag::kArray:
      case JsonbTag::kObject: WriteContainer(value); break;
    }
  }

 private:
  void WriteContainer(Jsonb value) {
    to_ += value.is_array() ? '[' : '{';
    ++level_;
    for (int i = 0; i < value.count(); ++i) {
      if (i > 0) to_ += indent_ ? "," : ", ";
      NewLine();
      if (value.is_array()) {
        Write(value.Element(i));
      } else {
        AppendJsonString(value.Key(i), to_);
        to_ += ": ";
        Write(value.Value(i));
      }
    }
    --level_;
    NewLine();
    to_ += value.is_array() ? ']' : '}';
  }

  void NewLine() {
    if (!indent_) return;
    to_ += '\n';
    to_.append(4 * static_cast<size_t>(level_), ' ');
  }

  std::string& to_;
  bool indent_;
  int level_ = 0;
};

// Builds while the text is parsed.
class BuildingEvents : public JsonEvents {
 public:
  void BeginObject() override { builder.BeginObject(); }
  void Key(std::string_view key) override { builder.Key(key); }
  void EndObject() override { builder.End(); }
  void BeginArray() override { builder.BeginArray(); }
  void EndArray() override { builder.End(); }
  void String(std::string_view value) override { builder.Add(Jsonb::String(value)); }
  void Number(std::string_view text) override {
    scratch_.Reset();
    builder.Add(Jsonb::Number(ParseNumeric(text, -1, scratch_)));
  }
  void Bool(bool value) override { builder.Add(Jsonb::Bool(value)); }
  void Null() override { builder.Add(Jsonb()); }

  JsonbBuilder builder;

 private:
  base::Arena scratch_;
};

Datum JsonbInput(const IoContext&, const TypeInfo&, std::string_view text, int32_t,
                 base::Arena& arena) {
  return Datum::From(ParseJsonb(text, arena));
}

void JsonbOutput(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  AppendJsonb(Jsonb(value.As<std::string_view>()), to);
}

// On the wire: a version byte, 1, and the text.
Datum JsonbReceive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t,
                   base::Arena& arena) {
  if (bytes.empty()) {
    throw SqlError(sqlstate::kProtocolViolation, "no data left in message");
  }
  if (bytes[0] != 1) {
    throw SqlError(sqlstate::kInternalError,
                   fmt::format("unsupported jsonb version number {}",
                               static_cast<int>(static_cast<unsigned char>(bytes[0]))));
  }
  ValidateUtf8(bytes.substr(1));
  return Datum::From(ParseJsonb(bytes.substr(1), arena));
}

void JsonbSend(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += '\1';
  AppendJsonb(Jsonb(value.As<std::string_view>()), to);
}

int JsonbCompare(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareJsonb(Jsonb(a.As<std::string_view>()), Jsonb(b.As<std::string_view>()));
}

uint64_t JsonbHash(const TypeLookup&, const TypeInfo&, const Datum& value) {
  return HashJsonb(Jsonb(value.As<std::string_view>()));
}

constexpr TypeOps kJsonbOps = {.input = JsonbInput,
                               .output = JsonbOutput,
                               .receive = JsonbReceive,
                               .send = JsonbSend,
                               .compare = JsonbCompare,
                               .hash = JsonbHash};
constexpr TypeOpsEntry kJsonbTypes[] = {{oids::kJsonb, &kJsonbOps}};

}  // namespace

void AppendJsonb(Jsonb value, std::string& to, bool indent) {
  TextWriter(to, indent).Write(value);
}

std::string JsonbText(Jsonb value) {
  std::string text;
  AppendJsonb(value, text);
  return text;
}

std::string JsonbAsText(Jsonb value) {
  return value.is_string() ? std::string(value.string()) : JsonbText(value);
}

std::string_view ParseJsonb(std::string_view text, base::Arena& arena) {
  BuildingEvents events;
  ParseJson(text, &events);
  return events.builder.Finish(arena);
}

std::span<const TypeOpsEntry> JsonbTypes() { return kJsonbTypes; }

}  // namespace sundog::types
