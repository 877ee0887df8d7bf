// The name of an output column that has no AS.
#pragma once

#include <string>

#include "parser/pg_nodes.h"

namespace sundog::binder {

// "?column?" if nothing better is found.
std::string FigureColumnName(const Node* node);
// For an index's expression; the empty string if there is none.
std::string FigureIndexColumnName(const Node* node);

}  // namespace sundog::binder
