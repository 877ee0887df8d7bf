#include "binder/search_cycle.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/sql_error.h"
#include "types/identifier.h"

namespace sundog::binder {

using base::SqlError;
using parser::As;
using parser::TagOf;
using types::QuoteIdentifier;

namespace {

constexpr const char* kLeft = "\"*TLOCRN*\"";
constexpr const char* kRight = "\"*TROCRN*\"";

SqlError SyntaxError(const std::string& text, int location) {
  return SqlError(sqlstate::kSyntaxError, text).At(location);
}

std::string Quoted(const std::string& name) { return "\"" + name + "\""; }

// The alias under which the FROM item, or a join in it, has the WITH query; null if it has not.
const char* AliasOf(const Node* item, const char* cte) {
  if (TagOf(item) == T_RangeVar) {
    const auto* range = As<RangeVar>(item);
    if (range->schemaname != nullptr || std::strcmp(range->relname, cte) != 0) return nullptr;
    return range->alias != nullptr ? range->alias->aliasname : range->relname;
  }
  if (TagOf(item) != T_JoinExpr) return nullptr;
  const auto* join = As<JoinExpr>(item);
  const char* left = AliasOf(join->larg, cte);
  return left != nullptr ? left : AliasOf(join->rarg, cte);
}

bool Shadows(const WithClause* with, const char* name) {
  if (with == nullptr) return false;
  for (const auto* cte : parser::Each<const CommonTableExpr>(with->ctes)) {
    if (std::strcmp(cte->ctename, name) == 0) return true;
  }
  return false;
}

void CheckColumns(const List* names, const std::vector<std::string>& own, const char* clause,
                  int location) {
  std::vector<std::string> seen;
  for (const auto* node : parser::Each<const Node>(names)) {
    std::string name = parser::Text(node);
    if (std::find(own.begin(), own.end(), name) == own.end()) {
      throw SyntaxError(std::string(clause) + " column " + Quoted(name) +
                            " not in WITH query column list",
                        location);
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      throw SqlError(sqlstate::kDuplicateColumn, std::string(clause) + " column " + Quoted(name) +
                                                     " specified more than once")
          .At(location);
    }
    seen.push_back(name);
  }
}

}  // namespace

int AddedColumnCount(const CommonTableExpr& cte) {
  return (cte.search_clause != nullptr ? 1 : 0) + (cte.cycle_clause != nullptr ? 2 : 0);
}

SearchCycleRewrite::SearchCycleRewrite(const CommonTableExpr& cte,
                                       const std::vector<std::string>& columns)
    : cte_(cte), columns_(columns), original_(As<SelectStmt>(cte.ctequery)) {
  CheckForm();
  CheckSearch();
  CheckCycle();
  CheckTogether();
  if (cte.search_clause != nullptr) added_.push_back(cte.search_clause->search_seq_column);
  if (cte.cycle_clause != nullptr) {
    added_.push_back(cte.cycle_clause->cycle_mark_column);
    added_.push_back(cte.cycle_clause->cycle_path_column);
  }
  whole_ = *original_;
  whole_.larg = WrapLeft();
  whole_.rarg = WrapRight();
}

void SearchCycleRewrite::CheckForm() const {
  if (original_->larg->op != SETOP_NONE) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT");
  }
  if (original_->rarg->op != SETOP_NONE) {
    throw SqlError(sqlstate::kSyntaxError,
                   "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT");
  }
}

bool SearchCycleRewrite::IsOwn(const char* name) const {
  return std::find(columns_.begin(), columns_.end(), name) != columns_.end();
}

void SearchCycleRewrite::CheckSearch() const {
  const CTESearchClause* search = cte_.search_clause;
  if (search == nullptr) return;
  CheckColumns(search->search_col_list, columns_, "search", search->location);
  if (IsOwn(search->search_seq_column)) {
    throw SyntaxError("search sequence column name " + Quoted(search->search_seq_column) +
                          " already used in WITH query column list",
                      search->location);
  }
}

