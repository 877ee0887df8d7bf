#include "binder/coerce.h"

#include <algorithm>

#include "base/check.h"
#include "binder/build_coercion.h"
#include "binder/polymorphic.h"

namespace sundog::binder {

FoundCoercion FindCoercion(const BindState& state, Oid target, Oid source, Coercion context) {
  const TypeFacts& types = state.types;
  source = types.BaseType(source);
  target = types.BaseType(target);
  if (source == target) return {CoercionPath::kRelabel};
  FoundCoercion result;
  if (const functions::CastInfo* cast = state.catalog.FindCast(source, target)) {
    Coercion needed = cast->context == 'i'   ? Coercion::kImplicit
                      : cast->context == 'a' ? Coercion::kAssignment
                                             : Coercion::kExplicit;
    if (context >= needed) {
      if (cast->method == 'f') result = {CoercionPath::kFunction, cast->function};
      if (cast->method == 'i') result.path = CoercionPath::kViaIo;
      if (cast->method == 'b') result.path = CoercionPath::kRelabel;
    }
  } else {
    if (target != oids::kOidvector && target != oids::kInt2vector) {
      Oid target_element = types.ElementType(target);
      Oid source_element = types.ElementType(source);
      if (target_element != kInvalidOid && source_element != kInvalidOid &&
          FindCoercion(state, target_element, source_element, context).path !=
              CoercionPath::kNone) {
        result.path = CoercionPath::kArray;
      }
    }
    if (result.path == CoercionPath::kNone) {
      bool to_string = context >= Coercion::kAssignment && types.Category(target) == 'S';
      bool from_string = context >= Coercion::kExplicit && types.Category(source) == 'S';
      if (to_string || from_string) result.path = CoercionPath::kViaIo;
    }
  }
  if (result.path == CoercionPath::kNone && context == Coercion::kPlpgsql) {
    result.path = CoercionPath::kViaIo;
  }
  return result;
}

FoundCoercion FindTypmodCoercion(const BindState& state, Oid type) {
  Oid element = state.types.ElementType(type);
  FoundCoercion result{CoercionPath::kFunction};
  if (element != kInvalidOid) {
    type = element;
    result.path = CoercionPath::kArray;
  }
  const functions::CastInfo* cast = state.catalog.FindCast(type, type);
  if (cast == nullptr || cast->function == kInvalidOid) return {};
  result.function = cast->function;
  return result;
}

bool CanCoerce(const BindState& state, std::span<const Oid> sources, std::span<const Oid> targets,
               Coercion context) {
  const TypeFacts& types = state.types;
  bool generics = false;
  for (size_t i = 0; i < sources.size(); ++i) {
    Oid source = sources[i];
    Oid target = targets[i];
    if (source == target || target == oids::kAny) continue;
    if (IsPolymorphic(target)) {
      generics = true;
      continue;
    }
    if (source == oids::kUnknown) continue;
    if (FindCoercion(state, target, source, context).path != CoercionPath::kNone) continue;
    if (source == oids::kRecord && types.IsComposite(target)) continue;
    if (target == oids::kRecord && types.IsComposite(source)) continue;
    if (source == oids::kRecordArray && types.IsCompositeArray(target)) continue;
    if (target == oids::kRecordArray && types.IsCompositeArray(source)) continue;
    return false;
  }
  return !generics || CheckPolymorphic(state, sources, targets.first(sources.size()));
}

bool IsBinaryCoercible(const BindState& state, Oid source, Oid target) {
  const TypeFacts& types = state.types;
  if (source == target || target == oids::kAny || target == oids::kAnyelement ||
      target == oids::kAnycompatible) {
    return true;
  }
  source = types.BaseType(source);
  if (source == target) return true;
  switch (target) {
    case oids::kAnyarray:
    case oids::kAnycompatiblearray:
      if (types.IsArray(source)) return true;
      break;
    case oids::kAnynonarray:
    case oids::kAnycompatiblenonarray:
      if (!types.IsArray(source)) return true;
      break;
    case oids::kAnyenum:
      if (types.IsEnum(source)) return true;
      break;
    case oids::kAnyrange:
    case oids::kAnycompatiblerange:
      if (types.IsRange(source)) return true;
      break;
    case oids::kAnymultirange:
    case oids::kAnycompatiblemultirange:
      if (types.IsMultirange(source)) return true;
      break;
    case oids::kRecord:
      if (types.IsComposite(source)) return true;
      break;
    case oids::kRecordArray:
      if (types.IsCompositeArray(source)) return true;
      break;
    default: break;
  }
  const functions::CastInfo* cast = state.catalog.FindCast(source, target);
  return cast != nullptr && cast->method == 'b' && cast->context == 'i';
}

bool CoerceToTarget(BindState& state, BoundExpressionPtr& expression, SqlType target,
                    Coercion context, CallForm form, int location) {
  if (!CanCoerce(state, expression->type.oid, target.oid, context)) return false;
  const BoundExpression* original = expression.get();
  expression = CoerceType(state, std::move(expression), target, context, form, location);
  bool hide = expression.get() != original && expression->kind != ExpressionKind::kConstant;
  expression = CoerceTypmod(state, std::move(expression), target, context, form, location, hide);
  return true;
}

BoundExpressionPtr Cast(BindState& state, BoundExpressionPtr expression, SqlType target,
                        int location) {
  if (CoerceToTarget(state, expression, target, Coercion::kExplicit, CallForm::kExplicitCast,
                     location)) {
    return expression;
  }
  throw SqlError(sqlstate::kCannotCoerce, "cannot cast type " +
                                              state.types.Name(expression->type.oid) + " to " +
                                              state.types.Name(target.oid))
      .At(location >= 0 ? location : expression->location);
}

namespace {

BoundExpressionPtr CoerceArgument(BindState& state, BoundExpressionPtr expression, SqlType target,
                                  std::string_view construct) {
  if (expression->type.oid != target.oid) {
    Oid source = expression->type.oid;
    if (!CoerceToTarget(state, expression, target, Coercion::kAssignment, CallForm::kImplicitCast,
                        -1)) {
      throw SqlError(sqlstate::kDatatypeMismatch,
                     "argument of " + std::string(construct) + " must be type " +
                         state.types.Name(target.oid) + ", not type " + state.types.Name(source))
          .At(expression->location);
    }
  }
  if (ReturnsSet(*expression)) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   "argument of " + std::string(construct) + " must not return a set")
        .At(expression->location);
  }
  return expression;
}

}  // namespace

