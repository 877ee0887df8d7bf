#include "binder/build_coercion.h"

#include "base/check.h"
#include "binder/domain_checks.h"

namespace sundog::binder {

int LeftmostLocation(int a, int b) {
  if (a < 0) return b;
  if (b < 0) return a;
  return a < b ? a : b;
}

std::unique_ptr<BoundFunction> MakeFunction(const BindState& state, Oid function, SqlType type,
                                            BoundExpressions arguments, CallForm form,
                                            int location) {
  const functions::ProcInfo* proc = state.catalog.FindProc(function);
  if (proc == nullptr) {
    throw SqlError(sqlstate::kInternalError,
                   "cache lookup failed for function " + std::to_string(function));
  }
  int first = -1;
  for (const BoundExpressionPtr& argument : arguments) {
    if (first < 0) first = argument->location;
  }
  auto call = std::make_unique<BoundFunction>(type, proc, std::move(arguments));
  call->proc_owner = state.catalog.SharedProc(function);
  call->form = form;
  call->location = LeftmostLocation(location, first);
  return call;
}

types::Datum ConvertLiteral(BindState& state, std::string_view text, SqlType type, int location,
                            base::Arena& arena) {
  return AtLocation(location, [&] { return types::InputText(state.io, type, text, arena); });
}

namespace {

void HideCoercion(BoundExpression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kFunction:
      expression.As<BoundFunction>().form = CallForm::kImplicitCast;
      return;
    case ExpressionKind::kRelabel:
    case ExpressionKind::kCoerceViaIo:
    case ExpressionKind::kArrayCoerce:
    case ExpressionKind::kRowCoerce:
    case ExpressionKind::kDomainCheck:
      expression.As<BoundConversion>().form = CallForm::kImplicitCast;
      return;
    default: return;
  }
}

BoundExpressionPtr MakeConversion(ExpressionKind kind, SqlType type, BoundExpressionPtr argument,
                                  CallForm form, int location) {
  location = LeftmostLocation(location, argument->location);
  auto conversion = std::make_unique<BoundConversion>(kind, type, std::move(argument), form);
  conversion->location = location;
  return conversion;
}

BoundExpressionPtr Relabel(const BindState& state, BoundExpressionPtr expression, SqlType type,
                           CallForm form, int location) {
  if (expression->type == type) return expression;
  if (expression->kind == ExpressionKind::kConstant) {
    expression->type = type;
    return expression;
  }
  // Relabelling a relabelled expression is one relabelling.
  if (expression->kind == ExpressionKind::kRelabel && expression->collation == kInvalidOid) {
    BoundExpressionPtr inner = std::move(expression->As<BoundConversion>().argument);
    return Relabel(state, std::move(inner), type, form, location);
  }
  return MakeConversion(ExpressionKind::kRelabel, type, std::move(expression), form, location);
}

BoundExpressionPtr CallCoercionFunction(BindState& state, BoundExpressionPtr expression,
                                        Oid function, SqlType target, Coercion context,
                                        CallForm form, int location) {
  const functions::ProcInfo* proc = state.catalog.FindProc(function);
  CHECK(proc != nullptr);
  size_t count = proc->argument_types.size();
  BoundExpressions arguments;
  arguments.push_back(std::move(expression));
  if (count >= 2) arguments.push_back(MakeInt4(state, target.typmod));
  if (count == 3) arguments.push_back(MakeBool(state, context == Coercion::kExplicit));
  SqlType type{target.oid, count >= 2 ? target.typmod : -1};
  // int2 becomes an oid by int4(int2): what is called gives four bytes of another kind.
  bool same_kind = state.types.Info(proc->result_type).physical ==
                   state.types.Info(state.types.BaseType(target).oid).physical;
  if (same_kind) {
    return MakeFunction(state, function, type, std::move(arguments), form, location);
  }
  BoundExpressionPtr call =
      MakeFunction(state, function, {proc->result_type, -1}, std::move(arguments),
                   CallForm::kImplicitCast, location);
  return Relabel(state, std::move(call), type, form, location);
}

BoundExpressionPtr CoerceArray(BindState& state, BoundExpressionPtr expression, SqlType target,
                               Coercion context, CallForm form, int location) {
  SqlType source = state.types.BaseType(expression->type);
  BoundExpressionPtr element =
      std::make_unique<BoundCaseValue>(SqlType{state.types.ElementType(source.oid), source.typmod});
  SqlType target_element{state.types.ElementType(target.oid), target.typmod};
  if (!CoerceToTarget(state, element, target_element, context, form, location)) {
    throw SqlError(sqlstate::kInternalError, "failed to coerce array element type as expected");
  }
  SqlType type{target.oid, element->type.typmod};
  BoundExpressionPtr result =
      MakeConversion(ExpressionKind::kArrayCoerce, type, std::move(expression), form, location);
  result->As<BoundConversion>().element = std::move(element);
  return result;
}

// build_coercion_expression.
BoundExpressionPtr BuildCoercion(BindState& state, BoundExpressionPtr expression,
                                 const FoundCoercion& found, SqlType target, Coercion context,
                                 CallForm form, int location) {
  switch (found.path) {
    case CoercionPath::kFunction:
      return CallCoercionFunction(state, std::move(expression), found.function, target, context,
                                  form, location);
    case CoercionPath::kArray:
      return CoerceArray(state, std::move(expression), target, context, form, location);
    case CoercionPath::kViaIo:
      return MakeConversion(ExpressionKind::kCoerceViaIo, {target.oid, -1}, std::move(expression),
                            form, location);
    default: break;
  }
  CHECK(false);
  return nullptr;
}

BoundExpressionPtr CoerceLiteral(BindState& state, BoundExpressionPtr expression, SqlType target,
                                 Coercion context, CallForm form, int location) {
  SqlType base = state.types.BaseType(target);
  // Input functions follow the rules of implicit length coercion; only interval needs its typmod.
  int32_t input_typmod = base.oid == oids::kInterval ? base.typmod : -1;
  const auto& literal = expression->As<BoundConstant>();
  base::Arena arena;
  types::Datum value;
  if (!literal.value.is_null()) {
    value = ConvertLiteral(state, literal.value.As<std::string_view>(), {base.oid, input_typmod},
                           literal.location, arena);
  }
  BoundExpressionPtr result = MakeConstant(state, {base.oid, input_typmod}, value);
  result->location = literal.location;
  if (base.oid == target.oid) return result;
  return CoerceToDomain(state, std::move(result), base, target.oid, context, form, location, false);
}

[[noreturn]] void ThrowCannotCastRecord(BindState& state, Oid target, std::string detail,
                                        int location) {
  SqlError error(sqlstate::kCannotCoerce, "cannot cast type record to " + state.types.Name(target));
  if (!detail.empty()) error.Detail(std::move(detail));
  throw error.At(location);
}

// coerce_record_to_complex: ROW(…) to a named composite type, field by field.
BoundExpressionPtr CoerceRecord(BindState& state, BoundExpressionPtr expression, SqlType target,
                                Coercion context, CallForm form, int location) {
  int at = location >= 0 ? location : expression->location;
  if (expression->kind != ExpressionKind::kRow) ThrowCannotCastRecord(state, target.oid, "", at);
  SqlType base = state.types.BaseType(target);
  const types::TypeInfo& info = state.types.Info(base.oid);
  BoundExpressions given = std::move(expression->As<BoundRow>().fields);
  BoundExpressions fields;
  std::vector<std::string> names;
  size_t next = 0;
  for (const types::CompositeField& field : info.fields) {
    names.push_back(field.name);
    if (field.type.oid == kInvalidOid) {
      fields.push_back(MakeConstant(state, {oids::kInt4}, types::Datum()));
      continue;
    }
    if (next == given.size()) {
      ThrowCannotCastRecord(state, target.oid, "Input has too few columns.", at);
    }
    BoundExpressionPtr value = std::move(given[next++]);
    Oid source = value->type.oid;
    if (!CoerceToTarget(state, value, field.type, context, CallForm::kImplicitCast, -1)) {
      ThrowCannotCastRecord(state, target.oid,
                            "Cannot cast type " + state.types.Name(source) + " to " +
                                state.types.Name(field.type.oid) + " in column " +
                                std::to_string(next) + ".",
                            location >= 0 ? location : value->location);
    }
    fields.push_back(std::move(value));
  }
  if (next != given.size()) {
    ThrowCannotCastRecord(state, target.oid, "Input has too many columns.", at);
  }
  BoundExpressionPtr row =
      std::make_unique<BoundRow>(SqlType{base.oid, -1}, std::move(fields), std::move(names));
  row->location = at;
  if (base.oid == target.oid) {
    // The cast shows when deparsed.
    return MakeConversion(ExpressionKind::kRelabel, {base.oid, -1}, std::move(row), form, location);
  }
  return CoerceToDomain(state, std::move(row), base, target.oid, context, form, location, false);
}

// The hook of variable parameters: an untyped $n takes the type it is coerced to.
bool CoerceParameter(BindState& state, BoundParameter& parameter, SqlType target, int location) {
  if (parameter.type.oid != oids::kUnknown) return false;
  SqlType& known = state.parameters[parameter.index];
  if (known.oid == oids::kUnknown) {
    known = {target.oid, -1};
  } else if (known.oid != target.oid) {
    throw SqlError(sqlstate::kAmbiguousParameter, "inconsistent types deduced for parameter $" +
                                                      std::to_string(parameter.index + 1))
        .Detail(state.types.Name(known.oid) + " versus " + state.types.Name(target.oid))
        .At(parameter.location);
  }
  parameter.type = {target.oid, -1};
  parameter.location = LeftmostLocation(parameter.location, location);
  return true;
}

bool TakesAnything(Oid type) {
  return type == oids::kAny || type == oids::kAnyelement || type == oids::kAnynonarray ||
         type == oids::kAnycompatible || type == oids::kAnycompatiblenonarray;
}

}  // namespace

