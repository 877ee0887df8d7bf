// COPY and its options.
#include <cctype>

#include <algorithm>

#include "binder/bind.h"
#include "binder/bind_modify.h"
#include "binder/bind_from.h"
#include "binder/bind_select.h"
#include "binder/bind_utility.h"
#include "binder/build_coercion.h"
#include "binder/row_security.h"
#include "catalog/virtual_table.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

[[noreturn]] void Refuse(base::SqlState state, const std::string& text, int location = -1) {
  throw SqlError(state, text).At(location);
}

// Text is UTF-8 throughout; other encodings PostgreSQL knows are refused by name.
void CheckEncoding(const std::string& encoding, int location) {
  std::string name;
  for (char c : encoding) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  if (name == "utf8" || name == "unicode" || name == "sqlascii") return;
  static constexpr std::string_view kFamilies[] = {"latin", "win", "euc",   "iso8859", "koi8",
                                                   "sjis",  "gbk", "big5",  "gb18030", "johab",
                                                   "uhc",   "alt", "mule", "shiftjis"};
  for (std::string_view family : kFamilies) {
    if (name.starts_with(family)) {
      base::ThrowNotSupported("COPY in encoding " + encoding, location);
    }
  }
  Refuse(sqlstate::kInvalidParameterValue,
         "argument to option \"encoding\" must be a valid encoding name", location);
}

CopyHeader HeaderOf(const DefElem* option) {
  if (option->arg == nullptr) return CopyHeader::kPresent;
  std::string text = OptionText(option);
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  if (text == "match") return CopyHeader::kMatch;
  if (text == "true" || text == "on" || text == "1") return CopyHeader::kPresent;
  if (text == "false" || text == "off" || text == "0") return CopyHeader::kNone;
  Refuse(sqlstate::kSyntaxError, "header requires a Boolean value or \"match\"");
}

// Options as they are read, with what was given.
class CopyOptionReader {
 public:
  explicit CopyOptionReader(const CopyStmt* raw) : raw_(raw) {}

  CopyOptions Read() {
    for (const DefElem* option : parser::Each<DefElem>(raw_->options)) ReadOne(option);
    Check();
    return options_;
  }

  const List* force_quote = nullptr;
  const List* force_not_null = nullptr;
  const List* force_null = nullptr;

 private:
  void Once(std::string_view name, int location) {
    if (std::find(seen_.begin(), seen_.end(), name) != seen_.end()) {
      Refuse(sqlstate::kSyntaxError, "conflicting or redundant options", location);
    }
    seen_.emplace_back(name);
  }
  bool Has(std::string_view name) const {
    return std::find(seen_.begin(), seen_.end(), name) != seen_.end();
  }

  const List* ColumnList(const DefElem* option) {
    if (option->arg != nullptr && TagOf(option->arg) == T_List) {
      return reinterpret_cast<const List*>(option->arg);
    }
    Refuse(sqlstate::kInvalidParameterValue,
           std::string("argument to option \"") + option->defname +
               "\" must be a list of column names",
           option->location);
  }

  void ReadFormat(const DefElem* option) {
    std::string format = OptionText(option);
    if (format == "text") {
      options_.format = CopyFormat::kText;
    } else if (format == "csv") {
      options_.format = CopyFormat::kCsv;
    } else if (format == "binary") {
      options_.format = CopyFormat::kBinary;
    } else {
      Refuse(sqlstate::kInvalidParameterValue, "COPY format \"" + format + "\" not recognized",
             option->location);
    }
  }

  void ReadOne(const DefElem* option) {
    std::string_view name = option->defname;
    Once(name, option->location);
    if (name == "format") return ReadFormat(option);
    if (name == "freeze") {
      options_.freeze = OptionFlag(option);
    } else if (name == "delimiter") {
      options_.delimiter = OptionText(option);
    } else if (name == "null") {
      options_.null_text = OptionText(option);
    } else if (name == "header") {
      options_.header = HeaderOf(option);
      if (!raw_->is_from && options_.header == CopyHeader::kMatch) {
        Refuse(sqlstate::kFeatureNotSupported, "cannot use \"match\" with HEADER in COPY TO");
      }
    } else if (name == "quote") {
      options_.quote = OptionText(option);
    } else if (name == "escape") {
      options_.escape = OptionText(option);
    } else if (name == "force_quote") {
      if (option->arg != nullptr && TagOf(option->arg) == T_A_Star) {
        options_.force_quote_all = true;
      } else {
        force_quote = ColumnList(option);
      }
    } else if (name == "force_not_null") {
      force_not_null = ColumnList(option);
    } else if (name == "force_null") {
      force_null = ColumnList(option);
    } else if (name == "encoding") {
      options_.encoding = OptionText(option);
      CheckEncoding(options_.encoding, option->location);
    } else {
      Refuse(sqlstate::kSyntaxError, "option \"" + std::string(name) + "\" not recognized",
             option->location);
    }
  }