BoundExpressionPtr CoerceToBoolean(BindState& state, BoundExpressionPtr expression,
                                   std::string_view construct) {
  return CoerceArgument(state, std::move(expression), {oids::kBool}, construct);
}

BoundExpressionPtr CoerceToSpecific(BindState& state, BoundExpressionPtr expression, SqlType target,
                                    std::string_view construct) {
  return CoerceArgument(state, std::move(expression), target, construct);
}

namespace {

// The rule of select_common_type over types; `fail(i, common, type)` reports those that do not fit.
template <typename Fail>
Oid CommonType(const BindState& state, std::span<const Oid> types, Fail&& fail) {
  Oid common = types[0];
  if (common != oids::kUnknown &&
      std::all_of(types.begin(), types.end(), [&](Oid type) { return type == common; })) {
    return common;
  }
  common = state.types.BaseType(common);
  char category = state.types.Category(common);
  bool preferred = state.types.Info(common).preferred;
  for (size_t i = 1; i < types.size(); ++i) {
    Oid next = state.types.BaseType(types[i]);
    if (next == oids::kUnknown || next == common) continue;
    char next_category = state.types.Category(next);
    bool take = common == oids::kUnknown;
    if (!take && next_category != category) {
      fail(i, common, next);
      return kInvalidOid;
    }
    if (!take) {
      take = !preferred && CanCoerce(state, common, next, Coercion::kImplicit) &&
             !CanCoerce(state, next, common, Coercion::kImplicit);
    }
    if (!take) continue;
    common = next;
    category = next_category;
    preferred = state.types.Info(next).preferred;
  }
  return common == oids::kUnknown ? oids::kText : common;
}

}  // namespace