BoundExpressionPtr CoerceTypmod(BindState& state, BoundExpressionPtr expression, SqlType target,
                                Coercion context, CallForm form, int location, bool hide_input) {
  if (target.typmod == expression->type.typmod) return expression;
  if (hide_input) HideCoercion(*expression);
  FoundCoercion found;
  if (target.typmod >= 0) found = FindTypmodCoercion(state, target.oid);
  if (found.path == CoercionPath::kNone) {
    return Relabel(state, std::move(expression), target, form, location);
  }
  return BuildCoercion(state, std::move(expression), found, target, context, form, location);
}

BoundExpressionPtr CoerceToDomain(BindState& state, BoundExpressionPtr expression, SqlType base,
                                  Oid domain, Coercion context, CallForm form, int location,
                                  bool hide_input) {
  if (base.oid == kInvalidOid) base = state.types.BaseType(SqlType{domain, -1});
  if (base.oid == domain) return expression;
  if (hide_input) HideCoercion(*expression);
  expression = CoerceTypmod(state, std::move(expression), base, context, CallForm::kImplicitCast,
                            location, false);
  BoundExpressionPtr result = MakeConversion(ExpressionKind::kDomainCheck, {domain, -1},
                                             std::move(expression), form, location);
  AttachDomainChecks(state, result->As<BoundConversion>());
  return result;
}