  void Check() {
    bool csv = options_.format == CopyFormat::kCsv;
    bool binary = options_.format == CopyFormat::kBinary;
    if (binary && Has("delimiter")) {
      Refuse(sqlstate::kSyntaxError, "cannot specify DELIMITER in BINARY mode");
    }
    if (binary && Has("null")) {
      Refuse(sqlstate::kSyntaxError, "cannot specify NULL in BINARY mode");
    }
    if (!Has("delimiter")) options_.delimiter = csv ? "," : "\t";
    if (!Has("null")) options_.null_text = csv ? "" : "\\N";
    if (!Has("escape")) options_.escape = options_.quote;
    CheckDelimiter(csv);
    if (binary && options_.header != CopyHeader::kNone) {
      Refuse(sqlstate::kFeatureNotSupported, "cannot specify HEADER in BINARY mode");
    }
    if (!csv) return CheckNotCsv();
    if (options_.quote.size() != 1) {
      Refuse(sqlstate::kFeatureNotSupported, "COPY quote must be a single one-byte character");
    }
    if (options_.delimiter[0] == options_.quote[0]) {
      Refuse(sqlstate::kInvalidParameterValue, "COPY delimiter and quote must be different");
    }
    if (options_.escape.size() != 1) {
      Refuse(sqlstate::kFeatureNotSupported, "COPY escape must be a single one-byte character");
    }
    bool has_force_quote = options_.force_quote_all || force_quote != nullptr;
    if (has_force_quote && raw_->is_from) {
      Refuse(sqlstate::kFeatureNotSupported, "COPY force quote only available using COPY TO");
    }
    if (force_not_null != nullptr && !raw_->is_from) {
      Refuse(sqlstate::kFeatureNotSupported, "COPY force not null only available using COPY FROM");
    }
    if (force_null != nullptr && !raw_->is_from) {
      Refuse(sqlstate::kFeatureNotSupported, "COPY force null only available using COPY FROM");
    }
    if (options_.null_text.find(options_.quote[0]) != std::string::npos) {
      Refuse(sqlstate::kFeatureNotSupported,
             "CSV quote character must not appear in the NULL specification");
    }
  }

  void CheckDelimiter(bool csv) {
    const std::string& delimiter = options_.delimiter;
    if (delimiter.size() != 1) {
      Refuse(sqlstate::kFeatureNotSupported, "COPY delimiter must be a single one-byte character");
    }
    if (delimiter == "\n" || delimiter == "\r") {
      Refuse(sqlstate::kInvalidParameterValue,
             "COPY delimiter cannot be newline or carriage return");
    }
    if (options_.null_text.find_first_of("\r\n") != std::string::npos) {
      Refuse(sqlstate::kInvalidParameterValue,
             "COPY null representation cannot use newline or carriage return");
    }
    static constexpr std::string_view kForbidden = "\\.abcdefghijklmnopqrstuvwxyz0123456789";
    if (!csv && kForbidden.find(delimiter[0]) != std::string_view::npos) {
      Refuse(sqlstate::kInvalidParameterValue, "COPY delimiter cannot be \"" + delimiter + "\"");
    }
    if (options_.null_text.find(delimiter[0]) != std::string::npos) {
      Refuse(sqlstate::kFeatureNotSupported,
             "COPY delimiter must not appear in the NULL specification");
    }
  }

  void CheckNotCsv() {
    struct Row {
      const char* option;
      const char* text;
    };
    static constexpr Row kCsvOnly[] = {
        {"quote", "COPY quote available only in CSV mode"},
        {"escape", "COPY escape available only in CSV mode"},
        {"force_quote", "COPY force quote available only in CSV mode"},
        {"force_not_null", "COPY force not null available only in CSV mode"},
        {"force_null", "COPY force null available only in CSV mode"},
    };
    for (const Row& row : kCsvOnly) {
      if (Has(row.option)) Refuse(sqlstate::kFeatureNotSupported, row.text);
    }
  }

  const CopyStmt* raw_;
  CopyOptions options_;
  std::vector<std::string> seen_;
};

