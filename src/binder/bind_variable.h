// Names that stand for what a function around the statement gives them.
#pragma once

#include <string>
#include <vector>

#include "binder/scope.h"

namespace sundog::binder {

// A variable of the surrounding function, and the rest of the names as fields of it; null if there
// is none.
BoundExpressionPtr ResolveVariable(Scope& scope, const std::vector<std::string>& names,
                                   int location);

}  // namespace sundog::binder
