#include "planner/index_rules.h"

#include <algorithm>

#include "binder/bind_index.h"
#include "types/io_settings.h"

namespace sundog::planner {

const binder::BoundTableRules::Index* IndexRules::Find(const catalog::TableDescriptor& table,
                                                       const catalog::IndexDescriptor& index,
                                                       RelationId relation) {
  bool plain = !index.predicate.has_value() &&
               std::all_of(index.keys.begin(), index.keys.end(),
                           [](const catalog::IndexKey& key) { return key.attnum != 0; });
  if (plain) return nullptr;
  auto [rules, fresh] = rules_.try_emplace(relation);
  if (fresh) {
    // Stored text reads the same whatever a session's settings are.
    static const types::IoSettings kStoredSettings;
    binder::BindContext context;
    context.io.types = context_.catalog;
    context.io.settings = &kStoredSettings;
    // The planner's catalog outlives planning.
    context.catalog = catalog::CatalogPtr(catalog::CatalogPtr(), context_.catalog);
    rules->second = binder::BindIndexRules(table, relation, context);
  }
  for (const auto& rule : rules->second) {
    if (rule.index == index.oid) return &rule;
  }
  return nullptr;
}

}  // namespace sundog::planner
