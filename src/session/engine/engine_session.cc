#include "session/engine/engine_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/sql_error.h"
#include "binder/deparse.h"
#include "binder/function_body.h"
#include "catalog/acl.h"
#include "catalog/name_resolver.h"
#include "codec/key_space.h"
#include "parser/dsql/refusals.h"
#include "session/engine/engine.h"
#include "session/engine/engine_transaction.h"
#include "session/engine/index_graphs.h"
#include "session/engine/job_runner.h"
#include "session/engine/query_plan.h"
#include "session/transaction_block.h"
#include "storage/table_reader.h"
#include "txn/sequences.h"
#include "types/calendar.h"
#include "vectors/graphs.h"

namespace sundog::session {

namespace {

txn::SequenceParameters ParametersOf(const catalog::SequenceDescriptor& sequence) {
  txn::SequenceParameters parameters;
  parameters.start = sequence.start;
  parameters.increment = sequence.increment;
  parameters.min_value = sequence.min_value;
  parameters.max_value = sequence.max_value;
  parameters.cycle = sequence.cycle;
  return parameters;
}

std::string_view VartypeName(SettingType type) {
  switch (type) {
    case SettingType::kBool: return "bool";
    case SettingType::kInteger: return "integer";
    case SettingType::kReal: return "real";
    case SettingType::kString: return "string";
    case SettingType::kEnum: return "enum";
  }
  return "string";
}

// Settings that many programs change often and that no plan depends on.
bool MattersToBinding(const SettingDefinition& definition) {
  constexpr std::string_view kOthers[] = {
      "application_name",
      "client_min_messages",
      "default_transaction_deferrable",
      "default_transaction_isolation",
      "default_transaction_read_only",
      "idle_in_transaction_session_timeout",
      "idle_session_timeout",
      "lock_timeout",
      "statement_timeout",
      "synchronous_commit",
      "transaction_deferrable",
      "transaction_isolation",
      "transaction_read_only",
  };
  if (definition.name == "sundog.planner") return true;
  return !definition.custom &&
         std::find(std::begin(kOthers), std::end(kOthers), definition.name) == std::end(kOthers);
}

types::Oid RequireRole(const catalog::Catalog& catalog, std::string_view name) {
  if (const catalog::RoleDescriptor* role = catalog.FindRole(name)) return role->oid;
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("role \"{}\" does not exist", name));
}

std::string_view ContextName(SettingContext context) {
  switch (context) {
    case SettingContext::kInternal: return "internal";
    case SettingContext::kPostmaster: return "postmaster";
    case SettingContext::kSighup: return "sighup";
    case SettingContext::kSuperuserBackend: return "superuser-backend";
    case SettingContext::kBackend: return "backend";
    case SettingContext::kSuperuser: return "superuser";
    case SettingContext::kUser: return "user";
  }
  return "user";
}

}  // namespace

EngineSession::EngineSession(Engine& engine, SessionContext& context)
    : engine_(engine),
      context_(context),
      use_(engine.loaded_tenants(), context.identity().tenant),
      catalog_(engine.catalogs(), context.identity().tenant),
      advisory_locks_(engine.transactions().locks(), lock_backend_),
      current_catalog_(catalog::Catalog::Empty()),
      client_address_(context.identity().ClientHost()),
      client_port_(context.identity().ClientPort()) {
  lock_backend_.process_id = context.identity().process_id;
  lock_backend_.tenant = context.identity().tenant;
  context.types = current_catalog_.get();
  context.names = &names_;
  context.domains = &domain_checks_;
  engine.sessions().Add(context);
}

types::Oid EngineSession::Names::Resolve(types::Oid type, std::string_view text) {
  if (type == types::oids::kRegclass && text.find('.') != std::string_view::npos) {
    std::vector<std::string> parts = catalog::SplitQualifiedName(text);
    if (parts.size() == 3 && parts[0] != session_.database_name()) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     fmt::format("cross-database references are not implemented: \"{}.{}.{}\"",
                                 parts[0], parts[1], parts[2]));
    }
  }
  return catalog::CatalogNames(*session_.catalog(), session_.search_path()).Resolve(type, text);
}

