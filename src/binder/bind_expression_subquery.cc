// EXISTS, IN and op ANY/ALL with a subquery, scalar, row and array subqueries.
#include "binder/bind_expression.h"
#include "binder/bind_select.h"
#include "binder/build_coercion.h"

namespace sundog::binder {

namespace {

void CheckSubqueryAllowed(const Scope& scope, int location) {
  std::string_view place = RuleOf(scope.role).no_subqueries;
  if (place.empty()) return;
  throw SqlError(sqlstate::kFeatureNotSupported, "cannot use subquery in " + std::string(place))
      .At(location);
}

std::unique_ptr<BoundQuery> BindLinkQuery(Scope& scope, const SubLink* link) {
  CheckSubqueryAllowed(scope, link->location);
  scope.has_subqueries = true;
  return BindSubquery(scope, link->subselect, false, true);
}

std::unique_ptr<BoundSubquery> MakeSubquery(SqlType type, SubqueryKind kind,
                                            std::unique_ptr<BoundQuery> query, int location) {
  auto result = std::make_unique<BoundSubquery>(type, kind, std::move(query));
  result->location = location;
  return result;
}

// One comparison a column of the subquery; rows compare as operator and kind say.
void BindComparisons(Scope& scope, BoundSubquery& result, const OperatorName& name,
                     BoundExpressions left, int link_location, int operator_location) {
  BindState& state = scope.state;
  const BoundQuery& query = *result.query;
  int columns = query.visible_target_count();
  int given = static_cast<int>(left.size());
  if (given != columns) {
    throw SqlError(sqlstate::kSyntaxError, given < columns ? "subquery has too many columns"
                                                           : "subquery has too few columns")
        .At(link_location);
  }
  result.output_relation = state.NewRelation(scope.depth);
  result.operator_name = name.bare();
  BoundExpressions right;
  for (int i = 0; i < columns; ++i) {
    right.push_back(std::make_unique<BoundColumn>(query.targets[i].expression->type,
                                                  result.output_relation, i));
  }
  if (columns > 1) {
    // For its errors: whether rows can be compared by this operator at all.
    CompareRows(scope, name, CloneAll(left), CloneAll(right), operator_location);
  }
  for (int i = 0; i < columns; ++i) {
    auto comparison = MakeOperator(scope, name, std::move(left[i]), std::move(right[i]),
                                   scope.last_set, operator_location);
    if (comparison->type.oid != oids::kBool) {
      throw SqlError(sqlstate::kDatatypeMismatch,
                     "row comparison operator must yield type boolean, not type " +
                         state.types.Name(comparison->type.oid))
          .At(operator_location);
    }
    result.comparisons.push_back(std::move(comparison));
  }
}

BoundExpressions LeftSide(BoundExpressionPtr expression) {
  if (expression->kind == ExpressionKind::kRow && expression->As<BoundRow>().whole_row_of < 0 &&
      expression->type.oid == oids::kRecord) {
    return std::move(expression->As<BoundRow>().fields);
  }
  BoundExpressions left;
  left.push_back(std::move(expression));
  return left;
}

BoundExpressionPtr BindScalar(Scope& scope, const SubLink* link, bool array) {
  std::unique_ptr<BoundQuery> query = BindLinkQuery(scope, link);
  if (query->visible_target_count() != 1) {
    throw SqlError(sqlstate::kSyntaxError, "subquery must return only one column")
        .At(link->location);
  }
  SqlType type = query->targets[0].expression->type;
  if (array) {
    Oid element = type.oid;
    // An array of arrays is of the same type; int2vector and oidvector are elements themselves.
    if (!scope.types().IsNestableArray(element)) {
      type.oid = scope.types().ArrayType(element);
      if (type.oid == kInvalidOid) {
        throw SqlError(sqlstate::kUndefinedObject,
                       "could not find array type for data type " + scope.types().Name(element))
            .At(link->location);
      }
    }
  }
  return MakeSubquery(type, array ? SubqueryKind::kArray : SubqueryKind::kScalar, std::move(query),
                      link->location);
}

}  // namespace

BoundExpressionPtr BindSubLink(Scope& scope, const SubLink* link) {
  switch (link->subLinkType) {
    case EXISTS_SUBLINK:
      return MakeSubquery({oids::kBool}, SubqueryKind::kExists, BindLinkQuery(scope, link),
                          link->location);
    case EXPR_SUBLINK: return BindScalar(scope, link, false);
    case ARRAY_SUBLINK: return BindScalar(scope, link, true);
    default: break;
  }
  bool any = link->subLinkType == ANY_SUBLINK;
  auto result = MakeSubquery({oids::kBool}, any ? SubqueryKind::kAny : SubqueryKind::kAll,
                             BindLinkQuery(scope, link), link->location);
  result->is_in = link->operName == nullptr;
  OperatorName name = result->is_in ? OperatorName(std::string("=")) : OperatorName(link->operName);
  BoundExpressions left = LeftSide(BindNode(scope, link->testexpr));
  int leftmost = left.empty() ? -1 : left[0]->location;
  BindComparisons(scope, *result, name, std::move(left), link->location, link->location);
  result->location = LeftmostLocation(leftmost, link->location);
  return result;
}

BoundExpressionPtr BindRowSubquery(Scope& scope, const OperatorName& name, const Node* row,
                                   const SubLink* link, int location) {
  auto result =
      MakeSubquery({oids::kBool}, SubqueryKind::kRow, BindLinkQuery(scope, link), location);
  BoundExpressions left = LeftSide(BindNode(scope, row));
  int leftmost = left.empty() ? -1 : left[0]->location;
  BindComparisons(scope, *result, name, std::move(left), location, location);
  result->location = LeftmostLocation(leftmost, location);
  return result;
}

}  // namespace sundog::binder
