// Window definitions.
#pragma once

#include "binder/scope.h"

namespace sundog::binder {

// Of WINDOW w AS (…) or OVER (…); names in it mean the scope's window_definitions before it.
BoundWindowSpec BindWindowSpec(Scope& scope, const WindowDef* window);

}  // namespace sundog::binder
