// pg_class, pg_attribute and what else describes relations: pg_attrdef, pg_sequence, pg_rewrite,
// pg_namespace.
#include "catalog/acl.h"
#include "catalog/builtin_objects.h"
#include "catalog/system/relations.h"
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

namespace {

// --- pg_namespace ---

struct NamespaceRow {
  const SchemaDescriptor* schema;
};

void ListNamespaces(const VirtualContext& context, std::vector<NamespaceRow>& rows) {
  for (const SchemaDescriptor* schema : context.catalog->AllSchemas()) rows.push_back({schema});
}

constexpr ColumnGetter<NamespaceRow> kNamespaceColumns[] = {
    {"oid", [](const NamespaceRow& row, Cell& cell) { cell.Oid(row.schema->oid); }},
    {"nspname", [](const NamespaceRow& row, Cell& cell) { cell.Text(row.schema->name); }},
    {"nspowner", [](const NamespaceRow& row, Cell& cell) { cell.Oid(row.schema->owner); }},
    {"nspacl", [](const NamespaceRow& row, Cell& cell) { cell.AclOrNull(row.schema->acl); }},
};

// --- pg_class ---

char KindOf(const ClassEntry& row) { return row.relation != nullptr ? row.relation->kind : 'i'; }
bool IsTable(const ClassEntry& row) { return KindOf(row) == 'r'; }
const TableDescriptor* TableOf(const ClassEntry& row) {
  return IsTable(row) && row.relation->table != nullptr ? row.relation->table.get() : nullptr;
}

void ListClasses(const VirtualContext& context, std::vector<ClassEntry>& rows) {
  rows = AllClasses(*context.catalog);
}

Oid RowTypeOf(const ClassEntry& row) {
  if (row.relation == nullptr) return kInvalidOid;
  if (row.relation->system != nullptr) return row.relation->system->row_type();
  if (IsTable(row)) return row.relation->table->row_type;
  if (row.relation->view != nullptr) return row.relation->view->row_type;
  if (row.relation->composite != nullptr) return row.relation->composite->oid;
  return kInvalidOid;
}

Oid AccessMethodOf(const ClassEntry& row) {
  if (IsTable(row)) return kHeapAccessMethod;
  if (KindOf(row) != 'i') return kInvalidOid;
  return row.relation != nullptr ? row.relation->index->access_method : kBtreeAccessMethod;
}

char PersistenceOf(const ClassEntry& row) {
  if (row.relation == nullptr || row.relation->system != nullptr) return 'p';
  if (row.relation->table != nullptr) return row.relation->table->persistence;
  if (row.relation->view != nullptr) return row.relation->view->persistence;
  return row.relation->sequence != nullptr ? row.relation->sequence->persistence : 'p';
}

bool IsShared(const ClassEntry& row) {
  if (row.relation != nullptr) {
    return row.relation->system != nullptr && row.relation->system->shared();
  }
  const VirtualTable* table = SystemTables::Get().Find(row.system_index->table);
  return table != nullptr && table->shared();
}

bool HasIndex(const ClassEntry& row) {
  if (!IsTable(row)) return false;
  if (const TableDescriptor* table = TableOf(row)) return !table->indexes.empty();
  for (const SystemIndex& index : SystemIndexes()) {
    if (index.table == row.relation->oid) return true;
  }
  return false;
}

int16_t AttributeCount(const Catalog& catalog, const ClassEntry& row) {
  std::vector<AttributeEntry> attributes;
  AppendAttributes(catalog, row, false, attributes);
  return static_cast<int16_t>(attributes.size());
}

int16_t CheckCount(const ClassEntry& row) {
  int16_t count = 0;
  if (const TableDescriptor* table = TableOf(row)) {
    for (const ConstraintDescriptor& constraint : table->constraints) {
      count += constraint.kind == ConstraintKind::kCheck ? 1 : 0;
    }
  }
  return count;
}

// Foreign keys are triggers on both tables in PostgreSQL.
bool HasTriggers(const Catalog& catalog, const ClassEntry& row) {
  const TableDescriptor* table = TableOf(row);
  if (table == nullptr) return false;
  for (const ConstraintDescriptor& constraint : table->constraints) {
    if (constraint.kind == ConstraintKind::kForeignKey) return true;
  }
  return !catalog.IncomingForeignKeys(table->oid).empty();
}

const std::vector<std::string>* OptionsOf(const ClassEntry& row) {
  if (row.relation == nullptr || row.relation->system != nullptr) return nullptr;
  if (row.relation->index != nullptr) return &row.relation->index->options;
  if (row.relation->table != nullptr) return &row.relation->table->options;
  return row.relation->view != nullptr ? &row.relation->view->options : nullptr;
}

Oid FileNodeOf(const ClassEntry& row) {
  char kind = KindOf(row);
  if (kind == 'v' || kind == 'c') return kInvalidOid;
  return row.relation != nullptr ? row.relation->oid : row.system_index->oid;
}

constexpr ColumnGetter<ClassEntry> kClassColumns[] = {
    {"oid",
     [](const ClassEntry& row, Cell& cell) {
       cell.Oid(row.relation != nullptr ? row.relation->oid : row.system_index->oid);
     }},
    {"relname",
     [](const ClassEntry& row, Cell& cell) {
       cell.Text(row.relation != nullptr ? row.relation->name : row.system_index->name);
     }},
    {"relnamespace",
     [](const ClassEntry& row, Cell& cell) {
       cell.Oid(row.relation != nullptr ? row.relation->schema : kPgCatalogSchema);
     }},
    {"reltype", [](const ClassEntry& row, Cell& cell) { cell.Oid(RowTypeOf(row)); }},
    {"relowner",
     [](const ClassEntry& row, Cell& cell) {
       cell.Oid(row.relation != nullptr ? row.relation->owner() : kSuperuserRole);
     }},
    {"relam", [](const ClassEntry& row, Cell& cell) { cell.Oid(AccessMethodOf(row)); }},
    {"relfilenode", [](const ClassEntry& row, Cell& cell) { cell.Oid(FileNodeOf(row)); }},
    {"reltuples",
     [](const ClassEntry& row, Cell& cell) {
       if (const TableDescriptor* table = TableOf(row)) {
         cell.Float4(static_cast<float>(cell.services().RowEstimate(table->oid)));
       } else {
         cell.Float4(KindOf(row) == 'S' ? 1 : IsTable(row) ? -1 : 0);
       }
     }},
    {"relpages",
     [](const ClassEntry& row, Cell& cell) {
       const TableDescriptor* table = TableOf(row);
       if (table != nullptr && cell.services().RowEstimate(table->oid) >= 0) {
         cell.Int4(static_cast<int32_t>(cell.services().RelationBytes(*row.relation) / 8192));
       } else {
         cell.Int4(KindOf(row) == 'S' ? 1 : 0);
       }
     }},
    {"relhasindex", [](const ClassEntry& row, Cell& cell) { cell.Bool(HasIndex(row)); }},
    {"relisshared", [](const ClassEntry& row, Cell& cell) { cell.Bool(IsShared(row)); }},
    {"relpersistence", [](const ClassEntry& row, Cell& cell) { cell.Char(PersistenceOf(row)); }},
    {"relkind", [](const ClassEntry& row, Cell& cell) { cell.Char(KindOf(row)); }},
    {"relnatts",
     [](const ClassEntry& row, Cell& cell) { cell.Int2(AttributeCount(cell.catalog(), row)); }},
    {"relchecks", [](const ClassEntry& row, Cell& cell) { cell.Int2(CheckCount(row)); }},
    {"relhasrules", [](const ClassEntry& row, Cell& cell) { cell.Bool(KindOf(row) == 'v'); }},
    {"relhastriggers",
     [](const ClassEntry& row, Cell& cell) { cell.Bool(HasTriggers(cell.catalog(), row)); }},
    {"relrowsecurity",
     [](const ClassEntry& row, Cell& cell) {
       cell.Bool(TableOf(row) != nullptr && TableOf(row)->row_security);
     }},
    {"relforcerowsecurity",
     [](const ClassEntry& row, Cell& cell) {
       cell.Bool(TableOf(row) != nullptr && TableOf(row)->force_row_security);
     }},
    {"relispopulated", [](const ClassEntry&, Cell& cell) { cell.Bool(true); }},
    {"relreplident",
     [](const ClassEntry& row, Cell& cell) { cell.Char(TableOf(row) != nullptr ? 'd' : 'n'); }},
    {"relfrozenxid", [](const ClassEntry& row, Cell& cell) { cell.Oid(IsTable(row) ? 716 : 0); }},
    {"relminmxid", [](const ClassEntry& row, Cell& cell) { cell.Oid(IsTable(row) ? 1 : 0); }},
    {"relacl",
     [](const ClassEntry& row, Cell& cell) {
       // A composite type's privileges are its type's.
       row.relation != nullptr && row.relation->index == nullptr && row.relation->kind != 'c'
           ? cell.AclOrNull(row.relation->acl())
           : cell.Null();
     }},
    {"reloptions",
     [](const ClassEntry& row, Cell& cell) {
       const auto* options = OptionsOf(row);
       options != nullptr && !options->empty() ? cell.TextArray(*options) : cell.Null();
     }},
};

// --- pg_attribute ---

struct AttributeRow {
  AttributeEntry attribute;
  const types::TypeInfo* type;
};

void ListAttributes(const VirtualContext& context, std::vector<AttributeRow>& rows) {
  std::vector<AttributeEntry> attributes;
  for (const ClassEntry& entry : AllClasses(*context.catalog)) {
    AppendAttributes(*context.catalog, entry, true, attributes);
  }
  rows.reserve(attributes.size());
  for (AttributeEntry& attribute : attributes) {
    Oid type = attribute.column != nullptr ? attribute.column->type.oid : attribute.type.oid;
    rows.push_back({std::move(attribute), context.catalog->FindType(type)});
  }
}

constexpr ColumnGetter<AttributeRow> kAttributeColumns[] = {
    {"attrelid", [](const AttributeRow& row, Cell& cell) { cell.Oid(row.attribute.relation); }},
    {"attname", [](const AttributeRow& row, Cell& cell) { cell.Text(row.attribute.text()); }},
    {"atttypid", [](const AttributeRow& row, Cell& cell) { cell.Oid(row.attribute.type.oid); }},
    {"attstattarget",
     [](const AttributeRow& row, Cell& cell) { cell.Int4(row.attribute.attnum < 0 ? 0 : -1); }},
    {"attlen",
     [](const AttributeRow& row, Cell& cell) {
       cell.Int2(row.type != nullptr ? row.type->length : -1);
     }},
    {"attnum", [](const AttributeRow& row, Cell& cell) { cell.Int2(row.attribute.attnum); }},
    {"attndims", [](const AttributeRow& row, Cell& cell) { cell.Int4(row.attribute.dimensions); }},
    {"attcacheoff", [](const AttributeRow&, Cell& cell) { cell.Int4(-1); }},
    {"atttypmod",
     [](const AttributeRow& row, Cell& cell) { cell.Int4(row.attribute.type.typmod); }},
    {"attbyval",
     [](const AttributeRow& row, Cell& cell) {
       cell.Bool(row.type != nullptr && row.type->by_value);
     }},
    {"attalign",
     [](const AttributeRow& row, Cell& cell) {
       cell.Char(row.type != nullptr ? row.type->align : 'i');
     }},
    {"attstorage",
     [](const AttributeRow& row, Cell& cell) {
       cell.Char(row.type != nullptr ? row.type->storage : 'x');
     }},
    {"attnotnull", [](const AttributeRow& row, Cell& cell) { cell.Bool(row.attribute.not_null); }},
    {"atthasdef",
     [](const AttributeRow& row, Cell& cell) {
       cell.Bool(row.attribute.column != nullptr && row.attribute.column->default_value);
     }},
    {"atthasmissing",
     [](const AttributeRow& row, Cell& cell) {
       cell.Bool(row.attribute.column != nullptr && row.attribute.column->missing_value);
     }},
    {"attidentity",
     [](const AttributeRow& row, Cell& cell) {
       cell.Char(row.attribute.column != nullptr ? row.attribute.column->identity : '\0');
     }},
    {"attgenerated",
     [](const AttributeRow& row, Cell& cell) {
       cell.Char(row.attribute.column != nullptr ? row.attribute.column->generated : '\0');
     }},
    {"attisdropped",
     [](const AttributeRow& row, Cell& cell) {
       cell.Bool(row.attribute.column != nullptr && row.attribute.column->dropped);
     }},
    {"attislocal", [](const AttributeRow&, Cell& cell) { cell.Bool(true); }},
    {"attcollation",
     [](const AttributeRow& row, Cell& cell) { cell.Oid(row.attribute.collation); }},
    {"attacl",
     [](const AttributeRow& row, Cell& cell) {
       row.attribute.column != nullptr ? cell.AclOrNull(row.attribute.column->acl) : cell.Null();
     }},
};

// --- pg_attrdef ---

struct DefaultRow {
  Oid table;
  const ColumnDescriptor* column;
};

void ListDefaults(const VirtualContext& context, std::vector<DefaultRow>& rows) {
  for (const auto& table : context.catalog->contents().tables) {
    for (const ColumnDescriptor& column : table->columns) {
      if (!column.dropped && column.default_value) rows.push_back({table->oid, &column});
    }
  }
}

constexpr ColumnGetter<DefaultRow> kDefaultColumns[] = {
    {"oid", [](const DefaultRow& row, Cell& cell) { cell.Oid(row.column->default_oid); }},
    {"adrelid", [](const DefaultRow& row, Cell& cell) { cell.Oid(row.table); }},
    {"adnum", [](const DefaultRow& row, Cell& cell) { cell.Int2(row.column->attnum); }},
    {"adbin", [](const DefaultRow& row, Cell& cell) { cell.Text(row.column->default_value->sql); }},
};

// --- pg_sequence ---

struct SequenceRow {
  const SequenceDescriptor* sequence;
};

void ListSequences(const VirtualContext& context, std::vector<SequenceRow>& rows) {
  for (const auto& sequence : context.catalog->contents().sequences) {
    rows.push_back({sequence.get()});
  }
}

constexpr ColumnGetter<SequenceRow> kSequenceColumns[] = {
    {"seqrelid", [](const SequenceRow& row, Cell& cell) { cell.Oid(row.sequence->oid); }},
    {"seqtypid", [](const SequenceRow& row, Cell& cell) { cell.Oid(row.sequence->type); }},
    {"seqstart", [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->start); }},
    {"seqincrement",
     [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->increment); }},
    {"seqmax", [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->max_value); }},
    {"seqmin", [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->min_value); }},
    {"seqcache", [](const SequenceRow& row, Cell& cell) { cell.Int8(row.sequence->cache); }},
    {"seqcycle", [](const SequenceRow& row, Cell& cell) { cell.Bool(row.sequence->cycle); }},
};