void SearchCycleRewrite::CheckCycle() const {
  const CTECycleClause* cycle = cte_.cycle_clause;
  if (cycle == nullptr) return;
  CheckColumns(cycle->cycle_col_list, columns_, "cycle", cycle->location);
  if (IsOwn(cycle->cycle_mark_column)) {
    throw SyntaxError("cycle mark column name " + Quoted(cycle->cycle_mark_column) +
                          " already used in WITH query column list",
                      cycle->location);
  }
  if (IsOwn(cycle->cycle_path_column)) {
    throw SyntaxError("cycle path column name " + Quoted(cycle->cycle_path_column) +
                          " already used in WITH query column list",
                      cycle->location);
  }
  if (std::strcmp(cycle->cycle_mark_column, cycle->cycle_path_column) == 0) {
    throw SyntaxError("cycle mark column name and cycle path column name are the same",
                      cycle->location);
  }
}

void SearchCycleRewrite::CheckTogether() const {
  if (cte_.search_clause == nullptr || cte_.cycle_clause == nullptr) return;
  const char* sequence = cte_.search_clause->search_seq_column;
  if (std::strcmp(sequence, cte_.cycle_clause->cycle_mark_column) == 0) {
    throw SyntaxError("search sequence column name and cycle mark column name are the same",
                      cte_.search_clause->location);
  }
  if (std::strcmp(sequence, cte_.cycle_clause->cycle_path_column) == 0) {
    throw SyntaxError("search sequence column name and cycle path column name are the same",
                      cte_.search_clause->location);
  }
}

SelectStmt* SearchCycleRewrite::ParseSelect(const std::string& sql) {
  scripts_.push_back(parser::Parse(sql));
  Node* tree = scripts_.back().statements()[0].tree;
  CHECK(TagOf(tree) == T_SelectStmt);
  return As<SelectStmt>(tree);
}

std::string SearchCycleRewrite::ColumnsOf(const std::string& alias) const {
  std::string text;
  for (const std::string& column : columns_) {
    text += (text.empty() ? "" : ", ") + alias + "." + QuoteIdentifier(column);
  }
  return text;
}

std::string SearchCycleRewrite::NamesInParentheses(bool with_added) const {
  std::string text;
  for (const std::string& column : columns_) {
    text += (text.empty() ? "" : ", ") + QuoteIdentifier(column);
  }
  for (const std::string& column : added_) {
    if (with_added) text += ", " + QuoteIdentifier(column);
  }
  return "(" + text + ")";
}

std::string SearchCycleRewrite::RowOf(const List* names, const std::string& alias) const {
  std::string text;
  for (const auto* name : parser::Each<const Node>(names)) {
    text += (text.empty() ? "" : ", ") + alias + "." + QuoteIdentifier(parser::Text(name));
  }
  return text;
}

// The mark's value and default take the places of the parsed text's two nulls.
void SearchCycleRewrite::SetMark(SelectStmt* wrapper) const {
  if (cte_.cycle_clause == nullptr) return;
  int at = static_cast<int>(columns_.size() + added_.size()) - 2;
  auto* choice = As<CaseExpr>(parser::At<ResTarget>(wrapper->targetList, at)->val);
  auto* when = parser::At<CaseWhen>(choice->args, 0);
  when->result = As<Expr>(cte_.cycle_clause->cycle_mark_value);
  choice->defresult = As<Expr>(cte_.cycle_clause->cycle_mark_default);
  if (wrapper->whereClause != nullptr) {
    As<A_Expr>(wrapper->whereClause)->rexpr = cte_.cycle_clause->cycle_mark_value;
  }
}