std::string EngineSession::Names::NameOf(types::Oid type, types::Oid object) {
  return catalog::CatalogNames(*session_.catalog(), session_.search_path()).NameOf(type, object);
}

EngineSession::~EngineSession() {
  engine_.sessions().Remove(context_);
  context_.types = &types::BuiltinTypes::Get();
  context_.names = nullptr;
  context_.domains = nullptr;
}

void EngineSession::UseCatalog(const catalog::CatalogPtr& catalog,
                               EngineTransaction* transaction) {
  if (current_catalog_ != catalog) {
    current_catalog_ = catalog;
    search_path_.reset();
    current_role_.reset();
  }
  if (login_role_ == types::kInvalidOid) {
    const catalog::RoleDescriptor* role = catalog->FindRole(context_.identity().user);
    login_role_ = role != nullptr ? role->oid : kDroppedRole;
    binding_settings_.clear();
    if (engine_.loaded_tenants().IsNew(tenant())) LoadSavedGraphs(engine_, tenant(), catalog);
  }
  transaction_ = transaction;
  context_.types = catalog.get();
}

const catalog::SearchPath& EngineSession::search_path() {
  types::Oid role = current_role();
  const std::string& text = context_.settings().Get("search_path");
  if (!search_path_.has_value() || text != search_path_text_ || role != search_path_->role) {
    std::vector<std::string> names;
    catalog::SplitIdentifierList(text, names);
    const catalog::RoleDescriptor* user = current_catalog_->FindRole(role);
    search_path_ = current_catalog_->ResolveSearchPath(
        names, user != nullptr ? std::string_view(user->name) : std::string_view(), role);
    search_path_text_ = text;
  }
  return *search_path_;
}

void EngineSession::RequireTrust(const catalog::Catalog& catalog) const {
  const SessionIdentity& identity = context_.identity();
  if (!identity.is_mapped) return;
  const catalog::RoleDescriptor* role =
      login_role_ == types::kInvalidOid ? catalog.FindRole(identity.user)
                                        : catalog.FindRole(login_role_);
  bool trusts = role != nullptr &&
                std::any_of(role->iam_trusts.begin(), role->iam_trusts.end(),
                            [&](const auto& trust) { return trust.arn == identity.iam_arn; });
  if (trusts) return;
  throw SqlError(sqlstate::kConnectionFailure, "unable to accept connection, access denied")
      .Hint(fmt::format("Role {} has no IAM trust with {} any more.", identity.user,
                        identity.iam_arn))
      .Fatal();
}

void EngineSession::MeetCatalog(const catalog::Catalog& catalog) {
  bool is_news =
      known_catalog_ && !engine_.job_catalogs().Lead(*known_catalog_, catalog.identity());
  known_catalog_ = catalog.identity();
  if (is_news) {
    throw SqlError(sqlstate::kTRSerializationFailure, std::string(kSchemaUpdated));
  }
}

const std::string& EngineSession::BindingSettings() {
  // Before a session's first statement nobody has looked its role up.
  if (login_role_ == types::kInvalidOid) UseCatalog(engine_.NewestCatalog(tenant()), transaction_);
  const SessionSettings& settings = context_.settings();
  if (!binding_settings_.empty() && binding_generation_ == settings.generation()) {
    return binding_settings_;
  }
  binding_generation_ = settings.generation();
  binding_settings_ = fmt::format("{} {} {}", tenant(), login_role_, definer_role_);
  binding_settings_.append(1, '\0').append(context_.identity().database);
  settings.ForEachOverride([this](const SettingDefinition& definition, const std::string& value) {
    if (!MattersToBinding(definition)) return;
    binding_settings_.append(1, '\0').append(definition.name).append(1, '=').append(value);
  });
  return binding_settings_;
}

void EngineSession::EndRun(const QueryPlan& plan) {
  auto last = std::find(running_plans_.rbegin(), running_plans_.rend(), &plan);
  CHECK(last != running_plans_.rend());
  running_plans_.erase(std::next(last).base());
}

