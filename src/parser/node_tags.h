// Which tag a node of PostgreSQL's tree must have to be read as a given struct. Included by
// pg_nodes.h alone.
#pragma once

namespace sundog::parser {

// A struct that is missing here is added where the compiler asks for it.
template <typename T>
struct TagFor;

// Any node may be read as these.
template <>
struct TagFor<::Node> {
  static constexpr NodeTag kTag = T_Invalid;
};
template <>
struct TagFor<::Expr> {
  static constexpr NodeTag kTag = T_Invalid;
};

#define SUNDOG_NODE(name)                     \
  template <>                                 \
  struct TagFor<::name> {                     \
    static constexpr NodeTag kTag = T_##name; \
  };

SUNDOG_NODE(A_ArrayExpr)
SUNDOG_NODE(A_Const)
SUNDOG_NODE(A_Expr)
SUNDOG_NODE(A_Indices)
SUNDOG_NODE(A_Indirection)
SUNDOG_NODE(AccessPriv)
SUNDOG_NODE(AlterDatabaseSetStmt)
SUNDOG_NODE(AlterDefaultPrivilegesStmt)
SUNDOG_NODE(AlterDomainStmt)
SUNDOG_NODE(AlterEnumStmt)
SUNDOG_NODE(AlterFunctionStmt)
SUNDOG_NODE(AlterObjectSchemaStmt)
SUNDOG_NODE(AlterOwnerStmt)
SUNDOG_NODE(AlterRoleSetStmt)
SUNDOG_NODE(AlterRoleStmt)
SUNDOG_NODE(AlterSeqStmt)
SUNDOG_NODE(AlterTableCmd)
SUNDOG_NODE(AlterTableStmt)
SUNDOG_NODE(BoolExpr)
SUNDOG_NODE(Boolean)
SUNDOG_NODE(BooleanTest)
SUNDOG_NODE(CTECycleClause)
SUNDOG_NODE(CTESearchClause)
SUNDOG_NODE(CallStmt)
SUNDOG_NODE(CaseExpr)
SUNDOG_NODE(CaseWhen)
SUNDOG_NODE(ClosePortalStmt)
SUNDOG_NODE(ClusterStmt)
SUNDOG_NODE(CoalesceExpr)
SUNDOG_NODE(CollateClause)
SUNDOG_NODE(ColumnDef)
SUNDOG_NODE(ColumnRef)
SUNDOG_NODE(CommentStmt)
SUNDOG_NODE(CommonTableExpr)
SUNDOG_NODE(CompositeTypeStmt)
SUNDOG_NODE(Constraint)
SUNDOG_NODE(ConstraintsSetStmt)
SUNDOG_NODE(CopyStmt)
SUNDOG_NODE(CreateDomainStmt)
SUNDOG_NODE(CreateEnumStmt)
SUNDOG_NODE(CreateExtensionStmt)
SUNDOG_NODE(CreateFunctionStmt)
SUNDOG_NODE(CreateRoleStmt)
SUNDOG_NODE(CreateSchemaStmt)
SUNDOG_NODE(CreateSeqStmt)
SUNDOG_NODE(CreateStmt)
SUNDOG_NODE(CreateTableAsStmt)
SUNDOG_NODE(DeallocateStmt)
SUNDOG_NODE(DeclareCursorStmt)
SUNDOG_NODE(DefElem)
SUNDOG_NODE(DefineStmt)
SUNDOG_NODE(DeleteStmt)
SUNDOG_NODE(DiscardStmt)
SUNDOG_NODE(DoStmt)
SUNDOG_NODE(DropRoleStmt)
SUNDOG_NODE(DropStmt)
SUNDOG_NODE(DropdbStmt)
SUNDOG_NODE(ExecuteStmt)
SUNDOG_NODE(ExplainStmt)
SUNDOG_NODE(FetchStmt)
SUNDOG_NODE(Float)
SUNDOG_NODE(FuncCall)
SUNDOG_NODE(FunctionParameter)
SUNDOG_NODE(GrantRoleStmt)
SUNDOG_NODE(GrantStmt)
SUNDOG_NODE(GroupingFunc)
SUNDOG_NODE(GroupingSet)
SUNDOG_NODE(IndexElem)
SUNDOG_NODE(IndexStmt)
SUNDOG_NODE(InferClause)
SUNDOG_NODE(InsertStmt)
SUNDOG_NODE(Integer)
SUNDOG_NODE(IntoClause)
SUNDOG_NODE(JoinExpr)
SUNDOG_NODE(List)
SUNDOG_NODE(ListenStmt)
SUNDOG_NODE(LoadStmt)
SUNDOG_NODE(LockStmt)
SUNDOG_NODE(LockingClause)
SUNDOG_NODE(MinMaxExpr)
SUNDOG_NODE(MultiAssignRef)
SUNDOG_NODE(NamedArgExpr)
SUNDOG_NODE(NotifyStmt)
SUNDOG_NODE(NullTest)
SUNDOG_NODE(ObjectWithArgs)
SUNDOG_NODE(OnConflictClause)
SUNDOG_NODE(ParamRef)
SUNDOG_NODE(PartitionBoundSpec)
SUNDOG_NODE(PartitionElem)
SUNDOG_NODE(PartitionSpec)
SUNDOG_NODE(PrepareStmt)
SUNDOG_NODE(RangeFunction)
SUNDOG_NODE(RangeSubselect)
SUNDOG_NODE(RangeTableSample)
SUNDOG_NODE(RangeVar)
SUNDOG_NODE(RawStmt)
SUNDOG_NODE(ReindexStmt)
SUNDOG_NODE(RenameStmt)
SUNDOG_NODE(ResTarget)
SUNDOG_NODE(RoleSpec)
SUNDOG_NODE(RowExpr)
SUNDOG_NODE(SQLValueFunction)
SUNDOG_NODE(SelectStmt)
SUNDOG_NODE(SetToDefault)
SUNDOG_NODE(SortBy)
SUNDOG_NODE(String)
SUNDOG_NODE(SubLink)
SUNDOG_NODE(TableLikeClause)
SUNDOG_NODE(TransactionStmt)
SUNDOG_NODE(TruncateStmt)
SUNDOG_NODE(TypeCast)
SUNDOG_NODE(TypeName)
SUNDOG_NODE(UnlistenStmt)
SUNDOG_NODE(UpdateStmt)
SUNDOG_NODE(VacuumRelation)
SUNDOG_NODE(VacuumStmt)
SUNDOG_NODE(VariableSetStmt)
SUNDOG_NODE(VariableShowStmt)
SUNDOG_NODE(ViewStmt)
SUNDOG_NODE(WindowDef)
SUNDOG_NODE(WithClause)
SUNDOG_NODE(XmlExpr)
SUNDOG_NODE(XmlSerialize)

#undef SUNDOG_NODE

}  // namespace sundog::parser
