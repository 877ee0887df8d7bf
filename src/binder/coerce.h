// Conversions between types: which are possible in a context, and the expressions that make them.
// Follows PostgreSQL's parse_coerce step by step, since overload resolution and error texts hang on
// the details.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "binder/scope.h"

namespace sundog::binder {

enum class CoercionPath : uint8_t { kNone, kRelabel, kFunction, kArray, kViaIo };

struct FoundCoercion {
  CoercionPath path = CoercionPath::kNone;
  Oid function = kInvalidOid;
};

// find_coercion_pathway.
FoundCoercion FindCoercion(const BindState& state, Oid target, Oid source, Coercion context);
// The length coercion of a type with itself: varchar(n), numeric(p,s); of arrays through elements.
FoundCoercion FindTypmodCoercion(const BindState& state, Oid type);

bool CanCoerce(const BindState& state, std::span<const Oid> sources, std::span<const Oid> targets,
               Coercion context);
inline bool CanCoerce(const BindState& state, Oid source, Oid target, Coercion context) {
  return CanCoerce(state, std::span<const Oid>(&source, 1), std::span<const Oid>(&target, 1),
                   context);
}
bool IsBinaryCoercible(const BindState& state, Oid source, Oid target);

// coerce_type: to the type alone. The caller knows that it can be done. `location` is where a cast
// is written, or -1.
BoundExpressionPtr CoerceType(BindState& state, BoundExpressionPtr expression, SqlType target,
                              Coercion context, CallForm form, int location);
// coerce_to_target_type: with the length coercion. False (and `expression` untouched) if there is
// no way.
[[nodiscard]] bool CoerceToTarget(BindState& state, BoundExpressionPtr& expression, SqlType target,
                                  Coercion context, CallForm form, int location);
// Throws 42846 `cannot cast type a to b`.
BoundExpressionPtr Cast(BindState& state, BoundExpressionPtr expression, SqlType target,
                        int location);

// Throws 42804 `argument of WHERE must be type boolean, not type integer`.
BoundExpressionPtr CoerceToBoolean(BindState& state, BoundExpressionPtr expression,
                                   std::string_view construct);
BoundExpressionPtr CoerceToSpecific(BindState& state, BoundExpressionPtr expression, SqlType target,
                                    std::string_view construct);

// The type that UNION, CASE and their kin give their inputs. `context` names the construct in
// errors
// ("CASE types text and integer cannot be matched"); empty: kInvalidOid instead of an error.
Oid SelectCommonType(const BindState& state, std::span<const BoundExpression* const> expressions,
                     std::string_view context);
Oid SelectCommonType(const BindState& state, std::span<const Oid> types, bool no_error);
int32_t SelectCommonTypmod(std::span<const BoundExpression* const> expressions, Oid common);
bool VerifyCommonType(const BindState& state, Oid common,
                      std::span<const BoundExpression* const> expressions);
// Throws 42846 `CASE could not convert type a to b`.
BoundExpressionPtr CoerceToCommon(BindState& state, BoundExpressionPtr expression, Oid common,
                                  std::string_view context);
// Unknown literals become text.
void ResolveUnknown(BindState& state, BoundExpressionPtr& expression);

std::vector<const BoundExpression*> Pointers(const BoundExpressions& expressions);

// A typed null, of a domain checked.
BoundExpressionPtr NullOfType(BindState& state, SqlType type);
BoundExpressionPtr MakeConstant(const BindState& state, SqlType type, const types::Datum& value);
BoundExpressionPtr MakeInt4(const BindState& state, int32_t value);
BoundExpressionPtr MakeBool(const BindState& state, bool value);
// An untyped literal.
BoundExpressionPtr MakeUnknown(const BindState& state, std::string_view text, int location);

// True if the expression holds a set-returning call (not inside a subquery).
bool ReturnsSet(const BoundExpression& expression);

}  // namespace sundog::binder
