// pg_constraint and pg_index.
#include "catalog/builtin_objects.h"
#include "catalog/embedded.h"
#include "catalog/stored_sql.h"
#include "catalog/system/relations.h"
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

namespace {

// --- pg_constraint ---

struct ConstraintRow {
  const TableDescriptor* table = nullptr;
  const ConstraintDescriptor* constraint = nullptr;
  const DomainDescriptor* domain = nullptr;
  const DomainConstraintDescriptor* domain_constraint = nullptr;
  bool is_foreign_key() const {
    return constraint != nullptr && constraint->kind == ConstraintKind::kForeignKey;
  }
};

void ListConstraints(const VirtualContext& context, std::vector<ConstraintRow>& rows) {
  for (const auto& table : context.catalog->contents().tables) {
    for (const ConstraintDescriptor& constraint : table->constraints) {
      rows.push_back({table.get(), &constraint, nullptr, nullptr});
    }
  }
  for (const auto& domain : context.catalog->contents().domains) {
    for (const DomainConstraintDescriptor& constraint : domain->constraints) {
      rows.push_back({nullptr, nullptr, domain.get(), &constraint});
    }
  }
}

// The equality operator of a btree family between two types; 0 if there is none.
Oid EqualityOperator(const Catalog& catalog, Oid opclass, Oid left, Oid right) {
  const OpclassInfo* found = BuiltinObjects::Get().FindOpclass(opclass);
  if (found == nullptr) return kInvalidOid;
  static const base::Tsv* const operators = new base::Tsv(embedded::Amop());
  auto search = [&](Oid wanted_left, Oid wanted_right) -> Oid {
    for (size_t i = 0; i < operators->row_count(); ++i) {
      if (operators->Number(i, "amopfamily") == found->family &&
          operators->Number(i, "amopstrategy") == 3 &&
          operators->Number(i, "amoplefttype") == wanted_left &&
          operators->Number(i, "amoprighttype") == wanted_right) {
        return static_cast<Oid>(operators->Number(i, "amopopr"));
      }
    }
    return kInvalidOid;
  };
  auto base_of = [&](Oid type) {
    const types::TypeInfo* info = catalog.FindType(type);
    while (info != nullptr && info->kind_code == 'd') info = catalog.FindType(info->base_type);
    return info != nullptr ? info->oid : type;
  };
  if (Oid exact = search(base_of(left), base_of(right))) return exact;
  return search(found->input_type, found->input_type);
}

enum class KeyOperator { kReferencedReferencing, kReferenced, kReferencing };

void ForeignKeyOperators(const ConstraintRow& row, KeyOperator which, Cell& cell) {
  if (!row.is_foreign_key()) return cell.Null();
  const Catalog& catalog = cell.catalog();
  std::shared_ptr<const TableDescriptor> referenced =
      catalog.FindTable(row.constraint->referenced_table);
  const IndexDescriptor* index =
      referenced != nullptr ? referenced->FindIndex(row.constraint->index) : nullptr;
  if (index == nullptr) return cell.Null();
  std::vector<Oid> operators;
  for (size_t i = 0; i < row.constraint->columns.size(); ++i) {
    Oid from = row.table->FindColumn(row.constraint->columns[i])->type.oid;
    const ColumnDescriptor* to = referenced->FindColumn(row.constraint->referenced_columns[i]);
    Oid opclass = kInvalidOid;
    for (const IndexKey& key : index->keys) {
      if (key.attnum == to->attnum) opclass = key.opclass;
    }
    Oid left = which == KeyOperator::kReferencing ? from : to->type.oid;
    Oid right = which == KeyOperator::kReferenced ? to->type.oid : from;
    operators.push_back(EqualityOperator(catalog, opclass, left, right));
  }
  cell.OidArray(operators);
}

constexpr ColumnGetter<ConstraintRow> kConstraintColumns[] = {
    {"oid",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Oid(row.constraint != nullptr ? row.constraint->oid : row.domain_constraint->oid);
     }},
    {"conname",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Text(row.constraint != nullptr ? row.constraint->name : row.domain_constraint->name);
     }},
    {"connamespace",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Oid(row.table != nullptr ? row.table->schema : row.domain->schema);
     }},
    {"contype",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Char(row.constraint != nullptr ? static_cast<char>(row.constraint->kind) : 'c');
     }},
    {"condeferrable",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Bool(row.constraint != nullptr && row.constraint->deferrable);
     }},
    {"condeferred",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Bool(row.constraint != nullptr && row.constraint->initially_deferred);
     }},
    {"convalidated",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Bool(row.constraint != nullptr ? row.constraint->validated
                                           : row.domain_constraint->validated);
     }},
    {"conrelid",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Oid(row.table != nullptr ? row.table->oid : kInvalidOid);
     }},
    {"contypid",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Oid(row.domain != nullptr ? row.domain->oid : kInvalidOid);
     }},
    {"conindid",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Oid(row.constraint != nullptr ? row.constraint->index : kInvalidOid);
     }},
    {"confrelid",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Oid(row.constraint != nullptr ? row.constraint->referenced_table : kInvalidOid);
     }},
    {"confupdtype",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Char(row.is_foreign_key() ? static_cast<char>(row.constraint->on_update) : ' ');
     }},
    {"confdeltype",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Char(row.is_foreign_key() ? static_cast<char>(row.constraint->on_delete) : ' ');
     }},
    {"confmatchtype",
     [](const ConstraintRow& row, Cell& cell) {
       cell.Char(row.is_foreign_key() ? static_cast<char>(row.constraint->match) : ' ');
     }},
    {"conislocal", [](const ConstraintRow&, Cell& cell) { cell.Bool(true); }},
    {"connoinherit",
     [](const ConstraintRow& row, Cell& cell) {
       // Only plain checks are inherited.
       cell.Bool(row.constraint != nullptr && (row.constraint->kind != ConstraintKind::kCheck ||
                                               row.constraint->no_inherit));
     }},
    {"conkey",
     [](const ConstraintRow& row, Cell& cell) {
       row.constraint != nullptr && !row.constraint->columns.empty()
           ? cell.Int2Array(row.constraint->columns)
           : cell.Null();
     }},
    {"confkey",
     [](const ConstraintRow& row, Cell& cell) {
       row.is_foreign_key() ? cell.Int2Array(row.constraint->referenced_columns) : cell.Null();
     }},
    {"conpfeqop",
     [](const ConstraintRow& row, Cell& cell) {
       ForeignKeyOperators(row, KeyOperator::kReferencedReferencing, cell);
     }},
    {"conppeqop",
     [](const ConstraintRow& row, Cell& cell) {
       ForeignKeyOperators(row, KeyOperator::kReferenced, cell);
     }},
    {"conffeqop",
     [](const ConstraintRow& row, Cell& cell) {
       ForeignKeyOperators(row, KeyOperator::kReferencing, cell);
     }},
    {"confdelsetcols",
     [](const ConstraintRow& row, Cell& cell) {
       row.is_foreign_key() && !row.constraint->delete_set_columns.empty()
           ? cell.Int2Array(row.constraint->delete_set_columns)
           : cell.Null();
     }},
    {"conbin",
     [](const ConstraintRow& row, Cell& cell) {
       if (row.domain_constraint != nullptr) return cell.Text(row.domain_constraint->check.sql);
       cell.TextOrNull(row.constraint->check.sql);
     }},
};