void EngineSession::RequireNotRunning(const catalog::TableDescriptor& table,
                                      std::string_view command) const {
  bool runs = std::any_of(running_plans_.begin(), running_plans_.end(),
                          [&](const QueryPlan* plan) { return plan->Uses(table.oid); });
  if (!runs) return;
  throw SqlError(sqlstate::kObjectInUse,
                 fmt::format("cannot {} \"{}\" because it is being used by active queries in this "
                             "session",
                             command, table.name));
}

planner::PlannerSettings EngineSession::planner_settings() const {
  const SessionSettings& settings = context_.settings();
  planner::PlannerSettings planner;
  planner.enable_index_scan =
      settings.GetBool("enable_indexscan") || settings.GetBool("enable_bitmapscan");
  planner.enable_table_scan = settings.GetBool("enable_seqscan");
  planner.enable_hash_join = settings.GetBool("enable_hashjoin");
  planner.enable_nested_loop = settings.GetBool("enable_nestloop");
  if (settings.Get("sundog.planner") == "off") {
    planner.enable_index_scan = false;
    planner.enable_hash_join = false;
    planner.enable_pushdown = false;
    planner.enable_join_reorder = false;
    planner.enable_semi_join = false;
  }
  return planner;
}

types::Oid EngineSession::current_role() {
  if (definer_role_ != types::kInvalidOid) return definer_role_;
  uint64_t generation = context_.settings().generation();
  if (!current_role_.has_value() || role_generation_ != generation) {
    const std::string& role = context_.settings().Get("role");
    if (role.empty() || role == "none") {
      current_role_ = session_role();
    } else {
      const catalog::RoleDescriptor* found = current_catalog_->FindRole(role);
      current_role_ = found != nullptr ? found->oid : kDroppedRole;
    }
    role_generation_ = generation;
  }
  return *current_role_;
}

types::Oid EngineSession::session_role() {
  return login_role_ != types::kInvalidOid ? login_role_ : kDroppedRole;
}

types::Oid EngineSession::SwitchDefiner(types::Oid role) {
  binding_settings_.clear();
  return std::exchange(definer_role_, role);
}

catalog::CatalogPtr EngineSession::CatalogNow() {
  TransactionBlock::StatementScope statement(*context_.transaction_block);
  return static_cast<EngineTransaction&>(context_.transaction_block->Ensure()).Catalog();
}

void EngineSession::CheckSetRole(std::string_view role) {
  if (definer_role_ != types::kInvalidOid) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   "cannot set parameter \"role\" within security-definer function");
  }
  if (role == "none") return;
  catalog::CatalogPtr catalog = CatalogNow();
  UseCatalog(catalog, transaction_);
  types::Oid wanted = RequireRole(*catalog, role);
  if (!catalog->IsMemberOf(session_role(), wanted)) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   fmt::format("permission denied to set role \"{}\"", role));
  }
}

void EngineSession::CheckSetAuthorization(std::string_view role) {
  RequireRole(*CatalogNow(), role);
  if (role != context_.identity().user) {
    base::ThrowNotSupported("SET SESSION AUTHORIZATION to another role");
  }
}

bool EngineSession::IsSuperuser() {
  catalog::CatalogPtr catalog = CatalogNow();
  UseCatalog(catalog, transaction_);
  return catalog->IsSuperuser(current_role());
}

std::vector<std::string> EngineSession::StoredSettings() {
  catalog::CatalogPtr catalog = engine_.NewestCatalog(tenant());
  const auto& settings = catalog->contents().settings;
  std::vector<std::string> found;
  if (settings.empty()) return found;
  const catalog::RoleDescriptor* user = catalog->FindRole(context_.identity().user);
  types::Oid role = user != nullptr ? user->oid : kDroppedRole;
  constexpr types::Oid kDatabase = catalog::kPostgresDatabase;
  const catalog::SettingsOwner owners[] = {{kDatabase, role},
                                           {types::kInvalidOid, role},
                                           {kDatabase, types::kInvalidOid},
                                           {types::kInvalidOid, types::kInvalidOid}};
  for (const catalog::SettingsOwner& owner : owners) {
    auto at = settings.find(owner);
    if (at == settings.end()) continue;
    found.insert(found.end(), at->second.values.begin(), at->second.values.end());
  }
  return found;
}

