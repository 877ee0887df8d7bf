// The graphs of hnsw indexes are loaded when an index is searched, or sooner, so that the first
// search need not be an exact one: where an index was just made, and where somebody comes to a
// tenant that had graphs before it rested, or the server was stopped.
#pragma once

#include <cstdint>

#include "catalog/catalog.h"

namespace sundog::session {

class Engine;

// After the commit that made `after` of `before`: of the indexes that are ready now and were not,
// or lie elsewhere since (after TRUNCATE, or a change of the table's rows).
void LoadNewGraphs(Engine& engine, uint32_t tenant, const catalog::CatalogPtr& before,
                   const catalog::CatalogPtr& after);

// Of all indexes whose graphs were saved.
void LoadSavedGraphs(Engine& engine, uint32_t tenant, const catalog::CatalogPtr& catalog);

}  // namespace sundog::session
