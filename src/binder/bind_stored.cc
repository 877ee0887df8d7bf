#include "binder/bind_stored.h"

#include <algorithm>
#include <utility>

#include "binder/bind_expression.h"
#include "binder/bind_from.h"
#include "binder/bind_select.h"
#include "binder/bind_view.h"
#include "binder/domain_checks.h"
#include "catalog/stored_sql.h"

namespace sundog::binder {

using parser::As;

const Node* ParseExpressionText(std::string_view text, parser::Script& script) {
  script = parser::Parse("SELECT " + std::string(text));
  const auto* select = As<SelectStmt>(script.statements().at(0).tree);
  return parser::At<ResTarget>(select->targetList, 0)->val;
}

void ForgetLocations(BoundExpressionPtr& expression) {
  VisitDeep(expression, [](BoundExpressionPtr& node) {
    if (node != nullptr) node->location = -1;
  });
}

void ForgetLocations(BoundQuery& query) {
  VisitDeep(query, [](BoundExpressionPtr& node) {
    if (node != nullptr) node->location = -1;
  });
}

void WithQualifiedNames(BindState& state, const std::function<void()>& body) {
  catalog::SearchPath path;
  path.schemas = {catalog::kPgCatalogSchema};
  catalog::SearchPath saved = std::exchange(state.context.search_path, path);
  VariableResolver* variables = std::exchange(state.context.variables, nullptr);
  auto restore = [&] {
    state.context.search_path = saved;
    state.context.variables = variables;
  };
  try {
    body();
  } catch (SqlError& error) {
    restore();
    error.At(-1);
    throw;
  }
  restore();
}

BoundExpressionPtr BindStoredDefault(BindState& state, std::string_view text) {
  BoundExpressionPtr result;
  WithQualifiedNames(state, [&] {
    parser::Script script;
    const Node* node =
        ParseExpressionText(catalog::ExpandMarks(state.catalog, nullptr, text), script);
    Scope scope(state, nullptr);
    result = BindExpression(scope, node, ExpressionRole::kFunctionDefault);
    ForgetLocations(result);
  });
  return result;
}

BoundExpressionPtr BindStored(BindState& state, const catalog::StoredExpression& stored,
                              const catalog::TableDescriptor* table, RelationId relation,
                              ExpressionRole role) {
  BoundExpressionPtr result;
  WithQualifiedNames(state, [&] {
    Oid self = table != nullptr ? table->oid : kInvalidOid;
    std::string text = catalog::ExpandMarks(state.catalog, nullptr, stored.sql, self);
    parser::Script script;
    const Node* node = ParseExpressionText(text, script);
    Scope scope(state, relation < 0 ? 0 : state.DepthOf(relation));
    if (table != nullptr) {
      auto item = std::make_unique<NameItem>();
      item->name = table->name;
      item->table = table->oid;
      item->row_type = table->row_type;
      item->relation = relation;
      item->system_columns = true;
      for (const catalog::ColumnDescriptor& column : table->columns) {
        NameColumn name;
        if (!column.dropped) {
          name.name = column.name;
          name.expression = std::make_unique<BoundColumn>(column.type, relation, column.attnum - 1);
        }
        item->columns.push_back(std::move(name));
      }
      scope.names.push_back(scope.AddItem(std::move(item)));
    }
    result = BindExpression(scope, node, role);
    ForgetLocations(result);
  });
  return result;
}

BoundExpressionPtr BindStoredDomainCheck(BindState& state, const catalog::StoredExpression& stored,
                                         SqlType base) {
  BoundExpressionPtr result;
  WithQualifiedNames(state, [&] {
    std::string text = catalog::ExpandMarks(state.catalog, nullptr, stored.sql);
    parser::Script script;
    const Node* node = ParseExpressionText(text, script);
    Scope scope(state, nullptr);
    scope.domain_value = base;
    result = BindCondition(scope, node, ExpressionRole::kDomainCheck, "CHECK");
    ForgetLocations(result);
  });
  return result;
}

void AttachDomainChecks(BindState& state, BoundConversion& conversion) {
  std::vector<const catalog::DomainDescriptor*> chain;
  SqlType type = conversion.type;
  while (const types::TypeInfo* info = state.catalog.FindType(type.oid)) {
    if (info->kind_code != 'd') break;
    conversion.not_null = conversion.not_null || info->not_null;
    const catalog::DomainDescriptor* domain = state.catalog.contents().domains.Get(type.oid);
    if (domain != nullptr) chain.insert(chain.begin(), domain);
    type = {info->base_type, info->base_typmod};
  }
  for (const catalog::DomainDescriptor* domain : chain) {
    conversion.not_null = conversion.not_null || domain->not_null;
    for (const catalog::DomainConstraintDescriptor& constraint : domain->constraints) {
      conversion.checks.push_back(
          {constraint.name, BindStoredDomainCheck(state, constraint.check, type)});
    }
  }
}

bool IsOn(const catalog::ViewDescriptor& view, std::string_view option) {
  constexpr std::string_view kTrue[] = {"true", "on", "yes", "1"};
  return std::any_of(view.options.begin(), view.options.end(), [&](std::string_view one) {
    size_t equals = one.find('=');
    return one.substr(0, equals) == option &&
           std::find(std::begin(kTrue), std::end(kTrue), one.substr(equals + 1)) !=
               std::end(kTrue);
  });
}

std::unique_ptr<BoundQuery> BindView(Scope& scope, const catalog::ViewDescriptor& view,
                                     bool locked) {
  BindState& state = scope.state;
  std::unique_ptr<BoundQuery> query;
  WithQualifiedNames(state, [&] {
    std::string text = catalog::ExpandMarks(state.catalog, nullptr, view.definition.sql, view.oid);
    parser::Script script = parser::Parse(text);
    // Nothing of the statement around it is visible, but its depth counts.
    Scope inner(state, scope.depth + 1);
    inner.locked_from_parent = locked;
    Oid outer_owner = state.privileges.view_owner();
    // With security_invoker it is the current role that reads, whatever is around.
    bool invoker = IsOn(view, "security_invoker");
    state.privileges.set_view_owner(invoker ? kInvalidOid : view.owner);
    query = BindSelect(inner, As<SelectStmt>(script.statements().at(0).tree));
    state.privileges.set_view_owner(outer_owner);
    ForgetLocations(*query);
  });
  return query;
}

}  // namespace sundog::binder