Oid SelectCommonType(const BindState& state, std::span<const BoundExpression* const> expressions,
                     std::string_view context) {
  std::vector<Oid> types;
  for (const BoundExpression* expression : expressions) types.push_back(expression->type.oid);
  return CommonType(state, types, [&](size_t i, Oid common, Oid type) {
    if (context.empty()) return;
    throw SqlError(sqlstate::kDatatypeMismatch, std::string(context) + " types " +
                                                    state.types.Name(common) + " and " +
                                                    state.types.Name(type) + " cannot be matched")
        .At(expressions[i]->location);
  });
}

Oid SelectCommonType(const BindState& state, std::span<const Oid> types, bool no_error) {
  return CommonType(state, types, [&](size_t, Oid common, Oid type) {
    if (no_error) return;
    throw SqlError(sqlstate::kDatatypeMismatch, "argument types " + state.types.Name(common) +
                                                    " and " + state.types.Name(type) +
                                                    " cannot be matched");
  });
}

int32_t SelectCommonTypmod(std::span<const BoundExpression* const> expressions, Oid common) {
  int32_t typmod = -1;
  bool first = true;
  for (const BoundExpression* expression : expressions) {
    if (expression->type.oid != common) return -1;
    if (first) {
      typmod = expression->type.typmod;
    } else if (typmod != expression->type.typmod) {
      return -1;
    }
    first = false;
  }
  return typmod;
}

bool VerifyCommonType(const BindState& state, Oid common,
                      std::span<const BoundExpression* const> expressions) {
  for (const BoundExpression* expression : expressions) {
    if (!CanCoerce(state, expression->type.oid, common, Coercion::kImplicit)) return false;
  }
  return true;
}

BoundExpressionPtr CoerceToCommon(BindState& state, BoundExpressionPtr expression, Oid common,
                                  std::string_view context) {
  Oid source = expression->type.oid;
  if (source == common) return expression;
  if (!CanCoerce(state, source, common, Coercion::kImplicit)) {
    throw SqlError(sqlstate::kCannotCoerce, std::string(context) + " could not convert type " +
                                                state.types.Name(source) + " to " +
                                                state.types.Name(common))
        .At(expression->location);
  }
  return CoerceType(state, std::move(expression), {common, -1}, Coercion::kImplicit,
                    CallForm::kImplicitCast, -1);
}

void ResolveUnknown(BindState& state, BoundExpressionPtr& expression) {
  if (expression->type.oid != oids::kUnknown) return;
  expression = CoerceType(state, std::move(expression), {oids::kText}, Coercion::kImplicit,
                          CallForm::kImplicitCast, -1);
}

std::vector<const BoundExpression*> Pointers(const BoundExpressions& expressions) {
  std::vector<const BoundExpression*> pointers;
  for (const BoundExpressionPtr& expression : expressions) pointers.push_back(expression.get());
  return pointers;
}

BoundExpressionPtr MakeConstant(const BindState& state, SqlType type, const types::Datum& value) {
  return std::make_unique<BoundConstant>(type, value, state.types.Info(type.oid).physical);
}

BoundExpressionPtr MakeInt4(const BindState& state, int32_t value) {
  return MakeConstant(state, {oids::kInt4}, types::Datum::From(value));
}

BoundExpressionPtr MakeBool(const BindState& state, bool value) {
  return MakeConstant(state, {oids::kBool}, types::Datum::From(value));
}

BoundExpressionPtr MakeUnknown(const BindState& state, std::string_view text, int location) {
  BoundExpressionPtr constant = MakeConstant(state, {oids::kUnknown}, types::Datum::From(text));
  constant->location = location;
  return constant;
}

bool ReturnsSet(const BoundExpression& expression) {
  if (expression.kind == ExpressionKind::kFunction &&
      expression.As<BoundFunction>().proc->returns_set) {
    return true;
  }
  bool found = false;
  ForEachChild(const_cast<BoundExpression&>(expression), [&](BoundExpressionPtr& child) {
    found = found || (child != nullptr && ReturnsSet(*child));
  });
  return found;
}

}  // namespace sundog::binder
