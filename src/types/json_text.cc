#include "types/json_text.h"

#include "base/sql_error.h"
#include "types/json_lexer.h"
#include "types/utf8.h"

namespace sundog::types {

namespace {

bool IsJsonSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsJsonSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsJsonSpace(text.back())) text.remove_suffix(1);
  return text;
}

size_t StringEnd(std::string_view text, size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// The end of the value that begins at `at`.
size_t ValueEnd(std::string_view text, size_t at) {
  if (text[at] == '"') return StringEnd(text, at);
  if (text[at] != '{' && text[at] != '[') {
    while (at < text.size() && !IsJsonSpace(text[at]) && text[at] != ',' && text[at] != ']' &&
           text[at] != '}') {
      ++at;
    }
    return at;
  }
  int64_t depth = 0;
  while (true) {
    char c = text[at];
    if (c == '"') {
      at = StringEnd(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
}

}  // namespace

JsonText::JsonText(std::string_view text) : text_(Trim(text)) {}

JsonKind JsonText::kind() const {
  switch (text_[0]) {
    case '{': return JsonKind::kObject;
    case '[': return JsonKind::kArray;
    case '"': return JsonKind::kString;
    case 't':
    case 'f': return JsonKind::kBool;
    case 'n': return JsonKind::kNull;
    default: return JsonKind::kNumber;
  }
}

std::string JsonText::AsText() const {
  if (kind() != JsonKind::kString) return std::string(text_);
  JsonLexer lexer(text_, true);
  lexer.Next();
  return std::string(lexer.string());
}

std::optional<JsonText> JsonText::Member(std::string_view key) const {
  std::optional<JsonText> found;
  JsonTextCursor cursor(*this);
  JsonText name;
  JsonText value;
  while (cursor.NextMember(name, value)) {
    std::string_view raw = name.text().substr(1, name.text().size() - 2);
    bool plain = raw.find('\\') == std::string_view::npos;
    if (plain ? raw == key : name.AsText() == key) found = value;
  }
  return found;
}

std::optional<JsonText> JsonText::Element(int64_t i) const {
  if (i < 0) i += Count();
  if (i < 0) return std::nullopt;
  JsonTextCursor cursor(*this);
  JsonText element;
  while (cursor.NextElement(element)) {
    if (i-- == 0) return element;
  }
  return std::nullopt;
}

int64_t JsonText::Count() const {
  JsonTextCursor cursor(*this);
  JsonText key;
  JsonText value;
  int64_t count = 0;
  if (kind() == JsonKind::kObject) {
    while (cursor.NextMember(key, value)) ++count;
  } else {
    while (cursor.NextElement(value)) ++count;
  }
  return count;
}

void JsonTextCursor::SkipSpace() {
  while (IsJsonSpace(text_[at_])) ++at_;
}

JsonText JsonTextCursor::TakeValue() {
  size_t end = ValueEnd(text_, at_);
  JsonText value(text_.substr(at_, end - at_));
  at_ = end;
  return value;
}

bool JsonTextCursor::NextElement(JsonText& element) {
  SkipSpace();
  if (text_[at_] == ',') {
    ++at_;
    SkipSpace();
  }
  if (text_[at_] == ']') return false;
  element = TakeValue();
  return true;
}

bool JsonTextCursor::NextMember(JsonText& key, JsonText& value) {
  SkipSpace();
  if (text_[at_] == ',') {
    ++at_;
    SkipSpace();
  }
  if (text_[at_] == '}') return false;
  key = TakeValue();
  SkipSpace();
  ++at_;  // the colon
  SkipSpace();
  value = TakeValue();
  return true;
}

namespace {

Datum JsonInput(const IoContext&, const TypeInfo&, std::string_view text, int32_t,
                base::Arena& arena) {
  ParseJson(text, nullptr);
  return Datum::From(arena.Copy(text));
}

void JsonOutput(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  to += value.As<std::string_view>();
}

Datum JsonReceive(const IoContext& io, const TypeInfo& type, std::string_view bytes,
                  int32_t typmod, base::Arena& arena) {
  ValidateUtf8(bytes);
  return JsonInput(io, type, bytes, typmod, arena);
}

// No order and no equality, as in PostgreSQL.
constexpr TypeOps kJsonOps = {
    .input = JsonInput, .output = JsonOutput, .receive = JsonReceive, .send = JsonOutput};
constexpr TypeOpsEntry kJsonTypes[] = {{oids::kJson, &kJsonOps}};

}  // namespace

std::span<const TypeOpsEntry> JsonTypes() { return kJsonTypes; }

}  // namespace sundog::types
