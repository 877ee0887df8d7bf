// pg_relation_size and kin.
#include <fmt/format.h>
#include <strings.h>

#include <cstdlib>

#include "catalog/functions/families.h"
#include "types/numeric.h"
#include "types/numeric_math.h"

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
  if (name == "template0" || name == "template1") return 0;
  if (name != ServicesOf(call).database_name()) {
    throw SqlError(sqlstate::kUndefinedDatabase,
                   fmt::format("database \"{}\" does not exist", name));
  }
  return DatabaseSizeOf(call);
}
Bytes TablespaceSize(CallContext& call, Oid) { return DatabaseSizeOf(call); }
Bytes TablespaceSizeByName(CallContext& call, std::string_view) { return DatabaseSizeOf(call); }

// --- sizes as people read them ---

struct SizeUnit {
  std::string_view name;
  int64_t bytes;
};
constexpr SizeUnit kUnits[] = {
    {"bytes", 1},          {"kB", int64_t{1} << 10}, {"MB", int64_t{1} << 20},
    {"GB", int64_t{1} << 30}, {"TB", int64_t{1} << 40}, {"PB", int64_t{1} << 50},
};

std::string_view SizePretty(CallContext& call, int64_t size) {
  // The next unit is taken from ten thousand of the one before on, rounded half away from zero.
  constexpr uint64_t kLimit = 10 * 1024;
  constexpr uint64_t kHalfLimit = 2 * kLimit - 1;
  uint64_t magnitude = size < 0 ? 0 - static_cast<uint64_t>(size) : static_cast<uint64_t>(size);
  const char* sign = size < 0 ? "-" : "";
  if (magnitude < kLimit) return Keep(call, fmt::format("{} bytes", size));
  magnitude >>= 9;  // with one bit left to round by
  size_t unit = 1;
  while (magnitude >= kHalfLimit && unit + 1 < std::size(kUnits)) {
    magnitude >>= 10;
    ++unit;
  }
  return Keep(call, fmt::format("{}{} {}", sign, (magnitude + 1) / 2, kUnits[unit].name));
}

std::string_view SizePrettyNumeric(CallContext& call, std::string_view size) {
  std::string_view limit = types::NumericFromInt64(10 * 1024, call.arena());
  if (types::CompareNumeric(types::NumericAbs(size, call.arena()), limit) < 0) {
    std::string text;
    types::OutputText(call.io(), CatalogOf(call).GetType(types::oids::kNumeric),
                      types::Datum::From(size), text);
    return Keep(call, text + " bytes");
  }
  return SizePretty(call, types::NumericToInt64(types::NumericTruncate(size, 0, call.arena())));
}

int64_t SizeBytes(CallContext&, std::string_view text) {
  std::string trimmed(text);
  char* end = nullptr;
  double number = std::strtod(trimmed.c_str(), &end);
  if (end == trimmed.c_str()) {
    throw SqlError(sqlstate::kInvalidParameterValue, fmt::format("invalid size: \"{}\"", text));
  }
  std::string_view unit = end;
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  while (!unit.empty() && unit.back() == ' ') unit.remove_suffix(1);
  if (unit.empty()) return static_cast<int64_t>(number);
  for (const SizeUnit& known : kUnits) {
    bool same = known.name.size() == unit.size() &&
                strncasecmp(known.name.data(), unit.data(), unit.size()) == 0;
    if (same) return static_cast<int64_t>(number * static_cast<double>(known.bytes));
  }
  throw SqlError(sqlstate::kInvalidParameterValue, fmt::format("invalid size: \"{}\"", text))
      .Detail(fmt::format("Invalid size unit: \"{}\".", unit))
      .Hint("Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".");
}

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
    {"pg_size_pretty", Kernel<SizePretty>},
    {"pg_size_pretty_numeric", Kernel<SizePrettyNumeric>},
    {"pg_size_bytes", Kernel<SizeBytes>},
};

}  // namespace

void RegisterSizeFunctions(functions::Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::catalog
