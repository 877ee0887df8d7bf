#include "vectors/graphs.h"

#include "base/check.h"
#include "vectors/graph_registry.h"

namespace sundog::vectors {

std::string_view GraphStateName(GraphState state) {
  switch (state) {
    case GraphState::kLoading: return "loading";
    case GraphState::kReady: return "ready";
    case GraphState::kTooLarge: return "too large";
  }
  CHECK(false);
}

Graphs::Graphs(const GraphsOptions& options) : registry_(std::make_unique<Registry>(options)) {}

Graphs::~Graphs() = default;

std::unique_ptr<NearestSearch> Graphs::Search(const GraphKey& key, const GraphOptions& options,
                                              kv::Version version, std::string_view probe,
                                              size_t ef_search) {
  return registry_->Search(key, options, version, probe, ef_search);
}

void Graphs::Load(const GraphKey& key, const GraphOptions& options) {
  registry_->Load(key, options);
}

void Graphs::LoadSaved(const GraphKey& key, const GraphOptions& options) {
  registry_->LoadSaved(key, options);
}

void Graphs::Unload(uint32_t tenant) { registry_->Unload(tenant); }

void Graphs::Remove(uint32_t tenant) { registry_->Remove(tenant); }

std::vector<GraphInfo> Graphs::List() const { return registry_->List(); }

void Graphs::AwaitRest() { registry_->AwaitRest(); }

void Graphs::Stop() { registry_->Stop(); }

}  // namespace sundog::vectors
