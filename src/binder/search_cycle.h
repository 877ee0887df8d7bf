// SEARCH and CYCLE of a recursive WITH query, on raw trees: the query is wrapped so that it
// computes the columns they add.
//
//   WITH RECURSIVE q (a, b) AS (l UNION r) SEARCH DEPTH FIRST BY a SET s CYCLE b SET m USING p
//
// becomes
//
//   q (a, b, s, m, p) AS (
//     SELECT a, b, ARRAY[ROW(a)], m's default, ARRAY[ROW(b)] FROM (l) (a, b)
//     UNION SELECT a, b, s || ARRAY[ROW(a)], CASE WHEN ROW(b) = ANY (p) THEN m's value ELSE its
//       default END, p || ARRAY[ROW(b)]
//       FROM (r, with q's s, m, p) (a, b, s, m, p) WHERE m <> value)
//
// and SEARCH BREADTH FIRST has ROW(depth, a) for s. As PostgreSQL's documentation describes it.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "binder/scope.h"
#include "parser/parse.h"

namespace sundog::binder {

// How many columns the clauses add: they are the last ones of the query.
int AddedColumnCount(const CommonTableExpr& cte);

class SearchCycleRewrite {
 public:
  // `columns`: the query's own. Throws what PostgreSQL says to clauses that do not fit.
  SearchCycleRewrite(const CommonTableExpr& cte, const std::vector<std::string>& columns);
  // Lives as long as this object and the statement's tree.
  const SelectStmt* query() const { return &whole_; }

 private:
  void CheckForm() const;
  void CheckSearch() const;
  void CheckCycle() const;
  void CheckTogether() const;
  bool IsOwn(const char* name) const;
  SelectStmt* ParseSelect(const std::string& sql);
  std::string ColumnsOf(const std::string& alias) const;
  std::string NamesInParentheses(bool with_added) const;
  std::string RowOf(const List* names, const std::string& alias) const;
  SelectStmt* WrapLeft();
  SelectStmt* WrapRight();
  const Node* RightWithAdded();
  void SetMark(SelectStmt* wrapper) const;

  const CommonTableExpr& cte_;
  const std::vector<std::string>& columns_;
  const SelectStmt* original_;
  std::vector<std::string> added_;
  std::deque<parser::Script> scripts_;
  SelectStmt right_;
  SelectStmt whole_;
};

}  // namespace sundog::binder
