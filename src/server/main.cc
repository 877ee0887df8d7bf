// The binary: the command line over the engine on an embedded store.
#include <filesystem>

#include "base/clock.h"
#include "cli/command_line.h"
#include "kv/memory/memory_store.h"
#include "kv/rocks/rocks_store.h"
#include "control/api/control_api.h"
#include "control/cluster_worker.h"
#include "control/clusters.h"
#include "control/databases.h"
#include "control/identities.h"
#include "control/open_identities.h"
#include "control/prepare_tenant.h"
#include "control/space_reclaimer.h"
#include "control/stored_roles.h"
#include "session/engine/engine.h"
#include "vectors/graphs.h"

namespace {

using namespace sundog;

class EmbeddedEngine final : public cli::Engine {
 public:
  // `data_folder`: empty with a store in memory.
  EmbeddedEngine(const cli::EngineOptions& options, std::unique_ptr<kv::Store> store,
                 const std::string& data_folder, std::string temporary_folder,
                 runtime::Runtime& runtime)
      : store_(std::move(store)),
        identities_(control::OpenIdentities(*store_, base::SystemClock(), data_folder,
                                            options.administrator_key)),
        graphs_({.store = store_.get(),
                 .folder = data_folder.empty() ? "" : data_folder + "/vectors",
                 .budget_bytes = options.vector_bytes}),
        engine_(*store_, base::SystemClock(), std::move(temporary_folder), control::MakeVerifier,
                options.dsql_cluster_bytes),
        clusters_(*store_, base::SystemClock(), options.profile, options.cluster_limit,
                  options.database_limit),
        databases_(clusters_, engine_),
        tokens_(*identities_.identities, base::SystemClock(), options.served_names),
        roles_(engine_, clusters_, tokens_, options.superuser_password),
        api_(control::MakeControlApi(clusters_, *identities_.identities, databases_,
                                     base::SystemClock(), options.served_names.regions)) {
    control::ClusterPtr cluster = clusters_.default_cluster();
    // In the other profile the cluster that a server begins with is its operator's.
    if (cluster->profile == session::Profile::kDsql) {
      control::PrepareTenant(engine_, cluster->tenant);
    }
    engine_.UseGraphs(graphs_);
    engine_.StartJobs(runtime);
    if (options.unload_after_s > 0) engine_.StartUnloading(options.unload_after_s * 1'000'000);
    reclaimer_ = std::make_unique<control::SpaceReclaimer>(*store_, clusters_);
    worker_ = std::make_unique<control::ClusterWorker>(
        clusters_, control::StepsOf(engine_, reclaimer_.get()));
  }
  ~EmbeddedEngine() override {
    databases_.Stop();
    worker_.reset();
    reclaimer_.reset();
    engine_.StopJobs();
    engine_.Flush();
  }

  session::StatementPipeline& pipeline() override { return engine_; }
  auth::CredentialSource& credentials() override { return roles_; }
  void SetAddress(control::SqlAddress address) override {
    databases_.SetAddress(std::move(address));
  }
  http::Handler& api() override { return *api_; }
  std::optional<auth::SigV4Credentials> new_access_key() const override {
    return identities_.new_access_key;
  }
  std::string dsql_cluster_id() const override {
    control::ClusterPtr cluster = clusters_.default_cluster();
    return cluster->profile == session::Profile::kDsql ? cluster->id : "";
  }

 private:
  std::unique_ptr<kv::Store> store_;
  control::OpenedIdentities identities_;
  vectors::Graphs graphs_;
  session::Engine engine_;
  control::Clusters clusters_;
  control::Databases databases_;
  control::TokenVerifier tokens_;
  control::StoredRoles roles_;
  std::unique_ptr<http::Handler> api_;
  std::unique_ptr<control::SpaceReclaimer> reclaimer_;
  std::unique_ptr<control::ClusterWorker> worker_;
};

std::unique_ptr<cli::Engine> OpenEngine(const cli::EngineOptions& options,
                                        runtime::Runtime& runtime) {
  if (options.store == cli::StoreKind::kMemory) {
    return std::make_unique<EmbeddedEngine>(options, kv::OpenMemoryStore(), "", "",
                                            runtime);
  }
  std::unique_ptr<kv::Store> store = kv::OpenRocksStore({.folder = options.data_folder});
  std::string temporary = options.data_folder + "/tmp";
  std::filesystem::create_directories(temporary);
  return std::make_unique<EmbeddedEngine>(options, std::move(store), options.data_folder,
                                          std::move(temporary), runtime);
}

}  // namespace

int main(int argc, char** argv) { return sundog::cli::RunCommandLine(argc, argv, OpenEngine); }
