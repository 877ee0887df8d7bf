#include "catalog/stored_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "catalog/type_infos.h"
#include "catalog/virtual_table.h"
#include "types/identifier.h"
#include "types/io_settings.h"

namespace sundog::catalog {

namespace {

constexpr char kMarkBegin = '\1';
constexpr char kMarkEnd = '\2';

struct Mark {
  char kind;
  Oid oid = 0;
  int32_t number = 0;
  std::string_view name;
};

Mark ParseMark(std::string_view text) {
  Mark mark{text[0]};
  const char* end = text.data() + text.size();
  auto oid = std::from_chars(text.data() + 1, end, mark.oid);
  CHECK(oid.ec == std::errc());
  if (oid.ptr == end) return mark;
  auto number = std::from_chars(oid.ptr + 1, end, mark.number);
  CHECK(number.ec == std::errc());
  if (number.ptr != end) mark.name = std::string_view(number.ptr + 1, end - number.ptr - 1);
  return mark;
}

std::string_view ColumnName(const Catalog& catalog, Oid oid, int32_t attnum) {
  const Relation* relation = catalog.FindRelation(oid);
  if (relation == nullptr || attnum < 1) return "?column?";
  auto at = static_cast<size_t>(attnum - 1);
  if (relation->table != nullptr) return relation->table->columns.at(at).name;
  if (relation->view != nullptr) return relation->view->columns.at(at).name;
  if (relation->composite != nullptr) return relation->composite->columns.at(at).name;
  return relation->system != nullptr ? std::string_view(relation->system->columns()[at].name)
                                     : "?column?";
}

std::string Doubled(const std::string& text) {
  std::string doubled;
  for (char c : text) {
    if (c == '\'') doubled += '\'';
    doubled += c;
  }
  return doubled;
}

std::string ValueLiteral(const Catalog& catalog, Oid oid, std::string_view hex) {
  const types::TypeInfo& type = catalog.GetType(oid);
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    uint8_t byte = 0;
    CHECK(std::from_chars(&hex[i], &hex[i] + 2, byte, 16).ec == std::errc());
    bytes += static_cast<char>(byte);
  }
  bool varlen = type.physical == types::PhysicalKind::kVarlen;
  types::Datum value = varlen ? types::Datum::From(std::string_view(bytes))
                              : types::Datum::FromPayload(bytes.data(), type.physical);
  types::IoSettings settings;
  std::string text;
  types::OutputText({&catalog, &settings}, type, value, text);
  return "'" + Doubled(text) + "'";
}

std::string Expand(const Catalog& catalog, const SearchPath* path, const Mark& mark, Oid self) {
  Oid oid = mark.oid != 0 ? mark.oid : self;
  switch (mark.kind) {
    case 'r':
    case 'q': {
      const Relation* relation = catalog.FindRelation(oid);
      std::string name = relation != nullptr ? RelationName(catalog, path, *relation)
                                             : std::to_string(oid);
      return mark.kind == 'q' ? Doubled(name) : name;
    }
    case 'c': return types::QuoteIdentifier(ColumnName(catalog, oid, mark.number));
    case 'a':
      if (ColumnName(catalog, oid, mark.number) == mark.name) return "";
      return " AS " + types::QuoteIdentifier(mark.name);
    case 'l': {
      const Relation* relation = catalog.FindRelation(oid);
      if (relation == nullptr || relation->name == mark.name) return "";
      return " " + types::QuoteIdentifier(mark.name);
    }
    case 't': return TypeName(catalog, path, {oid, mark.number});
    case 'v': return ValueLiteral(catalog, oid, mark.name);
    case 'f': {
      const functions::ProcInfo* proc = catalog.FindProc(oid);
      return proc != nullptr ? FunctionName(catalog, path, *proc) : std::to_string(oid);
    }
    case 'o': {
      const functions::OperatorInfo* op = catalog.FindOperator(oid);
      return op != nullptr ? OperatorName(catalog, path, *op) : std::to_string(oid);
    }
  }
  CHECK(false);
  return "";
}

// Calls `text` for what is between marks and `mark` for each mark.
template <typename Text, typename OnMark>
void ForEachPart(std::string_view sql, Text text, OnMark mark) {
  while (true) {
    size_t begin = sql.find(kMarkBegin);
    text(sql.substr(0, begin));
    if (begin == std::string_view::npos) return;
    size_t end = sql.find(kMarkEnd, begin);
    CHECK(end != std::string_view::npos);
    mark(ParseMark(sql.substr(begin + 1, end - begin - 1)));
    sql.remove_prefix(end + 1);
  }
}

}  // namespace

std::string RelationMark(Oid relation) { return fmt::format("\1r{}\2", relation); }
std::string QuotedRelationMark(Oid relation) { return fmt::format("\1q{}\2", relation); }
std::string ColumnMark(Oid relation, int16_t attnum) {
  return fmt::format("\1c{}:{}\2", relation, attnum);
}
std::string ColumnAliasMark(Oid relation, int16_t attnum, std::string_view name) {
  return fmt::format("\1a{}:{}:{}\2", relation, attnum, name);
}
std::string RelationAliasMark(Oid relation, std::string_view name) {
  return fmt::format("\1l{}:0:{}\2", relation, name);
}
std::string TypeMark(SqlType type) { return fmt::format("\1t{}:{}\2", type.oid, type.typmod); }
std::string FunctionMark(Oid function) { return fmt::format("\1f{}\2", function); }
std::string OperatorMark(Oid op) { return fmt::format("\1o{}\2", op); }
std::string ValueMark(const types::TypeInfo& type, const types::Datum& value) {
  bool varlen = type.physical == types::PhysicalKind::kVarlen;
  std::string_view bytes =
      varlen ? value.As<std::string_view>()
             : std::string_view(static_cast<const char*>(value.payload()),
                                types::PhysicalWidth(type.physical));
  std::string hex;
  for (char byte : bytes) hex += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return fmt::format("\1v{}:0:{}\2", type.oid, hex);
}

bool HasEnumLabels(const Catalog& catalog, Oid type) {
  return HasPart(catalog, type, [](const types::TypeInfo& part) { return part.kind_code == 'e'; });
}

std::string ExpandMarks(const Catalog& catalog, const SearchPath* path, std::string_view sql,
                        Oid self) {
  std::string expanded;
  ForEachPart(
      sql, [&](std::string_view text) { expanded += text; },
      [&](const Mark& mark) { expanded += Expand(catalog, path, mark, self); });
  return expanded;
}

void BindToTable(StoredExpression& expression, Oid table) {
  std::string bound;
  ForEachPart(
      expression.sql, [&](std::string_view text) { bound += text; },
      [&](const Mark& mark) {
        bound += fmt::format("{}{}{}", kMarkBegin, mark.kind, mark.oid != 0 ? mark.oid : table);
        bool named = mark.kind == 'a' || mark.kind == 'l' || mark.kind == 'v';
        if (named || mark.kind == 'c' || mark.kind == 't') bound += fmt::format(":{}", mark.number);
        if (named) bound += fmt::format(":{}", mark.name);
        bound += kMarkEnd;
      });
  expression.sql = std::move(bound);
  for (ObjectAddress& reference : expression.references) {
    if (reference.class_oid == classes::kClass && reference.object == kInvalidOid) {
      reference.object = table;
    }
  }
}

bool HasMarks(std::string_view sql) { return sql.find(kMarkBegin) != std::string_view::npos; }

}  // namespace sundog::catalog
