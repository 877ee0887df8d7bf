// Expressions after name, type and overload resolution: PostgreSQL's semantics made explicit, with
// nothing left of the parse tree.
//
// Relations. Every relation a query reads (table, subquery, function, VALUES, CTE reference, join
// of none of them) has a RelationId that is unique in the whole statement, nested queries included.
// A column is (relation, ordinal). So a reference to a relation that the query itself does not hold
// is a correlated one, whatever the nesting.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "functions/proc.h"
#include "types/datum.h"
#include "types/sql_type.h"

namespace sundog::binder {

using types::Oid;
using types::SqlType;

using RelationId = int32_t;

struct BoundQuery;

enum class ExpressionKind : uint8_t {
  kConstant,
  kParameter,
  kColumn,
  kFunction,
  kAggregate,
  kGrouping,
  kWindow,
  kSubquery,
  kBoolean,
  kCase,
  kCoalesce,
  kMinMax,
  kNullIf,
  kNullTest,
  kBooleanTest,
  kDistinctTest,
  kScalarArray,
  kArray,
  kRow,
  kRowCompare,
  kFieldSelect,
  kSubscript,
  kSubscriptAssign,
  kRelabel,
  kCoerceViaIo,
  kArrayCoerce,
  kRowCoerce,
  kDomainCheck,
  kDomainValue,
  kCaseValue,
  // Only after planning (planner/physical_expression.h):
  kInputSlot,
  kOuterSlot,
  kSubplan,
};

struct BoundExpression {
  const ExpressionKind kind;
  SqlType type;
  Oid collation = types::kInvalidOid;
  int location = -1;  // byte offset in the statement, for errors; -1 unknown

  explicit BoundExpression(ExpressionKind kind, SqlType type) : kind(kind), type(type) {}
  virtual ~BoundExpression() = default;
  virtual std::unique_ptr<BoundExpression> Clone() const = 0;

  template <typename T>
  const T& As() const {
    return static_cast<const T&>(*this);
  }
  template <typename T>
  T& As() {
    return static_cast<T&>(*this);
  }
};

using BoundExpressionPtr = std::unique_ptr<BoundExpression>;
using BoundExpressions = std::vector<BoundExpressionPtr>;

BoundExpressions CloneAll(const BoundExpressions& expressions);
inline BoundExpressionPtr CloneOrNull(const BoundExpressionPtr& expression) {
  return expression == nullptr ? nullptr : expression->Clone();
}

// A constant of known type; `unknown` literals have been coerced by then, or are text.
struct BoundConstant : BoundExpression {
  types::Datum value;  // varlen bytes are in `bytes`
  std::shared_ptr<const std::string> bytes;

  BoundConstant(SqlType type, types::Datum value, types::PhysicalKind kind);
  BoundExpressionPtr Clone() const override;
};

// $1 has index 0.
struct BoundParameter : BoundExpression {
  int index;
  BoundParameter(SqlType type, int index)
      : BoundExpression(ExpressionKind::kParameter, type), index(index) {}
  BoundExpressionPtr Clone() const override;
};

// Ordinals count a base table's columns by attnum - 1 (dropped ones too), other relations' output
// columns from 0. System columns of base tables have negative ordinals (kTableOidOrdinal, …).
struct BoundColumn : BoundExpression {
  RelationId relation;
  int ordinal;
  bool by_policy = false;  // it is a table's policy that reads it, and takes no privilege for it
  BoundColumn(SqlType type, RelationId relation, int ordinal)
      : BoundExpression(ExpressionKind::kColumn, type), relation(relation), ordinal(ordinal) {}
  BoundExpressionPtr Clone() const override;
};
// Whole-row references are a BoundRow over the relation's columns.
inline constexpr int kTableOidOrdinal = -6;  // pg_attribute.attnum of tableoid
inline constexpr int kCtidOrdinal = -1;
inline constexpr int kXmaxOrdinal = -4;

enum class CallForm : uint8_t { kCall, kOperator, kExplicitCast, kImplicitCast, kSqlSyntax };

// A function, operator or cast function. Arguments are coerced and complete (defaults, VARIADIC
// gathered into an array unless the function takes VARIADIC "any").
struct BoundFunction : BoundExpression {
  // Owned by the catalog snapshot or built in; `proc_owner` keeps a user-defined one alive.
  const functions::ProcInfo* proc;
  std::shared_ptr<const void> proc_owner;
  BoundExpressions arguments;
  Oid operator_oid = types::kInvalidOid;  // set for operators
  CallForm form = CallForm::kCall;
  bool variadic = false;  // written with VARIADIC

