// pg_relation_size and kin.
#include <fmt/format.h>

#include "catalog/functions/families.h"

namespace sundog::catalog {

namespace {

using Bytes = std::optional<int64_t>;

Bytes SizeOf(CallContext& call, Oid oid) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr) return std::nullopt;
  return ServicesOf(call).RelationBytes(*relation);
}
Bytes SizeOfFork(CallContext& call, Oid oid, std::string_view fork) {
  if (fork == "main") return SizeOf(call, oid);
  if (fork == "fsm" || fork == "vm" || fork == "init") return 0;
  throw SqlError(sqlstate::kInvalidParameterValue, "invalid fork name")
      .Hint("Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".");
}

Bytes IndexesSize(CallContext& call, Oid oid) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr) return std::nullopt;
  int64_t bytes = 0;
  if (relation->kind == 'r' && relation->table != nullptr) {
    for (const IndexDescriptor& index : relation->table->indexes) {
      if (index.number == kRowIndexNumber) continue;
      bytes += ServicesOf(call).RelationBytes(*CatalogOf(call).FindRelation(index.oid));
    }
  }
  return bytes;
}

Bytes TotalSize(CallContext& call, Oid oid) {
  Bytes rows = SizeOf(call, oid);
  Bytes indexes = IndexesSize(call, oid);
  if (!rows || !indexes) return std::nullopt;
  return *rows + *indexes;
}

int64_t DatabaseSizeOf(CallContext& call) {
  int64_t bytes = 0;
  for (const Relation* relation : CatalogOf(call).AllRelations()) {
    if (relation->kind == 'r' || relation->kind == 'i') {
      bytes += ServicesOf(call).RelationBytes(*relation);
    }
  }
  return bytes;
}
Bytes DatabaseSize(CallContext& call, Oid oid) {
  if (oid != kPostgresDatabase) return std::nullopt;
  return DatabaseSizeOf(call);
}
Bytes DatabaseSizeByName(CallContext& call, std::string_view name) {
  if (name != ServicesOf(call).database_name()) {
    throw SqlError(sqlstate::kUndefinedDatabase,
                   fmt::format("database \"{}\" does not exist", name));
  }
  return DatabaseSizeOf(call);
}
Bytes TablespaceSize(CallContext& call, Oid) { return DatabaseSizeOf(call); }
Bytes TablespaceSizeByName(CallContext& call, std::string_view) { return DatabaseSizeOf(call); }

std::optional<uint32_t> FileNode(CallContext& call, Oid oid) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr || relation->kind == 'v' || relation->kind == 'c') return std::nullopt;
  return oid;
}

constexpr ScalarEntry kEntries[] = {
    {"pg_relation_size(regclass)", Kernel<SizeOf>},
    {"pg_relation_size", Kernel<SizeOfFork>},
    {"pg_table_size", Kernel<SizeOf>},
    {"pg_indexes_size", Kernel<IndexesSize>},
    {"pg_total_relation_size", Kernel<TotalSize>},
    {"pg_database_size_oid", Kernel<DatabaseSize>},
    {"pg_database_size_name", Kernel<DatabaseSizeByName>},
    {"pg_tablespace_size_oid", Kernel<TablespaceSize>},
    {"pg_tablespace_size_name", Kernel<TablespaceSizeByName>},
    {"pg_relation_filenode", Kernel<FileNode>},
};

}  // namespace

void RegisterSizeFunctions(functions::Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::catalog
