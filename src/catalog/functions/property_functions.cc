// Properties of relations and indexes, option lists, keywords.
#include <fmt/format.h>

#include "catalog/builtin_objects.h"
#include "catalog/embedded.h"
#include "catalog/extensions.h"
#include "catalog/functions/families.h"
#include "catalog/row_security.h"
#include "catalog/vector_index.h"
#include "types/array.h"

namespace sundog::catalog {

namespace {

using Answer = std::optional<bool>;

// --- indexes ---

Answer IndexColumnHasProperty(CallContext& call, Oid oid, int32_t column,
                              std::string_view property) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr || relation->index == nullptr || column < 1) return std::nullopt;
  const IndexDescriptor& index = *relation->index;
  auto place = static_cast<size_t>(column - 1);
  if (place >= index.keys.size() + index.included.size()) return std::nullopt;
  bool is_key = place < index.keys.size();
  bool ordered = is_key && index.access_method == kBtreeAccessMethod;
  if (property == "asc") return ordered ? Answer(!index.keys[place].descending) : false;
  if (property == "desc") return ordered ? Answer(index.keys[place].descending) : false;
  if (property == "nulls_first") return ordered ? Answer(index.keys[place].nulls_first) : false;
  if (property == "nulls_last") return ordered ? Answer(!index.keys[place].nulls_first) : false;
  if (property == "orderable") return ordered;
  if (property == "search_array" || property == "search_nulls") return ordered;
  if (property == "returnable") return index.access_method == kBtreeAccessMethod;
  // Methods that can sort by distance do not say of which columns.
  if (property == "distance_orderable") {
    return IsVectorMethod(index.access_method) ? std::nullopt : Answer(false);
  }
  return std::nullopt;
}

Answer IndexHasProperty(CallContext& call, Oid oid, std::string_view property) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr || relation->index == nullptr) return std::nullopt;
  bool ordered = relation->index->access_method == kBtreeAccessMethod;
  if (property == "clusterable" || property == "backward_scan") return ordered;
  if (property == "index_scan") return true;
  if (property == "bitmap_scan") return !IsVectorMethod(relation->index->access_method);
  return std::nullopt;
}

Answer MethodHasProperty(CallContext& call, Oid method, std::string_view property) {
  const AccessMethodInfo* found = BuiltinObjects::Get().FindAccessMethod(method);
  if (found == nullptr || found->kind != 'i' || !IsThere(CatalogOf(call), method)) {
    return std::nullopt;
  }
  bool btree = method == kBtreeAccessMethod;
  if (property == "can_order" || property == "can_unique" || property == "can_include") {
    return btree;
  }
  bool vectors = IsVectorMethod(method);
  if (property == "can_multi_col") return method != kHashAccessMethod && !vectors;
  if (property == "can_exclude") return btree || method == kHashAccessMethod || vectors;
  return std::nullopt;
}

// --- relations ---

// Bits as PostgreSQL's: UPDATE 4, INSERT 8, DELETE 16.
int32_t RelationIsUpdatable(CallContext& call, Oid oid, bool) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  bool table = relation != nullptr && relation->kind == 'r' && relation->table != nullptr;
  return table ? 4 | 8 | 16 : 0;
}

bool ColumnIsUpdatable(CallContext& call, Oid oid, int16_t attnum, bool all) {
  return attnum > 0 && RelationIsUpdatable(call, oid, all) != 0;
}

std::optional<uint32_t> ReplicaIdentityIndex(CallContext& call, Oid oid) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr || relation->kind != 'r' || relation->table == nullptr) {
    return std::nullopt;
  }
  const IndexDescriptor* primary = relation->table->PrimaryKey();
  if (primary == nullptr) return std::nullopt;
  return primary->oid;
}

bool RowSecurityActive(CallContext& call, Oid oid) {
  std::shared_ptr<const TableDescriptor> table = CatalogOf(call).FindTable(oid);
  return table != nullptr &&
         PoliciesHoldFor(CatalogOf(call), *table, ServicesOf(call).current_role());
}
bool RowSecurityActiveByName(CallContext& call, std::string_view name) {
  types::Datum table =
      types::InputText(call.io(), {types::oids::kRegclass, -1}, name, call.arena());
  return RowSecurityActive(call, table.As<uint32_t>());
}
std::string_view TablespaceLocation(CallContext&, Oid) { return ""; }
bool RelationIsPublishable(CallContext& call, Oid oid) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  return relation != nullptr && relation->kind == 'r' && relation->table != nullptr &&
         relation->table->persistence == 'p';
}