  BoundFunction(SqlType type, const functions::ProcInfo* proc, BoundExpressions arguments)
      : BoundExpression(ExpressionKind::kFunction, type),
        proc(proc),
        arguments(std::move(arguments)) {}
  BoundExpressionPtr Clone() const override;
};

struct BoundSortKey {
  BoundExpressionPtr expression;
  bool descending = false;
  bool nulls_first = false;
  // The ordering operator, OID; 0 means the type's default order. Only USING gives another.
  Oid sort_operator = types::kInvalidOid;

  BoundSortKey Clone() const;
};

// An aggregate call. `level` is how many queries up its own query is (0: this one), as PostgreSQL
// decides from the variables inside.
struct BoundAggregate : BoundExpression {
  const functions::ProcInfo* proc;
  BoundExpressions direct_arguments;  // of ordered-set aggregates
  BoundExpressions arguments;         // of ordered-set aggregates: empty, they are in order_by
  std::vector<BoundSortKey> order_by;
  bool distinct = false;
  bool star = false;           // count(*)
  BoundExpressionPtr filter;   // or null
  int level = 0;

  BoundAggregate(SqlType type, const functions::ProcInfo* proc)
      : BoundExpression(ExpressionKind::kAggregate, type), proc(proc) {}
  BoundExpressionPtr Clone() const override;
};

// GROUPING(a, b): indexes into the query's group_by.
struct BoundGrouping : BoundExpression {
  std::vector<int> group_indexes;
  explicit BoundGrouping(std::vector<int> indexes)
      : BoundExpression(ExpressionKind::kGrouping, {types::oids::kInt4}),
        group_indexes(std::move(indexes)) {}
  BoundExpressionPtr Clone() const override;
};

enum class FrameMode : uint8_t { kRange, kRows, kGroups };
enum class FrameBound : uint8_t {
  kUnboundedPreceding,
  kOffsetPreceding,
  kCurrentRow,
  kOffsetFollowing,
  kUnboundedFollowing,
};
enum class FrameExclusion : uint8_t { kNone, kCurrentRow, kGroup, kTies };

// A window: two calls with equal ones are computed together.
struct BoundWindowSpec {
  std::string name;  // as in WINDOW name AS …, for deparsing; or empty
  BoundExpressions partition_by;
  std::vector<BoundSortKey> order_by;
  FrameMode mode = FrameMode::kRange;
  FrameBound start = FrameBound::kUnboundedPreceding;
  FrameBound end = FrameBound::kCurrentRow;
  FrameExclusion exclusion = FrameExclusion::kNone;
  bool frame_written = false;  // for deparsing: a frame clause, with BETWEEN
  bool frame_between = false;
  BoundExpressionPtr start_offset;  // or null
  BoundExpressionPtr end_offset;
  // RANGE with offsets: the in_range support function for start and end (pg_amproc 3).
  Oid start_in_range = types::kInvalidOid;
  Oid end_in_range = types::kInvalidOid;

  BoundWindowSpec Clone() const;
};

// fn(…) OVER (…): a window function, or an aggregate used as one.
struct BoundWindow : BoundExpression {
  const functions::ProcInfo* proc;
  BoundExpressions arguments;
  BoundExpressionPtr filter;
  bool star = false;
  BoundWindowSpec window;

  BoundWindow(SqlType type, const functions::ProcInfo* proc)
      : BoundExpression(ExpressionKind::kWindow, type), proc(proc) {}
  BoundExpressionPtr Clone() const override;
};

enum class SubqueryKind : uint8_t {
  kScalar,  // (SELECT …): null if no row, 21000 if more than one
  kExists,
  kAny,     // left op ANY (SELECT …), IN
  kAll,
  kArray,   // ARRAY(SELECT …)
  kRow,     // (a, b) = (SELECT …): one row, compared as kAny does
  kMultiAssign,  // UPDATE … SET (a, b) = (SELECT …): a record
};

// For kAny, kAll and kRow, `comparisons[i]` compares test column i with the query's column i; in it
// the query's column is a BoundColumn of relation `output_relation`, ordinal i. They are combined
// as `row_operator` says.
struct BoundSubquery : BoundExpression {
  SubqueryKind subquery;
  std::unique_ptr<BoundQuery> query;
  BoundExpressions comparisons;
  std::string operator_name;  // "=", "<", …: how the comparisons combine for rows
  bool is_in = false;         // written IN / NOT IN, for deparsing
  RelationId output_relation = -1;

