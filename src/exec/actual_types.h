// What the polymorphic types of a function stand for in one call.
#pragma once

#include <span>

#include "functions/proc.h"
#include "types/type_info.h"

namespace sundog::exec {

// What `declared` is when the function is called with `arguments`, which fit its declared ones: the
// binder saw to it. An array and its elements tell each other; anything else is of an argument
// declared as it is. kInvalidOid: nothing tells.
types::Oid ActualType(types::Oid declared, const functions::ProcInfo& proc,
                      std::span<const types::SqlType> arguments, const types::TypeLookup& types);

}  // namespace sundog::exec
