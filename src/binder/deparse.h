// Bound trees back to SQL text, as PostgreSQL's ruleutils print them. What is stored in the catalog
// (defaults, checks, index expressions, views) is such text, with marks in place of names that may
// change (catalog/stored_sql.h); what pg_get_expr, pg_get_viewdef and their kin answer is such text
// with names. Text binds again to an equal tree.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "binder/bind.h"
#include "binder/bound_query.h"
#include "catalog/object_address.h"

namespace sundog::catalog {
struct TableDescriptor;
}

namespace sundog::binder {

struct DeparseOptions {
  const catalog::Catalog* catalog = nullptr;
  // Names that it finds are not qualified; null: all outside pg_catalog are.
  const catalog::SearchPath* path = nullptr;
  types::IoContext io;
  // Marks instead of names, and the objects that the text refers to.
  bool marks = false;
  // The table that the expression is about: its columns are in the tree as those of `relation`.
  // With marks, OID 0 stands for it.
  const catalog::TableDescriptor* table = nullptr;
  RelationId relation = -1;
  // PostgreSQL's pretty flags: fewer parentheses; line breaks.
  bool pretty_parentheses = false;
  bool pretty_indent = false;
  int wrap_column = 0;  // -1: no wrapping
  // Of a function's body: what $1, $2, … are called (empty: nothing), and the function's name,
  // which tells them from columns.
  std::vector<std::string> parameter_names;
  std::string parameter_qualifier;
  // Of a plan's expressions: the text of slots and subplans.
  std::function<std::string(const BoundExpression&)> plan_leaf;
};

// For showing: names as the context's search path needs them.
DeparseOptions ShowingOptions(const BindContext& context, bool pretty);

// pg_get_expr's text.
std::string Deparse(const BoundExpression& expression, const DeparseOptions& options);
// pg_get_viewdef's text without the final semicolon; `names` are the view's column names.
std::string Deparse(const BoundQuery& query, const std::vector<std::string>& names,
                    const DeparseOptions& options);

// For storing: text with marks, and what it refers to.
catalog::StoredExpression Store(const BoundExpression& expression, BindContext& context,
                                const catalog::TableDescriptor* table = nullptr,
                                RelationId relation = -1, bool indent = false);
catalog::StoredExpression StoreView(const BoundQuery& query, const std::vector<std::string>& names,
                                    BindContext& context);

// Stored text as pg_get_expr and pg_get_viewdef answer it, for the context's search path. `table`:
// whose expression it is, or null.
std::string DeparseStored(const catalog::StoredExpression& stored,
                          const catalog::TableDescriptor* table, bool pretty,
                          BindContext& context);
// A domain's check, whose VALUE is of `base`.
std::string DeparseStoredDomainCheck(const catalog::StoredExpression& stored, SqlType base,
                                     bool pretty, BindContext& context);
std::string DeparseViewDefinition(const catalog::ViewDescriptor& view, bool pretty, int wrap_column,
                                  BindContext& context);

}  // namespace sundog::binder
