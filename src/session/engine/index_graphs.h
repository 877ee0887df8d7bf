// The graphs of hnsw indexes are loaded when an index is searched. One that was just made is likely
// to be, soon: its graph is begun at once, so that the first search need not be an exact one.
#pragma once

#include <cstdint>

#include "catalog/catalog.h"

namespace sundog::session {

class Engine;

// After the commit that made `after` of `before`: of the indexes that are ready now and were not,
// or lie elsewhere since (after TRUNCATE, or a change of the table's rows).
void LoadNewGraphs(Engine& engine, uint32_t tenant, const catalog::CatalogPtr& before,
                   const catalog::CatalogPtr& after);

}  // namespace sundog::session
