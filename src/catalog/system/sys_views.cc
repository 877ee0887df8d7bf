// Schema sys: jobs, who comes in by token, and what serves indexes of vectors.
#include "catalog/sys_schema.h"
#include "catalog/system/rows.h"
#include "catalog/vector_index.h"
#include "types/calendar.h"

namespace sundog::catalog::system {

namespace {

void ListJobs(const VirtualContext& context, std::vector<Job>& rows) {
  rows = context.services->Jobs();
}

void Details(const Job& row, Cell& cell) {
  bool may_know = MayKnowError(cell.catalog(), row, cell.services().current_role());
  cell.Text(may_know ? std::string_view(row.details) : kUnknownError);
}

constexpr ColumnGetter<Job> kJobColumns[] = {
    {"job_id", [](const Job& row, Cell& cell) { cell.Text(JobIdText(row.id)); }},
    {"status", [](const Job& row, Cell& cell) { cell.Text(JobStatusName(row.status)); }},
    {"details", Details},
    {"job_type", [](const Job& row, Cell& cell) { cell.Text(JobKindName(row.kind)); }},
    {"class_id",
     [](const Job& row, Cell& cell) {
       cell.Oid(row.kind == JobKind::kIndexBuild ? classes::kClass : classes::kConstraint);
     }},
    {"object_id", [](const Job& row, Cell& cell) { cell.Oid(row.object); }},
    {"object_name", [](const Job& row, Cell& cell) { cell.Text(row.object_name); }},
    {"start_time",
     [](const Job& row, Cell& cell) {
       cell.TimestampTz(row.start_us + types::kUnixEpochMicros);
     }},
    {"update_time",
     [](const Job& row, Cell& cell) {
       cell.TimestampTz(row.update_us + types::kUnixEpochMicros);
     }},
};

// --- iam_pg_role_mappings: what AWS IAM GRANT has given ---

struct TrustRow {
  const RoleDescriptor* role = nullptr;
  const IamTrust* trust = nullptr;
};

void ListTrusts(const VirtualContext& context, std::vector<TrustRow>& rows) {
  for (const auto& role : context.catalog->contents().roles) {
    for (const IamTrust& trust : role->iam_trusts) rows.push_back({role.get(), &trust});
  }
}

constexpr ColumnGetter<TrustRow> kTrustColumns[] = {
    {"iam_oid", [](const TrustRow& row, Cell& cell) { cell.Oid(row.trust->oid); }},
    {"arn", [](const TrustRow& row, Cell& cell) { cell.Text(row.trust->arn); }},
    {"pg_role_oid", [](const TrustRow& row, Cell& cell) { cell.Oid(row.role->oid); }},
    {"pg_role_name", [](const TrustRow& row, Cell& cell) { cell.Text(row.role->name); }},
    {"grantor_pg_role_oid", [](const TrustRow& row, Cell& cell) { cell.Oid(row.trust->grantor); }},
    {"grantor_pg_role_name",
     [](const TrustRow& row, Cell& cell) {
       const RoleDescriptor* grantor = cell.catalog().FindRole(row.trust->grantor);
       grantor != nullptr ? cell.Text(grantor->name) : cell.Null();
     }},
};

// --- vector_indexes: of access method hnsw, with their graphs ---

struct VectorIndexRow {
  const SchemaDescriptor* schema = nullptr;
  const TableDescriptor* table = nullptr;
  const IndexDescriptor* index = nullptr;
  VectorGraphRow graph{.state = "not loaded"};
};

void ListVectorIndexes(const VirtualContext& context, std::vector<VectorIndexRow>& rows) {
  std::vector<VectorGraphRow> graphs = context.services->VectorGraphs();
  for (const auto& table : context.catalog->contents().tables) {
    for (const IndexDescriptor& index : table->indexes) {
      if (index.access_method != kHnswAccessMethod) continue;
      VectorIndexRow row{context.catalog->FindSchema(table->schema), table.get(), &index};
      for (const VectorGraphRow& graph : graphs) {
        bool is_its = graph.storage_id == table->storage_id && graph.index_number == index.number;
        if (is_its) row.graph = graph;
      }
      rows.push_back(row);
    }
  }
}

constexpr ColumnGetter<VectorIndexRow> kVectorIndexColumns[] = {
    {"index_id", [](const VectorIndexRow& row, Cell& cell) { cell.Oid(row.index->oid); }},
    {"schema_name",
     [](const VectorIndexRow& row, Cell& cell) {
       row.schema != nullptr ? cell.Text(row.schema->name) : cell.Null();
     }},
    {"table_name", [](const VectorIndexRow& row, Cell& cell) { cell.Text(row.table->name); }},
    {"index_name", [](const VectorIndexRow& row, Cell& cell) { cell.Text(row.index->name); }},
    {"state", [](const VectorIndexRow& row, Cell& cell) { cell.Text(row.graph.state); }},
    {"points", [](const VectorIndexRow& row, Cell& cell) { cell.Int8(row.graph.points); }},
    {"dead_points",
     [](const VectorIndexRow& row, Cell& cell) { cell.Int8(row.graph.dead_points); }},
    {"bytes", [](const VectorIndexRow& row, Cell& cell) { cell.Int8(row.graph.bytes); }},
    {"progress", [](const VectorIndexRow& row, Cell& cell) { cell.Float8(row.graph.progress); }},
};

constexpr TableDefinition kTables[] = {
    {kSysSchema, "iam_pg_role_mappings",
     [] { return MakeTable<TrustRow>(ListTrusts, kTrustColumns); }},
    {kSysSchema, "jobs", [] { return MakeTable<Job>(ListJobs, kJobColumns); }},
    {kSysSchema, "vector_indexes",
     [] { return MakeTable<VectorIndexRow>(ListVectorIndexes, kVectorIndexColumns); }},
};

}  // namespace

std::span<const TableDefinition> SysViews() { return kTables; }

}  // namespace sundog::catalog::system
