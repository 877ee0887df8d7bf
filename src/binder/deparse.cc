#include "binder/deparse.h"

#include "binder/bind_select.h"
#include "binder/bind_stored.h"
#include "binder/bind_view.h"
#include "binder/deparser.h"
#include "types/io_settings.h"

namespace sundog::binder {

namespace {

// Stored text reads the same whatever a session's settings are.
const types::IoSettings kStoredSettings;

DeparseOptions StoringOptions(const BindContext& context) {
  DeparseOptions options;
  options.catalog = context.catalog.get();
  options.io = context.io;
  options.io.types = context.catalog.get();
  options.io.settings = &kStoredSettings;
  options.marks = true;
  return options;
}

}  // namespace

DeparseOptions ShowingOptions(const BindContext& context, bool pretty) {
  DeparseOptions options;
  options.catalog = context.catalog.get();
  options.path = &context.search_path;
  options.io = context.io;
  if (options.io.types == nullptr) options.io.types = context.catalog.get();
  if (options.io.settings == nullptr) options.io.settings = &kStoredSettings;
  options.pretty_parentheses = pretty;
  options.pretty_indent = pretty;
  return options;
}

std::string Deparse(const BoundExpression& expression, const DeparseOptions& options) {
  Deparser deparser(options);
  deparser.Expression(expression, false);
  return std::move(deparser.text);
}

std::string Deparse(const BoundQuery& query, const std::vector<std::string>& names,
                    const DeparseOptions& options) {
  Deparser deparser(options);
  deparser.Query(query, &names, true);
  return std::move(deparser.text);
}

catalog::StoredExpression Store(const BoundExpression& expression, BindContext& context,
                                const catalog::TableDescriptor* table, RelationId relation,
                                bool indent) {
  DeparseOptions options = StoringOptions(context);
  options.pretty_indent = indent;
  options.table = table;
  options.relation = relation;
  Deparser deparser(options);
  deparser.Expression(expression, false);
  return {std::move(deparser.text), std::move(deparser.references)};
}

catalog::StoredExpression StoreView(const BoundQuery& query, const std::vector<std::string>& names,
                                    BindContext& context) {
  DeparseOptions options = StoringOptions(context);
  options.pretty_indent = true;
  Deparser deparser(options);
  deparser.Query(query, &names, true);
  return {std::move(deparser.text), std::move(deparser.references)};
}

std::string DeparseStored(const catalog::StoredExpression& stored,
                          const catalog::TableDescriptor* table, bool pretty,
                          BindContext& context) {
  BindState state(context, "");
  RelationId relation = state.NewRelation(0);
  BoundExpressionPtr expression =
      BindStored(state, stored, table, relation, ExpressionRole::kOther);
  DeparseOptions options = ShowingOptions(context, pretty);
  options.table = table;
  options.relation = relation;
  return Deparse(*expression, options);
}

std::string DeparseStoredDomainCheck(const catalog::StoredExpression& stored, SqlType base,
                                     bool pretty, BindContext& context) {
  BindState state(context, "");
  BoundExpressionPtr condition = BindStoredDomainCheck(state, stored, base);
  return Deparse(*condition, ShowingOptions(context, pretty));
}

std::string DeparseViewDefinition(const catalog::ViewDescriptor& view, bool pretty, int wrap_column,
                                  BindContext& context) {
  BindState state(context, "");
  Scope scope(state, nullptr);
  std::unique_ptr<BoundQuery> query = BindView(scope, view, false);
  std::vector<std::string> names;
  for (const catalog::ColumnDescriptor& column : view.columns) names.push_back(column.name);
  DeparseOptions options = ShowingOptions(context, pretty);
  options.pretty_indent = true;
  options.wrap_column = wrap_column;
  return Deparse(*query, names, options);
}

}  // namespace sundog::binder