BoundExpressionPtr NullOfType(BindState& state, SqlType type) {
  SqlType base = state.types.BaseType(type);
  BoundExpressionPtr null = MakeConstant(state, base, types::Datum());
  if (base.oid == type.oid) return null;
  return CoerceToDomain(state, std::move(null), base, type.oid, Coercion::kImplicit,
                        CallForm::kImplicitCast, -1, false);
}

BoundExpressionPtr CoerceType(BindState& state, BoundExpressionPtr expression, SqlType target,
                              Coercion context, CallForm form, int location) {
  const TypeFacts& types = state.types;
  Oid source = expression->type.oid;
  if (source == target.oid || TakesAnything(target.oid)) return expression;
  if (IsPolymorphic(target.oid) && source != oids::kUnknown) {
    Oid base = types.BaseType(source);
    if (base == source) return expression;
    return MakeConversion(ExpressionKind::kRelabel, {base, -1}, std::move(expression), form,
                          location);
  }
  if (source == oids::kUnknown && expression->kind == ExpressionKind::kConstant) {
    return CoerceLiteral(state, std::move(expression), target, context, form, location);
  }
  if (expression->kind == ExpressionKind::kParameter &&
      CoerceParameter(state, expression->As<BoundParameter>(), target, location)) {
    return expression;
  }
  FoundCoercion found = FindCoercion(state, target.oid, source, context);
  if (found.path == CoercionPath::kRelabel) {
    const BoundExpression* original = expression.get();
    expression = CoerceToDomain(state, std::move(expression), {kInvalidOid, -1}, target.oid,
                                context, form, location, false);
    if (expression.get() != original) return expression;
    return MakeConversion(ExpressionKind::kRelabel, {target.oid, -1}, std::move(expression), form,
                          location);
  }
  if (found.path != CoercionPath::kNone) {
    SqlType base = types.BaseType(target);
    expression = BuildCoercion(state, std::move(expression), found, base, context, form, location);
    if (base.oid == target.oid) return expression;
    return CoerceToDomain(state, std::move(expression), base, target.oid, context, form, location,
                          true);
  }
  if (source == oids::kRecord && types.IsComposite(target.oid)) {
    return CoerceRecord(state, std::move(expression), target, context, form, location);
  }
  bool to_record = target.oid == oids::kRecord && types.IsComposite(source);
  bool to_records = target.oid == oids::kRecordArray && types.IsCompositeArray(source);
  if (to_record || to_records) return expression;
  throw SqlError(sqlstate::kInternalError, "failed to find conversion function from " +
                                               types.Name(source) + " to " +
                                               types.Name(target.oid));
}

}  // namespace sundog::binder