std::vector<int16_t> ResolveColumns(const catalog::TableDescriptor& table, const List* names) {
  std::vector<int16_t> columns;
  if (names == nullptr) {
    for (const catalog::ColumnDescriptor& column : table.columns) {
      if (!column.dropped && column.generated == '\0') columns.push_back(column.attnum);
    }
    return columns;
  }
  for (const std::string& name : NameParts(names)) {
    const auto* column = table.FindColumn(std::string_view(name));
    if (column == nullptr) {
      Refuse(sqlstate::kUndefinedColumn,
             "column \"" + name + "\" of relation \"" + table.name + "\" does not exist");
    }
    if (column->generated != '\0') {
      throw SqlError(sqlstate::kInvalidColumnReference,
                     "column \"" + name + "\" is a generated column")
          .Detail("Generated columns cannot be used in COPY.");
    }
    if (std::find(columns.begin(), columns.end(), column->attnum) != columns.end()) {
      Refuse(sqlstate::kDuplicateColumn, "column \"" + name + "\" specified more than once");
    }
    columns.push_back(column->attnum);
  }
  return columns;
}

// Which fields of a table's data the columns are.
std::vector<size_t> FieldsOfTable(const BoundCopy& copy, const List* names,
                                  std::string_view option) {
  std::vector<size_t> fields;
  for (int16_t attnum : ResolveColumns(*copy.table, names)) {
    auto at = std::find(copy.columns.begin(), copy.columns.end(), attnum);
    if (at == copy.columns.end()) {
      Refuse(sqlstate::kInvalidColumnReference, std::string(option) + " column \"" +
                                                    copy.table->FindColumn(attnum)->name +
                                                    "\" not referenced by COPY");
    }
    fields.push_back(static_cast<size_t>(at - copy.columns.begin()));
  }
  return fields;
}

std::vector<size_t> FieldsOfQuery(const BoundCopy& copy, const List* names) {
  std::vector<size_t> fields;
  std::span<const BoundTarget> targets = OutputColumns(*copy.query);
  for (const std::string& name : NameParts(names)) {
    auto at = std::find_if(targets.begin(), targets.end(),
                           [&](const BoundTarget& target) { return target.name == name; });
    if (at == targets.end()) {
      Refuse(sqlstate::kUndefinedColumn, "column \"" + name + "\" does not exist");
    }
    auto field = static_cast<size_t>(at - targets.begin());
    if (std::find(fields.begin(), fields.end(), field) != fields.end()) {
      Refuse(sqlstate::kDuplicateColumn, "column \"" + name + "\" specified more than once");
    }
    fields.push_back(field);
  }
  return fields;
}

std::vector<size_t> ForcedFields(const BoundCopy& copy, const List* names,
                                 std::string_view option) {
  if (names == nullptr) return {};
  return copy.table != nullptr ? FieldsOfTable(copy, names, option) : FieldsOfQuery(copy, names);
}

// COPY FROM as an INSERT whose rows come from the client.
void BindCopyFrom(Scope& scope, const CopyStmt* raw, BoundCopy& copy) {
  copy.insert = std::make_unique<BoundInsert>();
  scope.is_insert = true;
  BindTargetTable(scope, raw->relation, catalog::kInsert, false, *copy.insert);
  for (int16_t attnum : copy.columns) {
    scope.state.privileges.RequireColumn(copy.insert->relation, catalog::kInsert, attnum);
  }
  if (HasPolicies(scope.state, *copy.insert->table)) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "COPY FROM not supported with row-level security")
        .Hint("Use INSERT statements instead.");
  }
  copy.insert->source_relation = scope.state.NewRelation(scope.depth);
  const catalog::TableDescriptor& table = *copy.table;
  copy.insert->values.resize(table.columns.size());
  for (size_t i = 0; i < copy.columns.size(); ++i) {
    const auto* column = table.FindColumn(copy.columns[i]);
    SqlType base = scope.state.types.BaseType(column->type);
    BoundExpressionPtr value = std::make_unique<BoundColumn>(
        base, copy.insert->source_relation, static_cast<int>(i));
    // A domain's input function takes what its base type's does: its checks come here.
    value = CoerceToDomain(scope.state, std::move(value), base, column->type.oid,
                           Coercion::kImplicit, CallForm::kImplicitCast, -1, false);
    copy.insert->values[column->attnum - 1] = std::move(value);
  }
  for (const catalog::ColumnDescriptor& column : table.columns) {
    BoundExpressionPtr& slot = copy.insert->values[column.attnum - 1];
    if (column.dropped || column.generated != '\0' || slot != nullptr) continue;
    slot = ColumnDefault(scope, column);
  }
  copy.insert->rules = BindTableRules(scope.state, table, scope.depth, true);
  copy.insert->rules.written = copy.columns;
  if (raw->whereClause == nullptr) return;
  scope.state.privileges.AddRelation(copy.insert->rules.relation, scope.depth, table.oid, 0);
  scope.target->relation = copy.insert->rules.relation;
  for (NameColumn& column : scope.target->columns) {
    if (column.expression == nullptr) continue;
    column.expression->As<BoundColumn>().relation = copy.insert->rules.relation;
  }
  scope.names = {scope.target};
  copy.where = BindCondition(scope, raw->whereClause, ExpressionRole::kCopyWhere, "WHERE");
}

