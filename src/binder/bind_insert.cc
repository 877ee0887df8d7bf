// INSERT: where the values come from, and what each column of the table gets.
#include <set>
#include <utility>

#include "binder/bind_from.h"
#include "binder/bind_modify.h"
#include "binder/bind_select.h"
#include "binder/row_security.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// A column that the statement gives values for.
struct InsertColumn {
  const catalog::ColumnDescriptor* column = nullptr;
  const List* indirection = nullptr;
  int location = -1;
};

std::vector<InsertColumn> ResolveInsertColumns(const Scope& scope, const List* list) {
  const catalog::TableDescriptor& table = *scope.target_table;
  std::vector<InsertColumn> columns;
  if (list == nullptr) {
    for (const catalog::ColumnDescriptor& column : table.columns) {
      if (!column.dropped) columns.push_back({&column, nullptr, -1});
    }
    return columns;
  }
  std::set<int> whole;
  std::set<int> partial;
  for (const ResTarget* target : parser::Each<ResTarget>(list)) {
    const auto* column = table.FindColumn(std::string_view(target->name));
    if (column == nullptr) {
      throw SqlError(sqlstate::kUndefinedColumn, std::string("column \"") + target->name +
                                                     "\" of relation \"" + table.name +
                                                     "\" does not exist")
          .At(target->location);
    }
    bool is_whole = target->indirection == nullptr;
    if (whole.contains(column->attnum) || (is_whole && partial.contains(column->attnum))) {
      throw SqlError(sqlstate::kDuplicateColumn,
                     std::string("column \"") + target->name + "\" specified more than once")
          .At(target->location);
    }
    (is_whole ? whole : partial).insert(column->attnum);
    columns.push_back({column, target->indirection, target->location});
  }
  return columns;
}

// A value and what it is for: null value: DEFAULT.
class InsertBinder {
 public:
  InsertBinder(Scope& scope, const InsertStmt* raw, BoundInsert& insert)
      : scope_(scope),
        raw_(raw),
        insert_(insert),
        columns_(ResolveInsertColumns(scope, raw->cols)) {}

  // The columns that get values.
  std::vector<int16_t> Bind() {
    const auto* select = reinterpret_cast<const SelectStmt*>(raw_->selectStmt);
    std::vector<BoundExpressionPtr> values;
    if (select == nullptr) {
      // DEFAULT VALUES
    } else if (IsGeneralSelect(select)) {
      values = BindSource(select);
    } else if (parser::Length(select->valuesLists) > 1) {
      values = BindRows(select->valuesLists);
    } else {
      values = BindRow(parser::At<List>(select->valuesLists, 0));
    }
    std::vector<int16_t> written;
    for (size_t i = 0; i < values.size(); ++i) {
      written.push_back(columns_[i].column->attnum);
      scope_.state.privileges.RequireColumn(insert_.relation, catalog::kInsert,
                                            columns_[i].column->attnum);
    }
    Assemble(std::move(values));
    return written;
  }

 private:
  static bool IsGeneralSelect(const SelectStmt* select) {
    return select->valuesLists == nullptr || select->sortClause != nullptr ||
           select->limitOffset != nullptr || select->limitCount != nullptr ||
           select->lockingClause != nullptr || select->withClause != nullptr;
  }

  // transformInsertRow: counts, and coercion to the columns.
  BoundExpressions Assign(BoundExpressions values, bool strip) {
    if (values.size() > columns_.size()) {
      const BoundExpressionPtr& extra = values[columns_.size()];
      throw SqlError(sqlstate::kSyntaxError, "INSERT has more expressions than target columns")
          .At(extra == nullptr ? -1 : extra->location);
    }
    if (raw_->cols != nullptr && values.size() < columns_.size()) ThrowTooFew(values);
    for (size_t i = 0; i < values.size(); ++i) {
      const InsertColumn& column = columns_[i];
      values[i] = BindAssigned(scope_, std::move(values[i]), *column.column, column.indirection,
                               ExpressionRole::kInsertTarget, column.location);
      if (strip && column.indirection != nullptr) values[i] = Strip(std::move(values[i]));
    }
    return values;
  }

  [[noreturn]] void ThrowTooFew(const BoundExpressions& values) {
    SqlError error(sqlstate::kSyntaxError, "INSERT has more target columns than expressions");
    if (values.size() == 1 && values[0] != nullptr && values[0]->kind == ExpressionKind::kRow &&
        values[0]->As<BoundRow>().fields.size() == columns_.size()) {
      error.Hint(
          "The insertion source is a row expression containing the same number of columns "
          "expected by the INSERT. Did you accidentally use extra parentheses?");
    }
    throw error.At(columns_[values.size()].location);
  }