SelectStmt* SearchCycleRewrite::WrapLeft() {
  std::string sql = "SELECT " + ColumnsOf(kLeft);
  if (const CTESearchClause* search = cte_.search_clause) {
    std::string row = RowOf(search->search_col_list, kLeft);
    sql += (search->search_breadth_first ? ", ROW(0::pg_catalog.int8, " + row + ")"
                                         : ", ARRAY[ROW(" + row + ")]") +
           " AS " + QuoteIdentifier(search->search_seq_column);
  }
  if (const CTECycleClause* cycle = cte_.cycle_clause) {
    sql += ", CASE WHEN false THEN NULL ELSE NULL END AS " +
           QuoteIdentifier(cycle->cycle_mark_column) + ", ARRAY[ROW(" +
           RowOf(cycle->cycle_col_list, kLeft) + ")] AS " +
           QuoteIdentifier(cycle->cycle_path_column);
  }
  sql += std::string(" FROM (SELECT) ") + kLeft + " " + NamesInParentheses(false);
  SelectStmt* wrapper = ParseSelect(sql);
  SetMark(wrapper);
  As<RangeSubselect>(parser::At(wrapper->fromClause, 0))->subquery =
      reinterpret_cast<Node*>(original_->larg);
  return wrapper;
}

SelectStmt* SearchCycleRewrite::WrapRight() {
  std::string from = kRight;
  std::string sql = "SELECT " + ColumnsOf(from);
  if (const CTESearchClause* search = cte_.search_clause) {
    std::string sequence = from + "." + QuoteIdentifier(search->search_seq_column);
    std::string row = RowOf(search->search_col_list, from);
    sql += (search->search_breadth_first ? ", ROW((" + sequence + ").f1 + 1, " + row + ")"
                                         : ", " + sequence + " || ARRAY[ROW(" + row + ")]") +
           " AS " + QuoteIdentifier(search->search_seq_column);
  }
  std::string where;
  if (const CTECycleClause* cycle = cte_.cycle_clause) {
    std::string path = from + "." + QuoteIdentifier(cycle->cycle_path_column);
    std::string row = "ROW(" + RowOf(cycle->cycle_col_list, from) + ")";
    std::string mark = QuoteIdentifier(cycle->cycle_mark_column);
    sql += ", CASE WHEN " + row + " = ANY (" + path + ") THEN NULL ELSE NULL END AS " + mark +
           ", " + path + " || ARRAY[" + row + "] AS " +
           QuoteIdentifier(cycle->cycle_path_column);
    where = " WHERE " + from + "." + mark + " <> NULL";
  }
  sql += " FROM (SELECT) " + from + " " + NamesInParentheses(true) + where;
  SelectStmt* wrapper = ParseSelect(sql);
  SetMark(wrapper);
  As<RangeSubselect>(parser::At(wrapper->fromClause, 0))->subquery =
      const_cast<Node*>(RightWithAdded());
  return wrapper;
}

// The right side with the added columns of the WITH query behind its own.
const Node* SearchCycleRewrite::RightWithAdded() {
  right_ = *original_->rarg;
  const char* alias = nullptr;
  if (!Shadows(right_.withClause, cte_.ctename)) {
    for (const auto* item : parser::Each<const Node>(right_.fromClause)) {
      if (alias == nullptr) alias = AliasOf(item, cte_.ctename);
    }
  }
  if (alias == nullptr) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   std::string("with a SEARCH or CYCLE clause, the recursive reference to WITH "
                               "query \"") +
                       cte_.ctename + "\" must be at the top level of its right-hand SELECT");
  }
  // A list of the wanted length, whose first members are then those of the right side.
  int own = parser::Length(right_.targetList);
  std::string sql = "SELECT ";
  for (int i = 0; i < own; ++i) sql += "NULL, ";
  for (size_t i = 0; i < added_.size(); ++i) {
    sql += (i > 0 ? ", " : "") + QuoteIdentifier(alias) + "." + QuoteIdentifier(added_[i]);
  }
  List* targets = ParseSelect(sql)->targetList;
  for (int i = 0; i < own; ++i) targets->elements[i] = right_.targetList->elements[i];
  right_.targetList = targets;
  return reinterpret_cast<const Node*>(&right_);
}

}  // namespace sundog::binder
