// Domains: values of their base type. Their constraints are checked by the executor,
// and by IoContext::domains where values come in as text or bytes.
#pragma once

#include "types/type_info.h"

namespace sundog::types {

// The operations of every domain over `base`: its own, with text and binary input that apply the
// domain's base_typmod. Lives for ever; safe from all threads.
const TypeOps* DomainOps(const TypeInfo& base);

// Null, where a value of the type stands inside another's text or bytes: of a domain it is checked.
Datum NullOf(const IoContext& io, const TypeInfo& type);

}  // namespace sundog::types
