// The constraints of a domain, bound where a value is coerced to it.
#pragma once

#include "binder/scope.h"

namespace sundog::binder {

// Fills `checks` and `not_null` of a kDomainCheck from its type, those of base domains first.
void AttachDomainChecks(BindState& state, BoundConversion& conversion);

}  // namespace sundog::binder
