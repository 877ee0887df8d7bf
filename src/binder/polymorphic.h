// anyelement, anyarray, anycompatible and their kin: whether actual types fit the declared ones,
// and what the declared ones then stand for.
#pragma once

#include <span>
#include <vector>

#include "binder/scope.h"

namespace sundog::binder {

// check_generic_type_consistency.
bool CheckPolymorphic(const BindState& state, std::span<const Oid> actual,
                      std::span<const Oid> declared);

// enforce_generic_type_consistency: replaces polymorphic types in `declared` (where the actual type
// is unknown, or of the anycompatible family) and gives the actual result type. Throws 42804.
Oid ResolvePolymorphic(const BindState& state, std::span<const Oid> actual,
                       std::vector<Oid>& declared, Oid result);

}  // namespace sundog::binder