  // The value inside an assignment to a part of a column.
  static BoundExpressionPtr Strip(BoundExpressionPtr value) {
    while (value != nullptr) {
      BoundExpression* inner = value.get();
      while (inner->kind == ExpressionKind::kDomainCheck) {
        inner = inner->As<BoundConversion>().argument.get();
      }
      if (inner->kind != ExpressionKind::kSubscriptAssign) break;
      BoundExpressionPtr assigned = std::move(inner->As<BoundSubscriptAssign>().value);
      value = std::move(assigned);
    }
    return value;
  }

  // INSERT … SELECT: columns of the source, but untyped literals as they are.
  BoundExpressions BindSource(const SelectStmt* select) {
    std::vector<NameItem*> names = std::exchange(scope_.names, {});
    insert_.source = BindSubquery(scope_, reinterpret_cast<const Node*>(select), false, false);
    scope_.names = std::move(names);
    insert_.source_relation = scope_.state.NewRelation(scope_.depth);
    BoundExpressions values;
    for (int i = 0; i < insert_.source->visible_target_count(); ++i) {
      BoundTarget& target = insert_.source->targets[i];
      bool literal = target.expression->type.oid == oids::kUnknown &&
                     (target.expression->kind == ExpressionKind::kConstant ||
                      target.expression->kind == ExpressionKind::kParameter);
      if (literal) {
        values.push_back(target.expression->Clone());
        // What is left in the source is read by nobody.
        target.expression = MakeConstant(scope_.state, {oids::kText}, types::Datum());
        continue;
      }
      values.push_back(
          std::make_unique<BoundColumn>(target.expression->type, insert_.source_relation, i));
      values.back()->location = target.expression->location;
    }
    // Hidden targets too need a type.
    ResolveUnknownTargets(scope_.state, insert_.source->targets);
    return Assign(std::move(values), false);
  }

  // VALUES (…), (…): each row coerced to the columns, then read as columns.
  BoundExpressions BindRows(const List* lists) {
    auto values = std::make_unique<BoundValues>();
    std::vector<BoundExpressions> rows;
    for (const List* list : parser::Each<List>(lists)) {
      BoundExpressions row = BindExpressionList(scope_, list, ExpressionRole::kValues, true);
      if (!rows.empty() && row.size() != rows[0].size()) {
        int location = -1;
        for (const BoundExpressionPtr& cell : row) {
          if (location < 0 && cell != nullptr) location = cell->location;
        }
        throw SqlError(sqlstate::kSyntaxError, "VALUES lists must all be the same length")
            .At(location);
      }
      rows.push_back(Assign(std::move(row), true));
    }
    // A column that is DEFAULT in every row is not in the VALUES at all.
    size_t count = rows[0].size();
    BoundExpressions result(count);
    values->relation = scope_.state.NewRelation(scope_.depth + 1);
    values->alias = "*VALUES*";
    std::vector<size_t> kept;
    for (size_t c = 0; c < count; ++c) {
      if (SettleColumn(rows, c)) kept.push_back(c);
    }
    insert_.source = std::make_unique<BoundQuery>();
    insert_.source_relation = scope_.state.NewRelation(scope_.depth);
    for (size_t i = 0; i < kept.size(); ++i) {
      size_t c = kept[i];
      SqlType type = rows[0][c]->type;
      values->types.push_back(type);
      BoundTarget target;
      target.name = "column" + std::to_string(i + 1);
      target.expression =
          std::make_unique<BoundColumn>(type, values->relation, static_cast<int>(i));
      insert_.source->targets.push_back(std::move(target));
      BoundExpressionPtr value =
          std::make_unique<BoundColumn>(type, insert_.source_relation, static_cast<int>(i));
      result[c] =
          BindAssigned(scope_, std::move(value), *columns_[c].column, columns_[c].indirection,
                       ExpressionRole::kInsertTarget, columns_[c].location);
    }
    for (BoundExpressions& row : rows) {
      BoundExpressions cells;
      for (size_t c : kept) cells.push_back(std::move(row[c]));
      values->rows.push_back(std::move(cells));
    }
    insert_.source->from.push_back(std::move(values));
    return result;
  }

  // Puts defaults in the cells that ask for them; false if all do.
  bool SettleColumn(std::vector<BoundExpressions>& rows, size_t c) {
    const catalog::ColumnDescriptor& column = *columns_[c].column;
    size_t default_count = 0;
    for (const BoundExpressions& row : rows) default_count += row[c] == nullptr ? 1 : 0;
    if (default_count == rows.size()) return false;
    CheckGiven(column);
    if (default_count > 0 && column.generated != '\0') ThrowGiven(column);
    int32_t typmod = -1;
    bool first = true;
    for (BoundExpressions& row : rows) {
      if (row[c] == nullptr) row[c] = ColumnDefault(scope_, column);
      if (first) typmod = row[c]->type.typmod;
      if (typmod != row[c]->type.typmod) typmod = -1;
      first = false;
    }
    for (BoundExpressions& row : rows) {
      if (row[c]->type.typmod != typmod && columns_[c].indirection == nullptr) {
        row[c]->type.typmod = typmod;
      }
    }
    return true;
  }

