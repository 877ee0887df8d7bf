// The printer behind deparse.h; one for one text.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "binder/deparse.h"

namespace sundog::binder {

class Deparser {
 public:
  explicit Deparser(const DeparseOptions& options);

  // `show_implicit`: also casts that were not written. PostgreSQL hides them where the text binds
  // the same without.
  void Expression(const BoundExpression& expression, bool show_implicit);
  void Query(const BoundQuery& query, const std::vector<std::string>* names, bool names_visible);

  std::string text;
  std::vector<catalog::ObjectAddress> references;

 private:
  // How a relation's columns are called in the text.
  struct RelationNames {
    std::string alias;                 // unique among those in sight
    std::string qualifier;             // quoted
    std::vector<std::string> columns;  // as written: quoted, or marks
    std::vector<std::string> plain;    // as the reader sees them
    Oid table = types::kInvalidOid;    // whose columns they are
  };

  // --- expressions (deparse_expression.cc) ---
  void Paren(const BoundExpression& expression, bool show_implicit, const BoundExpression& parent);
  void TopLevel(const BoundExpression& expression, bool show_implicit);
  void List(const BoundExpressions& expressions, bool show_implicit);
  void Open();  // a parenthesis unless pretty
  void Close();
  void Parameter(const BoundParameter& parameter);
  std::string Column(const BoundColumn& column);
  void WholeRow(const BoundRow& row, bool top_level);
  void Row(const BoundRow& row, bool show_implicit);
  void Constant(const BoundConstant& constant, int show_type);
  void ConstantValue(const BoundConstant& constant, bool& needs_label);
  void Coercion(const BoundExpression& argument, SqlType type, const BoundExpression& parent);
  void Conversion(const BoundConversion& conversion, bool show_implicit);
  void Operator(const BoundFunction& call);
  void Function(const BoundFunction& call, bool show_implicit);
  bool SqlSyntax(const BoundFunction& call);
  bool SqlValue(const BoundFunction& call);
  void Aggregate(const BoundAggregate& aggregate);
  void Window(const BoundWindow& window);
  void WindowSpec(const BoundWindowSpec& spec);
  void Case(const BoundCase& expression);
  void Boolean(const BoundBoolean& expression);
  void Subquery(const BoundSubquery& subquery);
  void Subscript(const BoundSubscript& subscript, bool show_implicit);
  void Field(const BoundFieldSelect& field);
  void Test(const BoundExpression& expression);
  void ScalarArray(const BoundScalarArray& expression);
  void RowCompare(const BoundRowCompare& expression);
  void Array(const BoundArray& array);
  void SortKeys(const std::vector<BoundSortKey>& keys);
  void SortSuffix(bool descending, bool nulls_first, Oid sort_operator);
  void SortExpression(const BoundExpression& expression);
  void FunctionCall(const BoundExpression& expression);
  bool IsSimple(const BoundExpression& expression, const BoundExpression& parent) const;

  // --- queries (deparse_query.cc, deparse_from.cc) ---
  void Select(const BoundQuery& query, const std::vector<std::string>* names, bool names_visible);
  void Targets(const BoundQuery& query, const std::vector<std::string>* names, bool names_visible);
  std::string TargetText(const BoundTarget& target, const std::string& name, bool names_visible);
  void SetOperation(const BoundQuery& query, const std::vector<std::string>* names,
                    bool names_visible);
  void SetSide(const BoundQuery& side, const std::vector<std::string>* names, bool names_visible);
  void GroupBy(const BoundQuery& query);
  void Grouping(const BoundQuery& query, const GroupingItem& item, bool omit_parentheses);
  void Tail(const BoundQuery& query);
  void With(const BoundQuery& query);
  void NamedWindows(const BoundQuery& query);
  void Values(const BoundValues& values);
  void From(const BoundQuery& query);
  void FromItem(const BoundTableRef& ref);
  void FromJoin(const BoundJoin& join);
  void FromFunction(const BoundFunctionRef& ref);
  void Alias(const BoundTableRef& ref);
  void ColumnAliases(const BoundTableRef& ref);
  void NameRelations(const BoundTableRef& ref);
  void NameAliasedJoin(const BoundJoin& join);
  RelationNames NamesOf(const BoundTableRef& ref);
  std::string UniqueAlias(const std::string& alias);
  bool IsLateral(const BoundExpression& call) const;

  // Breaks the line (pretty) before a keyword; see PostgreSQL's appendContextKeyword.
  void Keyword(std::string_view keyword, int before, int after, int plus);
  void TrimSpaces();

  // --- names (deparse_names.cc) ---
  std::string RelationText(Oid relation);
  std::string TypeText(SqlType type);
  std::string FunctionText(const functions::ProcInfo& proc);
  std::string TableColumnText(Oid relation, int attnum, const std::string& name);
  std::string OperatorText(Oid op);
  void Refer(Oid class_oid, Oid object, int sub_object = 0);

  const DeparseOptions& options_;
  std::map<RelationId, RelationNames> relations_;
  std::map<int, const BoundCte*> ctes_;
  std::multiset<std::string> cte_names_;  // in sight
  std::set<RelationId> siblings_;         // relations of the query being written
  // Its relations' names and those of the queries around it, with how often each was varied.
  std::map<std::string, int> aliases_;
  std::map<const BoundJoin*, std::string> join_aliases_;
  const BoundQuery* query_ = nullptr;
  bool prefix_ = false;  // column names need their relation's
  int indent_ = 0;
};

// The fields of a row-valued expression are called so when nothing better is known.
std::string FieldName(const BoundFieldSelect& field);

}  // namespace sundog::binder