// --- pg_index ---

struct IndexRow {
  const TableDescriptor* table = nullptr;
  const IndexDescriptor* index = nullptr;
  const SystemIndex* system = nullptr;
};

void ListIndexes(const VirtualContext& context, std::vector<IndexRow>& rows) {
  for (const SystemIndex& index : SystemIndexes()) rows.push_back({nullptr, nullptr, &index});
  for (const auto& table : context.catalog->contents().tables) {
    for (const IndexDescriptor& index : table->indexes) {
      rows.push_back({table.get(), &index, nullptr});
    }
  }
}

std::vector<int16_t> KeyAttnums(const IndexDescriptor& index) {
  std::vector<int16_t> attnums;
  for (const IndexKey& key : index.keys) attnums.push_back(key.attnum);
  attnums.insert(attnums.end(), index.included.begin(), index.included.end());
  return attnums;
}

bool IsImmediate(const IndexRow& row) {
  if (row.system != nullptr) return row.system->immediate;
  const ConstraintDescriptor* constraint = row.table->FindConstraint(row.index->constraint);
  return constraint == nullptr || !constraint->deferrable;
}

void IndexExpressions(const IndexRow& row, Cell& cell) {
  if (row.index == nullptr) return cell.Null();
  std::string joined;
  for (const IndexKey& key : row.index->keys) {
    if (key.attnum != 0) continue;
    if (!joined.empty()) joined += ", ";
    joined += key.expression.sql;
  }
  cell.TextOrNull(joined);
}