  // VALUES (…) of one row: the values themselves, unless they need a query around them.
  BoundExpressions BindRow(const List* list) {
    scope_.has_subqueries = false;
    BoundExpressions values = BindExpressionList(scope_, list, ExpressionRole::kValuesSingle, true);
    bool needs_query = scope_.has_subqueries || scope_.has_set_functions;
    if (!needs_query) return Assign(std::move(values), false);
    insert_.source = std::make_unique<BoundQuery>();
    insert_.source->has_set_functions = scope_.has_set_functions;
    insert_.source_relation = scope_.state.NewRelation(scope_.depth);
    BoundExpressions columns;
    for (BoundExpressionPtr& value : values) {
      bool plain = value == nullptr || value->type.oid == oids::kUnknown;
      if (plain) {
        columns.push_back(std::move(value));
        continue;
      }
      int ordinal = static_cast<int>(insert_.source->targets.size());
      auto column = std::make_unique<BoundColumn>(value->type, insert_.source_relation, ordinal);
      column->location = value->location;
      columns.push_back(std::move(column));
      BoundTarget target;
      target.name = "column" + std::to_string(ordinal + 1);
      target.expression = std::move(value);
      insert_.source->targets.push_back(std::move(target));
    }
    return Assign(std::move(columns), false);
  }

  [[noreturn]] void ThrowGiven(const catalog::ColumnDescriptor& column) {
    SqlError error(sqlstate::kGeneratedAlways,
                   "cannot insert a non-DEFAULT value into column \"" + column.name + "\"");
    if (column.generated != '\0') {
      throw error.Detail("Column \"" + column.name + "\" is a generated column.");
    }
    throw error
        .Detail("Column \"" + column.name + "\" is an identity column defined as GENERATED ALWAYS.")
        .Hint("Use OVERRIDING SYSTEM VALUE to override.");
  }

  void CheckGiven(const catalog::ColumnDescriptor& column) {
    if (column.generated != '\0') ThrowGiven(column);
    if (column.identity == 'a' && raw_->override == OVERRIDING_NOT_SET) ThrowGiven(column);
  }

  // The values in the order of the table's columns, with defaults.
  void Assemble(BoundExpressions values) {
    const catalog::TableDescriptor& table = *scope_.target_table;
    insert_.values.resize(table.columns.size());
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] == nullptr) continue;
      const catalog::ColumnDescriptor& column = *columns_[i].column;
      CheckGiven(column);
      if (raw_->override == OVERRIDING_USER_VALUE && column.identity != '\0') continue;
      BoundExpressionPtr& slot = insert_.values[column.attnum - 1];
      slot = slot == nullptr ? std::move(values[i])
                             : MergeAssignments(std::move(slot), std::move(values[i]), column.name);
    }
    for (const catalog::ColumnDescriptor& column : table.columns) {
      BoundExpressionPtr& slot = insert_.values[column.attnum - 1];
      if (column.dropped || column.generated != '\0' || slot != nullptr) continue;
      slot = ColumnDefault(scope_, column);
    }
  }

  Scope& scope_;
  const InsertStmt* raw_;
  BoundInsert& insert_;
  const std::vector<InsertColumn> columns_;
};

}  // namespace

std::unique_ptr<BoundInsert> BindInsert(Scope& scope, const InsertStmt* raw) {
  auto statement = std::make_unique<BoundInsert>();
  scope.is_insert = true;
  if (raw->withClause != nullptr) BindWith(scope, raw->withClause, statement->ctes);
  const OnConflictClause* conflict = raw->onConflictClause;
  bool update = conflict != nullptr && conflict->action == ONCONFLICT_UPDATE;
  BindTargetTable(scope, raw->relation,
                  update ? catalog::kInsert | catalog::kUpdate : catalog::kInsert, false,
                  *statement);
  std::vector<int16_t> written = InsertBinder(scope, raw, *statement).Bind();
  scope.names = {scope.target};
  if (conflict != nullptr) statement->on_conflict = BindOnConflict(scope, conflict, *statement);
  BindReturning(scope, raw->returningList, *statement);
  statement->rules = BindTableRules(scope.state, *statement->table, scope.depth, true);
  statement->rules.written = std::move(written);
  if (statement->on_conflict != nullptr) {
    NoteWritten(statement->on_conflict->assignments, statement->rules);
  }
  BindRowSecurity(scope.state, *statement);
  return statement;
}

}  // namespace sundog::binder