std::string_view EngineSession::server_address() { return ""; }
int32_t EngineSession::server_port() { return 5432; }
std::string EngineSession::version_text() {
  if (context_.identity().profile == Profile::kDsql) return "PostgreSQL 16";
  return fmt::format("PostgreSQL {} on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
                     context_.ShowSetting("server_version"));
}
int64_t EngineSession::server_start_us() { return engine_.start_us() + types::kUnixEpochMicros; }

std::optional<std::string> EngineSession::GetSetting(std::string_view name) {
  if (context_.settings().FindDefinition(name) == nullptr) return std::nullopt;
  return context_.ShowSetting(name);
}

std::string EngineSession::SetSetting(std::string_view name, std::string_view value, bool local) {
  context_.SetSetting(name, value, local);
  return context_.ShowSetting(name);
}

std::vector<catalog::SettingRow> EngineSession::Settings() {
  std::vector<catalog::SettingRow> rows;
  const SessionSettings& settings = context_.settings();
  for (const SettingDefinition* definition : settings.Listed()) {
    catalog::SettingRow row;
    row.name = definition->name;
    row.value = settings.Get(*definition);
    if (!definition->unit.empty()) row.unit = definition->unit;
    row.category = definition->category;
    row.context = ContextName(definition->context);
    row.vartype = VartypeName(definition->type);
    row.enum_values = definition->enum_values;
    row.boot_value = definition->boot_value;
    row.reset_value = definition->boot_value;
    if (definition->type == SettingType::kInteger) {
      row.min_value = fmt::format("{:.0f}", definition->least);
      row.max_value = fmt::format("{:.0f}", definition->most);
    } else if (definition->type == SettingType::kReal) {
      row.min_value = fmt::format("{}", definition->least);
      row.max_value = fmt::format("{}", definition->most);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

const catalog::SequenceDescriptor& EngineSession::RequireSequence(types::Oid oid) const {
  const catalog::Relation* relation = current_catalog_->FindRelation(oid);
  if (relation == nullptr || relation->sequence == nullptr) {
    throw SqlError(sqlstate::kUndefinedTable, fmt::format("could not open relation {}", oid));
  }
  return *relation->sequence;
}

int64_t EngineSession::NextValue(types::Oid oid) {
  const catalog::SequenceDescriptor& sequence = RequireSequence(oid);
  if (sequence.persistence != 't') context_.RequireMayWrite("nextval()");
  SequenceUse& use = sequences_[oid];
  if (use.cached == 0) {
    std::string key = codec::SequenceKey(tenant(), sequence.storage_id);
    int64_t last = 0;
    use.next = engine_.transactions().sequences().Next(key, sequence.name, ParametersOf(sequence),
                                                       sequence.cache, &last);
    use.last = last;
    use.increment = sequence.increment;
    use.cached = static_cast<size_t>((last - use.next) / sequence.increment) + 1;
  }
  int64_t value = use.next;
  if (--use.cached > 0) use.next += use.increment;
  use.current = value;
  last_sequence_ = oid;
  return value;
}

int64_t EngineSession::CurrentValue(types::Oid oid) {
  auto at = sequences_.find(oid);
  if (at == sequences_.end() || !at->second.current.has_value()) {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   fmt::format("currval of sequence \"{}\" is not yet defined in this session",
                               RequireSequence(oid).name));
  }
  return *at->second.current;
}

int64_t EngineSession::LastValue() {
  if (last_sequence_ == types::kInvalidOid ||
      current_catalog_->FindRelation(last_sequence_) == nullptr) {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   "lastval is not yet defined in this session");
  }
  const catalog::SequenceDescriptor& sequence = RequireSequence(last_sequence_);
  if (!catalog::HasAnyPrivilege(*current_catalog_, sequence.acl, catalog::AclObject::kSequence,
                                sequence.owner, current_role(),
                                catalog::kSelect | catalog::kUsage)) {
    catalog::ThrowDenied("sequence", sequence.name);
  }
  return CurrentValue(last_sequence_);
}

void EngineSession::SetValue(types::Oid oid, int64_t value, bool is_called) {
  const catalog::SequenceDescriptor& sequence = RequireSequence(oid);
  if (sequence.persistence != 't') context_.RequireMayWrite("setval()");
  if (value < sequence.min_value || value > sequence.max_value) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   fmt::format("setval: value {} is out of bounds for sequence \"{}\" ({}..{})",
                               value, sequence.name, sequence.min_value, sequence.max_value));
  }
  engine_.transactions().sequences().Set(codec::SequenceKey(tenant(), sequence.storage_id),
                                         {value, is_called});
  SequenceUse& use = sequences_[oid];
  use.cached = 0;
  if (is_called) use.current = value;
}

