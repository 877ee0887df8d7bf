// Gathering a call's candidates by name; behind resolve_function.h.
#pragma once

#include "binder/resolve_function.h"

namespace sundog::binder {

// FuncnameGetCandidates: all of the name that take so many arguments, hidden ones left out.
Candidates FunctionCandidates(const BindState& state, const FunctionCall& call);

}  // namespace sundog::binder
