// The expressions that conversions are made of; behind coerce.h.
#pragma once

#include "binder/coerce.h"

namespace sundog::binder {

// coerce_type_typmod: the length coercion if the type has one, else a relabelling.
BoundExpressionPtr CoerceTypmod(BindState& state, BoundExpressionPtr expression, SqlType target,
                                Coercion context, CallForm form, int location, bool hide_input);

// coerce_to_domain: to a domain from its base type.
BoundExpressionPtr CoerceToDomain(BindState& state, BoundExpressionPtr expression, SqlType base,
                                  Oid domain, Coercion context, CallForm form, int location,
                                  bool hide_input);

// A type's input function at bind time, errors placed at the literal.
types::Datum ConvertLiteral(BindState& state, std::string_view text, SqlType type, int location,
                            base::Arena& arena);

std::unique_ptr<BoundFunction> MakeFunction(const BindState& state, Oid function, SqlType type,
                                            BoundExpressions arguments, CallForm form,
                                            int location);

int LeftmostLocation(int a, int b);

}  // namespace sundog::binder