std::pair<int64_t, bool> EngineSession::SequenceState(types::Oid oid) {
  const catalog::SequenceDescriptor& sequence = RequireSequence(oid);
  txn::SequencePosition position = engine_.transactions().sequences().Position(
      codec::SequenceKey(tenant(), sequence.storage_id), ParametersOf(sequence));
  return {position.last_value, position.is_called};
}

std::optional<uint64_t> EngineSession::TransactionId(bool assign) {
  if (transaction_ == nullptr) return std::nullopt;
  if (!assign && !transaction_->txn().has_transaction_id()) return std::nullopt;
  return transaction_->txn().TransactionId();
}

int64_t EngineSession::RelationBytes(const catalog::Relation& relation) {
  if (relation.table == nullptr) return 0;
  storage::TableLayoutPtr layout =
      engine_.layouts().Find(tenant(), current_catalog_, relation.table);
  return static_cast<int64_t>(storage::EstimateTable(engine_.store(), *layout).bytes);
}

double EngineSession::RowEstimate(types::Oid table) {
  std::shared_ptr<const catalog::TableDescriptor> found = current_catalog_->FindTable(table);
  if (found == nullptr) return -1;
  return engine_.statistics().AnalyzedRows(tenant(), found->storage_id);
}

std::string EngineSession::FunctionBody(const catalog::FunctionDescriptor& function) {
  binder::BindContext context = MakeBindContext(*this, *transaction_, current_catalog_, {});
  return binder::DeparseFunctionBody(function, context);
}

std::string EngineSession::ViewDefinition(const catalog::ViewDescriptor& view, bool pretty) {
  binder::BindContext context = MakeBindContext(*this, *transaction_, current_catalog_, {});
  return binder::DeparseViewDefinition(view, pretty, /*wrap_column=*/0, context) + ";";
}

std::string EngineSession::PrettyExpression(std::string_view sql, types::Oid relation) {
  binder::BindContext context = MakeBindContext(*this, *transaction_, current_catalog_, {});
  std::shared_ptr<const catalog::TableDescriptor> table = current_catalog_->FindTable(relation);
  return binder::DeparseStored({std::string(sql), {}}, table.get(), /*pretty=*/true, context);
}

std::string EngineSession::PrettyDomainCheck(std::string_view sql, types::SqlType base) {
  binder::BindContext context = MakeBindContext(*this, *transaction_, current_catalog_, {});
  return binder::DeparseStoredDomainCheck({std::string(sql), {}}, base, /*pretty=*/true, context);
}

std::vector<catalog::Job> EngineSession::Jobs() {
  std::vector<catalog::Job> jobs =
      catalog::JobsOf(*transaction_->txn().View().snapshot(), tenant());
  int64_t now_us = engine_.clock().WallMicros();
  std::erase_if(jobs, [&](const catalog::Job& job) { return !job.shown(now_us); });
  return jobs;
}

std::vector<catalog::VectorGraphRow> EngineSession::VectorGraphs() {
  std::vector<catalog::VectorGraphRow> rows;
  if (engine_.graphs() == nullptr) return rows;
  for (const vectors::GraphInfo& graph : engine_.graphs()->List()) {
    if (graph.key.tenant != tenant()) continue;
    rows.push_back({graph.key.storage, graph.key.index, vectors::GraphStateName(graph.state),
                    static_cast<int64_t>(graph.points), static_cast<int64_t>(graph.dead_points),
                    static_cast<int64_t>(graph.bytes), graph.progress});
  }
  return rows;
}

