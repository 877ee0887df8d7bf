#include "session/engine/index_graphs.h"

#include "catalog/vector_index.h"
#include "exec/index_graph.h"
#include "session/engine/engine.h"
#include "vectors/graphs.h"

namespace sundog::session {

namespace {

bool HasGraph(const catalog::IndexDescriptor& index) {
  return index.access_method == catalog::kHnswAccessMethod &&
         index.state == catalog::IndexState::kReady;
}

bool HadGraph(const catalog::TableDescriptor* before, const catalog::TableDescriptor& after,
              const catalog::IndexDescriptor& index) {
  if (before == nullptr || before->storage_id != after.storage_id) return false;
  const catalog::IndexDescriptor* same = before->FindIndex(index.oid);
  return same != nullptr && same->number == index.number && HasGraph(*same);
}

using LoadGraph = void (vectors::Graphs::*)(const vectors::GraphKey&,
                                            const vectors::GraphOptions&);

void Load(Engine& engine, uint32_t tenant, const catalog::CatalogPtr& catalog,
          const std::shared_ptr<const catalog::TableDescriptor>& table,
          const catalog::IndexDescriptor& index, LoadGraph load) {
  storage::TableLayoutPtr layout = engine.layouts().Find(tenant, catalog, table);
  const storage::IndexLayout& laid_out = *layout->FindIndex(index.oid);
  (engine.graphs()->*load)(exec::GraphKeyOf(*layout, laid_out), exec::GraphOptionsOf(laid_out));
}

}  // namespace

void LoadNewGraphs(Engine& engine, uint32_t tenant, const catalog::CatalogPtr& before,
                   const catalog::CatalogPtr& after) {
  if (engine.graphs() == nullptr) return;
  for (const auto& table : after->contents().tables) {
    const catalog::TableDescriptor* old = before->contents().tables.Get(table->oid);
    if (old == table.get()) continue;
    for (const catalog::IndexDescriptor& index : table->indexes) {
      if (!HasGraph(index) || HadGraph(old, *table, index)) continue;
      Load(engine, tenant, after, table, index, &vectors::Graphs::Load);
    }
  }
}

void LoadSavedGraphs(Engine& engine, uint32_t tenant, const catalog::CatalogPtr& catalog) {
  if (engine.graphs() == nullptr) return;
  for (const auto& table : catalog->contents().tables) {
    for (const catalog::IndexDescriptor& index : table->indexes) {
      if (!HasGraph(index)) continue;
      Load(engine, tenant, catalog, table, index, &vectors::Graphs::LoadSaved);
    }
  }
}

}  // namespace sundog::session