constexpr ColumnGetter<IndexRow> kIndexColumns[] = {
    {"indexrelid",
     [](const IndexRow& row, Cell& cell) {
       cell.Oid(row.index != nullptr ? row.index->oid : row.system->oid);
     }},
    {"indrelid",
     [](const IndexRow& row, Cell& cell) {
       cell.Oid(row.index != nullptr ? row.table->oid : row.system->table);
     }},
    {"indnatts",
     [](const IndexRow& row, Cell& cell) {
       cell.Int2(static_cast<int16_t>(row.index != nullptr
                                          ? row.index->keys.size() + row.index->included.size()
                                          : row.system->keys.size()));
     }},
    {"indnkeyatts",
     [](const IndexRow& row, Cell& cell) {
       cell.Int2(static_cast<int16_t>(row.index != nullptr ? row.index->keys.size()
                                                           : row.system->keys.size()));
     }},
    {"indisunique",
     [](const IndexRow& row, Cell& cell) {
       cell.Bool(row.index != nullptr ? row.index->unique : row.system->unique);
     }},
    {"indnullsnotdistinct",
     [](const IndexRow& row, Cell& cell) {
       cell.Bool(row.index != nullptr && row.index->nulls_not_distinct);
     }},
    {"indisprimary",
     [](const IndexRow& row, Cell& cell) {
       cell.Bool(row.index != nullptr ? row.index->primary : row.system->primary);
     }},
    {"indimmediate", [](const IndexRow& row, Cell& cell) { cell.Bool(IsImmediate(row)); }},
    {"indisvalid",
     [](const IndexRow& row, Cell& cell) {
       cell.Bool(row.index == nullptr || row.index->state == IndexState::kReady);
     }},
    {"indisready",
     [](const IndexRow& row, Cell& cell) {
       cell.Bool(row.index == nullptr || row.index->state != IndexState::kInvalid);
     }},
    {"indislive", [](const IndexRow&, Cell& cell) { cell.Bool(true); }},
    {"indkey",
     [](const IndexRow& row, Cell& cell) {
       cell.Int2Vector(row.index != nullptr ? KeyAttnums(*row.index) : row.system->keys);
     }},
    {"indcollation",
     [](const IndexRow& row, Cell& cell) {
       if (row.system != nullptr) return cell.OidVector(row.system->collations);
       std::vector<Oid> collations;
       for (const IndexKey& key : row.index->keys) collations.push_back(key.collation);
       cell.OidVector(collations);
     }},
    {"indclass",
     [](const IndexRow& row, Cell& cell) {
       if (row.system != nullptr) return cell.OidVector(row.system->opclasses);
       std::vector<Oid> opclasses;
       for (const IndexKey& key : row.index->keys) opclasses.push_back(key.opclass);
       cell.OidVector(opclasses);
     }},
    {"indoption",
     [](const IndexRow& row, Cell& cell) {
       if (row.system != nullptr) return cell.Int2Vector(row.system->options);
       std::vector<int16_t> options;
       for (const IndexKey& key : row.index->keys) {
         options.push_back(
             static_cast<int16_t>((key.descending ? 1 : 0) | (key.nulls_first ? 2 : 0)));
       }
       cell.Int2Vector(options);
     }},
    {"indexprs", [](const IndexRow& row, Cell& cell) { IndexExpressions(row, cell); }},
    {"indpred",
     [](const IndexRow& row, Cell& cell) {
       row.index != nullptr && row.index->predicate ? cell.Text(row.index->predicate->sql)
                                                    : cell.Null();
     }},
};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_constraint",
     [] { return MakeTable<ConstraintRow>(ListConstraints, kConstraintColumns); }},
    {kPgCatalogSchema, "pg_index", [] { return MakeTable<IndexRow>(ListIndexes, kIndexColumns); }},
};

}  // namespace

std::span<const TableDefinition> ConstraintTables() { return kTables; }

}  // namespace sundog::catalog::system
