// The text and binary forms of row values.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "types/array_text.h"
#include "types/domain_type.h"
#include "types/record.h"

namespace sundog::types {

namespace {

[[noreturn]] void ThrowAnonymous() {
  throw SqlError(sqlstate::kFeatureNotSupported,
                 "input of anonymous composite types is not implemented");
}

// Takes `(a,"b ""c""",)` apart.
class RecordParser {
 public:
  explicit RecordParser(std::string_view text) : text_(text) {}

  void Open() {
    SkipSpace();
    if (Peek() != '(') Fail("Missing left parenthesis.");
    ++at_;
  }

  // False for an empty field, which is null.
  bool Field(bool first, std::string& value) {
    if (!first) {
      if (Peek() != ',') Fail("Too few columns.");
      ++at_;
    }
    value.clear();
    if (Peek() == ',' || Peek() == ')') return false;
    bool quoted = false;
    while (quoted || (Peek() != ',' && Peek() != ')')) {
      char c = Next();
      if (c == '\\') {
        value.push_back(Next());
      } else if (c != '"') {
        value.push_back(c);
      } else if (quoted && Peek() == '"') {
        value.push_back(Next());
      } else {
        quoted = !quoted;
      }
    }
    return true;
  }

  void Close() {
    if (Peek() != ')') Fail("Too many columns.");
    ++at_;
    SkipSpace();
    if (at_ < text_.size()) Fail("Junk after right parenthesis.");
  }

 private:
  [[noreturn]] void Fail(const char* detail) const {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("malformed record literal: \"{}\"", text_))
        .Detail(detail);
  }
  int Peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }
  char Next() {
    if (at_ >= text_.size()) Fail("Unexpected end of input.");
    return text_[at_++];
  }
  void SkipSpace() {
    while (at_ < text_.size() && IsLiteralSpace(text_[at_])) ++at_;
  }

  std::string_view text_;
  size_t at_ = 0;
};

Datum RecordInput(const IoContext& io, const TypeInfo& type, std::string_view text,
                  int32_t /*typmod*/, base::Arena& arena) {
  if (type.kind_code != 'c') ThrowAnonymous();
  RecordBuilder builder(type.oid);
  RecordParser parser(text);
  parser.Open();
  std::string field_text;
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const SqlType field = type.fields[i].type;
    Datum value;
    const TypeInfo& info = io.types->GetType(field.oid);
    value = parser.Field(i == 0, field_text) ? InputText(io, field, field_text, arena)
                                             : NullOf(io, info);
    builder.Append(field.oid, info.physical, value);
  }
  parser.Close();
  return Datum::From(builder.Finish(arena));
}

void AppendField(std::string_view value, std::string& to) {
  bool quotes = value.empty();
  for (char c : value) {
    quotes |= c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || IsLiteralSpace(c);
  }
  if (!quotes) {
    to += value;
    return;
  }
  to += '"';
  for (char c : value) {
    if (c == '"' || c == '\\') to += c;
    to += c;
  }
  to += '"';
}

void RecordOutput(const IoContext& io, const TypeInfo& type, const Datum& value,
                  std::string& to) {
  RecordReader record(value.As<std::string_view>());
  int count = std::max(record.size(), static_cast<int>(type.fields.size()));
  to += '(';
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (i > 0) to += ',';
    if (record.IsNull(i)) continue;
    text.clear();
    OutputText(io, io.types->GetType(record.field_type(i)), record.At(i), text);
    AppendField(text, to);
  }
  to += ')';
}

void RecordSend(const IoContext& io, const TypeInfo& /*type*/, const Datum& value,
                std::string& to) {
  RecordReader record(value.As<std::string_view>());
  base::AppendBigEndian<int32_t>(to, record.size());
  for (int i = 0; i < record.size(); ++i) {
    base::AppendBigEndian<uint32_t>(to, record.field_type(i));
    if (record.IsNull(i)) {
      base::AppendBigEndian<int32_t>(to, -1);
      continue;
    }
    const TypeInfo& field = io.types->GetType(record.field_type(i));
    RequireSend(*io.types, field);
    size_t length_at = to.size();
    to.append(4, '\0');
    field.ops->send(io, field, record.At(i), to);
    base::StoreBigEndian(to.data() + length_at,
                         static_cast<int32_t>(to.size() - length_at - 4));
  }
}

class WireCursor {
 public:
  explicit WireCursor(std::string_view bytes) : bytes_(bytes) {}
  int32_t Int32() { return base::LoadBigEndian<int32_t>(Take(4).data()); }
  std::string_view Take(size_t size) {
    if (size > bytes_.size()) {
      throw SqlError(sqlstate::kProtocolViolation, "insufficient data left in message");
    }
    std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

 private:
  std::string_view bytes_;
};

Datum ReceiveField(const IoContext& io, SqlType type, int number, WireCursor& wire,
                   base::Arena& arena) {
  auto sent = static_cast<Oid>(wire.Int32());
  if (sent != type.oid) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("binary data has type {} ({}) instead of expected {} ({}) in record "
                               "column {}",
                               sent, FormatType(*io.types, {sent, -1}), type.oid,
                               FormatType(*io.types, {type.oid, -1}), number));
  }
  int32_t length = wire.Int32();
  if (length == -1) return NullOf(io, io.types->GetType(type.oid));
  if (length < 0) {
    throw SqlError(sqlstate::kInvalidBinaryRepresentation, "insufficient data left in message");
  }
  const TypeInfo& info = io.types->GetType(type.oid);
  RequireReceive(*io.types, info);
  return info.ops->receive(io, info, wire.Take(length), type.typmod, arena);
}

Datum RecordReceive(const IoContext& io, const TypeInfo& type, std::string_view bytes,
                    int32_t /*typmod*/, base::Arena& arena) {
  if (type.kind_code != 'c') ThrowAnonymous();
  WireCursor wire(bytes);
  int32_t count = wire.Int32();
  if (count != static_cast<int32_t>(type.fields.size())) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("wrong number of columns: {}, expected {}", count,
                               type.fields.size()));
  }
  RecordBuilder builder(type.oid);
  for (int i = 0; i < count; ++i) {
    SqlType field = type.fields[i].type;
    builder.Append(field.oid, io.types->GetType(field.oid).physical,
                   ReceiveField(io, field, i + 1, wire, arena));
  }
  return Datum::From(builder.Finish(arena));
}

int RecordCompare(const TypeLookup& types, const TypeInfo& /*type*/, const Datum& a,
                  const Datum& b) {
  return CompareRecords(types, RecordReader(a.As<std::string_view>()),
                        RecordReader(b.As<std::string_view>()));
}

uint64_t RecordHash(const TypeLookup& types, const TypeInfo& /*type*/, const Datum& value) {
  RecordReader record(value.As<std::string_view>());
  uint64_t hash = 0x9e3779b97f4a7c15u;
  for (int i = 0; i < record.size(); ++i) {
    uint64_t item = 0;
    if (!record.IsNull(i)) {
      const TypeInfo& field = types.GetType(record.field_type(i));
      if (field.ops->hash == nullptr) {
        throw SqlError(sqlstate::kUndefinedFunction,
                       "could not identify a hash function for type " +
                           FormatType(types, {field.oid, -1}));
      }
      item = field.ops->hash(types, field, record.At(i));
    }
    hash = (hash ^ item) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace

const TypeOps kRecordOps = {.input = RecordInput,
                            .output = RecordOutput,
                            .receive = RecordReceive,
                            .send = RecordSend,
                            .compare = RecordCompare,
                            .hash = RecordHash};

}  // namespace sundog::types