// --- pg_rewrite: each view has one rule ---

struct RuleRow {
  const ViewDescriptor* view;
};

void ListRules(const VirtualContext& context, std::vector<RuleRow>& rows) {
  for (const auto& view : context.catalog->contents().views) rows.push_back({view.get()});
}

constexpr ColumnGetter<RuleRow> kRuleColumns[] = {
    {"oid", [](const RuleRow& row, Cell& cell) { cell.Oid(row.view->rule); }},
    {"rulename", [](const RuleRow&, Cell& cell) { cell.Text("_RETURN"); }},
    {"ev_class", [](const RuleRow& row, Cell& cell) { cell.Oid(row.view->oid); }},
    {"ev_type", [](const RuleRow&, Cell& cell) { cell.Char('1'); }},
    {"ev_enabled", [](const RuleRow&, Cell& cell) { cell.Char('O'); }},
    {"is_instead", [](const RuleRow&, Cell& cell) { cell.Bool(true); }},
    {"ev_qual", [](const RuleRow&, Cell& cell) { cell.Text("<>"); }},
    {"ev_action", [](const RuleRow& row, Cell& cell) { cell.Text(row.view->definition.sql); }},
};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_namespace",
     [] { return MakeTable<NamespaceRow>(ListNamespaces, kNamespaceColumns); }},
    {kPgCatalogSchema, "pg_class",
     [] { return MakeTable<ClassEntry>(ListClasses, kClassColumns); }},
    {kPgCatalogSchema, "pg_attribute",
     [] { return MakeTable<AttributeRow>(ListAttributes, kAttributeColumns); }},
    {kPgCatalogSchema, "pg_attrdef",
     [] { return MakeTable<DefaultRow>(ListDefaults, kDefaultColumns); }},
    {kPgCatalogSchema, "pg_sequence",
     [] { return MakeTable<SequenceRow>(ListSequences, kSequenceColumns); }},
    {kPgCatalogSchema, "pg_rewrite", [] { return MakeTable<RuleRow>(ListRules, kRuleColumns); }},
};

}  // namespace

std::span<const TableDefinition> ClassTables() { return kTables; }

}  // namespace sundog::catalog::system