void BindCopyTo(Scope& scope, const CopyStmt* raw, const catalog::Relation& relation,
                BoundCopy& copy) {
  if (relation.kind == 'v' && relation.view != nullptr) {
    throw SqlError(sqlstate::kWrongObjectType, "cannot copy from view \"" + relation.name + "\"")
        .Hint("Try the COPY (SELECT ...) TO variant.");
  }
  if (relation.kind == 'S') {
    Refuse(sqlstate::kWrongObjectType, "cannot copy from sequence \"" + relation.name + "\"");
  }
  FromItem item = BindRangeVar(scope, raw->relation);
  auto query = std::make_unique<BoundQuery>();
  auto add = [&](const NameColumn& column) {
    BoundTarget target;
    target.name = column.name;
    target.expression = column.expression->Clone();
    query->targets.push_back(std::move(target));
  };
  if (copy.table != nullptr) {
    for (int16_t attnum : copy.columns) add(item.item->columns[attnum - 1]);
  } else {
    for (const NameColumn& column : item.item->columns) add(column);
  }
  query->from.push_back(std::move(item.ref));
  auto statement = std::make_unique<BoundQueryStatement>();
  statement->query = std::move(query);
  copy.query = std::move(statement);
}

}  // namespace

BoundStatementPtr BindCopy(Scope& scope, const CopyStmt* raw) {
  auto copy = std::make_unique<BoundCopy>();
  copy->from = raw->is_from;
  copy->file = parser::TextOrEmpty(raw->filename);
  copy->program = raw->is_program;
  CopyOptionReader reader(raw);
  if (raw->relation == nullptr) {
    copy->options = reader.Read();
    const Node* query = raw->query;
    auto statement = std::make_unique<BoundQueryStatement>();
    if (TagOf(query) == T_SelectStmt) {
      statement->query = BindSelect(scope, As<SelectStmt>(query));
      copy->query = std::move(statement);
    } else {
      auto modify = BindModify(scope, query);
      if (modify->returning.empty()) {
        Refuse(sqlstate::kFeatureNotSupported, "COPY query must have a RETURNING clause");
      }
      copy->query = std::move(modify);
    }
    copy->options.force_quote = ForcedFields(*copy, reader.force_quote, "FORCE_QUOTE");
    return copy;
  }
  RangeVar unplaced = *raw->relation;
  unplaced.location = -1;  // the error has no position
  const catalog::Relation& relation = GetRelation(scope, &unplaced);
  copy->table = relation.table;
  if (relation.table == nullptr && raw->is_from) {
    copy->options = reader.Read();
    bool view = relation.kind == 'v';
    SqlError error(sqlstate::kWrongObjectType, std::string("cannot copy to ") +
                                                   (view ? "view" : "sequence") + " \"" +
                                                   relation.name + "\"");
    if (view) error.Hint("To enable copying to a view, provide an INSTEAD OF INSERT trigger.");
    throw error;
  }
  if (copy->table != nullptr) copy->columns = ResolveColumns(*copy->table, raw->attlist);
  if (raw->is_from) {
    BindCopyFrom(scope, raw, *copy);
  } else {
    BindCopyTo(scope, raw, relation, *copy);
  }
  copy->options = reader.Read();
  copy->options.force_quote = ForcedFields(*copy, reader.force_quote, "FORCE_QUOTE");
  copy->options.force_not_null = ForcedFields(*copy, reader.force_not_null, "FORCE_NOT_NULL");
  copy->options.force_null = ForcedFields(*copy, reader.force_null, "FORCE_NULL");
  return copy;
}

}  // namespace sundog::binder