// --- pg_get_keywords ---

class Keywords final : public functions::SetCall {
 public:
  size_t Next(std::span<types::Vector* const> columns, size_t capacity) override {
    static const base::Tsv* const rows = new base::Tsv(embedded::Keywords());
    size_t count = std::min(capacity, rows->row_count() - next_);
    for (size_t row = 0; row < count; ++row) {
      auto text = [&](size_t column, std::string_view name) {
        columns[column]->Set(row, columns[column]->CopyBytes(*rows->Cell(next_ + row, name)));
      };
      text(0, "word");
      columns[1]->Set<char>(row, (*rows->Cell(next_ + row, "catcode"))[0]);
      columns[2]->Set<bool>(row, rows->Flag(next_ + row, "barelabel"));
      text(3, "catdesc");
      text(4, "baredesc");
    }
    next_ += count;
    return count;
  }

 private:
  size_t next_ = 0;
};

std::unique_ptr<functions::SetCall> PgGetKeywords(CallContext&, std::span<const types::Datum>) {
  return std::make_unique<Keywords>();
}

// --- pg_options_to_table ---

class OptionsToTable final : public functions::SetCall {
 public:
  explicit OptionsToTable(std::string_view options) : options_(options) {}

  size_t Next(std::span<types::Vector* const> columns, size_t capacity) override {
    size_t count = 0;
    for (; count < capacity && next_ < options_.size(); ++next_, ++count) {
      auto option = options_.ValueAt<std::string_view>(next_);
      size_t equals = option.find('=');
      columns[0]->Set(count, columns[0]->CopyBytes(option.substr(0, equals)));
      if (equals == std::string_view::npos) {
        columns[1]->SetNull(count);
      } else {
        columns[1]->Set(count, columns[1]->CopyBytes(option.substr(equals + 1)));
      }
    }
    return count;
  }

 private:
  types::ArrayReader options_;
  int32_t next_ = 0;
};

std::unique_ptr<functions::SetCall> PgOptionsToTable(CallContext&,
                                                     std::span<const types::Datum> arguments) {
  return std::make_unique<OptionsToTable>(arguments[0].As<std::string_view>());
}

// --- partitions: there are none ---

class NoRows final : public functions::SetCall {
 public:
  size_t Next(std::span<types::Vector* const>, size_t) override { return 0; }
};

std::unique_ptr<functions::SetCall> ListNothing(CallContext&, std::span<const types::Datum>) {
  return std::make_unique<NoRows>();
}

std::optional<uint32_t> PartitionRoot(CallContext&, Oid) { return std::nullopt; }

constexpr ScalarEntry kEntries[] = {
    {"pg_index_column_has_property", Kernel<IndexColumnHasProperty>},
    {"pg_index_has_property", Kernel<IndexHasProperty>},
    {"pg_indexam_has_property", Kernel<MethodHasProperty>},
    {"pg_relation_is_updatable", Kernel<RelationIsUpdatable>},
    {"pg_column_is_updatable", Kernel<ColumnIsUpdatable>},
    {"pg_get_replica_identity_index", Kernel<ReplicaIdentityIndex>},
    {"row_security_active", Kernel<RowSecurityActive>},
    {"row_security_active_name", Kernel<RowSecurityActiveByName>},
    {"pg_tablespace_location", Kernel<TablespaceLocation>},
    {"pg_relation_is_publishable", Kernel<RelationIsPublishable>},
    {"pg_partition_root", Kernel<PartitionRoot>},
};

constexpr functions::SetEntry kSetEntries[] = {
    {"pg_get_keywords", PgGetKeywords},
    {"pg_options_to_table", PgOptionsToTable},
    {"pg_partition_ancestors", ListNothing},
    {"pg_partition_tree", ListNothing},
};

}  // namespace

void RegisterPropertyFunctions(functions::Implementations& table) {
  table.Add(kEntries);
  table.Add(kSetEntries);
}

}  // namespace sundog::catalog
