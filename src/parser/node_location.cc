// Where raw nodes begin: NodeLocation.
#include "parser/pg_nodes.h"

namespace sundog::parser {

namespace {

int Leftmost(int a, int b) {
  if (a < 0) return b;
  if (b < 0) return a;
  return a < b ? a : b;
}

int ListLocation(const List* list) {
  for (const Node* member : Each<Node>(list)) {
    int location = NodeLocation(member);
    if (location >= 0) return location;
  }
  return -1;
}

template <typename T>
int Own(const Node* node) {
  return As<T>(node)->location;
}

// Nodes whose own location is their leftmost.
int SimpleLocation(const Node* node) {
  switch (TagOf(node)) {
    case T_RangeVar: return Own<RangeVar>(node);
    case T_GroupingFunc: return Own<GroupingFunc>(node);
    case T_CaseExpr: return Own<CaseExpr>(node);
    case T_CaseWhen: return Own<CaseWhen>(node);
    case T_RowExpr: return Own<RowExpr>(node);
    case T_CoalesceExpr: return Own<CoalesceExpr>(node);
    case T_MinMaxExpr: return Own<MinMaxExpr>(node);
    case T_SQLValueFunction: return Own<SQLValueFunction>(node);
    case T_SetToDefault: return Own<SetToDefault>(node);
    case T_ColumnRef: return Own<ColumnRef>(node);
    case T_ParamRef: return Own<ParamRef>(node);
    case T_A_Const: return Own<A_Const>(node);
    case T_A_ArrayExpr: return Own<A_ArrayExpr>(node);
    case T_ResTarget: return Own<ResTarget>(node);
    case T_WindowDef: return Own<WindowDef>(node);
    case T_RangeTableSample: return Own<RangeTableSample>(node);
    case T_TypeName: return Own<TypeName>(node);
    case T_ColumnDef: return Own<ColumnDef>(node);
    case T_Constraint: return Own<Constraint>(node);
    case T_XmlSerialize: return Own<XmlSerialize>(node);
    case T_GroupingSet: return Own<GroupingSet>(node);
    case T_WithClause: return Own<WithClause>(node);
    case T_InferClause: return Own<InferClause>(node);
    case T_OnConflictClause: return Own<OnConflictClause>(node);
    case T_CTESearchClause: return Own<CTESearchClause>(node);
    case T_CTECycleClause: return Own<CTECycleClause>(node);
    case T_CommonTableExpr: return Own<CommonTableExpr>(node);
    case T_PartitionElem: return Own<PartitionElem>(node);
    case T_PartitionSpec: return Own<PartitionSpec>(node);
    case T_PartitionBoundSpec: return Own<PartitionBoundSpec>(node);
    default: return -1;
  }
}

}  // namespace

int NodeLocation(const Node* node) {
  if (node == nullptr) return -1;
  switch (TagOf(node)) {
    case T_NamedArgExpr: {
      const auto* named = As<NamedArgExpr>(node);
      return Leftmost(named->location, NodeLocation(reinterpret_cast<const Node*>(named->arg)));
    }
    case T_BoolExpr: return Leftmost(Own<BoolExpr>(node), ListLocation(As<BoolExpr>(node)->args));
    case T_SubLink: return Leftmost(NodeLocation(As<SubLink>(node)->testexpr), Own<SubLink>(node));
    case T_XmlExpr: return Leftmost(Own<XmlExpr>(node), ListLocation(As<XmlExpr>(node)->args));
    case T_NullTest:
      return Leftmost(Own<NullTest>(node),
                      NodeLocation(reinterpret_cast<const Node*>(As<NullTest>(node)->arg)));
    case T_BooleanTest:
      return Leftmost(Own<BooleanTest>(node),
                      NodeLocation(reinterpret_cast<const Node*>(As<BooleanTest>(node)->arg)));
    case T_IntoClause:
      return NodeLocation(reinterpret_cast<const Node*>(As<IntoClause>(node)->rel));
    case T_List: return ListLocation(As<List>(node));
    case T_A_Expr: return Leftmost(Own<A_Expr>(node), NodeLocation(As<A_Expr>(node)->lexpr));
    case T_FuncCall: return Leftmost(Own<FuncCall>(node), ListLocation(As<FuncCall>(node)->args));
    case T_MultiAssignRef: return NodeLocation(As<MultiAssignRef>(node)->source);
    case T_TypeCast: {
      const auto* cast = As<TypeCast>(node);
      return Leftmost(Leftmost(NodeLocation(cast->arg), cast->typeName->location), cast->location);
    }
    case T_CollateClause: return NodeLocation(As<CollateClause>(node)->arg);
    case T_SortBy: return NodeLocation(As<SortBy>(node)->node);
    case T_FunctionParameter:
      return NodeLocation(reinterpret_cast<const Node*>(As<FunctionParameter>(node)->argType));
    default: return SimpleLocation(node);
  }
}

}  // namespace sundog::parser
