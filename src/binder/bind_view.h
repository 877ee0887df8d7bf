// Views, expanded where they are named.
#pragma once

#include <memory>

#include "binder/scope.h"

namespace sundog::binder {

// The view's query, bound anew; its columns are the view's. `locked`: FOR UPDATE applies to it.
std::unique_ptr<BoundQuery> BindView(Scope& scope, const catalog::ViewDescriptor& view,
                                     bool locked);

// Whether the view was made WITH (option), or with it set to true.
bool IsOn(const catalog::ViewDescriptor& view, std::string_view option);

}  // namespace sundog::binder
