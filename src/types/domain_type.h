// Domains: values of their base type. Their constraints are checked by the executor.
#pragma once

#include "types/type_info.h"

namespace sundog::types {

// The operations of every domain over `base`: its own, with text and binary input that apply the
// domain's base_typmod. Lives for ever; safe from all threads.
const TypeOps* DomainOps(const TypeInfo& base);

}  // namespace sundog::types