bool EngineSession::WaitForJob(std::string_view id) {
  context_.transaction_block->RequireNoBlock("sys.wait_for_job");
  std::optional<catalog::Job> job = AwaitJob(engine_, tenant(), catalog::ParseJobId(id));
  return job && job->status == catalog::JobStatus::kCompleted;
}

std::string_view EngineSession::session_id() {
  if (session_id_.empty()) session_id_ = catalog::JobIdText(catalog::NewJobId());
  return session_id_;
}

std::string_view EngineSession::transaction_uuid() { return transaction_->uuid(); }

int64_t EngineSession::ClusterBytes() { return engine_.cluster_sizes().Measure(tenant()); }

std::optional<int64_t> EngineSession::ClusterBytesLimit() {
  if (context_.identity().profile != Profile::kDsql) return std::nullopt;
  return engine_.cluster_sizes().most_bytes();
}

std::vector<std::string_view> EngineSession::DsqlColumnTypes() {
  return parser::dsql::ColumnTypes();
}

std::string_view EngineSession::query_text() { return context_.statement_text(); }

std::vector<int32_t> EngineSession::BlockingSessions(int32_t pid) {
  return engine_.transactions().locks().BlockersOf(pid);
}

bool EngineSession::LockAdvisory(const catalog::AdvisoryLock& lock) {
  // PostgreSQL's read-only transactions may; who is given nothing but reading disturbs nobody.
  if (context_.identity().read_only) {
    context_.RequireMayWrite(fmt::format("pg_{}advisory_{}lock{}()", lock.wait ? "" : "try_",
                                         lock.transaction ? "xact_" : "",
                                         lock.shared ? "_shared" : ""));
  }
  if (!lock.transaction) return advisory_locks_.Lock(lock);
  return transaction_->txn().LockAdvisory(
      AdvisoryLocks::TagOf(tenant(), lock), AdvisoryLocks::ModeOf(lock),
      lock.wait ? txn::WaitPolicy::kWait : txn::WaitPolicy::kNoWait);
}

bool EngineSession::UnlockAdvisory(const catalog::AdvisoryLock& lock) {
  if (advisory_locks_.Unlock(lock)) return true;
  context_.Warn(sqlstate::kWarning,
                fmt::format("you don't own a lock of type {}",
                            lock.shared ? "ShareLock" : "ExclusiveLock"));
  return false;
}

std::vector<catalog::SessionRow> EngineSession::Sessions() {
  return engine_.sessions().Rows(tenant(), *current_catalog_);
}

std::vector<catalog::LockRow> EngineSession::Locks() {
  std::vector<catalog::LockRow> rows;
  for (const txn::LockInfo& lock : engine_.transactions().locks().List(tenant())) {
    catalog::LockRow& row = rows.emplace_back();
    if (lock.tag.kind == txn::LockKind::kTable) {
      row.lock_type = "relation";
      row.relation = lock.tag.object;
    } else {
      row.lock_type = "advisory";
      row.class_id = lock.tag.object;
      row.object_id = lock.tag.object2;
      row.object_sub_id = static_cast<int16_t>(lock.tag.object3);
    }
    row.pid = lock.process_id;
    row.virtual_transaction = fmt::format("{}/1", lock.process_id);
    row.mode = txn::LockModeName(lock.mode);
    row.granted = lock.granted;
  }
  return rows;
}

std::vector<catalog::PreparedStatementRow> EngineSession::PreparedStatements() {
  return context_.objects->PreparedStatements();
}

std::vector<catalog::CursorRow> EngineSession::Cursors() { return context_.objects->Cursors(); }

bool EngineSession::CancelSession(int32_t pid) {
  if (context_.identity().read_only) context_.RequireMayWrite("pg_cancel_backend()");
  return engine_.sessions().Cancel(tenant(), pid);
}

bool EngineSession::TerminateSession(int32_t pid) {
  if (context_.identity().read_only) context_.RequireMayWrite("pg_terminate_backend()");
  return engine_.sessions().Terminate(tenant(), pid);
}

}  // namespace sundog::session
