#include "catalog/definitions.h"

#include <fmt/format.h>

#include "catalog/builtin_objects.h"
#include "catalog/statement_services.h"
#include "catalog/stored_sql.h"
#include "types/identifier.h"

namespace sundog::catalog {

namespace {

std::string_view ActionText(ReferentialAction action) {
  switch (action) {
    case ReferentialAction::kNoAction: return "";
    case ReferentialAction::kRestrict: return "RESTRICT";
    case ReferentialAction::kCascade: return "CASCADE";
    case ReferentialAction::kSetNull: return "SET NULL";
    case ReferentialAction::kSetDefault: return "SET DEFAULT";
  }
  return "";
}

// "f(…)" as a whole: needs no parentheses around it.
bool LooksLikeFunction(std::string_view sql) {
  size_t open = sql.find('(');
  if (open == 0 || open == std::string_view::npos || sql.back() != ')') return false;
  for (char c : sql.substr(0, open)) {
    bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '_' || c == '.' || c == '"' || static_cast<uint8_t>(c) >= 0x80;
    if (!word) return false;
  }
  int depth = 0;
  char quote = '\0';
  for (size_t i = open; i < sql.size(); ++i) {
    char c = sql[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth == 0) {
      return i + 1 == sql.size();
    }
  }
  return false;
}

// reloptions as WITH lists them: name='value'.
std::string OptionList(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) {
    size_t equals = option.find('=');
    if (!text.empty()) text += ", ";
    text += types::QuoteIdentifier(option.substr(0, equals)) + "=";
    std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
    text += types::QuoteLiteral(value);
  }
  return text;
}

}  // namespace

DefinitionPrinter::DefinitionPrinter(functions::StatementServices& services)
    : services_(services), catalog_(*services.catalog()), path_(services.search_path()) {}

std::string DefinitionPrinter::Expression(std::string_view sql, Oid relation, bool pretty) const {
  if (pretty) return services_.PrettyExpression(sql, relation);
  return ExpandMarks(catalog_, &path_, sql, relation);
}

std::string DefinitionPrinter::ColumnList(const TableDescriptor& table,
                                          std::span<const int16_t> attnums) const {
  std::string text;
  for (int16_t attnum : attnums) {
    if (!text.empty()) text += ", ";
    text += types::QuoteIdentifier(table.FindColumn(attnum)->name);
  }
  return text;
}

std::string DefinitionPrinter::ForeignKey(const TableDescriptor& table,
                                          const ConstraintDescriptor& key) const {
  std::string text = "FOREIGN KEY (" + ColumnList(table, key.columns) + ") REFERENCES ";
  const Relation* referenced = catalog_.FindRelation(key.referenced_table);
  text += RelationName(catalog_, &path_, *referenced) + "(" +
          ColumnList(*referenced->table, key.referenced_columns) + ")";
  if (key.match == MatchKind::kFull) text += " MATCH FULL";
  if (key.on_update != ReferentialAction::kNoAction) {
    text += fmt::format(" ON UPDATE {}", ActionText(key.on_update));
  }
  if (key.on_delete != ReferentialAction::kNoAction) {
    text += fmt::format(" ON DELETE {}", ActionText(key.on_delete));
  }
  if (!key.delete_set_columns.empty()) {
    text += " (" + ColumnList(table, key.delete_set_columns) + ")";
  }
  return text;
}

std::string DefinitionPrinter::KeyConstraint(const TableDescriptor& table,
                                             const ConstraintDescriptor& key) const {
  const IndexDescriptor* index = table.FindIndex(key.index);
  std::string text = key.kind == ConstraintKind::kPrimaryKey ? "PRIMARY KEY (" : "UNIQUE ";
  if (key.kind == ConstraintKind::kUnique) {
    if (index != nullptr && index->nulls_not_distinct) text += "NULLS NOT DISTINCT ";
    text += "(";
  }
  text += ColumnList(table, key.columns) + ")";
  if (index == nullptr) return text;
  if (!index->included.empty()) text += " INCLUDE (" + ColumnList(table, index->included) + ")";
  return text;
}