  BoundSubquery(SqlType type, SubqueryKind subquery, std::unique_ptr<BoundQuery> query);
  ~BoundSubquery() override;
  BoundExpressionPtr Clone() const override;
};

enum class BooleanOperator : uint8_t { kAnd, kOr, kNot };

struct BoundBoolean : BoundExpression {
  BooleanOperator op;
  BoundExpressions arguments;  // two or more; one for NOT
  BoundBoolean(BooleanOperator op, BoundExpressions arguments)
      : BoundExpression(ExpressionKind::kBoolean, {types::oids::kBool}),
        op(op),
        arguments(std::move(arguments)) {}
  BoundExpressionPtr Clone() const override;
};

// CASE WHEN condition THEN result … END. With an operand (CASE x WHEN 1 …) the conditions compare
// with a BoundCaseValue, which stands for the operand computed once.
struct BoundCase : BoundExpression {
  struct Branch {
    BoundExpressionPtr condition;
    BoundExpressionPtr result;
  };
  BoundExpressionPtr operand;  // or null
  std::vector<Branch> branches;
  BoundExpressionPtr otherwise;  // or null: SQL null
  explicit BoundCase(SqlType type) : BoundExpression(ExpressionKind::kCase, type) {}
  BoundExpressionPtr Clone() const override;
};

// The operand of the innermost enclosing BoundCase that has one (or the element of an
// BoundArrayCoerce).
struct BoundCaseValue : BoundExpression {
  explicit BoundCaseValue(SqlType type) : BoundExpression(ExpressionKind::kCaseValue, type) {}
  BoundExpressionPtr Clone() const override;
};

struct BoundCoalesce : BoundExpression {
  BoundExpressions arguments;
  BoundCoalesce(SqlType type, BoundExpressions arguments)
      : BoundExpression(ExpressionKind::kCoalesce, type), arguments(std::move(arguments)) {}
  BoundExpressionPtr Clone() const override;
};

// GREATEST, LEAST.
struct BoundMinMax : BoundExpression {
  bool greatest;
  BoundExpressions arguments;
  BoundMinMax(SqlType type, bool greatest, BoundExpressions arguments)
      : BoundExpression(ExpressionKind::kMinMax, type),
        greatest(greatest),
        arguments(std::move(arguments)) {}
  BoundExpressionPtr Clone() const override;
};

// NULLIF(a, b) and a IS [NOT] DISTINCT FROM b: `equality` is the resolved a = b, whose arguments
// are the two operands.
struct BoundNullIf : BoundExpression {
  std::unique_ptr<BoundFunction> equality;
  BoundNullIf(SqlType type, std::unique_ptr<BoundFunction> equality)
      : BoundExpression(ExpressionKind::kNullIf, type), equality(std::move(equality)) {}
  BoundExpressionPtr Clone() const override;
};

struct BoundDistinctTest : BoundExpression {
  std::unique_ptr<BoundFunction> equality;
  bool negated;  // IS NOT DISTINCT FROM
  BoundDistinctTest(std::unique_ptr<BoundFunction> equality, bool negated)
      : BoundExpression(ExpressionKind::kDistinctTest, {types::oids::kBool}),
        equality(std::move(equality)),
        negated(negated) {}
  BoundExpressionPtr Clone() const override;
};

// x IS [NOT] NULL. Of a row type: true only if every (no) field is null.
struct BoundNullTest : BoundExpression {
  BoundExpressionPtr argument;
  bool negated;
  bool of_row;
  BoundNullTest(BoundExpressionPtr argument, bool negated, bool of_row)
      : BoundExpression(ExpressionKind::kNullTest, {types::oids::kBool}),
        argument(std::move(argument)),
        negated(negated),
        of_row(of_row) {}
  BoundExpressionPtr Clone() const override;
};

enum class BooleanTest : uint8_t { kTrue, kNotTrue, kFalse, kNotFalse, kUnknown, kNotUnknown };

struct BoundBooleanTest : BoundExpression {
  BooleanTest test;
  BoundExpressionPtr argument;
  BoundBooleanTest(BooleanTest test, BoundExpressionPtr argument)
      : BoundExpression(ExpressionKind::kBooleanTest, {types::oids::kBool}),
        test(test),
        argument(std::move(argument)) {}
  BoundExpressionPtr Clone() const override;
};

// scalar op ANY/ALL (array), and IN lists of constants. `comparison`'s first argument is the
// scalar, its second the array (typed as array; the function itself takes the element).
struct BoundScalarArray : BoundExpression {
  std::unique_ptr<BoundFunction> comparison;
  bool any;      // else ALL
  bool is_in;    // written IN / NOT IN
  BoundScalarArray(std::unique_ptr<BoundFunction> comparison, bool any, bool is_in)
      : BoundExpression(ExpressionKind::kScalarArray, {types::oids::kBool}),
        comparison(std::move(comparison)),
        any(any),
        is_in(is_in) {}
  BoundExpressionPtr Clone() const override;
};

// ARRAY[…]; elements are of the element type, or arrays themselves if `nested`.
struct BoundArray : BoundExpression {
  BoundExpressions elements;
  bool nested;
  BoundArray(SqlType type, BoundExpressions elements, bool nested)
      : BoundExpression(ExpressionKind::kArray, type),
        elements(std::move(elements)),
        nested(nested) {}
  BoundExpressionPtr Clone() const override;
};

// ROW(…), and whole-row references (then of the table's composite type).
struct BoundRow : BoundExpression {
  BoundExpressions fields;
  std::vector<std::string> names;
  // A whole-row reference: null (not a row of nulls) where its outer-joined relation is absent.
  RelationId whole_row_of = -1;
  BoundRow(SqlType type, BoundExpressions fields, std::vector<std::string> names)
      : BoundExpression(ExpressionKind::kRow, type),
        fields(std::move(fields)),
        names(std::move(names)) {}
  BoundExpressionPtr Clone() const override;
};

// (a, b) < (c, d), lexicographic; = and <> are expanded to ANDs and ORs instead.
// `comparisons[i]` is (left_i op right_i) for op one of < <= > >=, by whose equality and strict
// order it is decided: the first pair that is not equal decides.
struct BoundRowCompare : BoundExpression {
  std::string op;
  std::vector<std::unique_ptr<BoundFunction>> less;   // left_i < right_i
  std::vector<std::unique_ptr<BoundFunction>> equal;  // left_i = right_i
  explicit BoundRowCompare(std::string op)
      : BoundExpression(ExpressionKind::kRowCompare, {types::oids::kBool}), op(std::move(op)) {}
  BoundExpressionPtr Clone() const override;
};

// (composite).field; index counts from 0.
struct BoundFieldSelect : BoundExpression {
  BoundExpressionPtr argument;
  int index;
  std::string name;
  BoundFieldSelect(SqlType type, BoundExpressionPtr argument, int index, std::string name)
      : BoundExpression(ExpressionKind::kFieldSelect, type),
        argument(std::move(argument)),
        index(index),
        name(std::move(name)) {}
  BoundExpressionPtr Clone() const override;
};

struct BoundSubscriptIndex {
  BoundExpressionPtr lower;  // null: absent (a slice's open end, or not a slice)
  BoundExpressionPtr upper;
};

// array[i], array[i:j], jsonb['key']. A slice if `is_slice`.
struct BoundSubscript : BoundExpression {
  BoundExpressionPtr container;
  std::vector<BoundSubscriptIndex> indexes;
  bool is_slice;
  BoundSubscript(SqlType type, BoundExpressionPtr container,
                 std::vector<BoundSubscriptIndex> indexes, bool is_slice)
      : BoundExpression(ExpressionKind::kSubscript, type),
        container(std::move(container)),
        indexes(std::move(indexes)),
        is_slice(is_slice) {}
  BoundExpressionPtr Clone() const override;
};

// The container with one element or slice replaced: UPDATE t SET a[1] = x, (composite).f = x.
struct BoundSubscriptAssign : BoundExpression {
  BoundExpressionPtr container;
  std::vector<BoundSubscriptIndex> indexes;
  bool is_slice;
  int field_index = -1;  // ≥ 0: assigns a composite's field instead
  BoundExpressionPtr value;
  BoundSubscriptAssign(SqlType type, BoundExpressionPtr container,
                       std::vector<BoundSubscriptIndex> indexes, bool is_slice,
                       BoundExpressionPtr value)
      : BoundExpression(ExpressionKind::kSubscriptAssign, type),
        container(std::move(container)),
        indexes(std::move(indexes)),
        is_slice(is_slice),
        value(std::move(value)) {}
  BoundExpressionPtr Clone() const override;
};

// A conversion with one argument. kRelabel: same bytes, other type. kCoerceViaIo: through the text
// form. kArrayCoerce: `element` maps a BoundCaseValue, element by element. kRowCoerce: field by
// field to the target composite. kDomainCheck: throws 23502/23514 unless the domain's constraints
// hold (bound in the catalog's snapshot: `checks`, over a BoundDomainValue).
struct BoundConversion : BoundExpression {
  struct DomainCheck {
    std::string constraint;
    BoundExpressionPtr condition;
  };
  BoundExpressionPtr argument;
  CallForm form;
  BoundExpressionPtr element;
  std::vector<DomainCheck> checks;
  bool not_null = false;
  BoundConversion(ExpressionKind kind, SqlType type, BoundExpressionPtr argument, CallForm form)
      : BoundExpression(kind, type), argument(std::move(argument)), form(form) {}
  BoundExpressionPtr Clone() const override;
};

// The value under test in a domain's check.
struct BoundDomainValue : BoundExpression {
  explicit BoundDomainValue(SqlType type) : BoundExpression(ExpressionKind::kDomainValue, type) {}
  BoundExpressionPtr Clone() const override;
};

// Structural equality, ignoring locations: what makes two GROUP BY expressions the same.
bool Equal(const BoundExpression& a, const BoundExpression& b);

// Visits the direct children (not into subqueries' queries).
void ForEachChild(BoundExpression& expression,
                  const std::function<void(BoundExpressionPtr&)>& visit);

}  // namespace sundog::binder