std::string DefinitionPrinter::Constraint(const ConstraintPlace& place, bool pretty) const {
  if (place.domain_constraint != nullptr) {
    const std::string& sql = place.domain_constraint->check.sql;
    std::string text =
        "CHECK (" + (pretty ? services_.PrettyDomainCheck(sql, place.domain->base)
                            : Expression(sql, kInvalidOid, false)) + ")";
    return place.domain_constraint->validated ? text : text + " NOT VALID";
  }
  const ConstraintDescriptor& constraint = *place.constraint;
  std::string text;
  switch (constraint.kind) {
    case ConstraintKind::kCheck:
      text = "CHECK (" + Expression(constraint.check.sql, place.table->oid, pretty) + ")";
      if (constraint.no_inherit) text += " NO INHERIT";
      break;
    case ConstraintKind::kForeignKey: text = ForeignKey(*place.table, constraint); break;
    default: text = KeyConstraint(*place.table, constraint);
  }
  if (constraint.deferrable) text += " DEFERRABLE";
  if (constraint.initially_deferred) text += " INITIALLY DEFERRED";
  if (!constraint.validated) text += " NOT VALID";
  return text;
}

std::string DefinitionPrinter::IndexKeyText(const TableDescriptor& table, const IndexKey& key,
                                            bool pretty) const {
  if (key.attnum != 0) return types::QuoteIdentifier(table.FindColumn(key.attnum)->name);
  std::string text = Expression(key.expression.sql, table.oid, pretty);
  return LooksLikeFunction(text) ? text : "(" + text + ")";
}

std::string DefinitionPrinter::IndexKeyOptions(const TableDescriptor& table,
                                               const IndexDescriptor& index,
                                               const IndexKey& key) const {
  std::string text;
  Oid natural = key.attnum != 0 ? table.FindColumn(key.attnum)->collation
                                : catalog_.GetType(key.type.oid).collation;
  if (key.collation != kInvalidOid && key.collation != natural) {
    const CollationInfo* collation = BuiltinObjects::Get().FindCollation(key.collation);
    if (collation != nullptr) text += " COLLATE " + types::QuoteIdentifier(collation->name);
  }
  const types::TypeInfo& type = catalog_.GetBaseType(key.type.oid);
  const OpclassInfo* opclass = BuiltinObjects::Get().FindOpclass(key.opclass);
  const OpclassInfo* usual = BuiltinObjects::Get().DefaultOpclass(index.access_method, type);
  if (opclass != nullptr && (usual == nullptr || usual->oid != opclass->oid)) {
    text += " " + OpclassName(catalog_, &path_, *opclass);
  }
  if (key.descending) {
    text += " DESC";
    if (!key.nulls_first) text += " NULLS LAST";
  } else if (key.nulls_first) {
    text += " NULLS FIRST";
  }
  return text;
}

std::string DefinitionPrinter::IndexColumn(const TableDescriptor& table,
                                           const IndexDescriptor& index, int column,
                                           bool pretty) const {
  auto place = static_cast<size_t>(column - 1);
  if (column < 1) return "";
  if (place < index.keys.size()) return IndexKeyText(table, index.keys[place], pretty);
  place -= index.keys.size();
  if (place >= index.included.size()) return "";
  return types::QuoteIdentifier(table.FindColumn(index.included[place])->name);
}

std::string DefinitionPrinter::Index(const TableDescriptor& table, const IndexDescriptor& index,
                                     bool pretty) const {
  const Relation* relation = catalog_.FindRelation(table.oid);
  std::string table_name =
      pretty ? RelationName(catalog_, &path_, *relation)
             : QualifiedName(catalog_.FindSchema(table.schema)->name, table.name);
  std::string text = fmt::format(
      "CREATE {}INDEX {} ON {} USING {} (", index.unique ? "UNIQUE " : "",
      types::QuoteIdentifier(index.name), table_name,
      BuiltinObjects::Get().FindAccessMethod(index.access_method)->name);
  bool first = true;
  for (const IndexKey& key : index.keys) {
    if (!first) text += ", ";
    first = false;
    text += IndexKeyText(table, key, pretty) + IndexKeyOptions(table, index, key);
  }
  text += ")";
  if (!index.included.empty()) text += " INCLUDE (" + ColumnList(table, index.included) + ")";
  if (index.nulls_not_distinct) text += " NULLS NOT DISTINCT";
  if (!index.options.empty()) text += " WITH (" + OptionList(index.options) + ")";
  if (index.predicate) text += " WHERE " + Expression(index.predicate->sql, table.oid, pretty);
  return text;
}

}  // namespace sundog::catalog
